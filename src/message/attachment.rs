//! Memory that moves or is shared instead of being copied.

use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::{Arc, Mutex};

use crate::channel::Handle;

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
    /// Where it is found by its address while it is used: the same address may be another buffer's afterwards.
    pub addresses: Arc<Addresses>,
}

/// The host's memory that isolates use: the host's keys by address. Memory that is shared again has several.
#[derive(Default)]
pub struct Addresses(Mutex<HashMap<usize, Vec<u32>>>);

impl Addresses {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<usize, Vec<u32>>> {
        self.0.lock().expect("no holder panics")
    }

    /// The host's key for the memory at an address, if it is the host's.
    pub fn get(&self, data: usize) -> Option<u32> {
        self.lock().get(&data)?.last().copied()
    }
}

impl HeldMemory {
    /// Takes note of its address.
    pub fn held(self) -> Arc<HeldMemory> {
        self.addresses.lock().entry(self.data as usize).or_default().push(self.id);
        Arc::new(self)
    }
}

// SAFETY: the memory is plain bytes that the host neither frees nor (when moved) touches before `release(id)`. For
// shared memory, both sides access it as JavaScript's memory model allows for a SharedArrayBuffer.
unsafe impl Send for HeldMemory {}
// SAFETY: as above; nothing here reads or writes the bytes through a shared reference.
unsafe impl Sync for HeldMemory {}

impl Drop for HeldMemory {
    fn drop(&mut self) {
        {
            let mut addresses = self.addresses.lock();
            if let Some(keys) = addresses.get_mut(&(self.data as usize)) {
                keys.retain(|key| *key != self.id);
                if keys.is_empty() {
                    addresses.remove(&(self.data as usize));
                }
            }
        }
        // Only now may the host free it.
        self.host.release(self.id);
    }
}

/// Memory of the host that one isolate uses. V8 does not count what is shared, since many isolates may share it; but then
/// it has no reason to collect the small objects that keep the host's large memory.
#[derive(Default)]
pub struct Borrowed {
    memory: Mutex<Uses>,
}

#[derive(Default)]
struct Uses {
    /// How many buffers of the isolate show the shared memory at an address, and its length.
    shared: HashMap<usize, (usize, usize)>,
    shared_bytes: usize,
    /// Bytes of memory that was moved here. V8 counts these itself.
    moved_bytes: usize,
    /// Bytes of shared memory of which V8 has been told.
    told: i64,
}

impl Borrowed {
    fn lock(&self) -> std::sync::MutexGuard<'_, Uses> {
        self.memory.lock().expect("no holder panics")
    }

    fn add(&self, memory: &HeldMemory, shared: bool) {
        let mut uses = self.lock();
        if !shared {
            uses.moved_bytes += memory.length;
            return;
        }
        let (count, length) = uses.shared.entry(memory.data as usize).or_insert((0, memory.length));
        *count += 1;
        let (is_first, length) = (*count == 1, *length);
        if is_first {
            uses.shared_bytes += length;
        }
    }

    fn remove(&self, memory: &HeldMemory, shared: bool) {
        let mut uses = self.lock();
        if !shared {
            uses.moved_bytes -= memory.length;
            return;
        }
        let Some((count, length)) = uses.shared.get_mut(&(memory.data as usize)) else { return };
        *count -= 1;
        if *count == 0 {
            let length = *length;
            uses.shared_bytes -= length;
            uses.shared.remove(&(memory.data as usize));
        }
    }

    /// By how many bytes the shared memory has grown since the last call, for V8.
    #[expect(clippy::cast_possible_wrap, reason = "sizes of memory are below 2^63")]
    pub fn change(&self) -> i64 {
        let mut uses = self.lock();
        let now = uses.shared_bytes as i64;
        let change = now - uses.told;
        uses.told = now;
        change
    }

    /// Bytes of both kinds that V8 counts.
    #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "the sum of changes is a size")]
    pub fn counted(&self) -> usize {
        let uses = self.lock();
        uses.told as usize + uses.moved_bytes
    }

    /// Bytes, of both kinds.
    pub fn bytes(&self) -> usize {
        let uses = self.lock();
        uses.shared_bytes + uses.moved_bytes
    }
}

