//! One thread of a pool and the isolate that it owns.
//!
//! A *shared* worker takes jobs from the pool's queue; a *private* one only gets jobs that name it. Between jobs a worker
//! fires timers. With nothing to do it looks for work a little longer (one worker of a pool at a time) and then sleeps.
//!
//! **Death.** When the isolate is beyond repair the thread parks for ever (`isolate/fatal.rs`) and the warden calls
//! [`Worker::bury`]: the worker's tasks fail and a fresh worker takes its place. So all that others need of a worker lies
//! here, under locks that are never held while V8 runs.

mod blocked;
mod control;
mod death;
mod delivery;
mod jobs;
mod outlet;
mod rest;
mod turn;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread::Thread;
use std::time::Instant;

use self::blocked::{Blocked, Parked};
use self::delivery::Delivery;
use self::jobs::Jobs;
use super::Pool;
use super::children::Settled;
use super::clock::{Counts, Entry};
use super::cpu_time::{Meters, ThreadClock};
use super::outbox::Outbox;
use super::requests::Action;
use super::standstill::Sleep;
use crate::channel::{Doorbell, Mailbox};
use crate::compiler::Code;
use crate::isolate::{HeapFigures, Job, Limits, PoolThread};
use crate::message::{Attachment, RecordKind};

/// Where a task stands that has not settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Status {
    /// It waits for a thread.
    Queued = 0,
    /// Its code is being executed.
    Running = 1,
    /// It waits for a promise or in an operation that blocks.
    Blocked = 2,
}

/// What `stats()` shows of one isolate.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// The isolate's id.
    pub id: u32,
    /// Whether it belongs to the pool's shared isolates.
    pub shared: bool,
    /// Tasks that were started in it.
    pub started: u64,
    /// Tasks that wait for a promise or in an operation that blocks.
    pub blocked: usize,
    /// What the scheduler has counted.
    pub counts: Counts,
    /// Milliseconds that tasks have waited before they were started: all together, and the longest wait.
    pub start_waits: [f64; 2],
    /// Whether a task is being executed.
    pub running: bool,
    /// Jobs that wait for this isolate alone.
    pub queued: usize,
    /// Times that the isolate was replaced because it ran out of memory.
    pub replaced: u64,
    /// Sizes of the heap, as of the last time the isolate was idle.
    pub heap: HeapFigures,
}

/// One thread of a pool, as the other threads see it.
pub struct Worker {
    /// The isolate's id.
    pub id: u32,
    /// Records for the host.
    pub outbox: Outbox,
    shared: bool,
    /// Whether the isolate is made before there is work for it.
    eager: bool,
    limits: Limits,
    /// What the clock sees of it.
    entry: Arc<Entry>,
    pool: Weak<Pool>,
    inspect_file: String,
    node_folder: String,
    node_version: String,
    jobs: Jobs<Job>,
    /// Jobs for this worker alone from the first on whose code is being compiled.
    waiting: Mutex<VecDeque<Job>>,
    thread: OnceLock<(Thread, Arc<PoolThread>)>,
    /// The thread's processor time.
    thread_clock: OnceLock<ThreadClock>,
    handle: Mutex<Option<v8::IsolateHandle>>,
    /// The task being executed; 0 for none.
    current: AtomicU64,
    /// Whether that is in plain form.
    is_plain: AtomicBool,
    /// Tasks that have begun and are not running.
    blocked: Mutex<Blocked>,
    /// What is asked for tasks that have begun here.
    controls: Mutex<Vec<(u64, Action)>>,
    /// Whether there is any that was not looked at.
    is_asked: AtomicBool,
    /// Whether some of it waits until the running code has left V8; only this thread uses it.
    is_put_off: AtomicBool,
    /// Whether it sleeps until somebody has something for it.
    sleep: Sleep,
    /// Rings when operations on shared channels have ended.
    doorbell: Doorbell,
    /// Where they are.
    mailbox: Mutex<Option<Arc<Mailbox>>>,
    /// The task that V8 was told to terminate; 0 for none.
    doomed: AtomicU64,
    /// The task about which the clock is about to say so, if it still runs; 0 for none. See `terminate`.
    aim: AtomicU64,
    /// Held while there is an aim.
    aiming: Mutex<()>,
    delivery: Delivery,
    meters: Meters,
    stopping: AtomicBool,
    ended: AtomicBool,
    out_of_memory: AtomicBool,
    started: AtomicU64,
    /// Microseconds that tasks have waited before they were started, all together, and the longest wait.
    start_waits: [AtomicU64; 2],
    replaced: AtomicU64,
    heap: [AtomicUsize; 3],
    /// When that was last looked at.
    heap_seen: Mutex<Option<Instant>>,
}

