//! The threads of one host environment, and what they share.
//!
//! A pool belongs to one Node environment (the main thread, or one worker_threads Worker) and ends with it.
//!
//! **Shutdown.** `stop` sets the flag, terminates what runs in V8, and wakes everybody; each thread drops its isolate (or
//! leaves it, when the process is about to end anyway), and `stop` waits for them for a bounded time. A thread that died,
//! or that sits in one long native operation, is not waited for; it holds nothing that others need.

pub mod children;
mod clock;
mod console;
mod control;
mod cpu_time;
mod late;
mod nursery;
mod outbox;
mod priority;
mod requests;
mod spawner;
mod standstill;
mod worker;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use self::clock::Clock;
use self::late::Late;
use crate::compiler::Registry;
use crate::isolate::{Allowance, Job, Limits};
use crate::message::{Addresses, Attachment, Host, Submission};

use children::Children;
use console::Console;
pub use console::Line;
use outbox::{Drained, Found};
pub use requests::Action;
use requests::Requests;
pub use worker::{Figures, Status, Worker};

/// Bytes of each isolate's heap where nothing else was configured.
pub const HEAP: usize = 2048 << 20;

/// How long `stop` waits for threads.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// What a pool is made with.
#[derive(Clone)]
pub struct Config {
    /// Number of threads with a shared isolate.
    pub threads: usize,
    /// Limits of their isolates, and of private ones that ask for no own.
    pub limits: Limits,
    /// The file that holds Node's `util.inspect` for realms.
    pub inspect_file: String,
    /// The folder with Node's own modules for realms.
    pub node_folder: String,
    /// The version of the host's Node.
    pub node_version: String,
}

/// Starts the thread that starts V8, and then one with an isolate for a pool with the usual limits, without waiting for any of it.
pub fn prepare() {
    nursery::prepare(HEAP);
}

/// The threads of one host environment.
pub struct Pool {
    config: Config,
    host: Arc<dyn Host>,
    /// Sources that submissions name.
    pub codes: Arc<Registry>,
    jobs: (flume::Sender<Job>, flume::Receiver<Job>),
    /// Jobs for any of the pool's isolates, by task, whose code is being compiled.
    waiting: Mutex<HashMap<u64, Job>>,
    /// Jobs in the queues of shared workers alone; see `Pool::ship`.
    handed: AtomicUsize,
    workers: Mutex<Vec<Arc<Worker>>>,
    /// The threads of shared workers; each runs one worker from start to end. Taken when the pool stops: they end with
    /// what they run, and only after this is dropped.
    threads: Mutex<Option<rayon::ThreadPool>>,
    /// Shared workers that sleep; see `worker/rest.rs` for the protocol.
    idle: Mutex<Vec<Arc<Worker>>>,
    /// Shared workers that look for work before they go to sleep; at most one does.
    spinning: AtomicUsize,
    next_isolate: AtomicU32,
    console: Console,
    /// Memory of the host that moved into isolates: address to the host's id.
    pub held: Arc<Addresses>,
    /// Attachments of records that the host has fetched and not yet decoded.
    fetched: Mutex<VecDeque<Attachment>>,
    large: Mutex<Option<Vec<u8>>>,
    clock: Arc<Clock>,
    /// Timers of isolates that have ended.
    late: Arc<Late>,
    /// What was asked for jobs that have not begun. Each is kept with the private isolate that it belongs to.
    requests: Requests<(Job, Option<u32>)>,
    /// Tasks that tasks have started and that were sent to the pool.
    pub children: Children,
    /// How much processor time tasks may use that are about to be submitted.
    cpu_limits: Mutex<HashMap<u64, Duration>>,
    stopping: AtomicBool,
    /// Whether isolates are left as they are, because the process ends.
    abandon: AtomicBool,
    alive: Mutex<usize>,
    ended: Condvar,
    started: AtomicBool,
}