/// One entry of a message's attachment list: memory that moves or is shared, or a channel.
pub enum Attachment {
    /// A host `ArrayBuffer` that was moved into a task.
    Moved(Arc<HeldMemory>),
    /// A host `SharedArrayBuffer`.
    Shared(Arc<HeldMemory>),
    /// An isolate's `ArrayBuffer` that is being moved out of it.
    Store(v8::SharedRef<v8::BackingStore>),
    /// Memory of the host on its way back: the host has the buffer itself.
    Returned(u32, v8::SharedRef<v8::BackingStore>),
    /// A reference to a channel.
    Channel(Handle),
}

impl Attachment {
    /// The same once more; nothing for memory that moves.
    pub fn copy(&self) -> Option<Attachment> {
        match self {
            Attachment::Shared(memory) => Some(Attachment::Shared(Arc::clone(memory))),
            Attachment::Store(store) if store.is_shared() => Some(Attachment::Store(store.clone())),
            Attachment::Channel(handle) => Some(Attachment::Channel(handle.clone())),
            Attachment::Moved(_) | Attachment::Store(_) | Attachment::Returned(..) => None,
        }
    }

    /// Makes the backing store by which an isolate sees this memory, and whether it is shared; `None` for a channel. What is the
    /// host's is counted in `borrowed` until V8 lets go of it.
    pub fn into_store(self, borrowed: &Arc<Borrowed>) -> Option<(v8::SharedRef<v8::BackingStore>, bool)> {
        match self {
            Attachment::Moved(memory) => Some((store_of(memory, false, borrowed), false)),
            Attachment::Shared(memory) => Some((store_of(memory, true, borrowed), true)),
            Attachment::Store(store) | Attachment::Returned(_, store) => {
                let shared = store.is_shared();
                Some((store, shared))
            }
            Attachment::Channel(_) => None,
        }
    }
}

/// What a backing store over the host's memory keeps.
struct Owner {
    memory: Arc<HeldMemory>,
    borrowed: Arc<Borrowed>,
    shared: bool,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.borrowed.remove(&self.memory, self.shared);
    }
}

fn store_of(memory: Arc<HeldMemory>, shared: bool, borrowed: &Arc<Borrowed>) -> v8::SharedRef<v8::BackingStore> {
    unsafe extern "C" fn drop_owner(_data: *mut c_void, _length: usize, owner: *mut c_void) {
        // SAFETY: `owner` is the box that `store_of` turned into a pointer; V8 calls the deleter once, on any thread.
        drop(unsafe { Box::from_raw(owner.cast::<Owner>()) });
    }
    let (data, length) = (memory.data, memory.length);
    borrowed.add(&memory, shared);
    let owner = Box::into_raw(Box::new(Owner { memory, borrowed: Arc::clone(borrowed), shared })).cast();
    // SAFETY: `data` stays valid for `length` bytes until `drop_owner` runs, since the owner holds the memory's.
    unsafe {
        if shared {
            v8::SharedArrayBuffer::new_backing_store_from_ptr(data, length, drop_owner, owner).make_shared()
        } else {
            v8::ArrayBuffer::new_backing_store_from_ptr(data, length, drop_owner, owner).make_shared()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    impl Host for Nobody {
        fn wake(&self) {}
        fn release(&self, _: u32) {}
    }

    fn memory(addresses: &Arc<Addresses>, data: usize, id: u32) -> Arc<HeldMemory> {
        let data = data as *mut c_void;
        HeldMemory { data, length: 8, id, host: Arc::new(Nobody), addresses: Arc::clone(addresses) }.held()
    }

    #[test]
    fn an_address_is_the_hosts_as_long_as_somebody_uses_the_memory() {
        let addresses = Arc::default();
        let first = memory(&addresses, 64, 1);
        let again = memory(&addresses, 64, 2);
        let other = memory(&addresses, 128, 3);
        assert_eq!((addresses.get(64), addresses.get(128), addresses.get(32)), (Some(2), Some(3), None));
        drop(again);
        assert_eq!(addresses.get(64), Some(1));
        drop(other);
        drop(first);
        assert_eq!((addresses.get(64), addresses.get(128)), (None, None));
    }
}
