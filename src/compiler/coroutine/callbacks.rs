//! Methods of arrays that are given a function which cannot be suspended and ends soon.
//!
//! The realm's own `map` is the kernel's, since V8's could not be suspended in the middle. V8's is the faster one by far, since V8 makes
//! one loop of it and of the function. Where the function is flat (`flat.rs`), nothing is suspended in between:
//!
//! ```text
//! Input    list.map((x) => x + 1)
//! Output   þ1=list.map;þ2=(x) => x + 1;(check)þ1===þours.map&&list.length<1e4?þc(þtheirs.map,list,þ2):þrare.call(þ1,list,þ2)
//! ```
//!
//! Nothing else runs before V8's method is through, so it gets no list with which that takes long. A proxy sees that its `length` is read
//! once more.

use oxc::ast::ast::*;

use super::function::Lowerer;
use super::marks::SITE_MARK;

/// The methods, all of which are given the function first (`ArrayMethods` in `kernel/primordials.js`).
const METHODS: [&str; 14] = [
    "every",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "flatMap",
    "forEach",
    "map",
    "reduce",
    "reduceRight",
    "some",
    "sort",
    "toSorted",
];

impl Lowerer<'_, '_> {
    /// Whether a call gives a flat function to what may be such a method.
    pub fn gives_flat_function(&self, it: &CallExpression<'_>) -> bool {
        let Expression::StaticMemberExpression(member) = it.callee.without_parentheses() else { return false };
        let Some(given) = it.arguments.first().and_then(Argument::as_expression) else { return false };
        METHODS.contains(&member.property.name.as_str())
            && !it.optional
            && !member.optional
            && !self.unit.is_kernel
            && !matches!(member.object, Expression::Super(_))
            && it.arguments.iter().all(|argument| !matches!(argument, Argument::SpreadElement(_)))
            && self.is_flat_function(given)
    }

    fn is_flat_function(&self, expression: &Expression<'_>) -> bool {
        let scan = self.unit.scan;
        match expression.without_parentheses() {
            Expression::ArrowFunctionExpression(it) => scan.functions[scan.by_start[&it.span.start]].is_flat,
            Expression::FunctionExpression(it) => scan.functions[scan.by_start[&it.span.start]].is_flat,
            Expression::Identifier(name) => {
                let symbol = self.unit.scoping.get_reference(name.reference_id()).symbol_id();
                symbol.is_some_and(|symbol| scan.is_flat_variable(symbol))
            }
            _ => false,
        }
    }

    /// The text of such a call, of which the method, its receiver and the arguments are given. `site` is the mark of the call.
    pub fn call_with_flat_function(
        &mut self,
        method: &str,
        receiver: &str,
        arguments: &[String],
        callee: &Expression<'_>,
        site: &str,
    ) -> String {
        let name = callee.without_parentheses().as_member_expression().and_then(MemberExpression::static_property_name);
        let name = name.expect("a method with a name");
        let function = self.kept(format!("(0,{})", arguments[0]));
        let mut list = text!(receiver, ",", function);
        for argument in &arguments[1..] {
            list.push(',');
            list.push_str(argument);
        }
        self.check_call(method, callee);
        // V8's method has a frame of its own, so that the call is no listed one; but errors say that it stands there.
        let place = site.strip_suffix(SITE_MARK).unwrap_or(site);
        format!(
            "({method}===þours.{name}&&{receiver}.length<1e4?{place}þc(þtheirs.{name},{list}):þrare.{site}call({method},{list}))"
        )
    }
}
