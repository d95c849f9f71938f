//! From what the user wrote to what an isolate runs.

mod code;
pub mod coroutine;
mod strictness;
mod typescript;

pub use code::{Code, CodeKind, Form, ProgramType, Registry};
pub use strictness::is_strict_at;
pub use typescript::{describe_at, prepare_program};
