//! Functions that come to where they are sent, or captured by what is sent, through a variable that others give its value:
//!
//! ```text
//! function submit(job) { jobs.send(job); }        submit((x) => x + 1);
//! class Pool { run({ work }) { spawn(() => work()); } }        pool.run({ work: () => k });
//! for (const step of [() => 1, () => 2]) jobs.send(step);
//! ```
//!
//! Who calls whom is told by names alone. A function that is told of without need costs a little and means the same.

use rustc_hash::FxHashMap as HashMap;

use oxc::ast::ast::*;
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::{ScopeFlags, Scoping, SymbolId};
use oxc_ecmascript::BoundNames;

use super::ships::{SpawnSite, values_of};
use super::symbols::BySymbol;

/// Where the values of variables come from, as far as names tell.
#[derive(Default)]
pub struct Handed {
    /// The parameter in which a variable stands: where its function begins, and the number of the parameter.
    parameters: BySymbol<(u32, usize)>,
    /// What functions are called, by where they begin.
    names: HashMap<u32, Vec<String>>,
    /// The functions in the arguments of calls, by what they call.
    calls: HashMap<String, Vec<Vec<Vec<SpawnSite>>>>,
    /// Functions in what variables get otherwise.
    values: HashMap<SymbolId, Vec<SpawnSite>>,
}

impl Handed {
    pub fn of(program: &Program<'_>, scoping: &Scoping) -> Handed {
        let handed = Handed { parameters: BySymbol::of(scoping.symbols_len()), ..Handed::default() };
        let mut collector = Collector { scoping, handed, classes: Vec::new() };
        collector.visit_program(program);
        collector.handed
    }

    /// The functions that a variable may hold.
    pub fn held_by(&self, symbol: SymbolId) -> Vec<SpawnSite> {
        let mut sites = self.values.get(&symbol).cloned().unwrap_or_default();
        if let Some((function, index)) = self.parameters.get(symbol) {
            let names = self.names.get(function).map_or(&[][..], |list| list);
            for call in names.iter().filter_map(|name| self.calls.get(name)).flatten() {
                sites.extend(call.get(*index).into_iter().flatten().cloned());
            }
        }
        sites
    }
}

struct Collector<'s> {
    scoping: &'s Scoping,
    handed: Handed,
    /// What the classes around are called.
    classes: Vec<Vec<String>>,
}

impl Collector<'_> {
    fn name(&mut self, function: u32, name: &str) {
        self.handed.names.entry(function).or_default().push(name.to_owned());
    }

    /// Takes note of what a function or a class is called.
    fn name_value(&mut self, value: &Expression<'_>, name: &str) {
        match value.without_parentheses() {
            Expression::FunctionExpression(it) => self.name(it.span.start, name),
            Expression::ArrowFunctionExpression(it) => self.name(it.span.start, name),
            Expression::ClassExpression(it) => self.name(it.span.start, name),
            _ => {}
        }
    }

    fn parameters(&mut self, function: u32, list: &FormalParameters<'_>) {
        for (index, parameter) in list.items.iter().enumerate() {
            let parameters = &mut self.handed.parameters;
            parameter.pattern.bound_names(&mut |id| {
                parameters.insert(id.symbol_id(), (function, index));
            });
            if let (BindingPattern::BindingIdentifier(id), Some(value)) = (&parameter.pattern, &parameter.initializer) {
                self.holds(&[id.symbol_id()], value);
            }
        }
    }

    fn holds(&mut self, symbols: &[SymbolId], value: &Expression<'_>) {
        let mut sites = Vec::new();
        values_of(value, self.scoping, &mut sites);
        if sites.is_empty() {
            return;
        }
        for symbol in symbols {
            self.handed.values.entry(*symbol).or_default().extend(sites.iter().cloned());
        }
    }

    fn call(&mut self, callee: &Expression<'_>, arguments: &[Argument<'_>]) {
        let name = match callee {
            Expression::Identifier(it) => it.name.as_str(),
            Expression::StaticMemberExpression(it) => it.property.name.as_str(),
            Expression::PrivateFieldExpression(it) => it.field.name.as_str(),
            _ => return,
        };
        let mut lists: Vec<Vec<SpawnSite>> = Vec::new();
        for (index, argument) in arguments.iter().enumerate() {
            let Some(argument) = argument.as_expression() else { break };
            let mut sites = Vec::new();
            values_of(argument, self.scoping, &mut sites);
            // Most calls are given no function.
            if !sites.is_empty() {
                lists.resize_with(index, Vec::new);
                lists.push(sites);
            }
        }
        if !lists.is_empty() {
            self.handed.calls.entry(name.to_owned()).or_default().push(lists);
        }
        // `list.map((f) => ...)`: what stands in the list may be given to the function.
        if let Expression::StaticMemberExpression(member) = callee
            && let Some(parameters) = arguments.first().and_then(Argument::as_expression).and_then(parameters_of)
        {
            let symbols = symbols_of(parameters);
            self.holds(&symbols, &member.object);
        }
    }
}

