//! What kind of module a file is, as Node decides it: by its ending, then by the `type` of the package that it belongs to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A kind of module.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    /// An ECMAScript module.
    Module,
    /// A CommonJS module.
    CommonJs,
    /// One of the two, as the syntax says.
    Detect,
    /// JSON.
    Json,
    /// A native addon.
    Addon,
    /// WebAssembly.
    Wasm,
    /// An ending that Node does not know either.
    Unknown,
}

/// The `type` of packages, by folder.
#[derive(Default)]
pub struct Packages {
    known: HashMap<PathBuf, Option<Format>>,
}

impl Packages {
    /// Looks at the files again.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// The kind of a file's module.
    pub fn format_of(&mut self, path: &Path) -> Format {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("mjs" | "mts") => Format::Module,
            Some("cjs" | "cts") => Format::CommonJs,
            Some("json") => Format::Json,
            Some("node") => Format::Addon,
            Some("wasm") => Format::Wasm,
            None | Some("js" | "ts" | "jsx" | "tsx") => {
                path.parent().and_then(|folder| self.type_of(folder)).unwrap_or(Format::Detect)
            }
            Some(_) => Format::Unknown,
        }
    }

    /// The `type` of the package that a folder belongs to; nothing where its `package.json` does not say.
    fn type_of(&mut self, folder: &Path) -> Option<Format> {
        if let Some(known) = self.known.get(folder) {
            return *known;
        }
        let found = if folder.ends_with("node_modules") {
            None
        } else if let Ok(text) = std::fs::read(folder.join("package.json")) {
            let package: Option<serde_json::Value> = serde_json::from_slice(&text).ok();
            match package.as_ref().and_then(|package| package.get("type")).and_then(serde_json::Value::as_str) {
                Some("module") => Some(Format::Module),
                Some("commonjs") => Some(Format::CommonJs),
                _ => None,
            }
        } else {
            folder.parent().and_then(|parent| self.type_of(parent))
        };
        self.known.insert(folder.to_path_buf(), found);
        found
    }
}
