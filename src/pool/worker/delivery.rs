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
    /// The worker is about to take a message. Returns whether it may; if not, `end` says the same as ever.
    pub(super) fn begin(&self, is_termination_wanted: impl FnOnce() -> bool) -> bool {
        // Only the worker's thread writes it, so it reads its own.
        if !self.is_under_way.load(Ordering::Relaxed) {
            self.is_under_way.store(true, Ordering::SeqCst);
        }
        !is_termination_wanted()
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

#[cfg(test)]
mod tests {
    use super::Delivery;

    #[test]
    fn a_termination_that_was_left_to_the_worker_is_not_forgotten() {
        let delivery = Delivery::default();
        // Whether it came before the first message, after it, or after the last one.
        for asked_at in 0..3 {
            for message in 0..2 {
                assert_eq!(delivery.begin(|| message >= asked_at), message < asked_at);
                assert!(delivery.is_under_way());
                if message >= asked_at {
                    break;
                }
            }
            assert!(delivery.end(|| true));
            assert!(!delivery.is_under_way());
        }
    }

    #[test]
    fn nothing_is_terminated_that_nobody_wants() {
        let delivery = Delivery::default();
        assert!(!delivery.end(|| true));
        assert!(delivery.begin(|| false));
        assert!(!delivery.end(|| false));
    }
}
