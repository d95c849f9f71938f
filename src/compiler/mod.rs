//! From what the user wrote to what an isolate runs.

mod captures;
mod carrier;
mod code;
mod compilation;
pub mod coroutine;
mod depth;
mod disk;
mod imports;
pub mod lower;
mod places;
mod prepare;
mod realm_names;
mod shown;
mod statics;
mod strictness;
mod transpile;
mod typescript;
mod unsupported;

pub use captures::{Shape, Surroundings, declarations, surroundings};
pub use carrier::Carrier;
pub use code::{Code, CodeKind, Form, ProgramType, Registry, TAKEN};
#[allow(unused_imports, reason = "`benches/compile` uses it")]
pub use compilation::STACK;
pub use compilation::in_background;
pub use depth::with_stack;
pub use disk::set_folder;
pub use imports::{Import, imports};
pub use lower::Lowered;
pub use places::{Original, Places, has_scheme};
pub use prepare::{File, Prepared, prepare};
pub use realm_names::{REALM_NAMES, is_realm_name};
pub use shown::{Shown, Written};
pub use strictness::is_strict_at;
pub use transpile::transpile;
pub use typescript::{Program, is_module_text, prepare_program};
