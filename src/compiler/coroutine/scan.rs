//! What the lowering must know of a whole source before it writes the first function: which function owns what, which
//! variables closures share, where calls and loops are, and what keeps a function from being split.

use std::collections::{HashMap, HashSet};

use oxc::ast::ast::*;
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::{ScopeFlags, Scoping, SymbolId};
use oxc::span::{GetSpan, Span};
use oxc_ecmascript::BoundNames;

/// Index into [`Scan::functions`]; 0 is the program itself.
pub type FunctionId = usize;

/// One function, or what is called like one: the program, a field's initialiser, a static block.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct FunctionFacts {
    pub parent: FunctionId,
    /// Where the function's node starts.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// A function declaration, which exists from the start of its block.
    pub is_declaration: bool,
    pub is_arrow: bool,
    pub is_generator: bool,
    pub is_async: bool,
    pub is_strict: bool,
    /// A constructor of a class with `extends`.
    pub is_derived: bool,
    /// A constructor of a class.
    pub is_constructor: bool,
    /// A method, getter or setter: it cannot be called with `new`.
    pub is_method: bool,
    pub uses_this: bool,
    pub uses_arguments: bool,
    pub uses_super: bool,
    pub uses_new_target: bool,
    /// Names are looked up at run time (direct `eval`, `with`), so nothing may be renamed or moved.
    pub is_dynamic: bool,
    /// Calls after which the function can be suspended, in order of their start.
    pub calls: Vec<Span>,
    /// All calls, those that cannot suspend it included.
    pub all_calls: Vec<Span>,
    /// Whether it changes more than its own variables, calls apart.
    pub has_effects: bool,
    /// Loops, in order.
    pub loops: Vec<Span>,
    /// What it is called, as far as the source says where it stands.
    pub name: String,
    /// The variable of a function declaration.
    pub symbol: Option<SymbolId>,
    /// Whether a call of it ends soon and cannot be suspended; see `flat.rs`.
    pub is_flat: bool,
}

impl FunctionFacts {
    /// An async function whose text loses `async`, since the kernel makes its promises.
    pub fn is_driven(&self) -> bool {
        // `super` means something in methods only, so dynamic bodies that use it stay V8's.
        self.is_async && !(self.is_dynamic && self.uses_super)
    }

    /// A generator or async function that is split at its `yield` and `await`.
    pub fn is_split(&self) -> bool {
        (self.is_async || self.is_generator) && !self.is_dynamic
    }
}

/// The result of the scan.
#[derive(Default)]
pub struct Scan {
    pub functions: Vec<FunctionFacts>,
    /// By the start of the function's node.
    pub by_start: HashMap<u32, FunctionId>,
    /// The function that declares a variable.
    pub owner: HashMap<SymbolId, FunctionId>,
    /// Variables that a function other than their owner uses.
    pub captured: HashSet<SymbolId>,
    /// Variables that are assigned after their declaration, with the places.
    pub writes: HashMap<SymbolId, Vec<u32>>,
    /// For each `let`, `const` and class the end of its declaration: before that it may not be used.
    pub initialised: HashMap<SymbolId, u32>,
    /// The same for the function itself: the end of the name, and the span of the initial value, which is computed before.
    pub bound: HashMap<SymbolId, (u32, Span)>,
    /// The span of each declared class, inside of which its name is a binding of its own.
    pub classes: HashMap<SymbolId, Span>,
    /// Variables that a case of a `switch` declares, which another case may pass by.
    pub switched: HashSet<SymbolId>,
    /// Variables that are captured by closures that are made before their declaration.
    pub made_early: HashSet<SymbolId>,
    /// Those of them that closures may use before their declaration.
    pub early: HashSet<SymbolId>,
    /// Places where the owner or another function reads or writes the variable.
    pub uses: HashMap<SymbolId, Vec<(FunctionId, u32)>>,
    /// Variables that hold one function, or a class and its constructor, from their declaration on.
    pub functions_of: HashMap<SymbolId, Value>,
    /// For each name the functions of this source that are methods of that name; none where something else may be, too.
    pub methods: HashMap<String, Option<Vec<FunctionId>>>,
    /// What calls and `new` expressions call, where that is known.
    pub targets: HashMap<Span, Target>,
    /// For each function, the variables (or free names) that its text mentions, nested functions included.
    pub names: Vec<HashMap<String, HashSet<Option<SymbolId>>>>,
}

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    Function(FunctionId),
    /// A class without `extends`; its constructor, if it has one.
    Class(Option<FunctionId>),
    /// More than one thing.
    Several,
}