impl Pool {
    /// Makes a pool, whose threads are yet to start.
    pub fn new(config: Config, host: Arc<dyn Host>) -> Arc<Pool> {
        let clock = Arc::new(Clock::new(config.limits.quantum));
        Arc::new(Pool {
            config,
            host,
            codes: Arc::default(),
            jobs: flume::unbounded(),
            waiting: Mutex::default(),
            handed: AtomicUsize::new(0),
            workers: Mutex::default(),
            threads: Mutex::default(),
            idle: Mutex::default(),
            spinning: AtomicUsize::new(0),
            clock,
            late: Arc::default(),
            requests: Requests::default(),
            children: Children::default(),
            cpu_limits: Mutex::default(),
            next_isolate: AtomicU32::new(1),
            console: Console::default(),
            held: Arc::default(),
            fetched: Mutex::default(),
            large: Mutex::default(),
            stopping: AtomicBool::new(false),
            abandon: AtomicBool::new(false),
            alive: Mutex::new(0),
            ended: Condvar::new(),
            started: AtomicBool::new(false),
        })
    }

    /// Takes the submissions in `buffer`. `attachments` are theirs, in order.
    ///
    /// # Errors
    /// The isolate's id, where a submission names one that is gone, with the tasks that were not taken.
    pub fn submit(self: &Arc<Self>, mut buffer: &[u8], attachments: Vec<Attachment>) -> Vec<u64> {
        let mut attachments = attachments.into_iter();
        let mut refused = Vec::new();
        // One look at the clock for all that came together.
        let submitted = Instant::now();
        let mut shared = 0;
        let mut limits = std::mem::take(&mut *self.cpu_limits.lock().expect("no holder panics"));
        while let Some(submission) = Submission::read(&mut buffer) {
            let Submission { header, payload, .. } = &submission;
            let attachments = attachments.by_ref().take(header.attachments as usize).collect();
            let named: Option<Vec<_>> = submission.codes().map(|id| self.codes.get(id)).collect();
            let (Some(code), Some(codes)) = (self.codes.get(header.code), named) else {
                refused.push(header.task);
                continue;
            };
            let payload = payload.to_vec();
            let limit = limits.remove(&header.task);
            let job = Job {
                task: header.task,
                program: header.program,
                code,
                payload,
                codes,
                attachments,
                submitted,
                allowance: limit.map(|limit| Arc::new(Allowance::new(header.task, limit))),
            };
            if header.isolate == 0 && job.code.pending().is_some() {
                self.start_when_compiled(job);
            } else if header.isolate == 0 {
                self.jobs.0.send(job).expect("the pool holds a receiver");
                shared += 1;
            } else if !self.worker(header.isolate).is_some_and(|worker| worker.give(job)) {
                refused.push(header.task);
            }
        }
        if !limits.is_empty() {
            self.cpu_limits.lock().expect("no holder panics").extend(limits);
        }
        if shared > 0 {
            self.wake_workers(shared);
        }
        refused
    }

    /// Says how much processor time a task may use; before it is submitted.
    pub fn limit_cpu(&self, task: u64, limit: Duration) {
        self.cpu_limits.lock().expect("no holder panics").insert(task, limit);
    }

    /// Keeps a job until its code is compiled. Meanwhile it counts as queued.
    fn start_when_compiled(self: &Arc<Self>, job: Job) {
        let task = job.task;
        let code = Arc::clone(&job.code);
        self.waiting.lock().expect("no holder panics").insert(task, job);
        let Some(compilation) = &code.compilation else { return };
        let pool = Arc::downgrade(self);
        compilation.start(move || {
            let Some(pool) = pool.upgrade() else { return };
            let Some(job) = pool.waiting.lock().expect("no holder panics").remove(&task) else { return };
            pool.pass_on(job);
        });
    }

    /// Has a job begin on any worker.
    fn pass_on(&self, job: Job) {
        self.jobs.0.send(job).expect("the pool holds a receiver");
        self.wake_workers(1);
    }

