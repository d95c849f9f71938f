//! V8 itself: initialised once a process, never disposed.

use std::sync::Once;

use super::{fatal, flags::V8_FLAGS, platform::Platform};

/// Initialises V8 at the first call.
///
/// Must be called by a thread that lives as long as the process and that creates all threads that run JavaScript: where
/// the processor has memory protection keys, V8's code pages are writable only for threads that descend from this one.
pub fn initialize() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        v8::V8::set_flags_from_string(V8_FLAGS);
        // For those who develop this package: V8's own traces, as in HERTZSCRIPT_V8_FLAGS='--trace-opt --trace-deopt'.
        if let Ok(flags) = std::env::var("HERTZSCRIPT_V8_FLAGS") {
            v8::V8::set_flags_from_string(&flags);
            fatal::let_v8_speak();
        }
        #[cfg(target_os = "linux")]
        v8::V8::set_entropy_source(draw);
        v8::V8::initialize_platform(v8::new_custom_platform(0, false, true, Platform).make_shared());
        v8::V8::initialize();
        fatal::install_signal_handlers();
    });
}

/// Fills `bytes` with what nobody can guess. V8 asks several times for each isolate; left to itself it opens
/// `/dev/urandom` each time and reads a page of it.
#[cfg(target_os = "linux")]
fn draw(bytes: &mut [u8]) -> bool {
    // SAFETY: the call writes at most so many bytes to the slice.
    let drawn = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    // Otherwise V8 helps itself.
    usize::try_from(drawn) == Ok(bytes.len())
}

/// The version of the embedded V8.
pub fn version() -> &'static str {
    v8::V8::get_version()
}
