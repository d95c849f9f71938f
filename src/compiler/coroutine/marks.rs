//! Marks in generated text: where a stretch comes from, and where V8 will say that a tracked call stands.
//!
//! Marks are noncharacters of Unicode, which programs do not have; they are taken out at the end, when every position is known. Long texts are put in there,
//! too, and not where they are made: what is nested in ten functions would be copied ten times.

use oxc::ast::ast::StaticMemberExpression;

use super::offsets::utf16_length;
use super::said::unnamed;
use super::text::Piece;

const PLACE: char = '\u{FDD0}';
const SITE: char = '\u{FDD2}';
const NAME: char = '\u{FDD3}';
const NAMED: char = '\u{FDD4}';
const END: char = '\u{FDD1}';
const APART: char = '\u{FDD5}';

/// Bytes of a place's marks, and a little more.
const PLACED: usize = 24;

/// From here on the text is that of the source at `offset`.
pub fn place(text: &mut String, offset: u32) {
    text.push(PLACE);
    offset.put(text);
    text.push(END);
}

/// A text without the mark at its beginning, if it has one.
pub fn unmarked(text: &str) -> &str {
    text.strip_prefix(PLACE).and_then(|rest| rest.split_once(END)).map_or(text, |(_, rest)| rest)
}

/// Whether there are other marks in a text than those of where it comes from.
pub fn is_more_than_placed(text: &str) -> bool {
    text.contains([SITE, NAME, NAMED, APART])
}

/// Stands for the text that is kept apart under a number.
pub fn apart(index: usize) -> String {
    let mut text = String::from(APART);
    index.put(&mut text);
    text.push(END);
    text
}

/// A call that the compiled code checks for suspension: put where V8 gives a call's position (`Parser::ParseLeftHandSide`):
/// at the last identifier before the parenthesis, at `new`, otherwise at the parenthesis itself.
pub const SITE_MARK: &str = "\u{FDD2}";

/// Added to the position of a `new`, of which the stack walk asks more (`NEW` in `src/kernel/stack-walk.js`). Texts are shorter.
const NEW: u32 = 1 << 31;

/// The same for a call that stands in the source at `offset`.
pub fn site(offset: u32) -> String {
    let mut text = placed(offset);
    text.push(SITE);
    text
}

/// The mark alone of what stands in the source at `offset`, and is no call that looks.
pub fn placed(offset: u32) -> String {
    let mut text = String::with_capacity(PLACED);
    place(&mut text, offset);
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
    text!(before, site, name)
}

/// The same for a member. Without parentheses V8 would say the same position of the call and of reading the member, and a
/// getter's suspension would be taken for the call's.
pub fn called_member(object: &str, member: &StaticMemberExpression<'_>, site: &str) -> String {
    let mut text = String::new();
    put_called_member(object, member, site, &mut text);
    text
}

/// Appends it.
pub fn put_called_member(object: &str, member: &StaticMemberExpression<'_>, site: &str, text: &mut String) {
    let object = unnamed(object);
    join!(&mut *text, "(", &*object, ".");
    place(text, member.property.span.start);
    join!(text, member.property.name.as_str(), ")", site);
}

/// The same for a global, which may have a getter, too.
pub fn called_global(text: &str, offset: u32, site: &str) -> String {
    let mut called = String::with_capacity(text.len() + site.len() + PLACED);
    called.push('(');
    place(&mut called, offset);
    join!(&mut called, text, ")", site);
    called
}

