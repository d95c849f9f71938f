//! The clock that ends slices: one thread looks every few milliseconds at the entries that run, and sets the flag of each
//! whose time is over. It sleeps while none runs.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How long tasks run before others get their turn.
pub const QUANTUM: Duration = Duration::from_millis(10);

/// Where the scheduler keeps the running task's id, in doubles from the beginning of its flags.
const RUNNING: usize = 6;

/// How often the clock looks.
const TICK: Duration = Duration::from_millis(2);

/// The entry that runs on one worker.
pub struct Entry {
    running: Mutex<Option<(Instant, v8::SharedRef<v8::BackingStore>)>>,
    /// When the isolate's next timer is due.
    deadline: Mutex<Option<Instant>>,
    /// Whether jobs wait for the worker.
    has_jobs: Box<dyn Fn() -> bool + Send + Sync>,
    /// Tasks that were killed, and when they are terminated if they still run then.
    doomed: Mutex<Vec<(u64, Instant)>>,
    /// Terminates a task that runs.
    terminate: Box<dyn Fn(u64) + Send + Sync>,
}

/// The clock of a pool.
#[derive(Default)]
pub struct Clock {
    entries: Mutex<Vec<Arc<Entry>>>,
    running: AtomicUsize,
    stopping: AtomicBool,
    thread: OnceLock<Thread>,
}

impl Clock {
    /// An entry of one more worker.
    pub fn entry(
        &self,
        has_jobs: Box<dyn Fn() -> bool + Send + Sync>,
        terminate: Box<dyn Fn(u64) + Send + Sync>,
    ) -> Arc<Entry> {
        let entry = Arc::new(Entry {
            running: Mutex::default(),
            deadline: Mutex::default(),
            has_jobs,
            doomed: Mutex::default(),
            terminate,
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
        // As in `begin`.
        if self.running.fetch_add(1, Ordering::AcqRel) == 0 {
            self.thread().unpark();
        }
    }

    /// A worker enters code that looks at `flags`.
    pub fn begin(self: &Arc<Self>, entry: &Entry, flags: v8::SharedRef<v8::BackingStore>) {
        *entry.running.lock().expect("no holder panics") = Some((Instant::now(), flags));
        // Only the change from none to one wakes the clock; it looks at the count again before it sleeps, and `unpark`
        // orders the two.
        if self.running.fetch_add(1, Ordering::AcqRel) == 0 {
            self.thread().unpark();
        }
    }

    /// It has left.
    pub fn end(&self, entry: &Entry) {
        *entry.running.lock().expect("no holder panics") = None;
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
            let clock = Arc::downgrade(self);
            let body = move || {
                while let Some(clock) = clock.upgrade().filter(|clock| !clock.stopping.load(Ordering::Acquire)) {
                    let idle = clock.running.load(Ordering::Acquire) == 0;
                    clock.tick();
                    drop(clock);
                    // Somebody who began in between has left a token, so this does not sleep.
                    thread::park_timeout(if idle { Duration::from_secs(1) } else { TICK });
                }
            };
            let builder = thread::Builder::new().name("hertzscript-clock".into()).stack_size(64 * 1024);
            builder.spawn(body).expect("the system has a thread for the clock").thread().clone()
        })
    }

    fn tick(&self) {
        for entry in &*self.entries.lock().expect("no holder panics") {
            self.end_doomed(entry);
            if let Some((begun, flags)) = &*entry.running.lock().expect("no holder panics")
                && begun.elapsed() >= QUANTUM
                && let Some(data) = flags.data()
            {
                let data = data.as_ptr().cast::<i32>();
                // SAFETY: the store has 64 bytes, aligned for any number, and `flags` keeps it; the isolate's thread reads
                // and writes the same numbers with plain accesses of one word, as JavaScript does for shared memory.
                let waiting = unsafe { AtomicI32::from_ptr(data.add(1)) };
                // All are advice: whoever sees them late acts late. Nothing else is ordered by them. A task that is alone
                // is left alone: leaving its fast code costs it some microseconds, and the next code has to warm up.
                if waiting.load(Ordering::Relaxed) > 0 || entry.is_due() || (entry.has_jobs)() {
                    set_over(flags);
                }
            }
        }
    }
}

/// Has the task that runs look, and the thread leave when it is suspended.
fn set_over(flags: &v8::SharedRef<v8::BackingStore>) {
    let Some(data) = flags.data() else { return };
    let data = data.as_ptr().cast::<i32>();
    // SAFETY: as in `tick`.
    for flag in unsafe { [0, 2].map(|index| AtomicI32::from_ptr(data.add(index))) } {
        flag.store(1, Ordering::Relaxed);
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
