//! The scan's first pass: functions, and who declares what.

use oxc::ast::ast::*;
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::{ScopeFlags, SymbolId};
use oxc::span::{GetSpan, Span};
use oxc_ecmascript::BoundNames;

use super::class_code::is_literal;
use super::dead_zones::ParameterList;
use super::scan::{FunctionFacts, FunctionId, Scan, Value};
use super::usage::{Mentions, Usage};

/// Finds the functions of a program and what declares its variables, for an empty scan. `is_async`: whether the program's body
/// is an async function.
pub fn bind(program: &Program<'_>, scan: Scan, is_async: bool) -> Scan {
    let mut binder = Binder { scan, stack: Vec::new(), strict: vec![false], blocks: vec![None] };
    let strict = program.source_type.is_module() || program.directives.iter().any(|d| d.directive == "use strict");
    let facts = FunctionFacts { is_strict: strict, is_async, ..FunctionFacts::default() };
    binder.enter(facts, Span::new(u32::MAX, u32::MAX));
    binder.strict.push(strict);
    walk::walk_program(&mut binder, program);
    binder.scan
}

struct Binder {
    scan: Scan,
    stack: Vec<FunctionId>,
    strict: Vec<bool>,
    /// The block that the code of each function is in.
    blocks: Vec<Option<Span>>,
}

impl Binder {
    fn enter(&mut self, mut facts: FunctionFacts, span: Span) {
        let start = span.start;
        let id = self.scan.functions.len();
        facts.parent = self.stack.last().copied().unwrap_or(0);
        facts.start = start;
        facts.end = span.end;
        self.scan.functions.push(facts);
        self.scan.mentions.push(Mentions::new());
        self.scan.by_start.insert(start, id);
        self.stack.push(id);
        self.blocks.push(None);
    }

    fn leave(&mut self) -> FunctionId {
        self.blocks.pop();
        self.stack.pop().expect("entered before")
    }

    fn in_block(&mut self, span: Span, body: impl FnOnce(&mut Self)) {
        let block = self.blocks.last_mut().expect("the program's own");
        let outer = block.replace(span);
        body(self);
        *self.blocks.last_mut().expect("the program's own") = outer;
    }

    fn parameters(&mut self, params: &FormalParameters<'_>) {
        let function = *self.stack.last().expect("they are its own");
        let list = ParameterList::new(function, params);
        self.scan.parameters.extend(list.variables.iter().map(|(symbol, ..)| *symbol));
        self.scan.parameter_lists.push(list);
    }

    fn is_strict(&self) -> bool {
        *self.strict.last().expect("the program's own")
    }

    fn function_of(&self, value: &Expression<'_>) -> Option<FunctionId> {
        match value.without_parentheses() {
            Expression::FunctionExpression(function) => self.scan.by_start.get(&function.span.start).copied(),
            Expression::ArrowFunctionExpression(function) => self.scan.by_start.get(&function.span.start).copied(),
            _ => None,
        }
    }

    /// A property of this name holds this function, or something unknown.
    fn method(&mut self, name: &str, function: Option<FunctionId>) {
        match (self.scan.methods.get_mut(name), function) {
            (Some(Some(list)), Some(function)) => list.push(function),
            (Some(known), _) => *known = None,
            (None, function) => {
                self.scan.methods.insert(name.to_owned(), function.map(|function| vec![function]));
            }
        }
    }

    fn name(&mut self, function: FunctionId, name: &str) {
        let facts = &mut self.scan.functions[function];
        if facts.name.is_empty() {
            name.clone_into(&mut facts.name);
        }
    }

    fn holds(&mut self, symbol: SymbolId, value: Value) {
        let value = if self.scan.functions_of.has(symbol) { Value::Several } else { value };
        self.scan.functions_of.insert(symbol, value);
    }
}

/// Whether a value is certainly no function, as far as its text says.
fn is_no_function(value: &Expression<'_>) -> bool {
    matches!(
        value.without_parentheses(),
        Expression::NumericLiteral(_)
            | Expression::StringLiteral(_)
            | Expression::BooleanLiteral(_)
            | Expression::NullLiteral(_)
            | Expression::BigIntLiteral(_)
            | Expression::RegExpLiteral(_)
            | Expression::TemplateLiteral(_)
            | Expression::ArrayExpression(_)
            | Expression::ObjectExpression(_)
            | Expression::BinaryExpression(_)
            | Expression::UnaryExpression(_)
            | Expression::UpdateExpression(_)
    )
}

