//! Modules: imports and exports are taken out of the text, so that what is left is the body of a function.
//!
//! ```text
//! Input    import { a } from './a.js'; export const n = a(await f()); export function g() {}
//! Text                                        const n = a(await f());        function g() {}
//! Output   (function(þI,þmeta,þout){"use strict";var n;þout({get "g"(){return g},get "n"(){return þV(n,"n")}},
//!           ["g","n"]);n=þT;function g() {} return ()=>{ ... n=(0,þI.a)(þ1); ... }})
//! ```
//!
//! The kernel (`kernel/modules/`) calls the outer function when it links a module: from then on others can call its
//! functions. The inner one, the body, runs when it is the module's turn. An imported name is a getter of `þI`: the one that the
//! module from which it comes has given to `þout`, so whoever reads it sees what it is now, or its dead zone. The list says which of them
//! keep their first value.

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use oxc::allocator::{Allocator, TakeIn};
use oxc::ast::ast::*;
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::ScopeFlags;
use oxc::span::{GetSpan, Span};
use oxc_ecmascript::BoundNames;

/// A module that another one wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What the source calls it.
    pub specifier: String,
    /// The value of the attribute `type`.
    pub kind: Option<String>,
    /// Where it does so.
    pub offset: u32,
}

/// Names of a module that come from others or go to them.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// The modules that it wants, in order.
    pub requests: Vec<Request>,
    /// Local names, with the request and the name in there; none for all of the module as an object.
    pub imports: Vec<(String, usize, Option<String>)>,
    /// Exported names with what stands for them in the text, in the order of the names.
    pub exports: Vec<(String, String)>,
    /// Exported names that are another module's, as in `imports`.
    pub indirect: Vec<(String, usize, Option<String>)>,
    /// Requests of which everything is exported.
    pub stars: Vec<usize>,
    /// Whether the body awaits.
    pub is_async: bool,
    /// The variable of a default export that has no name.
    pub default: &'static str,
    /// Where a default export without a name begins in the text, and where it does in the source.
    pub unnamed: Option<(u32, u32)>,
}

impl Shape {
    /// What a default export without a name may be called; `name`, if it is one of those.
    #[allow(dead_code, reason = "the build script compiles this file, too")]
    pub fn default_named(name: &str) -> Option<&'static str> {
        DEFAULTS.into_iter().chain([""]).find(|known| *known == name)
    }

    /// The names that are read from other modules.
    pub fn imported(&self) -> HashSet<&str> {
        self.imports.iter().map(|(local, ..)| local.as_str()).collect()
    }

    /// Whether the module could be one of a cycle. Packages do not import what imports them.
    pub fn may_be_in_cycle(&self) -> bool {
        self.requests.iter().any(|request| request.specifier.starts_with(['.', '/', '#', 'f']))
    }
}

/// A module whose imports and exports were taken out, each stretch as long as it was.
pub struct Opened {
    /// The text.
    pub text: String,
    /// What was taken out.
    pub shape: Shape,
}

/// What the variable of a default export without a name may be called. `let`, it and `=` are as long as `export default`.
const DEFAULTS: [&str; 5] = ["$default_", "_default$", "$default$", "$$default", "default$$"];

/// Takes the exports out of a module's syntax tree, as [`open`] has done with its text. Returns whether that was possible:
/// a default export that has no name becomes a variable, which the tree does not have.
pub fn unwrap<'a>(program: &mut Program<'a>, allocator: &'a Allocator) -> bool {
    let has_name = |it: &ExportDefaultDeclaration<'_>| match &it.declaration {
        ExportDefaultDeclarationKind::FunctionDeclaration(it) => it.id.is_some(),
        ExportDefaultDeclarationKind::ClassDeclaration(it) => it.id.is_some(),
        _ => false,
    };
    if program.body.iter().any(|it| matches!(it, Statement::ExportDefaultDeclaration(it) if !has_name(it))) {
        return false;
    }
    program.body.retain(|statement| !matches!(statement, Statement::ExportNamedDeclaration(_)));
    for statement in &mut program.body {
        match statement {
            Statement::ExportDeclaration(it) => *statement = it.declaration.take_in(&allocator).into(),
            Statement::ExportDefaultDeclaration(it) => {
                *statement = match it.declaration.take_in(&allocator) {
                    ExportDefaultDeclarationKind::FunctionDeclaration(it) => Statement::FunctionDeclaration(it),
                    ExportDefaultDeclarationKind::ClassDeclaration(it) => Statement::ClassDeclaration(it),
                    _ => unreachable!("only these have a name"),
                }
            }
            _ => {}
        }
    }
    true
}

