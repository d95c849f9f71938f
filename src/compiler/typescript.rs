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
use oxc::ast_visit::Visit;
use oxc::codegen::{Codegen, CodegenOptions};
use oxc::diagnostics::OxcDiagnostic;
use oxc::parser::Parser;
use oxc::semantic::SemanticBuilder;
use oxc::span::SourceType;
use oxc::transformer::{HelperLoaderMode, JsxRuntime, TransformOptions, Transformer};

use super::code::ProgramType;
use super::depth::{TOO_DEEP, is_too_deep, with_stack};
use super::unsupported::Unsupported;

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
    let Language { path, source_type: language, wanted, plain } = Language::of(name, program_type);
    if is_too_deep(source) {
        // V8 might parse it, for hours: where functions nest, each level costs it the whole text inside.
        return Err(format!("{TOO_DEEP} ({name}:1:1)"));
    }
    if plain && wanted != ProgramType::Detect {
        return Ok(Program { source: source.to_owned(), module: wanted == ProgramType::Module, map: None });
    }

    with_stack(source, || compile_program(name, path, source, language, wanted, plain)).unwrap_or_else(Err)
}

/// Whether a text has what only modules have.
pub fn is_module_text(name: &str, source: &str) -> bool {
    if !may_begin_item(source, "import") && !may_begin_item(source, "export") {
        return false;
    }
    if is_too_deep(source) {
        return false;
    }
    let is_module = || {
        let allocator = Allocator::default();
        let source_type = Language::of(name, ProgramType::Detect).source_type.with_unambiguous(true);
        Parser::new(&allocator, source, source_type).parse().program.source_type.is_module()
    };
    with_stack(source, is_module).unwrap_or(false)
}

/// Whether an item of a module may begin with a word somewhere in a text, or that is followed by a dot (`import.meta`). So the text is not
/// parsed for the word in a sentence of a comment, nor for `exports` or `import()`.
fn may_begin_item(text: &str, word: &str) -> bool {
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    // Whether there is a decorator in the line, before what is looked at; and up to where that is known.
    let (mut is_decorated, mut seen) = (false, 0);
    memchr::memmem::find_iter(bytes, word).any(|at| {
        if let Some(last) = memchr::memrchr3(b'@', b'\n', b'\r', &bytes[seen..at]) {
            is_decorated = bytes[seen + last] == b'@';
        }
        seen = at;
        let (before, after) = (&bytes[..at], &bytes[at + word.len()..]);
        if after.first().is_some_and(is_part) || before.last().is_some_and(is_part) {
            return false;
        }
        // A dot may come after a comment.
        if after.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| matches!(byte, b'.' | b'/')) {
            return true;
        }
        let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t' | 0x0b | 0x0c)).count();
        let before = &before[..before.len() - blanks];
        // A new line, the end of a statement, a block or a comment; or a character of several bytes, which may be white space or end a line.
        let ends = |byte: &u8| matches!(byte, b'\n' | b'\r' | b';' | b'}' | b')' | 0x80..);
        before.last().is_none_or(ends) || before.ends_with(b"*/") || is_decorated
    })
}

/// What a program's name says.
struct Language<'n> {
    path: &'n Path,
    source_type: SourceType,
    wanted: ProgramType,
    /// Whether it is JavaScript.
    plain: bool,
}

impl Language<'_> {
    fn of(name: &str, program_type: ProgramType) -> Language<'_> {
        let path = Path::new(name.strip_prefix("file://").unwrap_or(name));
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
        let source_type = match extension {
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
        let plain = !matches!(extension, "ts" | "mts" | "cts" | "tsx" | "jsx");
        Language { path, source_type, wanted, plain }
    }
}

fn with_type(language: SourceType, wanted: ProgramType) -> SourceType {
    match wanted {
        ProgramType::Script => language.with_script(true),
        ProgramType::Module => language.with_module(true),
        ProgramType::Detect => language.with_unambiguous(true),
    }
}

