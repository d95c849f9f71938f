//! Compiling ahead: what a module asks for is compiled on threads of its own while the module itself is compiled and run.
//!
//! Found are `require('NAME')`, `from 'NAME'` and `import 'NAME'` in the text, whether or not that code ever runs; who is wrong
//! about a word in a comment has a file compiled that nobody asks for. So only the next step is looked at: what those files ask
//! for comes when they are loaded themselves. What fails here fails where it is asked for.
//!
//! What is compiled here before an isolate asks for it is given to V8 here, too (`isolate/parser.rs`): for a large file that takes
//! as long as to compile it. The isolate then gets bytecode. It waits only for a file that V8 is reading at that moment.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use memchr::memmem;

use super::format::Format;
use super::resolve::{Found, How, Resolvers};
use super::source::{Loaded, load};
use crate::compiler::{Form, in_background};

/// Requests of one module that are looked at.
const MOST: usize = 256;

/// Characters of the longest specifier.
const LONGEST: usize = 512;

/// Gives the text of a module to V8, and returns the bytecode.
type Parse = fn(&Loaded) -> Option<Vec<u8>>;

/// Has compiled what `loaded`, the file at `path`, asks for. Does nothing the second time.
pub fn look_ahead(loaded: &Arc<Loaded>, path: &str, parse: Parse) {
    // Only the one who is first matters; nothing else is published by it.
    if loaded.looked.swap(true, Ordering::Relaxed) {
        return;
    }
    let list = requests(&loaded.code.source);
    if list.is_empty() {
        return;
    }
    let list: Vec<(String, How)> = list.into_iter().map(|(specifier, how)| (specifier.to_owned(), how)).collect();
    let path = path.to_owned();
    in_background(move || {
        let mut resolvers = Resolvers::new();
        for (specifier, how) in list {
            let Ok(Found::File(file, _)) = resolvers.resolve(&specifier, &path, how) else { continue };
            start(&mut resolvers, &file, how, parse);
        }
    });
}

fn start(resolvers: &mut Resolvers, file: &Path, how: How, parse: Parse) {
    let format = match resolvers.format_of(file) {
        Format::Unknown if how == How::Require => Format::CommonJs,
        format @ (Format::CommonJs | Format::Module | Format::Detect) => format,
        _ => return,
    };
    let Ok(loaded) = load(file, Form::Coroutine, format) else { return };
    if let Some(compilation) = loaded.code.pending() {
        let compilation = Arc::clone(compilation);
        compilation.start(move || {
            loaded.prepare();
            loaded.parse_ahead(parse);
        });
    }
}

/// The specifiers in a text, each once.
fn requests(text: &str) -> Vec<(&str, How)> {
    let mut found: Vec<(&str, How)> = Vec::new();
    for (word, how) in [("require(", How::Require), ("from", How::Import), ("import", How::Import)] {
        for at in memmem::find_iter(text.as_bytes(), word) {
            let Some(specifier) = quoted(text[at + word.len()..].trim_start_matches([' ', '('])) else { continue };
            if !found.contains(&(specifier, how)) {
                found.push((specifier, how));
            }
            if found.len() == MOST {
                return found;
            }
        }
    }
    found
}

/// What stands between the quotes at the beginning of a text.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let rest = &text[1..];
    let end = rest.bytes().take(LONGEST).position(|byte| byte == quote as u8 || byte == b'\n' || byte == b'\\')?;
    let specifier = &rest[..end];
    (rest.as_bytes()[end] == quote as u8 && !specifier.is_empty()).then_some(specifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_are_found_once_and_only_whole_ones() {
        let text = "const a = require('./a'), b = require( \"b\" ), c = require(name), a2 = require('./a');\n\
                    import d from 'd'; import './e'; export * from \"./f\"; const g = () => import('g'); from 'it\\'s' 'x";
        assert_eq!(
            requests(text),
            [
                ("./a", How::Require),
                ("b", How::Require),
                ("d", How::Import),
                ("./f", How::Import),
                ("./e", How::Import),
                ("g", How::Import),
            ]
        );
    }
}
