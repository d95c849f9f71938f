//! What the text of a function takes from around it: names that it does not declare, and things that have no name.
//!
//! ```text
//! Input   (x) => table[x] ?? missing(x)
//! Output  names table, missing
//! Input   class Shape extends Base { area() { return unit * this.side ** 2; } }
//! Output  names Base (needed to make the class), unit
//! Input   () => this.count
//! Output  outer: this
//! ```

use oxc::allocator::Allocator;
use oxc::ast::AstKind;
use oxc::ast::ast::{Argument, ClassElement, Expression, MethodDefinitionKind, PropertyKey, Statement};
use oxc::parser::Parser;
use oxc::semantic::{NodeId, Semantic, SemanticBuilder, SymbolFlags};
use oxc::span::{GetSpan, SourceType, Span};

use super::depth::with_stack;
use super::statics::Statics;

/// What kind of text a function has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// An expression: an arrow function, or one with the keyword `function`.
    Function,
    /// A class.
    Class,
    /// A method or an accessor, which is an expression only within an object literal.
    Method,
}

/// A name that a text uses and does not declare.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FreeName {
    /// The name.
    pub name: String,
    /// Whether the text assigns it.
    pub assigned: bool,
    /// Whether a class needs its value to come into being: in `extends`, in computed keys, or in what is static.
    pub early: bool,
}

/// What a text takes from around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Surroundings {
    /// The kind of text.
    pub shape: Shape,
    /// The names, in the order of the alphabet.
    pub names: Vec<FreeName>,
    /// What else belongs to the code around it: `this`, `super`, `arguments`, `new.target` or `#name`.
    pub outer: Option<String>,
    /// Where an expression stands whose value is known otherwise, and whose names are not among those above: a method's computed
    /// key, without its brackets, or what a class extends, unless that is a name. UTF-16 offsets in the text.
    pub known: Option<(u32, u32)>,
    /// The name of what a class extends.
    pub parent: Option<String>,
    /// Where the parameters of a class's constructor begin, which is where V8 says that the class stands.
    pub constructor: Option<u32>,
    /// Whether it uses `require` for more than modules of Node's own, so that its meaning depends on its file.
    pub requires: bool,
    /// The same of `import()`.
    pub imports: bool,
    /// The name of a function that assigns it: `function f() { f = g; return f(); }`. That is a declaration then, since as an expression it
    /// would throw, or have no effect.
    pub reassigned: Option<String>,
    /// What a class does when it comes into being.
    pub statics: Statics,
}

/// Reads the text of a function. `None` where it is not the text of one, such as of a private method.
pub fn surroundings(text: &str) -> Option<Surroundings> {
    with_stack(text, || {
        read(text, &format!("({text}\n)"), false).or_else(|| read(text, &format!("({{{text}\n}})"), true))
    })
    .ok()?
}