/// What a call calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// What the variable holds.
    Variable(SymbolId, bool),
    /// A method of this name.
    Method(String),
    /// A built-in that calls no function of the program.
    Builtin {
        /// Whether it does nothing but compute.
        pure: bool,
    },
}

impl Scan {
    /// Scans a parsed program whose scopes are known. `is_kernel`: whether the source is the kernel's own.
    pub fn new(
        program: &Program<'_>,
        scoping: &Scoping,
        is_kernel: bool,
        exports: Option<&[(String, String)]>,
    ) -> Scan {
        let mut binder = Binder { scan: Scan::default(), stack: Vec::new(), strict: vec![false] };
        let strict = program.source_type.is_module() || program.directives.iter().any(|d| d.directive == "use strict");
        // A module's body is an async function.
        let is_async = exports.is_some();
        binder.enter(
            FunctionFacts { is_strict: strict, is_async, ..FunctionFacts::default() },
            Span::new(u32::MAX, u32::MAX),
        );
        binder.strict.push(strict);
        walk::walk_program(&mut binder, program);
        let mut reader =
            Reader { scan: binder.scan, scoping, stack: vec![0], native: 0, with: 0, class: Vec::new(), is_kernel };
        walk::walk_program(&mut reader, program);
        let mut scan = reader.scan;
        scan.find_flat();
        for (_, local) in exports.unwrap_or_default() {
            // Whoever reads an export does it through a closure.
            scan.captured.extend(scoping.get_root_binding(local.as_str().into()));
        }
        for function in &mut scan.functions {
            function.calls.sort_unstable_by_key(|span| (span.start, span.end));
            function.loops.sort_unstable_by_key(|span| (span.start, span.end));
        }
        scan.find_early();
        // Whoever encloses dynamic code is dynamic too: the code may name any of its variables.
        for id in (0..scan.functions.len()).rev() {
            if scan.functions[id].is_dynamic && id != 0 {
                let parent = scan.functions[id].parent;
                scan.functions[parent].is_dynamic = true;
            }
        }
        scan
    }

    /// A closure that is made before a variable has its value may be called before, too.
    ///
    /// Function declarations are made where their block begins; they count only if something before the end of the
    /// variable's declaration can reach them.
    fn find_early(&mut self) {
        let mut made = Vec::new();
        let mut early = Vec::new();
        for (symbol, end) in &self.initialised {
            let owner = self.owner[symbol];
            let class = self.classes.get(symbol);
            let uses = self.uses.get(symbol).map_or(&[][..], |list| list);
            let makers = uses
                .iter()
                .filter(|(user, at)| *user != owner && class.is_none_or(|span| *at < span.start || span.end <= *at))
                .map(|(user, _)| self.outermost(*user, owner));
            for user in makers {
                let facts = &self.functions[user];
                if facts.is_declaration || facts.start < *end {
                    made.push(*symbol);
                }
                if self.switched.contains(symbol) || self.runs_before(user, owner, *end, &mut Vec::new()) {
                    early.push(*symbol);
                }
            }
        }
        self.made_early.extend(made);
        self.made_early.extend(&early);
        self.early.extend(early);
    }

    /// The function between a function and the owner of a variable, seen from the owner: its making counts.
    fn outermost(&self, user: FunctionId, owner: FunctionId) -> FunctionId {
        let mut outermost = user;
        while self.functions[outermost].parent != owner && outermost != 0 {
            outermost = self.functions[outermost].parent;
        }
        outermost
    }

    /// Whether a function of the owner's could be called before the owner has passed a place.
    fn runs_before(&self, function: FunctionId, owner: FunctionId, place: u32, seen: &mut Vec<FunctionId>) -> bool {
        let facts = &self.functions[function];
        if !facts.is_declaration {
            return facts.start < place;
        }
        if seen.contains(&function) {
            return false;
        }
        seen.push(function);
        let Some(symbol) = facts.symbol else { return true };
        let uses = self.uses.get(&symbol).map_or(&[][..], |list| list);
        uses.iter().any(|(user, at)| {
            if *user == owner {
                return *at < place;
            }
            self.runs_before(self.outermost(*user, owner), owner, place, seen)
        })
    }

    /// Whether the function can be suspended somewhere in this stretch of its own code.
    pub fn suspends(&self, function: FunctionId, span: Span) -> bool {
        let facts = &self.functions[function];
        let within = |list: &[Span]| {
            let from = list.partition_point(|inner| inner.start < span.start);
            list[from..].iter().take_while(|inner| inner.start < span.end).any(|inner| inner.end <= span.end)
        };
        within(&facts.calls) || within(&facts.loops)
    }

