//! Text of what is not split: slices of the source, with small edits.
//!
//! ```text
//! Source   var n = k + (() => k)();        where k is kept in a cell and closures are compiled, too
//! Text     n = þm1.v + (() => k.v)();
//! ```
//!
//! Edited text carries marks (`marks.rs`) that say which place of the source each stretch comes from.

use oxc::ast::ast::*;
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::{ScopeFlags, SymbolId};
use oxc::span::{GetSpan, Span};

use super::class_code::Moved;
use super::function::{Jump, Lowerer, compile_arrow, compile_function};
use super::marks;
use super::statement::has_value;
use super::unit::{LONG, Unit};

/// What compiled code uses, by a way without names (`kernel/snapshot.rs`).
const NAMELESS: &str = "(async()=>{})().þ.";

/// What the bodies of functions call in which names are looked up at run time.
const CALLED: [&str; 18] = [
    "dynamicAsync",
    "dynamicGenerator",
    "yield",
    "delegate",
    "notNew",
    "reject",
    "import",
    "seen",
    "ship",
    "keep",
    "given",
    "B",
    "N",
    "E",
    "O",
    "X",
    "C",
    "V",
];

/// The text of an edit within `with`, whose object would be asked for each name. A Proxy sees that, and one that has all names,
/// as sandboxes do, would hide what compiled code uses.
fn without_names(text: &str) -> String {
    let mut parts = text.split('þ');
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_called = part.split_once('(').is_some_and(|(name, _)| CALLED.contains(&name));
        result.push_str(if is_called { NAMELESS } else { "þ" });
        result.push_str(part);
    }
    result
}

impl Unit<'_> {
    /// What keeps a name that is put in here from a word before it, as in `return(x)=>x`.
    pub fn space_at(&self, at: u32) -> &'static str {
        let is_in_word = |last: char| last.is_alphanumeric() || "_$".contains(last);
        if self.source[..at as usize].ends_with(is_in_word) { " " } else { "" }
    }
}

/// Whether a statement is one behind which the source may leave out the semicolon, or ends with one.
fn wants_semicolon(statement: &Statement<'_>) -> bool {
    match statement {
        Statement::IfStatement(it) => wants_semicolon(it.alternate.as_ref().unwrap_or(&it.consequent)),
        Statement::ForStatement(it) => wants_semicolon(&it.body),
        Statement::ForInStatement(it) => wants_semicolon(&it.body),
        Statement::ForOfStatement(it) => wants_semicolon(&it.body),
        Statement::WhileStatement(it) => wants_semicolon(&it.body),
        Statement::WithStatement(it) => wants_semicolon(&it.body),
        Statement::LabeledStatement(it) => wants_semicolon(&it.body),
        Statement::ExpressionStatement(_)
        | Statement::VariableDeclaration(_)
        | Statement::DoWhileStatement(_)
        | Statement::ReturnStatement(_)
        | Statement::ThrowStatement(_)
        | Statement::BreakStatement(_)
        | Statement::ContinueStatement(_)
        | Statement::DebuggerStatement(_) => true,
        _ => false,
    }
}

/// A replacement of a stretch of the source.
pub type Edit = (u32, u32, String);

/// What throws where it is assigned, in the place of a constant.
pub const CONSTANT: &str = "þQ.constant";

/// Collects the edits of one stretch.
pub struct Splicer<'l, 'u, 's> {
    pub lowerer: &'l mut Lowerer<'u, 's>,
    pub edits: Vec<Edit>,
    /// Loops and switches inside the stretch, outermost first, and whether each is a loop.
    breakable: Vec<bool>,
    labels: Vec<String>,
    /// Whether the statement that comes next, an expression or a declaration, follows another one.
    in_list: bool,
    /// Whether the function that comes next is a method, which means nothing outside of its object.
    in_method: bool,
    /// What of the class that comes next comes later, where it is a value, though it may be a declaration in the source; see
    /// `class_fields.rs`.
    pub lowered_class: Option<Moved>,
    /// Where the statement begins whose label has been seen to.
    labelled: u32,
    /// Above 0 in class bodies, whose initialisers see variables as closures do.
    closure: u32,
    /// Where a variable is assigned of which somebody else sees to it that it has been declared.
    pub checked_target: u32,
}

