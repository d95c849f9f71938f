//! Whether all threads of a pool sleep, and nobody but the host can wake one.
//!
//! **Protocol.** Threads are asked one after the other, and meanwhile one that is asked later may give work to one that was asked
//! already, and go to sleep: each of them slept when it was asked, and yet there is work. So each counts how often it has fallen
//! asleep and woken up, and all are asked twice. If none has woken up in between, all slept when the first round ended; and what
//! one of them had been given by then it still has in the second round, since a thread that sleeps takes nothing. (It is the double
//! count of Mattern, "Algorithms for distributed termination detection", 1987.) `models/src/standstill.rs` checks it.

use crate::channel::sync::{AtomicU64, Ordering};

/// How often a thread has fallen asleep and woken up. Only the thread itself changes it.
#[derive(Default)]
pub struct Sleep(AtomicU64);

impl Sleep {
    /// The thread has nothing to do, and sleeps from now on until it says that it is awake.
    ///
    /// `SeqCst`, here and below: of threads that fall asleep at the same time all agree on who was the last one, so that one at least
    /// sees all others sleep; and who sees a thread sleep twice with one number sees what it was given in between.
    pub fn begin(&self) {
        if !is_sleep(self.0.load(Ordering::Relaxed)) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The thread is awake, if it has said that it sleeps.
    pub fn end(&self) {
        if is_sleep(self.0.load(Ordering::Relaxed)) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The number of its sleep; none while it is awake.
    pub fn number(&self) -> Option<u64> {
        Some(self.0.load(Ordering::SeqCst)).filter(|count| is_sleep(*count))
    }
}

fn is_sleep(count: u64) -> bool {
    count % 2 == 1
}

/// Whether all threads sleep that `round` asks: it returns the sum of the numbers of their sleeps, none where one is awake or has
/// something to do.
pub fn stands_still(round: impl Fn() -> Option<u64>) -> bool {
    // Mostly a thread is awake, which is soon seen. The numbers only grow, so equal sums are of equal numbers.
    round().is_some_and(|first| round() == Some(first))
}