fn parameters_of<'e, 'a>(it: &'e Expression<'a>) -> Option<&'e FormalParameters<'a>> {
    match it.without_parentheses() {
        Expression::FunctionExpression(it) => Some(&it.params),
        Expression::ArrowFunctionExpression(it) => Some(&it.params),
        _ => None,
    }
}

fn symbols_of<'a>(it: &impl BoundNames<'a>) -> Vec<SymbolId> {
    let mut symbols = Vec::new();
    it.bound_names(&mut |id| symbols.push(id.symbol_id()));
    symbols
}

impl<'a> Visit<'a> for Collector<'_> {
    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        if let Some(id) = &it.id {
            self.name(it.span.start, &id.name);
        }
        self.parameters(it.span.start, &it.params);
        walk::walk_function(self, it, flags);
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        self.parameters(it.span.start, &it.params);
        walk::walk_arrow_function_expression(self, it);
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if let Some(value) = &it.init {
            if let BindingPattern::BindingIdentifier(id) = &it.id {
                self.name_value(value, &id.name);
            }
            let symbols = symbols_of(&it.id);
            self.holds(&symbols, value);
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_for_of_statement(&mut self, it: &ForOfStatement<'a>) {
        if let ForStatementLeft::VariableDeclaration(declaration) = &it.left {
            let symbols = symbols_of(&**declaration);
            self.holds(&symbols, &it.right);
        }
        walk::walk_for_of_statement(self, it);
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        match &it.left {
            AssignmentTarget::AssignmentTargetIdentifier(name) => self.name_value(&it.right, &name.name),
            AssignmentTarget::StaticMemberExpression(member) => self.name_value(&it.right, &member.property.name),
            _ => {}
        }
        walk::walk_assignment_expression(self, it);
    }

    fn visit_object_property(&mut self, it: &ObjectProperty<'a>) {
        if let Some(name) = it.key.static_name() {
            self.name_value(&it.value, &name);
        }
        walk::walk_object_property(self, it);
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        if let (Some(name), Some(value)) = (it.key.name(), &it.value) {
            self.name_value(value, &name);
        }
        walk::walk_property_definition(self, it);
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        let mut names = self.handed.names.get(&it.span.start).cloned().unwrap_or_default();
        names.extend(it.id.iter().map(|id| id.name.to_string()));
        self.classes.push(names);
        walk::walk_class(self, it);
        self.classes.pop();
    }

    fn visit_method_definition(&mut self, it: &MethodDefinition<'a>) {
        let start = it.value.span.start;
        if it.kind == MethodDefinitionKind::Constructor {
            let names = self.classes.last().cloned().unwrap_or_default();
            self.handed.names.entry(start).or_default().extend(names);
        } else if let Some(name) = it.key.name() {
            self.name(start, &name);
        }
        walk::walk_method_definition(self, it);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        self.call(&it.callee, &it.arguments);
        walk::walk_call_expression(self, it);
    }

    fn visit_new_expression(&mut self, it: &NewExpression<'a>) {
        self.call(&it.callee, &it.arguments);
        walk::walk_new_expression(self, it);
    }
}
