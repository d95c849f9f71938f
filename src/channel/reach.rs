//! Which shared channels anybody can still reach.
//!
//! A channel is held by *roots*: the objects that isolates and the host have of it, and messages that are on their way. A
//! message that lies in a channel is reachable through that channel alone, so the channels which it carries are no roots
//! meanwhile. What nobody refers to is freed at once by its reference count. Only channels that lie in each other's buffers, or
//! in their own, need a search: from the roots through the buffers; what it does not find is emptied.
//!
//! The search locks all channels. A reference becomes a root, or ceases to be one by being sent, only under the lock of the
//! channel that the message enters or leaves, so nothing moves meanwhile; and what has no root can get one only from there.

use std::collections::HashSet;

use super::Channel;
use super::message::Message;
use super::sync::{Arc, AtomicU64, AtomicUsize, Mutex, Ordering, Weak, fence, global};

/// As many channels may be suspected before all are searched.
const SUSPECTS: usize = 1024;

/// How many kinds of channels there can be: a channel's id modulo this is its tag. 0 is a channel, the others are cells of the kit.
const TAGS: u64 = 16;

global!(ALL: Mutex<Vec<Weak<Channel>>>);
global!(SUSPECTED: AtomicUsize);
global!(LAST_ID: AtomicU64);
// The isolates that have died and held something.
global!(GONE: Mutex<HashSet<u64>>);

/// A reference to a shared channel.
pub struct Handle {
    channel: Arc<Channel>,
    is_root: bool,
}

impl Handle {
    /// Makes a channel with room for `capacity` values. Its id tells its `tag`, a number below [`TAGS`].
    pub fn create(capacity: usize, tag: u32) -> Handle {
        // Only the number must be unique.
        let number = LAST_ID.fetch_add(1, Ordering::Relaxed) + 1;
        let channel = Arc::new(Channel::new(number * TAGS + u64::from(tag) % TAGS, capacity));
        let mut all = ALL.lock().expect("no holder panics");
        if all.len() == all.capacity() {
            all.retain(|channel| channel.strong_count() > 0);
        }
        all.push(Arc::downgrade(&channel));
        let is_due = SUSPECTED.load(Ordering::Relaxed) >= SUSPECTS.max(all.len() / 2);
        drop(all);
        if is_due {
            collect();
        }
        channel.hold();
        Handle { channel, is_root: true }
    }

    /// The channel.
    pub fn channel(&self) -> &Arc<Channel> {
        &self.channel
    }

    /// It lies in a channel. Called under that channel's lock.
    pub fn demote(&mut self) {
        if std::mem::replace(&mut self.is_root, false) {
            self.release();
        }
    }

    /// It has left the channel that it lay in. Called under that channel's lock.
    pub fn promote(&mut self) {
        if !std::mem::replace(&mut self.is_root, true) {
            self.channel.hold();
        }
    }

