//! The memory of `ArrayBuffer`s, which lies outside V8's heap and so outside its limit: a limit of its own, and what to do
//! when there is none to be had.
//!
//! When the allocator refuses, V8 collects garbage and tries again, calls the near-heap-limit callback as if the heap were
//! full, collects once more, and tries for the last time; then it throws a `RangeError`. So the callback must know why it
//! is called: an isolate that has used up its limit is given up, one that asks the system for too much in one piece is not.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Bytes that an isolate's `ArrayBuffer`s may have together, and that they have.
pub struct Budget {
    limit: usize,
    used: AtomicUsize,
    /// What the system last refused, one more than its bytes; [`NOTHING`], or [`TOLD`] once the callback has been told.
    refused: AtomicUsize,
    /// Whether a buffer did not fit.
    is_exceeded: AtomicBool,
}

const NOTHING: usize = 0;
const TOLD: usize = usize::MAX;

impl Budget {
    /// Room for `limit` bytes.
    pub fn new(limit: usize) -> Arc<Budget> {
        Arc::new(Budget {
            limit,
            used: AtomicUsize::new(0),
            refused: AtomicUsize::new(NOTHING),
            is_exceeded: AtomicBool::new(false),
        })
    }

    /// Counts `length` bytes in, if they fit.
    fn take(&self, length: usize) -> bool {
        // Buffers are made by the isolate's thread and freed by any; only the count itself must be right.
        let fits = |used: usize| used.checked_add(length).filter(|sum| *sum <= self.limit);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    fn give_back(&self, length: usize) {
        self.used.fetch_sub(length, Ordering::Relaxed);
    }

    // What follows is read and written by the isolate's thread alone, so nothing is ordered by it.

    /// Whether a buffer did not fit, after which the isolate is given up.
    pub fn is_exceeded(&self) -> bool {
        self.is_exceeded.load(Ordering::Relaxed)
    }

    fn refuse(&self, length: usize) {
        let last = self.refused.load(Ordering::Relaxed);
        // After the callback V8 tries once more; that refusal ends the matter.
        let next = if last == TOLD { NOTHING } else { length.saturating_add(1).min(TOLD - 1) };
        self.refused.store(next, Ordering::Relaxed);
    }

    /// Whether V8 calls for help because the system has refused a buffer: then the program gets an error it can catch.
    pub fn was_refused(&self) -> bool {
        let refused = !matches!(self.refused.load(Ordering::Relaxed), NOTHING | TOLD);
        if refused {
            self.refused.store(TOLD, Ordering::Relaxed);
        }
        refused
    }
}

/// An allocator whose buffers keep to a budget.
pub fn allocator(budget: Arc<Budget>) -> v8::UniqueRef<v8::Allocator> {
    // SAFETY: the vtable's functions take the pointer that `Arc::into_raw` gives, and `drop` takes it back once.
    unsafe { v8::new_rust_allocator(Arc::into_raw(budget), &VTABLE) }
}

static VTABLE: v8::RustAllocatorVtable<Budget> =
    v8::RustAllocatorVtable { allocate, allocate_uninitialized: allocate, free, drop: drop_budget };

unsafe extern "C" fn allocate(budget: &Budget, length: usize) -> *mut c_void {
    if !budget.take(length) {
        budget.is_exceeded.store(true, Ordering::Relaxed);
        return std::ptr::null_mut();
    }
    // SAFETY: calloc has no preconditions; V8 checks for null. Pages that nobody touches cost nothing.
    let data = unsafe { libc::calloc(length.max(1), 1) };
    if data.is_null() {
        budget.give_back(length);
        budget.refuse(length);
    } else if budget.refused.load(Ordering::Relaxed) != NOTHING {
        budget.refused.store(NOTHING, Ordering::Relaxed);
    }
    data
}

unsafe extern "C" fn free(budget: &Budget, data: *mut c_void, length: usize) {
    budget.give_back(length);
    // SAFETY: V8 frees what `allocate` gave, once, with the length that it asked for.
    unsafe { libc::free(data) };
}

unsafe extern "C" fn drop_budget(budget: *const Budget) {
    // SAFETY: the pointer is the one that `allocator` made; V8 calls this once, after the last `free`.
    drop(unsafe { Arc::from_raw(budget) });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_never_overdrawn_and_can_be_used_again() {
        let budget = Budget::new(100);
        assert!(budget.take(60));
        assert!(!budget.take(41));
        assert!(budget.take(40));
        budget.give_back(60);
        assert!(!budget.take(usize::MAX));
        assert!(budget.take(60));
    }

    #[test]
    fn the_callback_is_told_once_of_what_the_system_refused() {
        let budget = Budget::new(usize::MAX);
        assert!(!budget.was_refused());
        budget.refuse(100);
        budget.refuse(100);
        assert!(budget.was_refused());
        // V8's last attempt.
        budget.refuse(100);
        assert!(!budget.was_refused());
        budget.refuse(100);
        assert!(budget.was_refused());
    }
}
