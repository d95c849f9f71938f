//! From what the user wrote to what an isolate runs.

mod carrier;
mod code;
pub mod coroutine;
mod depth;
mod lower;
mod strictness;
mod transpile;
mod typescript;

pub use carrier::Carrier;
pub use code::{Code, CodeKind, Form, ProgramType, Registry};
pub use depth::with_stack;
pub use lower::{Failure, Lowered, lower};
pub use strictness::is_strict_at;
pub use transpile::transpile;
pub use typescript::{Program, describe_at, prepare_program};
