//! Stands for `src/channel/sync.rs`: locks and atomics are loom's. `Arc` is the standard library's, which needs no proof and
//! would double the number of interleavings.

pub use std::sync::{Arc, Weak};

pub use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
pub use loom::sync::{Mutex, MutexGuard};

/// Twice shows all that more would.
pub const LOOKS: u32 = 2;

/// A value that all threads of one run share.
macro_rules! global {
    ($name:ident: $type:ty) => {
        loom::lazy_static! {
            static ref $name: $type = Default::default();
        }
    };
}
pub(crate) use global;
