//! Lines of the processor's cache, which processors take from each other whole. Common ones have 64 bytes.

/// What has lines of its own: it is not taken away with what lies beside it.
#[repr(align(64))]
pub struct Line<T>(pub T);

/// How far ahead a line is asked for, in bytes: it takes about two messages until one comes.
const AHEAD: usize = 128;

/// Asks for the line some way behind `last`, to write to it soon.
///
/// The other processor has read it, so the store has to wait until it gives it up; and since the lock is given up after the store, so
/// would the whole thread. With this, a stream of numbers from one isolate to another takes half the time.
pub fn ask_for_line_behind<T>(last: Option<&T>) {
    let Some(last) = last else { return };
    // Where a ring ends it is the wrong one, which costs little.
    let next = std::ptr::from_ref(last).cast::<u8>().wrapping_add(AHEAD);
    ask_to_write(next);
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
fn ask_to_write(place: *const u8) {
    // SAFETY: a hint, which neither reads nor writes what a program can see and never faults, whatever the address. All processors of
    // this architecture know the instruction; older ones do nothing. (Intel SDM vol. 2, PREFETCHW; `_mm_prefetch` compiles to one that
    // fetches for reading unless a newer processor is asked for.)
    unsafe {
        std::arch::asm!("prefetchw [{}]", in(reg) place, options(nostack, preserves_flags, readonly));
    }
}

#[cfg(all(target_arch = "aarch64", not(miri)))]
fn ask_to_write(place: *const u8) {
    // SAFETY: as for the other architecture. (Arm ARM, PRFM)
    unsafe {
        std::arch::asm!("prfm pstl1keep, [{}]", in(reg) place, options(nostack, preserves_flags, readonly));
    }
}

#[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn ask_to_write(_: *const u8) {}
