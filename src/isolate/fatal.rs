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
    /// Marks the calling thread as one whose death the process survives; at the next call it is one already.
    pub fn enter() -> Arc<PoolThread> {
        let this = THIS.get();
        if !this.is_null() {
            // SAFETY: the pointer came from `into_raw` below, and that count is never given back.
            unsafe {
                Arc::increment_strong_count(this);
                return Arc::from_raw(this);
            }
        }
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

/// What V8 writes to stderr before it gives up an isolate (statistics of its collections, a stack trace of C++) is of no
/// use to the host's user, who gets an error. V8 has no hook for it, but it writes through two functions of the C library,
/// which build.rs has the linker take from here.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod silence {
    use std::cell::Cell;
    use std::ffi::{CStr, c_char, c_int, c_void};
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::THIS;

    /// Set once, before any pool thread exists, for those who look for faults in V8.
    pub static IS_OFF: AtomicBool = AtomicBool::new(false);

    thread_local! {
        /// Whether V8 has begun to say that it gives up.
        static IS_GIVING_UP: Cell<bool> = const { Cell::new(false) };
    }

    /// How such messages begin.
    const BEGINNINGS: [&[u8]; 3] = [b"\n<--- ", b"\n\n#\n# Fatal", b"\n\n#\n# Safely"];

    unsafe extern "C" {
        static stderr: *mut c_void;
        fn __real_vfprintf(stream: *mut c_void, format: *const c_char, arguments: *mut c_void) -> c_int;
        fn __real___vfprintf_chk(
            stream: *mut c_void,
            flag: c_int,
            format: *const c_char,
            arguments: *mut c_void,
        ) -> c_int;
        fn __real_write(file: c_int, data: *const c_void, length: usize) -> isize;
    }

    /// Whether a message to `stream` is to be dropped.
    ///
    /// # Safety
    /// The format must be a string that ends with a zero.
    unsafe fn is_dropped(stream: *mut c_void, format: *const c_char) -> bool {
        // SAFETY: reads the C library's variable, which nobody sets.
        if THIS.get().is_null() || stream != unsafe { stderr } || IS_OFF.load(Ordering::Relaxed) {
            return false;
        }
        // SAFETY: as the caller promises.
        let format = unsafe { CStr::from_ptr(format) }.to_bytes();
        if BEGINNINGS.iter().any(|beginning| format.starts_with(beginning)) {
            IS_GIVING_UP.set(true);
        }
        IS_GIVING_UP.get()
    }

    /// `vfprintf`. Where Linux runs, a `va_list` is passed as a pointer.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn __wrap_vfprintf(stream: *mut c_void, format: *const c_char, arguments: *mut c_void) -> c_int {
        // SAFETY: what the caller gave.
        unsafe { if is_dropped(stream, format) { 0 } else { __real_vfprintf(stream, format, arguments) } }
    }

    /// The same where the C library checks the format.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn __wrap___vfprintf_chk(
        stream: *mut c_void,
        flag: c_int,
        format: *const c_char,
        arguments: *mut c_void,
    ) -> c_int {
        // SAFETY: what the caller gave.
        unsafe { if is_dropped(stream, format) { 0 } else { __real___vfprintf_chk(stream, flag, format, arguments) } }
    }

    /// `write`.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn __wrap_write(file: c_int, data: *const c_void, length: usize) -> isize {
        if file == libc::STDERR_FILENO && IS_GIVING_UP.get() {
            return isize::try_from(length).unwrap_or(isize::MAX);
        }
        // SAFETY: what the caller gave.
        unsafe { __real_write(file, data, length) }
    }
}

/// Lets V8 say what it has to say when it gives up.
pub fn let_v8_speak() {
    // Read by threads that are made later.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    silence::IS_OFF.store(true, Ordering::Relaxed);
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
