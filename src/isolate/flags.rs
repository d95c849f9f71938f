//! V8's flags. The build script that makes the startup snapshot and the addon that loads it must set the same ones.

/// Flags for `V8::set_flags_from_string`, set once before V8 is initialised.
///
/// - `--no-freeze-flags-after-init`: `stack.rs` changes one for each isolate.
/// - `--max-inlined-bytecode-size`, `-cumulative`: V8's limits for inlining, times 2.6: the checks of coroutine form make
///   functions longer, and they should not be inlined less for it.
/// - `--no-omit-default-ctors`: where `super()` skips default constructors, V8's optimizing compilers rely on the map of the class being stable
///   without looking whether it is. That of a class with computed static names never is: whatever makes instances of it is compiled
///   again and again, on another processor, and the result thrown away each time.
/// - `--no-flush-code-based-on-time`, `--bytecode-old-age`: what has not run for three collections of all garbage is forgotten, and not only what has
///   not run for three minutes: by then programs that make functions from text have filled their heap with them.
pub const V8_FLAGS: &str = "--no-freeze-flags-after-init --no-omit-default-ctors --no-flush-code-based-on-time \
    --bytecode-old-age=3 \
    --max-inlined-bytecode-size=1200 --max-inlined-bytecode-size-cumulative=2400";

/// KB of stack that V8 uses on its own background threads, V8's default; isolates are given theirs by `stack.rs`.
#[allow(dead_code, reason = "the build script makes no such isolates")]
pub const STACK_FLAG: &str = "--stack-size=984";
