//! The scan's second pass: who uses what, and where a function can be suspended.

use std::collections::HashSet;

use oxc::ast::ast::*;
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::{ScopeFlags, Scoping};
use oxc::span::Span;

use super::scan::{FunctionFacts, FunctionId, Scan, Target};

/// Completes a scan whose functions and variables are known. `is_kernel`: whether the source is the kernel's own.
pub fn read(program: &Program<'_>, scan: Scan, scoping: &Scoping, is_kernel: bool, imported: &HashSet<&str>) -> Scan {
    let mut reader =
        Reader { imported, scan, scoping, stack: vec![0], native: 0, with: 0, class: Vec::new(), is_kernel };
    walk::walk_program(&mut reader, program);
    reader.scan
}

struct Reader<'s> {
    /// Names that a module has from others.
    imported: &'s HashSet<&'s str>,
    scan: Scan,
    scoping: &'s Scoping,
    stack: Vec<FunctionId>,
    /// Above 0 where calls are made natively: parameters, patterns, class heads.
    native: u32,
    /// Above 0 inside of `with`, where an object may answer for every name, also for those of compiled code.
    with: u32,
    class: Vec<bool>,
    is_kernel: bool,
}

impl Reader<'_> {
    fn current(&mut self) -> &mut FunctionFacts {
        let id = *self.stack.last().expect("the program at least");
        &mut self.scan.functions[id]
    }

    /// Marks a function and, through arrows, the one whose `this` it sees.
    fn mark(&mut self, set: impl Fn(&mut FunctionFacts)) {
        for id in self.stack.clone().into_iter().rev() {
            set(&mut self.scan.functions[id]);
            if !self.scan.functions[id].is_arrow {
                break;
            }
        }
    }

    fn inside(&mut self, start: u32, body: impl FnOnce(&mut Self)) {
        let id = self.scan.by_start[&start];
        let native = std::mem::take(&mut self.native);
        if self.with > 0 {
            self.scan.functions[id].is_dynamic = true;
        }
        self.stack.push(id);
        body(self);
        self.stack.pop();
        self.native = native;
    }

    fn natively(&mut self, body: impl FnOnce(&mut Self)) {
        self.native += 1;
        body(self);
        self.native -= 1;
    }

    fn call(&mut self, span: Span) {
        self.current().all_calls.push(span);
        if self.native == 0 {
            self.current().calls.push(span);
        }
    }

    fn target(&self, callee: &Expression<'_>, constructs: bool) -> Option<Target> {
        match callee.without_parentheses() {
            Expression::Identifier(name) => {
                let symbol = self.scoping.get_reference(name.reference_id()).symbol_id();
                if self.is_kernel && super::flat::is_flat_in_kernel(&name.name) {
                    return Some(Target::Builtin { pure: false });
                }
                match symbol {
                    Some(symbol) => Some(Target::Variable(symbol, constructs)),
                    None if self.imported.contains(name.name.as_str()) => None,
                    None => super::flat::is_builtin(&name.name, constructs).then_some(Target::Builtin { pure: true }),
                }
            }
            Expression::StaticMemberExpression(member) if !constructs && !member.optional => {
                let object = match member.object.without_parentheses() {
                    Expression::Identifier(name)
                        if self.scoping.get_reference(name.reference_id()).symbol_id().is_none()
                            && !self.imported.contains(name.name.as_str()) =>
                    {
                        Some(name.name.as_str())
                    }
                    _ => None,
                };
                let name = member.property.name.as_str();
                let pure = name != "now" && name != "random" && object != Some("Atomics");
                if super::flat::is_builtin_method(object, name) {
                    return Some(Target::Builtin { pure });
                }
                let is_known = matches!(self.scan.methods.get(name), Some(Some(_)));
                (is_known && !super::flat::may_be_builtin(name)).then(|| Target::Method(name.to_owned()))
            }
            _ => None,
        }
    }

    /// Libraries find the built-in objects that have no name with `Object.getPrototypeOf(async function* () {})`: such functions
    /// stay V8's.
    fn keep_native(&mut self, it: &CallExpression<'_>) {
        let Expression::StaticMemberExpression(callee) = &it.callee else { return };
        if callee.property.name != "getPrototypeOf" {
            return;
        }
        if let [Argument::FunctionExpression(function)] = &it.arguments[..]
            && function.body.as_ref().is_some_and(|body| body.statements.is_empty())
        {
            let id = self.scan.by_start[&function.span.start];
            self.scan.functions[id].is_async = false;
            self.scan.functions[id].is_generator = false;
        }
    }

    fn looping(&mut self, span: Span) {
        if self.native == 0 {
            self.current().loops.push(span);
        }
    }
}

