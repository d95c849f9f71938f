//! A text with insertions, and its source map.

use oxc_sourcemap::{SourceMap, SourceMapBuilder};

/// The order of insertions at one offset.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// What ends something that begins at this offset; inner things end first, which begin later.
    Close(u32),
    /// A statement after another one.
    After,
    /// What a file begins with.
    Prelude,
    /// A statement where a block begins.
    Begin,
    /// What begins something that ends at this offset; outer things begin first.
    Open(u32),
}

/// Insertions into a text, none of which adds a line.
pub struct Insertions<'f> {
    source: &'f str,
    list: Vec<(u32, Order, String)>,
}

impl<'f> Insertions<'f> {
    pub fn new(source: &'f str) -> Self {
        Insertions { source, list: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn add(&mut self, offset: u32, order: Order, text: String) {
        let order = match order {
            Order::Close(start) => Order::Close(u32::MAX - start),
            Order::Open(end) => Order::Open(u32::MAX - end),
            other => other,
        };
        self.list.push((offset, order, text));
    }

    /// In the order in which they stand.
    fn sorted(&self) -> Vec<&(u32, Order, String)> {
        let mut sorted: Vec<_> = self.list.iter().collect();
        sorted.sort_by_key(|(offset, order, _)| (*offset, *order));
        sorted
    }

    /// The text with them.
    pub fn apply(&self) -> String {
        let mut code = String::with_capacity(self.source.len() + self.list.len() * 100);
        let mut from = 0;
        for (offset, _, text) in self.sorted() {
            code.push_str(&self.source[from..*offset as usize]);
            code.push_str(text);
            from = *offset as usize;
        }
        code.push_str(&self.source[from..]);
        code
    }

    /// For each line (from 0) that has any: at which columns of the source how many UTF-16 units of the line are put in, there and before.
    /// A line may be all that a file has, so nothing is counted twice.
    fn by_line(&self) -> Vec<(u32, Vec<(u32, u32)>)> {
        let mut lines: Vec<(u32, Vec<(u32, u32)>)> = Vec::new();
        let (mut line, mut column, mut from) = (0, 0, 0);
        for (offset, _, text) in self.sorted() {
            let between = &self.source[from..*offset as usize];
            let mut rest = between;
            if let Some(at) = between.rfind('\n') {
                line += u32::try_from(between.matches('\n').count()).unwrap_or(u32::MAX);
                (column, rest) = (0, &between[at + 1..]);
            }
            from = *offset as usize;
            column += units(rest);
            if lines.last().is_none_or(|(last, _)| *last != line) {
                lines.push((line, Vec::new()));
            }
            let (_, list) = lines.last_mut().expect("it was just put there");
            let before = list.last().map_or(0, |(_, total)| *total);
            list.push((column, before + units(text)));
        }
        lines
    }

    /// Moves the columns of a map (JSON) of the text, so that it is one of the text with the insertions. `None` where it cannot be
    /// read.
    pub fn shift(&self, map: &str) -> Option<String> {
        let map = SourceMap::from_json_string(map).ok()?;
        let lines = self.by_line();
        let mut parts = map.into_owned().into_parts();
        let tokens: Vec<_> = parts.tokens.iter().copied().map(|token| moved(token, &lines)).collect();
        parts.tokens = tokens.into_boxed_slice();
        parts.token_chunks = None;
        Some(SourceMap::from_parts(parts).to_json_string())
    }

    /// A map with a token for each word.
    pub fn map(&self, name: &str) -> String {
        let mut builder = SourceMapBuilder::default();
        let id = builder.add_source_and_content(name, self.source);
        let lines = self.by_line();
        for (line, text) in self.source.split('\n').enumerate() {
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            let (mut column, mut inside) = (0, false);
            for character in text.chars() {
                let is_word = character.is_alphanumeric() || character == '_' || character == '$';
                if column == 0 || !inside || !is_word {
                    builder.add_token(line, moved_column(&lines, line, column), line, column, Some(id), None);
                }
                inside = is_word;
                column += u32::try_from(character.len_utf16()).unwrap_or(1);
            }
        }
        builder.into_sourcemap().to_json_string()
    }
}

fn moved(token: oxc_sourcemap::Token, lines: &[(u32, Vec<(u32, u32)>)]) -> oxc_sourcemap::Token {
    oxc_sourcemap::Token::new(
        token.get_dst_line(),
        moved_column(lines, token.get_dst_line(), token.get_dst_col()),
        token.get_src_line(),
        token.get_src_col(),
        token.get_source_id(),
        token.get_name_id(),
    )
}

/// Where a column is with the insertions.
fn moved_column(lines: &[(u32, Vec<(u32, u32)>)], line: u32, column: u32) -> u32 {
    let Ok(at) = lines.binary_search_by_key(&line, |(line, _)| *line) else { return column };
    let list = &lines[at].1;
    let before = list.partition_point(|(from, _)| *from <= column);
    column + before.checked_sub(1).map_or(0, |last| list[last].1)
}

fn units(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inserted() -> Insertions<'static> {
        let mut insertions = Insertions::new("a;\nbb(c, d);\n");
        insertions.add(6, Order::Close(3), "]".to_owned());
        insertions.add(6, Order::Open(7), "<<".to_owned());
        insertions.add(7, Order::Close(6), ">>".to_owned());
        insertions
    }

    #[test]
    fn insertions_stand_in_their_order() {
        assert_eq!(inserted().apply(), "a;\nbb(]<<c>>, d);\n");
    }

    #[test]
    fn maps_lead_back() {
        let made = inserted().map("a.js");
        let before = {
            let none = Insertions::new("a;\nbb(c, d);\n");
            none.map("a.ts")
        };
        let shifted = inserted().shift(&before).unwrap();
        for (json, name) in [(made, "a.js"), (shifted, "a.ts")] {
            let map = SourceMap::from_json_string(&json).unwrap();
            let table = map.generate_lookup_table();
            let at = |column| {
                let token = map.lookup_source_view_token(&table, 1, column).unwrap();
                (token.get_source().unwrap().to_owned(), token.get_src_line(), token.get_src_col())
            };
            assert_eq!(at(0), (name.to_owned(), 1, 0));
            assert_eq!(at(6), (name.to_owned(), 1, 3));
            assert_eq!(at(11), (name.to_owned(), 1, 6));
        }
    }
}
