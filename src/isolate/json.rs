//! `JSON.stringify` of values that hold nothing but data, by V8's own serializer, which is several times as fast as `builtins/json-stringify.js`.
//!
//! What a value holds cannot be told beforehand: to look for `toJSON`, accessors and proxies costs as much as serializing, and they would notice.
//! So V8 is told to run no JavaScript meanwhile. It then throws where it would have called some, and up to there nobody has seen anything, so that
//! the kernel's serializer, in which such calls can be suspended, begins anew.

#![expect(clippy::needless_pass_by_value, reason = "V8 hands native functions their arguments by value")]

use super::natives::{Arguments, Return};

/// `stringifyData(object)`: its JSON; nothing if that takes a call of JavaScript. Throws what `JSON.stringify` throws: a `TypeError` for a cycle or a
/// `BigInt`, a `RangeError` where no stack is left.
pub fn stringify_data(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    v8::tc_scope!(let scope, scope);
    let text = {
        v8::disallow_javascript_execution_scope!(let scope, scope, v8::OnFailure::ThrowOnFailure);
        v8::json::stringify(scope, args.get(0))
    };
    if let Some(text) = text {
        rv.set(text.into());
        return;
    }
    // V8 says that it may not run JavaScript by a string (`Isolate::ThrowIllegalOperation`), and everything else by an error.
    let is_refusal = scope.exception().is_some_and(|exception| exception.is_string());
    if scope.has_terminated() || !is_refusal {
        scope.rethrow();
    }
}
