//! Marks in generated text: where a stretch comes from, and where V8 will say that a tracked call stands.
//!
//! Marks are private-use characters; they are taken out at the end, when every position is known.

const PLACE: char = '\u{E000}';
const SITE: char = '\u{E002}';
const END: char = '\u{E001}';

/// From here on the text is that of the source at `offset`.
pub fn place(text: &mut String, offset: u32) {
    text.push(PLACE);
    text.push_str(&offset.to_string());
    text.push(END);
}

/// A call that the compiled code checks for suspension: put where V8 gives a call's position (`Parser::ParseLeftHandSide`):
/// at the last identifier before the parenthesis, at `new`, otherwise at the parenthesis itself.
pub const SITE_MARK: &str = "\u{E002}";

/// Text without marks, and what they said.
pub struct Unmarked {
    pub text: String,
    /// Offsets (UTF-16) of tracked calls, ascending.
    pub sites: Vec<u32>,
    /// Pairs of (byte offset in the text, byte offset in the source), ascending.
    pub places: Vec<(u32, u32)>,
}

/// Whether a source holds characters that would be taken for marks.
pub fn clashes(source: &str) -> bool {
    source.contains([PLACE, SITE, END])
}

/// Takes the marks out.
pub fn unmark(marked: &str) -> Unmarked {
    let mut result = Unmarked { text: String::with_capacity(marked.len()), sites: Vec::new(), places: Vec::new() };
    let mut utf16 = 0u32;
    let mut rest = marked;
    while let Some(at) = rest.find([PLACE, SITE]) {
        let (before, after) = rest.split_at(at);
        result.text.push_str(before);
        utf16 += before.encode_utf16().count() as u32;
        if after.starts_with(SITE) {
            result.sites.push(utf16);
            rest = &after[SITE.len_utf8()..];
        } else {
            let end = after.find(END).expect("a place ends");
            let offset = after[PLACE.len_utf8()..end].parse().expect("a place is a number");
            result.places.push((result.text.len() as u32, offset));
            rest = &after[end + END.len_utf8()..];
        }
    }
    result.text.push_str(rest);
    result
}
