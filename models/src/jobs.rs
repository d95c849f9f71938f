//! Jobs that are handed to workers, stolen, killed, paused and resumed while workers begin them and end.

use std::collections::HashSet;
use std::sync::Arc;

use loom::sync::Mutex;
use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use loom::thread;

use super::scenario::explore;
use super::sync::Queue;

// Not all of it is modelled.
#[allow(dead_code)]
#[path = "../../src/pool/worker/jobs.rs"]
mod handing;
#[allow(dead_code)]
#[path = "../../src/pool/requests.rs"]
mod requests;

use handing::Jobs;
use requests::{Action, Answer, Requests};

/// How often a task has begun, how often somebody has said that it was killed before, and what was done to it after it had begun.
type Outcome = (usize, usize, Vec<Action>);

/// What the threads see of one worker.
struct Worker {
    jobs: Jobs<u64>,
    current: AtomicU64,
    /// Tasks that have begun.
    blocked: Mutex<HashSet<u64>>,
    controls: Mutex<Vec<(u64, Action)>>,
}

/// Two workers, and a third one that is awake when all is over, as the one that replaces another.
struct Pool {
    jobs: Queue<u64>,
    workers: [Worker; 3],
    requests: Requests<u64>,
    /// For tasks 1 and 2: how often each has begun, and how often somebody has said that it was killed before.
    begun: [AtomicUsize; 3],
    killed: [AtomicUsize; 3],
}

impl Pool {
    fn new() -> Arc<Pool> {
        let worker = || Worker {
            jobs: Jobs::default(),
            current: AtomicU64::new(0),
            blocked: Mutex::new(HashSet::new()),
            controls: Mutex::new(Vec::new()),
        };
        let counts = || [(); 3].map(|()| AtomicUsize::new(0));
        Arc::new(Pool {
            jobs: Queue::default(),
            workers: [(); 3].map(|()| worker()),
            requests: Requests::default(),
            begun: counts(),
            killed: counts(),
        })
    }

    /// As `Worker::take_over`.
    fn hand(&self, worker: usize, task: u64) {
        self.send_away(self.workers[worker].jobs.put(task));
    }

    /// As `Worker::send_away`.
    fn send_away(&self, jobs: Vec<u64>) {
        for task in jobs {
            self.jobs.push(task);
        }
    }

    /// As `Worker::next_job` and `Pool::steal_job`.
    fn next_job(&self, worker: usize) -> Option<u64> {
        let mine = self.workers[worker].jobs.take().or_else(|| self.jobs.pop());
        // One that has ended is soon off the list.
        let mut others = self.workers.iter().filter(|other| !other.jobs.is_closed());
        mine.or_else(|| others.find_map(|other| other.jobs.take()))
    }

    /// As `Worker::execute`.
    fn begin(&self, worker: usize, task: u64) {
        let Worker { current, blocked, controls, .. } = &self.workers[worker];
        controls.lock().expect("no holder panics").retain(|(other, _)| *other != task);
        current.store(task, Ordering::Release);
        match self.requests.check(task, task) {
            Ok(task) => {
                count(&self.begun, task);
                blocked.lock().expect("no holder panics").insert(task);
            }
            Err(true) => count(&self.killed, task),
            Err(false) => {}
        }
        current.store(0, Ordering::Relaxed);
    }

    /// As `Worker::step`: what was asked for goes before jobs. Returns whether there was a job.
    fn step(&self, worker: usize) -> bool {
        self.run_controls(worker);
        let job = self.next_job(worker);
        if let Some(task) = job {
            self.begin(worker, task);
        }
        job.is_some()
    }

    /// As `Worker::run_controls`. Those that stay have found their task.
    fn run_controls(&self, worker: usize) {
        let Worker { blocked, controls, .. } = &self.workers[worker];
        let mut controls = controls.lock().expect("no holder panics");
        let blocked = blocked.lock().expect("no holder panics");
        controls.retain(|(task, _)| blocked.contains(task));
    }

    /// As `Worker::end`.
    fn end(&self, worker: usize) {
        self.send_away(self.workers[worker].jobs.close());
    }

    /// As `Pool::control`.
    fn control(&self, task: u64, action: Action) {
        let tell = || {
            let has = |worker: &&Worker| {
                worker.current.load(Ordering::Acquire) == task
                    || worker.blocked.lock().expect("no holder panics").contains(&task)
            };
            let worker = self.workers.iter().find(has);
            worker.is_some_and(|worker| {
                worker.controls.lock().expect("no holder panics").push((task, action));
                true
            })
        };
        match self.requests.ask(task, action, tell) {
            Answer::Done => {}
            Answer::Killed => count(&self.killed, task),
            Answer::Begin(task) => self.jobs.push(task),
        }
    }

    /// The last worker does what is left. Returns what became of each task.
    fn settle(&self) -> impl Fn(u64) -> Outcome + '_ {
        while self.step(2) {}
        for worker in 0..3 {
            self.run_controls(worker);
        }
        |task| {
            let number =
                |counts: &[AtomicUsize; 3]| counts[usize::try_from(task).expect("it is small")].load(Ordering::SeqCst);
            let done = self.workers.iter().flat_map(|worker| {
                let controls = worker.controls.lock().expect("no holder panics");
                controls.iter().filter(|(other, _)| *other == task).map(|(_, action)| *action).collect::<Vec<_>>()
            });
            (number(&self.begun), number(&self.killed), done.collect())
        }
    }
}