/// The continuation of a function, which has no name of its own, with that of the function, and the number of the table that
/// says where its points stand.
///
/// The text itself stands between the two.
pub fn named(name: &str, table: usize) -> (String, char) {
    let mut text = String::with_capacity(name.len() + PLACED);
    text.push(NAME);
    join!(&mut text, table, ":", name);
    text.push(END);
    (text, NAMED)
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

/// Whether a source holds characters that would be taken for marks, here or in `derived.rs`.
pub fn clashes(source: &str) -> bool {
    let bytes = source.as_bytes();
    memchr::memchr_iter(FIRST, bytes).any(|at| matches!(bytes[at..], [FIRST, SECOND, 0x90..=0x97, ..]))
}

/// Bytes of a mark in UTF-8. All marks begin with the same two.
const MARK: usize = 3;
const FIRST: u8 = 0xef;
const SECOND: u8 = 0xb7;

/// Which mark stands at a place of the text.
fn mark_at(bytes: &[u8], at: usize) -> Option<char> {
    match bytes[at..] {
        [FIRST, SECOND, last @ 0x90..=0x95, ..] => char::from_u32(PLACE as u32 + u32::from(last - 0x90)),
        _ => None,
    }
}

/// About how many bytes of marked text there are for each place.
const PER_PLACE: usize = 16;

/// Takes the marks out, and puts the texts in that were kept apart; those that are not given are left out.
pub fn unmark(marked: &str, apart: &[String]) -> Unmarked {
    let length = marked.len() + apart.iter().map(String::len).sum::<usize>();
    let mut unmarking = Unmarking {
        apart,
        result: Unmarked {
            text: String::with_capacity(length),
            sites: Vec::new(),
            places: Vec::with_capacity(length / PER_PLACE),
            continuations: Vec::new(),
        },
        open: Vec::new(),
        units: 0,
        counted: 0,
    };
    unmarking.take(marked);
    unmarking.result
}

struct Unmarking<'t> {
    apart: &'t [String],
    result: Unmarked,
    /// The continuations around: where they begin, and what their marks say.
    open: Vec<(u32, &'t str)>,
    /// The UTF-16 units of the text up to a place in it. Only who asks for a position has them counted.
    units: u32,
    counted: usize,
}

impl<'t> Unmarking<'t> {
    /// As deep as functions are nested in the source, for which the thread has the stack (`depth.rs`).
    fn take(&mut self, marked: &'t str) {
        let bytes = marked.as_bytes();
        let mut from = 0;
        let mut next = 0;
        while let Some(found) = memchr::memchr(FIRST, &bytes[next..]) {
            let at = next + found;
            next = at + 1;
            let Some(mark) = mark_at(bytes, at).filter(|mark| *mark != END) else { continue };
            self.result.text.push_str(&marked[from..at]);
            let here = self.result.text.len();
            from = at + MARK;
            match mark {
                SITE => {
                    self.units += utf16_length(&self.result.text.as_bytes()[self.counted..]);
                    self.counted = here;
                    let kind = if marked[from..].starts_with("new ") { NEW } else { 0 };
                    self.result.sites.push(self.units | kind);
                }
                PLACE => {
                    let offset = number_at(bytes, &mut from);
                    self.result.places.push((here as u32, offset));
                }
                APART => {
                    let apart = self.apart.get(number_at(bytes, &mut from) as usize);
                    if let Some(text) = apart {
                        self.take(text);
                    }
                }
                NAMED => {
                    if let Some((start, said)) = self.open.pop() {
                        let (table, name) = said.split_once(':').expect("a continuation has a table");
                        let table = table.parse().expect("a table is a number");
                        let (end, name) = (here as u32, name.to_owned());
                        self.result.continuations.push(Continuation { start, end, name, table });
                    }
                }
                _ => {
                    let length = marked[from..].find(END).expect("a name ends");
                    self.open.push((here as u32, &marked[from..from + length]));
                    from += length + MARK;
                }
            }
            next = from;
        }
        self.result.text.push_str(&marked[from..]);
    }
}

/// The number in a mark, from `at` on, which is then behind the mark.
fn number_at(bytes: &[u8], at: &mut usize) -> u32 {
    let mut number = 0;
    while bytes[*at].is_ascii_digit() {
        number = number * 10 + u32::from(bytes[*at] - b'0');
        *at += 1;
    }
    debug_assert_eq!(mark_at(bytes, *at), Some(END), "a mark ends");
    *at += MARK;
    number
}
