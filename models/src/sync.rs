//! Stands for `src/channel/sync.rs`: locks and atomics are loom's. `Arc` is the standard library's, which needs no proof and
//! would double the number of interleavings.

use std::collections::VecDeque;
pub use std::sync::{Arc, Weak};

pub use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
pub use loom::sync::{Mutex, MutexGuard};

/// Twice shows all that more would.
pub const LOOKS: u32 = 2;

/// Values that wait, the oldest first.
pub struct Queue<T>(Mutex<VecDeque<T>>);

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Queue(Mutex::new(VecDeque::new()))
    }
}

impl<T> Queue<T> {
    pub fn push(&self, value: T) {
        self.0.lock().expect("no holder panics").push_back(value);
    }

    pub fn pop(&self) -> Option<T> {
        self.0.lock().expect("no holder panics").pop_front()
    }

    #[allow(dead_code, reason = "only figures ask")]
    pub fn len(&self) -> usize {
        self.0.lock().expect("no holder panics").len()
    }
}

/// A value that all threads of one run share.
macro_rules! global {
    ($name:ident: $type:ty) => {
        loom::lazy_static! {
            static ref $name: $type = Default::default();
        }
    };
}
pub(crate) use global;
