//! One function: how it is lowered, and what comes of that; `assemble.rs` puts its two forms together.
//!
//! ```text
//! Input    function sum(f, n) { let s = 0; for (let i = 0; i < n; i++) s += f(i); return s; }
//!
//! Output   function sum(f, n) {
//!            var s, i; let þp=0,þu,þ1,þ2;
//!            þL:{ s=0; i=0; for(;i<n;){ þ1=s; þ2=f(i);if(þG[þG[0]]===void 0){þu=þ2;þp=2;break þL} s=þ1+þ2; ... } return s; return }
//!            return þs([function(þF,þv,þm,þr){let þp=0,þu,f=þF[4],n=þF[5],s=þF[6],i=þF[7],þ1=þF[8],þ2;
//!              þL:{ (the resuming form) return }
//!              þF[6]=s; ... ;return þk(þF,þp,þu)},þp,undefined,null,f,n,s,i,þ1],þu);
//!          }
//! ```
//!
//! The direct form costs a load and a comparison after each call or at each turn of a loop. When it is suspended it leaves
//! `þL`, and one place at its end makes the frame: an array with the continuation, the point, `this`, a link to the frame
//! below, and the variables. The continuation is a function made there, so it sees by name whatever closures share with
//! the function; it is compiled by V8 only if it is ever called. A continuation that is suspended again stores its
//! variables back into the same frame.

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap as HashMap, FxHashSet as HashSet};
use std::cell::OnceCell;
use std::ops::Range;

use oxc::ast::ast::*;
use oxc::ast_visit::Visit;
use oxc::semantic::SymbolId;
use oxc::span::{GetSpan, Span};
use oxc_ecmascript::BoundNames;

use super::derived;
use super::ir::{Condition, Node};
use super::parameters::is_simple;
use super::scan::{FunctionFacts, FunctionId};
use super::splice::Edit;
use super::unit::{LONG, Unit};

/// A statement that leaves another one.
#[derive(Debug, Clone, PartialEq)]
pub enum Jump {
    Break(Option<String>),
    Continue(Option<String>),
    Return,
}

/// A lowered statement that `break` and `continue` can name.
pub struct Target {
    pub labels: Vec<String>,
    pub is_loop: bool,
    /// Whether a `break` without label means it.
    pub is_breakable: bool,
    pub leave: String,
    pub next: Option<String>,
    /// How many `finally` blocks were open around it, and around an iteration of it.
    pub depth: usize,
    pub next_depth: usize,
}

/// A lowered `finally` (or a loop that closes an iterator) whose block is being lowered.
pub struct Finally {
    pub label: String,
    pub kind: String,
    pub value: String,
    pub routes: Vec<Jump>,
    /// Whether a `try` that stays as it is stands between a jump and this: its `finally` may go elsewhere, or its `catch` may take what closing
    /// an iterator throws. Then the jump was noted, and is not made.
    pub is_overridden: bool,
}

/// A function whose body is a generator.
#[derive(Debug, Clone, Copy)]
pub struct Yields {
    pub is_async: bool,
    pub is_generator: bool,
}

/// Functions that are left in their middle, by their own `await` and `yield`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// It is not.
    No,
    /// An async function.
    Async,
    /// A generator.
    Generator,
    /// An async generator.
    AsyncGenerator,
}

impl Split {
    fn of(facts: &FunctionFacts) -> Split {
        match (facts.is_split(), facts.is_async, facts.is_generator) {
            (false, ..) => Split::No,
            (true, true, false) => Split::Async,
            (true, true, true) => Split::AsyncGenerator,
            (true, false, _) => Split::Generator,
        }
    }
}

/// Names, in the order in which they were found: whole programs may have thousands in one function.
pub type Names = IndexSet<String, FxBuildHasher>;

/// Which names the parameters declare already: those of frames, and how many of the others, which are the first ones.
#[derive(Debug, Default)]
pub struct Known {
    pub saved: Range<usize>,
    pub named: usize,
}

