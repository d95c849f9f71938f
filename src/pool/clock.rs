//! The clock that ends slices: one thread looks every few milliseconds at the entries that run, and sets the flag of each
//! whose time is over. While none runs it sleeps; but not before it has looked some more times, since to be woken for each of many short
//! tasks costs as much as these.

mod balance;

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicIsize, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use self::balance::{Offer, PATIENCE};

/// Where the scheduler counts, in whole numbers of 32 bits from the beginning of its flags: turns, turns that were ended, tasks that tasks
/// have started, and those of them that have ended.
const COUNTS: usize = 8;

/// Where it counts tasks that had to stay, and for how many reasons it does.
const FIRST_STAY: usize = 15;
const STAYS: usize = 4;

/// Where the scheduler keeps the running task's id, in doubles from the beginning of its flags.
const RUNNING: usize = 6;

/// How often the clock looks: five times a quantum, within these limits.
const TICKS: [Duration; 2] = [Duration::from_micros(500), Duration::from_millis(2)];

/// How long it sleeps at most.
const LONG: Duration = Duration::from_secs(1);

/// So often it looks though nothing runs, before it sleeps until it is woken.
const IDLE_TICKS: u32 = 5;

/// What happened on a worker since it began.
#[derive(Clone, Copy, Default, Debug)]
pub struct Counts {
    /// Turns that tasks were given.
    pub turns: u64,
    /// Those of them that were ended because others waited.
    pub preemptions: u64,
    /// Tasks that tasks have started.
    pub children: u64,
    /// Those of them that have ended.
    pub ended_children: u64,
    /// Milliseconds that tasks which could run have waited for a turn, all together.
    pub waited: f64,
    /// Tasks that tasks have started and that had to stay on this isolate, by why; in the order of `STAYS` in `src/kernel/flags.js`.
    pub stays: [u64; STAYS],
    /// Tasks that could run now and wait for their turn, besides those of realms that do not run.
    pub ready: u32,
}

impl Counts {
    /// Adds what a realm has counted since this was last done.
    ///
    /// `flags` are the realm's, of which nobody else makes anything of the counts.
    fn add(&mut self, flags: &v8::SharedRef<v8::BackingStore>, takes: bool) {
        let Some(data) = flags.data() else { return };
        let data = data.as_ptr().cast::<i32>();
        // SAFETY: as in `tick`.
        let place = |index: usize| unsafe { AtomicI32::from_ptr(data.add(index)) };
        // They count up from 0 and may pass the largest number of 31 bits before the slice is over.
        let read = |index: usize| {
            let value =
                if takes { place(index).swap(0, Ordering::Relaxed) } else { place(index).load(Ordering::Relaxed) };
            u64::from(value.cast_unsigned())
        };
        let [turns, preemptions, children, ended_children] = std::array::from_fn(|index| read(COUNTS + index));
        self.turns += turns;
        self.preemptions += preemptions;
        self.children += children;
        self.ended_children += ended_children;
        for (index, stays) in self.stays.iter_mut().enumerate() {
            *stays += read(FIRST_STAY + index);
        }
    }
}

/// The entry that runs on one worker.
pub struct Entry {
    running: Mutex<Option<(Instant, v8::SharedRef<v8::BackingStore>)>>,
    counts: Mutex<Counts>,
    /// When the clock looked last.
    sampled: Mutex<Option<Instant>>,
    /// Whether its tasks may leave.
    is_shared: bool,
    /// What there was to send when the clock looked last.
    offered: Mutex<Option<Offer>>,
    /// How many tasks that could go on the realm had that ran last.
    left_ready: AtomicUsize,
    /// When the isolate's next timer is due.
    deadline: Mutex<Option<Instant>>,
    /// Whether jobs wait for the worker.
    has_jobs: Box<dyn Fn() -> bool + Send + Sync>,
    /// How many wait for this one alone.
    queued: Box<dyn Fn() -> usize + Send + Sync>,
    /// Tasks that were killed, and when they are terminated if they still run then.
    doomed: Mutex<Vec<(u64, Instant)>>,
    /// Terminates a task that runs.
    terminate: Box<dyn Fn(u64) + Send + Sync>,
    /// Ends tasks that have used their processor time; returns whether it must be called though nothing runs that looks.
    check_meters: Box<dyn Fn() -> bool + Send + Sync>,
}

/// The clock of a pool.
pub struct Clock {
    /// How long tasks run before others get their turn.
    quantum: Duration,
    entries: Mutex<Vec<Arc<Entry>>>,
    running: AtomicUsize,
    /// Whether the thread sleeps, or is about to, until it is woken.
    sleeps: AtomicBool,
    /// Shared workers that have nothing to do.
    hungry: AtomicIsize,
    stopping: AtomicBool,
    thread: OnceLock<Thread>,
}

