//! What crosses between the host and an isolate: records of encoded values, and the memory that moves with them.
//!
//! The values themselves are encoded and decoded by `codec/`, on both sides; Rust only sees bytes.

mod attachment;
mod record;

pub use attachment::{Addresses, Attachment, Borrowed, HeldMemory, Host};
pub use record::{FailureCode, RecordKind, Submission, write_record};
