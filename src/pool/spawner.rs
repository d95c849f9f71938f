//! The one thread that makes all others, and buries them.
//!
//! V8 wants every thread that runs JavaScript to descend from the thread that initialised it, and that thread to live as
//! long as the process. So one permanent thread initialises V8 and starts the rest on request. It is also the *warden*:
//! when a pool thread dies (`isolate/fatal.rs`) a semaphore is posted, and the warden tells the pool of that thread. A
//! semaphore, because a dying thread may post it from a signal handler; requests for threads use the same one.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread;

use super::nursery;
use super::worker::Worker;
use crate::isolate::{self, stack};

/// What a thread runs.
pub type Start = Box<dyn FnOnce() + Send>;

/// The permanent thread, as others see it.
pub struct Spawner {
    semaphore: Semaphore,
    requests: Mutex<Vec<(String, Start)>>,
    wards: Mutex<Vec<Weak<Worker>>>,
}

struct Semaphore(UnsafeCell<MaybeUninit<libc::sem_t>>);

// SAFETY: a semaphore is made to be used by many threads; it is initialised before anyone else can see the spawner.
unsafe impl Sync for Semaphore {}
// SAFETY: as above; the spawner is never moved once it is in its static.
unsafe impl Send for Semaphore {}

impl Semaphore {
    fn raw(&self) -> *mut libc::sem_t {
        self.0.get().cast()
    }

    fn post(&self) {
        // SAFETY: the semaphore was initialised by `get` and lives for ever.
        unsafe { libc::sem_post(self.raw()) };
    }

    fn wait(&self) {
        // SAFETY: as in `post`. An interrupted wait returns early, which only costs a look at empty queues.
        unsafe { libc::sem_wait(self.raw()) };
    }
}

/// The process's spawner; starts its thread, and with it V8, at the first call.
pub fn get() -> &'static Spawner {
    static SPAWNER: OnceLock<Spawner> = OnceLock::new();
    static STARTED: OnceLock<()> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| Spawner {
        semaphore: Semaphore(UnsafeCell::new(MaybeUninit::uninit())),
        requests: Mutex::default(),
        wards: Mutex::default(),
    });
    STARTED.get_or_init(|| {
        // SAFETY: the semaphore lies in a static, so its address is final; nobody uses it before this.
        unsafe { libc::sem_init(spawner.semaphore.raw(), 0, 0) };
        isolate::set_warden(spawner.semaphore.raw());
        thread::Builder::new().name("hz-spawner".into()).spawn(|| spawner.run()).expect("the system gives a thread");
    });
    spawner
}

/// Starts a thread with the largest stack that the system grants.
fn start(name: &str, body: Start) {
    // A refused thread must leave the body to the next attempt.
    let body = Arc::new(Mutex::new(Some(body)));
    for size in stack::SIZES {
        let body = Arc::clone(&body);
        let thread = thread::Builder::new().name(name.to_owned()).stack_size(size).spawn(move || {
            stack::enter(size);
            let body = body.lock().expect("no holder panics").take();
            body.expect("only one thread is made")();
        });
        if thread.is_ok() {
            return;
        }
    }
    panic!("the system gives no thread");
}

impl Spawner {
    /// Starts a thread that runs `body`.
    pub fn spawn(&self, name: String, body: impl FnOnce() + Send + 'static) {
        self.requests.lock().expect("no holder panics").push((name, Box::new(body)));
        self.semaphore.post();
    }

    /// Watches over a worker: its pool is told when its thread dies.
    pub fn watch(&self, worker: &Arc<Worker>) {
        self.wards.lock().expect("no holder panics").push(Arc::downgrade(worker));
    }

    fn run(&self) {
        isolate::initialize();
        loop {
            self.semaphore.wait();
            let requests = std::mem::take(&mut *self.requests.lock().expect("no holder panics"));
            for (name, body) in requests {
                start(&name, body);
            }
            for body in nursery::bury() {
                start("hz-isolate", body);
            }
            let mut dead = Vec::new();
            self.wards.lock().expect("no holder panics").retain(|ward| match ward.upgrade() {
                Some(worker) if worker.has_died() => {
                    dead.push(worker);
                    false
                }
                Some(worker) => !worker.has_ended(),
                None => false,
            });
            for worker in dead {
                worker.bury();
            }
        }
    }
}
