//! Threads that give each other work and fall asleep, while others ask whether all of them sleep.

use std::sync::Arc;

use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use loom::thread;

use super::parker::Parker;
use super::scenario::explore;

#[path = "../../src/pool/standstill.rs"]
mod tested;

use tested::{Sleep, stands_still};

#[derive(Default)]
struct Worker {
    sleep: Sleep,
    jobs: AtomicUsize,
    parker: Parker,
}

#[derive(Default)]
struct Pool {
    workers: [Worker; 2],
    done: AtomicU64,
    has_ended: AtomicUsize,
}

impl Pool {
    /// As `Pool::stands_still`.
    fn stands_still(&self) -> bool {
        stands_still(|| {
            self.workers.iter().try_fold(0, |sum, worker| {
                // Others may run for long before the next one is asked.
                thread::yield_now();
                let number = worker.sleep.number()?;
                (worker.jobs.load(Ordering::SeqCst) == 0).then_some(sum + number)
            })
        })
    }

    fn give(&self, to: usize) {
        self.workers[to].jobs.fetch_add(1, Ordering::SeqCst);
        self.workers[to].parker.unpark();
    }

    /// Runs a worker that gives as many jobs to the other one, one with each of its own.
    fn run(&self, id: usize, mut gives: usize) {
        let this = &self.workers[id];
        loop {
            while this.jobs.load(Ordering::SeqCst) > 0 {
                this.jobs.fetch_sub(1, Ordering::SeqCst);
                if gives > 0 {
                    gives -= 1;
                    self.give(1 - id);
                }
                self.done.fetch_add(1, Ordering::SeqCst);
            }
            if self.has_ended.load(Ordering::SeqCst) != 0 {
                return;
            }
            // Whoever gives it something now unparks it, so that it does not sleep.
            this.sleep.begin();
            this.parker.park();
            this.sleep.end();
        }
    }
}

#[test]
fn nobody_stands_still_who_is_given_work() {
    explore(3, || {
        let pool = Arc::new(Pool::default());
        // The second one gives the first one a job, which may sleep by then.
        pool.give(1);
        let threads = [(0, 0), (1, 1)].map(|(id, gives)| {
            let pool = Arc::clone(&pool);
            thread::spawn(move || pool.run(id, gives))
        });
        if pool.stands_still() {
            assert_eq!(pool.done.load(Ordering::SeqCst), 2, "there is work, and nobody is to wait for it");
        }
        pool.has_ended.store(1, Ordering::SeqCst);
        for worker in &pool.workers {
            worker.parker.unpark();
        }
        for thread in threads {
            thread.join().expect("no thread panics");
        }
    });
}