/// Lowers one function.
pub struct Lowerer<'u, 's> {
    pub unit: &'u Unit<'s>,
    pub id: FunctionId,
    pub out: Vec<Node>,
    pub point: u32,
    /// Where each point stands in the source, from point 0: a frame that has not begun.
    pub places: Vec<u32>,
    /// Where the statement begins that is being lowered.
    pub here: u32,
    pub temps: usize,
    pub max_temps: usize,
    /// For each temporary in use, the last point before it got its value.
    pub births: Vec<u32>,
    /// The temporaries that are needed after a suspension, so that frames hold them.
    pub kept: Vec<bool>,
    /// Temporaries that are seldom assigned, of which frames always have the value, and how many are in use; see `steady.rs`.
    pub steady: Vec<String>,
    pub steady_in_use: usize,
    /// Variables that are stored in frames.
    pub saved: Names,
    /// Those of them that blocks declare.
    pub blocks: Vec<String>,
    /// Those of blocks that are cells, by the names that frames have for them.
    pub cells: HashSet<String>,
    /// Those of them that nothing assigns once a frame holds them.
    pub constant: Vec<String>,
    /// The one of these that is a rest parameter of which nobody else gets hold (`apply.rs`).
    pub own_rest: Option<String>,
    /// Functions and classes that are written once, at the head, and made where they stand in the source.
    pub makers: String,
    /// Those of them that set a variable whose name blocks use, too; by that name.
    pub setters: HashMap<String, String>,
    /// What runs before the function can be suspended, and the constants that it declares (`prologue.rs`).
    pub prologue: String,
    pub constants: HashSet<SymbolId>,
    /// The names that anonymous functions and classes get from where they stand, by their start.
    pub names_of: HashMap<u32, String>,
    /// Variables that the continuation sees by name.
    pub named: Names,
    /// Those of them that the head of the body declares.
    pub heads: Vec<String>,
    pub targets: Vec<Target>,
    pub finallies: Vec<Finally>,
    /// How many `try` statements around are not lowered.
    pub native_tries: usize,
    /// How many `try` blocks with a `catch` are open: a call there needs its frame, though its value is returned.
    pub guarded: usize,
    /// What the blocks around have to dispose of.
    pub disposals: Vec<String>,
    /// Variables that hold a mark until their declaration.
    pub marked: HashSet<SymbolId>,
    /// Labels of the statement that comes next.
    pub labels: Vec<String>,
    /// Whether `var` declarations are moved to the head of the function.
    pub hoists: bool,
    /// The variable that holds a script's completion value.
    pub completion: Option<&'static str>,
    pub makes_tail_calls: bool,
    /// Calls of which the arguments are being lowered.
    pub open_calls: usize,
    /// Set where names are looked up at run time, so that the body of an async function must stay whole: it becomes a
    /// generator, and is not suspended inside.
    pub yields: Option<Yields>,
    /// What kind of function is split at its `await` and `yield`.
    pub split: Split,
    /// Whether the code is an arrow function that is not one in the source.
    pub wrapped: bool,
    /// Names that mean more than one thing in the function's text.
    pub ambiguous: OnceCell<HashSet<&'u str>>,
    /// What `arguments` and `new.target` are called, where they have another name.
    pub arguments: Option<String>,
    pub new_target: Option<String>,
}

impl<'u, 's> Lowerer<'u, 's> {
    pub fn new(unit: &'u Unit<'s>, id: FunctionId) -> Lowerer<'u, 's> {
        Lowerer {
            unit,
            id,
            out: Vec::new(),
            point: 0,
            places: vec![unit.scan.functions[id].start],
            here: unit.scan.functions[id].start,
            temps: 0,
            max_temps: 0,
            births: Vec::new(),
            kept: Vec::new(),
            steady: Vec::new(),
            steady_in_use: 0,
            saved: Names::default(),
            blocks: Vec::new(),
            cells: HashSet::default(),
            constant: Vec::new(),
            own_rest: None,
            makers: String::new(),
            prologue: String::new(),
            constants: HashSet::default(),
            setters: HashMap::default(),
            names_of: HashMap::default(),
            named: Names::default(),
            heads: Vec::new(),
            targets: Vec::new(),
            finallies: Vec::new(),
            native_tries: 0,
            guarded: 0,
            disposals: Vec::new(),
            labels: Vec::new(),
            marked: HashSet::default(),
            hoists: false,
            completion: None,
            makes_tail_calls: false,
            open_calls: 0,
            yields: None,
            split: Split::of(&unit.scan.functions[id]),
            wrapped: false,
            ambiguous: OnceCell::new(),
            arguments: None,
            new_target: None,
        }
    }

