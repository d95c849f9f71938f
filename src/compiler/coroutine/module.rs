//! Modules: their exports are taken out of the text, which then is the body of an async function.
//!
//! ```text
//! Input    export const n = await f(); export default function g() {}
//! Text            const n = await f();                function g() {}        exports n: n, default: g
//! Output   (function(){"use strict";return function(){return (()=>{ þexports({get "default"(){return g},get "n"(){return n}}); ... })()}()})
//! ```
//!
//! Imports come with a later version.

use oxc::allocator::{Allocator, TakeIn};
use oxc::ast::ast::*;
use oxc::span::{GetSpan, Span};
use oxc_ecmascript::BoundNames;

/// A module whose exports were taken out, each stretch as long as it was.
pub struct Opened {
    /// The text.
    pub text: String,
    /// Exported names with what stands for them in the text, in the order of the names.
    pub exports: Vec<(String, String)>,
}

/// Variable of a default export that has no name. As long as `export default`, with the space that follows.
const DEFAULT: &str = "þdefault";

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

/// Takes the exports out of a module.
///
/// # Errors
/// A message and the byte offset, for imports.
pub fn open(source: &str, program: &Program<'_>) -> Result<Opened, (String, u32)> {
    let mut text = source.to_owned();
    let mut exports = Vec::new();
    let mut replaced: Vec<(Span, String)> = Vec::new();
    for statement in &program.body {
        let refused = |span: Span, from: &str| {
            let why =
                "imports inside `run` and tasks are not supported by this version: bundle the program into one file";
            Err((format!("cannot import '{from}': {why}"), span.start))
        };
        match statement {
            Statement::ImportDeclaration(it) => return refused(it.span, &it.source.value),
            Statement::ExportAllDeclaration(it) => return refused(it.span, &it.source.value),
            Statement::ExportFromDeclaration(it) => return refused(it.span, &it.source.value),
            Statement::ExportDeclaration(it) => {
                let declared = it.declaration.span();
                replaced.push((Span::new(it.span.start, declared.start), String::new()));
                let mut names = Vec::new();
                match &it.declaration {
                    Declaration::VariableDeclaration(it) => it.bound_names(&mut |id| names.push(id.name.to_string())),
                    Declaration::FunctionDeclaration(it) => names.extend(it.id.iter().map(|id| id.name.to_string())),
                    Declaration::ClassDeclaration(it) => names.extend(it.id.iter().map(|id| id.name.to_string())),
                    _ => {}
                }
                exports.extend(names.into_iter().map(|name| (name.clone(), name)));
            }
            Statement::ExportNamedDeclaration(it) => {
                replaced.push((it.span, ";".to_owned()));
                for specifier in &it.specifiers {
                    exports.push((specifier.exported.name().to_string(), specifier.local.name().to_string()));
                }
            }
            Statement::ExportDefaultDeclaration(it) => {
                let declared = it.declaration.span();
                let head = Span::new(it.span.start, declared.start);
                let name = match &it.declaration {
                    ExportDefaultDeclarationKind::FunctionDeclaration(it) => it.id.as_ref(),
                    ExportDefaultDeclarationKind::ClassDeclaration(it) => it.id.as_ref(),
                    _ => None,
                };
                if let Some(name) = name {
                    replaced.push((head, String::new()));
                    exports.push(("default".to_owned(), name.name.to_string()));
                } else {
                    replaced.push((head, format!("var {DEFAULT}=")));
                    // A declaration needs no semicolon, an expression may.
                    replaced.push((Span::empty(declared.end), ";".to_owned()));
                    exports.push(("default".to_owned(), DEFAULT.to_owned()));
                }
            }
            _ => {}
        }
    }
    for (span, replacement) in replaced.into_iter().rev() {
        let width = (span.end - span.start) as usize;
        // Line breaks stay, so that lines do.
        let old = &source[span.start as usize..span.end as usize];
        let breaks = old.matches('\n').count();
        let padding = width.saturating_sub(replacement.len() + breaks);
        let new = format!("{replacement}{}{}", " ".repeat(padding), "\n".repeat(breaks));
        text.replace_range(span.start as usize..span.end as usize, &new);
    }
    exports.sort();
    Ok(Opened { text, exports })
}
