//! Source maps that files bring along: what a package's code was compiled from, as the comment at the end says.
//!
//! ```text
//! //# sourceMappingURL=index.js.map
//! //# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbXX0=
//! ```

use std::path::{Path, PathBuf};

use super::resolve::normalized;
use super::url::{decoded, from_url, to_url};
use crate::compiler::{Original, Places, Shown, has_scheme};

const COMMENT: &str = "# sourceMappingURL=";

/// The source map of a file.
pub struct OwnMap {
    map: Places,
    /// What the names of its sources are relative to; nothing where the text is that of no file.
    folder: Option<PathBuf>,
}

impl OwnMap {
    /// The map of a file with this text; `None` where it has none, or none that can be read.
    pub fn of(text: &str, file: Option<&Path>) -> Option<OwnMap> {
        let at = text.rfind(COMMENT)?;
        if !text[..at].ends_with("//") && !text[..at].ends_with("/*") {
            return None;
        }
        let url = text[at + COMMENT.len()..].split_whitespace().next()?;
        let url = url.strip_suffix("*/").unwrap_or(url);
        let folder = file.and_then(Path::parent);
        let (json, folder) = if let Some(data) = url.strip_prefix("data:") {
            (from_data(data)?, folder.map(Path::to_path_buf))
        } else {
            let path = if url.starts_with("file://") { from_url(url).0 } else { folder?.join(decoded(url)) };
            (std::fs::read_to_string(&path).ok()?, path.parent().map(Path::to_path_buf))
        };
        // Some tools write that so that nobody takes it for a script.
        let json = json.strip_prefix(")]}'").unwrap_or(&json);
        Some(OwnMap { map: Places::read(json)?, folder })
    }

    /// Where a place of the file was written; the name is a URL where `as_url` says so and it is that of a file.
    pub fn original(&self, line: u32, column: u32, as_url: bool) -> Option<Shown> {
        let Original { source, line, column } = self.map.original(line, column)?;
        Some(Shown { name: self.name_of(&source?, as_url), line, column })
    }

    fn name_of(&self, source: &str, as_url: bool) -> String {
        let path = if source.starts_with("file://") {
            from_url(source).0
        } else if has_scheme(source) {
            return source.to_owned();
        } else {
            match &self.folder {
                Some(folder) => normalized(&folder.join(source)),
                None => return source.to_owned(),
            }
        };
        if as_url { to_url(&path) } else { path.to_string_lossy().into_owned() }
    }
}

fn from_data(data: &str) -> Option<String> {
    let (about, text) = data.split_once(',')?;
    if !about.ends_with(";base64") {
        return Some(decoded(text));
    }
    String::from_utf8(base64_simd::forgiving_decode_to_vec(text.as_bytes()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Column 1 of line 1 is column 1 of line 2 of the source.
    fn map(about: &str) -> String {
        format!(r#"{{"version":3,{about},"names":[],"mappings":"AACA"}}"#)
    }

    fn original(text: &str, as_url: bool) -> Option<String> {
        let own = OwnMap::of(text, Some(Path::new("/p/dist/index.js")))?;
        let Shown { name, line, column } = own.original(1, 1, as_url)?;
        Some(format!("{name}:{line}:{column}"))
    }

    #[test]
    fn sources_are_relative_to_the_map() {
        let data = |about: &str| {
            format!("a();\n//# sourceMappingURL=data:application/json,{}\n", map(about).replace(' ', "%20"))
        };
        let at = |about: &str, as_url| original(&data(about), as_url);
        assert_eq!(at(r#""sources":["../src/a.ts"]"#, false).as_deref(), Some("/p/src/a.ts:2:1"));
        assert_eq!(at(r#""sources":["../src/a.ts"]"#, true).as_deref(), Some("file:///p/src/a.ts:2:1"));
        assert_eq!(at(r#""sourceRoot":"../lib","sources":["a.ts"]"#, false).as_deref(), Some("/p/lib/a.ts:2:1"));
        assert_eq!(at(r#""sources":["webpack://x/a.ts"]"#, true).as_deref(), Some("webpack://x/a.ts:2:1"));
        assert_eq!(at(r#""sources":["file:///q/a.ts"]"#, false).as_deref(), Some("/q/a.ts:2:1"));
    }

    #[test]
    fn what_cannot_be_read_is_no_map() {
        assert_eq!(original("a();", false), None);
        assert_eq!(original("a();\n//# sourceMappingURL=missing.map", false), None);
        assert_eq!(original("a();\n//# sourceMappingURL=data:application/json,{", false), None);
        assert_eq!(original("const text = '# sourceMappingURL=data:,{}';", false), None);
    }
}
