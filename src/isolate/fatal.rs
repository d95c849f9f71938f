//! What V8 cannot survive, the process can: a thread whose isolate is beyond repair stops for ever, and the rest goes on.
//!
//! V8 has two ways to end a process. Out of memory in one step calls the out-of-memory handler; its own fatal checks
//! execute a trap or `abort`. Returning from either is not possible, so the handler marks the thread as dead, wakes the
//! warden (see `pool/spawner.rs`), and parks the thread. Its isolate's memory is lost; its tasks fail; it is replaced.
//!
//! Signals of other threads are handed on to whoever had the handler before, normally the default: the process ends.

use std::cell::Cell;
use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, OnceLock};

/// The signals by which V8's fatal checks end a process (`int3`, `ud2`, `abort`).
const SIGNALS: [c_int; 3] = [libc::SIGTRAP, libc::SIGILL, libc::SIGABRT];

/// The flag that says that a thread is dead, in a form that a signal handler can reach.
#[derive(Debug)]
pub struct PoolThread {
    dead: AtomicBool,
}

thread_local! {
    /// The running thread's flag; null on threads that are not ours.
    static THIS: Cell<*const PoolThread> = const { Cell::new(ptr::null()) };
}

/// Posted by dying threads; the warden waits for it. Set once, before any pool thread exists.
static WARDEN: AtomicPtr<libc::sem_t> = AtomicPtr::new(ptr::null_mut());

/// What the three signals did before; written once, before the handlers are installed.
static PREVIOUS: OnceLock<[libc::sigaction; 3]> = OnceLock::new();

impl PoolThread {
    /// Marks the calling thread as one whose death the process survives.
    pub fn enter() -> Arc<PoolThread> {
        let thread = Arc::new(PoolThread { dead: AtomicBool::new(false) });
        // The thread keeps one count for ever: a signal may come as late as the thread's very end.
        THIS.set(Arc::into_raw(Arc::clone(&thread)));
        thread
    }

    /// Whether the thread has died.
    pub fn is_dead(&self) -> bool {
        // Pairs with the store in `die`: what the thread did before it died is seen.
        self.dead.load(Ordering::Acquire)
    }
}

/// Gives the semaphore that the warden waits for.
pub fn set_warden(semaphore: *mut libc::sem_t) {
    // Pairs with the load in `die`.
    WARDEN.store(semaphore, Ordering::Release);
}

/// Ends the calling thread, if it is ours, by parking it for ever. Safe to call from a signal handler: it touches
/// atomics, posts a semaphore and sleeps, nothing else.
fn die() {
    let this = THIS.get();
    if this.is_null() {
        return;
    }
    // SAFETY: `enter` leaked a count of this Arc, so it is never freed.
    unsafe { &*this }.dead.store(true, Ordering::Release);
    let semaphore = WARDEN.load(Ordering::Acquire);
    if !semaphore.is_null() {
        // SAFETY: the semaphore is static, and sem_post is async-signal-safe.
        unsafe { libc::sem_post(semaphore) };
    }
    loop {
        // SAFETY: no arguments; pause returns only after another signal's handler.
        unsafe { libc::pause() };
    }
}

/// V8's out-of-memory handler.
pub unsafe extern "C" fn on_out_of_memory(_location: *const std::ffi::c_char, _details: &v8::OomDetails) {
    die();
}

extern "C" fn on_signal(signal: c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    die();
    let Some(index) = SIGNALS.iter().position(|s| *s == signal) else { return };
    let Some(previous) = PREVIOUS.get() else { return };
    let action = &previous[index];
    match action.sa_sigaction {
        libc::SIG_DFL => {
            // SAFETY: resets the signal and raises it again, as if no handler had been there.
            unsafe {
                libc::sigaction(signal, action, ptr::null_mut());
                libc::raise(signal);
            }
        }
        libc::SIG_IGN => {}
        handler if action.sa_flags & libc::SA_SIGINFO != 0 => {
            // SAFETY: the previous owner installed a handler of this type with SA_SIGINFO.
            let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut libc::c_void) =
                unsafe { std::mem::transmute(handler) };
            handler(signal, info, context);
        }
        handler => {
            // SAFETY: the previous owner installed a handler of this type without SA_SIGINFO.
            let handler: extern "C" fn(c_int) = unsafe { std::mem::transmute(handler) };
            handler(signal);
        }
    }
}

/// Installs the handlers, keeping the previous ones to hand on to.
pub fn install_signal_handlers() {
    PREVIOUS.get_or_init(|| {
        SIGNALS.map(|signal| {
            let mut previous = MaybeUninit::zeroed();
            // SAFETY: sigaction only reads and writes the structs given; the old action is what it fills in.
            unsafe {
                libc::sigaction(signal, ptr::null(), previous.as_mut_ptr());
                previous.assume_init()
            }
        })
    });
    for signal in SIGNALS {
        // SAFETY: `on_signal` has the type that SA_SIGINFO asks for; the struct is fully initialised.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_signal as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut action.sa_mask);
            libc::sigaction(signal, &raw const action, ptr::null_mut());
        }
    }
}
