//! How this module writes text: `put!`, `join!`, `text!`, and a `format!` of its own.
//!
//! A source of 1 MB becomes some hundred thousand short texts. What writing them costs is mostly memory: the standard `format!`
//! guesses how long a text will be, and for short ones asks for more three or four times.

use std::fmt::{Arguments, Write as _};

/// Writes to a String, as `format!` would, without making another one first.
macro_rules! put {
    ($text:expr, $($arguments:tt)*) => {{
        use std::fmt::Write as _;
        write!($text, $($arguments)*).expect("a String takes everything")
    }};
}

/// The same for texts and numbers alone, several times as fast: `join!(text, "þ", 7, "=", value)`.
macro_rules! join {
    ($text:expr, $($piece:expr),+) => {{
        let text: &mut String = $text;
        $(super::text::Piece::put(&$piece, text);)+
    }};
}

/// A text of texts, as fast: `text!(target, "=", value)`.
macro_rules! text {
    ($($piece:expr),+) => { [$(AsRef::<str>::as_ref(&$piece)),+].concat() };
}

/// The standard `format!`, with memory for a text of this module from the start.
macro_rules! format {
    ($($arguments:tt)*) => { super::text::formatted(format_args!($($arguments)*)) };
}

/// Bytes: most texts are shorter, and it is a size of which an allocator has a class.
const USUAL: usize = 80;

/// See `format!`.
pub fn formatted(arguments: Arguments<'_>) -> String {
    let mut text = String::with_capacity(USUAL);
    text.write_fmt(arguments).expect("a String takes everything");
    text
}

/// What `join!` puts together.
pub trait Piece {
    /// Appends it.
    fn put(&self, text: &mut String);
}

impl Piece for str {
    fn put(&self, text: &mut String) {
        text.push_str(self);
    }
}

impl Piece for String {
    fn put(&self, text: &mut String) {
        text.push_str(self);
    }
}

impl Piece for u32 {
    fn put(&self, text: &mut String) {
        text.push_str(itoa::Buffer::new().format(*self));
    }
}

impl Piece for usize {
    fn put(&self, text: &mut String) {
        text.push_str(itoa::Buffer::new().format(*self));
    }
}

impl<T: Piece + ?Sized> Piece for &T {
    fn put(&self, text: &mut String) {
        (**self).put(text);
    }
}