impl<'u, 's> Lowerer<'u, 's> {
    /// The text of a stretch, edited as `visit` finds.
    pub fn splice<'a>(&mut self, span: Span, visit: impl FnOnce(&mut Splicer<'_, 'u, 's>)) -> String
    where
        's: 'a,
    {
        let source = self.unit.source;
        let mut splicer = Splicer::new(self);
        visit(&mut splicer);
        let edits = splicer.edits;
        apply(source, span, edits)
    }

    /// The text of an expression that holds no call to be tracked.
    pub fn text(&mut self, expression: &Expression<'_>) -> String {
        let harmless = self.harmless_text(expression);
        harmless.unwrap_or_else(|| self.splice(expression.span(), |splicer| splicer.visit_expression(expression)))
    }

    /// The same for what cannot throw, and needs no mark: no stack will ever tell its place.
    fn harmless_text(&mut self, expression: &Expression<'_>) -> Option<String> {
        match expression {
            Expression::BooleanLiteral(_)
            | Expression::NullLiteral(_)
            | Expression::NumericLiteral(_)
            | Expression::StringLiteral(_) => Some(expression.span().source_text(self.unit.source).to_owned()),
            Expression::Identifier(it) if self.given(it.span.start).is_none() => {
                let symbol = self.unit.scoping.get_reference(it.reference_id()).symbol_id()?;
                // V8 itself checks whether one that stays what it is has been declared.
                let flags = self.unit.scoping.symbol_flags(symbol);
                if (flags.is_block_scoped() || flags.is_class()) && !self.unit.moved.borrow().contains(symbol) {
                    return None;
                }
                match Splicer::new(self).variable(symbol, it) {
                    // It is checked whether the variable has been declared.
                    Some(text) if text.contains('(') => None,
                    text => Some(text.unwrap_or_else(|| it.name.to_string())),
                }
            }
            _ => None,
        }
    }

    /// The text of a statement that cannot be suspended.
    pub fn statement_text(&mut self, statement: &Statement<'_>) -> String {
        let mut text = self.splice(statement.span(), |splicer| splicer.visit_statement(statement));
        // What comes next may begin with a parenthesis where the source's next line does not.
        if !text.ends_with(';') && wants_semicolon(statement) {
            text.push(';');
        }
        text
    }

    /// The text of a binding pattern as an assignment's target.
    pub fn pattern_text(&mut self, pattern: &BindingPattern<'_>) -> String {
        self.splice(pattern.span(), |splicer| splicer.visit_binding_pattern(pattern))
    }

    /// What the function itself calls a variable.
    pub fn own_name(&self, symbol: SymbolId) -> String {
        match self.unit.naming.borrow().get(symbol) {
            Some(naming) if naming.owner == self.id => naming.own.clone(),
            Some(naming) => naming.inner.clone(),
            None => self.unit.scoping.symbol_name(symbol).to_owned(),
        }
    }
}

/// The stretch with its edits; where several begin at one place the first one found comes first.
pub fn apply(source: &str, span: Span, mut edits: Vec<Edit>) -> String {
    if !edits.is_sorted_by_key(|edit| (edit.0, edit.1)) {
        edits.sort_by_key(|edit| (edit.0, edit.1));
    }
    // A mark takes up to 16 bytes.
    let added: usize = edits.iter().map(|edit| edit.2.len() + 16).sum();
    let mut text = String::with_capacity(span.size() as usize + added + 16);
    let mut at = span.start;
    marks::place(&mut text, at);
    let mut is_marked = true;
    for (start, end, replacement) in edits {
        if start < at {
            continue;
        }
        if start > at {
            if !is_marked {
                marks::place(&mut text, at);
            }
            text.push_str(&source[at as usize..start as usize]);
        }
        text.push_str(&replacement);
        (at, is_marked) = (end, false);
    }
    if !is_marked {
        marks::place(&mut text, at);
    }
    text.push_str(&source[at as usize..span.end as usize]);
    text
}

