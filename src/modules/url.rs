//! Paths as `file:` URLs and back, as Node's `pathToFileURL` and `fileURLToPath` do it.

use std::path::{Path, PathBuf};

/// Characters that paths have and URLs keep, besides letters and digits.
const KEPT: &[u8] = b"-_.!~*'()/:@&=+$,;[]|^";

/// `file:///a/b%20c.js` of `/a/b c.js`.
pub fn to_url(path: &Path) -> String {
    let mut url = String::from("file://");
    for byte in path.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || KEPT.contains(&byte) {
            url.push(byte as char);
        } else {
            url.push('%');
            url.extend([byte >> 4, byte & 15].map(|half| char::from(b"0123456789ABCDEF"[usize::from(half)])));
        }
    }
    url
}

/// The path of a URL or of the path of one, without query; and the query and fragment.
pub fn from_url(url: &str) -> (PathBuf, String) {
    let path = url.strip_prefix("file://").unwrap_or(url);
    let end = path.find(['?', '#']).unwrap_or(path.len());
    (PathBuf::from(decoded(&path[..end])), path[end..].to_owned())
}

/// The file that a specifier stands in: a URL, as modules are called, or a path, in which all characters mean themselves.
pub fn importer_of(from: &str) -> PathBuf {
    if from.starts_with("file://") { from_url(from).0 } else { PathBuf::from(from) }
}

/// Without percent signs that stand for bytes.
pub fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut result = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = byte {
            result.push(byte);
            at += 3;
        } else {
            result.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&result).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_urls_lead_to_each_other() {
        let url = to_url(Path::new("/a b/ü#?%.js"));
        assert_eq!(url, "file:///a%20b/%C3%BC%23%3F%25.js");
        assert_eq!(from_url(&url).0, Path::new("/a b/ü#?%.js"));
        assert_eq!(from_url("./x.js?v=1#h"), (PathBuf::from("./x.js"), "?v=1#h".to_owned()));
    }
}