    pub fn suspends(&self, span: Span) -> bool {
        self.unit.scan.suspends(self.id, span)
    }

    pub fn calls(&self, span: Span) -> bool {
        self.unit.scan.calls(self.id, span)
    }

    pub fn next_point(&mut self) -> u32 {
        self.point += 1;
        self.places.push(self.here);
        self.point
    }

    /// Says where the point that was made last stands in the source, where that is not the beginning of its statement.
    pub fn stands_at(&mut self, offset: u32) {
        if let Some(last) = self.places.last_mut() {
            *last = offset;
        }
    }

    pub fn temp(&mut self) -> String {
        self.temps += 1;
        self.max_temps = self.max_temps.max(self.temps);
        self.births.truncate(self.temps - 1);
        self.births.push(self.point);
        self.kept.resize(self.max_temps, false);
        temporary(self.temps)
    }

    /// A temporary's value is not needed after any of the points since it was made.
    pub fn needs_no_place(&mut self, temp: &str) {
        let number: usize = temp["þ".len()..].parse().expect("temporaries are numbered");
        self.births[number - 1] = self.point;
    }

    /// The call that comes next takes the values of the temporaries made since `mark`, and nothing else does: they are needed after
    /// the points before it, but not after its own.
    pub fn hand_over(&mut self, mark: usize) {
        if self.births[mark..self.temps].iter().all(|birth| *birth >= self.point) {
            self.temps = mark;
            return;
        }
        for birth in &mut self.births[mark..self.temps] {
            if *birth >= self.point {
                *birth = u32::MAX;
            }
        }
    }

    /// Ends the use of temporaries made since `mark`.
    ///
    /// Those that frames hold get a constant: otherwise their last value would live through the loop around them, where
    /// it meets the first one, and V8 boxes numbers that meet `undefined`.
    pub fn release(&mut self, mark: usize, resets: bool) {
        let mut text = String::new();
        for index in mark..self.temps {
            if self.births[index] < self.point {
                self.kept[index] = true;
                join!(&mut text, "þ", index + 1, "=");
            }
        }
        if resets && !text.is_empty() {
            text.push_str("void 0;");
            self.push(text);
        }
        self.temps = mark;
    }

    /// The same for variables and temporaries that the body of a loop has used, where the next turn begins.
    pub fn reset_since(&mut self, declared: usize) {
        let mut text = String::new();
        for name in &self.blocks[declared..] {
            put!(text, "{name}=");
        }
        for index in self.temps..self.max_temps {
            if self.kept[index] {
                join!(&mut text, "þ", index + 1, "=");
            }
        }
        if !text.is_empty() {
            text.push_str("void 0;");
            self.push(text);
        }
    }

    pub fn push(&mut self, text: String) {
        self.out.push(Node::Text(text));
    }

    /// Lowers into a list of its own.
    pub fn nested(&mut self, body: impl FnOnce(&mut Self)) -> Vec<Node> {
        let outer = std::mem::take(&mut self.out);
        body(self);
        std::mem::replace(&mut self.out, outer)
    }

