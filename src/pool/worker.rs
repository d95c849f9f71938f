//! One thread of a pool and the isolate that it owns.
//!
//! A *shared* worker takes jobs from the pool's queue; a *private* one only gets jobs that name it. Between jobs a worker
//! fires timers. With nothing to do it looks for work a little longer (one worker of a pool at a time) and then sleeps.
//!
//! **Death.** When the isolate is beyond repair the thread parks for ever (`isolate/fatal.rs`) and the warden calls
//! [`Worker::bury`]: the worker's tasks fail and a fresh worker takes its place. So all that others need of a worker lies
//! here, under locks that are never held while V8 runs.

mod blocked;
mod delivery;
mod jobs;
mod outlet;
mod rest;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use self::blocked::{Blocked, Parked};
use self::delivery::Delivery;
use self::jobs::Jobs;
use super::Pool;
use super::children::Settled;
use super::clock::{Counts, Entry};
use super::cpu_time::{Meters, ThreadClock};
use super::outbox::Outbox;
use super::priority;
use super::requests::Action;
use crate::channel::{Doorbell, Mailbox};
use crate::compiler::{Code, Form};
use crate::isolate::{
    HOST_PROGRAM, HeapFigures, Job, Limits, Outcome, Outlet, PoolThread, Runtime, is_coroutine, program_of, stack_trace,
};
use crate::message::{Attachment, FailureCode, RecordKind};

/// How long code in plain form may go on once it is killed.
const PLAIN_GRACE: Duration = Duration::from_millis(10);

/// How old the sizes of the heap may be that `stats()` shows of a busy isolate.
const HEAP_INTERVAL: Duration = Duration::from_secs(1);

