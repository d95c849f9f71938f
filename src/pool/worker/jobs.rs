//! The jobs that were handed to one worker: it begins them, others take them away, or they go elsewhere when it ends.
//!
//! **None is lost.** Who hands one over puts it into the queue, then looks whether the worker has closed it. The worker closes it, then takes
//! what is there. The queue's own lock orders the two: either the worker finds the job, or who has handed it over sees that it came too
//! late. `models/src/jobs.rs` checks it.

use crate::channel::sync::{AtomicBool, Ordering, Queue};

/// Jobs for one worker.
pub struct Jobs<J> {
    queue: Queue<J>,
    is_closed: AtomicBool,
}

impl<J> Default for Jobs<J> {
    fn default() -> Self {
        Jobs { queue: Queue::default(), is_closed: AtomicBool::new(false) }
    }
}

impl<J> Jobs<J> {
    /// Hands one over. Returns what is to go elsewhere, since it came too late.
    #[must_use]
    pub fn put(&self, job: J) -> Vec<J> {
        self.queue.push(job);
        if self.is_closed() { self.rest() } else { Vec::new() }
    }

    /// The one that has waited for longest.
    pub fn take(&self) -> Option<J> {
        self.queue.pop()
    }

    /// The worker begins no more. Returns what is to go elsewhere.
    #[must_use]
    pub fn close(&self) -> Vec<J> {
        // Pairs with the load in `is_closed`.
        self.is_closed.store(true, Ordering::Release);
        self.rest()
    }

    /// What nobody has taken.
    #[must_use]
    pub fn rest(&self) -> Vec<J> {
        std::iter::from_fn(|| self.queue.pop()).collect()
    }

    /// Whether the worker begins no more.
    pub fn is_closed(&self) -> bool {
        // Pairs with the store in `close`.
        self.is_closed.load(Ordering::Acquire)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
