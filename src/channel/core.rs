//! A channel whose ends may be in several isolates and in the host.
//!
//! ```text
//! send     closed: fails     a receiver waits: it gets the value     room in the buffer: into it     else: waits
//! recv     a buffered value (and the first waiting sender's takes its place), else a waiting sender's, else closed, else: waits
//! close    all who wait are told; what is buffered can still be received
//! ```
//!
//! Waiting senders and receivers are served in the order in which they came. Nobody waits on one side while the other side could
//! go on: that is the invariant which each method restores before it unlocks. An entry in a queue whose operation was claimed
//! by somebody else counts as absent.
//!
//! **Two locks.** The buffer has two parts: values come into `Entry` and go out of `Exit`, each under a lock of its own, so who sends and who
//! receives on two processors hardly ever meet; a receiver that finds nothing more at the exit moves there all that has come meanwhile. Who
//! needs both locks ([`Channel::lock`]) takes the exit's first; then all that is buffered lies at the exit. That are all who
//! wait, withdraw, close and look, so what changes only there is known to holders of one lock:
//!
//! ```text
//! a receiver waits      under the entry's lock: nothing is buffered then, and who sends hands it the value
//! a sender waits        under the exit's lock (`has_senders`): who receives lets the first one in
//! the exit grows        under both: who sends may read its length without that lock, and it is at most as long as that
//! ```
//!
//! Happens-before: a message goes from the entry to the exit under both locks, or completes a waiting operation under the entry's and then
//! goes through its owner's mailbox, which has a lock of its own. So what was written before a send is seen after the receive.

use std::collections::VecDeque;
use std::sync::atomic::AtomicUsize as Hint;

use slab::Slab;

use super::line::{Line, ask_for_line_behind};
use super::operation::{Cargo, Completion, Operation, Owner};
use super::sync::{Arc, AtomicUsize, Mutex, MutexGuard, Ordering, Weak};

/// How a `send` went.
pub enum Sent<O> {
    /// Somebody or the buffer has the value.
    Done,
    /// The channel is closed.
    Closed,
    /// There is no room, and the caller did not want to wait.
    Full,
    /// It waits.
    Waiting(Arc<Operation<O>>),
}

/// How a `recv` went.
pub enum Received<O: Owner> {
    /// A value.
    Message(O::Message),
    /// The channel is closed and drained.
    Closed,
    /// There is nothing, and the caller did not want to wait.
    Empty,
    /// It waits.
    Waiting(Arc<Operation<O>>),
}

/// A channel.
pub struct Channel<O: Owner> {
    id: u64,
    capacity: usize,
    /// See [`Channel::batch`].
    batch: usize,
    /// Of how many values the hint tells of the first and the last, less one: that is a power of two.
    hint_mask: usize,
    entry: Line<Mutex<Entry<O>>>,
    /// About how many values are at the entry: it only says when to look again, so it is not modelled.
    entry_hint: Line<Hint>,
    exit: Line<Mutex<Exit<O::Message>>>,
    /// How many values are at the exit: for those who hold the entry's lock, at least so many.
    exit_length: Line<AtomicUsize>,
    /// How many refer to it from outside of channels; see `reach.rs`.
    roots: AtomicUsize,
}

impl<T> Line<Mutex<T>> {
    fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().expect("no holder panics")
    }
}

/// Where values come in, and who waits. In this order: with the lock, what each `send` changes is one line; in the next one nothing changes
/// while nobody waits, so both sides can have it.
#[repr(C)]
struct Entry<O: Owner> {
    buffer: VecDeque<O::Message>,
    /// What lies at the exit is at most so many.
    exit_bound: usize,
    is_closed: bool,
    /// Whether a value was ever sent.
    was_used: bool,
    receivers: VecDeque<Waiter<O>>,
    senders: VecDeque<Sender<O>>,
    links: Option<Box<Links<O>>>,
    /// How many of the receivers wait no more, at most.
    stale: usize,
}