    /// Writes a long function or class once, though the direct and the resuming form both make it:
    ///
    /// ```text
    /// Input    while (next()) { const x = f(); list.push(() => { ...x... }); }
    /// Output   var þm1=(x)=>(() => { ...x... });  ...  list.push(þm1(x))
    /// ```
    ///
    /// Otherwise each level of nesting would double the code. The variables of blocks become parameters; all others are
    /// visible from the head.
    pub fn make(&mut self, id: FunctionId, span: Span, text: String) -> Result<String, String> {
        if !self.hoists || text.len() < LONG {
            return Err(text);
        }
        let mut names: Vec<String> = Vec::new();
        let naming = self.unit.naming.borrow();
        for symbol in self.unit.scan.mentions[id].symbols.keys() {
            // What a block that is not lowered declares is not visible from the head.
            let scoping = self.unit.scoping;
            let is_inside = self.unit.scan.owner.get(*symbol) == Some(&self.id)
                && !self.unit.moved.borrow().contains(*symbol)
                && !scoping.scope_flags(scoping.symbol_scope_id(*symbol)).is_var();
            if is_inside {
                return Err(text);
            }
            let name = scoping.symbol_name(*symbol);
            let ours = self.unit.scan.captured.contains(*symbol)
                && !self.unit.scan.is_outside(*symbol, span.start)
                && naming.get(*symbol).is_some_and(|naming| naming.owner == self.id && naming.own != name);
            if ours {
                names.push(name.to_owned());
            }
        }
        drop(naming);
        names.sort();
        names.dedup();
        let names = names.join(",");
        let is_arrow = self.unit.scan.functions[id].is_arrow;
        // In parentheses V8 compiles a function with what is around it. So it does where the source has some: what is called
        // while a module is loaded is then in the bytecode that was made before that; see `modules/ahead.rs`.
        let at_once = self.unit.scan.called_at_once.contains(&self.unit.scan.functions[id].start);
        let name = self.names_of.get(&span.start);
        // A computed name is known only where the value stands.
        if name.is_some_and(String::is_empty) {
            return Err(text);
        }
        let text = self.unit.keep_apart(text);
        let text = if at_once { text!("(", text, ")") } else { text };
        let value = match name {
            Some(name) => {
                let (before, after) = as_property(name);
                text!(before, text, after)
            }
            None if !is_arrow => text,
            None => text!("(", text, ")"),
        };
        let mut maker = String::with_capacity(16);
        join!(&mut maker, "þm", self.unit.unique());
        if is_arrow {
            join!(&mut self.makers, "var ", maker, "=(", names, ")=>", value, ";");
        } else {
            // V8 skips such a function while it parses what is around it; an arrow function it would parse each time.
            let (open, close) = if at_once { ("(", ")") } else { ("", "") };
            join!(&mut self.makers, "var ", maker, "=", open, "function(", names, "){return ", value, "}", close, ";");
        }
        Ok(text!(self.unit.space_at(span.start), maker, "(", names, ")"))
    }

    // Jumps

    /// Whether what is thrown here leaves the function at once.
    pub fn leaves_by_throwing(&self) -> bool {
        self.guarded == 0 && self.finallies.is_empty()
    }

    /// Whether `return` can stay as it is.
    pub fn plain_return(&self) -> bool {
        self.finallies.is_empty() && !self.unit.scan.functions[self.id].is_derived && self.split != Split::Async
    }

    /// A `return` of a value whose text is given.
    pub fn return_text(&mut self, value: Option<&str>) -> String {
        let value = value.unwrap_or("void 0");
        if let Some(Finally { value: slot, .. }) = self.finallies.last() {
            let slot = slot.clone();
            let jump = self.jump(&Jump::Return).expect("a finally catches every return");
            return format!("{{{slot}={value};{jump}}}");
        }
        if self.unit.scan.functions[self.id].is_derived {
            return derived::return_text(value);
        }
        if self.split == Split::Async {
            return format!("return þresolve({value},þP);");
        }
        format!("return {value};")
    }