    /// Starts the pool's threads, once. The first of them makes its isolate at once, the others when there is work for them.
    pub fn start(self: &Arc<Self>) {
        // The swap makes one caller the starter; nothing else is published by it.
        if self.started.swap(true, Ordering::Relaxed) {
            return;
        }
        let workers: Vec<_> =
            (0..self.config.threads).map(|index| self.register_worker(true, index == 0, self.config.limits)).collect();
        let size = self.config.limits.size();
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(workers.len())
            .spawn_handler(|thread| {
                let name = format!("hz-pool-{}", thread.index());
                // V8 wants all its threads to come from one; see `spawner.rs`.
                if thread.index() == 0 {
                    nursery::spawn(name, size, false, move || thread.run());
                } else {
                    spawner::get().spawn(name, move || thread.run());
                }
                Ok(())
            })
            .build()
            .expect("the spawn handler does not fail");
        threads.spawn_broadcast(move |context| Arc::clone(&workers[context.index()]).run());
        *self.threads.lock().expect("no holder panics") = Some(threads);
    }

    /// Starts a worker beside the pool's threads: of a private isolate, or in the place of one that died.
    fn start_worker(self: &Arc<Self>, shared: bool, limits: Limits) -> Arc<Worker> {
        let worker = self.register_worker(shared, !shared, limits);
        let thread = Arc::clone(&worker);
        nursery::spawn(format!("hz-isolate-{}", worker.id), limits.size(), !shared, move || thread.run());
        worker
    }

    fn register_worker(self: &Arc<Self>, shared: bool, eager: bool, limits: Limits) -> Arc<Worker> {
        // Only the number must be unique.
        let id = self.next_isolate.fetch_add(1, Ordering::Relaxed);
        let worker = Worker::new(id, shared, eager, limits, self);
        self.workers.lock().expect("no holder panics").push(Arc::clone(&worker));
        *self.alive.lock().expect("no holder panics") += 1;
        spawner::get().watch(&worker);
        worker
    }

    /// Starts a private isolate and returns its id.
    pub fn create_isolate(self: &Arc<Self>, heap: Option<usize>) -> u32 {
        let mut limits = self.config.limits;
        if let Some(heap) = heap {
            limits.heap = heap;
            limits.buffers = Some(heap);
        }
        self.start_worker(false, limits).id
    }

    /// Ends a private isolate and all its tasks. The host hears of it by a record. Returns whether there was one.
    pub fn dispose_isolate(&self, id: u32) -> bool {
        self.worker(id).is_some_and(|worker| {
            worker.stop();
            true
        })
    }

    fn worker(&self, id: u32) -> Option<Arc<Worker>> {
        self.workers.lock().expect("no holder panics").iter().find(|worker| worker.id == id).cloned()
    }

    /// Wakes as many sleeping workers as there are new jobs.
    fn wake_workers(&self, jobs: usize) {
        // A worker that is looking for work will find one of the jobs. Pairs with the fence in `Worker::sleep`.
        std::sync::atomic::fence(Ordering::SeqCst);
        let looking = self.spinning.load(Ordering::Relaxed);
        let mut idle = self.idle.lock().expect("no holder panics");
        for _ in looking..jobs {
            let Some(worker) = idle.pop() else { break };
            self.clock.add_hungry(-1);
            worker.unpark();
        }
    }

    /// A worker does not sleep any more.
    fn leave_idle(&self, id: u32) {
        let mut idle = self.idle.lock().expect("no holder panics");
        let before = idle.len();
        idle.retain(|worker| worker.id != id);
        if idle.len() < before {
            self.clock.add_hungry(-1);
        }
    }

    /// Copies records for the host into `target`; see [`Outbox`](outbox::Outbox).
    pub fn drain(&self, target: &mut [u8]) -> Found {
        let mut workers = self.workers.lock().expect("no holder panics");
        let mut fetched = self.fetched.lock().expect("no holder panics");
        let mut found = Found::default();
        for worker in workers.iter() {
            if found.length > 0 || found.large {
                found.more |= !worker.outbox.is_empty();
                continue;
            }
            match worker.outbox.drain(target, &mut fetched) {
                Drained::Copied(length) => found.length = length,
                Drained::Large(record) => {
                    *self.large.lock().expect("no holder panics") = Some(record);
                    found.large = true;
                }
            }
            found.more = !worker.outbox.is_empty();
        }
        workers.retain(|worker| !(worker.has_ended() && worker.outbox.is_empty()));
        // Last: a task's lines are there before its records are.
        found.lines = self.console.has_lines();
        found
    }

