//! Whether a function is strict code because of what is around it. Neither V8 nor the function's text tells, so its script is
//! parsed.
//!
//! ```text
//! Input   class A { static m() { return this; } }   at the parenthesis of m
//! Output  true: class bodies are strict
//! ```

use oxc::allocator::Allocator;
use oxc::ast::AstKind;
use oxc::parser::Parser;
use oxc::semantic::SemanticBuilder;
use oxc::span::SourceType;

/// Whether the function that starts at `offset` is strict. For methods that is where their parameters start. False where there
/// is no function, or where the script does not parse.
pub fn is_strict_at(script: &str, offset: u32) -> bool {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, script, SourceType::cjs()).parse();
    let semantic = SemanticBuilder::new().with_build_nodes(true).build(&parsed.program).semantic;
    let functions = semantic.nodes().iter().filter_map(|node| match node.kind() {
        AstKind::Function(function) => Some((function.span, function.scope_id())),
        AstKind::ArrowFunctionExpression(function) => Some((function.span, function.scope_id())),
        _ => None,
    });
    functions
        .filter(|(span, _)| span.start <= offset && offset < span.end)
        .max_by_key(|(span, _)| span.start)
        .is_some_and(|(_, scope)| semantic.scoping().scope_flags(scope).is_strict_mode())
}

#[cfg(test)]
mod tests {
    use super::is_strict_at;

    /// Asks for the function before the bar.
    fn strict(script: &str) -> bool {
        let offset = script.find('|').expect("a bar");
        is_strict_at(&script.replacen('|', "", 1), u32::try_from(offset).expect("it is short"))
    }

    #[test]
    fn surroundings_decide() {
        assert!(!strict("const f = |() => this;"));
        assert!(!strict("const o = { m|() {} };"));
        assert!(strict("'use strict'; const f = |() => this;"));
        assert!(strict("class A { static m|() {} }"));
        assert!(strict("function f() { 'use strict'; return |async (a = () => 1) => a; }"));
        assert!(!strict("function f() { 'use strict'; } const o = { get g|() {} };"));
        assert!(!strict("(class {}); const f = |x => x;"));
        assert!(!strict("const f = |() => { class A { m() {} } };"));
        assert!(!strict("const = |"));
    }
}