/// How a program that is JavaScript is to be parsed. Nothing for TypeScript and JSX.
pub fn javascript(name: &str, program_type: ProgramType) -> Option<SourceType> {
    let language = Language::of(name, program_type);
    language.plain.then(|| with_type(language.source_type, language.wanted))
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
    let source_type = with_type(language, wanted);
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
    let is_strict = program.directives.iter().any(|directive| directive.directive == "use strict");
    let module = program.source_type.is_module();
    let semantic = SemanticBuilder::new().with_excess_capacity(2.0).with_enum_eval(true).build(&program);
    let scoping = semantic.semantic.into_scoping();
    let mut unsupported = Unsupported::new(&scoping);
    unsupported.visit_program(&program);
    if let Some((message, offset)) = unsupported.found {
        return Err(describe_at(name, source, &message, offset));
    }
    let transformed = Transformer::new(&allocator, path, &options()).build_with_scoping(scoping, &mut program);
    if let Some(error) = transformed.diagnostics.errors().next() {
        return Err(describe(name, source, error));
    }
    let options = CodegenOptions { source_map_path: Some(path.to_path_buf()), ..CodegenOptions::default() };
    let printed = Codegen::new().with_options(options).build(&program);
    let map = printed.map.map(|map| map.to_json_string());
    if !printed.code.contains("babelHelpers.") {
        return Ok(Program { source: printed.code, module, map });
    }
    // One line more, of which the map knows nothing.
    let strict = if is_strict { "'use strict';" } else { "" };
    Ok(Program {
        source: format!("{strict}{DECORATOR_HELPERS}\n{}", printed.code),
        module,
        map: map.map(|map| map.replacen("\"mappings\":\"", "\"mappings\":\";", 1)),
    })
}

/// What TypeScript's own compiler puts in front of code with decorators, under the names that oxc gives them.
const DECORATOR_HELPERS: &str = "var babelHelpers = { \
    decorate(decorators, target, key, descriptor) { \
        const count = arguments.length; \
        let result = count < 3 ? target \
            : descriptor === null ? descriptor = Object.getOwnPropertyDescriptor(target, key) : descriptor; \
        for (let i = decorators.length - 1; i >= 0; i--) { \
            const decorator = decorators[i]; \
            if (decorator) result = (count < 3 ? decorator(result) \
                : count > 3 ? decorator(target, key, result) : decorator(target, key)) || result; \
        } \
        return count > 3 && result && Object.defineProperty(target, key, result), result; \
    }, \
    decorateParam(index, decorator) { return (target, key) => decorator(target, key, index); } };";

