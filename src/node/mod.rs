//! The only place that names napi: what `lib/` calls.

mod channels;
mod direct;
mod environment;
mod memory;
mod native_pool;

use napi::bindgen_prelude::Utf16String;
use napi_derive::napi;

use crate::compiler::coroutine::{Capture, Global, Usage};
use crate::compiler::{Carrier, CodeKind, ProgramType, Shape, Surroundings};

/// The version of the V8 inside the addon.
#[napi]
pub fn v8_version() -> &'static str {
    crate::isolate::version()
}

/// Whether standard output is a terminal. Node's own answer costs a module of almost two milliseconds at the start.
#[napi]
pub fn is_terminal() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stdout())
}

/// How many processors the process may use. Node's own answer costs a module that takes a millisecond to load.
#[napi]
pub fn processors() -> u32 {
    std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(u32::MAX))
}

/// Starts V8 in the background, and makes an isolate, for whoever will soon need them.
#[napi]
pub fn prepare() {
    crate::pool::prepare();
}

/// Whether the function that starts at a byte of a script is strict code because of what is around it.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "napi hands strings over")]
pub fn is_strict_at(script: String, offset: u32) -> bool {
    crate::compiler::is_strict_at(&script, offset)
}

/// A name that a function's text uses and does not declare.
#[napi(object)]
pub struct NativeFreeName {
    /// The name.
    pub name: String,
    /// Whether the text assigns it.
    pub assigned: bool,
    /// Whether a class needs its value to come into being.
    pub early: bool,
}

/// What the text of a function takes from around it.
#[napi(object)]
#[allow(clippy::struct_excessive_bools, reason = "they say different things")]
pub struct NativeSurroundings {
    /// `'function'`, `'class'` or `'method'`.
    pub shape: String,
    /// The names.
    pub names: Vec<NativeFreeName>,
    /// What else belongs to the code around it: `this`, `super`, `arguments`, `new.target` or `#name`.
    pub outer: Option<String>,
    /// Where an expression stands whose value is known otherwise: a method's computed key, or what a class extends.
    pub known_start: Option<u32>,
    /// Its end.
    pub known_end: Option<u32>,
    /// The name of what a class extends.
    pub parent: Option<String>,
    /// Where the parameters of a class's constructor begin.
    pub constructor: Option<u32>,
    /// Whether it takes nothing but globals of tasks.
    pub is_closed: bool,
    /// Whether it uses `require` for more than modules of Node's own.
    pub requires: bool,
    /// The same of `import()`.
    pub imports: bool,
    /// The name of a function that assigns it.
    pub reassigned: Option<String>,
    /// Static properties of a class that may hold instances from the beginning.
    pub made: Vec<String>,
    /// Whether a class may call something when it comes into being.
    pub runs: bool,
}

/// The names of the globals of tasks.
#[napi]
pub fn realm_names() -> Vec<String> {
    crate::compiler::REALM_NAMES.iter().map(ToString::to_string).collect()
}

/// What the text of a function takes from around it; null where it is not the text of one.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "napi hands strings over")]
pub fn surroundings(text: Utf16String) -> Option<NativeSurroundings> {
    let (text, _) = Carrier::read(&text)?;
    let Surroundings { shape, names, outer, known, parent, constructor, requires, imports, reassigned, statics } =
        crate::compiler::surroundings(&text)?;
    let is_closed = outer.is_none() && !requires && names.iter().all(|free| crate::compiler::is_realm_name(&free.name));
    let names =
        names.into_iter().map(|free| NativeFreeName { name: free.name, assigned: free.assigned, early: free.early });
    Some(NativeSurroundings {
        shape: match shape {
            Shape::Function => "function",
            Shape::Class => "class",
            Shape::Method => "method",
        }
        .to_owned(),
        names: names.collect(),
        outer,
        known_start: known.map(|(start, _)| start),
        known_end: known.map(|(_, end)| end),
        parent,
        constructor,
        is_closed,
        requires,
        imports,
        reassigned,
        made: statics.made,
        runs: statics.runs,
    })
}

/// Where a variable is declared.
#[napi(object)]
pub struct NativeDeclaration {
    /// A byte offset in the script.
    pub offset: u32,
    /// Whether assigning it throws.
    pub constant: bool,
    /// Whether it keeps the value with which it is declared.
    pub stable: bool,
}

/// Where the names that the function at a byte of a script uses are declared in there; null for each that is not.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "napi hands strings over")]
pub fn declarations(
    script: String,
    is_module: bool,
    offset: u32,
    names: Vec<String>,
) -> Vec<Option<NativeDeclaration>> {
    let found = crate::compiler::declarations(&script, is_module, offset, &names).into_iter();
    found
        .map(|one| {
            one.map(|one| NativeDeclaration { offset: one.offset, constant: one.is_constant, stable: one.is_stable })
        })
        .collect()
}