/// Which channels are closed with which. Few channels have any.
struct Links<O: Owner> {
    /// With which one this is closed, and where it stands among its followers. It is held, since others may close it through that.
    leader: Option<(Arc<Channel<O>>, usize)>,
    /// What is closed with this one. That is not held: what nobody else has needs no end.
    followers: Slab<Weak<Channel<O>>>,
    /// With so many followers, those that are gone are looked for.
    sweep_at: usize,
}

impl<O: Owner> Default for Links<O> {
    fn default() -> Self {
        Links { leader: None, followers: Slab::new(), sweep_at: FOLLOWERS }
    }
}

/// Among so many receivers those that wait no more are taken out at once.
const FEW: usize = 32;

/// So many followers are not swept.
const FOLLOWERS: usize = 32;

/// So many values are worth having at once: to lock the other side costs as much as to move some.
const BATCH: usize = 64;

/// Of so many values at the entry the hint tells of the first and the last. To tell of each would cost a transfer of its line for each where
/// the other side looks.
const HINTED: usize = 16;

/// Where values go out.
struct Exit<M> {
    buffer: VecDeque<M>,
    /// Whether any sender waits.
    has_senders: bool,
}

/// A channel both of whose sides are locked.
pub struct Locked<'a, O: Owner> {
    channel: &'a Channel<O>,
    exit: MutexGuard<'a, Exit<O::Message>>,
    entry: MutexGuard<'a, Entry<O>>,
}

struct Waiter<O> {
    operation: Arc<Operation<O>>,
    case: u32,
}

struct Sender<O: Owner> {
    waiter: Waiter<O>,
    message: O::Message,
}

impl<O: Owner> Entry<O> {
    /// Gives a message to the first receiver that still waits; returns who that is, or the message.
    fn hand_over(&mut self, mut message: O::Message) -> Result<O, O::Message> {
        while let Some(Waiter { operation, case }) = self.receivers.pop_front() {
            if operation.claim() {
                message.left();
                operation.complete(Completion::Received { case, message });
                return Ok(operation.owner().clone());
            }
        }
        Err(message)
    }

    /// Lets the first sender that still waits go on; returns its message, and who that is.
    fn release_sender(&mut self) -> Option<(O::Message, O)> {
        while let Some(Sender { waiter: Waiter { operation, case }, message }) = self.senders.pop_front() {
            if operation.claim() {
                operation.complete(Completion::Sent { case });
                return Some((message, operation.owner().clone()));
            }
        }
        None
    }
}

impl<O: Owner> Locked<'_, O> {
    /// How many values are buffered.
    pub fn length(&self) -> usize {
        self.exit.buffer.len()
    }

    /// Sends without waiting. The owner is to be woken once the lock is released.
    pub fn try_send(&mut self, mut message: O::Message) -> Attempt<O, O::Message> {
        if self.entry.is_closed {
            return Attempt::Closed(Some(message));
        }
        self.entry.was_used = true;
        match self.entry.hand_over(message) {
            Ok(owner) => return Attempt::Done(None, Some(owner)),
            Err(kept) => message = kept,
        }
        if self.length() >= self.channel.capacity {
            return Attempt::Blocked(Some(message));
        }
        message.entered();
        self.exit.buffer.push_back(message);
        Attempt::Done(None, None)
    }

    /// Receives without waiting. The owner is to be woken once the lock is released.
    pub fn try_recv(&mut self) -> Attempt<O, O::Message> {
        if let Some(mut message) = self.exit.buffer.pop_front() {
            message.left();
            let mut woken = None;
            // There is no room where the value was one that had been given back.
            if self.length() < self.channel.capacity
                && let Some((next, owner)) = self.entry.release_sender()
            {
                self.exit.buffer.push_back(next);
                woken = Some(owner);
            }
            return Attempt::Done(Some(message), woken);
        }
        if let Some((mut message, owner)) = self.entry.release_sender() {
            message.left();
            return Attempt::Done(Some(message), Some(owner));
        }
        if self.entry.is_closed { Attempt::Closed(None) } else { Attempt::Blocked(None) }
    }

    /// All messages that lie in the channel.
    pub fn messages(&self) -> impl Iterator<Item = &O::Message> {
        self.exit.buffer.iter().chain(self.entry.senders.iter().map(|sender| &sender.message))
    }

    /// Takes everything out, since nobody will ever receive it.
    pub fn clear(&mut self) -> Vec<O::Message> {
        let waiting = std::mem::take(&mut self.entry.senders).into_iter().map(|sender| sender.message);
        std::mem::take(&mut self.exit.buffer).into_iter().chain(waiting).collect()
    }

    /// Has an operation wait for a value.
    pub fn add_receiver(&mut self, operation: Arc<Operation<O>>, case: u32) {
        self.entry.receivers.push_back(Waiter { operation, case });
    }

    /// Has an operation wait for somebody who takes its value.
    pub fn add_sender(&mut self, operation: Arc<Operation<O>>, case: u32, mut message: O::Message) {
        message.entered();
        self.entry.senders.push_back(Sender { waiter: Waiter { operation, case }, message });
    }
}

