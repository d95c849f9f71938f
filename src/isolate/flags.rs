//! V8's flags. The build script that makes the startup snapshot and the addon that loads it must set the same ones.

/// Flags for `V8::set_flags_from_string`, set once before V8 is initialised.
///
/// - `--no-freeze-flags-after-init`: `stack.rs` changes one for each isolate.
/// - `--max-inlined-bytecode-size`, `-cumulative`: V8's limits for inlining, times 2.6: the checks of coroutine form make
///   functions longer, and they should not be inlined less for it.
pub const V8_FLAGS: &str = "--no-freeze-flags-after-init \
    --max-inlined-bytecode-size=1200 --max-inlined-bytecode-size-cumulative=2400";

/// KB of stack that V8 uses on its own background threads, V8's default; isolates are given theirs by `stack.rs`.
#[allow(dead_code, reason = "the build script makes no such isolates")]
pub const STACK_FLAG: &str = "--stack-size=984";
