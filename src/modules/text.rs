//! A module's text as V8 reads it: it lies in memory once, and the strings of all isolates refer to it.

use std::sync::Arc;

/// A text in one of V8's two encodings.
pub enum Text {
    /// Latin-1, where that is enough.
    OneByte(Arc<[u8]>),
    /// UTF-16.
    TwoByte(Arc<[u16]>),
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        match latin1(text) {
            Some(bytes) => Text::OneByte(bytes.into()),
            None => Text::TwoByte(text.encode_utf16().collect()),
        }
    }
}

fn latin1(text: &str) -> Option<Vec<u8>> {
    let mut rest = text.as_bytes();
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some(at) = rest.iter().position(|byte| !byte.is_ascii()) {
        bytes.extend_from_slice(&rest[..at]);
        // In UTF-8 the characters from U+0080 to U+00FF begin with C2 or C3, and one byte follows.
        let (first, second) = (rest[at], rest[at + 1]);
        if !matches!(first, 0xc2 | 0xc3) {
            return None;
        }
        bytes.push((first & 3) << 6 | (second & 0x3f));
        rest = &rest[at + 2..];
    }
    bytes.extend_from_slice(rest);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_for_each_character_where_that_is_enough() {
        let all: String = (0..=255_u8).map(char::from).chain("þf[0]".chars()).collect();
        let Text::OneByte(bytes) = Text::from(all.as_str()) else { panic!("it is Latin-1") };
        assert_eq!(bytes.iter().map(|byte| char::from(*byte)).collect::<String>(), all);
        for wide in ["aĀ", "\u{2028}", "þ😀"] {
            let Text::TwoByte(units) = Text::from(wide) else { panic!("{wide} is not Latin-1") };
            assert_eq!(String::from_utf16(&units).unwrap(), wide);
        }
    }
}
