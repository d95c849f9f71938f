//! While the kernel takes what has come for its tasks, V8 is not terminated: a message that was taken and is not noted yet would be lost.
//!
//! **Protocol.** Who wants a termination says so first (the worker stops, or a task is doomed), then looks whether a delivery is under way,
//! and leaves the termination to it if so. The worker says first that one is under way, then looks whether a termination is wanted, and
//! takes nothing if so; at its end it says so, looks again, and terminates what follows. On both sides a `SeqCst` fence stands between what
//! is said and the look: of two that say something and then look, at least one sees what the other has said. `models/src/delivery.rs`
//! checks it.

use crate::channel::sync::{AtomicBool, Ordering, fence};

/// Whether a delivery is under way on one worker.
#[derive(Default)]
pub struct Delivery {
    is_under_way: AtomicBool,
}

impl Delivery {
    /// The worker is about to take a message. Returns whether it may; if not, `end` says the same as ever.
    pub fn begin(&self, is_termination_wanted: impl FnOnce() -> bool) -> bool {
        // Only the worker's thread writes it, so it reads its own.
        if !self.is_under_way.load(Ordering::Relaxed) {
            self.is_under_way.store(true, Ordering::Relaxed);
            // Pairs with the one in `is_under_way`. For the messages after the first it was made with that.
            fence(Ordering::SeqCst);
        }
        !is_termination_wanted()
    }

    /// The worker has noted all that it took. Returns whether a termination was left to it.
    pub fn end(&self, is_termination_wanted: impl FnOnce() -> bool) -> bool {
        // Mostly nothing was delivered. Only this thread writes it, as above.
        if !self.is_under_way.load(Ordering::Relaxed) {
            return false;
        }
        self.is_under_way.store(false, Ordering::Relaxed);
        // Pairs with the one in `is_under_way`.
        fence(Ordering::SeqCst);
        is_termination_wanted()
    }

    /// Whether who wants a termination, and has said so, leaves it to the worker.
    pub fn is_under_way(&self) -> bool {
        // Pairs with those in `begin` and `end`.
        fence(Ordering::SeqCst);
        self.is_under_way.load(Ordering::Relaxed)
    }
}
