//! The native stack of a thread that runs JavaScript.
//!
//! Recursion in JavaScript is recursion on this stack: a call that has not been suspended costs what it costs everywhere,
//! and none looks at a counter. So threads get a stack as large as any program may need, of which the system backs only
//! what was touched. V8 is told to stop (with a `RangeError`, as usual) where a quarter of the isolate's memory
//! limit is used up, or a little before the stack's end. What deep recursion has touched is given back when the isolate has nothing to do; a task that is
//! suspended takes no stack at all, since its frames move to the heap.

use std::cell::Cell;
use std::sync::{Condvar, Mutex};

/// Bytes of stack for native code that V8 calls without checking.
const RESERVE: usize = 1 << 20;

/// Bytes that JavaScript can use of any thread's stack, however small the isolate.
const LEAST: usize = 3 << 20;

/// Bytes of the stacks that are asked for, until the system grants one: it may have been told to grant no more than it can back.
#[cfg(target_pointer_width = "64")]
pub const SIZES: [usize; 3] = [(1 << 30) + RESERVE, (64 << 20) + RESERVE, LEAST + RESERVE];
#[cfg(not(target_pointer_width = "64"))]
pub const SIZES: [usize; 2] = [(64 << 20) + RESERVE, LEAST + RESERVE];

/// Bytes below the running frame that are kept when a stack is trimmed.
const KEPT: usize = 256 << 10;

thread_local! {
    /// An address near the top of the thread's stack, and the bytes below it; 0 on threads that are not ours.
    static STACK: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

fn here() -> usize {
    let local = 0_u8;
    std::hint::black_box(&raw const local) as usize
}

/// To be called first by a thread that was made with a stack of `size` bytes.
pub fn enter(size: usize) {
    STACK.set((here(), size));
}

/// The part of an isolate's memory that its stack may take.
const SHARE: usize = 4;

/// Makes an isolate, which may use `memory` bytes, with its share of them as stack.
///
/// V8 reads the limit from a flag, relative to the top of the thread's stack, while the isolate is made. (A limit in the
/// parameters of a new isolate is forgotten again while V8 reads the snapshot, and `SetStackLimit` is no part of the crate.) So
/// isolates with the same limit can be made at the same time, others wait. In between the flag is what V8's own threads need.
pub fn allowing<T>(memory: usize, make: impl FnOnce() -> T) -> T {
    let size = STACK.get().1.saturating_sub(RESERVE).min((memory / SHARE).max(LEAST)) >> 10;
    let mut limit = LIMIT.lock().expect("no holder panics");
    while limit.users > 0 && limit.size != size {
        limit = CHANGED.wait(limit).expect("no holder panics");
    }
    if limit.users == 0 && size > 0 {
        limit.size = size;
        v8::V8::set_flags_from_string(&format!("--stack-size={size}"));
    }
    limit.users += 1;
    drop(limit);
    let isolate = make();
    let mut limit = LIMIT.lock().expect("no holder panics");
    limit.users -= 1;
    if limit.users == 0 {
        v8::V8::set_flags_from_string(super::flags::STACK_FLAG);
        CHANGED.notify_all();
    }
    isolate
}

/// The limit of the isolates that are being made, in KB, and how many those are.
struct Limit {
    size: usize,
    users: usize,
}

static LIMIT: Mutex<Limit> = Mutex::new(Limit { size: 0, users: 0 });

/// The last isolate with a limit has been made.
static CHANGED: Condvar = Condvar::new();

/// The highest address that code called from here may look at on the calling thread's stack; 0 where the thread is not one of ours.
pub fn top() -> usize {
    STACK.get().0
}

/// Lets a test say where its thread's stack ends.
#[cfg(test)]
pub fn pretend(top: usize) {
    STACK.set((top, 0));
}

/// Bytes of the calling thread's stack that are in use; 0 where the thread is not one of ours.
pub fn depth() -> usize {
    STACK.get().0.saturating_sub(here())
}

/// Gives back what deep recursion left behind. Takes less than a microsecond where there is nothing.
#[cfg(target_os = "linux")]
pub fn trim() {
    const PAGE: usize = 4096;
    let (top, size) = STACK.get();
    // The stack's lowest pages are the system's guard; the reserve is far larger.
    let bottom = (top - size.min(top) + RESERVE).next_multiple_of(PAGE);
    let end = (here() - KEPT) / PAGE * PAGE;
    if size == 0 || end <= bottom + PAGE {
        return;
    }
    // A stack is touched from its top down without gaps of this size, so one page tells whether it was ever deeper.
    let mut resident = 0_u8;
    // SAFETY: the page lies within this thread's stack, which is mapped; mincore only writes one byte for one page.
    let known = unsafe { libc::mincore((end - PAGE) as *mut _, PAGE, &raw mut resident) } == 0;
    if known && resident & 1 != 0 {
        // SAFETY: the pages lie between the guard with the reserve and KEPT bytes below the running frame, in this thread's own
        // stack: no frame lies there, and what V8 or signals put there later starts from zeros, as at first.
        unsafe { libc::madvise(bottom as *mut _, end - bottom, libc::MADV_DONTNEED) };
    }
}

/// Gives back what deep recursion left behind.
#[cfg(not(target_os = "linux"))]
pub fn trim() {}
