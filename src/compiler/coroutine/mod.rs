//! The coroutine compiler: JavaScript that can be suspended at any call and any turn of a loop.
//!
//! Read `function.rs` first (what a compiled function looks like), then `ir.rs` and `assemble.rs` (the two forms), `statement.rs`
//! and `expression.rs` with `calls.rs` (how the source becomes that), `scan.rs` with `binder.rs` and `reader.rs` (what must be
//! known before), `flat.rs` (which calls are no points), `splice.rs`, `marks.rs` and `text.rs` (text).
//!
//! Compiled code uses these names, which the kernel gives every realm:
//!
//! | name | what it is |
//! |---|---|
//! | `þS` | what a call returns when the task is suspended |
//! | `þK` | what is thrown through a task that is killed |
//! | `þf` | the flags, an `Int32Array`; see `kernel/flags.js` |
//! | `þG`, `þb` | `þG[þG[0]]` is undefined when somebody wants the task to look, `þb[--þf[5]]` when many calls in tail position were made (`ir.rs`) |
//! | `þs(value, ...frame)`, `þn(value, ...frame)`, `þsaved(frame, value)`, `þk(frame, point, value)` | adds a frame: of a call, of a call that may \
//!   be `new`, of an async function, of a continuation; where \
//!   the function left at a poll, first decides whether it is to be suspended, and if not lets it go on |
//! | `þx(mode, value)` | what a resumed function gets: the value, or it throws |
//! | `þstepped(mode, value, iterator)` | the same for who has asked an iterator for its next value |
//! | `þc(f, receiver, ...)`, `þrare.call(f, receiver, ...)` | a call with a receiver |
//! | `þrare.noCall(text)`, `þrare.noNew(text)` | what throws that it is no function, or no constructor (`said.rs`) |
//! | `þA`, `þR(f, receiver, list)`, `þrare.applier(method, text)` | the realm's `apply`, V8's, and what calls another method as `þR` is called \
//!   (`apply.rs`) |
//! | `þours`, `þtheirs` | the kernel's methods of arrays, and V8's (`callbacks.rs`) |
//! | `þd(value, this)` | what the continuation of a derived constructor returns (`derived.rs`) |
//! | `þe(key)` | a property key |
//! | `þi` | `Symbol.iterator` |
//! | `þa(value, method)` | whether a value is an array whose iteration is the language's own; throws where it cannot be iterated |
//! | `þnext(iterator, next)`, `þstep(frame)`, `þgave(frame, value)` | the `next` of an iterator, or the frame of a generator, and parts of its next value (`leaves.rs`) |
//! | `þway(next)`, `þdirect(iterator, next)` | how a loop gets its next value, and what is found out of that later (`kernel/loop-ways.js`) |
//! | `þj(value)` | throws unless the value is an object |
//! | `þy(f, receiver)` | calls an iterator's method |
//! | `þz(iterator, kind)` | the method that closes an iterator |
//! | `þo(object)`, `þh(key, object)` | the keys of `for-in`, and whether one is still there |
//! | `þT`, `þU(name)`, `þV(value, name)` | the value of a variable before its declaration; throws for one; checks one |
//! | `þW(value, variable, name)` | what a closure assigns to one, which must have been declared |
//! | `þQ` | an object whose properties cannot be assigned, as constants cannot |
//! | `þD` | an object whose properties stand for variables that cannot be assigned yet |
//! | `þw` | the tag that returns its strings |
//! | `þarrays`, `þvalues`, `þiterators`, `þnextValue`, `þrare.spread(value)` | `Array.prototype` and the iterators' prototype, and what both have for iterating arrays (`apply.rs`) |
//! | `þlist(...values)` | an array of them |
//! | `þspread(value)`, `þcopy(value)` | the elements of a spread; of one that is kept until later calls were made |
//! | `þrested(list)` | an array of rest parameters, to be spread |
//! | `þimport(source, specifier, options)` | `import()` in the source of this number |
//! | `þship(f, source, start, values, waits)`, `þkeep` | a function that may run on another isolate (`ships.rs`) |
//! | `þgiven(f, source, start, values, waits)` | a function that may be sent; `values` is missing where it cannot be (`ships.rs`) |
//! | `þconstant(þI, name)` | what is captured of another module; throws where that assigns it again |
//! | `þI`, `þmeta`, `þout(getters)` | what a module imports, its `import.meta`, what it exports (`module.rs`) |
//! | `þresolve`, `þreject`, `þawait` | an async function returns, throws, awaits |
//! | `þgenerator(frame)`, `þasyncGenerator(frame)`, `þleave(frame, kind, value)` | a generator begins, yields |
//! | `þB`, `þN`, `þE`, `þO`, `þX`, `þC` | the parts of `for await` (`kernel/async-iterator.js`) |
//! | `þinner(iterator, next)`, `þpass`, `þpassed`, `þmethod`, `þnoThrow` | parts of `yield*`; the first three as `þnext`, `þstep`, `þgave` |
//! | `þdisposal`, `þuse`, `þdisposable`, `þsuppress` | parts of `using` (`disposal.rs`) |
//! | `þfields(class, list)`, `þmade()`, `þinitialise(made)`, `þconstructed(object, list)`, `þplace` | fields and static blocks that can be suspended (`class_fields.rs`) |
//! | `þcoercible`, `þrest`, `þadd` | parts of destructuring |
//! | `þdynamicAsync`, `þdynamicGenerator`, `þyield`, `þdelegate`, `þnotNew` | async functions in which names are looked up at run time |