    /// The text of a jump out of what is being lowered; none where the jump can stay as it is.
    pub fn jump(&mut self, jump: &Jump) -> Option<String> {
        let (text, depth) = match jump {
            Jump::Return => (None, 0),
            Jump::Break(label) => {
                let target = self.targets.iter().rev().find(|target| match label {
                    Some(label) => target.labels.contains(label),
                    None => target.is_breakable,
                })?;
                (Some(format!("break {};", target.leave)), target.depth)
            }
            Jump::Continue(label) => {
                let target = self.targets.iter().rev().find(|target| {
                    target.is_loop && label.as_ref().is_none_or(|label| target.labels.contains(label))
                })?;
                (Some(format!("break {};", target.next.as_ref()?)), target.next_depth)
            }
        };
        if self.finallies.len() <= depth {
            return text;
        }
        let finally = self.finallies.last_mut().expect("there is one at least");
        finally.is_overridden |= self.native_tries > 0;
        let index = finally.routes.iter().position(|route| route == jump).unwrap_or_else(|| {
            finally.routes.push(jump.clone());
            finally.routes.len() - 1
        });
        // 0 is normal completion and 1 an exception.
        Some(format!("{{{}={};break {};}}", finally.kind, index + 2, finally.label))
    }
}

/// The edits that compile a function expression, declaration or method, in the text that holds it.
///
/// `place` is the name that it gets from where it stands, if it gets one; `is_hoisted` says of a declaration that its text
/// is a value.
pub fn compile_function(unit: &Unit<'_>, function: &Function<'_>, place: Option<&str>, is_hoisted: bool) -> Vec<Edit> {
    let Some(body) = &function.body else { return Vec::new() };
    let id = unit.scan.by_start[&function.span.start];
    let facts = &unit.scan.functions[id];
    let origin = unit.origin_of(facts, function.span);
    let statements = Body::Statements(&body.statements);
    let mut edits = Vec::new();
    if facts.loses_async() && !facts.is_method {
        edits = super::asynchronous::head(unit, function, place, is_hoisted);
    }
    edits.extend(compile(unit, id, &function.params, body.span, &body.directives, statements, None, None, &origin));
    edits
}

/// The edits that compile an arrow function.
pub fn compile_arrow(
    unit: &Unit<'_>,
    arrow: &ArrowFunctionExpression<'_>,
    arguments: Option<String>,
    new_target: Option<String>,
) -> Vec<Edit> {
    let id = unit.scan.by_start[&arrow.span.start];
    let mut edits = Vec::new();
    if unit.scan.functions[id].is_driven() {
        edits.push((arrow.span.start, arrow.params.span.start, String::new()));
    }
    edits.extend(match &arrow.body {
        ArrowFunctionBody::FunctionBody(body) => compile(
            unit,
            id,
            &arrow.params,
            body.span,
            &body.directives,
            Body::Statements(&body.statements),
            arguments,
            new_target,
            &unit.origin_of(&unit.scan.functions[id], arrow.span),
        ),
        other => {
            let expression = other.as_expression().expect("anything else is an expression");
            let origin = unit.origin_of(&unit.scan.functions[id], arrow.span);
            let body = Body::Expression(expression);
            compile(unit, id, &arrow.params, expression.span(), &[], body, arguments, new_target, &origin)
        }
    });
    edits
}

/// The body of a function.
#[derive(Clone, Copy)]
pub enum Body<'b, 'a> {
    Statements(&'b [Statement<'a>]),
    Expression(&'b Expression<'a>),
}

