//! What a derived constructor returns.
//!
//! The constructor itself can return what the source does: V8 sees to it that it is an object, or takes `this`. A continuation is an
//! arrow function, of which nobody does.
//!
//! ```text
//! Input          return x
//! Constructor    return x
//! Continuation   return þd(x,()=>this)
//! ```
//!
//! Their code is made of the same texts, in which marks stand for the difference. A function that would read `this`, made in the
//! constructor, could cost more than all of the rest: V8 finds out in few constructors that nobody needs it.

const OPEN: char = '\u{FDD6}';
const CLOSE: char = '\u{FDD7}';

/// A `return` in either.
pub fn return_text(value: &str) -> String {
    format!("return {OPEN}{value}{CLOSE};")
}

/// The code of the constructor itself.
pub fn in_constructor(code: &str) -> String {
    code.replace([OPEN, CLOSE], "")
}

/// The code of its continuation.
pub fn in_continuation(code: &str) -> String {
    code.replace(OPEN, "þd(").replace(CLOSE, ",()=>this)")
}