/// Takes imports and exports out of a module.
///
/// # Errors
/// A message and the byte offset, for attributes that are not supported.
pub fn open(source: &str, program: &Program<'_>) -> Result<Opened, (String, u32)> {
    let default = DEFAULTS.into_iter().find(|name| !source.contains(name)).unwrap_or(DEFAULTS[0]);
    let shape = Shape { default, ..Shape::default() };
    let mut opener = Opener { source, shape, replaced: Vec::new(), known: HashMap::default() };
    for statement in &program.body {
        opener.statement(statement)?;
    }
    let Opener { mut shape, replaced, .. } = opener;
    // What is imported and exported again is the other module's own.
    let exports = std::mem::take(&mut shape.exports);
    for (exported, local) in exports {
        match shape.imports.iter().find(|(name, ..)| *name == local) {
            Some((_, request, imported)) => shape.indirect.push((exported, *request, imported.clone())),
            None => shape.exports.push((exported, local)),
        }
    }
    shape.exports.sort();
    shape.is_async = awaits(program);
    let mut text = source.to_owned();
    for (span, replacement) in replaced.into_iter().rev() {
        let width = (span.end - span.start) as usize;
        // Line breaks stay, so that lines do.
        let old = &source[span.start as usize..span.end as usize];
        let breaks = old.matches('\n').count();
        let padding = width.saturating_sub(replacement.len() + breaks);
        let new = format!("{replacement}{}{}", " ".repeat(padding), "\n".repeat(breaks));
        text.replace_range(span.start as usize..span.end as usize, &new);
    }
    Ok(Opened { text, shape })
}

struct Opener<'s> {
    source: &'s str,
    shape: Shape,
    replaced: Vec<(Span, String)>,
    known: HashMap<(String, Option<String>), usize>,
}