impl<'l, 'u, 's> Splicer<'l, 'u, 's> {
    fn new(lowerer: &'l mut Lowerer<'u, 's>) -> Splicer<'l, 'u, 's> {
        Splicer {
            lowerer,
            edits: Vec::new(),
            breakable: Vec::new(),
            labels: Vec::new(),
            in_method: false,
            in_list: false,
            lowered_class: None,
            labelled: u32::MAX,
            closure: 0,
            checked_target: u32::MAX,
        }
    }

    /// What a variable is called here, where that is not `name`.
    fn rename(&self, symbol: SymbolId, name: &str) -> Option<String> {
        let naming = self.lowerer.unit.naming.borrow();
        let naming = naming.get(symbol)?;
        let own = naming.owner == self.lowerer.id && self.closure == 0;
        let text = if own { &naming.own } else { &naming.inner };
        (text != name).then(|| text.clone())
    }

    fn reference(&self, it: &IdentifierReference<'_>) -> Option<String> {
        match self.lowerer.unit.scoping.get_reference(it.reference_id()).symbol_id() {
            Some(symbol) => self.variable(symbol, it),
            None if it.name == "arguments" && self.closure == 0 => self.lowerer.arguments.clone(),
            None if self.lowerer.unit.imported.contains(it.name.as_str()) => {
                let is_write = self.lowerer.unit.scoping.get_reference(it.reference_id()).is_write();
                // As a call, so that the function gets no `this`. Nothing can be assigned to a getter.
                Some(if is_write { format!("þI.{}", it.name) } else { format!("(0,þI.{})", it.name) })
            }
            None => None,
        }
    }

    fn variable(&self, symbol: SymbolId, it: &IdentifierReference<'_>) -> Option<String> {
        let unit = self.lowerer.unit;
        let at = it.span.start;
        if unit.scan.is_outside(symbol, at) {
            return None;
        }
        // Inside of a class its name is V8's.
        if unit.scan.classes.get(symbol).is_some_and(|span| span.start <= at && at < span.end) {
            return None;
        }
        let name = self.rename(symbol, &it.name);
        if !unit.moved.borrow().contains(symbol) {
            return name;
        }
        let reference = unit.scoping.get_reference(it.reference_id());
        if unit.scan.is_dead_for_all(symbol, at) {
            return Some(if reference.is_write() {
                format!("þD.{}", it.name)
            } else {
                format!("þU(\"{}\")", it.name)
            });
        }
        if reference.is_write() {
            let own = unit.scan.owner.get(symbol) == Some(&self.lowerer.id) && self.closure == 0;
            if own && unit.scan.is_dead(symbol, at) {
                return Some(format!("þD.{}", it.name));
            }
            if unit.scoping.symbol_flags(symbol).is_const_variable() {
                return Some(CONSTANT.to_owned());
            }
            if at != self.checked_target && self.is_checked(symbol, at) {
                let text = name.as_deref().unwrap_or(it.name.as_str());
                return Some(format!("({{set v(þv){{{text}=þW(þv,{text},\"{}\")}}}}).v", it.name));
            }
            return name;
        }
        let own = unit.scan.owner.get(symbol) == Some(&self.lowerer.id) && self.closure == 0;
        if own && unit.scan.is_dead(symbol, at) {
            return Some(format!("þU(\"{}\")", it.name));
        }
        if self.is_checked(symbol, at) {
            let text = name.unwrap_or_else(|| it.name.to_string());
            return Some(format!("þV({text},\"{}\")", it.name));
        }
        name
    }

    /// An assignment, with a check where the variable may not have been declared yet.
    fn checked_assignment(&mut self, it: &AssignmentExpression<'_>) {
        let before = self.edits.len();
        let AssignmentTarget::AssignmentTargetIdentifier(name) = &it.left else {
            return walk::walk_assignment_expression(self, it);
        };
        self.checked_target = name.span.start;
        walk::walk_assignment_expression(self, it);
        if let Some(check) = self.early_check(name) {
            let value = it.right.span();
            // What stands inside of the value has been edited already.
            self.edits.insert(before, (value.start, value.start, "þW(".to_owned()));
            self.insert(value.end, format!(",{check})"));
        }
    }

    /// How a constant is read that is the target of an assignment; none for other targets.
    fn constant_read(&self, name: &IdentifierReference<'_>) -> Option<String> {
        let symbol = self.lowerer.unit.scoping.get_reference(name.reference_id()).symbol_id()?;
        let is_constant = self.variable(symbol, name).is_some_and(|text| text == CONSTANT);
        is_constant.then(|| self.rename(symbol, &name.name).unwrap_or_else(|| name.name.to_string()))
    }

    /// Whether a variable may not have been declared yet where it is used here: by a closure, or in another case of a `switch`.
    fn is_checked(&self, symbol: SymbolId, at: u32) -> bool {
        let scan = self.lowerer.unit.scan;
        let own = scan.owner.get(symbol) == Some(&self.lowerer.id) && self.closure == 0;
        (!own || scan.may_pass_by(symbol, at)) && scan.early.contains(symbol)
    }

    /// The rest of a call that throws where a variable is assigned that has not been declared yet.
    pub fn early_check(&self, it: &IdentifierReference<'_>) -> Option<String> {
        let unit = self.lowerer.unit;
        let symbol = unit.scoping.get_reference(it.reference_id()).symbol_id()?;
        let is_checked = self.is_checked(symbol, it.span.start)
            && unit.moved.borrow().contains(symbol)
            && !unit.scan.is_dead_for_all(symbol, it.span.start)
            && !unit.scoping.symbol_flags(symbol).is_const_variable();
        is_checked.then(|| {
            format!("{},\"{}\"", self.rename(symbol, &it.name).unwrap_or_else(|| it.name.to_string()), it.name)
        })
    }

    fn jump(&mut self, span: Span, jump: &Jump) {
        if let Some(text) = self.lowerer.jump(jump) {
            self.edits.push((span.start, span.end, text));
        }
    }

    fn in_breakable(&mut self, is_loop: bool, body: impl FnOnce(&mut Self)) {
        self.breakable.push(is_loop);
        body(self);
        self.breakable.pop();
    }
}

/// Bodies of async functions in which names are looked up at run time become generators as a whole:
///
/// ```text
/// Input    async function f(x) { eval('x++'); return await g(x); }
/// Output   function f(x) {return þdynamicAsync(function*(){ eval('x++'); return (yield g(x)); }.apply(this,arguments))}
/// ```
impl Splicer<'_, '_, '_> {
    /// The variable for the value of the script, if this is its own code.
    fn completion(&self) -> Option<&'static str> {
        self.lowerer.completion.filter(|_| self.closure == 0)
    }

    fn insert(&mut self, at: u32, text: impl Into<String>) {
        self.edits.push((at, at, text.into()));
    }

    /// The statements of a function.
    pub fn visit_list(&mut self, list: &[Statement<'_>]) {
        self.hoisting_list(list, true);
    }

    /// A statement that follows others.
    pub fn visit_in_list(&mut self, statement: &Statement<'_>) {
        self.in_list = matches!(statement, Statement::ExpressionStatement(_) | Statement::VariableDeclaration(_));
        self.visit_statement(statement);
    }

    /// Whether the stretch sees variables as closures do.
    pub fn is_closure(&self) -> bool {
        self.closure > 0
    }

    /// Puts something before and behind a stretch.
    fn around(&mut self, span: Span, outer: Option<(String, String)>, inner: impl FnOnce(&mut Self)) {
        let Some((before, after)) = outer else { return inner(self) };
        self.insert(span.start, before);
        inner(self);
        self.insert(span.end, after);
    }

    /// A function with its edits, written at the head of this one if it is long.
    fn once(&mut self, span: Span, start: u32, edits: Vec<Edit>) {
        let id = self.lowerer.unit.scan.by_start[&start];
        let added: usize = edits.iter().map(|edit| edit.2.len()).sum();
        if !self.lowerer.hoists || span.size() as usize + added < LONG {
            self.edits.extend(edits);
            return;
        }
        let text = apply(self.lowerer.unit.source, span, edits);
        let made = self.lowerer.make(id, span, text).unwrap_or_else(|text| text);
        self.edits.push((span.start, span.end, made));
    }

    fn for_await(&mut self, it: &ForOfStatement<'_>, labels: &[String]) {
        let number = self.lowerer.unit.unique();
        let name = format!("þi{number}");
        let right = self.lowerer.text(&it.right);
        let left = match &it.left {
            ForStatementLeft::VariableDeclaration(declaration) => {
                let pattern = self.lowerer.pattern_text(&declaration.declarations[0].id);
                format!("{} {pattern}={name}.value;", declaration.kind.as_str())
            }
            other => {
                let target = other.as_assignment_target().expect("anything else is a target");
                let text = self.lowerer.splice(target.span(), |splicer| splicer.visit_assignment_target(target));
                format!("({text}={name}.value);")
            }
        };
        let body = self.lowerer.statement_text(&it.body);
        let labels = labels.iter().fold(String::new(), |text, label| text + label + ":");
        self.edits.push((
            it.span.start,
            it.span.end,
            format!(
                "{{const {name}=þB({right});try{{{labels}while(!þE({name},yield þN({name}))){{\
                 {left}{body}}}}}\
                 catch(þx){{{name}.threw=true;throw þx}}finally{{if({name}.open&&þO({name})){{let þr{number};\
                 try{{þr{number}=yield {name}.value}}catch(þx){{þX({name},þx)}}þC({name},þr{number})}}}}}}"
            ),
        ));
    }

    /// A property of an object literal with its key.
    fn property(&mut self, it: &ObjectProperty<'_>) {
        if (it.method || it.kind != PropertyKind::Init)
            && let Expression::FunctionExpression(function) = &it.value
        {
            self.lowerer.unit.spans.borrow_mut().insert(function.span.start, it.span);
            let key = if it.computed { it.key.span().start.saturating_sub(1) } else { it.key.span().start };
            self.method_head(it.span.start, key, function.span.start);
        }
        let outer = std::mem::replace(&mut self.in_method, it.method || it.kind != PropertyKind::Init);
        if !self.in_method {
            self.lowerer.name_property(it);
        }
        walk::walk_object_property(self, it);
        self.in_method = outer;
    }

    /// `async` and `*` before a method's name, where its body is compiled.
    fn method_head(&mut self, start: u32, key: u32, value: u32) {
        let Some(id) = self.lowerer.unit.scan.by_start.get(&value) else { return };
        let facts = &self.lowerer.unit.scan.functions[*id];
        if facts.loses_async() {
            let head = &self.lowerer.unit.source[start as usize..key as usize];
            let text = without_comments(head).replacen("async", "", 1).replace('*', "");
            self.edits.push((start, key, text));
        }
    }
}