impl Worker {
    /// Makes a worker, whose thread is yet to start.
    pub fn new(id: u32, shared: bool, eager: bool, limits: Limits, pool: &Arc<Pool>) -> Arc<Worker> {
        Arc::new_cyclic(|this: &Weak<Worker>| Worker {
            id,
            outbox: Outbox::default(),
            shared,
            eager,
            limits,
            entry: pool.clock.entry(
                shared,
                {
                    let this = Weak::clone(this);
                    Box::new(move || {
                        this.upgrade().is_some_and(|this| this.pool.upgrade().is_some_and(|pool| this.has_work(&pool)))
                    })
                },
                {
                    let this = Weak::clone(this);
                    Box::new(move || this.upgrade().map_or(0, |this| this.jobs.len()))
                },
                {
                    let this = Weak::clone(this);
                    Box::new(move |task| {
                        if let Some(this) = this.upgrade() {
                            this.terminate(task);
                        }
                    })
                },
                {
                    let this = Weak::clone(this);
                    Box::new(move || this.upgrade().is_some_and(|this| this.check_meters()))
                },
            ),
            pool: Arc::downgrade(pool),
            inspect_file: pool.config.inspect_file.clone(),
            node_folder: pool.config.node_folder.clone(),
            node_version: pool.config.node_version.clone(),
            jobs: Jobs::default(),
            waiting: Mutex::default(),
            thread: OnceLock::new(),
            thread_clock: OnceLock::new(),
            handle: Mutex::default(),
            current: AtomicU64::new(0),
            is_plain: AtomicBool::new(false),
            blocked: Mutex::default(),
            controls: Mutex::default(),
            is_asked: AtomicBool::new(false),
            is_put_off: AtomicBool::new(false),
            sleep: Sleep::default(),
            doorbell: Doorbell::default(),
            mailbox: Mutex::default(),
            doomed: AtomicU64::new(0),
            aim: AtomicU64::new(0),
            aiming: Mutex::default(),
            delivery: Delivery::default(),
            meters: Meters::default(),
            stopping: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            out_of_memory: AtomicBool::new(false),
            started: AtomicU64::new(0),
            start_waits: Default::default(),
            replaced: AtomicU64::new(0),
            heap: Default::default(),
            heap_seen: Mutex::default(),
        })
    }

    /// Gives the worker a job of its own. Returns whether it still takes any.
    pub fn give(self: &Arc<Self>, job: Job) -> bool {
        if self.is_stopping() {
            return false;
        }
        let mut waiting = self.waiting.lock().expect("no holder panics");
        let compilation = job.code.pending().cloned();
        // Tasks of one isolate start in the order in which they were given.
        if compilation.is_none() && waiting.is_empty() {
            drop(waiting);
            self.enqueue(job);
            return true;
        }
        waiting.push_back(job);
        drop(waiting);
        if let Some(compilation) = compilation {
            let this = Arc::downgrade(self);
            compilation.start(move || {
                if let Some(this) = this.upgrade() {
                    this.enqueue_compiled();
                }
            });
        }
        self.fail_late();
        true
    }

    /// Moves the jobs whose code is compiled, up to the first whose code is not, to where the thread finds them.
    fn enqueue_compiled(&self) {
        let mut waiting = self.waiting.lock().expect("no holder panics");
        while waiting.front().is_some_and(|job| job.code.pending().is_none()) {
            let Some(job) = waiting.pop_front() else { break };
            // Under the lock, so that nobody overtakes it.
            self.enqueue(job);
        }
    }

    fn enqueue(&self, job: Job) {
        self.send_away(self.jobs.put(job));
        self.unpark();
    }

    /// Whether it is one of the pool's.
    pub fn is_shared(&self) -> bool {
        self.shared
    }

    /// Whether it is one of the pool's and takes jobs.
    pub fn is_open(&self) -> bool {
        // A job that comes too late is passed on.
        self.shared && !self.jobs.is_closed()
    }

    /// How many tasks wait here for a turn.
    pub fn load(&self) -> usize {
        self.entry.load()
    }