#![allow(clippy::wildcard_imports, reason = "the syntax tree has some two hundred types")]
#![expect(clippy::cast_possible_truncation, reason = "sources and what is made of them are shorter than 4 GB")]
#![expect(clippy::too_many_lines, reason = "one arm for each kind of syntax reads best in one place")]

#[macro_use]
mod text;

mod analysis;
mod apply;
mod assemble;
mod assignment;
mod asynchronous;
mod binder;
mod blocks;
mod callbacks;
mod calls;
mod class_code;
mod class_fields;
mod dead_zones;
mod derived;
mod destructure;
mod disposal;
mod expression;
mod flat;
mod function;
mod handed;
mod ir;
mod leaves;
mod loops;
mod marks;
mod module;
mod offsets;
mod optional;
mod own_names;
mod parameters;
mod program;
mod prologue;
mod reader;
mod said;
mod scan;
mod shipping;
mod ships;
mod splice;
mod statement;
mod steady;
mod symbols;
mod unit;
mod usage;
mod variables;

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use std::cell::{Cell, RefCell};

use oxc::allocator::Allocator;
use oxc::ast::ast::Program;
use oxc::parser::Parser;
use oxc::semantic::{Scoping, SemanticBuilder, Stats};
use oxc::span::SourceType;

#[allow(unused_imports, reason = "the build script compiles this file, too, and shows nothing to anyone")]
pub use analysis::{Capture, FunctionAnalysis, Global};
#[allow(unused_imports, reason = "as above")]
pub use marks::Continuation;
#[allow(unused_imports, reason = "as above")]
pub use module::{Request, Shape};
#[allow(unused_imports, reason = "as above")]
pub use offsets::{Offsets, utf16_length};
use scan::Scan;
#[allow(unused_imports, reason = "as above")]
pub use ships::{Method, Ship, Text};
use symbols::{BySymbol, SymbolSet};
use unit::Unit;
#[allow(unused_imports, reason = "as above")]
pub use usage::Usage;

/// Compiled code.
pub struct Compiled {
    /// The text.
    pub code: String,
    /// Whether the text runs the program itself, since names are looked up at run time; else its value is a function that
    /// runs it.
    pub is_dynamic: bool,
    /// Offsets (UTF-16) of the calls that look whether the task is suspended, those of `new` as `marks.rs` tells.
    pub sites: Vec<u32>,
    /// Pairs of (byte offset in the code, byte offset in the source).
    pub places: Vec<(u32, u32)>,
    /// Stretches of the code that continue a function; outer ones after inner ones.
    pub continuations: Vec<Continuation>,
    /// Byte offsets in the source of the points of each continuation.
    pub points: Vec<Vec<u32>>,
    /// The source.
    pub source: String,
    /// What is known of its functions.
    pub analysis: Vec<FunctionAnalysis>,
    /// A module's names that come from others or go to them.
    pub shape: Option<Shape>,
    /// Functions that are given to tasks.
    pub ships: Vec<Ship>,
}

