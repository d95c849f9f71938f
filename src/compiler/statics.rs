//! What a class does when it comes into being, beside defining its methods.
//!
//! ```text
//! Input   class A { static a = null; static b = new B(); static { this.c = make(); } m() {} }
//! Output  it makes b and c, and runs code
//! ```

use oxc::ast::ast::{
    Argument, ArrayExpressionElement, AssignmentExpression, AssignmentTarget, CallExpression, Class, ClassElement,
    Expression, ObjectPropertyKind, PropertyKey,
};
use oxc::ast_visit::{Visit, walk};

/// What a class does when it comes into being.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Statics {
    /// Static properties that may hold instances from the beginning, as far as names tell.
    pub made: Vec<String>,
    /// Whether it may call something.
    pub runs: bool,
}

/// Looks at what is static in a class, and at its computed keys.
pub fn statics(class: &Class<'_>) -> Statics {
    let mut found = Statics::default();
    for element in &class.body.body {
        match element {
            ClassElement::StaticBlock(block) => {
                found.runs = true;
                found.visit_static_block(block);
            }
            ClassElement::PropertyDefinition(it) => {
                found.key(&it.key, it.computed);
                if let Some(value) = it.value.as_ref().filter(|_| it.r#static) {
                    found.field(&it.key, value);
                }
            }
            ClassElement::AccessorProperty(it) => {
                found.key(&it.key, it.computed);
                if let Some(value) = it.value.as_ref().filter(|_| it.r#static) {
                    found.field(&it.key, value);
                }
            }
            ClassElement::MethodDefinition(it) => found.key(&it.key, it.computed),
            ClassElement::TSIndexSignature(_) => {}
        }
    }
    found
}

impl Statics {
    fn key(&mut self, key: &PropertyKey<'_>, is_computed: bool) {
        // `Symbol.iterator` and the like.
        let is_symbol = matches!(key, PropertyKey::StaticMemberExpression(it)
            if matches!(&it.object, Expression::Identifier(name) if name.name == "Symbol"));
        self.runs |= is_computed && !is_symbol && key.static_name().is_none();
    }

    fn field(&mut self, key: &PropertyKey<'_>, value: &Expression<'_>) {
        self.runs |= !is_inert(value);
        if let (false, Some(name)) = (is_plain(value), key.static_name()) {
            self.made.push(name.to_string());
        }
        self.visit_expression(value);
    }
}

/// What is assigned anywhere in what is static: `this.a = new A()`, and `define(this, 'a', new A())` as compilers write it.
impl<'a> Visit<'a> for Statics {
    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        if let (AssignmentTarget::StaticMemberExpression(target), false) = (&it.left, is_plain(&it.right)) {
            self.made.push(target.property.name.to_string());
        }
        walk::walk_assignment_expression(self, it);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        let last = it.arguments.last().and_then(Argument::as_expression);
        let is_inert = last.is_some_and(|value| !matches!(value, Expression::StringLiteral(_)) && is_inert(value));
        for argument in &it.arguments {
            if let (Argument::StringLiteral(name), false) = (argument, is_inert) {
                self.made.push(name.value.to_string());
            }
        }
        walk::walk_call_expression(self, it);
    }
}

/// Whether the value is certainly no instance of a class.
fn is_plain(value: &Expression<'_>) -> bool {
    is_inert(value) || matches!(value, Expression::ArrayExpression(_) | Expression::ObjectExpression(_))
}

/// The same, and whether nothing is called for it.
fn is_inert(value: &Expression<'_>) -> bool {
    match value.without_parentheses() {
        Expression::Identifier(name) => name.name == "undefined",
        Expression::UnaryExpression(it) => is_inert(&it.argument),
        Expression::ArrayExpression(it) => it.elements.iter().all(|element| match element {
            ArrayExpressionElement::Elision(_) => true,
            element => element.as_expression().is_some_and(is_inert),
        }),
        Expression::ObjectExpression(it) => it.properties.iter().all(|property| match property {
            ObjectPropertyKind::ObjectProperty(it) => !it.computed && is_inert(&it.value),
            ObjectPropertyKind::SpreadProperty(_) => false,
        }),
        // Collections that are filled later.
        Expression::NewExpression(it) => {
            let is_known = matches!(&it.callee, Expression::Identifier(name)
                if matches!(name.name.as_str(), "Map" | "Set" | "WeakMap" | "WeakSet" | "Array" | "Date"));
            is_known && it.arguments.iter().all(|one| one.as_expression().is_some_and(is_inert))
        }
        Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) => true,
        value => value.is_literal(),
    }
}

#[cfg(test)]
mod tests {
    use oxc::allocator::Allocator;
    use oxc::ast::ast::Statement;
    use oxc::parser::Parser;
    use oxc::span::SourceType;

    use super::*;

    fn read(body: &str) -> (Vec<String>, bool) {
        let source = format!("class A {{ {body} }}");
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, &source, SourceType::cjs()).parse();
        let [Statement::ClassDeclaration(class)] = parsed.program.body.as_slice() else { panic!("no class") };
        let Statics { made, runs } = statics(class);
        (made, runs)
    }

    #[test]
    fn what_may_hold_instances_from_the_beginning_is_found() {
        let text = "static a = null; static b = new B(); static c; static d = [new B()]; e = new B(); static #f = this.g = new B()";
        assert_eq!(read(text), (vec!["b".into(), "g".into()], true));
        let text = "static { this.a = new B(); A.b = null; define(this, 'c', new B()); define(this, 'd', null); }";
        assert_eq!(read(text), (vec!["a".into(), "c".into()], true));
    }

    #[test]
    fn what_calls_nothing_is_found() {
        for text in [
            "",
            "m() { call(); }",
            "a = call(); static b = -1; static c = [{ d: () => call() }]",
            "[Symbol.iterator]() {}",
            "static a = new Map()",
        ] {
            assert_eq!(read(text), (vec![], false), "{text}");
        }
        for text in ["[key]() {}", "static a = [call()]", "static {}", "static b = { c: new B() }", "static [key] = 1"]
        {
            assert!(read(text).1, "{text}");
        }
    }
}
