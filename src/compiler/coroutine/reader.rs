//! The scan's second pass: who uses what, and where a function can be suspended.

use rustc_hash::FxHashSet as HashSet;

use oxc::ast::ast::*;
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::{ScopeFlags, Scoping};
use oxc::span::{GetSpan, Span};
use oxc_ecmascript::BoundNames;

use super::scan::{FunctionFacts, FunctionId, Scan, Target};
use super::usage::Usage;

/// Completes a scan whose functions and variables are known. `is_kernel`: whether the source is the kernel's own.
pub fn read(program: &Program<'_>, scan: Scan, scoping: &Scoping, is_kernel: bool, imported: &HashSet<&str>) -> Scan {
    let mut reader = Reader {
        imported,
        scan,
        scoping,
        stack: vec![0],
        entered: vec![0],
        native: 0,
        with: 0,
        loops: 0,
        callee: None,
        harmless: None,
        used_member: None,
        class: Vec::new(),
        supers: Vec::new(),
        is_kernel,
    };
    walk::walk_program(&mut reader, program);
    reader.scan
}

pub struct Reader<'s> {
    /// Names that a module has from others.
    imported: &'s HashSet<&'s str>,
    pub scan: Scan,
    scoping: &'s Scoping,
    pub stack: Vec<FunctionId>,
    /// For each of them, how many classes are around it.
    entered: Vec<usize>,
    /// Loops around the place in its function.
    loops: u32,
    /// Where a name stands that is called.
    callee: Option<u32>,
    /// Where a name stands whose value is read and given to nobody; see `apply.rs`.
    pub harmless: Option<u32>,
    /// Where a member stands that is called or assigned.
    pub used_member: Option<u32>,
    /// Above 0 where calls are made natively: parameters of generators.
    native: u32,
    /// Above 0 inside of `with`, where an object may answer for every name, also for those of compiled code.
    with: u32,
    /// The classes around: whether they extend something, and their private names.
    class: Vec<(bool, Vec<String>)>,
    /// Where the constructors of the classes around call `super()`, and in which function.
    supers: Vec<Vec<(u32, FunctionId)>>,
    is_kernel: bool,
}

