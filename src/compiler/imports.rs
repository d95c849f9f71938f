//! What a module imports: names that a task can import itself where a function has captured them.
//!
//! ```text
//! Input   import { z as schema } from 'zod'; import * as R from 'ramda'; import own from './own.js';
//! Output  schema: z of zod; R: * of ramda; own: default of ./own.js
//! ```

use oxc::allocator::Allocator;
use oxc::ast::ast::{ImportDeclarationSpecifier, Program, Statement};
use oxc::parser::Parser;
use oxc::span::SourceType;

use super::depth::with_stack;

/// A name that is imported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    /// What the module calls it.
    pub local: String,
    /// What it is imported from.
    pub specifier: String,
    /// What that calls it: `*` for all of its exports.
    pub name: String,
}

/// What a module's source imports; nothing where it does not parse.
pub fn imports(source: &str) -> Vec<Import> {
    let find = || {
        let allocator = Allocator::default();
        imports_of(&Parser::new(&allocator, source, SourceType::mjs()).parse().program)
    };
    with_stack(source, find).unwrap_or_default()
}

/// The same for a module that is parsed already.
pub fn imports_of(program: &Program<'_>) -> Vec<Import> {
    let mut found = Vec::new();
    for statement in &program.body {
        let Statement::ImportDeclaration(declaration) = statement else { continue };
        let specifier = declaration.source.value.as_str();
        if !is_file(specifier) {
            continue;
        }
        for one in declaration.specifiers.iter().flatten() {
            let (local, name) = match one {
                ImportDeclarationSpecifier::ImportSpecifier(it) => (&it.local, it.imported.name().to_string()),
                ImportDeclarationSpecifier::ImportDefaultSpecifier(it) => (&it.local, "default".to_owned()),
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(it) => (&it.local, "*".to_owned()),
            };
            found.push(Import { local: local.name.to_string(), specifier: specifier.to_owned(), name });
        }
    }
    found
}

/// Whether a specifier leads to a file, and neither to a module of Node's by its full name nor to this library.
fn is_file(specifier: &str) -> bool {
    (specifier.starts_with("file:") || !specifier.contains(':')) && specifier != "@hertzscript/isolate"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found() {
        let source = "import a, { b as c, 'd e' as f } from 'p'; import * as g from '@s/q/r'; import { h } from './h.js';
            import { i } from 'node:fs'; import j from 'file:///j.js'; import 'k'; import { spawn } from '@hertzscript/isolate';";
        let found = imports(source).into_iter().map(|one| format!("{} {} {}", one.local, one.specifier, one.name));
        assert_eq!(
            found.collect::<Vec<_>>(),
            ["a p default", "c p b", "f p d e", "g @s/q/r *", "h ./h.js h", "j file:///j.js default"]
        );
        assert_eq!(imports("import {"), []);
    }
}
