//! Isolates that run nothing: they give the texts of modules to V8 ahead of the isolates that will run them, on the threads
//! that compile.
//!
//! To read a large module for the first time takes V8 as long as it took us to compile it. Its bytecode holds what V8 compiles
//! at once: the module itself and functions in parentheses (`make` in `compiler/coroutine/function.rs`). For all others V8 remembers
//! only where they begin and end, and reads them when they are called.

use std::cell::RefCell;

use super::modules::shared_string;
use super::program::origin;
use super::seed::{Seed, Size, coroutine_context};
use super::stack;
use crate::modules::{Loaded, Text};

/// Shorter texts are read as fast as their bytecode.
const LEAST: usize = 32 << 10;

/// Longer ones would take more memory than they are worth.
const MOST: usize = 16 << 20;

/// Bytes that the heap of such an isolate may have: V8 needs a multiple of the text's length, and must never run out.
const HEAP: usize = 1 << 30;

/// Bytes of heap after which an isolate is given up: nothing in there is needed again.
const USED: usize = 16 << 20;

/// Bytes of a compiling thread's stack that V8 may use; it has as many again.
const STACK: usize = 8 << 20;

thread_local! {
    static PARSER: RefCell<Option<Seed>> = const { RefCell::new(None) };
}

/// V8's bytecode of a module that has not run yet, made on the calling thread, which is one that compiles.
pub fn parse_ahead(loaded: &Loaded) -> Option<Vec<u8>> {
    let text = loaded.text.get()?;
    let length = match text {
        Text::OneByte(bytes) => bytes.len(),
        Text::TwoByte(units) => 2 * units.len(),
    };
    if !(LEAST..=MOST).contains(&length) {
        return None;
    }
    PARSER.with_borrow_mut(|parser| {
        let seed = parser.get_or_insert_with(|| {
            stack::enter(STACK);
            Seed::new(Size { heap: HEAP, buffers: None })
        });
        let bytecode = bytecode(&mut seed.isolate, text, &loaded.code.name);
        if seed.isolate.get_heap_statistics().used_heap_size() > USED {
            *parser = None;
        }
        bytecode
    })
}

fn bytecode(isolate: &mut v8::OwnedIsolate, text: &Text, name: &str) -> Option<Vec<u8>> {
    v8::scope!(let scope, isolate);
    let context = coroutine_context(scope)?;
    let scope = &mut v8::ContextScope::new(scope, context);
    v8::tc_scope!(let scope, scope);
    let origin = origin(scope, name, 0, false)?;
    let text = shared_string(scope, text)?;
    let mut source = v8::script_compiler::Source::new(text, Some(&origin));
    let (options, reason) =
        (v8::script_compiler::CompileOptions::NoCompileOptions, v8::script_compiler::NoCacheReason::NoReason);
    let script = v8::script_compiler::compile_unbound_script(scope, &mut source, options, reason)?;
    script.create_code_cache().map(|cache| cache.to_vec())
}