#[expect(clippy::too_many_arguments, reason = "the parts of two kinds of syntax")]
fn compile(
    unit: &Unit<'_>,
    id: FunctionId,
    params: &FormalParameters<'_>,
    span: Span,
    directives: &[Directive<'_>],
    body: Body<'_, '_>,
    arguments: Option<String>,
    new_target: Option<String>,
    origin: &str,
) -> Vec<Edit> {
    let facts = &unit.scan.functions[id];
    let mut lowerer = Lowerer::new(unit, id);
    lowerer.arguments = arguments;
    lowerer.new_target = new_target;
    if facts.binds_parameters {
        return lowerer.bound_parameters(params, span, directives, &body, origin);
    }
    if lowerer.split == Split::Async && !is_simple(params) {
        return lowerer.caught_parameters(params, span, directives, &body, origin);
    }
    // Parameters are bound natively; only functions inside them change.
    let mut edits = Vec::new();
    {
        let mut splicer_edits = Vec::new();
        let _ = lowerer.splice(params.span, |splicer| {
            splicer.visit_formal_parameters(params);
            splicer_edits = std::mem::take(&mut splicer.edits);
        });
        edits.append(&mut splicer_edits);
    }
    if facts.is_dynamic && facts.is_driven() {
        edits.extend(lowerer.generator_body(params, span, directives, &body, origin));
        return edits;
    }
    if facts.is_dynamic || (lowerer.split == Split::No && !unit.scan.suspends(id, span)) {
        let mut inner = Vec::new();
        let start = if matches!(body, Body::Statements(_)) { span.start + 1 } else { span.start };
        let _ = lowerer.splice(span, |splicer| {
            match body {
                Body::Statements(list) => splicer.visit_list(list),
                Body::Expression(expression) => splicer.visit_expression(expression),
            }
            inner = std::mem::take(&mut splicer.edits);
        });
        let has_other_name = unit.shape.and_then(|shape| shape.unnamed).is_some_and(|(start, _)| start == facts.start);
        if !inner.is_empty() || !edits.is_empty() || has_other_name {
            edits.push((start, start, origin.to_owned()));
        }
        edits.append(&mut inner);
        return edits;
    }
    let text = lowerer.lower_function(params, &[], directives, &body, origin);
    edits.push((span.start, span.end, text));
    edits
}

impl Lowerer<'_, '_> {
    /// The body of an async function in which names are looked up at run time, as a generator that the kernel drives.
    fn generator_body(
        &mut self,
        params: &FormalParameters<'_>,
        span: Span,
        directives: &[Directive<'_>],
        body: &Body<'_, '_>,
        origin: &str,
    ) -> Vec<Edit> {
        let facts = &self.unit.scan.functions[self.id];
        self.yields = Some(Yields { is_async: facts.is_async, is_generator: facts.is_generator });
        let inner = match body {
            Body::Statements(list) => {
                let start = directives.last().map_or(span.start + 1, |directive| directive.span.end);
                let inner = Span::new(start, span.end - 1);
                self.splice(inner, |splicer| splicer.visit_list(list))
            }
            Body::Expression(expression) => {
                let text = self.text(expression);
                if facts.is_generator { format!("return yield ({text})") } else { format!("return {text}") }
            }
        };
        let mut head = format!("{{{origin}");
        head.push_str(&self.unit.directives(directives));
        if !facts.is_arrow {
            // What V8 makes of the text could be called with `new`.
            head.push_str("if(new.target)þnotNew(new.target);");
        }
        let driver = if facts.is_generator { "þdynamicGenerator" } else { "þdynamicAsync" };
        if is_simple(params) {
            let call = if facts.uses_arguments || (facts.is_dynamic && !facts.is_arrow) {
                ".apply(this,arguments)"
            } else {
                ".call(this)"
            };
            let text = format!("{head}return {driver}(function*(){{{inner}\n}}{call})}}");
            return vec![(span.start, span.end, text)];
        }
        // Errors of the parameters belong into the promise of an async function, so they are bound where they are caught.
        let yields = self.yields.take();
        let (names, bound) = self.forwarded(params);
        self.yields = yields;
        // An arrow function sees the `arguments` of the function around it.
        let make = match (facts.is_arrow, facts.uses_arguments) {
            (false, _) => format!("function*{bound}{{{inner}\n}}.apply(this,[{names}])"),
            (true, true) => format!("({bound}=>function*(){{{inner}\n}}.apply(this,arguments))({names})"),
            (true, false) => format!("({bound}=>function*(){{{inner}\n}}.call(this))({names})"),
        };
        let text = if facts.is_generator {
            format!("{head}return {driver}({make})}}")
        } else {
            format!("{head}let þg;try{{þg={make}}}catch(þx){{return þreject(þx)}}return {driver}(þg)}}")
        };
        vec![(params.span.start, params.span.end, format!("({names})")), (span.start, span.end, text)]
    }

    /// `bound` are the names of arguments whose patterns the body itself is to bind; none where V8 has done so.
    pub fn lower_function(
        &mut self,
        params: &FormalParameters<'_>,
        bound: &[String],
        directives: &[Directive<'_>],
        body: &Body<'_, '_>,
        origin: &str,
    ) -> String {
        let unit = self.unit;
        let facts = &unit.scan.functions[self.id];
        self.hoists = true;
        let mut parameters = Vec::new();
        params.bound_names(&mut |name| parameters.push((name.symbol_id(), name.name.to_string())));
        // A sloppy function's `arguments` and its parameters are the same variables.
        let mapped = facts.uses_arguments && !facts.is_arrow && !facts.is_strict && is_simple(params);
        for (symbol, name) in &parameters {
            if mapped {
                self.named.insert(name.clone());
            } else {
                self.declare_function_scoped(*symbol, name);
                let is_assigned = unit.scan.writes.has(*symbol) || unit.scan.declared_again.contains(*symbol);
                if bound.is_empty() && !is_assigned && self.saved.contains(name) {
                    self.constant.push(name.clone());
                    if unit.scan.is_own_rest(*symbol) {
                        self.own_rest = Some(name.clone());
                    }
                }
            }
        }
        let mut known = Known { saved: 0..self.saved.len(), named: self.named.len() };
        if !bound.is_empty() {
            known = Known { saved: self.saved.len()..self.saved.len() + bound.len(), named: 0 };
            for name in bound {
                self.save(name.clone());
            }
        }
        let mut head = String::new();
        if bound.is_empty() && !is_simple(params) {
            // Closures in the parameters see another variable than the body.
            for (symbol, name) in &parameters {
                if unit.scan.declared_again.contains(*symbol) {
                    put!(head, "var {name};");
                }
            }
        }
        if facts.uses_arguments && !facts.is_arrow {
            let name = format!("þ{}_arguments", unit.unique());
            put!(head, "var {name}=arguments;");
            self.heads.push(name.clone());
            self.named.insert(name.clone());
            self.arguments = Some(name);
        }
        if facts.uses_new_target && !facts.is_arrow {
            let name = format!("þ{}_target", unit.unique());
            put!(head, "var {name}=new.target;");
            self.heads.push(name.clone());
            self.named.insert(name.clone());
            self.new_target = Some(name);
        }
        // Point 1 is the entry's: only a chain of tail calls could go on for ever without any other.
        let entry = self.next_point();
        self.begin_constructor();
        if !bound.is_empty() {
            self.bind_parameters(params, bound);
        }
        head.push_str(&self.statements_of(body));
        let end = match self.split {
            Split::Async => "return þresolve(void 0,þP);",
            _ if facts.is_derived => "return this;",
            _ => "return;",
        };
        self.end(entry, end);
        self.assemble(directives, &head, &known, origin)
    }

    /// Lowers what a body consists of; returns its function declarations, which come first.
    pub fn statements_of(&mut self, body: &Body<'_, '_>) -> String {
        match body {
            Body::Expression(expression) => {
                self.return_expression(expression);
                self.release(0, false);
                String::new()
            }
            Body::Statements(list) => {
                let prologue = self.find_prologue(list);
                let functions = self.declare_body(list);
                self.disposing(super::disposal::kinds(list), |this| this.statements_after_prologue(list, prologue));
                functions
            }
        }
    }

    /// Ends a body, of which `entry` is the first point.
    pub fn end(&mut self, entry: u32, end: &str) {
        self.push(end.to_owned());
        if self.makes_tail_calls {
            let facts = &self.unit.scan.functions[self.id];
            let may_construct = !facts.is_arrow && !facts.is_method;
            let condition = if may_construct { Condition::CountedOrNew } else { Condition::Counted };
            self.out.insert(0, Node::Poll { point: entry, condition });
        }
    }
}

/// What a temporary is called, by its number from 1.
pub fn temporary(number: usize) -> String {
    let mut name = String::with_capacity(8);
    join!(&mut name, "þ", number);
    name
}

/// What stands before and behind a value that gets its name from a property.
pub fn as_property(name: &str) -> (String, String) {
    let is_name = !name.starts_with(|first: char| first.is_ascii_digit() || "'\"".contains(first));
    (text!("({", name, ":"), if is_name { text!("}).", name) } else { text!("})[", name, "]") })
}
