//! A worker takes messages for its tasks while others want what runs there terminated: a kill whose grace is over, the end of the pool.

use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;

use super::scenario::explore;

#[path = "../../src/pool/worker/delivery.rs"]
mod protocol;

use protocol::Delivery;

/// What the threads share of one worker.
struct Worker {
    delivery: Delivery,
    /// Terminations that were said to be wanted, as `stopping` and `doomed` of the worker.
    wanted: AtomicUsize,
    /// Whether V8 was told: what runs from then on is lost.
    is_terminated: AtomicBool,
}

impl Worker {
    fn new() -> Arc<Worker> {
        Arc::new(Worker {
            delivery: Delivery::default(),
            wanted: AtomicUsize::new(0),
            is_terminated: AtomicBool::new(false),
        })
    }

    /// As `Worker::terminate` and `Worker::stop`.
    fn terminate(&self) {
        self.wanted.fetch_add(1, Ordering::SeqCst);
        if !self.delivery.is_under_way() {
            self.is_terminated.store(true, Ordering::SeqCst);
        }
    }

    /// Takes up to so many messages, as the kernel does in one entry; returns how many.
    fn deliver(&self, messages: usize) -> usize {
        let is_wanted = || self.wanted.load(Ordering::SeqCst) > 0;
        let mut taken = 0;
        while taken < messages && self.delivery.begin(is_wanted) {
            taken += 1;
            assert!(!self.is_terminated.load(Ordering::SeqCst), "a message was taken and is lost");
        }
        // They are noted.
        if self.delivery.end(is_wanted) {
            self.is_terminated.store(true, Ordering::SeqCst);
        }
        taken
    }
}

#[test]
fn a_termination_waits_for_a_delivery_and_is_not_forgotten() {
    for messages in 0..=2 {
        explore(9, move || {
            let worker = Worker::new();
            let other = Arc::clone(&worker);
            let thread = thread::spawn(move || other.terminate());
            worker.deliver(messages);
            thread.join().expect("no thread panics");
            assert!(worker.is_terminated.load(Ordering::SeqCst), "nobody terminates what runs");
        });
    }
}

#[test]
fn two_deliveries_against_two_that_terminate() {
    explore(5, || {
        let worker = Worker::new();
        let threads = [0, 1].map(|_| {
            let other = Arc::clone(&worker);
            thread::spawn(move || other.terminate())
        });
        worker.deliver(1);
        worker.deliver(1);
        for thread in threads {
            thread.join().expect("no thread panics");
        }
        assert!(worker.is_terminated.load(Ordering::SeqCst), "nobody terminates what runs");
    });
}

#[test]
fn nothing_is_terminated_that_nobody_wants() {
    explore(5, || {
        let worker = Worker::new();
        assert_eq!(worker.deliver(2), 2);
        assert!(!worker.is_terminated.load(Ordering::SeqCst));
    });
}
