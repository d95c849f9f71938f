//! How long an isolate that has nothing else to do lingers in an operation on a channel that cannot go on yet.
//!
//! To wait costs a few microseconds: the operation is registered, its task suspended, the thread looks for other work, hears of the
//! end, and resumes the task. Where the other side runs on another processor just now, its next step comes in less. So
//! the operation looks for it for about so long first. Where that is in vain it looks half as long the next time, down to almost
//! nothing, so who mostly waits for long pays next to nothing; where it succeeds, as long as ever.

use std::hint::spin_loop;
use std::thread;

use super::sync::LOOKS;

/// Looks at least.
const LEAST: u32 = 2;
/// Pauses between two looks: each takes the line of memory away from the other side.
const PAUSES: u32 = 8;
/// After so many looks the thread lets others run: the system may have put the other side on the same processor, where it cannot go on
/// meanwhile.
const YIELDS: u32 = 8;
/// Looks for more at most, once there is something: what comes one at a time is taken one at a time, with a transfer of that line for each.
const MORE: u32 = LOOKS / 2;

/// What one endpoint has of it.
pub struct Patience {
    looks: u32,
    /// Looks for more; as with `looks`, half as many where they were in vain. In a stream more are soon there.
    more: u32,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { looks: LOOKS, more: MORE }
    }
}

impl Patience {
    /// Waits a little for `is_done`; returns whether it is.
    pub fn wait(&mut self, is_done: impl Fn() -> bool) -> bool {
        wait(&mut self.looks, LOOKS, is_done)
    }

    /// The same, and then for `is_enough`.
    pub fn wait_for_more(&mut self, is_done: impl Fn() -> bool, is_enough: impl Fn() -> bool) {
        if self.wait(is_done) {
            wait(&mut self.more, MORE, is_enough);
        }
    }
}

fn wait(looks: &mut u32, most: u32, is_done: impl Fn() -> bool) -> bool {
    for look in 1..=*looks {
        if is_done() {
            *looks = most;
            return true;
        }
        if look.is_multiple_of(YIELDS) {
            thread::yield_now();
        } else {
            pause();
        }
    }
    *looks = (*looks / 2).max(LEAST);
    false
}

fn pause() {
    for _ in 0..PAUSES {
        spin_loop();
    }
}