impl<'a> Visit<'a> for Reader<'_> {
    fn visit_function(&mut self, it: &Function<'a>, _: ScopeFlags) {
        self.inside(it.span.start, |this| {
            this.natively(|this| this.visit_formal_parameters(&it.params));
            if let Some(body) = &it.body {
                this.visit_function_body(body);
            }
        });
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        self.inside(it.span.start, |this| {
            this.natively(|this| this.visit_formal_parameters(&it.params));
            this.visit_arrow_function_body(&it.body);
            // An arrow that mentions these uses those of the function around it.
        });
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        self.class.push(it.heritage.is_some());
        walk::walk_class(self, it);
        self.class.pop();
    }

    fn visit_method_definition(&mut self, it: &MethodDefinition<'a>) {
        if it.kind == MethodDefinitionKind::Constructor && self.class.last() == Some(&true) {
            let id = self.scan.by_start[&it.value.span.start];
            self.scan.functions[id].is_derived = true;
        }
        walk::walk_method_definition(self, it);
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        self.visit_property_key(&it.key);
        if let Some(value) = &it.value {
            self.inside(it.span.start, |this| this.natively(|this| this.visit_expression(value)));
        }
    }

    fn visit_static_block(&mut self, it: &StaticBlock<'a>) {
        self.inside(it.span.start, |this| this.natively(|this| walk::walk_static_block(this, it)));
    }

    fn visit_assignment_target(&mut self, it: &AssignmentTarget<'a>) {
        if it.as_member_expression().is_some() {
            self.current().has_effects = true;
        }
        walk::walk_assignment_target(self, it);
    }

    fn visit_simple_assignment_target(&mut self, it: &SimpleAssignmentTarget<'a>) {
        if it.as_member_expression().is_some() {
            self.current().has_effects = true;
        }
        walk::walk_simple_assignment_target(self, it);
    }

    fn visit_unary_expression(&mut self, it: &UnaryExpression<'a>) {
        if it.operator == UnaryOperator::Delete {
            self.current().has_effects = true;
        }
        walk::walk_unary_expression(self, it);
    }

    fn visit_await_expression(&mut self, it: &AwaitExpression<'a>) {
        self.call(it.span);
        walk::walk_await_expression(self, it);
    }

    fn visit_yield_expression(&mut self, it: &YieldExpression<'a>) {
        self.call(it.span);
        walk::walk_yield_expression(self, it);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        self.keep_native(it);
        if let Some(target) = self.target(&it.callee, false) {
            self.scan.targets.insert(it.span, target);
        }
        match &it.callee {
            Expression::Super(_) => {}
            Expression::Identifier(name) if name.name == "eval" => {
                self.current().is_dynamic = true;
            }
            _ => self.call(it.span),
        }
        walk::walk_call_expression(self, it);
    }

    fn visit_new_expression(&mut self, it: &NewExpression<'a>) {
        if let Some(target) = self.target(&it.callee, true) {
            self.scan.targets.insert(it.span, target);
        }
        self.call(it.span);
        walk::walk_new_expression(self, it);
    }

    fn visit_tagged_template_expression(&mut self, it: &TaggedTemplateExpression<'a>) {
        self.call(it.span);
        walk::walk_tagged_template_expression(self, it);
    }

    fn visit_return_statement(&mut self, it: &ReturnStatement<'a>) {
        // An async generator awaits what it returns.
        if it.argument.is_some() {
            let current = self.current();
            if current.is_async && current.is_generator {
                self.call(it.span);
            }
        }
        walk::walk_return_statement(self, it);
    }

    fn visit_with_statement(&mut self, it: &WithStatement<'a>) {
        self.current().is_dynamic = true;
        self.with += 1;
        self.natively(|this| walk::walk_with_statement(this, it));
        self.with -= 1;
    }

    fn visit_variable_declaration(&mut self, it: &VariableDeclaration<'a>) {
        // Where its block ends, what it holds is disposed of.
        if super::disposal::disposes(it) {
            self.call(it.span);
        }
        walk::walk_variable_declaration(self, it);
    }

    fn visit_for_statement(&mut self, it: &ForStatement<'a>) {
        self.looping(it.span);
        walk::walk_for_statement(self, it);
    }

    fn visit_for_in_statement(&mut self, it: &ForInStatement<'a>) {
        self.looping(it.span);
        walk::walk_for_in_statement(self, it);
    }

    fn visit_for_of_statement(&mut self, it: &ForOfStatement<'a>) {
        self.looping(it.span);
        walk::walk_for_of_statement(self, it);
    }

    fn visit_while_statement(&mut self, it: &WhileStatement<'a>) {
        self.looping(it.span);
        walk::walk_while_statement(self, it);
    }

    fn visit_do_while_statement(&mut self, it: &DoWhileStatement<'a>) {
        self.looping(it.span);
        walk::walk_do_while_statement(self, it);
    }

    fn visit_this_expression(&mut self, _: &ThisExpression) {
        self.mark(|facts| facts.uses_this = true);
    }

    fn visit_super(&mut self, _: &Super) {
        self.mark(|facts| {
            facts.uses_super = true;
            facts.uses_this = true;
        });
    }

    fn visit_new_target(&mut self, _: &NewTarget) {
        self.mark(|facts| facts.uses_new_target = true);
    }

    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        let reference = self.scoping.get_reference(it.reference_id());
        let symbol = reference.symbol_id();
        for id in &self.stack {
            self.scan.names[*id].entry(it.name.to_string()).or_default().insert(symbol);
        }
        let current = *self.stack.last().expect("the program at least");
        match symbol {
            Some(symbol) => {
                if self.scan.owner.get(&symbol) != Some(&current) {
                    self.scan.captured.insert(symbol);
                }
                if reference.is_write() && self.scan.owner.get(&symbol) != Some(&current) {
                    self.current().has_effects = true;
                }
                if reference.is_write() && !self.scoping.symbol_flags(symbol).is_const_variable() {
                    self.scan.writes.entry(symbol).or_default().push(it.span.start);
                }
                self.scan.uses.entry(symbol).or_default().push((current, it.span.start));
            }
            None if it.name == "arguments" => self.mark(|facts| facts.uses_arguments = true),
            None if reference.is_write() => self.current().has_effects = true,
            None => {}
        }
    }
}
