//! A limit on the memory of `ArrayBuffer`s, which lies outside V8's heap and so outside its limit.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that an isolate's `ArrayBuffer`s may have together, and that they have.
struct Budget {
    limit: usize,
    used: AtomicUsize,
}

impl Budget {
    /// Counts `length` bytes in, if they fit.
    fn take(&self, length: usize) -> bool {
        // Buffers are made by the isolate's thread and freed by any; only the count itself must be right.
        let fits = |used: usize| used.checked_add(length).filter(|sum| *sum <= self.limit);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    fn give_back(&self, length: usize) {
        self.used.fetch_sub(length, Ordering::Relaxed);
    }
}

/// An allocator whose buffers have at most `limit` bytes together. Beyond that V8 collects garbage, tries again, and then
/// calls the near-heap-limit callback, as it does when the heap is full.
pub fn allocator(limit: usize) -> v8::UniqueRef<v8::Allocator> {
    let budget = Arc::new(Budget { limit, used: AtomicUsize::new(0) });
    // SAFETY: the vtable's functions take the pointer that `Arc::into_raw` gives, and `drop` takes it back once.
    unsafe { v8::new_rust_allocator(Arc::into_raw(budget), &VTABLE) }
}

static VTABLE: v8::RustAllocatorVtable<Budget> =
    v8::RustAllocatorVtable { allocate, allocate_uninitialized: allocate, free, drop: drop_budget };

unsafe extern "C" fn allocate(budget: &Budget, length: usize) -> *mut c_void {
    if !budget.take(length) {
        return std::ptr::null_mut();
    }
    // SAFETY: calloc has no preconditions; V8 checks for null. Pages that nobody touches cost nothing.
    let data = unsafe { libc::calloc(length.max(1), 1) };
    if data.is_null() {
        budget.give_back(length);
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
        let budget = Budget { limit: 100, used: AtomicUsize::new(0) };
        assert!(budget.take(60));
        assert!(!budget.take(41));
        assert!(budget.take(40));
        budget.give_back(60);
        assert!(!budget.take(usize::MAX));
        assert!(budget.take(60));
    }
}
