//! What a worker does while it has nothing to do: it looks for work a little longer, one worker of a pool at a time, and then sleeps.
//!
//! **No lost wake-up.** A worker puts itself on the idle list, then looks at the queue once more, then parks. A submitter
//! puts the job into the queue, then takes a worker from the idle list and unparks it. Whichever of the two gets the
//! list's lock first, the other sees what it did; a token left by an early `unpark` makes the next park return at once. While a worker looks,
//! it counts as one that was woken: once it has stopped, it wakes others for what it does not take itself.
//!
//! **Standstill.** The last thread that goes to sleep and has no timer tells the host, which then need not wait for tasks that only it could
//! wake (`lib/standstill.js`, `standstill.rs`).

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::Worker;
use crate::isolate::Runtime;
use crate::pool::Pool;

/// How long a worker that has run something looks for more before it sleeps. About what a sleep and a wake-up cost.
const SPIN: Duration = Duration::from_micros(100);

/// After so many looks it lets other threads run.
const YIELDS: u32 = 16;

impl Worker {
    /// Whether a job waits that this worker may take, or it is to stop.
    pub(super) fn has_work(&self, pool: &Pool) -> bool {
        !self.jobs.is_empty() || (self.shared && !pool.jobs.1.is_empty()) || self.is_called()
    }

    /// Whether there is something that nobody else can do.
    fn is_called(&self) -> bool {
        self.is_asked.load(Ordering::Acquire) || self.doorbell.is_ringing() || self.is_stopping()
    }

    /// Whether there is something that a task which computes stands back for.
    pub(super) fn has_urgent_work(&self, pool: &Pool) -> bool {
        self.has_work(pool) && (self.is_called() || !self.leaves_jobs(pool))
    }

    /// Whether it leaves the jobs of the pool to others.
    pub(super) fn leaves_jobs(&self, pool: &Pool) -> bool {
        self.shared && pool.clock.leaves_jobs(&self.entry)
    }

    /// Looks for work for a while. Returns whether there is some.
    pub(super) fn spin(&self, pool: &Pool) -> bool {
        if !self.shared {
            self.look(pool);
            return self.has_work(pool);
        }
        // At most one of the pool's workers looks: a second one would take a processor from somebody who has work.
        // SeqCst, as in `wake_workers`: either the submitter sees us looking, or we see its job before we sleep.
        if pool.spinning.fetch_add(1, Ordering::SeqCst) == 0 {
            pool.clock.add_hungry(1);
            self.look(pool);
            pool.clock.add_hungry(-1);
        }
        pool.spinning.fetch_sub(1, Ordering::SeqCst);
        // Whoever has submitted jobs one by one meanwhile has woken nobody for any of them, and this worker takes one at most. The fence
        // pairs with that in `wake_workers`: of a job that is not seen here the submitter sees that nobody looks.
        std::sync::atomic::fence(Ordering::SeqCst);
        let taken = usize::from(!self.is_called());
        let left = pool.jobs.1.len().saturating_sub(taken);
        if left > 0 {
            pool.wake_workers(left);
        }
        self.has_work(pool)
    }

    /// Waits for work, not for long.
    fn look(&self, pool: &Pool) {
        let until = Instant::now() + SPIN;
        let mut looks: u32 = 0;
        while !self.has_work(pool) && Instant::now() < until {
            looks += 1;
            // Whoever is about to have work for it may wait for this very processor.
            if looks.is_multiple_of(YIELDS) {
                thread::yield_now();
            } else {
                std::hint::spin_loop();
            }
        }
    }

    /// Sleeps until somebody has work, or the next timer is due.
    pub(super) fn sleep(&self, pool: &Pool, runtime: Option<&Runtime>) {
        let deadline = runtime.and_then(Runtime::deadline);
        if self.shared
            && let Some(this) = pool.worker(self.id)
        {
            pool.idle.lock().expect("no holder panics").push(this);
            pool.clock.add_hungry(1);
        }
        // Pairs with the fence in `wake_workers`.
        std::sync::atomic::fence(Ordering::SeqCst);
        if !self.has_work(pool) {
            let is_last = self.begin_standing(pool, runtime);
            if is_last {
                pool.host.wake();
            }
            park(deadline);
            self.sleep.end();
        }
        if self.shared {
            pool.leave_idle(self.id);
        }
    }

    /// It is about to sleep. Returns whether the pool stands still from now on, with tasks that are blocked.
    fn begin_standing(&self, pool: &Pool, runtime: Option<&Runtime>) -> bool {
        if runtime.is_some_and(|runtime| runtime.awaits_time() || runtime.has_background_work()) {
            return false;
        }
        self.sleep.begin();
        pool.stands_still() && pool.has_blocked()
    }

    /// Whether tasks that have begun here wait.
    pub fn has_blocked(&self) -> bool {
        !self.blocked.lock().expect("no holder panics").is_empty()
    }

    /// The number of its sleep, if the thread sleeps until somebody has something for it, and nobody has.
    pub fn sleep_number(&self, pool: &Pool) -> Option<u64> {
        // What waits for its code comes to the thread as soon as that is compiled.
        let has_waiting = || !self.waiting.lock().expect("no holder panics").is_empty();
        let number = self.sleep.number()?;
        (!has_waiting() && !self.has_work(pool) && self.outbox.is_empty()).then_some(number)
    }
}

/// Sleeps until somebody unparks the thread or the deadline passes.
pub(super) fn park(deadline: Option<Instant>) {
    match deadline {
        Some(at) => thread::park_timeout(at.saturating_duration_since(Instant::now())),
        None => thread::park(),
    }
}
