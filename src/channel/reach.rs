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
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use super::Channel;
use super::message::Message;
use crate::message::Attachment;

/// As many channels may be suspected before all are searched.
const SUSPECTS: usize = 1024;

static ALL: Mutex<Vec<Weak<Channel>>> = Mutex::new(Vec::new());
static SUSPECTED: AtomicUsize = AtomicUsize::new(0);
static LAST_ID: AtomicU64 = AtomicU64::new(0);

/// A reference to a shared channel.
pub struct Handle {
    channel: Arc<Channel>,
    is_root: bool,
}

impl Handle {
    /// Makes a channel with room for `capacity` values.
    pub fn create(capacity: usize) -> Handle {
        // Only the number must be unique.
        let channel = Arc::new(Channel::new(LAST_ID.fetch_add(1, Ordering::Relaxed) + 1, capacity));
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

/// Empties the channels that nobody can reach.
fn collect() {
    SUSPECTED.store(0, Ordering::Relaxed);
    let mut channels: Vec<Arc<Channel>> =
        ALL.lock().expect("no holder panics").iter().filter_map(Weak::upgrade).collect();
    // In the order in which `select` locks.
    channels.sort_by_key(|channel| channel.id());
    let mut locked: Vec<_> = channels.iter().map(|channel| channel.lock()).collect();
    let mut reached: HashSet<u64> = HashSet::new();
    let mut next: Vec<usize> = (0..channels.len()).filter(|index| channels[*index].is_held()).collect();
    reached.extend(next.iter().map(|index| channels[*index].id()));
    while let Some(index) = next.pop() {
        for message in locked[index].messages() {
            let Message::Encoded(encoded) = message else { continue };
            for attachment in &encoded.attachments {
                let Attachment::Channel(handle) = attachment else { continue };
                let id = handle.channel.id();
                if reached.insert(id)
                    // One that was made since is held by whoever made it.
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
    drop(garbage);
}

/// How many shared channels there are, after what nobody can reach was given up.
pub fn count() -> usize {
    collect();
    ALL.lock().expect("no holder panics").iter().filter(|channel| channel.strong_count() > 0).count()
}