/// A busy worker does V8's own tasks, most of which can wait, once in so many turns.
const PLATFORM_TURNS: u32 = 16;

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
    sleeps: AtomicBool,
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
            sleeps: AtomicBool::new(false),
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

    /// Fails what was given to a worker that had just ended.
    fn fail_late(&self) {
        // The lock of the list orders this and `end`: either that finds the job, or we see that it came too late.
        if self.jobs.is_closed() {
            self.fail_waiting();
        }
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

    /// The thread's body.
    pub fn run(self: Arc<Self>) {
        let thread = PoolThread::enter();
        self.thread.set((thread::current(), thread)).expect("a worker has one thread");
        self.thread_clock.get_or_init(ThreadClock::current);
        priority::lower();
        let Some(pool) = self.pool.upgrade() else { return };
        let outlet: Arc<dyn Outlet> = Arc::clone(&self) as Arc<dyn Outlet>;
        let mut runtime = None;
        let mut turn = 0;
        while !self.is_stopping() {
            turn = (turn + 1) % PLATFORM_TURNS;
            let outcome = self.step(&pool, &outlet, &mut runtime, turn);
            // If it was cut short by the heap's limit.
            self.delivery.end(|| false);
            // SeqCst: see `terminate`.
            if self.aim.load(Ordering::SeqCst) != 0 {
                // Until V8 has been told: what comes too late is taken back below, and does not meet the next one.
                drop(self.aiming.lock().expect("no holder panics"));
            }
            // Pairs with the store in `terminate`.
            let doomed = self.doomed.swap(0, Ordering::AcqRel);
            if outcome == Outcome::Terminated && !self.is_stopping() {
                if doomed == 0 || self.out_of_memory.load(Ordering::Relaxed) {
                    // It starts afresh.
                    self.abandon_isolate(&mut runtime, FailureCode::Memory);
                } else {
                    self.survive(&mut runtime, doomed);
                }
            } else if doomed != 0
                && let Some(runtime) = &mut runtime
            {
                // The task was through just before; the termination must not hit the next one.
                runtime.cancel_termination();
            }
        }
        self.handle.lock().expect("no holder panics").take();
        if let Some(runtime) = &mut runtime {
            // Before anybody hears that the tasks have ended.
            runtime.leave_channels();
        }
        self.fail_started(FailureCode::Killed, "the isolate was shut down");
        self.end(&pool);
        // Last, since nobody needs to wait for it. Pairs with the store in `Pool::stop`.
        if pool.abandon.load(Ordering::Acquire) {
            // The process ends: disposing of a heap would only delay it.
            std::mem::forget(runtime);
        } else {
            drop(runtime);
        }
        pool.thread_ended();
    }

    /// Marks the worker as ended, after its last record.
    fn end(&self, pool: &Pool) {
        pool.clock.forget(&self.entry);
        let rest = self.jobs.close();
        self.fail_waiting();
        self.send_away(rest);
        if !self.shared {
            self.outbox.push(RecordKind::Disposed, u64::from(self.id), &[], Vec::new());
        }
        // Pairs with the load in `has_ended`.
        self.ended.store(true, Ordering::Release);
        pool.host.wake();
    }

    /// Asks for something to be done to a task that has begun here.
    pub fn control(&self, task: u64, action: Action) {
        self.controls.lock().expect("no holder panics").push((task, action));
        // Pairs with the swap in `run_controls`.
        self.is_asked.store(true, Ordering::Release);
        if action == Action::Kill
            && let Some(pool) = self.pool.upgrade()
        {
            // Nothing else reaches code in plain form, and there is nothing to wait for: it cannot be left in an orderly way.
            let is_plain = self.current.load(Ordering::Acquire) == task && self.is_plain.load(Ordering::Relaxed);
            let grace = if is_plain { PLAIN_GRACE } else { self.limits.kill_grace + PLAIN_GRACE };
            pool.clock.doom(&self.entry, task, grace);
        }
        self.entry.interrupt();
        self.unpark();
    }

    /// A task is about to begin here. If it was paused when it was to begin here before, the worker may have been told of that, too, though the
    /// task was kept then and has been resumed since: this is not for what begins now.
    fn forget_asked(&self, task: u64) {
        // Who has resumed the task has told of the pause before, and then handed the job over, which orders the two.
        if self.is_asked.load(Ordering::Relaxed) | self.is_put_off.load(Ordering::Relaxed) {
            self.controls.lock().expect("no holder panics").retain(|(other, _)| *other != task);
        }
    }

    /// Does what was asked for. The thread is outside of V8.
    fn run_controls(&self, runtime: &mut Runtime) -> Outcome {
        let asked = std::mem::take(&mut *self.controls.lock().expect("no holder panics"));
        for (task, action) in asked {
            // One that is not there is over, with all that it has left behind.
            let Some(realm) = self.blocked.lock().expect("no holder panics").realm_of(task) else { continue };
            if is_coroutine(realm) {
                let outcome = runtime.act(realm, task, action as u32);
                if self.out_of_memory.load(Ordering::Relaxed) {
                    return Outcome::Terminated;
                }
                if outcome == Outcome::Terminated {
                    return outcome;
                }
            } else if action == Action::Stack {
                self.tell_stack(task, "blocked in await", "");
            } else if action == Action::Kill {
                self.blocked.lock().expect("no holder panics").remove(task);
                self.fail(task, FailureCode::Killed, "");
            }
            self.release(runtime, program_of(realm));
        }
        Outcome::Completed
    }

    /// Answers the host, which has asked where a task stands.
    fn tell_stack(&self, task: u64, state: &str, frames: &str) {
        self.outbox.push(RecordKind::NativeStack, task, format!("{state}{frames}").as_bytes(), Vec::new());
        if let Some(pool) = self.pool.upgrade() {
            pool.host.wake();
        }
    }

    /// Has V8 interrupt what runs, and say what is on its stack. Nothing comes of it where what runs is one long operation of
    /// V8's own.
    pub fn ask_native_stack(self: &Arc<Self>, task: u64) {
        let handle = self.handle.lock().expect("no holder panics").clone();
        let Some(handle) = handle else { return };
        let this = Arc::downgrade(self);
        stack_trace::request(&handle, move |frames| {
            let Some(this) = this.upgrade() else { return };
            if this.entry.task() == Some(task) || this.current.load(Ordering::Relaxed) == task {
                this.tell_stack(task, "running", &frames);
            }
        });
    }

    /// Called by the clock: kills tasks that have used their processor time. Returns whether there are tasks in plain form that
    /// may yet use theirs.
    fn check_meters(&self) -> bool {
        let over = self.meters.over(|| self.thread_time());
        if !over.is_empty()
            && let Some(pool) = self.pool.upgrade()
        {
            for task in over {
                pool.expire(task);
            }
        }
        self.meters.has_plain()
    }

    /// From now on the thread's time is that of a task of the host's, or nobody's (0).
    fn switch_meter(&self, task: u64) {
        if let Some(over) = self.meters.switch(task, self.thread_time())
            && let Some(pool) = self.pool.upgrade()
        {
            pool.expire(over);
        }
    }

    fn thread_time(&self) -> Duration {
        self.thread_clock.get().map_or(Duration::ZERO, |clock| clock.now())
    }

    /// Kills a task that has begun here and has used its processor time.
    pub fn expire(&self, task: u64) {
        // The host learns why before it hears that the task was killed: that comes through the same outbox.
        self.outbox.push(RecordKind::Expired, task, &[], Vec::new());
        if let Some(pool) = self.pool.upgrade() {
            pool.host.wake();
        }
        self.control(task, Action::Kill);
    }

    /// Called by the clock: the task does not come to a point where it looks.
    fn terminate(&self, task: u64) {
        let is_running = || self.entry.task() == Some(task) || self.current.load(Ordering::SeqCst) == task;
        if !is_running() {
            return;
        }
        // This thread takes aim, then looks whether the task runs. The worker says that a task is through, then looks whether somebody aims at one,
        // and waits for that. All SeqCst: at least one of the two sees what the other has said, so V8 is not told about a task while the next one
        // runs. (One that suspends itself within a slice says nothing; the kernel then goes on to another one in the same entry into V8.)
        let _aiming = self.aiming.lock().expect("no holder panics");
        self.aim.store(task, Ordering::SeqCst);
        if is_running() {
            // Pairs with the swap in `run`, which finds it before or after the termination has taken effect. SeqCst: see `delivery.rs`.
            self.doomed.store(task, Ordering::SeqCst);
            self.terminate_execution();
        }
        self.aim.store(0, Ordering::SeqCst);
    }

    /// A task was terminated by V8, and those whose native frames lay under its own with it. The others go on.
    fn survive(&self, runtime: &mut Option<Runtime>, doomed: u64) {
        if let Some(runtime) = runtime {
            runtime.recover();
            // The termination may have met another task, or none, or the kernel while it began or killed this one: then it still has it.
            runtime.forget(doomed);
        }
        // In plain form the kernel knows nothing of it.
        let current = self.current.swap(0, Ordering::Relaxed);
        for task in [doomed, current].into_iter().filter(|task| *task != 0) {
            self.blocked.lock().expect("no holder panics").remove(task);
            // The host hears of each task once; what comes later is dropped there.
            self.fail(task, FailureCode::Killed, "");
        }
    }

    /// Does one thing: a timer that is due, a job, a task of V8's, or sleep.
    fn step(&self, pool: &Pool, outlet: &Arc<dyn Outlet>, runtime: &mut Option<Runtime>, turn: u32) -> Outcome {
        // Pairs with the store in `control`.
        if (self.is_asked.swap(false, Ordering::AcqRel) | self.is_put_off.swap(false, Ordering::Relaxed))
            && let Some(runtime) = runtime
        {
            return self.run_controls(runtime);
        }
        if let Some(runtime) = runtime
            && turn == 0
            && self.is_heap_stale()
        {
            self.publish_heap(runtime);
        }
        if let Some(runtime) = runtime
            && turn == 0
            && runtime.has_platform_tasks()
        {
            return self.run_platform_tasks(runtime);
        }
        if let Some(runtime) = runtime
            && runtime.is_due(Instant::now())
        {
            let outcome = runtime.fire_due(Instant::now());
            if self.out_of_memory.load(Ordering::Relaxed) {
                return Outcome::Terminated;
            }
            self.release(runtime, runtime.last_program());
            return outcome;
        }
        if self.doorbell.answer()
            && let Some(runtime) = runtime
            && let Some(outcome) = self.deliver_mail(runtime)
        {
            return outcome;
        }
        if let Some(job) = self.next_job(pool, runtime.as_ref()) {
            return self.execute(job, outlet, runtime);
        }
        if let Some(runtime) = runtime
            && runtime.has_ready()
        {
            let outcome = runtime.run_ready();
            if self.out_of_memory.load(Ordering::Relaxed) {
                return Outcome::Terminated;
            }
            self.release(runtime, runtime.last_program());
            return outcome;
        }
        if runtime.is_some() && self.spin(pool) {
            return Outcome::Completed;
        }
        if let Some(runtime) = runtime {
            if runtime.has_platform_tasks() {
                return self.run_platform_tasks(runtime);
            }
            if runtime.is_relief_due() {
                runtime.relieve();
            }
            for program in runtime.end_deadlocks() {
                self.release(runtime, program);
            }
            runtime.begin_idle();
            self.publish_heap(runtime);
        } else if self.eager {
            // It is ready when its first job comes.
            *runtime = Some(self.make_isolate(outlet));
            return Outcome::Completed;
        }
        self.sleep(pool, runtime.as_ref());
        Outcome::Completed
    }

    /// Tells one realm of its operations on shared channels that have ended.
    fn deliver_mail(&self, runtime: &mut Runtime) -> Option<Outcome> {
        let outcome = runtime.deliver_mail()?;
        // There may be more, for other realms.
        self.doorbell.put_off();
        if self.out_of_memory.load(Ordering::Relaxed) {
            return Some(Outcome::Terminated);
        }
        self.release(runtime, runtime.last_program());
        Some(outcome)
    }

    fn run_platform_tasks(&self, runtime: &mut Runtime) -> Outcome {
        let outcome = runtime.run_platform_tasks();
        if self.out_of_memory.load(Ordering::Relaxed) {
            return Outcome::Terminated;
        }
        // Microtasks of any realm may have run.
        for program in runtime.programs() {
            self.release(runtime, program);
        }
        outcome
    }

    fn next_job(&self, pool: &Pool, runtime: Option<&Runtime>) -> Option<Job> {
        // Only who has something else to do may leave them: others might wait for it for ever.
        if runtime.is_some_and(Runtime::has_ready) && self.leaves_jobs(pool) {
            return None;
        }
        if let Some(job) = self.jobs.take() {
            if self.shared {
                pool.handed.fetch_sub(1, Ordering::Relaxed);
            }
            return Some(job);
        }
        if !self.shared {
            return None;
        }
        pool.jobs.1.try_recv().ok().or_else(|| pool.steal_job())
    }

    fn make_isolate(&self, outlet: &Arc<dyn Outlet>) -> Runtime {
        let runtime = Runtime::new(self.limits, Arc::clone(outlet));
        *self.handle.lock().expect("no holder panics") = Some(runtime.handle());
        *self.mailbox.lock().expect("no holder panics") = Some(runtime.mailbox());
        runtime
    }

    fn execute(&self, job: Job, outlet: &Arc<dyn Outlet>, runtime: &mut Option<Runtime>) -> Outcome {
        let (task, program) = (job.task, job.program);
        self.forget_asked(task);
        // Before the task is known to run here: who finds that it does sees this, too.
        self.is_plain.store(job.code.form == Form::Plain, Ordering::Relaxed);
        // Pairs with the loads in `status` and `control`; see `requests.rs` for what it says besides. `bury` reads it after the thread's death,
        // which orders them.
        self.current.store(task, Ordering::Release);
        let job = if let Some(pool) = self.pool.upgrade() {
            match pool.requests.check(task, (job, (!self.shared).then_some(self.id))) {
                Ok((job, _)) => job,
                Err(is_killed) => {
                    self.current.store(0, Ordering::Relaxed);
                    if is_killed {
                        self.fail(task, FailureCode::Killed, "");
                    }
                    return Outcome::Completed;
                }
            }
        } else {
            job
        };
        self.started.fetch_add(1, Ordering::Relaxed);
        // Snapshots for `figures`, which only this thread writes.
        let waited = u64::try_from(job.submitted.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.start_waits[0].fetch_add(waited, Ordering::Relaxed);
        self.start_waits[1].fetch_max(waited, Ordering::Relaxed);
        let runtime = runtime.get_or_insert_with(|| self.make_isolate(outlet));
        if let Some(allowance) = &job.allowance {
            let plain_since = (job.code.form == Form::Plain).then(|| self.thread_time());
            self.meters.begin(allowance, plain_since);
            if plain_since.is_some()
                && let Some(pool) = self.pool.upgrade()
            {
                pool.clock.wake();
            }
        }
        // V8 could not be told while there was no isolate. The lock of its handle orders the two.
        if self.is_stopping() || self.doomed.load(Ordering::Relaxed) == task {
            return Outcome::Terminated;
        }
        let outcome = runtime.execute(job);
        // The termination that comes with it may not have taken effect before the task was through.
        if self.out_of_memory.load(Ordering::Relaxed) {
            return Outcome::Terminated;
        }
        if outcome == Outcome::Completed {
            // SeqCst: see `terminate`.
            self.current.store(0, Ordering::SeqCst);
            self.release(runtime, program);
        }
        outcome
    }

    /// Drops a program's realm if it has neither a task nor a timer left.
    fn release(&self, runtime: &mut Runtime, program: u32) {
        if program != HOST_PROGRAM && !self.blocked.lock().expect("no holder panics").has_program(program) {
            runtime.release_program(program);
        }
    }

    /// Whether the heap's sizes are those of long ago, since the isolate was never idle.
    fn is_heap_stale(&self) -> bool {
        let seen = *self.heap_seen.lock().expect("no holder panics");
        seen.is_none_or(|at| at.elapsed() >= HEAP_INTERVAL)
    }

    fn publish_heap(&self, runtime: &mut Runtime) {
        let HeapFigures { used, total, external } = runtime.heap();
        for (slot, value) in self.heap.iter().zip([used, total, external]) {
            // Snapshots for `figures`.
            slot.store(value, Ordering::Relaxed);
        }
        *self.heap_seen.lock().expect("no holder panics") = Some(Instant::now());
    }

    /// Drops an isolate that cannot go on; its tasks fail. The next job makes a fresh one.
    fn abandon_isolate(&self, runtime: &mut Option<Runtime>, code: FailureCode) {
        self.handle.lock().expect("no holder panics").take();
        // Disposing of it first frees its memory before the host hears of it.
        drop(runtime.take());
        // Only this thread and V8's callbacks on it write the flag.
        self.out_of_memory.store(false, Ordering::Relaxed);
        self.replaced.fetch_add(1, Ordering::Relaxed);
        // The kernel that has said whose time runs is gone.
        self.switch_meter(0);
        self.fail_started(code, &self.out_of_memory_message());
    }

    fn out_of_memory_message(&self) -> String {
        let heap = self.limits.heap >> 20;
        let buffers = self.limits.buffers.map(|bytes| format!(" and its ArrayBuffers to {} MB", bytes >> 20));
        format!("the isolate ran out of memory: its heap is limited to {heap} MB{}", buffers.unwrap_or_default())
    }

    /// Fails the tasks that have started here.
    fn fail_started(&self, code: FailureCode, message: &str) {
        let current = self.current.swap(0, Ordering::Relaxed);
        let blocked = std::mem::take(&mut *self.blocked.lock().expect("no holder panics"));
        if current != 0 && blocked.get(current).is_none() {
            self.fail(current, code, message);
        }
        let (tasks, left) = blocked.into_tasks();
        for task in tasks {
            self.fail(task, code, message);
        }
        for task in left {
            self.record(RecordKind::Gone, task, &[], Vec::new(), Vec::new());
        }
    }

    /// Fails the tasks that wait here for their code.
    fn fail_waiting(&self) {
        let waiting = std::mem::take(&mut *self.waiting.lock().expect("no holder panics"));
        for job in waiting {
            self.fail(job.task, FailureCode::Killed, "the isolate was shut down");
        }
    }

    /// Jobs that this worker does not begin any more.
    fn send_away(&self, jobs: Vec<Job>) {
        if jobs.is_empty() {
            return;
        }
        let pool = self.pool.upgrade().filter(|pool| self.shared && !pool.is_stopping());
        for job in jobs {
            // What one of the pool's workers was given may begin on another.
            if let Some(pool) = &pool {
                pool.handed.fetch_sub(1, Ordering::Relaxed);
                pool.pass_on(job);
                continue;
            }
            self.fail(job.task, FailureCode::Killed, "the isolate was shut down");
        }
    }

    /// Tells whoever has started a task that the pool ended it.
    pub fn fail(&self, task: u64, code: FailureCode, message: &str) {
        self.meters.end(task);
        let mut payload = (code as u32).to_le_bytes().to_vec();
        payload.extend_from_slice(message.as_bytes());
        self.record(RecordKind::Failure, task, &payload, Vec::new(), Vec::new());
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

    /// Called by the warden after the thread has died: its tasks fail, and a shared worker is replaced.
    pub fn bury(self: Arc<Self>) {
        let Some(pool) = self.pool.upgrade() else { return };
        // Pairs with the store in `end` and the loads of those who would give this worker a job.
        self.stopping.store(true, Ordering::Release);
        if let Some(mailbox) = &*self.mailbox.lock().expect("no holder panics") {
            mailbox.close();
        }
        let (code, message) = if self.out_of_memory.load(Ordering::Acquire) {
            (FailureCode::Memory, self.out_of_memory_message())
        } else {
            (
                FailureCode::Crashed,
                "V8 stopped the isolate: it ran out of memory in one step, or failed one of V8's own checks".into(),
            )
        };
        self.fail_started(code, &message);
        let waiting = std::mem::take(&mut *self.waiting.lock().expect("no holder panics"));
        for job in waiting {
            self.fail(job.task, code, &message);
        }
        if !self.shared {
            for job in self.jobs.rest() {
                self.fail(job.task, code, &message);
            }
        }
        pool.leave_idle(self.id);
        self.end(&pool);
        pool.thread_ended();
        if self.shared && !pool.is_stopping() {
            pool.start_worker(true, self.limits);
            pool.wake_workers(1);
        }
    }
}

/// A number of microseconds, in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "exact to a microsecond for centuries")]
fn micros(count: &AtomicU64) -> f64 {
    count.load(Ordering::Relaxed) as f64 / 1000.0
}