fn read(text: &str, source: &str, is_method: bool) -> Option<Surroundings> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, SourceType::cjs()).parse();
    if parsed.panicked || parsed.diagnostics.errors().next().is_some() {
        return None;
    }
    let [Statement::ExpressionStatement(statement)] = parsed.program.body.as_slice() else { return None };
    let root = statement.expression.without_parentheses();
    let mut known = None;
    let mut parent = None;
    let mut constructor = None;
    let mut statics = Statics::default();
    let shape = match root {
        Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) if !is_method => Shape::Function,
        Expression::ClassExpression(class) if !is_method => {
            match class.heritage.as_ref().map(|heritage| &heritage.expression) {
                Some(Expression::Identifier(name)) => parent = Some(name.name.to_string()),
                Some(Expression::NullLiteral(_)) | None => {}
                Some(expression) => known = Some(expression.span()),
            }
            statics = super::statics::statics(class);
            constructor = class.body.body.iter().find_map(|element| match element {
                ClassElement::MethodDefinition(method) if method.kind == MethodDefinitionKind::Constructor => {
                    Some(method.value.params.span.start)
                }
                _ => None,
            });
            Shape::Class
        }
        Expression::ObjectExpression(object) if is_method => {
            let [property] = object.properties.as_slice() else { return None };
            let oxc::ast::ast::ObjectPropertyKind::ObjectProperty(property) = property else { return None };
            if property.computed {
                known = Some(property.key.span());
            }
            Shape::Method
        }
        _ => return None,
    };
    let semantic = SemanticBuilder::new().with_build_nodes(true).build(&parsed.program).semantic;
    let scan = Scan { semantic: &semantic, known };
    let scoping = semantic.scoping();
    let requires = (scoping.root_unresolved_references().iter())
        .filter(|(name, _)| *name == "require")
        .flat_map(|(_, references)| references)
        .any(|id| !scan.requires_builtin(scoping.get_reference(*id).node_id()));
    let imports = semantic.nodes().iter().any(|node| match node.kind() {
        AstKind::ImportExpression(import) => !is_builtin(&import.source),
        _ => false,
    });
    let reassigned = match root {
        Expression::FunctionExpression(function) => function
            .id
            .as_ref()
            .filter(|id| id.symbol_id.get().is_some_and(|symbol| scoping.symbol_is_mutated(symbol)))
            .map(|id| id.name.to_string()),
        _ => None,
    };
    let mut names: Vec<FreeName> = scoping
        .root_unresolved_references()
        .iter()
        .filter_map(|(name, references)| {
            let mut free = FreeName { name: name.to_string(), assigned: false, early: false };
            let mut used = false;
            for id in references {
                let reference = scoping.get_reference(*id);
                let node = reference.node_id();
                if scan.is_known(node) || (free.name == "arguments" && !scan.is_outer(node, Thing::Arguments)) {
                    continue;
                }
                used = true;
                free.assigned |= reference.is_write();
                free.early |= shape == Shape::Class && scan.is_early(node);
            }
            (used && free.name != "arguments").then_some(free)
        })
        .collect();
    names.sort_by(|a, b| a.name.cmp(&b.name));
    let units = |offset: u32| {
        let offset = (offset as usize).checked_sub(if is_method { 2 } else { 1 })?;
        u32::try_from(text.get(..offset)?.encode_utf16().count()).ok()
    };
    let known = match known {
        Some(Span { start, end, .. }) => Some((units(start)?, units(end)?)),
        None => None,
    };
    let constructor = constructor.and_then(units);
    Some(Surroundings {
        shape,
        names,
        outer: scan.outer(),
        known,
        parent,
        constructor,
        requires,
        imports,
        reassigned,
        statics,
    })
}

/// What has no name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Thing {
    This,
    Super,
    Arguments,
    NewTarget,
}

struct Scan<'s, 'a> {
    semantic: &'s Semantic<'a>,
    known: Option<Span>,
}

impl Scan<'_, '_> {
    /// Whether the node is in the expression whose value is known otherwise.
    fn is_known(&self, node: NodeId) -> bool {
        let span = self.semantic.nodes().kind(node).span();
        self.known.is_some_and(|known| is_in(known, span))
    }

    /// Whether a use of `require` is a call for a module of Node's own, which is the same wherever it stands.
    fn requires_builtin(&self, node: NodeId) -> bool {
        let AstKind::CallExpression(call) = self.semantic.nodes().parent_kind(node) else { return false };
        let [argument] = call.arguments.as_slice() else { return false };
        call.callee.span() == self.semantic.nodes().kind(node).span()
            && argument.as_expression().is_some_and(is_builtin)
    }

    /// The first thing that belongs to the code around the text.
    fn outer(&self) -> Option<String> {
        self.semantic.nodes().iter().find_map(|node| {
            let id = node.id();
            let (thing, name) = match node.kind() {
                AstKind::ThisExpression(_) if self.is_unused_receiver(id) => return None,
                AstKind::ThisExpression(_) => (Thing::This, "this"),
                AstKind::Super(_) => (Thing::Super, "super"),
                AstKind::NewTarget(_) => (Thing::NewTarget, "new.target"),
                AstKind::IdentifierReference(identifier) if identifier.name == "arguments" => {
                    (Thing::Arguments, "arguments")
                }
                AstKind::PrivateIdentifier(private) => {
                    return (!self.is_declared(id, private.name.as_str())).then(|| format!("#{}", private.name));
                }
                _ => return None,
            };
            (!self.is_known(id) && self.is_outer(id, thing)).then(|| name.to_owned())
        })
    }