impl Opener<'_> {
    fn request(
        &mut self,
        source: &StringLiteral<'_>,
        attributes: Option<&WithClause<'_>>,
    ) -> Result<usize, (String, u32)> {
        let mut kind = None;
        for attribute in attributes.iter().flat_map(|clause| &clause.with_entries) {
            let key = attribute.key.as_arena_str();
            if key != "type" {
                return Err((format!("Import attribute \"{key}\" is not supported"), attribute.span.start));
            }
            kind = Some(attribute.value.value.to_string());
        }
        let key = (source.value.to_string(), kind);
        let next = self.shape.requests.len();
        let index = *self.known.entry(key.clone()).or_insert(next);
        if index == next {
            self.shape.requests.push(Request { specifier: key.0, kind: key.1, offset: source.span.start });
        }
        Ok(index)
    }

    fn statement(&mut self, statement: &Statement<'_>) -> Result<(), (String, u32)> {
        match statement {
            Statement::ImportDeclaration(it) => {
                if it.phase.is_some() {
                    return Err(("phases of imports are not supported".to_owned(), it.span.start));
                }
                let request = self.request(&it.source, it.with_clause.as_deref())?;
                for specifier in it.specifiers.iter().flatten() {
                    let (local, imported) = match specifier {
                        ImportDeclarationSpecifier::ImportSpecifier(it) => {
                            (&it.local, Some(it.imported.name().to_string()))
                        }
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(it) => {
                            (&it.local, Some("default".to_owned()))
                        }
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(it) => (&it.local, None),
                    };
                    self.shape.imports.push((local.name.to_string(), request, imported));
                }
                self.replaced.push((it.span, ";".to_owned()));
            }
            Statement::ExportAllDeclaration(it) => {
                let request = self.request(&it.source, it.with_clause.as_deref())?;
                match &it.exported {
                    Some(name) => self.shape.indirect.push((name.name().to_string(), request, None)),
                    None => self.shape.stars.push(request),
                }
                self.replaced.push((it.span, ";".to_owned()));
            }
            Statement::ExportFromDeclaration(it) => {
                let request = self.request(&it.source, it.with_clause.as_deref())?;
                for specifier in &it.specifiers {
                    let imported = Some(specifier.local.name().to_string());
                    self.shape.indirect.push((specifier.exported.name().to_string(), request, imported));
                }
                self.replaced.push((it.span, ";".to_owned()));
            }
            Statement::ExportDeclaration(it) => {
                let declared = it.declaration.span();
                self.replaced.push((Span::new(it.span.start, declared.start), String::new()));
                let mut names = Vec::new();
                match &it.declaration {
                    Declaration::VariableDeclaration(it) => it.bound_names(&mut |id| names.push(id.name.to_string())),
                    Declaration::FunctionDeclaration(it) => names.extend(it.id.iter().map(|id| id.name.to_string())),
                    Declaration::ClassDeclaration(it) => names.extend(it.id.iter().map(|id| id.name.to_string())),
                    _ => {}
                }
                self.shape.exports.extend(names.into_iter().map(|name| (name.clone(), name)));
            }
            Statement::ExportNamedDeclaration(it) => {
                self.replaced.push((it.span, ";".to_owned()));
                for specifier in &it.specifiers {
                    let exported = specifier.exported.name().to_string();
                    self.shape.exports.push((exported, specifier.local.name().to_string()));
                }
            }
            Statement::ExportDefaultDeclaration(it) => self.default(it),
            _ => {}
        }
        Ok(())
    }

    /// ```text
    /// export default function (x) {}     function $default_  (x) {}
    /// export default class {}            class $default_     {}
    /// export default f();                let $default_= f();
    /// ```
    fn default(&mut self, it: &ExportDefaultDeclaration<'_>) {
        let declared = it.declaration.span();
        let head = Span::new(it.span.start, declared.start);
        let (name, end) = match &it.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(it) => (it.id.as_ref(), it.params.span.start),
            ExportDefaultDeclarationKind::ClassDeclaration(it) => (it.id.as_ref(), it.span.start + 5),
            _ => (None, 0),
        };
        if let Some(name) = name {
            self.replaced.push((head, String::new()));
            self.shape.exports.push(("default".to_owned(), name.name.to_string()));
            return;
        }
        self.shape.exports.push(("default".to_owned(), self.shape.default.to_owned()));
        if end == 0 {
            self.replaced.push((head, format!("let {}=", self.shape.default)));
            return;
        }
        self.shape.unnamed = Some((it.span.start, declared.start));
        let words = self.source[declared.start as usize..end as usize].trim_end();
        // Comments between the words go.
        let words = if words.contains("/*") || words.contains("//") { plain_words(words) } else { words.to_owned() };
        self.replaced.push((Span::new(it.span.start, end), format!("{words} {}", self.shape.default)));
    }
}

fn plain_words(text: &str) -> String {
    let star = if text.contains('*') { "*" } else { "" };
    if text.starts_with("async") { format!("async function{star}") } else { format!("function{star}") }
}

/// Whether the body of a module awaits something itself.
fn awaits(program: &Program<'_>) -> bool {
    struct Finder(bool);
    impl<'a> Visit<'a> for Finder {
        fn visit_function(&mut self, _: &Function<'a>, _: ScopeFlags) {}
        fn visit_arrow_function_expression(&mut self, _: &ArrowFunctionExpression<'a>) {}
        fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
            if it.computed {
                self.visit_property_key(&it.key);
            }
        }
        fn visit_static_block(&mut self, _: &StaticBlock<'a>) {}
        fn visit_await_expression(&mut self, _: &AwaitExpression<'a>) {
            self.0 = true;
        }
        fn visit_for_of_statement(&mut self, it: &ForOfStatement<'a>) {
            self.0 |= it.r#await;
            walk::walk_for_of_statement(self, it);
        }
        fn visit_variable_declaration(&mut self, it: &VariableDeclaration<'a>) {
            self.0 |= it.kind == VariableDeclarationKind::AwaitUsing;
            walk::walk_variable_declaration(self, it);
        }
    }
    let mut finder = Finder(false);
    finder.visit_program(program);
    finder.0
}
