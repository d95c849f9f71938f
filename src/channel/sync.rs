//! The synchronisation that the shared core uses, and whatever else is modelled. `models/` puts loom's in its place.

pub use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
pub use std::sync::{Arc, Mutex, MutexGuard, Weak};

/// How often who lingers looks at most; see `patience.rs`.
pub const LOOKS: u32 = 128;

/// Values that wait, the oldest first, for any number of threads.
pub struct Queue<T>(flume::Sender<T>, flume::Receiver<T>);

impl<T> Default for Queue<T> {
    fn default() -> Self {
        let (sender, receiver) = flume::unbounded();
        Queue(sender, receiver)
    }
}

impl<T> Queue<T> {
    /// Adds a value.
    pub fn push(&self, value: T) {
        assert!(self.0.send(value).is_ok(), "the queue holds a receiver");
    }

    /// Takes the oldest one.
    pub fn pop(&self) -> Option<T> {
        self.1.try_recv().ok()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.1.len()
    }
}

/// A value that the whole process shares, made by `Default` at its first use.
macro_rules! global {
    ($name:ident: $type:ty) => {
        static $name: std::sync::LazyLock<$type> = std::sync::LazyLock::new(Default::default);
    };
}
pub(crate) use global;
