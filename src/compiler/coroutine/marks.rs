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

/// The continuation of a function, which has no name of its own, with that of the function, and the number of the table that
/// says where its points stand.
///
/// The text itself stands between the two.
pub fn named(name: &str, table: usize) -> (String, char) {
    (format!("{NAME}{table}:{name}{END}"), NAMED)
}

/// A stretch of the text (byte offsets) that continues a function.
#[derive(Debug)]
pub struct Continuation {
    pub start: u32,
    pub end: u32,
    /// The function's name.
    pub name: String,
    /// The table with the places of its points.
    pub table: u32,
}

/// Text without marks, and what they said.
pub struct Unmarked {
    pub text: String,
    /// Offsets (UTF-16) of tracked calls, ascending.
    pub sites: Vec<u32>,
    /// Pairs of (byte offset in the text, byte offset in the source), ascending.
    pub places: Vec<(u32, u32)>,
    /// Outer ones after inner ones.
    pub continuations: Vec<Continuation>,
}

/// Whether a source holds characters that would be taken for marks.
pub fn clashes(source: &str) -> bool {
    let bytes = source.as_bytes();
    memchr::memchr_iter(FIRST, bytes).any(|at| mark_at(bytes, at).is_some())
}

/// The UTF-16 units of a piece of UTF-8. A character counts where it begins.
pub fn utf16_length(bytes: &[u8]) -> u32 {
    // One for each character, and one more for those of four bytes.
    bytes.iter().map(|byte| u32::from(byte & 0xc0 != 0x80) + u32::from(*byte >= 0xf0)).sum()
}

/// Bytes of a mark in UTF-8. All marks begin with the same two.
const MARK: usize = 3;
const FIRST: u8 = 0xee;
const SECOND: u8 = 0x80;

/// Which mark stands at a place of the text.
fn mark_at(bytes: &[u8], at: usize) -> Option<char> {
    match bytes[at..] {
        [FIRST, SECOND, last @ 0x80..=0x84, ..] => char::from_u32(PLACE as u32 + u32::from(last - 0x80)),
        _ => None,
    }
}

/// Takes the marks out.
pub fn unmark(marked: &str) -> Unmarked {
    let bytes = marked.as_bytes();
    let mut result = Unmarked {
        text: String::with_capacity(marked.len()),
        sites: Vec::new(),
        places: Vec::new(),
        continuations: Vec::new(),
    };
    let mut open: Vec<(u32, String)> = Vec::new();
    // The UTF-16 units of the text up to a place in it. Only who asks for a position has them counted.
    let (mut units, mut counted) = (0_u32, 0);
    let mut from = 0;
    let mut next = 0;
    while let Some(found) = memchr::memchr(FIRST, &bytes[next..]) {
        let at = next + found;
        next = at + 1;
        let Some(mark) = mark_at(bytes, at).filter(|mark| *mark != END) else { continue };
        result.text.push_str(&marked[from..at]);
        let here = result.text.len();
        from = at + MARK;
        match mark {
            SITE => {
                units += utf16_length(&result.text.as_bytes()[counted..]);
                counted = here;
                result.sites.push(units);
            }
            PLACE => {
                let mut offset = 0;
                while bytes[from].is_ascii_digit() {
                    offset = offset * 10 + u32::from(bytes[from] - b'0');
                    from += 1;
                }
                debug_assert_eq!(mark_at(bytes, from), Some(END), "a place ends");
                from += MARK;
                result.places.push((here as u32, offset));
            }
            NAMED => {
                if let Some((start, said)) = open.pop() {
                    let (table, name) = said.split_once(':').expect("a continuation has a table");
                    let table = table.parse().expect("a table is a number");
                    result.continuations.push(Continuation { start, end: here as u32, name: name.to_owned(), table });
                }
            }
            _ => {
                let length = marked[from..].find(END).expect("a name ends");
                open.push((here as u32, marked[from..from + length].to_owned()));
                from += length + MARK;
            }
        }
        next = from;
    }
    result.text.push_str(&marked[from..]);
    result
}
