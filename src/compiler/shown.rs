//! Places in a source as users know them: in the files that they have written.

use std::path::Path;

use super::code::Code;
use super::places::Places;
use crate::modules::OwnMap;

/// A place in something that a user has written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The file, or what stands for it.
    pub name: String,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1.
    pub column: u32,
}

/// What is known of where a function is written.
#[derive(Clone, Default, Debug)]
pub struct Written {
    /// What it is called.
    pub name: String,
    /// UTF-16 units before its text in the first line of the source.
    pub before: u32,
    /// Where its text begins, if that is known.
    pub start: Option<Shown>,
}

impl Code {
    /// Where a place of the source is in what the user has written.
    pub fn shown(&self, line: u32, column: u32) -> Shown {
        if let Some(written) = &self.written {
            let before = if line == 1 { written.before } else { 0 };
            return written.shown(self.id, line, column.saturating_sub(before).max(1));
        }
        let (line, column) = self.before_lowering(line, column);
        let own = self.own_map.get_or_init(|| OwnMap::of(&self.source, self.base().as_deref().map(Path::new)));
        let original = own.as_ref().and_then(|map| map.original(line, column, self.name.starts_with("file://")));
        original.unwrap_or_else(|| Shown { name: self.name.clone(), line, column })
    }

    /// The place in TypeScript or JSX of one in the JavaScript that was made of it.
    fn before_lowering(&self, line: u32, column: u32) -> (u32, u32) {
        let Some(json) = self.map.get() else { return (line, column) };
        let map = self.read_map.get_or_init(|| Places::read(json)).as_ref();
        map.and_then(|map| map.original(line, column)).map_or((line, column), |it| (it.line, it.column))
    }
}

impl Written {
    /// Where a place of the function's own text is. Where its file is not known, what stands for it tells the function.
    fn shown(&self, id: u32, line: u32, column: u32) -> Shown {
        match &self.start {
            Some(start) if line == 1 => {
                Shown { name: start.name.clone(), line: start.line, column: start.column + column - 1 }
            }
            Some(start) => Shown { name: start.name.clone(), line: start.line + line - 1, column },
            None => {
                let space = if self.name.is_empty() { "" } else { " " };
                Shown { name: format!("<function {}{space}{id}>", self.name), line, column }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_shown_in_its_file_where_that_is_known() {
        let start = Shown { name: "/a.js".to_owned(), line: 7, column: 11 };
        let written = Written { name: "work".to_owned(), before: 0, start: Some(start) };
        let at = |written: &Written, line, column| {
            let Shown { name, line, column } = written.shown(3, line, column);
            format!("{name}:{line}:{column}")
        };
        assert_eq!([at(&written, 1, 5), at(&written, 2, 5)], ["/a.js:7:15", "/a.js:8:5"]);
        let unknown = Written { start: None, ..written };
        assert_eq!(at(&unknown, 2, 5), "<function work 3>:2:5");
        assert_eq!(at(&Written::default(), 1, 1), "<function 3>:1:1");
    }
}