impl<O: Owner> Drop for Locked<'_, O> {
    fn drop(&mut self) {
        self.exit.has_senders = !self.entry.senders.is_empty();
        self.entry.exit_bound = self.length();
        self.channel.set_exit_length(self.length());
        // Relaxed: see `entry_hint`.
        self.channel.entry_hint.0.store(0, Ordering::Relaxed);
    }
}

/// What a channel could do at once.
pub enum Attempt<O, M> {
    /// It is done; with the value that was received, and who is to be woken.
    Done(Option<M>, Option<O>),
    /// The channel is closed; with the value that was to be sent, which must be dropped after the lock is released.
    Closed(Option<M>),
    /// It has to wait; with the value that is yet to be sent.
    Blocked(Option<M>),
}

impl<O: Owner> Channel<O> {
    /// A channel with room for `capacity` values; `usize::MAX` is without end.
    pub fn new(id: u64, capacity: usize) -> Channel<O> {
        let entry = Entry {
            buffer: VecDeque::new(),
            exit_bound: 0,
            is_closed: false,
            was_used: false,
            receivers: VecDeque::new(),
            senders: VecDeque::new(),
            links: None,
            stale: 0,
        };
        let half = (capacity / 2).clamp(1, BATCH);
        let hinted = 1 << half.min(HINTED).ilog2();
        let exit = Exit { buffer: VecDeque::new(), has_senders: false };
        Channel {
            id,
            capacity,
            batch: half / hinted * hinted,
            hint_mask: hinted - 1,
            entry: Line(Mutex::new(entry)),
            entry_hint: Line(Hint::new(0)),
            exit: Line(Mutex::new(exit)),
            exit_length: Line(AtomicUsize::new(0)),
            roots: AtomicUsize::new(0),
        }
    }

    /// Counts one more reference from outside of channels.
    pub fn hold(&self) {
        // Relaxed: whoever counts has a reference already, or holds the lock of the channel that the reference lay in.
        self.roots.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts one less; returns whether that was the last.
    pub fn let_go(&self) -> bool {
        // Release pairs with the load in `is_held`.
        self.roots.fetch_sub(1, Ordering::Release) == 1
    }

    /// Whether anything refers to it from outside of channels.
    pub fn is_held(&self) -> bool {
        self.roots.load(Ordering::Acquire) > 0
    }

    /// A number that no other channel has.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// How many values the buffer has room for.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many values, or how much room, is worth waiting for a little longer once there is some.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// How many values are buffered.
    pub fn length(&self) -> usize {
        self.lock().length()
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.entry.lock().is_closed
    }

    /// Whether a value was ever sent, or was to be.
    pub fn was_used(&self) -> bool {
        self.lock().entry.was_used
    }

    /// About how many values are buffered.
    pub fn length_hint(&self) -> usize {
        // Relaxed: nothing follows from it.
        self.exit_length.0.load(Ordering::Relaxed) + self.entry_hint.0.load(Ordering::Relaxed)
    }

    fn set_exit_length(&self, length: usize) {
        // Relaxed: what makes it a bound is the entry's lock. It was last raised under that, and is only lowered since.
        self.exit_length.0.store(length, Ordering::Relaxed);
    }

    /// Locks both sides. Who locks several channels does so in the order of their ids.
    pub fn lock(&self) -> Locked<'_, O> {
        self.lock_entry(self.exit.lock())
    }