    /// Whether a call in this stretch can suspend the function.
    pub fn calls(&self, function: FunctionId, span: Span) -> bool {
        let list = &self.functions[function].calls;
        let from = list.partition_point(|inner| inner.start < span.start);
        list[from..].iter().take_while(|inner| inner.start < span.end).any(|inner| inner.end <= span.end)
    }
}

/// First pass: functions, and who declares what.
struct Binder {
    scan: Scan,
    stack: Vec<FunctionId>,
    strict: Vec<bool>,
}

impl Binder {
    fn enter(&mut self, mut facts: FunctionFacts, span: Span) {
        let start = span.start;
        let id = self.scan.functions.len();
        facts.parent = self.stack.last().copied().unwrap_or(0);
        facts.start = start;
        facts.end = span.end;
        self.scan.functions.push(facts);
        self.scan.names.push(HashMap::new());
        self.scan.by_start.insert(start, id);
        self.stack.push(id);
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
        let known = self.scan.methods.entry(name.to_owned()).or_insert_with(|| Some(Vec::new()));
        match (known.as_mut(), function) {
            (Some(list), Some(function)) => list.push(function),
            _ => *known = None,
        }
    }

    fn name(&mut self, function: FunctionId, name: &str) {
        let facts = &mut self.scan.functions[function];
        if facts.name.is_empty() {
            name.clone_into(&mut facts.name);
        }
    }

    fn holds(&mut self, symbol: SymbolId, value: Value) {
        self.scan.functions_of.entry(symbol).and_modify(|value| *value = Value::Several).or_insert(value);
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
        if it.kind != VariableDeclarationKind::Var {
            for declarator in &it.declarations {
                let init = declarator.init.as_ref().map_or(Span::empty(0), GetSpan::span);
                declarator.id.bound_names(&mut |id| {
                    self.scan.initialised.insert(id.symbol_id(), declarator.span.end);
                    self.scan.bound.insert(id.symbol_id(), (id.span.end, init));
                });
            }
        }
    }

    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        let strict = self.is_strict() || it.body.as_ref().is_some_and(|body| has_use_strict(body));
        // The name of a declaration belongs to the function around it, that of an expression to itself.
        if it.is_declaration()
            && let Some(id) = &it.id
        {
            self.visit_binding_identifier(id);
        }
        self.enter(
            FunctionFacts {
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
        if let Some(body) = &it.body {
            self.visit_function_body(body);
        }
        let _ = flags;
        self.strict.pop();
        let own = self.stack.pop().expect("pushed above");
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
        self.strict.pop();
        self.stack.pop();
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        if it.is_declaration()
            && let Some(id) = &it.id
        {
            self.scan.initialised.insert(id.symbol_id(), it.span.end);
            self.scan.classes.insert(id.symbol_id(), it.span);
            self.scan.bound.insert(id.symbol_id(), (it.span.end, Span::empty(0)));
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
            // Field initialisers are code of their own.
            let has_fields = it.body.body.iter().any(
                |element| matches!(element, ClassElement::PropertyDefinition(field) if field.value.is_some() && !field.r#static),
            );
            let is_plain = it.heritage.is_none() && !has_fields;
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
            self.stack.pop();
        }
    }

    fn visit_switch_case(&mut self, it: &SwitchCase<'a>) {
        walk::walk_switch_case(self, it);
        for statement in &it.consequent {
            match statement {
                Statement::VariableDeclaration(it) if it.kind != VariableDeclarationKind::Var => {
                    for declarator in &it.declarations {
                        declarator.id.bound_names(&mut |id| {
                            self.scan.switched.insert(id.symbol_id());
                        });
                    }
                }
                Statement::ClassDeclaration(it) => {
                    self.scan.switched.extend(it.id.as_ref().map(BindingIdentifier::symbol_id));
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
        self.stack.pop();
    }

    fn visit_binding_identifier(&mut self, it: &BindingIdentifier<'a>) {
        let owner = *self.stack.last().expect("the program at least");
        let symbol = it.symbol_id();
        self.scan.owner.entry(symbol).or_insert(owner);
        for id in &self.stack {
            self.scan.names[*id].entry(it.name.to_string()).or_default().insert(Some(symbol));
        }
    }
}

/// Second pass: who uses what, and where a function can be suspended.
struct Reader<'s> {
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
                    None => super::flat::is_builtin(&name.name, constructs).then_some(Target::Builtin { pure: true }),
                }
            }
            Expression::StaticMemberExpression(member) if !constructs && !member.optional => {
                let object = match member.object.without_parentheses() {
                    Expression::Identifier(name)
                        if self.scoping.get_reference(name.reference_id()).symbol_id().is_none() =>
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
