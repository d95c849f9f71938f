//! Memory that moves or is shared instead of being copied.

use std::ffi::c_void;
use std::sync::Arc;

/// The host environment, as the threads of its pool see it.
pub trait Host: Send + Sync {
    /// Makes the host's event loop fetch what the pool has for it. Cheap when it was already told.
    fn wake(&self);
    /// Says that the host's buffer `id` is no longer used.
    fn release(&self, id: u32);
}

/// Memory of an `ArrayBuffer` or `SharedArrayBuffer` of the host, which the host keeps alive under `id` until this is
/// dropped. Node-API can detach a buffer but not take its memory, so the host moves it into a hidden buffer instead.
pub struct HeldMemory {
    /// First byte; may dangle for an empty buffer.
    pub data: *mut c_void,
    /// Length in bytes.
    pub length: usize,
    /// The host's key for the buffer that owns the memory.
    pub id: u32,
    /// Who is told when the memory is no longer used.
    pub host: Arc<dyn Host>,
}

// SAFETY: the memory is plain bytes that the host neither frees nor (when moved) touches before `release(id)`. For
// shared memory, both sides access it as JavaScript's memory model allows for a SharedArrayBuffer.
unsafe impl Send for HeldMemory {}
// SAFETY: as above; nothing here reads or writes the bytes through a shared reference.
unsafe impl Sync for HeldMemory {}

impl Drop for HeldMemory {
    fn drop(&mut self) {
        self.host.release(self.id);
    }
}

/// One entry of a message's attachment list.
pub enum Attachment {
    /// A host `ArrayBuffer` that was moved into a task.
    Moved(Arc<HeldMemory>),
    /// A host `SharedArrayBuffer`.
    Shared(Arc<HeldMemory>),
    /// An isolate's `ArrayBuffer` that is being moved out of it.
    Store(v8::SharedRef<v8::BackingStore>),
    /// Memory of the host on its way back: the host has the buffer itself.
    Returned(u32, v8::SharedRef<v8::BackingStore>),
}

impl Attachment {
    /// Makes the backing store by which an isolate sees this memory, and whether it is shared.
    pub fn into_store(self) -> (v8::SharedRef<v8::BackingStore>, bool) {
        match self {
            Attachment::Moved(memory) => (store_of(memory, false), false),
            Attachment::Shared(memory) => (store_of(memory, true), true),
            Attachment::Store(store) | Attachment::Returned(_, store) => {
                let shared = store.is_shared();
                (store, shared)
            }
        }
    }
}

fn store_of(memory: Arc<HeldMemory>, shared: bool) -> v8::SharedRef<v8::BackingStore> {
    unsafe extern "C" fn drop_memory(_data: *mut c_void, _length: usize, memory: *mut c_void) {
        // SAFETY: `memory` is the Arc that `store_of` turned into a pointer; V8 calls the deleter once.
        drop(unsafe { Arc::from_raw(memory.cast::<HeldMemory>().cast_const()) });
    }
    let (data, length) = (memory.data, memory.length);
    let owner = Arc::into_raw(memory).cast_mut().cast();
    // SAFETY: `data` stays valid for `length` bytes until `drop_memory` runs, since it holds the memory's owner.
    unsafe {
        if shared {
            v8::SharedArrayBuffer::new_backing_store_from_ptr(data, length, drop_memory, owner).make_shared()
        } else {
            v8::ArrayBuffer::new_backing_store_from_ptr(data, length, drop_memory, owner).make_shared()
        }
    }
}
