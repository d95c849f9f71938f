//! What `transpile` shows: the code that the coroutine compiler makes of a program, with a source map and what is known of
//! its functions.

use oxc::span::SourceType;
use oxc_sourcemap::{SourceMap, SourceMapBuilder};

use super::code::{CodeKind, ProgramType};
use super::coroutine::{self, Compiled, FunctionAnalysis, Offsets, utf16_length};
use super::lower::{Failure, Lowered, lower_function, lower_program};

/// A program in coroutine form.
pub struct Transpiled {
    /// The text.
    pub code: String,
    /// Its source map (version 3, JSON).
    pub map: String,
    /// Its functions, in the order in which they begin; offsets are those of the program as JavaScript.
    pub analysis: Vec<FunctionAnalysis>,
}

/// Compiles a program, or the text of a function; then offsets are those in the text.
///
/// # Errors
/// A `SyntaxError`'s message with `file:line:column`, the line and a mark below it.
pub fn transpile(name: &str, source: &str, kind: CodeKind) -> Result<Transpiled, String> {
    let describe = |failure: Failure| failure.describe(name, source);
    let kind = match kind {
        CodeKind::Program(kind) => kind,
        CodeKind::Module => ProgramType::Module,
        CodeKind::CommonJs => ProgramType::Script,
        CodeKind::Function { strict } => {
            let compile = |text: &str| coroutine::compile_function_shown(text, SourceType::cjs());
            let (mut compiled, before) = lower_function(strict, source, compile).map_err(describe)?;
            for facts in &mut compiled.analysis {
                facts.start = facts.start.saturating_sub(before);
                facts.end = facts.end.saturating_sub(before);
            }
            let map = source_map(name, source, &compiled, None, before);
            return Ok(Transpiled { code: compiled.code, map, analysis: compiled.analysis });
        }
    };
    let Lowered { compiled, map } = lower_program(name, source, kind, coroutine::compile_shown).map_err(describe)?;
    let before = map.as_deref().and_then(|map| SourceMap::from_json_string(map).ok());
    let map = source_map(name, source, &compiled, before.as_ref(), 0);
    Ok(Transpiled { code: compiled.code, map, analysis: compiled.analysis })
}

/// Lines of a text, for positions in it.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    offsets: Offsets,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Lines<'t> {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Lines { text, starts, offsets: Offsets::new(text) }
    }

    /// The UTF-16 units before a place.
    fn before(&self, offset: usize) -> u32 {
        self.offsets.utf16(self.text, u32::try_from(offset).unwrap_or(u32::MAX))
    }

    /// Line and column (UTF-16), from 0.
    fn position(&self, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        (u32::try_from(line).unwrap_or(u32::MAX), self.before(offset) - self.before(self.starts[line]))
    }
}

/// Line and column (UTF-16), from 0, of places that are asked for in order.
struct Cursor<'t> {
    bytes: &'t [u8],
    at: usize,
    line: u32,
    column: u32,
}

impl Cursor<'_> {
    fn position(&mut self, offset: usize) -> (u32, u32) {
        let mut passed = &self.bytes[self.at..offset];
        self.at = offset;
        if let Some(last) = memchr::memrchr(b'\n', passed) {
            self.line += u32::try_from(memchr::memchr_iter(b'\n', passed).count()).unwrap_or(u32::MAX);
            self.column = 0;
            passed = &passed[last + 1..];
        }
        self.column += utf16_length(passed);
        (self.line, self.column)
    }
}

/// A map with a token for each word that the code has taken over, but for variables and literals that stand by themselves and
/// cannot fail. `before` leads from the JavaScript to what it was made of; `prefix` is the length of what was put before it.
fn source_map(name: &str, original: &str, compiled: &Compiled, before: Option<&SourceMap<'_>>, prefix: u32) -> String {
    let mut builder = SourceMapBuilder::default();
    let id = builder.add_source_and_content(name, original);
    let mut code = Cursor { bytes: compiled.code.as_bytes(), at: 0, line: 0, column: 0 };
    let source = Lines::new(&compiled.source);
    let table = before.map(SourceMap::generate_lookup_table);
    let mut add = |(line, column): (u32, u32), mut place: (u32, u32)| {
        if let (Some(before), Some(table)) = (before, &table) {
            let Some(token) = before.lookup_token(table, place.0, place.1) else { return };
            place = (token.get_src_line(), token.get_src_col());
        }
        if place.0 == 0 {
            let Some(moved) = place.1.checked_sub(prefix) else { return };
            place.1 = moved;
        }
        builder.add_token(line, column, place.0, place.1, Some(id), None);
    };
    for (index, (from, at)) in compiled.places.iter().enumerate() {
        let (from, at) = (*from as usize, *at as usize);
        let end = compiled.places.get(index + 1).map_or(compiled.code.len(), |(next, _)| *next as usize);
        let same = compiled.code[from..end].bytes().zip(compiled.source[at..].bytes()).take_while(|(a, b)| a == b);
        // What is the same takes the same way in both texts.
        let (mut here, mut there) = (code.position(from), source.position(at));
        let mut inside = false;
        for (length, (byte, _)) in same.enumerate() {
            let wordlike = byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii();
            if length == 0 || (wordlike && !inside) {
                add(here, there);
            }
            inside = wordlike;
            if byte == b'\n' {
                (here, there) = ((here.0 + 1, 0), (there.0 + 1, 0));
            } else {
                let units = utf16_length(&[byte]);
                here.1 += units;
                there.1 += units;
            }
        }
    }
    builder.into_sourcemap().to_json_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiler::ProgramType;

    const SCRIPT: CodeKind = CodeKind::Program(ProgramType::Script);

    #[test]
    fn the_map_leads_back_to_the_source() {
        let source = "function f(g) {\n  const found = g(1);\n  return found + g(2);\n}\n";
        let shown = transpile("a.js", source, SCRIPT).unwrap();
        let map = SourceMap::from_json_string(&shown.map).unwrap();
        let table = map.generate_lookup_table();
        let at = shown.code.rfind("g(2)").unwrap();
        let (line, column) = Lines::new(&shown.code).position(at);
        let token = map.lookup_token(&table, line, column).unwrap();
        assert_eq!((token.get_src_line(), token.get_src_col()), (2, 17));
    }

    #[test]
    fn the_analysis_tells_what_functions_are() {
        let source = "
            let count = 0;
            const double = (x) => Math.floor(x) * 2;
            function fact(n) { return n < 2 ? 1 : n * fact(n - 1); }
            function bump() { count++; return outside(double(count)); }
        ";
        let shown = transpile("a.js", source, SCRIPT).unwrap();
        let find = |name: &str| shown.analysis.iter().find(|facts| facts.name == name).unwrap();
        let double = find("double");
        assert!(double.pure && !double.suspends && double.portable && !double.recursive, "{double:?}");
        let fact = find("fact");
        assert!(fact.pure && fact.suspends && fact.recursive, "{fact:?}");
        let bump = find("bump");
        assert!(!bump.pure && !bump.portable && bump.globals[0].name == "outside", "{bump:?}");
        let captures: Vec<(&str, bool)> = bump.captures.iter().map(|one| (one.name.as_str(), one.reassigned)).collect();
        assert_eq!(captures, [("count", true), ("double", false)]);
    }
}
