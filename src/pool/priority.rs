//! Threads of a pool stand back behind the host's event loop where there are fewer processors than threads that want one.

use std::cell::Cell;

/// By how much: the system gives such a thread about a third of what others get, and the event loop, when it wakes up, a
/// processor at once. Measured with two endless loops on two processors: the 99th percentile of a timer's lateness was 0.5 ms in place
/// of 0.8, the longest 2.3 ms in place of 4.2.
const NICE: libc::c_int = 5;

thread_local! {
    /// Whether the thread stands back already.
    static IS_LOWERED: Cell<bool> = const { Cell::new(false) };
}

/// Lowers the priority of the calling thread, once.
pub fn lower() {
    if IS_LOWERED.replace(true) {
        return;
    }
    // On Linux this is a property of threads; elsewhere it would be one of the whole process.
    #[cfg(target_os = "linux")]
    // SAFETY: both calls take and return numbers. Where the system refuses, the thread stays as it is.
    unsafe {
        let now = libc::getpriority(libc::PRIO_PROCESS, 0);
        libc::setpriority(libc::PRIO_PROCESS, 0, (now + NICE).min(19));
    }
    #[cfg(not(target_os = "linux"))]
    let _ = NICE;
}
