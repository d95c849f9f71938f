//! From what the user wrote to what an isolate runs.

mod code;
pub mod coroutine;
mod depth;
mod typescript;

pub use code::{Code, CodeKind, Form, ProgramType, Registry};
pub use depth::with_stack;
pub use typescript::{describe_at, prepare_program};