    /// Whether a `this` is what TypeScript makes of an asynchronous arrow function for targets before ES2017, and the function does not use it:
    /// `__awaiter(this, void 0, void 0, function* () { .. })`, by itself or as a member of `tslib`.
    fn is_unused_receiver(&self, node: NodeId) -> bool {
        let nodes = self.semantic.nodes();
        let AstKind::CallExpression(call) = nodes.parent_kind(node) else { return false };
        let callee = match call.callee.without_parentheses() {
            Expression::SequenceExpression(list) => list.expressions.last(),
            callee => Some(callee),
        };
        let name = match callee {
            Some(Expression::Identifier(it)) => it.name.as_str(),
            Some(Expression::StaticMemberExpression(it)) => it.property.name.as_str(),
            _ => return false,
        };
        let [receiver, .., Argument::FunctionExpression(function)] = call.arguments.as_slice() else { return false };
        name == "__awaiter"
            && receiver.span() == nodes.kind(node).span()
            && !nodes.iter().any(|inner| match inner.kind() {
                AstKind::ThisExpression(_) => self.giver(inner.id(), Thing::This) == Some(function.span),
                // What it evaluates may use it.
                AstKind::IdentifierReference(it) => it.name == "eval" && is_in(function.span, it.span),
                _ => false,
            })
    }

    /// Whether no function or class of the text gives `thing` a meaning where the node stands.
    fn is_outer(&self, node: NodeId, thing: Thing) -> bool {
        self.giver(node, thing).is_none()
    }

    /// Where that stands which gives `thing` a meaning where the node stands: a function, or what a class evaluates.
    fn giver(&self, node: NodeId, thing: Thing) -> Option<Span> {
        let nodes = self.semantic.nodes();
        let span = nodes.kind(node).span();
        let mut parents = nodes.ancestor_kinds(node).peekable();
        while let Some(kind) = parents.next() {
            let gives = match kind {
                AstKind::Function(_) if thing == Thing::Super => match parents.peek() {
                    // The home of a method is its object, and that of the text itself stays behind.
                    Some(AstKind::ObjectProperty(property)) if property.span.start <= 2 => return None,
                    Some(AstKind::MethodDefinition(_) | AstKind::ObjectProperty(_)) => true,
                    _ => false,
                },
                AstKind::Function(_) | AstKind::StaticBlock(_) => true,
                AstKind::PropertyDefinition(property) => is_within(property.value.as_ref(), span),
                AstKind::AccessorProperty(property) => is_within(property.value.as_ref(), span),
                _ => false,
            };
            if gives {
                return Some(kind.span());
            }
        }
        None
    }

    /// Whether a class of the text has this private name.
    fn is_declared(&self, node: NodeId, name: &str) -> bool {
        self.semantic.nodes().ancestor_kinds(node).any(|kind| {
            let AstKind::Class(class) = kind else { return false };
            class.body.body.iter().any(|element| {
                matches!(element.property_key(), Some(PropertyKey::PrivateIdentifier(key)) if key.name == name)
            })
        })
    }

    /// Whether the value is needed when the class of the text is made, and not by an instance or a call alone.
    fn is_early(&self, node: NodeId) -> bool {
        let nodes = self.semantic.nodes();
        let span = nodes.kind(node).span();
        let mut early = true;
        for kind in nodes.ancestor_kinds(node) {
            match kind {
                AstKind::PropertyDefinition(property) if is_within(property.value.as_ref(), span) => {
                    early = property.r#static;
                }
                AstKind::AccessorProperty(property) if is_within(property.value.as_ref(), span) => {
                    early = property.r#static;
                }
                // A static initialiser may call the functions in it.
                AstKind::StaticBlock(_) => early = true,
                AstKind::MethodDefinition(method) if !is_in(method.key.span(), span) => early = false,
                _ => {}
            }
        }
        early
    }
}

/// Whether an expression is the name of a module of Node's own, or of this library.
fn is_builtin(specifier: &Expression<'_>) -> bool {
    let Expression::StringLiteral(text) = specifier.without_parentheses() else { return false };
    crate::modules::is_builtin(text.value.as_str())
}

fn is_in(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn is_within(value: Option<&Expression<'_>>, span: Span) -> bool {
    value.is_some_and(|value| is_in(value.span(), span))
}

/// How a variable is declared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Declaration {
    /// Where its name stands: a byte offset in the script.
    pub offset: u32,
    /// Whether assigning it throws: `const`, and imports.
    pub is_constant: bool,
    /// Whether it keeps the value with which it is declared, as far as the script says.
    pub is_stable: bool,
}

