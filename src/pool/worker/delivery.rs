//! While the kernel takes what has come for its tasks, V8 is not terminated: a message that was taken and is not noted yet would be lost.
//!
//! **Protocol.** Who wants a termination says so first (the worker stops, or a task is doomed), then looks whether a delivery is under way,
//! and leaves the termination to it if so. The worker says first that one is under way, then looks whether a termination is wanted, and
//! takes nothing if so; at its end it says so, looks again, and terminates what follows. All of it is `SeqCst`: of two that say something
//! and then look, at least one sees what the other has said.

use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Default)]
pub(super) struct Delivery {
    is_under_way: AtomicBool,
}

impl Delivery {
    /// The worker is about to take a message. Returns whether it may.
    pub(super) fn begin(&self, is_termination_wanted: impl FnOnce() -> bool) -> bool {
        self.is_under_way.store(true, Ordering::SeqCst);
        let may = !is_termination_wanted();
        if !may {
            self.is_under_way.store(false, Ordering::SeqCst);
        }
        may
    }

    /// The worker has noted all that it took. Returns whether a termination was left to it.
    pub(super) fn end(&self, is_termination_wanted: impl FnOnce() -> bool) -> bool {
        self.is_under_way.swap(false, Ordering::SeqCst) && is_termination_wanted()
    }

    /// Whether who wants a termination, and has said so, leaves it to the worker.
    pub(super) fn is_under_way(&self) -> bool {
        self.is_under_way.load(Ordering::SeqCst)
    }
}
