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
use super::sync::{Arc, AtomicU64, AtomicUsize, Mutex, Ordering, Weak, fence, global};

/// As many channels may be suspected before all are searched.
const SUSPECTS: usize = 1024;

global!(ALL: Mutex<Vec<Weak<Channel>>>);
global!(SUSPECTED: AtomicUsize);
global!(LAST_ID: AtomicU64);

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

#[cfg(test)]
mod tests {
    use super::super::core::{Received, Sent};
    use super::super::mailbox::{Addressee, Mailbox};
    use super::super::message::{Encoded, Message};
    use super::super::operation::Operation;
    use super::*;
    use crate::message::Attachment;

    fn carrying(handle: Handle) -> Message {
        let attachments = vec![Attachment::Channel(handle)];
        Message::Encoded(Box::new(Encoded { payload: Vec::new(), attachments, codes: Vec::new() }))
    }

    fn operation() -> Operation<Addressee> {
        Operation::new(Addressee { mailbox: Mailbox::new(|| {}), realm: 1 }, 0)
    }

    fn send(to: &Handle, what: Handle) {
        let sent = to.channel().send(carrying(what), None::<fn() -> Operation<Addressee>>);
        assert!(matches!(sent, Sent::Done));
    }

    fn receive(from: &Handle) -> Message {
        let Received::Message(message) = from.channel().recv(None::<fn() -> Operation<Addressee>>) else {
            panic!("there is no message")
        };
        message
    }

    #[test]
    fn what_nobody_refers_to_is_freed_at_once() {
        let outer = Handle::create(1);
        let inner = Handle::create(1);
        let weak = Arc::downgrade(inner.channel());
        send(&outer, inner);
        assert!(weak.upgrade().is_some());
        drop(outer);
        assert!(weak.upgrade().is_none());
    }

    #[test]
    fn cycles_are_collected() {
        let one = Handle::create(1);
        let other = Handle::create(1);
        let itself = Handle::create(2);
        let weak = [&one, &other, &itself].map(|handle| Arc::downgrade(handle.channel()));
        send(&one, other.clone());
        send(&other, one.clone());
        send(&itself, itself.clone());
        collect();
        assert!(weak.iter().all(|channel| channel.upgrade().is_some()), "they are in our hands");
        drop((one, other, itself));
        collect();
        assert!(weak.iter().all(|channel| channel.upgrade().is_none()), "nobody can reach them");
    }

    #[test]
    fn what_is_reached_through_a_buffer_stays() {
        let first = Handle::create(1);
        let second = Handle::create(2);
        let third = Handle::create(1);
        send(&second, third);
        send(&second, second.clone());
        send(&first, second);
        collect();
        let Message::Encoded(mut encoded) = receive(&first) else { panic!("it was encoded") };
        let Some(Attachment::Channel(second)) = encoded.attachments.pop() else { panic!("it carried a channel") };
        assert!(matches!(receive(&second), Message::Encoded(_)));
    }

    #[test]
    fn what_is_in_flight_stays() {
        let outer = Handle::create(1);
        let inner = Handle::create(1);
        // A cycle, so that only the search could free it.
        send(&inner, inner.clone());
        let weak = Arc::downgrade(inner.channel());
        send(&outer, inner);
        let message = receive(&outer);
        drop(outer);
        collect();
        assert_eq!(weak.upgrade().map(|channel| channel.length()), Some(1));
        drop(message);
        collect();
        assert!(weak.upgrade().is_none());
    }

    #[test]
    fn what_comes_for_somebody_who_waits_stays() {
        let outer = Handle::create(0);
        let inner = Handle::create(1);
        send(&inner, inner.clone());
        let weak = Arc::downgrade(inner.channel());
        let mailbox = Mailbox::new(|| {});
        let addressee = Addressee { mailbox: Arc::clone(&mailbox), realm: 1 };
        let received = outer.channel().recv(Some(|| Operation::new(addressee, 7)));
        assert!(matches!(received, Received::Waiting(_)));
        send(&outer, inner);
        drop(outer);
        collect();
        assert_eq!(weak.upgrade().map(|channel| channel.length()), Some(1));
        drop(mailbox.take(1).expect("it has come"));
        collect();
        assert!(weak.upgrade().is_none());
    }

    #[test]
    fn what_a_waiting_sender_carries_is_reached() {
        let outer = Handle::create(0);
        let inner = Handle::create(1);
        send(&inner, inner.clone());
        let weak = Arc::downgrade(inner.channel());
        let sent = outer.channel().send(carrying(inner), Some(operation));
        assert!(matches!(sent, Sent::Waiting(_)));
        collect();
        assert_eq!(weak.upgrade().map(|channel| channel.length()), Some(1));
        drop(outer);
        collect();
        assert!(weak.upgrade().is_none());
    }

    #[test]
    fn making_channels_collects_what_was_forgotten() {
        let forget = || {
            let handle = Handle::create(1);
            send(&handle, handle.clone());
            Arc::downgrade(handle.channel())
        };
        let first = forget();
        for _ in 0..4 * SUSPECTS {
            forget();
        }
        assert!(first.upgrade().is_none());
    }
}