impl Clock {
    /// A clock that ends slices after `quantum`.
    pub fn new(quantum: Duration) -> Clock {
        Clock {
            quantum,
            entries: Mutex::default(),
            running: AtomicUsize::new(0),
            sleeps: AtomicBool::new(false),
            hungry: AtomicIsize::new(0),
            stopping: AtomicBool::new(false),
            thread: OnceLock::new(),
        }
    }

    /// An entry of one more worker.
    pub fn entry(
        &self,
        is_shared: bool,
        has_jobs: Box<dyn Fn() -> bool + Send + Sync>,
        queued: Box<dyn Fn() -> usize + Send + Sync>,
        terminate: Box<dyn Fn(u64) + Send + Sync>,
        check_meters: Box<dyn Fn() -> bool + Send + Sync>,
    ) -> Arc<Entry> {
        let entry = Arc::new(Entry {
            running: Mutex::default(),
            counts: Mutex::default(),
            sampled: Mutex::default(),
            is_shared,
            offered: Mutex::default(),
            left_ready: AtomicUsize::new(0),
            deadline: Mutex::default(),
            has_jobs,
            queued,
            doomed: Mutex::default(),
            terminate,
            check_meters,
        });
        self.entries.lock().expect("no holder panics").push(Arc::clone(&entry));
        entry
    }

    /// Forgets a worker's.
    pub fn forget(&self, entry: &Arc<Entry>) {
        self.entries.lock().expect("no holder panics").retain(|other| !Arc::ptr_eq(other, entry));
        let doomed = std::mem::take(&mut *entry.doomed.lock().expect("no holder panics"));
        self.running.fetch_sub(doomed.len(), Ordering::AcqRel);
    }

    /// A task of a worker was killed: if it still runs after `grace`, it is terminated.
    pub fn doom(self: &Arc<Self>, entry: &Entry, task: u64, grace: Duration) {
        entry.doomed.lock().expect("no holder panics").push((task, Instant::now() + grace));
        self.count_running();
    }

    /// A worker enters code that looks at `flags`.
    pub fn begin(self: &Arc<Self>, entry: &Entry, flags: v8::SharedRef<v8::BackingStore>) {
        *entry.running.lock().expect("no holder panics") = Some((Instant::now(), flags));
        self.count_running();
    }

    /// There is one thing more to look at.
    fn count_running(self: &Arc<Self>) {
        // SeqCst, as in the thread: either it sees that something runs, or we see that it sleeps.
        self.running.fetch_add(1, Ordering::SeqCst);
        if self.thread.get().is_none() || self.sleeps.load(Ordering::SeqCst) {
            self.wake();
        }
    }

    /// It has left.
    pub fn end(&self, entry: &Entry) {
        let ended = entry.running.lock().expect("no holder panics").take();
        if let Some((_, flags)) = ended {
            // The thread itself calls this, so nobody counts meanwhile.
            entry.counts.lock().expect("no holder panics").add(&flags, true);
            entry.note_ready(&flags);
        }
        self.running.fetch_sub(1, Ordering::AcqRel);
    }

