//! The names that mean something by themselves inside tasks: whoever uses them in a function captures nothing. A spec compares
//! them with what tasks have. Names that programs give to variables of their own, such as `task`, `select` and `Context`, are not
//! among them: they are looked up, and mean the task's globals only where the program has none of that name.

/// The names, in the order of the alphabet.
pub const REALM_NAMES: &[&str] = &[
    "AbortController",
    "AbortSignal",
    "AggregateError",
    "Array",
    "ArrayBuffer",
    "AsyncDisposableStack",
    "Atomics",
    "BigInt",
    "BigInt64Array",
    "BigUint64Array",
    "Boolean",
    "Buffer",
    "ChannelClosedError",
    "DOMException",
    "DataView",
    "Date",
    "DeadlockError",
    "DisposableStack",
    "Error",
    "EvalError",
    "Event",
    "EventTarget",
    "FinalizationRegistry",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "Function",
    "Infinity",
    "Int16Array",
    "Int32Array",
    "Int8Array",
    "Intl",
    "Iterator",
    "JSON",
    "Map",
    "Math",
    "NaN",
    "Number",
    "Object",
    "PoisonedError",
    "Promise",
    "Proxy",
    "RangeError",
    "ReferenceError",
    "Reflect",
    "RegExp",
    "Set",
    "SharedArrayBuffer",
    "String",
    "SuppressedError",
    "Symbol",
    "SyntaxError",
    "TaskKilledError",
    "TextDecoder",
    "TextEncoder",
    "TimeoutError",
    "TypeError",
    "URIError",
    "URL",
    "URLSearchParams",
    "Uint16Array",
    "Uint32Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "WeakMap",
    "WeakRef",
    "WeakSet",
    "WebAssembly",
    "atob",
    "btoa",
    "chan",
    "clearImmediate",
    "clearInterval",
    "clearTimeout",
    "console",
    "decodeURI",
    "decodeURIComponent",
    "encodeURI",
    "encodeURIComponent",
    "escape",
    "eval",
    "global",
    "globalThis",
    "isFinite",
    "isNaN",
    "parseFloat",
    "parseInt",
    "performance",
    "process",
    "queueMicrotask",
    "require",
    "setImmediate",
    "setInterval",
    "setTimeout",
    "sleep",
    "spawn",
    "structuredClone",
    "transfer",
    "undefined",
    "unescape",
];

/// Whether a name is a global of tasks.
pub fn is_realm_name(name: &str) -> bool {
    REALM_NAMES.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted() {
        assert!(REALM_NAMES.is_sorted());
        assert!(
            is_realm_name("Math") && is_realm_name("sleep") && is_realm_name("process") && !is_realm_name("document")
        );
    }
}
