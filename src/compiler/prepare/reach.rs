//! Which functions of a file are prepared, and where.
//!
//! Those that are spawned, and what they capture, and what that captures in turn: functions and classes by their declarations,
//! members of objects, elements of arrays, and what functions of the file return. Beyond that all functions of the file's outermost
//! level, or of that of a bundle's modules, since other files may have them spawned; they are entered once.
//!
//! A function in a place where it gets a name (`const f = () => {}`) cannot be put into a call, which would take the name away: a
//! statement that follows enters it, or, for members of an object, a call around that. What the program evaluates once is not
//! evaluated again, and nothing is read that might be something else by then.

use std::collections::{HashMap, HashSet};

use oxc::ast::AstKind;
use oxc::ast::ast::{
    Argument, ArrayExpressionElement, ArrowFunctionBody, AssignmentOperator, AssignmentTarget, BindingPattern,
    CallExpression, Expression, Function, ObjectExpression, ObjectPropertyKind, Program, PropertyKey, PropertyKind,
};
use oxc::semantic::{NodeId, Semantic, SymbolId};
use oxc::span::{GetSpan, Span};

use super::marks::{Marks, Place};
use super::shift::Insertions;
use super::spawners::{Spawners, symbol_of};

/// Members of members are followed so far.
const DEPTH: u32 = 4;

pub struct Reach<'s, 'a, 'f> {
    source: &'f str,
    semantic: &'s Semantic<'a>,
    marks: Marks<'s, 'a, 'f>,
    /// Variables that were looked at, and those that are to be.
    reached: HashSet<SymbolId>,
    waiting: Vec<SymbolId>,
    /// Functions that are marked, by their starts, and those whose results were looked at.
    marked: HashSet<u32>,
    followed: HashSet<u32>,
    /// What functions return whose results were not looked at, once that is asked.
    returns: Option<HashMap<NodeId, Vec<&'a Expression<'a>>>>,
    /// Whether what is reached is surely spawned. Else only what runs once is touched.
    is_spawned: bool,
}

impl<'s, 'a, 'f> Reach<'s, 'a, 'f> {
    pub fn new(source: &'f str, semantic: &'s Semantic<'a>, marks: Marks<'s, 'a, 'f>) -> Self {
        Reach {
            source,
            semantic,
            marks,
            reached: HashSet::new(),
            waiting: Vec::new(),
            marked: HashSet::new(),
            followed: HashSet::new(),
            returns: None,
            is_spawned: true,
        }
    }

