//! One Node environment as its pool sees it: a callback that may be called from any thread.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::{Env, Function, Result};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Status, sys};

use crate::message::Host;

/// Calls the host's `onWake` on its own thread. Weak: by itself it does not keep the event loop alive.
type Wake = ThreadsafeFunction<(), (), (), Status, false, true>;

/// The host environment of one pool.
pub struct Environment {
    /// None once the pool has ended. The host keeps what the function refers to, the pool among it, as long as it exists.
    wake: Mutex<Option<Wake>>,
    /// Whether the host was woken and has not looked yet.
    woken: AtomicBool,
    /// Whether the host looks by itself, again and again, and needs no call.
    polling: AtomicBool,
    released: Mutex<Vec<u32>>,
}

impl Environment {
    /// Makes the link to the environment in which `on_wake` was made.
    pub fn new(on_wake: &Function<'_, (), ()>) -> Result<Environment> {
        let wake = on_wake.build_threadsafe_function::<()>().weak::<true>().build()?;
        Ok(Environment {
            wake: Mutex::new(Some(wake)),
            woken: AtomicBool::new(false),
            polling: AtomicBool::new(false),
            released: Mutex::default(),
        })
    }

    /// The host looks now: whatever comes after this call wakes it again.
    pub fn looked(&self) {
        // Pairs with the swap in `wake`: records pushed before a wake that found the flag set are seen by this look.
        self.woken.swap(false, Ordering::SeqCst);
    }

    /// Whether there is something to look at.
    pub fn is_ready(&self) -> bool {
        self.woken.load(Ordering::SeqCst)
    }

    /// The host starts, or stops, to look by itself. Returns whether there is something to look at, which after a stop
    /// nobody else will tell.
    pub fn set_polling(&self, polling: bool) -> bool {
        // SeqCst, as in `wake`: either we see that it was woken, or it sees that we no longer look.
        self.polling.store(polling, Ordering::SeqCst);
        self.is_ready()
    }

    /// Keeps the host's event loop alive, or stops to.
    pub fn keep_alive(&self, env: &Env, alive: bool) {
        let wake = self.wake.lock().expect("no holder panics");
        let Some(wake) = &*wake else { return };
        let function = wake.raw();
        // SAFETY: both calls are made on the environment's own thread, which `env` shows, and the function exists as long
        // as `wake`, which the lock keeps where it is.
        unsafe {
            if alive {
                sys::napi_ref_threadsafe_function(env.raw(), function);
            } else {
                sys::napi_unref_threadsafe_function(env.raw(), function);
            }
        }
    }

    /// The pool has ended: nobody is called any more, and the host can free what the call refers to.
    pub fn close(&self) {
        self.wake.lock().expect("no holder panics").take();
    }

    /// Ids of the host's buffers that are no longer used.
    pub fn take_released(&self) -> Vec<u32> {
        std::mem::take(&mut *self.released.lock().expect("no holder panics"))
    }
}

impl Host for Environment {
    fn wake(&self) {
        // Pairs with the swap in `looked`.
        if !self.woken.swap(true, Ordering::SeqCst) && !self.polling.load(Ordering::SeqCst) {
            // An environment that is ending answers with a status; nobody is left to tell.
            if let Some(wake) = &*self.wake.lock().expect("no holder panics") {
                let _ = wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
            }
        }
    }

    fn release(&self, id: u32) {
        self.released.lock().expect("no holder panics").push(id);
        self.wake();
    }
}
