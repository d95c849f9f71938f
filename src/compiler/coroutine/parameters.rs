//! Parameters that are more than names.
//!
//! V8 binds them, and what they call runs under a native frame, unless a call there can suspend the function:
//!
//! ```text
//! Input    function f({ a }, b = g(a)) { ... }
//! Output   function f(þa0,þa1=void 0){ var a,b; ... ({a}=þa0); þ1=þa1; if(þ1===void 0){þ1=g(a);(check)} b=þ1; ... }
//! ```
//!
//! The errors of an async function's parameters belong into its promise, so they are bound like that, too, and where closures
//! see them as a scope of their own, by a function inside:
//!
//! ```text
//! Input    async function f(a, b = () => a) { ... }
//! Output   function f(þa0,...þargs){try{return ((a, b = () => a)=>{ ... })(þa0,...þargs)}catch(þx){return þreject(þx)}}
//! ```
//!
//! Generators' are V8's: their bodies begin later. So are those whose names the body declares again.

use oxc::ast::ast::*;
use oxc::ast_visit::Visit;
use oxc::span::Span;
use oxc_ecmascript::BoundNames;

use super::function::{Body, Lowerer};
use super::ir::Node;
use super::splice::Edit;

impl Lowerer<'_, '_> {
    /// Names by which a function takes its arguments to hand them on, as many as its `length` says; and the text of the
    /// parameters that get them.
    pub fn forwarded(&mut self, params: &FormalParameters<'_>) -> (String, String) {
        let mut names: Vec<String> = (0..expected(params)).map(|index| format!("þa{index}")).collect();
        names.push("...þargs".to_owned());
        let bound = self.splice(params.span, |splicer| splicer.visit_formal_parameters(params));
        let bound = if bound.trim_end().ends_with(')') { bound } else { format!("({bound})") };
        (names.join(","), bound)
    }

    /// Binds patterns and defaults as the body's first statements, where it can be suspended, and where what they throw
    /// rejects the promise of an async function.
    pub fn bound_parameters(
        &mut self,
        params: &FormalParameters<'_>,
        span: Span,
        directives: &[Directive<'_>],
        body: &Body<'_, '_>,
        origin: &str,
    ) -> Vec<Edit> {
        let plain = expected(params);
        let mut names: Vec<String> = (0..params.items.len()).map(|index| format!("þa{index}")).collect();
        let mut bound = names.clone();
        // What has a default does not count for `length`.
        for name in &mut names[plain..] {
            name.push_str("=void 0");
        }
        if params.rest.is_some() {
            let name = format!("þa{}", params.items.len());
            names.push(format!("...{name}"));
            bound.push(name);
        }
        let text = self.lower_function(params, &bound, directives, body, origin);
        vec![(params.span.start, params.span.end, format!("({})", names.join(","))), (span.start, span.end, text)]
    }

    /// Binds the parameters of an async function natively, as those of a function inside of it.
    pub fn caught_parameters(
        &mut self,
        params: &FormalParameters<'_>,
        span: Span,
        directives: &[Directive<'_>],
        body: &Body<'_, '_>,
        origin: &str,
    ) -> Vec<Edit> {
        let (names, bound) = self.forwarded(params);
        self.wrapped = true;
        let inner = self.lower_function(params, &[], directives, body, origin);
        let text = format!("{{{origin}try{{return ({bound}=>{inner})({names})}}catch(þx){{return þreject(þx)}}}}");
        vec![(params.span.start, params.span.end, format!("({names})")), (span.start, span.end, text)]
    }

    /// Gives the variables of parameters their values.
    pub fn bind_parameters(&mut self, params: &FormalParameters<'_>, bound: &[String]) {
        params.bound_names(&mut |id| {
            // Closures in other parameters may look at it too early.
            if self.unit.scan.early.contains(id.symbol_id()) {
                self.marked.insert(id.symbol_id());
                let own = self.own_name(id.symbol_id());
                self.push(format!("{own}=þT;"));
            }
        });
        for (item, name) in params.items.iter().zip(bound) {
            let mark = self.temps;
            let value = match &item.initializer {
                None => name.clone(),
                Some(initializer) => {
                    if let BindingPattern::BindingIdentifier(id) = &item.pattern {
                        self.name_value(initializer, &id.name);
                    }
                    let temp = self.temp();
                    self.push(format!("{temp}={name};"));
                    let yes = self.branch(initializer, &temp);
                    self.out.push(Node::If { condition: format!("{temp}===void 0"), yes, no: Vec::new() });
                    temp
                }
            };
            self.bind(&item.pattern, &value, true);
            self.release(mark, true);
        }
        if let (Some(rest), Some(name)) = (&params.rest, bound.last()) {
            self.bind(&rest.rest.argument, name, true);
        }
    }
}

/// Whether all parameters are names.
pub fn is_simple(params: &FormalParameters<'_>) -> bool {
    let is_name = |item: &FormalParameter<'_>| {
        item.initializer.is_none() && matches!(item.pattern, BindingPattern::BindingIdentifier(_))
    };
    params.rest.is_none() && params.items.iter().all(is_name)
}

/// The `length` of a function: its parameters before the first that has a default.
fn expected(params: &FormalParameters<'_>) -> usize {
    params.items.iter().take_while(|item| item.initializer.is_none()).count()
}

/// Whether parameters hold functions or classes, which see the parameters as a scope of their own.
pub fn has_closures(params: &FormalParameters<'_>) -> bool {
    struct Finder(bool);
    impl<'a> Visit<'a> for Finder {
        fn visit_function(&mut self, _: &Function<'a>, _: oxc::semantic::ScopeFlags) {
            self.0 = true;
        }
        fn visit_arrow_function_expression(&mut self, _: &ArrowFunctionExpression<'a>) {
            self.0 = true;
        }
        fn visit_class(&mut self, _: &Class<'a>) {
            self.0 = true;
        }
    }
    let mut finder = Finder(false);
    finder.visit_formal_parameters(params);
    finder.0
}
