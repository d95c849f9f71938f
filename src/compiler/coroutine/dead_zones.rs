//! Where a variable may not be used yet.
//!
//! ```text
//! Input    let { a = a } = o;          function f(a = b, b = g()) {}          for (const x of h(x)) {}
//! Dead           ^                                ^                                           ^
//! ```
//!
//! Moved variables have no dead zone of V8's, so such uses become `þU("a")`, which throws. What closures use early is found
//! in `scan.rs`.

use oxc::ast::ast::*;
use oxc::semantic::{Scoping, SymbolId};
use oxc::span::{GetSpan, Span};

use super::scan::{FunctionId, Scan};

/// A variable of a pattern: where its name ends, and the defaults that are evaluated before it has a value.
struct Zone {
    symbol: SymbolId,
    end: u32,
    defaults: Vec<Span>,
}

fn zones(pattern: &BindingPattern<'_>, defaults: &mut Vec<Span>, found: &mut Vec<Zone>) {
    match pattern {
        BindingPattern::BindingIdentifier(id) => {
            found.push(Zone { symbol: id.symbol_id(), end: id.span.end, defaults: defaults.clone() });
        }
        BindingPattern::AssignmentPattern(it) => {
            defaults.push(it.right.span());
            zones(&it.left, defaults, found);
            defaults.pop();
        }
        BindingPattern::ObjectPattern(it) => {
            for property in &it.properties {
                zones(&property.value, defaults, found);
            }
            if let Some(rest) = &it.rest {
                zones(&rest.argument, defaults, found);
            }
        }
        BindingPattern::ArrayPattern(it) => {
            for element in it.elements.iter().flatten() {
                zones(element, defaults, found);
            }
            if let Some(rest) = &it.rest {
                zones(&rest.argument, defaults, found);
            }
        }
    }
}

/// The parameters of a function, which the compiled body may have to bind itself; see `parameters.rs`.
#[derive(Debug)]
pub struct ParameterList {
    pub function: FunctionId,
    pub span: Span,
    /// Whether there are defaults, patterns or a rest.
    pub is_simple: bool,
    /// Whether there are functions or classes in it, which see the parameters as a scope of their own.
    pub has_closures: bool,
    /// Each variable, the end of its name, the end of its parameter, and what is evaluated before it has a value.
    pub variables: Vec<(SymbolId, u32, u32, Vec<Span>)>,
}

impl ParameterList {
    pub fn new(function: FunctionId, params: &FormalParameters<'_>) -> ParameterList {
        let mut variables = Vec::new();
        let rest = params.rest.iter().map(|rest| (&rest.rest.argument, None));
        let items = params.items.iter().map(|item| (&item.pattern, item.initializer.as_ref()));
        for (pattern, initializer) in items.chain(rest) {
            let mut found = Vec::new();
            let initializer = initializer.map(|it| it.span());
            zones(pattern, &mut initializer.into_iter().collect(), &mut found);
            let end = initializer.map_or(pattern.span().end, |span| span.end);
            variables.extend(found.into_iter().map(|zone| (zone.symbol, zone.end, end, zone.defaults)));
        }
        ParameterList {
            function,
            span: params.span,
            is_simple: super::parameters::is_simple(params),
            has_closures: super::parameters::has_closures(params),
            variables,
        }
    }
}

impl Scan {
    /// The dead zones of a `let` or `const`.
    pub fn declare_zones(&mut self, declarator: &VariableDeclarator<'_>) {
        if let BindingPattern::BindingIdentifier(id) = &declarator.id {
            // Between the name and its value stands nothing that could use it.
            let end = declarator.init.as_ref().map_or(id.span.end, |init| init.span().end);
            self.initialised.insert(id.symbol_id(), declarator.span.end);
            self.bound.insert(id.symbol_id(), (end, Vec::new()));
            return;
        }
        let mut found = Vec::new();
        let init: Vec<Span> = declarator.init.iter().map(GetSpan::span).collect();
        zones(&declarator.id, &mut init.clone(), &mut found);
        for zone in found {
            self.initialised.insert(zone.symbol, declarator.span.end);
            self.bound.insert(zone.symbol, (zone.end, zone.defaults));
        }
    }

    /// The variables of the head of `for (left in/of right)` do not exist for `right`, nor for closures in it.
    pub fn declare_head(&mut self, left: &ForStatementLeft<'_>, right: Span) {
        let ForStatementLeft::VariableDeclaration(declaration) = left else { return };
        if declaration.kind == VariableDeclarationKind::Var {
            return;
        }
        let mut found = Vec::new();
        zones(&declaration.declarations[0].id, &mut Vec::new(), &mut found);
        self.heads.extend(found.into_iter().map(|zone| (zone.symbol, right)));
    }

    /// Finds the functions that bind their parameters themselves, and where those are dead.
    pub fn find_bound_parameters(&mut self, scoping: &Scoping) {
        for list in std::mem::take(&mut self.parameter_lists) {
            let facts = &self.functions[list.function];
            let suspends = self.calls(list.function, list.span);
            let adds_fields = self.adds_fields.get(&list.function).copied();
            let is_wanted = suspends || (facts.is_async && !list.has_closures) || adds_fields.is_some();
            if list.is_simple || !is_wanted || facts.is_dynamic || facts.is_generator || self.clashes(&list, scoping) {
                // Fields come before parameters, which are V8's here.
                if let Some(class) = adds_fields.filter(|_| !list.is_simple) {
                    self.keep_moved_fields(list.function, class);
                }
                continue;
            }
            self.functions[list.function].binds_parameters = true;
            for (symbol, end, parameter_end, defaults) in list.variables {
                self.initialised.insert(symbol, parameter_end);
                self.bound.insert(symbol, (end, defaults));
            }
        }
    }

    /// Whether the body declares what parameters mean otherwise: there they are a scope of their own.
    fn clashes(&self, list: &ParameterList, scoping: &Scoping) -> bool {
        let is_declared_again = list
            .variables
            .iter()
            .any(|(symbol, ..)| self.declared_again.contains(*symbol) || scoping.symbol_name(*symbol) == "arguments");
        is_declared_again
            || self.meanings(list.function, scoping).values().any(|symbols| {
                // A name that means a variable of the body, and something else in the parameters.
                let is_bodys = |symbol: &SymbolId| {
                    self.owner.get(*symbol) == Some(&list.function)
                        && scoping.symbol_span(*symbol).start >= list.span.end
                };
                symbols.len() > 1
                    && symbols.iter().flatten().any(is_bodys)
                    && symbols.iter().any(|symbol| {
                        symbol.is_none_or(|symbol| {
                            let uses = self.uses.list(symbol);
                            self.parameters.contains(symbol)
                                || uses.iter().any(|(_, at)| list.span.start <= *at && *at < list.span.end)
                        })
                    })
            })
    }

    /// Whether the function itself uses a variable here before it has a value.
    pub fn is_dead(&self, symbol: SymbolId, at: u32) -> bool {
        self.bound
            .get(symbol)
            .is_some_and(|(end, defaults)| at < *end || defaults.iter().any(|span| span.start <= at && at < span.end))
    }

    /// Whether nobody may use the variable here.
    pub fn is_dead_for_all(&self, symbol: SymbolId, at: u32) -> bool {
        self.heads.get(&symbol).is_some_and(|right| right.start <= at && at < right.end)
    }
}