    fn lock_entry<'a>(&'a self, mut exit: MutexGuard<'a, Exit<O::Message>>) -> Locked<'a, O> {
        let mut entry = self.entry.lock();
        if exit.buffer.is_empty() {
            std::mem::swap(&mut exit.buffer, &mut entry.buffer);
        } else {
            exit.buffer.append(&mut entry.buffer);
        }
        Locked { channel: self, exit, entry }
    }

    /// Sends a value; waits as the operation that `wait` makes, where that is given.
    pub fn send(&self, message: O::Message, wait: Option<impl FnOnce() -> Operation<O>>) -> Sent<O> {
        let message = match self.send_at_entry(message) {
            Ok(sent) => return sent,
            Err(message) => message,
        };
        let mut locked = self.lock();
        match locked.try_send(message) {
            Attempt::Done(_, woken) => {
                drop(locked);
                wake(woken);
                Sent::Done
            }
            Attempt::Closed(message) => {
                drop(locked);
                drop(message);
                Sent::Closed
            }
            Attempt::Blocked(message) => match (wait, message) {
                (Some(wait), Some(message)) => {
                    let operation = Arc::new(wait());
                    locked.add_sender(Arc::clone(&operation), 0, message);
                    Sent::Waiting(operation)
                }
                (_, message) => {
                    drop(locked);
                    drop(message);
                    Sent::Full
                }
            },
        }
    }

    /// Sends under the entry's lock alone; gives the message back where that does not suffice.
    pub fn send_at_entry(&self, message: O::Message) -> Result<Sent<O>, O::Message> {
        let mut entry = self.entry.lock();
        if entry.is_closed {
            drop(entry);
            drop(message);
            return Ok(Sent::Closed);
        }
        entry.was_used = true;
        let mut message = match entry.hand_over(message) {
            Ok(owner) => {
                drop(entry);
                owner.wake();
                return Ok(Sent::Done);
            }
            Err(message) => message,
        };
        if entry.buffer.len() + entry.exit_bound >= self.capacity {
            // Relaxed: see `set_exit_length`.
            entry.exit_bound = self.exit_length.0.load(Ordering::Relaxed);
            if entry.buffer.len() + entry.exit_bound >= self.capacity {
                return Err(message);
            }
        }
        message.entered();
        entry.buffer.push_back(message);
        ask_for_line_behind(entry.buffer.back());
        let length = entry.buffer.len();
        if length == 1 || length & self.hint_mask == 0 {
            // Relaxed: see `entry_hint`.
            self.entry_hint.0.store(length, Ordering::Relaxed);
        }
        Ok(Sent::Done)
    }

    /// Receives under the exit's lock alone, where that suffices.
    pub fn recv_at_exit(&self) -> Option<O::Message> {
        self.lock_exit().ok()
    }