impl Reader<'_> {
    fn current(&mut self) -> &mut FunctionFacts {
        let id = *self.stack.last().expect("the program at least");
        &mut self.scan.functions[id]
    }

    /// Marks a function and, through arrows, the one whose `this` it sees.
    fn mark(&mut self, set: impl Fn(&mut FunctionFacts)) {
        for id in self.stack.iter().rev() {
            set(&mut self.scan.functions[*id]);
            if !self.scan.functions[*id].is_arrow {
                break;
            }
        }
    }

    /// Takes note of the functions in what a function returns.
    fn returns(&mut self, value: &Expression<'_>) {
        if !self.is_kernel {
            super::ships::values_of(value, self.scoping, &mut self.scan.returned);
        }
    }

    /// The same for the lists and objects that are written down for constants.
    fn note_literals(&mut self, it: &VariableDeclaration<'_>) {
        if self.is_kernel {
            return;
        }
        for declarator in &it.declarations {
            if let (BindingPattern::BindingIdentifier(id), Some(value)) = (&declarator.id, &declarator.init)
                && matches!(value, Expression::ArrayExpression(_) | Expression::ObjectExpression(_))
            {
                let mut sites = Vec::new();
                super::ships::values_of(value, self.scoping, &mut sites);
                if !sites.is_empty() {
                    self.scan.literals.insert(id.symbol_id(), sites);
                }
            }
        }
    }

    fn inside(&mut self, start: u32, body: impl FnOnce(&mut Self)) {
        let id = self.scan.by_start[&start];
        let native = std::mem::take(&mut self.native);
        if self.with > 0 {
            self.scan.functions[id].is_dynamic = true;
        }
        let loops = std::mem::take(&mut self.loops);
        self.stack.push(id);
        self.entered.push(self.class.len());
        body(self);
        self.entered.pop();
        self.stack.pop();
        self.loops = loops;
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

    /// Whether nothing in the source declares a name.
    fn is_global(&self, name: &IdentifierReference<'_>) -> bool {
        self.scoping.get_reference(name.reference_id()).symbol_id().is_none()
            && !self.imported.contains(name.name.as_str())
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

    /// Takes note of a name that comes next and is called.
    fn calls_name(&mut self, callee: &Expression<'_>) {
        if let Expression::Identifier(name) = callee.without_parentheses() {
            self.callee = Some(name.span.start);
        }
    }

    /// Takes note of a member that comes next and is called.
    fn uses_member(&mut self, it: &Expression<'_>) {
        if let Some(member) = it.without_parentheses().as_member_expression() {
            self.used_member = Some(member.span().start);
        }
    }

    fn in_loop(&mut self, body: impl FnOnce(&mut Self)) {
        self.loops += 1;
        body(self);
        self.loops -= 1;
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
            if it.generator {
                this.natively(|this| this.visit_formal_parameters(&it.params));
            } else {
                this.visit_formal_parameters(&it.params);
            }
            if let Some(body) = &it.body {
                this.visit_function_body(body);
            }
        });
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        self.inside(it.span.start, |this| {
            this.visit_formal_parameters(&it.params);
            if let Some(value) = it.body.as_expression() {
                this.returns(value);
            }
            this.visit_arrow_function_body(&it.body);
            // An arrow that mentions these uses those of the function around it.
        });
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        let privates = it.body.body.iter().filter_map(|element| element.property_key()?.private_name());
        self.class.push((it.heritage.is_some(), privates.map(|name| name.to_string()).collect()));
        self.supers.push(Vec::new());
        walk::walk_class(self, it);
        self.class.pop();
        let supers = self.supers.pop().expect("pushed before");
        // The kernel's modules run before there is what that needs.
        if self.native == 0 && !self.is_kernel {
            let owner = *self.stack.last().expect("the program at least");
            self.scan.note_class(it, owner, supers);
        }
    }

    fn visit_method_definition(&mut self, it: &MethodDefinition<'a>) {
        if it.kind == MethodDefinitionKind::Constructor && self.class.last().is_some_and(|(extends, _)| *extends) {
            let id = self.scan.by_start[&it.value.span.start];
            self.scan.functions[id].is_derived = true;
        }
        walk::walk_method_definition(self, it);
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        self.visit_property_key(&it.key);
        if let Some(value) = &it.value {
            self.current().has_effects |= it.r#static;
            self.inside(it.span.start, |this| this.visit_expression(value));
        }
    }

    fn visit_static_block(&mut self, it: &StaticBlock<'a>) {
        self.current().has_effects = true;
        self.inside(it.span.start, |this| walk::walk_static_block(this, it));
    }

    fn visit_member_expression(&mut self, it: &MemberExpression<'a>) {
        self.note_member(it);
        walk::walk_member_expression(self, it);
    }

    fn visit_assignment_target(&mut self, it: &AssignmentTarget<'a>) {
        if let Some(member) = it.as_member_expression() {
            self.used_member = Some(member.span().start);
            self.current().has_effects = true;
        }
        walk::walk_assignment_target(self, it);
    }

    fn visit_simple_assignment_target(&mut self, it: &SimpleAssignmentTarget<'a>) {
        if let Some(member) = it.as_member_expression() {
            self.used_member = Some(member.span().start);
            self.current().has_effects = true;
        }
        walk::walk_simple_assignment_target(self, it);
    }

    fn visit_unary_expression(&mut self, it: &UnaryExpression<'a>) {
        if it.operator == UnaryOperator::Delete {
            self.uses_member(&it.argument);
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
        if !self.is_kernel {
            super::ships::sites_of(it, self.scoping, &mut self.scan.spawn_sites);
        }
        self.calls_name(&it.callee);
        self.uses_member(&it.callee);
        if let Some(target) = self.target(&it.callee, false) {
            self.scan.targets.insert(it.span, target);
        }
        match &it.callee {
            Expression::Super(_) => {
                let function = *self.stack.last().expect("the program at least");
                if let Some(list) = self.supers.last_mut() {
                    list.push((it.span.start, function));
                }
            }
            Expression::Identifier(name) if name.name == "eval" => {
                self.current().is_dynamic = true;
            }
            _ => self.call(it.span),
        }
        self.visit_expression(&it.callee);
        if let Some(types) = &it.type_arguments {
            self.visit_ts_type_parameter_instantiation(types);
        }
        for argument in &it.arguments {
            self.note_apply(it);
            self.visit_argument(argument);
        }
    }

    fn visit_new_expression(&mut self, it: &NewExpression<'a>) {
        self.calls_name(&it.callee);
        let makes_collection = it.arguments.is_empty()
            && matches!(&it.callee, Expression::Identifier(name) if super::flat::is_collection(&name.name)
                && self.is_global(name));
        let known = makes_collection.then_some(Target::Builtin { pure: true });
        if let Some(target) = known.or_else(|| self.target(&it.callee, true)) {
            self.scan.targets.insert(it.span, target);
        }
        self.call(it.span);
        walk::walk_new_expression(self, it);
    }

    fn visit_tagged_template_expression(&mut self, it: &TaggedTemplateExpression<'a>) {
        self.calls_name(&it.tag);
        self.uses_member(&it.tag);
        self.call(it.span);
        walk::walk_tagged_template_expression(self, it);
    }

    fn visit_return_statement(&mut self, it: &ReturnStatement<'a>) {
        // An async generator awaits what it returns.
        if let Some(value) = &it.argument {
            self.returns(value);
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
        if it.kind == VariableDeclarationKind::Var && self.loops > 0 {
            it.bound_names(&mut |id| {
                self.scan.repeated.insert(id.symbol_id());
            });
        }
        // Where its block ends, what it holds is disposed of.
        if super::disposal::disposes(it) {
            self.call(it.span);
        }
        if it.kind == VariableDeclarationKind::Const {
            self.note_literals(it);
        }
        walk::walk_variable_declaration(self, it);
    }

    fn visit_for_statement(&mut self, it: &ForStatement<'a>) {
        self.looping(it.span);
        if let (Some(ForStatementInit::VariableDeclaration(declaration)), Some(update)) = (&it.init, &it.update)
            && declaration.kind == VariableDeclarationKind::Let
        {
            declaration.bound_names(&mut |id| {
                self.scan.advanced.insert(id.symbol_id(), update.span());
            });
        }
        self.in_loop(|this| walk::walk_for_statement(this, it));
    }

    fn visit_for_in_statement(&mut self, it: &ForInStatement<'a>) {
        self.looping(it.span);
        self.in_loop(|this| walk::walk_for_in_statement(this, it));
    }

    fn visit_for_of_statement(&mut self, it: &ForOfStatement<'a>) {
        self.looping(it.span);
        // The iterator moves on.
        self.current().has_effects = true;
        self.in_loop(|this| walk::walk_for_of_statement(this, it));
    }

    fn visit_try_statement(&mut self, it: &TryStatement<'a>) {
        let facts = self.current();
        if it.finalizer.is_some() && facts.is_async && !facts.is_generator {
            self.looping(it.span);
        }
        walk::walk_try_statement(self, it);
    }

    fn visit_while_statement(&mut self, it: &WhileStatement<'a>) {
        self.looping(it.span);
        self.in_loop(|this| walk::walk_while_statement(this, it));
    }

    fn visit_do_while_statement(&mut self, it: &DoWhileStatement<'a>) {
        self.looping(it.span);
        self.in_loop(|this| walk::walk_do_while_statement(this, it));
    }

    fn visit_spread_element(&mut self, it: &SpreadElement<'a>) {
        self.current().has_effects = true;
        self.note_spread(it);
        walk::walk_spread_element(self, it);
    }

    fn visit_array_pattern(&mut self, it: &ArrayPattern<'a>) {
        self.current().has_effects = true;
        walk::walk_array_pattern(self, it);
    }

    fn visit_array_assignment_target(&mut self, it: &ArrayAssignmentTarget<'a>) {
        self.current().has_effects = true;
        walk::walk_array_assignment_target(self, it);
    }

    fn visit_import_expression(&mut self, it: &ImportExpression<'a>) {
        self.current().has_effects = true;
        walk::walk_import_expression(self, it);
    }

    fn visit_private_identifier(&mut self, it: &PrivateIdentifier<'a>) {
        let declares = |(_, names): &(bool, Vec<String>)| names.iter().any(|name| name == it.name.as_str());
        let depth = self.class.iter().rposition(declares).map_or(0, |index| index + 1);
        // Functions that the class is not in need it from around them.
        for (id, entered) in self.stack.iter().zip(&self.entered) {
            let privates = &mut self.scan.functions[*id].privates;
            if *entered >= depth && !privates.iter().any(|name| name == it.name.as_str()) {
                privates.push(it.name.to_string());
            }
        }
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
        self.note_list(it, symbol);
        let current = *self.stack.last().expect("the program at least");
        let called = self.callee.take() == Some(it.span.start);
        let usage = Usage { read: reference.is_read() && !called, called, assigned: reference.is_write() };
        self.scan.mentions[current].add(&it.name, symbol, usage);
        match symbol {
            Some(symbol) => {
                if self.scan.owner.get(symbol) != Some(&current) {
                    self.scan.captured.insert(symbol);
                }
                if reference.is_write() && self.scan.owner.get(symbol) != Some(&current) {
                    self.current().has_effects = true;
                }
                if reference.is_write() && !self.scoping.symbol_flags(symbol).is_const_variable() {
                    self.scan.writes.push(symbol, it.span.start);
                }
                self.scan.uses.push(symbol, (current, it.span.start));
            }
            None if it.name == "arguments" => self.mark(|facts| facts.uses_arguments = true),
            None if reference.is_write() => self.current().has_effects = true,
            None => {}
        }
    }
}
