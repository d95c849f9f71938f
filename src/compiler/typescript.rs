//! Whole programs: which kind they are, and TypeScript and JSX as JavaScript.
//!
//! JavaScript is passed on as it is, so that its positions stay exact:
//!
//! ```text
//! Input   main.ts:  const n: number = 1; export { n };
//! Output  module:   const n = 1; export { n };          and the source map from the second to the first
//! Input   main.js:  1 + 1
//! Output  script:   1 + 1                               and no map
//! ```

use std::path::Path;

use oxc::allocator::Allocator;
use oxc::codegen::{Codegen, CodegenOptions};
use oxc::diagnostics::OxcDiagnostic;
use oxc::parser::Parser;
use oxc::semantic::SemanticBuilder;
use oxc::span::SourceType;
use oxc::transformer::{TransformOptions, Transformer};

use super::code::ProgramType;
use super::depth::{is_too_deep, with_stack};

/// A program that V8 can compile.
pub struct Program {
    /// The text.
    pub source: String,
    /// Whether it is a module.
    pub module: bool,
    /// Source map (JSON) to what the user wrote, where the text is not that.
    pub map: Option<String>,
}

/// Makes a program ready for V8.
///
/// # Errors
/// A `SyntaxError`'s message with `file:line:column`, where the source does not parse.
pub fn prepare_program(name: &str, source: &str, program_type: ProgramType) -> Result<Program, String> {
    let path = Path::new(name.strip_prefix("file://").unwrap_or(name));
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    let language = match extension {
        "ts" | "mts" | "cts" => SourceType::ts(),
        "tsx" => SourceType::tsx(),
        "jsx" => SourceType::jsx(),
        _ => SourceType::mjs(),
    };
    let by_ending = match extension {
        "mjs" | "mts" => ProgramType::Module,
        "cjs" | "cts" => ProgramType::Script,
        _ => ProgramType::Detect,
    };
    let wanted = if program_type == ProgramType::Detect { by_ending } else { program_type };
    let plain = matches!(extension, "js" | "mjs" | "cjs") || !matches!(extension, "ts" | "mts" | "cts" | "tsx" | "jsx");
    if plain && wanted != ProgramType::Detect {
        return Ok(Program { source: source.to_owned(), module: wanted == ProgramType::Module, map: None });
    }

    if plain && is_too_deep(source) {
        // V8 parses less deep nesting than this, and says so.
        return Ok(Program { source: source.to_owned(), module: false, map: None });
    }
    with_stack(source, || compile_program(name, path, source, language, wanted, plain)).unwrap_or_else(Err)
}

/// Parses a program to find out what it is; TypeScript and JSX become JavaScript.
fn compile_program(
    name: &str,
    path: &Path,
    source: &str,
    language: SourceType,
    wanted: ProgramType,
    plain: bool,
) -> Result<Program, String> {
    let source_type = match wanted {
        ProgramType::Script => language.with_script(true),
        ProgramType::Module => language.with_module(true),
        ProgramType::Detect => language.with_unambiguous(true),
    };
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, source_type).parse();
    if plain {
        // V8 reports what is wrong with plain JavaScript; the parse here only finds out what it is.
        let module = parsed.program.source_type.is_module();
        return Ok(Program { source: source.to_owned(), module, map: None });
    }
    if let Some(error) = parsed.diagnostics.errors().next() {
        return Err(describe(name, source, error));
    }
    let mut program = parsed.program;
    let module = program.source_type.is_module();
    let semantic = SemanticBuilder::new().with_excess_capacity(2.0).with_enum_eval(true).build(&program);
    let scoping = semantic.semantic.into_scoping();
    let transformed =
        Transformer::new(&allocator, path, &TransformOptions::default()).build_with_scoping(scoping, &mut program);
    if let Some(error) = transformed.diagnostics.errors().next() {
        return Err(describe(name, source, error));
    }
    let options = CodegenOptions { source_map_path: Some(path.to_path_buf()), ..CodegenOptions::default() };
    let printed = Codegen::new().with_options(options).build(&program);
    Ok(Program { source: printed.code, module, map: printed.map.map(|map| map.to_json_string()) })
}

/// `file:line:column: message`, with the line itself and a mark below it.
fn describe(name: &str, source: &str, error: &OxcDiagnostic) -> String {
    let offset = error.labels.first().map_or(0, |label| label.offset() as usize);
    describe_at(name, source, &error.message, offset)
}

/// The same for a message and the byte offset of its place.
pub fn describe_at(name: &str, source: &str, message: &str, offset: usize) -> String {
    let offset = offset.min(source.len());
    let before = &source[..offset];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = source[start..offset].encode_utf16().count() + 1;
    let text = source[start..].lines().next().unwrap_or("");
    let mark = " ".repeat(column - 1) + "^";
    format!("{message} ({name}:{line}:{column})\n{text}\n{mark}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_then_the_syntax_decide_what_a_program_is() {
        let module = |name, source| prepare_program(name, source, ProgramType::Detect).unwrap().module;
        assert!(!module("a.js", "1 + 1"));
        assert!(module("a.js", "export const x = 1"));
        assert!(module("a.mjs", "1 + 1"));
        assert!(!module("a.cjs", "1 + 1"));
        assert!(module("a.ts", "export type T = number; export const x: T = 1"));
        assert!(prepare_program("a.js", "1", ProgramType::Module).unwrap().module);
    }

    #[test]
    fn typescript_loses_its_types_and_gains_a_map() {
        let program =
            prepare_program("a.ts", "enum E { A = 2 }\nconst n: number = E.A;\nn;", ProgramType::Detect).unwrap();
        assert!(!program.source.contains(": number"));
        assert!(program.map.unwrap().contains("\"mappings\""));
    }

    #[test]
    fn a_syntax_error_says_where() {
        let error = prepare_program("a.ts", "let ok: number = 1;\nlet = = 2", ProgramType::Detect).err().unwrap();
        assert!(error.contains("(a.ts:2:"), "{error}");
        assert!(error.contains("let = = 2"), "{error}");
    }
}