/// Where the function expression begins with which an expression begins: `function () {}`, `function () {}.call(this)`.
fn leading_function(expression: &Expression<'_>) -> Option<u32> {
    match expression {
        Expression::FunctionExpression(it) => Some(it.span.start),
        Expression::CallExpression(it) => leading_function(&it.callee),
        Expression::StaticMemberExpression(it) => leading_function(&it.object),
        _ => None,
    }
}

fn has_use_strict(body: &FunctionBody) -> bool {
    body.directives.iter().any(|directive| directive.directive == "use strict")
}

impl<'a> Visit<'a> for Binder {
    fn visit_variable_declaration(&mut self, it: &VariableDeclaration<'a>) {
        walk::walk_variable_declaration(self, it);
        for declarator in &it.declarations {
            let BindingPattern::BindingIdentifier(id) = &declarator.id else { continue };
            let function = declarator.init.as_ref().and_then(|init| match init.without_parentheses() {
                Expression::FunctionExpression(function) => Some(function.span.start),
                Expression::ArrowFunctionExpression(function) => Some(function.span.start),
                _ => None,
            });
            match function {
                Some(start) => {
                    let function = self.scan.by_start[&start];
                    self.name(function, &id.name);
                    self.holds(id.symbol_id(), Value::Function(function));
                }
                None => self.holds(id.symbol_id(), Value::Several),
            }
        }
        for declarator in &it.declarations {
            if it.kind != VariableDeclarationKind::Var {
                self.scan.declare_zones(declarator);
            } else if declarator.init.is_some() {
                let end = declarator.span.end;
                declarator.id.bound_names(&mut |id| self.scan.given.insert(id.symbol_id(), end));
            }
        }
    }

    fn visit_parenthesized_expression(&mut self, it: &ParenthesizedExpression<'a>) {
        self.scan.called_at_once.extend(leading_function(&it.expression));
        walk::walk_parenthesized_expression(self, it);
    }

    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        let strict = self.is_strict() || it.body.as_ref().is_some_and(|body| has_use_strict(body));
        // The name of a declaration belongs to the function around it, that of an expression to itself.
        if it.is_declaration()
            && let Some(id) = &it.id
        {
            self.visit_binding_identifier(id);
        }
        let block = self.blocks.last().copied().flatten();
        self.enter(
            FunctionFacts {
                block,
                scope: it.scope_id.get(),
                is_declaration: it.is_declaration(),
                is_generator: it.generator,
                is_async: it.r#async,
                is_strict: strict,
                name: it.id.as_ref().map(|id| id.name.to_string()).unwrap_or_default(),
                symbol: it.id.as_ref().filter(|_| it.is_declaration()).map(BindingIdentifier::symbol_id),
                ..FunctionFacts::default()
            },
            it.span,
        );
        self.strict.push(strict);
        if !it.is_declaration()
            && let Some(id) = &it.id
        {
            self.visit_binding_identifier(id);
        }
        self.visit_formal_parameters(&it.params);
        self.parameters(&it.params);
        if let Some(body) = &it.body {
            self.visit_function_body(body);
        }
        let _ = flags;
        self.strict.pop();
        let own = self.leave();
        if it.is_declaration()
            && let Some(id) = &it.id
        {
            self.holds(id.symbol_id(), Value::Function(own));
        }
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        let strict =
            self.is_strict() || matches!(&it.body, ArrowFunctionBody::FunctionBody(body) if has_use_strict(body));
        self.enter(
            FunctionFacts { is_arrow: true, is_async: it.r#async, is_strict: strict, ..FunctionFacts::default() },
            it.span,
        );
        self.strict.push(strict);
        walk::walk_arrow_function_expression(self, it);
        self.parameters(&it.params);
        self.strict.pop();
        self.leave();
    }

