//! From what the user wrote to what an isolate runs.

mod code;
mod typescript;

pub use code::{Code, CodeKind, ProgramType, Registry};
pub use typescript::prepare_program;