/// A place in a source.
#[derive(Debug, PartialEq, Eq)]
pub struct Place<'c> {
    /// Line, from 1.
    pub line: u32,
    /// Column in UTF-16 units, from 1.
    pub column: u32,
    /// The name of the function whose continuation the place is in, if it is in one.
    pub function: &'c str,
}

impl Compiled {
    /// The place in the source of a line and a column in the code (both from 1, columns in UTF-16 units).
    #[must_use]
    pub fn place(&self, line: u32, column: u32) -> Option<Place<'_>> {
        let offset = offset_of(&self.code, line, column)?;
        let at = self.places.partition_point(|(code, _)| *code <= offset).checked_sub(1)?;
        let (from, source) = self.places[at];
        let next = self.places.get(at + 1).map(|(_, next)| *next);
        let end = next.filter(|next| *next > source).unwrap_or(u32::MAX);
        // What was written in between has no place of its own.
        let function = self.continuation_at(offset).map_or("", |continuation| &continuation.name);
        Some(self.place_of((source + (offset - from)).min(end), function))
    }

    fn continuation_at(&self, offset: u32) -> Option<&Continuation> {
        self.continuations.iter().find(|one| one.start <= offset && offset < one.end)
    }

    /// Where in the source a frame stands whose continuation is at a line and a column in the code, at one of its points.
    #[must_use]
    #[allow(dead_code, reason = "the build script compiles this file, too")]
    pub fn place_of_frame(&self, line: u32, column: u32, point: u32) -> Option<Place<'_>> {
        let continuation = self.continuation_at(offset_of(&self.code, line, column)?)?;
        let places = self.points.get(continuation.table as usize)?;
        Some(self.place_of(*places.get(point as usize)?, &continuation.name))
    }

    fn place_of<'c>(&self, source: u32, function: &'c str) -> Place<'c> {
        let mut source = (source as usize).min(self.source.len());
        while !self.source.is_char_boundary(source) {
            source -= 1;
        }
        let before = &self.source[..source];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            line: before.matches('\n').count() as u32 + 1,
            column: before[start..].encode_utf16().count() as u32 + 1,
            function,
        }
    }
}

/// The byte offset of a line and a column.
fn offset_of(text: &str, line: u32, column: u32) -> Option<u32> {
    let start = match line {
        0 => return None,
        1 => 0,
        _ => text.match_indices('\n').nth(line as usize - 2)?.0 + 1,
    };
    let mut units = 1;
    for (at, character) in text[start..].char_indices() {
        if units >= column {
            return Some((start + at) as u32);
        }
        units += character.len_utf16() as u32;
    }
    None
}

/// Compiles a script. Its completion value is a function that runs the statements and returns theirs.
///
/// `id` is what functions' comments call the source; see `Unit::origin`.
///
/// # Errors
/// The first syntax error's message and its byte offset.
pub fn compile(id: u32, source: &str, source_type: SourceType) -> Result<Compiled, (String, u32)> {
    compile_for(id, source, source_type, Mode::Program)
}

/// The same without a look for early errors, for what V8 has already accepted: oxc sees some where there are none.
///
/// # Errors
/// As `compile`.
pub fn compile_accepted(id: u32, source: &str, source_type: SourceType) -> Result<Compiled, (String, u32)> {
    compile_for(id, source, source_type, Mode::Accepted)
}

/// Compiles a program, and tells what is known of its functions.
///
/// # Errors
/// As `compile`.
#[allow(dead_code, reason = "the build script compiles this file, too")]
pub fn compile_shown(source: &str, source_type: SourceType) -> Result<Compiled, (String, u32)> {
    compile_for(0, source, source_type, Mode::Shown)
}

/// The same for what V8 has accepted.
///
/// # Errors
/// As `compile`.
#[allow(dead_code, reason = "the build script compiles this file, too")]
pub fn compile_function_shown(source: &str, source_type: SourceType) -> Result<Compiled, (String, u32)> {
    compile_for(0, source, source_type, Mode::AcceptedShown)
}

