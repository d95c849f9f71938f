//! A source map in which places are looked up again and again.

use oxc_sourcemap::{SourceMap, Token};

/// A source map that was read.
pub struct Places {
    map: SourceMap<'static>,
    /// In the order of the places of what was made.
    tokens: Vec<Token>,
}

/// Where something that was made comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Original {
    /// The source, as the map names it, with the map's root before it; nothing where the map does not tell.
    pub source: Option<String>,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1.
    pub column: u32,
}

impl Places {
    /// Reads a map (JSON). `None` where it is damaged.
    pub fn read(json: &str) -> Option<Places> {
        let map = SourceMap::from_json_string(json).ok()?.into_owned();
        let mut tokens: Vec<Token> = map.get_tokens().collect();
        tokens.sort_by_key(|token| (token.get_dst_line(), token.get_dst_col()));
        Some(Places { map, tokens })
    }

    /// Where a place comes from, which counts from 1. Nothing where its line has no source.
    pub fn original(&self, line: u32, column: u32) -> Option<Original> {
        let place = (line.checked_sub(1)?, column.checked_sub(1)?);
        let after = self.tokens.partition_point(|token| (token.get_dst_line(), token.get_dst_col()) <= place);
        let token = self.tokens.get(after.checked_sub(1)?).filter(|token| token.get_dst_line() == place.0)?;
        let source = token.get_source_id().and_then(|id| self.map.get_source(id)).map(|source| self.rooted(source));
        Some(Original { source, line: token.get_src_line() + 1, column: token.get_src_col() + 1 })
    }

    fn rooted(&self, source: &str) -> String {
        match self.map.get_source_root() {
            Some(root) if !root.is_empty() && !has_scheme(source) && !source.starts_with('/') => {
                format!("{root}{}{source}", if root.ends_with('/') { "" } else { "/" })
            }
            _ => source.to_owned(),
        }
    }
}

/// Whether a source is named by a URL, such as `webpack://`.
pub fn has_scheme(source: &str) -> bool {
    source.split_once("://").is_some_and(|(scheme, _)| !scheme.is_empty() && !scheme.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_that_of_the_last_one_before_it_in_its_line() {
        // Columns 1 and 5 of line 1 are lines 1 and 2 of the source; line 2 has none; column 3 of line 3 is line 3.
        let json = r#"{"version":3,"sourceRoot":"lib","sources":["a.ts"],"names":[],"mappings":"AAAA,IACA;;EACA"}"#;
        let places = Places::read(json).expect("a map");
        let line = |line, column| places.original(line, column).map(|it| it.line);
        assert_eq!([line(1, 1), line(1, 4), line(1, 5), line(1, 90)], [Some(1), Some(1), Some(2), Some(2)]);
        assert_eq!([line(2, 1), line(3, 2), line(3, 3), line(9, 1), line(0, 0)], [None, None, Some(3), None, None]);
        assert_eq!(places.original(1, 1).and_then(|it| it.source).as_deref(), Some("lib/a.ts"));
        assert!(Places::read("{").is_none());
    }
}