/// JSX becomes calls of `React.createElement`, or of what an `@jsx` comment names, since there are no imports from which
/// other functions could come; decorators are those of TypeScript's `experimentalDecorators`, the only ones that oxc has.
fn options() -> TransformOptions {
    let mut options = TransformOptions::default();
    options.jsx.runtime = JsxRuntime::Classic;
    options.decorator.legacy = true;
    options.helper_loader.mode = HelperLoaderMode::External;
    options
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
    fn words_stand_by_themselves() {
        assert!(!is_module_text("a.js", "exports.a = reimport; $export = import_$;"));
        let begins = |text| may_begin_item(text, "export");
        for text in [
            "a;export{b}",
            "export{}",
            "{} \texport *",
            "a\n  export*from'b'",
            "/**/export{}",
            "@a export class B {}",
            "\u{2028}export{}",
        ] {
            assert!(begins(text), "{text}");
        }
        for text in ["// no export", " * the export of", "a.export = 1", "exports = {}"] {
            assert!(!begins(text), "{text}");
        }
        assert!(is_module_text("a.js", "exports.a; export default 1"));
        assert!(is_module_text("a.js", "/**/import.meta") && is_module_text("a.js", "f(import/**/.meta)"));
        assert!(is_module_text("a.js", "do ; while (0) import 'a'"));
        assert!(!is_module_text("a.js", "import('a')"));
    }

    #[test]
    fn typescript_loses_its_types_and_gains_a_map() {
        let program =
            prepare_program("a.ts", "enum E { A = 2 }\nconst n: number = E.A;\nn;", ProgramType::Detect).unwrap();
        assert!(!program.source.contains(": number"));
        assert!(program.map.unwrap().contains("\"mappings\""));
    }

    #[test]
    fn jsx_calls_create_element_and_decorators_have_their_helpers() {
        let source = |name, source| prepare_program(name, source, ProgramType::Detect).map(|program| program.source);
        assert!(source("a.jsx", "<div id='x'/>").unwrap().contains("React.createElement(\"div\""));
        assert!(source("a.tsx", "/** @jsx h */ <div/>").unwrap().contains("h(\"div\""));
        assert!(!source("a.ts", "class A {}").unwrap().contains("babelHelpers"));
        let decorated = source("a.ts", "'use strict';\n@d class A { @d m(@d x) {} }").unwrap();
        assert!(decorated.starts_with("'use strict';var babelHelpers"), "{decorated}");
        assert_eq!(decorated.lines().nth(1).unwrap().trim(), "\"use strict\";");
        let error = source("a.ts", "class A {\n  accessor x = 1;\n}").unwrap_err();
        assert!(error.contains("write a getter and a setter (a.ts:2:3)"), "{error}");
    }

    #[test]
    fn variables_of_namespaces_stay_what_they_are() {
        let source = |source| prepare_program("a.ts", source, ProgramType::Detect).map(|program| program.source);
        assert!(source("namespace N { export let n = 1; export const f = () => n }").is_ok());
        assert!(source("namespace N { export let n = 1; { let n = 2; n++ } }").is_ok());
        let error = source("namespace N {\n  export let n = 0;\n  export function f() { n++ }\n}").unwrap_err();
        assert!(error.contains("export a function that returns it") && error.contains("(a.ts:2:14)"), "{error}");
    }

    #[test]
    fn blocks_of_a_namespace_do_not_see_each_other() {
        let source = |source| prepare_program("a.ts", source, ProgramType::Detect).map(|program| program.source);
        let error =
            source("const x = 'outer';\nnamespace N { export const x = 1 }\nnamespace N { export const y = x }");
        let error = error.unwrap_err();
        assert!(error.contains("another block of the namespace: write N.x (a.ts:3:32)"), "{error}");
        for wrong in [
            "namespace O.N { export class C {} } namespace O.N { new C() }",
            "namespace O { export namespace A { export function a() {} } export namespace A { a() } }",
            "class N {} namespace N { export enum E { A } } namespace N { (() => E.A)() }",
        ] {
            assert!(source(wrong).is_err(), "{wrong}");
        }
        for right in [
            "namespace N { export const x = 1 } namespace N { export const y = N.x }",
            "namespace N { export const x = 1 } namespace N { const x = 2; export const y = x }",
            "namespace N { export const x = 1 } namespace N { export const f = (x: number) => x }",
            "namespace N { export class C {} } namespace N { let c: C; export type D = C; interface E extends C {} }",
            "namespace N { export const x = 1; x } namespace M { const x = 1; x } const x = 1; x;",
            "namespace N { export const x = 1 } function f() { namespace N { export const y = x } } const x = 2;",
            "declare namespace N { const x: number } namespace N { export const y = x }",
        ] {
            assert!(source(right).is_ok(), "{right}");
        }
    }

    #[test]
    fn a_syntax_error_says_where() {
        let error = prepare_program("a.ts", "let ok: number = 1;\nlet = = 2", ProgramType::Detect).err().unwrap();
        assert!(error.contains("(a.ts:2:"), "{error}");
        assert!(error.contains("let = = 2"), "{error}");
    }
}