/// Compiles the functions in what `eval` or `new Function` was given; the code around them stays as it is.
///
/// # Errors
/// As `compile`.
pub fn compile_dynamic(id: u32, source: &str) -> Result<Compiled, (String, u32)> {
    compile_for(id, source, SourceType::cjs(), Mode::Dynamic)
}

/// What is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Program,
    Shown,
    Accepted,
    AcceptedShown,
    Dynamic,
    Kernel,
}

/// The same for the kernel's own modules (in the build script), which call what is known not to be suspended by known names.
///
/// # Errors
/// As `compile`.
#[allow(dead_code, reason = "the build script uses it")]
pub fn compile_kernel(id: u32, source: &str) -> Result<Compiled, (String, u32)> {
    compile_for(id, source, SourceType::cjs(), Mode::Kernel)
}

fn compile_for(id: u32, source: &str, source_type: SourceType, mode: Mode) -> Result<Compiled, (String, u32)> {
    if marks::clashes(source) {
        return Err(("the source holds noncharacters from U+FDD0 to U+FDD7: escape them".to_owned(), 0));
    }
    let allocator = Allocator::default();
    let mut program = parse(&allocator, source, source_type)?;
    let scoping = scopes(&program, matches!(mode, Mode::Program | Mode::Shown))?;
    if mode != Mode::Kernel {
        own_names::check(source, &scoping)?;
    }
    if !program.source_type.is_module() {
        return Ok(compile_parsed(id, source, &program, &scoping, mode, None));
    }
    let opened = module::open(source, &program)?;
    let shape = Some(&opened.shape);
    // What is imported is no variable of the module.
    let mut compiled = if opened.shape.requests.is_empty() && module::unwrap(&mut program, &allocator) {
        compile_parsed(id, &opened.text, &program, &scoping, mode, shape)
    } else {
        let program = parse(&allocator, &opened.text, program.source_type)?;
        let scoping = scopes(&program, false)?;
        compile_parsed(id, &opened.text, &program, &scoping, mode, shape)
    };
    compiled.shape = Some(opened.shape);
    source.clone_into(&mut compiled.source);
    Ok(compiled)
}

type Failure = (String, u32);

fn first_error<'e>(mut errors: impl Iterator<Item = &'e oxc::diagnostics::OxcDiagnostic>) -> Result<(), Failure> {
    errors.next().map_or(Ok(()), |error| {
        let offset = error.labels.first().map_or(0, oxc::diagnostics::LabeledSpan::offset);
        Err((error.message.to_string(), offset))
    })
}

fn parse<'a>(allocator: &'a Allocator, source: &'a str, source_type: SourceType) -> Result<Program<'a>, Failure> {
    let parsed = Parser::new(allocator, source, source_type).parse();
    first_error(parsed.diagnostics.errors())?;
    Ok(parsed.program)
}

/// About how much there is to know of a program, by its length: room is made for that, and counting it would be a walk through the program.
fn about(program: &Program<'_>) -> Stats {
    let length = program.span.size();
    Stats::new(0, length / 64, length / 40, length / 12)
}

/// Who declares what. With `checks`, looks for the early errors that a parser does not find.
fn scopes(program: &Program<'_>, checks: bool) -> Result<Scoping, Failure> {
    let built = SemanticBuilder::new().with_stats(about(program)).with_check_syntax_error(checks).build(program);
    if checks {
        first_error(built.diagnostics.errors())?;
    }
    Ok(built.semantic.into_scoping())
}

