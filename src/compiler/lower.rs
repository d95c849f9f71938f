//! A source of a task in coroutine form, made without V8, so on any thread.
//!
//! ```text
//! Input    function: add(a, b) { return f(a) + b; }     program: main.ts
//! Compiled           ({add(a, b) { return f(a) + b; }}) what `prepare_program` makes of it
//! ```

use oxc::span::SourceType;

use super::code::{CodeKind, ProgramType};
use super::coroutine::{self, Compiled};
use super::depth::with_stack;
use super::typescript::{describe_at, javascript, prepare_program};

/// A source in coroutine form.
pub struct Lowered {
    /// The code, with what is known of its places.
    pub compiled: Compiled,
    /// The source map (JSON) from the JavaScript that was compiled to TypeScript or JSX, where the source is either.
    pub map: Option<String>,
}

/// Why a source does not compile.
pub struct Failure {
    message: String,
    /// The byte offset in the source, where the message does not tell the place.
    at: Option<usize>,
}

impl Failure {
    /// The message of a `SyntaxError`, with the place, the line and a mark below it.
    pub fn describe(&self, name: &str, source: &str) -> String {
        match self.at {
            Some(at) => describe_at(name, source, &self.message, at),
            None => self.message.clone(),
        }
    }
}

/// Compiles a source to coroutine form.
///
/// `id` is what the comments in its functions call it. `accepted` says that V8 has parsed it already, so that nobody looks
/// for early errors: oxc sees some where there are none.
///
/// # Errors
/// What is wrong with the source.
pub fn lower(id: u32, kind: CodeKind, name: &str, source: &str, accepted: bool) -> Result<Lowered, Failure> {
    match kind {
        CodeKind::Function { strict } => {
            let compile = |text: &str| coroutine::compile_accepted(id, text, SourceType::cjs());
            Ok(Lowered { compiled: lower_function(strict, source, compile)?.0, map: None })
        }
        CodeKind::Program(kind) => {
            let compile = if accepted { coroutine::compile_accepted } else { coroutine::compile };
            lower_program(name, source, kind, |text, source_type| compile(id, text, source_type))
        }
        CodeKind::Module => lower(id, CodeKind::Program(ProgramType::Module), name, source, accepted),
        CodeKind::CommonJs => {
            let compile = if accepted { coroutine::compile_accepted } else { coroutine::compile };
            let (text, map) = common_js(name, source).map_err(|message| Failure { message, at: None })?;
            let compiled = with_stack(&text, || compile(id, &text, SourceType::cjs()))
                .map_err(|message| Failure { message: format!("{message} ({name}:1:1)"), at: None })?
                .map_err(|(message, at)| {
                    let inner = &text[COMMON_JS.len()..];
                    let at = (at as usize).saturating_sub(COMMON_JS.len());
                    Failure { message: describe_at(name, inner, &message, at), at: None }
                })?;
            Ok(Lowered { compiled, map })
        }
    }
}

/// What stands before the text of a CommonJS module, as in Node.
pub const COMMON_JS: &str = "(function (exports, require, module, __filename, __dirname) {";

/// The text of a CommonJS module as a function, and the map to TypeScript or JSX.
///
/// # Errors
/// A `SyntaxError`'s message, where TypeScript or JSX does not parse.
pub fn common_js(name: &str, source: &str) -> Result<(String, Option<String>), String> {
    let program = prepare_program(name, source, ProgramType::Script)?;
    let text = match program.source.strip_prefix("#!") {
        Some(rest) => format!("//{rest}"),
        None => program.source,
    };
    Ok((format!("{COMMON_JS}{text}\n}})"), program.map))
}

/// Compiles the text of a function with `compile`. Returns how many bytes stand before it in what was compiled, too.
///
/// # Errors
/// What is wrong with it.
pub fn lower_function(
    strict: bool,
    source: &str,
    compile: impl Fn(&str) -> Result<Compiled, (String, u32)>,
) -> Result<(Compiled, u32), Failure> {
    let compile = |text: &str, offset: u32| {
        with_stack(text, || compile(text))
            .map_err(|message| Failure { message, at: None })?
            .map(|compiled| (compiled, offset))
            .map_err(|(message, at)| Failure { message, at: Some(at.saturating_sub(offset) as usize) })
    };
    let (strict, before) = if strict { ("'use strict';", 13) } else { ("", 0) };
    // The text of a method is no expression.
    compile(&format!("{strict}({source}\n)"), before + 1)
        .or_else(|error| compile(&format!("{strict}({{{source}\n}})"), before + 2).map_err(|_| error))
}

/// Compiles a program with `compile`.
///
/// # Errors
/// What is wrong with it.
pub fn lower_program(
    name: &str,
    source: &str,
    kind: ProgramType,
    compile: impl Fn(&str, SourceType) -> Result<Compiled, (String, u32)>,
) -> Result<Lowered, Failure> {
    let whole = |message: String| Failure { message, at: None };
    let compile = |text: &str, source_type: SourceType| {
        with_stack(text, || compile(text, source_type))
            .map_err(|message| whole(format!("{message} ({name}:1:1)")))?
            .map_err(|(message, at)| whole(describe_at(name, text, &message, at as usize)))
    };
    if let Some(source_type) = javascript(name, kind) {
        return Ok(Lowered { compiled: compile(source, source_type)?, map: None });
    }
    let program = prepare_program(name, source, kind).map_err(whole)?;
    let source_type = if program.module { SourceType::mjs() } else { SourceType::script() };
    let compiled = compile(&program.source, source_type)?;
    Ok(Lowered { compiled, map: program.map })
}
