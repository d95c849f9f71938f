//! Errors of loading, as Node words and numbers them.

/// The class of an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// `Error`
    Error,
    /// `TypeError`
    Type,
    /// `SyntaxError`
    Syntax,
}

/// Why a module cannot be had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The class of the error.
    pub class: Class,
    /// Its `code`; empty for none.
    pub code: &'static str,
    /// Its message.
    pub message: String,
}

impl Failure {
    /// An `Error` with a code.
    pub fn error(code: &'static str, message: String) -> Failure {
        Failure { class: Class::Error, code, message }
    }

    /// A `TypeError` with a code.
    pub fn type_error(code: &'static str, message: String) -> Failure {
        Failure { class: Class::Type, code, message }
    }

    /// A `SyntaxError`.
    pub fn syntax(message: String) -> Failure {
        Failure { class: Class::Syntax, code: "", message }
    }
}
