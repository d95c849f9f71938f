//! How async functions are written. Their text loses `async`, since the kernel makes their promises; yet they are no
//! constructors and have no `prototype` property. Methods and arrow functions are like that, too, and cost the same:
//!
//! ```text
//! Input    async function f(a) { await g(a); }           Output   var f=({f(a){ ... }}).f;
//! Input    run(async function () { await g(); });        Output   run((()=>{ ... }));
//! Input    run(async function f() { await f(); });       Output   run((()=>{const f=({f(){ ... }}).f;return f})());
//! ```
//!
//! That such a function inherits from `AsyncFunction.prototype` is put right when somebody looks (`kernel/identity.js`).
//! Async generators keep their head: V8's function makes the object, and its body only hands the frame over.

use oxc::ast::ast::*;
use oxc::span::GetSpan;

use super::function::{Lowerer, compile_function};
use super::scan::FunctionFacts;
use super::splice::{Edit, apply};
use super::unit::Unit;

impl FunctionFacts {
    /// Whether its text loses `async`.
    pub fn loses_async(&self) -> bool {
        self.is_driven() && !(self.is_generator && self.is_split())
    }

    /// Whether it is written as said above, where that is possible.
    fn is_reshaped(&self) -> bool {
        self.loses_async() && !self.is_generator && !self.is_method
    }
}

/// How a function is written.
enum Shape {
    /// As a function, which is a constructor: where its name is known only when it is made, and where sloppy code assigns
    /// its name.
    Function,
    /// As an arrow function, which gets its name from where it stands.
    Arrow,
    /// As a method of this name.
    Method(String),
    /// The same, and its own name means itself inside of it.
    Bound(String),
}

fn shape(unit: &Unit<'_>, function: &Function<'_>, place: Option<&str>) -> Shape {
    let facts = &unit.scan.functions[unit.scan.by_start[&function.span.start]];
    // V8 looks where the parameters of what `new AsyncFunction` makes end.
    if function.span.start == 1 && unit.source.starts_with("(async function anonymous(") {
        return Shape::Function;
    }
    let Some(id) = &function.id else {
        let is_free = !facts.uses_this && !facts.uses_arguments && !facts.uses_new_target && !facts.is_dynamic;
        return match place {
            _ if is_free => Shape::Arrow,
            Some("") => Shape::Function,
            Some(name) => Shape::Method(name.to_owned()),
            None => Shape::Method("\"\"".to_owned()),
        };
    };
    let name = id.name.to_string();
    if function.is_declaration() {
        return Shape::Method(name);
    }
    let symbol = id.symbol_id();
    // Where the name is a constant, strict code throws when it assigns it, and sloppy code does not.
    let is_assigned = facts.is_dynamic || unit.scan.writes.has(symbol);
    if (is_assigned && !facts.is_strict) || name == "let" {
        Shape::Function
    } else if facts.is_dynamic || unit.scan.uses.has(symbol) {
        Shape::Bound(name)
    } else {
        Shape::Method(name)
    }
}

/// The edits around parameters and body of an async function that is no method. `place` is the name that it gets from where
/// it stands: empty where that is computed.
pub fn head(unit: &Unit<'_>, function: &Function<'_>, place: Option<&str>, is_hoisted: bool) -> Vec<Edit> {
    let facts = &unit.scan.functions[unit.scan.by_start[&function.span.start]];
    let (start, params, end) = (function.span.start, function.params.span, function.span.end);
    let shape = if facts.is_reshaped() && (is_hoisted || !function.is_declaration()) {
        shape(unit, function, place)
    } else {
        Shape::Function
    };
    let method = |name: &str, before: &str, after: &str| {
        let is_name = !name.starts_with(|first: char| first.is_ascii_digit() || "'\"".contains(first));
        let access = if is_name { format!(".{name}") } else { format!("[{name}]") };
        vec![(start, params.start, format!("{before}({{{name}")), (end, end, format!("}}){access}{after}"))]
    };
    match shape {
        Shape::Function => {
            let name = function.id.as_ref().map_or(params.start, |id| id.span.start);
            // As long as it was; see `shape`.
            let width = (name - start) as usize;
            vec![(start, name, format!("{:>width$}", "function "))]
        }
        Shape::Arrow => vec![
            (start, params.start, "(".to_owned()),
            (params.end, params.end, "=>".to_owned()),
            (end, end, ")".to_owned()),
        ],
        Shape::Method(name) => method(&name, "", ""),
        Shape::Bound(name) => method(&name, &format!("(()=>{{const {name}="), &format!(";return {name}}})()")),
    }
}

impl Lowerer<'_, '_> {
    /// The value of an async function that is declared; none where the declaration stays one.
    pub fn declared_async(&self, function: &Function<'_>) -> Option<String> {
        let unit = self.unit;
        let facts = &unit.scan.functions[unit.scan.by_start[&function.span.start]];
        if !function.is_declaration() || function.id.is_none() || !facts.is_reshaped() {
            return None;
        }
        Some(apply(unit.source, function.span(), compile_function(unit, function, None, true)))
    }

    /// A function declaration at the top of a function's body.
    pub fn top_declaration(&mut self, list: &[Statement<'_>], index: usize, function: &Function<'_>) -> String {
        let Some(value) = self.declared_async(function) else { return self.statement_text(&list[index]) };
        let name = &function.id.as_ref().expect("asked above").name;
        // A function of the same name that stays a declaration is there already when the assignment is made.
        let is_last = !list[index + 1..].iter().any(|later| {
            matches!(later, Statement::FunctionDeclaration(it) if it.id.as_ref().is_some_and(|id| id.name == *name))
        });
        if is_last { format!("{name}={value};") } else { String::new() }
    }
}

/// Whether a member may show what an async function inherits from.
fn shows_prototype(member: &MemberExpression<'_>) -> bool {
    match member {
        MemberExpression::StaticMemberExpression(it) => it.property.name == "constructor",
        MemberExpression::ComputedMemberExpression(it) => matches!(
            &it.expression,
            Expression::StaticMemberExpression(key) if key.property.name == "toStringTag"
        ),
        MemberExpression::PrivateFieldExpression(_) => false,
    }
}

/// Whether the object of a member expression cannot be an async function, or belongs to a chain that may end before it.
fn is_no_function(object: &Expression<'_>) -> bool {
    match object {
        Expression::Super(_) | Expression::ThisExpression(_) => true,
        Expression::CallExpression(it) => it.optional || is_in_chain(&it.callee),
        other => is_in_chain(other),
    }
}

fn is_in_chain(expression: &Expression<'_>) -> bool {
    match expression {
        Expression::CallExpression(it) => it.optional || is_in_chain(&it.callee),
        other => other.as_member_expression().is_some_and(|it| it.optional() || is_in_chain(it.object())),
    }
}

impl Unit<'_> {
    /// Whether the object of a member is to be looked at (`þseen`) before the member is read.
    pub fn is_seen(&self, member: &MemberExpression<'_>) -> bool {
        !self.is_kernel && shows_prototype(member) && !is_no_function(member.object())
    }

    /// The same for any member of a callee.
    pub fn has_seen(&self, callee: &Expression<'_>) -> bool {
        callee.as_member_expression().is_some_and(|it| self.is_seen(it) || self.has_seen(it.object()))
    }

    /// The text of the object of a member.
    pub fn seen(&self, member: Option<&MemberExpression<'_>>, object: String) -> String {
        if member.is_some_and(|member| self.is_seen(member)) { format!("þseen({object})") } else { object }
    }
}