    fn lock_exit(&self) -> Result<O::Message, MutexGuard<'_, Exit<O::Message>>> {
        let mut exit = self.exit.lock();
        if exit.has_senders {
            return Err(exit);
        }
        let Some(mut message) = exit.buffer.pop_front() else { return Err(exit) };
        message.left();
        self.set_exit_length(exit.buffer.len());
        Ok(message)
    }

    /// Receives a value; waits as the operation that `wait` makes, where that is given.
    pub fn recv(&self, wait: Option<impl FnOnce() -> Operation<O>>) -> Received<O> {
        let mut locked = match self.lock_exit() {
            Ok(message) => return Received::Message(message),
            Err(exit) => self.lock_entry(exit),
        };
        match locked.try_recv() {
            Attempt::Done(Some(message), woken) => {
                drop(locked);
                wake(woken);
                Received::Message(message)
            }
            Attempt::Closed(_) => Received::Closed,
            Attempt::Done(None, _) | Attempt::Blocked(_) => match wait {
                Some(wait) => {
                    let operation = Arc::new(wait());
                    locked.add_receiver(Arc::clone(&operation), 0);
                    Received::Waiting(operation)
                }
                None => Received::Empty,
            },
        }
    }

    /// Closes the channel, and those that follow it. Returns false if it was closed already.
    pub fn close(&self) -> bool {
        let mut next = Vec::new();
        if !self.close_alone(&mut next) {
            return false;
        }
        // One after the other, however long the chains are.
        while let Some(links) = next.pop() {
            let Links { leader, followers, .. } = links;
            if let Some((leader, place)) = leader
                && let Some(links) = &mut leader.lock().entry.links
            {
                links.followers.try_remove(place);
            }
            for follower in followers.iter().filter_map(|(_, follower)| follower.upgrade()) {
                follower.close_alone(&mut next);
            }
        }
        true
    }

    /// Closes the channel, whose links are added to those that are to be looked at; returns false if it was closed already.
    fn close_alone(&self, next: &mut Vec<Links<O>>) -> bool {
        let mut locked = self.lock();
        if locked.entry.is_closed {
            return false;
        }
        locked.entry.is_closed = true;
        next.extend(locked.entry.links.take().map(|links| *links));
        let receivers = std::mem::take(&mut locked.entry.receivers);
        let senders = std::mem::take(&mut locked.entry.senders);
        let waiters = receivers.into_iter().chain(senders.into_iter().map(|sender| sender.waiter));
        let mut woken = Vec::new();
        for Waiter { operation, case } in waiters {
            if operation.claim() {
                operation.complete(Completion::Closed { case });
                woken.push(operation.owner().clone());
            }
        }
        drop(locked);
        for owner in woken {
            owner.wake();
        }
        true
    }

    /// From now on this channel, which has not followed any, is closed with another one.
    pub fn follow(self: &Arc<Self>, leader: &Arc<Self>) {
        let mut locked = leader.lock();
        if locked.entry.is_closed {
            drop(locked);
            self.close();
            return;
        }
        let links = locked.entry.links.get_or_insert_default();
        if links.followers.len() >= links.sweep_at {
            links.followers.retain(|_, follower| follower.strong_count() > 0);
            links.sweep_at = FOLLOWERS + 2 * links.followers.len();
        }
        let place = links.followers.insert(Arc::downgrade(self));
        drop(locked);
        let mut locked = self.lock();
        if !locked.entry.is_closed {
            locked.entry.links.get_or_insert_default().leader = Some((Arc::clone(leader), place));
        }
    }

    /// Puts a value back that was taken for a task which no longer wants it: the next receiver gets it. The buffer may hold one
    /// value more than it has room for meanwhile.
    pub fn give_back(&self, message: O::Message) {
        let mut locked = self.lock();
        match locked.entry.hand_over(message) {
            Ok(owner) => {
                drop(locked);
                owner.wake();
            }
            Err(mut message) => {
                message.entered();
                locked.exit.buffer.push_front(message);
            }
        }
    }

    /// Adds a value to the buffer, whatever room there is: it was in the buffer of the channel that becomes this one.
    pub fn restore(&self, mut message: O::Message) {
        message.entered();
        self.lock().exit.buffer.push_back(message);
    }

    /// Takes an operation, which was claimed, out of the queues. Among many receivers it stays until half of them wait no more:
    /// whoever comes to it passes over it, and to look for each would take a time that grows with the square of their number.
    pub fn forget(&self, operation: &Arc<Operation<O>>) {
        let mut locked = self.lock();
        let entry = &mut *locked.entry;
        entry.stale += 1;
        if entry.receivers.len() <= FEW || entry.stale * 2 > entry.receivers.len() {
            entry.receivers.retain(|waiter| !waiter.operation.is_claimed());
            entry.stale = 0;
        }
        // Their values must not stay.
        entry.senders.retain(|sender| !Arc::ptr_eq(&sender.waiter.operation, operation));
    }
}

fn wake<O: Owner>(owner: Option<O>) {
    if let Some(owner) = owner {
        owner.wake();
    }
}
