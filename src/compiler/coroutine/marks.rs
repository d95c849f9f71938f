//! Marks in generated text: where a stretch comes from, and where V8 will say that a tracked call stands.
//!
//! Marks are private-use characters; they are taken out at the end, when every position is known.

use oxc::ast::ast::StaticMemberExpression;

const PLACE: char = '\u{E000}';
const SITE: char = '\u{E002}';
const NAME: char = '\u{E003}';
const NAMED: char = '\u{E004}';
const END: char = '\u{E001}';

/// From here on the text is that of the source at `offset`.
pub fn place(text: &mut String, offset: u32) {
    text.push(PLACE);
    // Digits by hand: there is a mark for every few words.
    let mut digits = [0u8; 10];
    let mut at = digits.len();
    let mut rest = offset;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    text.push_str(std::str::from_utf8(&digits[at..]).expect("digits are ASCII"));
    text.push(END);
}

/// A call that the compiled code checks for suspension: put where V8 gives a call's position (`Parser::ParseLeftHandSide`):
/// at the last identifier before the parenthesis, at `new`, otherwise at the parenthesis itself.
pub const SITE_MARK: &str = "\u{E002}";

/// The same for a call that stands in the source at `offset`.
pub fn site(offset: u32) -> String {
    let mut text = String::new();
    place(&mut text, offset);
    text.push(SITE);
    text
}

/// What is called, with the mark of the call where V8 will say that it stands.
pub fn called(function: &str, site: &str) -> String {
    let is_part =
        |character: char| character.is_alphanumeric() || ['_', '$', '\u{200C}', '\u{200D}'].contains(&character);
    let name = function
        .rfind(|character| !is_part(character))
        .map_or(0, |at| at + function[at..].chars().next().map_or(0, char::len_utf8));
    let (before, name) = function.split_at(name);
    format!("{before}{site}{name}")
}

/// The same for a member. Without parentheses V8 would say the same position of the call and of reading the member, and a
/// getter's suspension would be taken for the call's.
pub fn called_member(object: &str, member: &StaticMemberExpression<'_>, site: &str) -> String {
    let mut text = format!("({object}.");
    place(&mut text, member.property.span.start);
    put!(text, "{}){site}", member.property.name);
    text
}

/// The same for a global, which may have a getter, too.
pub fn called_global(text: &str, offset: u32, site: &str) -> String {
    let mut called = String::from("(");
    place(&mut called, offset);
    put!(called, "{text}){site}");
    called
}

/// The continuation of a function, which has no name of its own, with that of the function.
///
/// The text itself stands between the two.
pub fn named(name: &str) -> (String, char) {
    (format!("{NAME}{name}{END}"), NAMED)
}

/// Text without marks, and what they said.
pub struct Unmarked {
    pub text: String,
    /// Offsets (UTF-16) of tracked calls, ascending.
    pub sites: Vec<u32>,
    /// Pairs of (byte offset in the text, byte offset in the source), ascending.
    pub places: Vec<(u32, u32)>,
    /// Stretches of the text (byte offsets) with the names of the functions that they continue, outer ones after inner ones.
    pub names: Vec<(u32, u32, String)>,
}

/// Whether a source holds characters that would be taken for marks.
pub fn clashes(source: &str) -> bool {
    let bytes = source.as_bytes();
    memchr::memchr_iter(0xee, bytes).any(|at| bytes[at + 1] == 0x80 && (0x80..=0x84).contains(&bytes[at + 2]))
}

/// Where the next mark is. All of them begin with the bytes EE 80 in UTF-8.
fn find_mark(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(0xee, bytes).find(|at| bytes[at + 1] == 0x80 && matches!(bytes[at + 2], 0x80 | 0x82..=0x84))
}

/// The UTF-16 units of a piece of UTF-8. A character counts where it begins.
pub fn utf16_length(bytes: &[u8]) -> u32 {
    // One for each character, and one more for those of four bytes.
    bytes.iter().map(|byte| u32::from(byte & 0xc0 != 0x80) + u32::from(*byte >= 0xf0)).sum()
}

/// Takes the marks out.
pub fn unmark(marked: &str) -> Unmarked {
    let mut result = Unmarked {
        text: String::with_capacity(marked.len()),
        sites: Vec::new(),
        places: Vec::new(),
        names: Vec::new(),
    };
    let mut open: Vec<(u32, String)> = Vec::new();
    let mut utf16 = 0u32;
    let mut rest = marked;
    while let Some(at) = find_mark(rest) {
        let (before, after) = rest.split_at(at);
        result.text.push_str(before);
        utf16 += utf16_length(before.as_bytes());
        let here = result.text.len() as u32;
        let mark = after.chars().next().expect("it was found");
        let mut length = mark.len_utf8();
        match mark {
            SITE => result.sites.push(utf16),
            NAMED => {
                if let Some((start, name)) = open.pop() {
                    result.names.push((start, here, name));
                }
            }
            _ => {
                let end = after.find(END).expect("a place or name ends");
                let said = &after[length..end];
                if mark == NAME {
                    open.push((here, said.to_owned()));
                } else {
                    result.places.push((here, said.parse().expect("a place is a number")));
                }
                length = end + END.len_utf8();
            }
        }
        rest = &after[length..];
    }
    result.text.push_str(rest);
    result
}
