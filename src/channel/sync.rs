//! The synchronisation that the shared core uses, and whatever else is modelled. `models/` puts loom's in its place.

pub use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
pub use std::sync::{Arc, Mutex, MutexGuard, Weak};

/// How often who lingers looks at most; see `patience.rs`.
pub const LOOKS: u32 = 128;

/// A value that the whole process shares, made by `Default` at its first use.
macro_rules! global {
    ($name:ident: $type:ty) => {
        static $name: std::sync::LazyLock<$type> = std::sync::LazyLock::new(Default::default);
    };
}
pub(crate) use global;