/// Where the names that the function at `offset` uses are declared in its script, as far as they are.
pub fn declarations(script: &str, is_module: bool, offset: u32, names: &[String]) -> Vec<Option<Declaration>> {
    let find = || {
        let allocator = Allocator::default();
        let source_type = if is_module { SourceType::mjs() } else { SourceType::cjs() };
        let parsed = Parser::new(&allocator, script, source_type).parse();
        let semantic = SemanticBuilder::new().with_build_nodes(true).build(&parsed.program).semantic;
        let scoping = semantic.scoping();
        let nodes = semantic.nodes();
        // Evaluated code may assign any variable.
        let may_evaluate = script.contains("eval");
        let around = nodes
            .iter()
            .filter(|node| {
                matches!(node.kind(), AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) | AstKind::Class(_))
                    && node.kind().span().start <= offset
                    && offset < node.kind().span().end
            })
            .max_by_key(|node| node.kind().span().start)?;
        let declared = names.iter().map(|name| {
            let symbol = scoping.find_binding(around.scope_id(), name.as_str().into())?;
            let flags = scoping.symbol_flags(symbol);
            let is_constant = flags.is_const_variable() || flags.is_import();
            // A declaration by `var` may be reached again and again, and `arguments` may change parameters.
            let is_parameter = matches!(
                nodes.kind(scoping.symbol_declaration(symbol)),
                AstKind::FormalParameter(_) | AstKind::CatchParameter(_)
            ) && !script.contains("arguments");
            let is_single = is_parameter
                || flags.is_class()
                || flags.is_function()
                || flags.contains(SymbolFlags::BlockScopedVariable);
            let is_assigned = scoping.symbol_is_mutated(symbol) || !scoping.symbol_redeclarations(symbol).is_empty();
            Some(Declaration {
                offset: scoping.symbol_span(symbol).start,
                is_constant,
                is_stable: flags.is_const_variable() || (is_single && !is_assigned && !may_evaluate),
            })
        });
        Some(declared.collect())
    };
    with_stack(script, find).ok().flatten().unwrap_or_else(|| vec![None; names.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let mark = |free: &FreeName| {
            format!("{}{}{}", free.name, if free.assigned { "=" } else { "" }, if free.early { "!" } else { "" })
        };
        surroundings(text).expect("a function").names.iter().map(mark).collect()
    }

    fn outer(text: &str) -> Option<String> {
        surroundings(text).expect("a function").outer
    }

    #[test]
    fn names_that_are_not_declared_are_free() {
        assert_eq!(names("(x) => table[x] ?? missing(x, y => y + x)"), ["missing", "table"]);
        assert_eq!(names("function f(n) { return n < 2 ? n : f(n - 1); }"), [""; 0]);
        assert_eq!(
            names("() => { count++; ({ a } = b); typeof c; label: for (const d of e) break label; }"),
            ["a=", "b", "c", "count=", "e"]
        );
        assert_eq!(names("m(a = z) { return a.b + { c }.c; }"), ["c", "z"]);
        assert_eq!(names("async [key.of](a) { return a + b; }"), ["b"]);
        assert_eq!(names("function () { return arguments.length + (() => arguments[0])(); }"), [""; 0]);
    }

    #[test]
    fn a_receiver_that_is_not_used_is_nothing_outer() {
        let arrow = |callee: &str, body: &str| {
            outer(&format!("(n) => {callee}(this, void 0, void 0, function* () {{ {body} }})"))
        };
        assert_eq!(arrow("__awaiter", "yield n; return function () { return this; };"), None);
        assert_eq!(arrow("(0, tslib_1.__awaiter)", "yield n;"), None);
        assert_eq!(arrow("__awaiter", "yield class { n = this; };"), None);
        assert_eq!(arrow("__awaiter", "yield () => this.n;").as_deref(), Some("this"));
        assert_eq!(arrow("__awaiter", "eval(n);").as_deref(), Some("this"));
        assert_eq!(arrow("other", "yield n;").as_deref(), Some("this"));
        assert_eq!(outer("() => __awaiter(n, this, void 0, function* () {})").as_deref(), Some("this"));
    }

    #[test]
    fn a_function_may_assign_its_name() {
        let read = |text: &str| surroundings(text).and_then(|found| found.reassigned);
        assert_eq!(read("function f() { f = () => 1; return f(); }").as_deref(), Some("f"));
        assert_eq!(read("async function* f() { [f] = g; }").as_deref(), Some("f"));
        assert_eq!(read("function f(f) { f = 1; }"), None);
        assert_eq!(read("function f() { var f = 1; return f; }"), None);
        assert_eq!(read("function f() { return f(); }"), None);
        assert_eq!(read("function () { f = 1; }"), None);
    }

    #[test]
    fn what_is_loaded_from_elsewhere_than_node_depends_on_the_file() {
        let read = |text: &str| surroundings(text).map(|found| (found.requires, found.imports));
        assert_eq!(read("() => require('node:fs').sep + require('path')"), Some((false, false)));
        assert_eq!(read("() => require('@hertzscript/isolate')"), Some((false, false)));
        assert_eq!(read("() => require('./leaf')"), Some((true, false)));
        assert_eq!(read("(name) => require(name)"), Some((true, false)));
        assert_eq!(read("() => [require('fs'), require.resolve('fs')]"), Some((true, false)));
        assert_eq!(read("(require) => require('./leaf')"), Some((false, false)));
        assert_eq!(read("async () => import('os')"), Some((false, false)));
        assert_eq!(read("async () => [await import('os'), await import('lodash')]"), Some((false, true)));
        assert_eq!(read("m() { return () => import(this.name); }"), Some((false, true)));
    }

    #[test]
    fn a_class_needs_some_of_them_early() {
        let text =
            "class A extends B { [k] = late; static s = (() => soon)(); static { block(); } m(a = later) { next; } }";
        assert_eq!(names(text), ["B!", "block!", "k!", "late", "later", "next", "soon!"]);
    }

    #[test]
    fn what_a_class_extends_is_known() {
        let found =
            surroundings("class A extends mix(B, this.x) { m() { return B; } constructor(a) { super(a); } }").unwrap();
        assert_eq!((found.known, found.parent, found.constructor), (Some((16, 30)), None, Some(62)));
        assert_eq!((found.names.len(), found.names[0].early, found.outer), (1, false, None));
        let found = surroundings("class extends Base {}").unwrap();
        assert_eq!((found.known, found.parent, found.constructor), (None, Some("Base".into()), None));
    }

    #[test]
    fn what_has_no_name_is_found() {
        assert_eq!(outer("() => this"), Some("this".into()));
        assert_eq!(outer("function () { return () => this; }"), None);
        assert_eq!(outer("() => class { x = this; static { this; } }"), None);
        assert_eq!(outer("() => class { [this.x] = 1; }"), Some("this".into()));
        assert_eq!(outer("() => arguments[0]"), Some("arguments".into()));
        assert_eq!(outer("() => function () { return arguments; }"), None);
        assert_eq!(outer("() => new.target"), Some("new.target".into()));
        assert_eq!(outer("m() { return super.m(); }"), Some("super".into()));
        assert_eq!(outer("() => super.m()"), Some("super".into()));
        assert_eq!(outer("class A extends Object { constructor() { super(); super.toString(); } }"), None);
        assert_eq!(outer("m() { return { n() { return super.n(); } }; }"), None);
        assert_eq!(outer("(o) => o.#secret"), Some("#secret".into()));
        assert_eq!(outer("(o) => #secret in o"), Some("#secret".into()));
        assert_eq!(outer("class { #a = 1; m() { return this.#a; } }"), None);
    }

    #[test]
    fn other_texts_are_refused() {
        assert_eq!(surroundings("#m() {}"), None);
        assert_eq!(surroundings("function f() { [native code] }"), None);
        assert_eq!(surroundings("() => {}); (() => {}"), None);
        assert_eq!(surroundings("['é' + x]() {}").and_then(|found| found.known), Some((1, 8)));
    }

    #[test]
    fn declarations_are_found_from_the_function() {
        let script = "const a = 1; let b; { const b = 2; f = () => a + b + c; }";
        let at = u32::try_from(script.find("() =>").unwrap()).unwrap();
        let names = ["a", "b", "c"].map(str::to_owned);
        let found = declarations(script, false, at, &names);
        assert_eq!(found[0], Some(Declaration { offset: 6, is_constant: true, is_stable: true }));
        assert_eq!(found[1], Some(Declaration { offset: 28, is_constant: true, is_stable: true }));
        assert_eq!(found[2], None);
        let script = "let a; let b = 1; b = 2; function c() {} var d = () => [a, b, c, d];";
        let at = u32::try_from(script.find("() =>").unwrap()).unwrap();
        let names = ["a", "b", "c", "d"].map(str::to_owned);
        let stable = |script: &str| {
            declarations(script, false, at, &names).into_iter().map(|one| one.unwrap().is_stable).collect::<Vec<_>>()
        };
        assert_eq!(stable(script), [true, false, true, false]);
        assert_eq!(stable(&format!("{script} eval('a = 1')")), [false; 4]);
    }
}