    /// Finds everything. `None` where there is nothing to prepare.
    pub fn run(mut self) -> Option<Insertions<'f>> {
        let nodes = self.semantic.nodes();
        let spawners = Spawners::find(self.semantic);
        for node in nodes.iter() {
            if let AstKind::CallExpression(call) = node.kind()
                && spawners.spawns(&call.callee)
            {
                self.arguments(call);
            }
        }
        self.follow();
        self.is_spawned = false;
        let scoping = self.semantic.scoping();
        let mut symbols: Vec<SymbolId> = scoping.get_bindings(scoping.root_scope_id()).values().copied().collect();
        symbols.extend(self.bundled());
        symbols.sort_unstable();
        self.waiting.extend(symbols);
        self.follow();
        if !nodes.program().source_type.is_module() {
            self.exports();
        }
        self.follow();
        let program = nodes.program();
        self.marks.finish(start_of_program(program, self.source))
    }

    fn follow(&mut self) {
        while let Some(symbol) = self.waiting.pop() {
            if self.reached.insert(symbol) {
                self.variable(symbol);
            }
        }
    }

    fn mark(&mut self, span: Span, scope: Option<oxc::semantic::ScopeId>, place: &Place) {
        let Some(scope) = scope else { return };
        if self.marked.insert(span.start) {
            self.waiting.extend(self.marks.mark(span, scope, place));
        }
    }

    /// What a variable is given, where it is declared and where it is assigned.
    fn variable(&mut self, symbol: SymbolId) {
        let scoping = self.semantic.scoping();
        let nodes = self.semantic.nodes();
        match nodes.kind(scoping.symbol_declaration(symbol)) {
            AstKind::Function(function) if function.is_declaration() => self.declared_function(function),
            AstKind::Class(class) if class.is_declaration() => {
                let (Some(id), Some(end)) = (&class.id, self.statement_end(class.node_id.get())) else { return };
                let place = Place::Statement(end, id.name.to_string());
                self.mark(class.span, class.scope_id.get(), &place);
            }
            AstKind::VariableDeclarator(it) => {
                let (BindingPattern::BindingIdentifier(id), Some(init)) = (&it.id, &it.init) else { return };
                let declaration = nodes.parent_id(it.node_id.get());
                let end = self.statement_end(declaration);
                // What is declared after it in the same statement may assign it.
                let is_last = matches!(nodes.kind(declaration), AstKind::VariableDeclaration(all)
                    if all.declarations.last().is_some_and(|last| last.span == it.span));
                let keeps = !scoping.symbol_is_mutated(symbol) && scoping.symbol_redeclarations(symbol).is_empty();
                let place = end.filter(|_| is_last || keeps).map(|end| Place::Statement(end, id.name.to_string()));
                self.named(init, place.as_ref(), end.is_some());
            }
            _ => return,
        }
        if !scoping.symbol_is_mutated(symbol) {
            return;
        }
        for reference in scoping.get_resolved_references(symbol).filter(|reference| reference.is_write()) {
            let parent = nodes.parent_id(reference.node_id());
            if let AstKind::AssignmentExpression(it) = nodes.kind(parent)
                && it.operator == AssignmentOperator::Assign
                && let AssignmentTarget::AssignmentTargetIdentifier(name) = &it.left
            {
                let place = self.end_of_expression(parent).map(|end| Place::Statement(end, name.name.to_string()));
                self.named(&it.right, place.as_ref(), place.is_some());
            }
        }
    }

    /// Declarations of functions exist from the beginning of their block.
    fn declared_function(&mut self, function: &Function<'a>) {
        let nodes = self.semantic.nodes();
        let mut parent = nodes.parent_kind(function.node_id.get());
        if let AstKind::ExportDeclaration(_)
        | AstKind::ExportDefaultDeclaration(_)
        | AstKind::ExportNamedDeclaration(_) = parent
        {
            parent = AstKind::Program(nodes.program());
        }
        let start = match parent {
            AstKind::Program(program) => start_of_program(program, self.source),
            AstKind::FunctionBody(body) => {
                body.directives.last().map_or(body.span.start + 1, |directive| directive.span.end)
            }
            AstKind::BlockStatement(block) => block.span.start + 1,
            _ => return,
        };
        let Some(id) = &function.id else { return };
        self.mark(function.span, function.scope_id.get(), &Place::Begin(start, id.name.to_string()));
    }

    /// What is given a name: a function at its place, if there is one; members of an object where they are wanted.
    fn named(&mut self, value: &Expression<'a>, place: Option<&Place>, members: bool) {
        match value.without_parentheses() {
            Expression::ArrowFunctionExpression(it) => self.named_function(it.span, it.scope_id.get(), place),
            Expression::FunctionExpression(it) => self.named_function(it.span, it.scope_id.get(), place),
            Expression::ClassExpression(it) => self.named_function(it.span, it.scope_id.get(), place),
            Expression::ObjectExpression(it) if members => {
                self.members(it, "", DEPTH);
                self.marks.object(it.span);
            }
            other => self.unnamed(other),
        }
    }

    fn named_function(&mut self, span: Span, scope: Option<oxc::semantic::ScopeId>, place: Option<&Place>) {
        if let Some(place) = place {
            self.mark(span, scope, place);
        }
    }

    /// The members of an object, which is at this path from the outermost one.
    fn members(&mut self, object: &ObjectExpression<'a>, path: &str, depth: u32) {
        let mut keys = HashSet::new();
        // What is spread may have getters by the same names, and of two members by one name the last one counts.
        let is_plain = object.properties.iter().all(|property| {
            matches!(property, ObjectPropertyKind::ObjectProperty(it)
                if it.kind == PropertyKind::Init && !it.computed && !it.key.is_specific_static_name("__proto__")
                    && it.key.static_name().is_none_or(|key| keys.insert(key)))
        });
        for property in &object.properties {
            let ObjectPropertyKind::ObjectProperty(property) = property else { continue };
            let key = property.key.static_name().filter(|_| is_plain && depth > 0);
            let path = key.map(|key| format!("{path}[{}]", serde_json::Value::from(key.as_ref())));
            if property.method {
                let (Expression::FunctionExpression(it), Some(path)) = (&property.value, path) else { continue };
                // The text of a method begins with its name.
                self.mark(property.span, it.scope_id.get(), &Place::Member(path));
            } else if let Some(path) = path {
                match property.value.without_parentheses() {
                    Expression::ObjectExpression(it) => self.members(it, &path, depth - 1),
                    value => self.named(value, Some(&Place::Member(path)), false),
                }
            } else if property.kind == PropertyKind::Init {
                self.member(&property.value);
            }
        }
    }

    /// The value of a member that cannot be named.
    fn member(&mut self, value: &Expression<'a>) {
        if !matches!(
            value.without_parentheses(),
            Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) | Expression::ClassExpression(_)
        ) {
            self.unnamed(value);
        }
    }

    /// A value in a place where functions get no names.
    fn unnamed(&mut self, value: &Expression<'a>) {
        match value.without_parentheses() {
            Expression::ArrowFunctionExpression(it) => self.around(it.span, it.scope_id.get()),
            Expression::FunctionExpression(it) => self.around(it.span, it.scope_id.get()),
            Expression::ClassExpression(it) => self.around(it.span, it.scope_id.get()),
            Expression::Identifier(name) => self.waiting.extend(symbol_of(self.semantic, name)),
            Expression::ConditionalExpression(it) => {
                self.unnamed(&it.consequent);
                self.unnamed(&it.alternate);
            }
            Expression::LogicalExpression(it) => {
                self.unnamed(&it.left);
                self.unnamed(&it.right);
            }
            Expression::SequenceExpression(it) => {
                if let Some(last) = it.expressions.last() {
                    self.unnamed(last);
                }
            }
            Expression::AwaitExpression(it) => self.unnamed(&it.argument),
            Expression::ArrayExpression(it) => {
                for element in &it.elements {
                    match element {
                        ArrayExpressionElement::SpreadElement(_) | ArrayExpressionElement::Elision(_) => {}
                        other => self.unnamed(other.to_expression()),
                    }
                }
            }
            Expression::ObjectExpression(it) => {
                for property in &it.properties {
                    if let ObjectPropertyKind::ObjectProperty(property) = property
                        && property.kind == PropertyKind::Init
                        && !property.method
                    {
                        self.member(&property.value);
                    }
                }
            }
            // What a function returns, and what it may keep of its arguments.
            Expression::CallExpression(it) if self.is_spawned => {
                self.results(&it.callee);
                self.arguments(it);
            }
            Expression::NewExpression(it) if self.is_spawned => {
                self.unnamed(&it.callee);
                self.each(&it.arguments);
            }
            _ => {}
        }
    }

    /// A function that is made only to be a part of something. Elsewhere that may be often, and for nothing.
    fn around(&mut self, span: Span, scope: Option<oxc::semantic::ScopeId>) {
        if self.is_spawned {
            self.mark(span, scope, &Place::Around);
        }
    }

    fn arguments(&mut self, call: &CallExpression<'a>) {
        self.each(&call.arguments);
    }

    fn each(&mut self, arguments: &[Argument<'a>]) {
        for argument in arguments {
            if let Some(value) = argument.as_expression() {
                self.unnamed(value);
            }
        }
    }

    /// What the function returns that a callee names, where the file says so.
    fn results(&mut self, callee: &Expression<'a>) {
        let Expression::Identifier(name) = callee.without_parentheses() else { return };
        let Some(symbol) = symbol_of(self.semantic, name) else { return };
        let nodes = self.semantic.nodes();
        match nodes.kind(self.semantic.scoping().symbol_declaration(symbol)) {
            AstKind::Function(function) => self.returned(function.node_id.get(), function.span),
            AstKind::VariableDeclarator(it) => match it.init.as_ref().map(Expression::without_parentheses) {
                Some(Expression::FunctionExpression(it)) => self.returned(it.node_id.get(), it.span),
                Some(Expression::ArrowFunctionExpression(it)) => match &it.body {
                    ArrowFunctionBody::FunctionBody(_) => self.returned(it.node_id.get(), it.span),
                    body => {
                        if self.followed.insert(it.span.start) {
                            self.unnamed(body.to_expression());
                        }
                    }
                },
                _ => {}
            },
            _ => {}
        }
    }

    fn returned(&mut self, function: NodeId, span: Span) {
        if !self.followed.insert(span.start) {
            return;
        }
        let semantic = self.semantic;
        let returns = self.returns.get_or_insert_with(|| returns_of(semantic));
        for value in returns.remove(&function).unwrap_or_default() {
            self.unnamed(value);
        }
    }

    /// What is declared by the modules of a bundle that are functions, as webpack makes them: members by number or by path.
    fn bundled(&self) -> Vec<SymbolId> {
        let scoping = self.semantic.scoping();
        let mut symbols = Vec::new();
        for node in self.semantic.nodes().iter() {
            let AstKind::ObjectProperty(property) = node.kind() else { continue };
            let is_module = match &property.key {
                PropertyKey::NumericLiteral(_) => true,
                PropertyKey::StringLiteral(key) => key.value.contains('/'),
                _ => false,
            };
            let scope = match &property.value {
                Expression::FunctionExpression(it) => it.scope_id.get(),
                Expression::ArrowFunctionExpression(it) => it.scope_id.get(),
                _ => None,
            };
            if let Some(scope) = scope.filter(|_| is_module) {
                symbols.extend(scoping.get_bindings(scope).values().copied());
            }
        }
        symbols
    }

    /// What a CommonJS module exports by `exports.name = ...` and `module.exports = ...`.
    fn exports(&mut self) {
        let nodes = self.semantic.nodes();
        for statement in &nodes.program().body {
            let oxc::ast::ast::Statement::ExpressionStatement(statement) = statement else { continue };
            let Expression::AssignmentExpression(it) = &statement.expression else { continue };
            let path = it.left.span().source_text(self.source);
            let is_export =
                path == "module.exports" || path.starts_with("exports.") || path.starts_with("module.exports.");
            if it.operator == AssignmentOperator::Assign && is_export {
                self.named(&it.right, Some(&Place::Assigned(it.span)), true);
            }
        }
    }

    /// Where a statement ends that stands in a list, so that another one can follow.
    fn statement_end(&self, statement: NodeId) -> Option<u32> {
        let nodes = self.semantic.nodes();
        let mut end = nodes.kind(statement).span().end;
        let mut parent = nodes.parent_id(statement);
        if let AstKind::ExportDeclaration(_)
        | AstKind::ExportNamedDeclaration(_)
        | AstKind::ExportDefaultDeclaration(_) = nodes.kind(parent)
        {
            end = nodes.kind(parent).span().end;
            parent = nodes.parent_id(parent);
        }
        matches!(
            nodes.kind(parent),
            AstKind::Program(_) | AstKind::FunctionBody(_) | AstKind::BlockStatement(_) | AstKind::StaticBlock(_)
        )
        .then_some(end)
    }

    fn end_of_expression(&self, expression: NodeId) -> Option<u32> {
        let nodes = self.semantic.nodes();
        let parent = nodes.parent_id(expression);
        matches!(nodes.kind(parent), AstKind::ExpressionStatement(_)).then(|| self.statement_end(parent)).flatten()
    }
}

