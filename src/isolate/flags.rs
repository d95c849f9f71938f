//! V8's flags. The build script that makes the startup snapshot and the addon that loads it must set the same ones.

/// Flags for `V8::set_flags_from_string`, set once before V8 is initialised.
///
/// - `--stack-size`: KB of a pool thread's stack (`THREAD_STACK`) that JavaScript may use; the rest is for native code that
///   V8 calls without checking.
/// - `--max-inlined-bytecode-size`, `-cumulative`: V8's limits for inlining, times 2.6: the checks of coroutine form make
///   functions longer, and they should not be inlined less for it.
pub const V8_FLAGS: &str = "--stack-size=3000 \
    --max-inlined-bytecode-size=1200 --max-inlined-bytecode-size-cumulative=2400";
