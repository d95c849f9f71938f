//! V8's flags. The build script that makes the startup snapshot and the addon that loads it must set the same ones.

/// Flags for `V8::set_flags_from_string`, set once before V8 is initialised.
///
/// - `--stack-size`: KB of a pool thread's stack (`THREAD_STACK`) that JavaScript may use; the rest is for native code that
///   V8 calls without checking.
/// - `--no-turboshaft-loop-unrolling`: its analysis takes away the check for interrupts of the wrong loop. Around an
///   allocation of known length, `for (;;) a.push(new Array(100))`, the loop that fills the array has no check of its own,
///   and the enclosing loop loses the one it has: it could never be terminated, by `shutdown()`, by a full heap, or by
///   anything else (`LoopStackCheckElisionReducer` of V8 15.2). Loops of a few instructions lose up to a third of their
///   speed by this; larger ones nothing.
/// - `--max-inlined-bytecode-size`, `-cumulative`: V8's limits for inlining, times 2.6: the checks of coroutine form make
///   functions longer, and they should not be inlined less for it.
pub const V8_FLAGS: &str = "--stack-size=3000 --no-turboshaft-loop-unrolling \
    --max-inlined-bytecode-size=1200 --max-inlined-bytecode-size-cumulative=2400";