/// A variable that a function captures.
#[napi(object)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct NativeCapture {
    /// Its name.
    pub name: String,
    /// Whether anything may assign it after its declaration.
    pub reassigned: bool,
    /// Whether the function uses its value otherwise than by a call.
    pub read: bool,
    /// Whether the function calls it.
    pub called: bool,
    /// Whether the function assigns it.
    pub assigned: bool,
}

/// A name that a function uses and nobody declares.
#[napi(object)]
pub struct NativeGlobal {
    /// The name.
    pub name: String,
    /// Whether the function uses its value otherwise than by a call.
    pub read: bool,
    /// Whether the function calls it.
    pub called: bool,
    /// Whether the function assigns it.
    pub assigned: bool,
}

/// What is known of a function.
#[napi(object)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct NativeFunctionAnalysis {
    /// Its name.
    pub name: String,
    /// Where it begins.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// Whether a task can be suspended inside of it.
    pub suspends: bool,
    /// Whether it may call itself.
    pub recursive: bool,
    /// Whether it changes only its own variables.
    pub pure: bool,
    /// Whether its text lets it run elsewhere.
    pub portable: bool,
    /// Whether names are looked up in it at run time.
    pub dynamic: bool,
    /// What else it takes from the code around it.
    pub lexical: Vec<String>,
    /// What it captures.
    pub captures: Vec<NativeCapture>,
    /// The globals it uses.
    pub globals: Vec<NativeGlobal>,
}

/// A program in coroutine form.
#[napi(object)]
pub struct NativeTranspiled {
    /// The text.
    pub code: String,
    /// The source map, as JSON.
    pub map: String,
    /// Its functions.
    pub analysis: Vec<NativeFunctionAnalysis>,
}

/// Compiles a program to coroutine form. `kind` 0: the text of a function, 2: script, 3: module, 4: either.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "napi gives strings by value, and copies the attribute to more code")]
pub fn transpile(name: String, source: String, kind: u32) -> napi::Result<NativeTranspiled> {
    let kind = match kind {
        0 => CodeKind::Function { strict: false },
        2 => CodeKind::Program(ProgramType::Script),
        3 => CodeKind::Program(ProgramType::Module),
        _ => CodeKind::Program(ProgramType::Detect),
    };
    let shown = crate::compiler::transpile(&name, &source, kind).map_err(napi::Error::from_reason)?;
    let analysis = shown.analysis.into_iter().map(|facts| NativeFunctionAnalysis {
        name: facts.name,
        start: facts.start,
        end: facts.end,
        suspends: facts.suspends,
        recursive: facts.recursive,
        pure: facts.pure,
        portable: facts.portable,
        dynamic: facts.dynamic,
        lexical: facts.lexical,
        captures: facts
            .captures
            .into_iter()
            .map(|Capture { name, reassigned, usage: Usage { read, called, assigned } }| NativeCapture {
                name,
                reassigned,
                read,
                called,
                assigned,
            })
            .collect(),
        globals: facts
            .globals
            .into_iter()
            .map(|Global { name, usage: Usage { read, called, assigned } }| NativeGlobal {
                name,
                read,
                called,
                assigned,
            })
            .collect(),
    });
    Ok(NativeTranspiled { code: shown.code, map: shown.map, analysis: analysis.collect() })
}

/// A file whose functions are prepared.
#[napi(object)]
pub struct NativePrepared {
    /// The text.
    pub code: String,
    /// Its source map, as JSON.
    pub map: Option<String>,
}

/// Prepares what the functions of a file capture; null where there is nothing to prepare. `kind` 2: CommonJS, 3: module, 4: either.
/// `map` is a source map of the file; without one, `wants_map` asks for one.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "napi hands strings over")]
pub fn prepare_file(
    name: String,
    source: String,
    kind: u32,
    host_names: Vec<String>,
    map: Option<String>,
    wants_map: bool,
) -> Option<NativePrepared> {
    let is_module = match kind {
        2 => Some(false),
        3 => Some(true),
        _ => None,
    };
    let map = map.as_deref();
    let file =
        crate::compiler::File { name: &name, source: &source, is_module, host_names: &host_names, map, wants_map };
    let crate::compiler::Prepared { code, map } = crate::compiler::prepare(&file)?;
    Some(NativePrepared { code, map })
}

/// A name that a module imports.
#[napi(object)]
pub struct NativeImport {
    /// What the module calls it.
    pub local: String,
    /// What it is imported from.
    pub specifier: String,
    /// What that calls it: `*` for all of its exports.
    pub name: String,
}

/// What a module imports.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "napi hands strings over")]
pub fn imports(source: String) -> Vec<NativeImport> {
    let found = crate::compiler::imports(&source).into_iter();
    found.map(|crate::compiler::Import { local, specifier, name }| NativeImport { local, specifier, name }).collect()
}