/// What stands before a method's name, without the comments there: what is taken out of it might be part of one.
fn without_comments(head: &str) -> String {
    let mut text = String::new();
    let mut rest = head;
    while let Some(at) = rest.find('/') {
        join!(&mut text, &rest[..at], " ");
        rest = after_comment(&rest[at..]);
    }
    text + rest
}

/// A text from its first token on.
fn after_comments(text: &str) -> &str {
    let mut rest = text.trim_start();
    while rest.starts_with('/') {
        rest = after_comment(rest).trim_start();
    }
    rest
}

/// What follows the comment that a text begins with.
fn after_comment(text: &str) -> &str {
    let end = match text.strip_prefix("/*") {
        Some(rest) => rest.find("*/").map(|end| end + 4),
        None => text.find(['\n', '\r', '\u{2028}', '\u{2029}']),
    };
    end.map_or("", |end| &text[end..])
}

impl Splicer<'_, '_, '_> {
    /// Gives an expression a place of its own where V8 does not: what `valueOf` or an accessor runs under `x++`, `x+=y` and
    /// `typeof x` shows the place that V8 has noted last, which among the arguments of a call may be the call itself. The stack
    /// walk would take it for what that calls. The right side of a comma always has its place, and costs nothing.
    ///
    /// Input: `f(x++)`, Output: `f((0,x++))`
    fn with_place(&mut self, span: Span, walk: impl FnOnce(&mut Self)) {
        if self.lowerer.open_calls == 0 || self.closure > 0 {
            return walk(self);
        }
        self.insert(span.start, "(0,");
        walk(self);
        self.insert(span.end, ")");
    }
}

