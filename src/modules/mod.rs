//! Modules on disk: where a specifier leads, what kind of module a file is, and its compiled code, which all isolates of the
//! process share. Knows nothing of V8's objects; `isolate/modules.rs` gives this to the kernel.

mod ahead;
mod failure;
mod format;
mod own_map;
mod resolve;
mod source;
mod text;
mod url;

pub use ahead::look_ahead;
pub use failure::{Class, Failure};
pub use format::Format;
pub use own_map::OwnMap;
pub use resolve::{Found, How, LIBRARY, Resolvers, is_builtin};
pub use source::{Loaded, load, path_of_code};
pub use text::Text;
pub use url::{importer_of, to_url};