    /// Begins a task that could begin on any of the pool's workers, and does so if another one has nothing to do before.
    pub fn take_over(&self, pool: &Pool, job: Job) {
        // Before the job can be taken, so that the count is never below 0. Whoever sees it late does not look here: see `steal_job`.
        pool.handed.fetch_add(1, Ordering::Relaxed);
        self.enqueue(job);
    }

    /// Takes one of those away.
    pub fn give_up_job(&self) -> Option<Job> {
        self.jobs.take()
    }

    /// Wakes the thread, or makes its next sleep short.
    pub fn unpark(&self) {
        if let Some((thread, _)) = self.thread.get() {
            thread.unpark();
        }
    }

    /// Makes the thread end: what runs is terminated, what waits fails.
    pub fn stop(&self) {
        // Pairs with the load in `is_stopping`; the thread looks at it after every entry into V8 and after every sleep. SeqCst: see
        // `delivery.rs`.
        self.stopping.store(true, Ordering::SeqCst);
        self.terminate_execution();
        self.unpark();
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Ends what runs. Why was said before.
    fn terminate_execution(&self) {
        if self.delivery.is_under_way() {
            return;
        }
        if let Some(handle) = &*self.handle.lock().expect("no holder panics") {
            handle.terminate_execution();
        }
    }

    /// Whether what runs is to be terminated. `SeqCst`: see `delivery.rs`.
    fn is_termination_wanted(&self) -> bool {
        self.stopping.load(Ordering::SeqCst) || self.doomed.load(Ordering::SeqCst) != 0
    }

    /// Whether the thread's isolate was beyond repair.
    pub fn has_died(&self) -> bool {
        self.thread.get().is_some_and(|(_, thread)| thread.is_dead())
    }

    /// Whether the worker will make no more records.
    pub fn has_ended(&self) -> bool {
        // Pairs with the store in `end`: the last record is in the outbox when this is true.
        self.ended.load(Ordering::Acquire)
    }

    /// Where a task of this worker stands.
    pub fn status(&self, task: u64) -> Option<Status> {
        // Only a snapshot is asked for; no other memory depends on it.
        // Pairs with the store in `execute`.
        if self.current.load(Ordering::Acquire) == task {
            return Some(Status::Running);
        }
        let parked = self.blocked.lock().expect("no holder panics").get(task)?;
        let is_running = parked.is_preempted || self.entry.task() == Some(task);
        Some(if is_running { Status::Running } else { Status::Blocked })
    }

    /// Whether a task has begun here and has not ended, or has left others behind here.
    pub fn has(&self, task: u64) -> bool {
        self.status(task).is_some() || self.blocked.lock().expect("no holder panics").realm_of(task).is_some()
    }

    /// What `stats()` shows. All counters are snapshots; nothing is ordered by them.
    pub fn figures(&self) -> Figures {
        let heap = |index: usize| self.heap[index].load(Ordering::Relaxed);
        Figures {
            id: self.id,
            shared: self.shared,
            started: self.started.load(Ordering::Relaxed),
            blocked: self.blocked.lock().expect("no holder panics").count(),
            counts: self.entry.counts(),
            start_waits: [0, 1].map(|index| micros(&self.start_waits[index])),
            running: self.current.load(Ordering::Relaxed) != 0 || self.entry.is_running(),
            queued: self.jobs.len() + self.waiting.lock().expect("no holder panics").len(),
            replaced: self.replaced.load(Ordering::Relaxed),
            heap: HeapFigures { used: heap(0), total: heap(1), external: heap(2) },
        }
    }

    /// Whether tasks live here that tasks here have started.
    pub fn has_children(&self) -> bool {
        let counts = self.entry.counts();
        counts.children > counts.ended_children
    }

    /// Passes on what there is to say of a task.
    fn record(&self, kind: RecordKind, task: u64, payload: &[u8], attachments: Vec<Attachment>, codes: Vec<Arc<Code>>) {
        let Some(pool) = self.pool.upgrade() else { return self.outbox.push(kind, task, payload, attachments) };
        match pool.children.settle(kind, task, payload, attachments, codes) {
            Settled::ForHost(task, attachments) => {
                self.outbox.push(kind, task, payload, attachments);
                pool.host.wake();
            }
            Settled::Done => {}
            // It has ended, and somebody who did not know that yet has asked for its end: no isolate will begin it.
            Settled::Late => pool.requests.forget(task),
        }
    }
}

/// A number of microseconds, in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "exact to a microsecond for centuries")]
fn micros(count: &AtomicU64) -> f64 {
    count.load(Ordering::Relaxed) as f64 / 1000.0
}
