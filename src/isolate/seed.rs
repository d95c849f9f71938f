//! An isolate before it is anybody's: V8's part of it alone, which takes nine tenths of the time. A thread may make one
//! before there is work for it; see `pool/nursery.rs`.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use super::budget::{self, Budget};
use super::{natives, stack};
use crate::kernel::references;

/// The startup snapshot that the build script made.
static SNAPSHOT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/kernel.snapshot"));

/// The kernel's sources, to which the snapshot refers.
static SOURCES: &[v8::OneByteConst] = &include!(concat!(env!("OUT_DIR"), "/kernel-sources.rs"));

/// Bytes of the sources as V8 counts them in every isolate, though none has them for itself.
static SHARED: OnceLock<usize> = OnceLock::new();

/// What must be known of an isolate before it is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    /// Bytes of the JavaScript heap.
    pub heap: usize,
    /// Bytes of all `ArrayBuffer`s together, where they are limited.
    pub buffers: Option<usize>,
}

/// V8's part of an isolate.
pub struct Seed {
    // Dropped in this order: the handle into the isolate goes before the isolate itself.
    /// A context for code in coroutine form, where it was made ahead.
    pub context: Option<v8::Global<v8::Context>>,
    /// The isolate.
    pub isolate: v8::OwnedIsolate,
    /// Of its buffers.
    pub budget: Arc<Budget>,
    size: Size,
}

thread_local! {
    /// What the thread has ready.
    static READY: RefCell<Option<Seed>> = const { RefCell::new(None) };
}

impl Seed {
    /// Makes one on the calling thread, which is one of ours and has no isolate.
    pub fn new(size: Size) -> Seed {
        let budget = Budget::new(size.buffers.unwrap_or(usize::MAX));
        let params = v8::CreateParams::default()
            .snapshot_blob(v8::StartupData::from(SNAPSHOT))
            .external_references(references::list(natives::callbacks(), SOURCES.iter()).into())
            .heap_limits(0, size.heap)
            .allow_atomics_wait(true)
            .array_buffer_allocator(budget::allocator(Arc::clone(&budget)));
        let mut isolate = stack::allowing(size.heap, || v8::Isolate::new(params));
        SHARED.get_or_init(|| isolate.get_heap_statistics().external_memory());
        Seed { context: None, isolate, budget, size }
    }

    /// The one that the calling thread has ready, or a new one.
    pub fn take(size: Size) -> Seed {
        match READY.take() {
            Some(seed) if seed.size == size => seed,
            other => {
                // A thread has one isolate at a time.
                drop(other);
                Seed::new(size)
            }
        }
    }
}

/// Makes a seed ready on the calling thread, which is one of ours and has no isolate.
pub fn make_ready(size: Size) {
    let mut seed = Seed::new(size);
    {
        v8::scope!(let scope, &mut seed.isolate);
        let context = coroutine_context(scope);
        seed.context = context.map(|context| v8::Global::new(scope, context));
    }
    READY.set(Some(seed));
}

/// Gives up what the calling thread has ready.
pub fn discard() {
    drop(READY.take());
}

/// A context from the snapshot with the kernel for code in coroutine form; `None` where the isolate is being terminated.
pub fn coroutine_context<'s>(scope: &mut v8::PinScope<'s, '_, ()>) -> Option<v8::Local<'s, v8::Context>> {
    v8::Context::from_snapshot(scope, 0, v8::ContextOptions::default())
}

/// Bytes that V8 counts as memory outside of every isolate's heap, though none has them for itself.
pub fn shared_bytes() -> usize {
    SHARED.get().copied().unwrap_or(0)
}
