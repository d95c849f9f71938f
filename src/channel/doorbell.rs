//! How an isolate's thread hears that its mailbox has something.
//!
//! The mailbox rings and then unparks the thread; the thread, before it parks, looks whether it was rung for. So either it sees
//! that, or the unpark comes after and ends its sleep.

use super::sync::{AtomicBool, Ordering};

/// The bell of one isolate's thread.
pub struct Doorbell {
    /// Whether operations on shared channels have ended that the isolate was not told of.
    is_ringing: AtomicBool,
    /// Whether some may be for other realms than the one that was told; only the isolate's thread uses it.
    is_put_off: AtomicBool,
}

impl Default for Doorbell {
    fn default() -> Doorbell {
        Doorbell { is_ringing: AtomicBool::new(false), is_put_off: AtomicBool::new(false) }
    }
}

impl Doorbell {
    /// Something has come. The caller unparks the thread afterwards.
    pub fn ring(&self) {
        // A swap as in `answer` and `answer_for_one`: each sees the one before it, so none of them can undo a ring unseen. Pairs with
        // these, and with the load in `is_ringing`.
        self.is_ringing.swap(true, Ordering::AcqRel);
    }

    /// Whether the thread is to look into its mailbox; it does so now.
    pub fn answer(&self) -> bool {
        // Both, whatever the first one says. The first pairs with the swap in `ring`.
        self.is_ringing.swap(false, Ordering::AcqRel) | self.is_put_off.swap(false, Ordering::Relaxed)
    }

    /// The thread has told one realm, and there may be more for others: it is to look again.
    pub fn put_off(&self) {
        self.is_put_off.store(true, Ordering::Relaxed);
    }

    /// The realm that runs looks for its own mail; the others' is put off.
    pub fn answer_for_one(&self) {
        // Pairs with the swap in `ring`.
        self.is_ringing.swap(false, Ordering::AcqRel);
        self.put_off();
    }

    /// Whether something has come since the thread looked.
    pub fn is_ringing(&self) -> bool {
        // Pairs with the swap in `ring`.
        self.is_ringing.load(Ordering::Acquire)
    }
}