/// What each function returns.
fn returns_of<'a>(semantic: &Semantic<'a>) -> HashMap<NodeId, Vec<&'a Expression<'a>>> {
    let nodes = semantic.nodes();
    let mut returns: HashMap<NodeId, Vec<&'a Expression<'a>>> = HashMap::new();
    for node in nodes.iter() {
        let AstKind::ReturnStatement(it) = node.kind() else { continue };
        let Some(value) = &it.argument else { continue };
        let mut around = nodes.ancestors(node.id());
        let own = around.find(|node| matches!(node.kind(), AstKind::Function(_) | AstKind::ArrowFunctionExpression(_)));
        if let Some(own) = own {
            returns.entry(own.id()).or_default().push(value);
        }
    }
    returns
}

/// Where the statements of a file begin: after its directives, or what the system reads of its first line.
fn start_of_program(program: &Program<'_>, source: &str) -> u32 {
    if let Some(directive) = program.directives.last() {
        return directive.span.end;
    }
    match &program.hashbang {
        Some(hashbang) => {
            let after = hashbang.span.end as usize;
            let start = source[after..].find('\n').map_or(source.len(), |at| after + at + 1);
            u32::try_from(start).expect("oxc parses no sources of 4 GB")
        }
        None => u32::from(source.starts_with('\u{feff}')) * 3,
    }
}