fn compile_parsed(
    id: u32,
    source: &str,
    program: &Program<'_>,
    scoping: &Scoping,
    mode: Mode,
    shape: Option<&Shape>,
) -> Compiled {
    let mut scan = Scan::new(program, scoping, mode == Mode::Kernel, shape);
    if mode == Mode::Dynamic {
        scan.functions[0].is_dynamic = true;
    }
    let ships::Found { ships, values } = if matches!(mode, Mode::Dynamic | Mode::Kernel) {
        ships::Found::default()
    } else {
        ships::find(source, program, &scan, scoping, shape)
    };
    let unit = Unit {
        source,
        scan: &scan,
        ships: &ships,
        values,
        scoping,
        naming: RefCell::new(BySymbol::of(scoping.symbols_len())),
        moved: RefCell::new(SymbolSet::of(scoping.symbols_len())),
        fielded: RefCell::new(HashSet::default()),
        counter: Cell::new(0),
        offsets: Offsets::new(source),
        points: RefCell::default(),
        id,
        shape,
        imported: shape.map(Shape::imported).unwrap_or_default(),
        is_kernel: mode == Mode::Kernel,
        has_steady: !steady::clashes(source),
        spans: RefCell::new(HashMap::default()),
        apart: RefCell::default(),
        drafts: Cell::new((String::with_capacity(2 * source.len()), String::with_capacity(source.len()))),
    };
    let text = match shape {
        Some(shape) => program::compile_module(&unit, program, shape),
        None => program::compile_script(&unit, program),
    };
    let unmarked = marks::unmark(&text, &unit.apart.take());
    let is_dynamic = shape.is_none() && scan.functions[0].is_dynamic;
    Compiled {
        code: unmarked.text,
        is_dynamic,
        sites: unmarked.sites,
        places: unmarked.places,
        continuations: unmarked.continuations,
        points: unit.points.take(),
        source: source.to_owned(),
        analysis: if matches!(mode, Mode::Shown | Mode::AcceptedShown) { scan.analysis(scoping) } else { Vec::new() },
        shape: None,
        ships,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(source: &str) -> Compiled {
        compile(0, source, SourceType::cjs()).unwrap_or_else(|error| panic!("{error:?}"))
    }

    #[test]
    fn calls_are_sites_and_are_followed_by_a_look_at_the_flag() {
        let compiled = compiled("function f(g, x) { return 1 + g(x); }");
        assert!(compiled.code.contains("þ1=g(x);if(þG[þG[0]]===void 0){"), "{}", compiled.code);
        assert!(compiled.code.contains("return (1 + þ1)") || compiled.code.contains("return ((1 + þ1))"));
        // What comes before the first point is not in the resuming form.
        assert_eq!(compiled.sites.len(), 1);
        for site in &compiled.sites {
            let text: String =
                String::from_utf16(&compiled.code.encode_utf16().collect::<Vec<_>>()[*site as usize..]).unwrap();
            assert!(text.starts_with("g(x)"), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_suspended_stays_as_it_is() {
        let code = compiled("function f(a, b) { const c = a * b; return c + 1; }").code;
        assert!(code.contains("function f(a, b) { const c = a * b; return c + 1; }"), "{code}");
    }

    #[test]
    fn a_call_in_tail_position_leaves_no_frame() {
        let code = compiled("function f(g) { 'use strict'; return g(); }").code;
        assert!(code.contains("return g();"), "{code}");
        // Only strict code has such calls.
        let code = compiled("function f(g) { return g(); }").code;
        assert!(!code.contains("return g();"), "{code}");
    }

    #[test]
    fn a_long_function_is_made_by_one_that_v8_can_skip() {
        let body = "a += h(a);".repeat(40);
        let code = compiled(&format!("function f(h) {{ h(); return h(function (a) {{ {body} }}); }}")).code;
        assert!(code.contains("=function(){return function (a) {"), "{code}");
        let code = compiled(&format!("function f(h) {{ h(); return h((a) => {{ {body} }}); }}")).code;
        assert!(code.contains("=()=>((a) => {"), "{code}");
    }

    #[test]
    fn nesting_does_not_multiply_the_code() {
        let nested = |depth: usize| {
            let mut source = String::from("return h();");
            for level in 0..depth {
                source = format!("h({level}); const f{level} = () => {{ {source} }}; h(f{level}); return f{level}();");
            }
            compiled(&format!("function f(h) {{ {source} }}")).code.len()
        };
        // Each level adds about the same.
        let (four, eight) = (nested(4), nested(8));
        assert!(eight < four * 3, "{four} characters for 4 levels, {eight} for 8");
    }

    #[test]
    fn syntax_errors_have_their_offset() {
        let (message, offset) = compile(0, "let a = 1;\nlet = = 2", SourceType::cjs()).err().expect("no program");
        assert!(!message.is_empty());
        assert!(offset >= 11, "{offset}");
    }
}