    /// The record that did not fit at the last [`Pool::drain`].
    pub fn take_large(&self) -> Option<Vec<u8>> {
        self.large.lock().expect("no holder panics").take()
    }

    /// The next attachment of the records that were drained.
    pub fn take_attachment(&self) -> Option<Attachment> {
        self.fetched.lock().expect("no holder panics").pop_front()
    }

    /// Lines to print.
    pub fn take_console(&self) -> VecDeque<Line> {
        self.console.take()
    }

    /// The host has written the lines that it took.
    pub fn console_written(&self) {
        self.console.written();
    }

    /// The state of a task that has not settled.
    pub fn status(&self, task: u64) -> Status {
        let workers = self.workers.lock().expect("no holder panics");
        workers.iter().find_map(|worker| worker.status(task)).unwrap_or(Status::Queued)
    }

    /// Figures of every isolate, with its id and whether it is shared.
    pub fn figures(&self) -> Vec<Figures> {
        self.workers.lock().expect("no holder panics").iter().map(|worker| worker.figures()).collect()
    }

    /// Jobs that wait for a thread of the pool.
    pub fn queued(&self) -> usize {
        self.jobs.1.len() + self.waiting.lock().expect("no holder panics").len()
    }

    /// Whether all threads sleep and nothing but the host could wake one.
    pub fn stands_still(&self) -> bool {
        let workers = self.workers.lock().expect("no holder panics");
        standstill::stands_still(|| {
            let mut numbers =
                workers.iter().filter(|worker| !worker.has_ended()).map(|worker| worker.sleep_number(self));
            let sum = numbers.try_fold(0, |sum, number| Some(sum + number?))?;
            (self.queued() == 0 && !self.late.any()).then_some(sum)
        })
    }

    /// Whether tasks live that tasks have started. Those whose isolate has died may be among them.
    pub fn has_children(&self) -> bool {
        // Those that were sent do not count where they were started.
        self.children.any() || self.workers.lock().expect("no holder panics").iter().any(|worker| worker.has_children())
    }

    /// Whether tasks that have begun wait, on any thread: the last one to sleep need not be theirs.
    pub fn has_blocked(&self) -> bool {
        self.workers.lock().expect("no holder panics").iter().any(|worker| worker.has_blocked())
    }

    /// Makes all threads end, without waiting for them. With `abandon`, isolates are not disposed of.
    pub fn begin_stop(&self, abandon: bool) {
        // Both flags are read by the workers after their `unpark`, which orders them.
        self.abandon.store(abandon, Ordering::Release);
        self.stopping.store(true, Ordering::Release);
        for worker in self.workers.lock().expect("no holder panics").iter() {
            worker.stop();
        }
        self.clock.stop();
        self.late.stop();
        // Does not wait for the threads.
        drop(self.threads.lock().expect("no holder panics").take());
    }

    /// Threads that have not ended.
    pub fn alive(&self) -> usize {
        *self.alive.lock().expect("no holder panics")
    }

    /// Ends all threads and waits for them; see the head of this file.
    pub fn stop(&self, abandon: bool) {
        self.begin_stop(abandon);
        let deadline = Instant::now() + STOP_PATIENCE;
        let mut alive = self.alive.lock().expect("no holder panics");
        while *alive > 0 {
            let now = Instant::now();
            if now >= deadline {
                break;
            }
            alive = self.ended.wait_timeout(alive, deadline - now).expect("no holder panics").0;
        }
        self.waiting.lock().expect("no holder panics").clear();
        self.jobs.1.drain();
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    fn thread_ended(&self) {
        *self.alive.lock().expect("no holder panics") -= 1;
        self.ended.notify_all();
    }
}