impl<'a> Visit<'a> for Splicer<'_, '_, '_> {
    fn visit_unary_expression(&mut self, it: &UnaryExpression<'a>) {
        // A variable stands for it, which could not be deleted.
        if it.operator == UnaryOperator::Delete && matches!(it.argument.without_parentheses(), Expression::NewTarget(_))
        {
            self.edits.push((it.span.start, it.span.end, "true".to_owned()));
            return;
        }
        if it.operator == UnaryOperator::Typeof && matches!(it.argument, Expression::Identifier(_)) {
            return self.with_place(it.span, |this| walk::walk_unary_expression(this, it));
        }
        walk::walk_unary_expression(self, it);
    }

    fn visit_new_expression(&mut self, it: &NewExpression<'a>) {
        // What stands for a variable may be a call, which `new` would take for its own.
        if let Expression::Identifier(name) = &it.callee
            && let Some(text) = self.reference(name)
        {
            self.edits.push((name.span.start, name.span.end, format!("({text})")));
            self.visit_arguments(&it.arguments);
            return;
        }
        if self.lowerer.unit.has_seen(&it.callee) {
            let callee = it.callee.span();
            self.insert(callee.start, "(");
            walk::walk_new_expression(self, it);
            self.insert(callee.end, ")");
            return;
        }
        walk::walk_new_expression(self, it);
    }

    fn visit_member_expression(&mut self, it: &MemberExpression<'a>) {
        if self.lowerer.unit.is_seen(it) {
            let object = it.object().span();
            let space = self.lowerer.unit.space_at(object.start);
            self.edits.push((object.start, object.start, format!("{space}þseen(")));
            walk::walk_member_expression(self, it);
            self.edits.push((object.end, object.end, ")".to_owned()));
            return;
        }
        walk::walk_member_expression(self, it);
    }

    fn visit_await_expression(&mut self, it: &AwaitExpression<'a>) {
        if self.lowerer.yields.is_some_and(|yields| yields.is_async) && self.closure == 0 {
            self.edits.push((it.span.start, it.argument.span().start, "(yield ".to_owned()));
            self.visit_expression(&it.argument);
            self.insert(it.span.end, ")");
            return;
        }
        walk::walk_await_expression(self, it);
    }

    fn visit_yield_expression(&mut self, it: &YieldExpression<'a>) {
        let driven = self.lowerer.yields.is_some_and(|yields| yields.is_async && yields.is_generator);
        if !driven || self.closure > 0 {
            walk::walk_yield_expression(self, it);
            return;
        }
        let wrapper = if it.delegate { "(yield þdelegate(" } else { "(yield þyield(" };
        match &it.argument {
            Some(argument) => {
                self.edits.push((it.span.start, argument.span().start, wrapper.to_owned()));
                self.visit_expression(argument);
                self.insert(it.span.end, "))");
            }
            None => self.edits.push((it.span.start, it.span.end, format!("{wrapper}void 0))"))),
        }
    }

    fn visit_method_definition(&mut self, it: &MethodDefinition<'a>) {
        let text = &self.lowerer.unit.source[it.span.start as usize..it.span.end as usize];
        let skipped = if it.r#static { text.len() - after_comments(&text["static".len()..]).len() } else { 0 };
        let span = Span::new(it.span.start + skipped as u32, it.span.end);
        self.lowerer.unit.spans.borrow_mut().insert(it.value.span.start, span);
        let key = if it.computed { it.key.span().start.saturating_sub(1) } else { it.key.span().start };
        self.method_head(it.span.start, key, it.value.span.start);
        walk::walk_method_definition(self, it);
    }

    fn visit_function(&mut self, it: &Function<'a>, _: ScopeFlags) {
        let place = self.lowerer.names_of.get(&it.span.start).map(String::as_str);
        let mut edits = compile_function(self.lowerer.unit, it, place, false);
        if let Some(id) = &it.id
            && it.is_expression()
            && self.lowerer.unit.calls_itself(it)
        {
            edits.insert(0, (it.span.start, it.span.start, format!("(()=>{{const {}=", id.name)));
            edits.push((id.span.start, id.span.end, String::new()));
            edits.push((it.span.end, it.span.end, format!(";return {}}})()", id.name)));
        }
        let is_value = it.is_expression() && !self.in_method;
        let given = if is_value { self.lowerer.given(it.span.start) } else { None };
        self.around(it.span, given, |this| {
            if is_value && this.closure == 0 {
                this.once(it.span, it.span.start, edits);
            } else {
                this.edits.extend(edits);
            }
        });
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        let arguments = self.lowerer.arguments.clone();
        let new_target = self.lowerer.new_target.clone();
        let edits = compile_arrow(self.lowerer.unit, it, arguments, new_target);
        let given = self.lowerer.given(it.span.start);
        self.around(it.span, given, |this| {
            if this.closure == 0 {
                this.once(it.span, it.span.start, edits);
            } else {
                this.edits.extend(edits);
            }
        });
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if let (BindingPattern::BindingIdentifier(id), Some(init)) = (&it.id, &it.init) {
            self.lowerer.name_value(init, &id.name);
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_assignment_pattern(&mut self, it: &AssignmentPattern<'a>) {
        if let BindingPattern::BindingIdentifier(id) = &it.left {
            self.lowerer.name_value(&it.right, &id.name);
        }
        walk::walk_assignment_pattern(self, it);
    }

    fn visit_assignment_target_with_default(&mut self, it: &AssignmentTargetWithDefault<'a>) {
        if let AssignmentTarget::AssignmentTargetIdentifier(name) = &it.binding {
            self.lowerer.name_value(&it.init, &name.name);
        }
        walk::walk_assignment_target_with_default(self, it);
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        if let AssignmentTarget::AssignmentTargetIdentifier(name) = &it.left {
            self.lowerer.name_value(&it.right, &name.name);
        }
        if let AssignmentTarget::AssignmentTargetIdentifier(name) = &it.left
            && let Some(logical) = it.operator.to_logical_operator()
            && let Some(read) = self.constant_read(name)
        {
            // Nothing is assigned where the constant decides already.
            let (left, right) = (it.left.span(), it.right.span());
            self.edits.push((left.start, right.start, format!("({read} {} ({CONSTANT}=", logical.as_str())));
            self.visit_expression(&it.right);
            self.insert(right.end, "))");
        } else if it.operator == AssignmentOperator::Assign {
            self.checked_assignment(it);
        } else {
            self.with_place(it.span, |this| this.checked_assignment(it));
        }
    }

    fn visit_update_expression(&mut self, it: &UpdateExpression<'a>) {
        if let SimpleAssignmentTarget::AssignmentTargetIdentifier(name) = &it.argument {
            self.checked_target = name.span.start;
        }
        self.with_place(it.span, |this| walk::walk_update_expression(this, it));
        if let SimpleAssignmentTarget::AssignmentTargetIdentifier(name) = &it.argument
            && let Some(check) = self.early_check(name)
        {
            self.edits.insert(0, (it.span.start, it.span.start, format!("(þW(0,{check}),")));
            self.insert(it.span.end, ")");
        }
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        // Here nothing can be suspended: the fields are added under a native frame.
        let cell = if self.closure == 0 { self.lowerer.constructs(it.span.start) } else { None };
        let around = cell.map(|cell| ("þconstructed(".to_owned(), format!(",{cell})")));
        self.around(it.span, around, |this| walk::walk_call_expression(this, it));
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        let lowered = self.lowered_class.take();
        let moved = lowered.unwrap_or_else(|| Moved { statics: None, ..self.lowerer.moves(it) });
        let start = it.body.span.start + 1;
        let origin = self.lowerer.unit.origin(it.span);
        self.insert(start, origin);
        // The name stays: inside of the class it is a binding of its own.
        if let Some(heritage) = &it.heritage {
            self.visit_expression(&heritage.expression);
        }
        if moved == Moved::default() {
            return self.visit_class_body(&it.body);
        }
        self.closure += 1;
        self.visit_moved(it, moved, lowered.is_some());
        self.closure -= 1;
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        if let Some(value) = &it.value {
            self.lowerer.name_key(&it.key, it.computed, value);
        }
        walk::walk_property_definition(self, it);
    }

    fn visit_formal_parameter(&mut self, it: &FormalParameter<'a>) {
        if let (BindingPattern::BindingIdentifier(id), Some(initializer)) = (&it.pattern, &it.initializer) {
            self.lowerer.name_value(initializer, &id.name);
        }
        walk::walk_formal_parameter(self, it);
    }

    fn visit_class_body(&mut self, it: &ClassBody<'a>) {
        self.closure += 1;
        walk::walk_class_body(self, it);
        self.closure -= 1;
    }

    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        let given = self.lowerer.given(it.span.start);
        self.around(it.span, given, |this| {
            if let Some(name) = this.reference(it) {
                this.edits.push((it.span.start, it.span.end, name));
            }
        });
    }

    fn visit_binding_identifier(&mut self, it: &BindingIdentifier<'a>) {
        if let Some(name) = self.rename(it.symbol_id(), &it.name) {
            self.edits.push((it.span.start, it.span.end, name));
        }
    }

    fn visit_with_statement(&mut self, it: &WithStatement<'a>) {
        self.visit_expression(&it.object);
        let before = self.edits.len();
        self.visit_statement(&it.body);
        for (_, _, text) in &mut self.edits[before..] {
            *text = without_names(text);
        }
    }

    fn visit_import_meta(&mut self, it: &ImportMeta) {
        if self.lowerer.unit.shape.is_some() {
            self.edits.push((it.span.start, it.span.end, "þmeta".to_owned()));
        }
    }

    fn visit_import_expression(&mut self, it: &ImportExpression<'a>) {
        let head = format!("þimport({},", self.lowerer.unit.id);
        self.edits.push((it.span.start, it.source.span().start, head));
        walk::walk_import_expression(self, it);
    }

    fn visit_new_target(&mut self, it: &NewTarget) {
        if let Some(name) = self.lowerer.new_target.clone().filter(|_| self.closure == 0) {
            self.edits.push((it.span.start, it.span.end, name));
        }
    }

    fn visit_object_property(&mut self, it: &ObjectProperty<'a>) {
        if it.shorthand
            && let Expression::Identifier(name) = &it.value
        {
            let text = self.reference(name);
            let given = self.lowerer.given(name.span.start);
            if text.is_some() || given.is_some() {
                let (before, after) = given.unwrap_or_default();
                let text = text.unwrap_or_else(|| name.name.to_string());
                self.edits.push((it.span.start, it.span.end, format!("{}: {before}{text}{after}", name.name)));
            }
            return;
        }
        let given = if it.method { self.lowerer.given_method(it.value.span().start) } else { None };
        self.around(it.span, given, |this| this.property(it));
    }

    fn visit_binding_property(&mut self, it: &BindingProperty<'a>) {
        if it.shorthand {
            let (id, default) = match &it.value {
                BindingPattern::BindingIdentifier(id) => (id, None),
                BindingPattern::AssignmentPattern(pattern) => match &pattern.left {
                    BindingPattern::BindingIdentifier(id) => (id, Some(&pattern.right)),
                    _ => return,
                },
                _ => return,
            };
            let text = self.rename(id.symbol_id(), &id.name);
            if let Some(text) = text {
                self.edits.push((id.span.start, id.span.end, format!("{}: {text}", id.name)));
            }
            if let Some(default) = default {
                self.lowerer.name_value(default, &id.name);
                self.visit_expression(default);
            }
            return;
        }
        walk::walk_binding_property(self, it);
    }

    fn visit_assignment_target_property_identifier(&mut self, it: &AssignmentTargetPropertyIdentifier<'a>) {
        if let Some(text) = self.reference(&it.binding) {
            let span = it.binding.span;
            self.edits.push((span.start, span.end, format!("{}: {text}", it.binding.name)));
        }
        if let Some(init) = &it.init {
            self.lowerer.name_value(init, &it.binding.name);
            self.visit_expression(init);
        }
    }

    fn visit_variable_declaration(&mut self, it: &VariableDeclaration<'a>) {
        let in_list = std::mem::take(&mut self.in_list);
        // The variables of a static block are its own.
        if it.kind != VariableDeclarationKind::Var || !self.lowerer.hoists || self.closure > 0 {
            walk::walk_variable_declaration(self, it);
            return;
        }
        let text = self.lowerer.var_text(it);
        // It must not continue a line that ends without a semicolon.
        let first = it.declarations.iter().find(|declarator| declarator.init.is_some());
        let is_pattern = first.is_some_and(|declarator| !declarator.id.is_binding_identifier());
        let begin = if in_list && is_pattern { ";" } else { "" };
        let end = if self.lowerer.unit.source[it.span.start as usize..it.span.end as usize].ends_with(';') {
            ";"
        } else {
            ""
        };
        self.edits.push((it.span.start, it.span.end, format!("{begin}{text}{end}")));
    }

    fn visit_for_statement_left(&mut self, it: &ForStatementLeft<'a>) {
        if let ForStatementLeft::VariableDeclaration(declaration) = it
            && declaration.kind == VariableDeclarationKind::Var
            && self.lowerer.hoists
            && self.closure == 0
        {
            let pattern = &declaration.declarations[0].id;
            self.lowerer.declare_vars(pattern);
            let text = self.lowerer.pattern_text(pattern);
            self.edits.push((declaration.span.start, declaration.span.end, text));
            return;
        }
        walk::walk_for_statement_left(self, it);
    }

    fn visit_for_statement(&mut self, it: &ForStatement<'a>) {
        self.in_breakable(true, |this| walk::walk_for_statement(this, it));
    }

    fn visit_for_in_statement(&mut self, it: &ForInStatement<'a>) {
        self.in_breakable(true, |this| walk::walk_for_in_statement(this, it));
    }

    fn visit_for_of_statement(&mut self, it: &ForOfStatement<'a>) {
        if it.r#await && self.lowerer.yields.is_some() && self.closure == 0 {
            self.for_await(it, &[]);
            return;
        }
        self.in_breakable(true, |this| walk::walk_for_of_statement(this, it));
    }

    fn visit_while_statement(&mut self, it: &WhileStatement<'a>) {
        self.in_breakable(true, |this| walk::walk_while_statement(this, it));
    }

    fn visit_do_while_statement(&mut self, it: &DoWhileStatement<'a>) {
        self.in_breakable(true, |this| walk::walk_do_while_statement(this, it));
    }

    fn visit_statement(&mut self, it: &Statement<'a>) {
        let Some(completion) = self.completion() else { return walk::walk_statement(self, it) };
        let mut inner = it;
        while let Statement::LabeledStatement(labelled) = inner {
            inner = &labelled.body;
        }
        // A label belongs to the statement behind it.
        let span = it.span();
        if !has_value(inner) || span.start == self.labelled {
            return walk::walk_statement(self, it);
        }
        if span.start != inner.span().start {
            self.labelled = inner.span().start;
        }
        self.insert(span.start, text!("{", completion, "=void 0;"));
        walk::walk_statement(self, it);
        self.insert(span.end, "}");
    }

    fn visit_try_statement(&mut self, it: &TryStatement<'a>) {
        self.lowerer.native_tries += 1;
        self.visit_block_statement(&it.block);
        if let Some(handler) = &it.handler {
            self.visit_catch_clause(handler);
        }
        if let Some(finalizer) = &it.finalizer {
            let completion = self.completion();
            if let Some(completion) = completion {
                self.insert(finalizer.span.start + 1, text!("const þcf=", completion, ";", completion, "=void 0;"));
            }
            self.visit_block_statement(finalizer);
            if let Some(completion) = completion {
                self.insert(finalizer.span.end - 1, text!(";", completion, "=þcf;"));
            }
        }
        self.lowerer.native_tries -= 1;
    }

    fn visit_switch_statement(&mut self, it: &SwitchStatement<'a>) {
        self.in_breakable(false, |this| this.hoisting_cases(it));
    }

    fn visit_labeled_statement(&mut self, it: &LabeledStatement<'a>) {
        if let Statement::ForOfStatement(inner) = &it.body
            && inner.r#await
            && self.lowerer.yields.is_some()
            && self.closure == 0
        {
            self.for_await(inner, &[it.label.name.to_string()]);
            self.edits.push((it.span.start, inner.span.start, String::new()));
            return;
        }
        self.labels.push(it.label.name.to_string());
        walk::walk_labeled_statement(self, it);
        self.labels.pop();
    }

    fn visit_break_statement(&mut self, it: &BreakStatement<'a>) {
        match &it.label {
            Some(label) if self.labels.iter().any(|inner| inner == label.name.as_str()) => {}
            None if !self.breakable.is_empty() => {}
            label => self.jump(it.span, &Jump::Break(label.as_ref().map(|label| label.name.to_string()))),
        }
    }

    fn visit_continue_statement(&mut self, it: &ContinueStatement<'a>) {
        match &it.label {
            Some(label) if self.labels.iter().any(|inner| inner == label.name.as_str()) => {}
            None if self.breakable.contains(&true) => {}
            label => self.jump(it.span, &Jump::Continue(label.as_ref().map(|label| label.name.to_string()))),
        }
    }

    fn visit_return_statement(&mut self, it: &ReturnStatement<'a>) {
        if let Some(yields) = self.lowerer.yields {
            walk::walk_return_statement(self, it);
            if yields.is_async
                && yields.is_generator
                && let Some(argument) = &it.argument
            {
                self.edits.push((it.span.start, argument.span().start, "return yield (".to_owned()));
                self.insert(argument.span().end, ")");
            }
            return;
        }
        // A constructor that is not lowered returns as it did.
        if self.lowerer.plain_return() || !self.lowerer.hoists {
            walk::walk_return_statement(self, it);
            return;
        }
        let value = it.argument.as_ref().map(|argument| {
            let text = self.lowerer.text(argument);
            // It may become an argument.
            if matches!(argument, Expression::SequenceExpression(_)) { format!("({text})") } else { text }
        });
        let text = self.lowerer.return_text(value.as_deref());
        self.edits.push((it.span.start, it.span.end, text));
    }

    fn visit_expression_statement(&mut self, it: &ExpressionStatement<'a>) {
        if let Some(completion) = self.completion() {
            let span = it.expression.span();
            self.edits.push((span.start, span.start, format!("{completion}=(")));
            self.visit_expression(&it.expression);
            self.edits.push((span.end, span.end, ")".to_owned()));
            return;
        }
        let in_list = std::mem::take(&mut self.in_list);
        let before = self.edits.len();
        walk::walk_expression_statement(self, it);
        let start = it.span.start;
        // What begins with a parenthesis now must not continue a line that ends without a semicolon; `without_names` adds some.
        let begins = |text: &str| marks::unmarked(text).starts_with(['(', 'þ']);
        if in_list && self.edits[before..].iter().any(|edit| edit.0 == start && begins(&edit.2)) {
            self.edits.insert(before, (start, start, ";".to_owned()));
        }
    }

    fn visit_program(&mut self, it: &Program<'a>) {
        self.visit_list(&it.body);
    }

    fn visit_statements(&mut self, it: &oxc::allocator::Vec<'a, Statement<'a>>) {
        self.hoisting_list(it, false);
    }

    fn visit_block_statement(&mut self, it: &BlockStatement<'a>) {
        walk::walk_block_statement(self, it);
    }
}
