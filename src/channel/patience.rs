//! How long an isolate that has nothing else to do lingers in an operation on a channel that cannot go on yet.
//!
//! To wait costs a few microseconds: the operation is registered, its task suspended, the thread looks for other work, hears of the
//! end, and resumes the task. Where the other side runs on another processor just now, its next step comes in less. So
//! the operation looks for it for about so long first. Where that is in vain it looks half as long the next time, down to almost
//! nothing, so who mostly waits for long pays next to nothing; where it succeeds, as long as ever.

use std::hint::spin_loop;

use super::sync::LOOKS;

/// Looks at least.
const LEAST: u32 = 2;
/// Pauses between two looks: each takes the line of memory away from the other side.
const PAUSES: u32 = 8;
/// Looks for more once there is something: what comes one at a time is taken one at a time, with a transfer of that line for each.
const MORE: u32 = 8;

/// What one endpoint has of it.
pub struct Patience {
    looks: u32,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { looks: LOOKS }
    }
}

impl Patience {
    /// Waits a little for `is_done`; returns whether it is.
    pub fn wait(&mut self, is_done: impl Fn() -> bool) -> bool {
        for _ in 0..self.looks {
            if is_done() {
                self.looks = LOOKS;
                return true;
            }
            pause();
        }
        self.looks = (self.looks / 2).max(LEAST);
        false
    }

    /// The same, and then still less long for `is_enough`.
    pub fn wait_for_more(&mut self, is_done: impl Fn() -> bool, is_enough: impl Fn() -> bool) {
        if !self.wait(is_done) {
            return;
        }
        for _ in 0..MORE {
            if is_enough() {
                return;
            }
            pause();
        }
    }
}

fn pause() {
    for _ in 0..PAUSES {
        spin_loop();
    }
}