    fn release(&self) {
        if self.channel.let_go() && Arc::strong_count(&self.channel) > 1 {
            SUSPECTED.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Clone for Handle {
    fn clone(&self) -> Handle {
        self.channel.hold();
        Handle { channel: Arc::clone(&self.channel), is_root: true }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.is_root {
            self.release();
        }
    }
}

/// The tags of cells of which others can make good what a dead isolate has left undone: `Semaphore`, `WaitGroup` and `Once` (`TAGS` in
/// `src/kit/cell.js`).
const MENDED: [u64; 3] = [3, 4, 6];

/// The tag of a `Cond`, which nobody holds.
const COND: u64 = 5;

/// How many values the channels have room for that lie in a state: gates, lines, and other ones (boxes).
const GATE: usize = 1;
const LINE: usize = usize::MAX;

/// Whether a channel is a cell of the kit.
pub fn is_cell(channel: &Channel) -> bool {
    !channel.id().is_multiple_of(TAGS)
}

/// How often, and for how long, a state is waited for that somebody has taken out to change it.
const LOOKS: u32 = 500;
const BETWEEN_LOOKS: std::time::Duration = std::time::Duration::from_micros(100);

/// An isolate has died that held something.
pub fn note_gone(isolate: u64) {
    GONE.lock().expect("no holder panics").insert(isolate);
}

/// Whether an isolate has died and held something then.
pub fn is_gone(isolate: u64) -> bool {
    GONE.lock().expect("no holder panics").contains(&isolate)
}

/// An isolate has died that held a cell of the kit, or waited at a gate of `cell`.
///
/// A gate is closed, so that whoever is next in line is found; where it was open already, what it was opened for is held by nobody
/// any more. Of some cells those who wait look again then, and see whose isolate is gone; all others are poisoned.
pub fn abandon(channel: &Channel, cell: Option<&Channel>) {
    match (channel.id() % TAGS, cell) {
        (0, Some(cell)) => {
            channel.close();
            let was_open = channel.was_used();
            // A signal that comes just now is lost with who waited for it.
            if was_open && cell.id() % TAGS != COND {
                abandon(cell, None);
            }
        }
        (tag, _) if MENDED.contains(&tag) => nudge(channel),
        _ => poison(channel),
    }
}

/// Closes the gates at which others wait in a cell, which all look again then.
fn nudge(cell: &Channel) {
    for _ in 0..LOOKS {
        if cell.length() > 0 {
            for gate in gates(cell) {
                // Those who do not stand in the state stand in its line.
                if gate.capacity() == LINE {
                    for inner in gates(&gate) {
                        inner.close();
                    }
                } else if gate.capacity() == GATE {
                    gate.close();
                }
            }
            return;
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    // Who took it out has died.
    poison(cell);
}

/// Closes a channel that was held as a lock, and the channels that lie in it, and in these: where those wait who want the lock.
pub fn poison(channel: &Channel) {
    // Before, since that drops what waiting senders have, and afterwards, since somebody may have come in between.
    let mut all = gates(channel);
    channel.close();
    all.extend(gates(channel));
    for gate in all {
        gate.close();
        for inner in gates(&gate) {
            inner.close();
        }
    }
}

/// The channels that lie in one, without the cells of the kit.
fn gates(channel: &Channel) -> Vec<Arc<Channel>> {
    let state = channel.lock();
    let handles = state.messages().flat_map(Message::handles);
    handles.filter(|handle| !is_cell(&handle.channel)).map(|handle| Arc::clone(&handle.channel)).collect()
}

/// Empties the channels that nobody can reach.
fn collect() {
    SUSPECTED.store(0, Ordering::Relaxed);
    // Locked to the end: nobody can use a channel that was made since, and put one of the others into it.
    let all = ALL.lock().expect("no holder panics");
    let mut channels: Vec<Arc<Channel>> = all.iter().filter_map(Weak::upgrade).collect();
    // Pairs with the decrement by which one that is missing here lost its last reference: what was taken out of it before is held.
    fence(Ordering::Acquire);
    // In the order in which `select` locks.
    channels.sort_by_key(|channel| channel.id());
    let mut locked: Vec<_> = channels.iter().map(|channel| channel.lock()).collect();
    let mut reached: HashSet<u64> = HashSet::new();
    let mut next: Vec<usize> = (0..channels.len()).filter(|index| channels[*index].is_held()).collect();
    reached.extend(next.iter().map(|index| channels[*index].id()));
    while let Some(index) = next.pop() {
        for message in locked[index].messages() {
            for handle in message.handles() {
                let id = handle.channel.id();
                if reached.insert(id)
                    && let Ok(at) = channels.binary_search_by_key(&id, |channel| channel.id())
                {
                    next.push(at);
                }
            }
        }
    }
    let mut garbage = Vec::new();
    for (channel, state) in channels.iter().zip(&mut locked) {
        if !reached.contains(&channel.id()) {
            garbage.push(state.clear());
        }
    }
    drop(locked);
    drop(all);
    // Without any lock, since that drops further channels.
    drop(garbage);
}

/// How many shared channels there are, after what nobody can reach was given up.
pub fn count() -> usize {
    collect();
    ALL.lock().expect("no holder panics").iter().filter(|channel| channel.strong_count() > 0).count()
}
