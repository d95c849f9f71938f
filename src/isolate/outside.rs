//! Memory outside of the heap, of which an isolate may have a limit.
//!
//! The allocator of `budget.rs` bounds most of it. What resizable buffers and WebAssembly have V8 takes from the system itself, and asks nobody.
//! So `src/kernel/growth.js` asks here before a program's `resize` or `grow` is done, and the program gets a `RangeError`; and where memory is taken by
//! what cannot be stopped before (an instance's own memory, `memory.grow` in WebAssembly), V8's sum shows it afterwards, and the isolate is given
//! up: see `HeapLimitContext` in `runtime.rs`.

#![expect(clippy::needless_pass_by_value, reason = "V8 hands native functions their arguments by value")]

use std::sync::Arc;

use super::runtime::State;
use crate::message::Borrowed;

/// V8 ends an isolate whose memory grows by so much in one step.
const STEP: f64 = 34_359_738_368.0;

/// What an isolate may have outside of its heap.
pub struct Outside {
    limit: Option<usize>,
    borrowed: Arc<Borrowed>,
}

impl Outside {
    /// `borrowed`: memory of the host, which does not count.
    pub fn new(limit: Option<usize>, borrowed: Arc<Borrowed>) -> Outside {
        Outside { limit, borrowed }
    }

    /// Whether there is a limit.
    pub fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    /// Whether V8 counts more than the limit, with so many bytes more. Of what WebAssembly has it counts what a memory begins with. Garbage that
    /// was not swept is counted, too.
    pub fn is_exceeded(&self, isolate: &mut v8::Isolate, more: usize) -> bool {
        let Some(limit) = self.limit else { return false };
        // A change by nothing tells the sum; the statistics have less in it.
        let external = usize::try_from(isolate.adjust_amount_of_external_allocated_memory(0)).unwrap_or(0);
        external.saturating_sub(self.borrowed.counted()).saturating_add(more) > limit
    }
}

/// `mayGrow(bytes)`: whether memory that V8 takes from the system itself may become so much larger.
pub fn may_grow(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue<v8::Value>) {
    let bytes = args.get(0).number_value(scope).unwrap_or(f64::INFINITY);
    if bytes >= STEP {
        return rv.set_bool(false);
    }
    let state = State::of(scope);
    if !state.outside.is_limited() {
        return rv.set_bool(true);
    }
    // Below 2^53, and not negative.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let more = bytes.max(0.0) as usize;
    let fits = !state.outside.is_exceeded(scope, more) || {
        scope.low_memory_notification();
        !state.outside.is_exceeded(scope, more)
    };
    rv.set_bool(fits);
}