    fn visit_formal_parameters(&mut self, it: &FormalParameters<'a>) {
        it.bound_names(&mut |id| {
            self.scan.parameters.insert(id.symbol_id());
        });
        if let Some(rest) = &it.rest
            && let BindingPattern::BindingIdentifier(id) = &rest.rest.argument
        {
            self.scan.rests.insert(id.symbol_id());
        }
        walk::walk_formal_parameters(self, it);
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        if it.is_declaration()
            && let Some(id) = &it.id
        {
            self.scan.initialised.insert(id.symbol_id(), it.span.end);
            self.scan.classes.insert(id.symbol_id(), it.span);
            self.scan.bound.insert(id.symbol_id(), (it.span.end, Vec::new()));
        }
        self.strict.push(true);
        walk::walk_class(self, it);
        self.strict.pop();
        if let Some(id) = &it.id {
            let constructor = it.body.body.iter().find_map(|element| match element {
                ClassElement::MethodDefinition(method) if method.kind == MethodDefinitionKind::Constructor => {
                    Some(self.scan.by_start[&method.value.span.start])
                }
                _ => None,
            });
            // Field initialisers are code of their own: the constructor calls them (`class_code.rs`).
            let calls_nothing = |element: &ClassElement<'_>| match element {
                ClassElement::PropertyDefinition(field) if !field.r#static => {
                    field.value.as_ref().is_none_or(is_literal)
                }
                _ => true,
            };
            let is_plain = it.heritage.is_none() && (constructor.is_some() || it.body.body.iter().all(calls_nothing));
            self.holds(id.symbol_id(), if is_plain { Value::Class(constructor) } else { Value::Several });
        }
    }

    fn visit_method_definition(&mut self, it: &MethodDefinition<'a>) {
        walk::walk_method_definition(self, it);
        let id = self.scan.by_start[&it.value.span.start];
        if let Some(name) = it.key.static_name() {
            self.name(id, &name);
            self.method(&name, (it.kind == MethodDefinitionKind::Method).then_some(id));
        }
        let facts = &mut self.scan.functions[id];
        facts.is_constructor = it.kind == MethodDefinitionKind::Constructor;
        facts.is_method = !facts.is_constructor;
    }

    fn visit_object_property(&mut self, it: &ObjectProperty<'a>) {
        walk::walk_object_property(self, it);
        let id = self.function_of(&it.value);
        if let Some(name) = it.key.static_name()
            && !is_no_function(&it.value)
        {
            self.method(&name, id.filter(|_| it.kind == PropertyKind::Init));
        }
        let Some(id) = id else { return };
        if let Some(name) = it.key.static_name() {
            self.name(id, &name);
        }
        if it.method || it.kind != PropertyKind::Init {
            self.scan.functions[id].is_method = true;
        }
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        self.visit_property_key(&it.key);
        if let (Some(name), Some(value)) = (it.key.static_name(), &it.value)
            && !is_no_function(value)
        {
            // A field may hold any function.
            self.method(&name, None);
        }
        if let Some(value) = &it.value {
            self.enter(
                FunctionFacts { is_method: true, is_dynamic: false, is_strict: true, ..FunctionFacts::default() },
                it.span,
            );
            self.visit_expression(value);
            self.leave();
        }
    }

    fn visit_for_in_statement(&mut self, it: &ForInStatement<'a>) {
        self.scan.declare_head(&it.left, it.right.span());
        walk::walk_for_in_statement(self, it);
    }

    fn visit_for_of_statement(&mut self, it: &ForOfStatement<'a>) {
        self.scan.declare_head(&it.left, it.right.span());
        walk::walk_for_of_statement(self, it);
    }

    fn visit_block_statement(&mut self, it: &BlockStatement<'a>) {
        self.in_block(it.span, |this| walk::walk_block_statement(this, it));
    }

    fn visit_switch_statement(&mut self, it: &SwitchStatement<'a>) {
        self.in_block(it.span, |this| walk::walk_switch_statement(this, it));
    }

    fn visit_switch_case(&mut self, it: &SwitchCase<'a>) {
        walk::walk_switch_case(self, it);
        let case = it.span;
        for statement in &it.consequent {
            match statement {
                Statement::VariableDeclaration(it) if it.kind != VariableDeclarationKind::Var => {
                    for declarator in &it.declarations {
                        declarator.id.bound_names(&mut |id| {
                            self.scan.switched.insert(id.symbol_id(), case);
                        });
                    }
                }
                Statement::ClassDeclaration(it) => {
                    self.scan.switched.extend(it.id.iter().map(|id| (id.symbol_id(), case)));
                }
                _ => {}
            }
        }
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        walk::walk_assignment_expression(self, it);
        if let AssignmentTarget::StaticMemberExpression(member) = &it.left
            && !is_no_function(&it.right)
        {
            let id = self.function_of(&it.right);
            self.method(&member.property.name, id);
        }
    }

    fn visit_static_block(&mut self, it: &StaticBlock<'a>) {
        self.enter(FunctionFacts { is_method: true, is_strict: true, ..FunctionFacts::default() }, it.span);
        walk::walk_static_block(self, it);
        self.leave();
    }

    fn visit_binding_identifier(&mut self, it: &BindingIdentifier<'a>) {
        let owner = *self.stack.last().expect("the program at least");
        let symbol = it.symbol_id();
        if self.scan.owner.has(symbol) {
            self.scan.declared_again.insert(symbol);
        }
        self.scan.owner.get_or_insert(symbol, owner);
        self.scan.mentions[owner].add(&it.name, Some(symbol), Usage::default());
    }
}
