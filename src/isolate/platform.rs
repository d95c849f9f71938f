//! V8's tasks for isolates' threads, such as what comes of a WebAssembly module that was compiled in the background, or
//! the end of an `Atomics.waitAsync`: each isolate has a queue, and its thread is woken for what is put there.
//!
//! V8 names an isolate by its address. It may post before the queue's owner is known, while the isolate is being made, and
//! from any thread. A queue is closed before its isolate is disposed of: what comes then is dropped, as V8's own queues do.

use std::collections::{HashMap, VecDeque};
use std::ffi::c_void;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// Longer delays than this (a year) are none that anybody waits for.
const LONGEST_DELAY: f64 = 3.2e7;

/// The tasks of one isolate.
#[derive(Default)]
pub struct Queue {
    tasks: Mutex<Tasks>,
    wake: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

#[derive(Default)]
struct Tasks {
    ready: VecDeque<v8::Task>,
    /// With the moments at which they become ready; there are few at a time.
    delayed: Vec<(Instant, v8::Task)>,
    is_closed: bool,
}

/// An isolate's queue, as long as the isolate has it.
pub struct Registration(Arc<Queue>);

impl std::ops::Deref for Registration {
    type Target = Queue;

    fn deref(&self) -> &Queue {
        &self.0
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut queues = QUEUES.lock().expect("no holder panics");
        queues.get_or_insert_default().retain(|_, other| !Arc::ptr_eq(other, &self.0));
    }
}

impl Queue {
    /// The queue of `isolate`, whose thread is woken by `wake`. It is to be dropped after the isolate.
    pub fn of(isolate: &v8::Isolate, wake: impl Fn() + Send + Sync + 'static) -> Registration {
        let queue = {
            let mut queues = QUEUES.lock().expect("no holder panics");
            let queue = queues.get_or_insert_default().entry(address(isolate)).or_default();
            if queue.tasks.lock().expect("no holder panics").is_closed {
                // The last isolate at this address is gone, and is about to say so.
                *queue = Arc::default();
            }
            Arc::clone(queue)
        };
        assert!(queue.wake.set(Box::new(wake)).is_ok(), "an isolate has one thread");
        Registration(queue)
    }

    /// The next task that may run.
    pub fn next(&self) -> Option<v8::Task> {
        let mut tasks = self.tasks.lock().expect("no holder panics");
        if let Some(task) = tasks.ready.pop_front() {
            return Some(task);
        }
        let now = Instant::now();
        let due = tasks.delayed.iter().enumerate().min_by_key(|(_, (at, _))| *at).filter(|(_, (at, _))| *at <= now);
        let index = due.map(|(index, _)| index)?;
        Some(tasks.delayed.swap_remove(index).1)
    }

    /// Whether a task may run now.
    pub fn is_ready(&self) -> bool {
        let tasks = self.tasks.lock().expect("no holder panics");
        !tasks.ready.is_empty() || (!tasks.delayed.is_empty() && tasks.next_due() <= Some(Instant::now()))
    }

    /// When the next of the delayed tasks may run.
    pub fn deadline(&self) -> Option<Instant> {
        self.tasks.lock().expect("no holder panics").next_due()
    }

    /// Drops all tasks and those that still come; to be called before the isolate is disposed of.
    pub fn close(&self) {
        let mut tasks = self.tasks.lock().expect("no holder panics");
        tasks.is_closed = true;
        let dropped = (std::mem::take(&mut tasks.ready), std::mem::take(&mut tasks.delayed));
        // A task may post another one while it is dropped.
        drop(tasks);
        drop(dropped);
    }

    fn push(&self, task: v8::Task, delay: Option<f64>) {
        let mut tasks = self.tasks.lock().expect("no holder panics");
        if tasks.is_closed {
            drop(tasks);
            return drop(task);
        }
        match delay {
            None => tasks.ready.push_back(task),
            Some(delay) => {
                let at = Instant::now() + Duration::from_secs_f64(delay.clamp(0.0, LONGEST_DELAY));
                tasks.delayed.push((at, task));
            }
        }
        drop(tasks);
        // The thread looks at the queue before it sleeps, and a wake-up in between makes its sleep short.
        if let Some(wake) = self.wake.get() {
            wake();
        }
    }
}

impl Tasks {
    fn next_due(&self) -> Option<Instant> {
        self.delayed.iter().map(|(at, _)| *at).min()
    }
}

static QUEUES: Mutex<Option<HashMap<usize, Arc<Queue>>>> = Mutex::new(None);

fn at(address: usize) -> Arc<Queue> {
    let mut queues = QUEUES.lock().expect("no holder panics");
    Arc::clone(queues.get_or_insert_default().entry(address).or_default())
}

/// The address by which V8 names an isolate.
fn address(isolate: &v8::Isolate) -> usize {
    // SAFETY: the pointer is only compared; `UnsafeRawIsolatePtr` is `repr(transparent)` over a pointer.
    unsafe { std::mem::transmute::<v8::UnsafeRawIsolatePtr, *mut c_void>(isolate.as_raw_isolate_ptr()) as usize }
}

/// V8's hooks.
pub struct Platform;

impl v8::PlatformImpl for Platform {
    fn post_task(&self, isolate: *mut c_void, task: v8::Task) {
        at(isolate as usize).push(task, None);
    }

    fn post_non_nestable_task(&self, isolate: *mut c_void, task: v8::Task) {
        at(isolate as usize).push(task, None);
    }

    fn post_delayed_task(&self, isolate: *mut c_void, task: v8::Task, delay: f64) {
        at(isolate as usize).push(task, Some(delay));
    }

    fn post_non_nestable_delayed_task(&self, isolate: *mut c_void, task: v8::Task, delay: f64) {
        at(isolate as usize).push(task, Some(delay));
    }

    fn post_idle_task(&self, _isolate: *mut c_void, task: v8::IdleTask) {
        // The platform is made without support for idle tasks, so V8 posts none.
        drop(task);
    }
}