fn count(counts: &[AtomicUsize; 3], task: u64) {
    counts[usize::try_from(task).expect("it is small")].fetch_add(1, Ordering::SeqCst);
}

/// Runs workers 0, which ends after its steps, and 1, which steals, beside somebody who hands jobs over and asks for things.
fn run(steps: [usize; 2], sender: impl Fn(&Pool), judge: impl Fn(u64, Outcome), tasks: u64) {
    let pool = Pool::new();
    let threads = [0, 1].map(|worker| {
        let pool = Arc::clone(&pool);
        thread::spawn(move || {
            for _ in 0..steps[worker] {
                pool.step(worker);
            }
            if worker == 0 {
                pool.end(0);
            }
        })
    });
    sender(&pool);
    for thread in threads {
        thread.join().expect("no thread panics");
    }
    let outcome = pool.settle();
    for task in 1..=tasks {
        judge(task, outcome(task));
    }
}

#[test]
fn each_job_begins_once() {
    explore(3, || {
        let sender = |pool: &Pool| {
            pool.hand(0, 1);
            pool.hand(0, 2);
        };
        run([1, 1], sender, |task, outcome| assert_eq!(outcome, (1, 0, vec![]), "task {task}"), 2);
    });
}

#[test]
fn a_job_that_is_killed_begins_and_is_told_or_is_said_to_be_killed_once() {
    explore(3, || {
        let sender = |pool: &Pool| {
            pool.hand(0, 1);
            pool.control(1, Action::Kill);
        };
        let judge = |_, outcome: Outcome| match outcome {
            (0, 1, done) => assert!(done.is_empty()),
            (1, 0, done) => assert_eq!(done, [Action::Kill]),
            other => panic!("{other:?}"),
        };
        run([1, 1], sender, judge, 1);
    });
}

#[test]
fn a_job_that_is_paused_and_resumed_begins_once_and_goes_on() {
    explore(3, || {
        let sender = |pool: &Pool| {
            pool.hand(0, 1);
            pool.control(1, Action::Pause);
            pool.control(1, Action::Resume);
        };
        let judge = |_, (begun, killed, done): Outcome| {
            assert_eq!((begun, killed), (1, 0));
            assert_ne!(done.last(), Some(&Action::Pause), "nobody resumes it");
        };
        run([2, 1], sender, judge, 1);
    });
}

#[test]
fn a_job_that_is_paused_and_killed_is_over() {
    explore(3, || {
        let sender = |pool: &Pool| {
            pool.hand(0, 1);
            pool.control(1, Action::Pause);
            pool.control(1, Action::Kill);
        };
        let judge = |_, outcome: Outcome| match outcome {
            (0, 1, done) => assert!(done.is_empty()),
            (1, 0, done) => assert_eq!(done.last(), Some(&Action::Kill)),
            other => panic!("{other:?}"),
        };
        run([1, 1], sender, judge, 1);
    });
}

#[test]
fn of_two_who_ask_at_once_neither_loses_what_the_other_has_asked() {
    for other in [Action::Kill, Action::Pause] {
        explore(2, move || {
            let pool = Pool::new();
            pool.hand(0, 1);
            let worker = {
                let pool = Arc::clone(&pool);
                thread::spawn(move || {
                    pool.step(0);
                })
            };
            let asker = {
                let pool = Arc::clone(&pool);
                thread::spawn(move || pool.control(1, other))
            };
            pool.control(1, Action::Kill);
            worker.join().expect("no thread panics");
            asker.join().expect("no thread panics");
            match pool.settle()(1) {
                // Whoever is told twice that it was killed drops the second.
                (0, 1..=2, _) => {}
                (1, _, done) => assert!(done.contains(&Action::Kill), "{done:?}"),
                other => panic!("{other:?}"),
            }
        });
    }
}

#[test]
fn nothing_stays_written_down_for_a_task_that_ends_while_it_is_killed() {
    explore(3, || {
        let pool = Pool::new();
        let ends = Arc::new(Mutex::new(0));
        // As `Worker::record`: who hears of the second end knows that nobody will begin the task.
        let hear = |pool: &Pool, ends: &Mutex<usize>| {
            let mut ends = ends.lock().expect("no holder panics");
            *ends += 1;
            if *ends > 1 {
                pool.requests.forget(1);
            }
        };
        pool.hand(0, 1);
        let worker = {
            let (pool, ends) = (Arc::clone(&pool), Arc::clone(&ends));
            thread::spawn(move || {
                pool.step(0);
                // As `Outlet::post`.
                if pool.workers[0].blocked.lock().expect("no holder panics").remove(&1) {
                    hear(&pool, &ends);
                }
            })
        };
        pool.control(1, Action::Kill);
        if pool.killed[1].load(Ordering::SeqCst) > 0 {
            hear(&pool, &ends);
        }
        worker.join().expect("no thread panics");
        while pool.step(2) {}
        assert!(pool.requests.check(1, 1).is_ok(), "its kill is kept");
    });
}