    /// Ends the thread: the pool stops, and no slice needs an end any more.
    pub fn stop(&self) {
        // Pairs with the load in the thread, which looks before each sleep; `unpark` orders the two.
        self.stopping.store(true, Ordering::Release);
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    /// The thread, which is started when it is first needed and ends when the clock is stopped or gone.
    fn thread(self: &Arc<Self>) -> &Thread {
        self.thread.get_or_init(|| {
            let tick = (self.quantum / 5).clamp(TICKS[0], TICKS[1]);
            let weak = Arc::downgrade(self);
            let body = move || {
                let mut idle_ticks = 0;
                while let Some(clock) = weak.upgrade().filter(|clock| !clock.stopping.load(Ordering::Acquire)) {
                    clock.sleeps.store(false, Ordering::SeqCst);
                    let is_watching = clock.tick();
                    let is_idle = || clock.running.load(Ordering::SeqCst) == 0 && !is_watching;
                    idle_ticks = if is_idle() { idle_ticks + 1 } else { 0 };
                    let mut pause = if idle_ticks == 0 && clock.ask_for_tasks() { PATIENCE } else { tick };
                    if idle_ticks > IDLE_TICKS {
                        // SeqCst, as in `count_running`. Whoever sees it leaves a token, with which this does not sleep.
                        clock.sleeps.store(true, Ordering::SeqCst);
                        if is_idle() {
                            pause = LONG;
                        }
                    }
                    // So that it can go meanwhile.
                    drop(clock);
                    thread::park_timeout(pause);
                }
            };
            let builder = thread::Builder::new().name("hertzscript-clock".into()).stack_size(64 * 1024);
            builder.spawn(body).expect("the system has a thread for the clock").thread().clone()
        })
    }

    /// Has the thread look, though nothing has begun that looks.
    pub fn wake(self: &Arc<Self>) {
        self.thread().unpark();
    }

    /// Returns whether it must look again though nothing runs that looks.
    fn tick(&self) -> bool {
        let mut is_watching = false;
        for entry in &*self.entries.lock().expect("no holder panics") {
            self.end_doomed(entry);
            is_watching |= (entry.check_meters)();
            entry.sample();
            if let Some((begun, flags)) = &*entry.running.lock().expect("no holder panics")
                && begun.elapsed() >= self.quantum
                && let Some(data) = flags.data()
            {
                let data = data.as_ptr().cast::<i32>();
                // SAFETY: the store has room for `COUNT` numbers of `src/kernel/flags.js`, aligned for any number, and `flags` keeps it; the isolate's thread reads
                // and writes the same numbers with plain accesses of one word, as JavaScript does for shared memory.
                let waiting = unsafe { AtomicI32::from_ptr(data.add(1)) };
                // All are advice: whoever sees them late acts late. Nothing else is ordered by them. A task that is alone
                // is left alone: leaving its fast code costs it some microseconds, and the next code has to warm up.
                if waiting.load(Ordering::Relaxed) > 0 || entry.is_due() || (entry.has_jobs)() {
                    set_over(flags);
                }
            }
        }
        is_watching
    }
}

/// One of the numbers that a realm shares.
fn number(flags: &v8::SharedRef<v8::BackingStore>, index: usize) -> Option<&AtomicI32> {
    let data = flags.data()?.as_ptr().cast::<i32>();
    // SAFETY: as in `tick`.
    Some(unsafe { AtomicI32::from_ptr(data.add(index)) })
}

/// How many tasks of a realm could run and wait for their turn.
fn ready(flags: &v8::SharedRef<v8::BackingStore>) -> u32 {
    number(flags, 1).map_or(0, |ready| u32::try_from(ready.load(Ordering::Relaxed)).unwrap_or(0))
}

/// Has the task that runs look, and the thread leave when it is suspended.
fn set_over(flags: &v8::SharedRef<v8::BackingStore>) {
    // Functions that make calls in tail position look when their count, the last of these, has run out. One that counts in this moment
    // may undo that, and looks when it has counted to the end.
    for (index, value) in [(0, 1), (2, 1), (5, -1)] {
        if let Some(flag) = number(flags, index) {
            flag.store(value, Ordering::Relaxed);
        }
    }
}

impl Clock {
    /// Terminates what was to be over by now.
    fn end_doomed(&self, entry: &Entry) {
        let mut due = Vec::new();
        entry.doomed.lock().expect("no holder panics").retain(|(task, at)| {
            let is_due = *at <= Instant::now();
            if is_due {
                due.push(*task);
            }
            !is_due
        });
        for task in due {
            (entry.terminate)(task);
            self.running.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Entry {
    /// What happened on the worker until now.
    pub fn counts(&self) -> Counts {
        // Under the lock, so that a slice which ends now is counted once.
        let running = self.running.lock().expect("no holder panics");
        let mut counts = *self.counts.lock().expect("no holder panics");
        if let Some((_, flags)) = &*running {
            counts.add(flags, false);
            counts.ready = ready(flags);
        }
        counts
    }

    /// Counts how long tasks wait: as many as are ready, for the time from one look of the clock to the next. Nobody else has to look at
    /// a clock for it.
    fn sample(&self) {
        let now = Instant::now();
        let last = self.sampled.lock().expect("no holder panics").replace(now);
        let (Some(last), Some((begun, flags))) = (last, &*self.running.lock().expect("no holder panics")) else {
            return;
        };
        // While nothing ran the clock may have slept.
        let since = now.saturating_duration_since(last.max(*begun));
        self.counts.lock().expect("no holder panics").waited += since.as_secs_f64() * 1000.0 * f64::from(ready(flags));
    }

    /// Ends the slice of what runs, at its next look.
    pub fn interrupt(&self) {
        if let Some((_, flags)) = &*self.running.lock().expect("no holder panics") {
            set_over(flags);
        }
    }

    /// Says when the isolate's next timer is due.
    pub fn set_deadline(&self, at: Option<Instant>) {
        *self.deadline.lock().expect("no holder panics") = at;
    }

    /// Whether code runs that looks.
    pub fn is_running(&self) -> bool {
        self.running.lock().expect("no holder panics").is_some()
    }

    /// The task that runs, by the number that its realm gives it, if one does.
    pub fn task(&self) -> Option<u64> {
        let running = self.running.lock().expect("no holder panics");
        let data = running.as_ref()?.1.data()?.as_ptr().cast::<u64>();
        // SAFETY: as in `tick`; the scheduler keeps a double there (see `flags` in src/kernel/scheduler.js), which is written
        // in one piece.
        let bits = unsafe { AtomicU64::from_ptr(data.add(RUNNING)) }.load(Ordering::Relaxed);
        // Ids are whole numbers below 2^53.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Some(f64::from_bits(bits) as u64)
    }

    fn is_due(&self) -> bool {
        self.deadline.lock().expect("no holder panics").is_some_and(|at| at <= Instant::now())
    }

    /// Gives what runs another slice.
    pub fn renew(&self) {
        if let Some((begun, _)) = &mut *self.running.lock().expect("no holder panics") {
            *begun = Instant::now();
        }
    }
}
