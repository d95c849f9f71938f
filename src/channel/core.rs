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
//! Happens-before: a message is put in and taken out under the channel's lock, or completes a waiting operation under it and then
//! goes through its owner's mailbox, which has a lock of its own. So what was written before a send is seen after the receive.

use std::collections::VecDeque;

use super::operation::{Cargo, Completion, Operation, Owner};
use super::sync::{Arc, AtomicUsize, Mutex, MutexGuard, Ordering};

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
    state: Mutex<State<O>>,
    /// How many refer to it from outside of channels; see `reach.rs`.
    roots: AtomicUsize,
}

/// What a channel's lock guards.
pub struct State<O: Owner> {
    buffer: VecDeque<O::Message>,
    receivers: VecDeque<Waiter<O>>,
    senders: VecDeque<Sender<O>>,
    is_closed: bool,
}

struct Waiter<O> {
    operation: Arc<Operation<O>>,
    case: u32,
}

struct Sender<O: Owner> {
    waiter: Waiter<O>,
    message: O::Message,
}

impl<O: Owner> State<O> {
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

    /// Sends without waiting. The owner is to be woken once the lock is released.
    pub fn try_send(&mut self, mut message: O::Message, capacity: usize) -> Attempt<O, O::Message> {
        if self.is_closed {
            return Attempt::Closed(Some(message));
        }
        match self.hand_over(message) {
            Ok(owner) => return Attempt::Done(None, Some(owner)),
            Err(kept) => message = kept,
        }
        if self.buffer.len() >= capacity {
            return Attempt::Blocked(Some(message));
        }
        message.entered();
        self.buffer.push_back(message);
        Attempt::Done(None, None)
    }

    /// Receives without waiting. The owner is to be woken once the lock is released.
    pub fn try_recv(&mut self, capacity: usize) -> Attempt<O, O::Message> {
        if let Some(mut message) = self.buffer.pop_front() {
            message.left();
            let mut woken = None;
            // There is no room where the value was one that had been given back.
            if self.buffer.len() < capacity
                && let Some((next, owner)) = self.release_sender()
            {
                self.buffer.push_back(next);
                woken = Some(owner);
            }
            return Attempt::Done(Some(message), woken);
        }
        if let Some((mut message, owner)) = self.release_sender() {
            message.left();
            return Attempt::Done(Some(message), Some(owner));
        }
        if self.is_closed { Attempt::Closed(None) } else { Attempt::Blocked(None) }
    }

    /// All messages that lie in the channel.
    pub fn messages(&self) -> impl Iterator<Item = &O::Message> {
        self.buffer.iter().chain(self.senders.iter().map(|sender| &sender.message))
    }

    /// Takes everything out, since nobody will ever receive it.
    pub fn clear(&mut self) -> Vec<O::Message> {
        let waiting = std::mem::take(&mut self.senders).into_iter().map(|sender| sender.message);
        std::mem::take(&mut self.buffer).into_iter().chain(waiting).collect()
    }

    /// Has an operation wait for a value.
    pub fn add_receiver(&mut self, operation: Arc<Operation<O>>, case: u32) {
        self.receivers.push_back(Waiter { operation, case });
    }

    /// Has an operation wait for somebody who takes its value.
    pub fn add_sender(&mut self, operation: Arc<Operation<O>>, case: u32, mut message: O::Message) {
        message.entered();
        self.senders.push_back(Sender { waiter: Waiter { operation, case }, message });
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
        let state =
            State { buffer: VecDeque::new(), receivers: VecDeque::new(), senders: VecDeque::new(), is_closed: false };
        Channel { id, capacity, state: Mutex::new(state), roots: AtomicUsize::new(0) }
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

    /// How many values are buffered.
    pub fn length(&self) -> usize {
        self.lock().buffer.len()
    }

    /// For `select`, which locks several.
    pub fn lock(&self) -> MutexGuard<'_, State<O>> {
        self.state.lock().expect("no holder panics")
    }

    /// Sends a value; waits as the operation that `wait` makes, where that is given.
    pub fn send(&self, message: O::Message, wait: Option<impl FnOnce() -> Operation<O>>) -> Sent<O> {
        let mut state = self.lock();
        match state.try_send(message, self.capacity) {
            Attempt::Done(_, woken) => {
                drop(state);
                wake(woken);
                Sent::Done
            }
            Attempt::Closed(message) => {
                drop(state);
                drop(message);
                Sent::Closed
            }
            Attempt::Blocked(message) => match (wait, message) {
                (Some(wait), Some(message)) => {
                    let operation = Arc::new(wait());
                    state.add_sender(Arc::clone(&operation), 0, message);
                    Sent::Waiting(operation)
                }
                (_, message) => {
                    drop(state);
                    drop(message);
                    Sent::Full
                }
            },
        }
    }

    /// Receives a value; waits as the operation that `wait` makes, where that is given.
    pub fn recv(&self, wait: Option<impl FnOnce() -> Operation<O>>) -> Received<O> {
        let mut state = self.lock();
        match state.try_recv(self.capacity) {
            Attempt::Done(Some(message), woken) => {
                drop(state);
                wake(woken);
                Received::Message(message)
            }
            Attempt::Closed(_) => Received::Closed,
            Attempt::Done(None, _) | Attempt::Blocked(_) => match wait {
                Some(wait) => {
                    let operation = Arc::new(wait());
                    state.add_receiver(Arc::clone(&operation), 0);
                    Received::Waiting(operation)
                }
                None => Received::Empty,
            },
        }
    }

    /// Closes the channel. Returns false if it was closed already.
    pub fn close(&self) -> bool {
        let mut state = self.lock();
        if state.is_closed {
            return false;
        }
        state.is_closed = true;
        let receivers = std::mem::take(&mut state.receivers);
        let senders = std::mem::take(&mut state.senders);
        let waiters = receivers.into_iter().chain(senders.into_iter().map(|sender| sender.waiter));
        let mut woken = Vec::new();
        for Waiter { operation, case } in waiters {
            if operation.claim() {
                operation.complete(Completion::Closed { case });
                woken.push(operation.owner().clone());
            }
        }
        drop(state);
        for owner in woken {
            owner.wake();
        }
        true
    }

    /// Puts a value back that was taken for a task which no longer wants it: the next receiver gets it. The buffer may hold one
    /// value more than it has room for meanwhile.
    pub fn give_back(&self, message: O::Message) {
        let mut state = self.lock();
        match state.hand_over(message) {
            Ok(owner) => {
                drop(state);
                owner.wake();
            }
            Err(mut message) => {
                message.entered();
                state.buffer.push_front(message);
            }
        }
    }

    /// Adds a value to the buffer, whatever room there is: it was in the buffer of the channel that becomes this one.
    pub fn restore(&self, mut message: O::Message) {
        message.entered();
        self.lock().buffer.push_back(message);
    }

    /// Takes an operation, which was claimed, out of the queues.
    pub fn forget(&self, operation: &Arc<Operation<O>>) {
        let mut state = self.lock();
        state.receivers.retain(|waiter| !Arc::ptr_eq(&waiter.operation, operation));
        state.senders.retain(|sender| !Arc::ptr_eq(&sender.waiter.operation, operation));
    }
}

fn wake<O: Owner>(owner: Option<O>) {
    if let Some(owner) = owner {
        owner.wake();
    }
}
