//! `thread::park` and `unpark`: an unpark that comes early makes the next park return at once. (loom's own `unpark` also lets threads
//! go on that wait for a lock.)

use loom::sync::{Condvar, Mutex};

/// One thread's.
#[derive(Default)]
pub struct Parker {
    has_token: Mutex<bool>,
    changed: Condvar,
}

impl Parker {
    pub fn unpark(&self) {
        *self.has_token.lock().expect("no holder panics") = true;
        self.changed.notify_one();
    }

    pub fn park(&self) {
        let mut has_token = self.has_token.lock().expect("no holder panics");
        while !*has_token {
            has_token = self.changed.wait(has_token).expect("no holder panics");
        }
        *has_token = false;
    }

    /// Whether the next park would return at once.
    pub fn is_unparked(&self) -> bool {
        *self.has_token.lock().expect("no holder panics")
    }
}
