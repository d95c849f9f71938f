//! V8's flags. The build script that makes the startup snapshot and the addon that loads it must set the same ones.

/// Flags for `V8::set_flags_from_string`, set once before V8 is initialised.
///
/// `--stack-size` is in KB: the part of a pool thread's stack (`THREAD_STACK`) that JavaScript may use; the rest is for
/// native code that V8 calls without checking.
pub const V8_FLAGS: &str = "--stack-size=3000";
