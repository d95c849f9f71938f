//! What one isolate, or the host, has of shared channels: a slot for each that it knows, and its operations that wait. Used by
//! one thread.

use std::collections::HashMap;

use slab::Slab;

use super::mailbox::{Addressee, Delivery, Mailbox};
use super::message::Message;
use super::operation::{Completion, Operation};
use super::patience::Patience;
use super::reach::Handle;
use super::select::{Case, Selected, select};
use super::sync::Arc;
use super::{Channel, core};

/// An operation that waits.
struct Pending {
    operation: Arc<Operation<Addressee>>,
    /// Its channels, by case.
    channels: Vec<Option<Arc<Channel>>>,
    realm: u32,
}

/// How a `send` or a `close` ended, or that it waits under a number.
pub enum Waits {
    /// It is done.
    Done,
    /// The channel is closed.
    Closed,
    /// There is no room.
    Full,
    /// It waits.
    Ticket(usize),
}

/// How a `recv` or `select` ended, or that it waits under a number.
pub enum Reading {
    /// It ended.
    Ended(Completion<Message>),
    /// There was nothing.
    Nothing,
    /// It waits.
    Ticket(usize),
}

/// The shared channels of one isolate, or of the host.
pub struct Endpoint {
    mailbox: Arc<Mailbox>,
    slots: Slab<Handle>,
    pending: Slab<Pending>,
    staged: Slab<Message>,
    /// The cells of the kit whose states are taken out just now, by slots, and the numbers of the copies that are kept.
    taken: Vec<(usize, Option<usize>)>,
    patience: Patience,
}

impl Endpoint {
    /// An endpoint whose completions go to `mailbox`.
    pub fn new(mailbox: Arc<Mailbox>) -> Endpoint {
        Endpoint {
            mailbox,
            slots: Slab::new(),
            pending: Slab::new(),
            staged: Slab::new(),
            taken: Vec::new(),
            patience: Patience::default(),
        }
    }

    /// Where completions go.
    pub fn mailbox(&self) -> &Arc<Mailbox> {
        &self.mailbox
    }

    /// A slot for a channel.
    pub fn adopt(&mut self, handle: Handle) -> usize {
        self.slots.insert(handle)
    }

    /// The channel in a slot.
    pub fn handle(&self, slot: usize) -> Option<&Handle> {
        self.slots.get(slot)
    }

    /// Nobody here knows the channel any more.
    pub fn release(&mut self, slot: usize) {
        self.slots.try_remove(slot);
    }

    /// Keeps a message that is to be sent later, by its number.
    pub fn stage(&mut self, message: Message) -> usize {
        self.staged.insert(message)
    }

    /// Takes a message that was kept.
    pub fn unstage(&mut self, number: usize) -> Option<Message> {
        self.staged.try_remove(number)
    }

    fn addressee(&self, realm: u32) -> Addressee {
        Addressee { mailbox: Arc::clone(&self.mailbox), realm }
    }

    /// What `wait` needs: the number that the operation will have.
    fn operation(&self, realm: u32) -> Operation<Addressee> {
        Operation::new(self.addressee(realm), self.pending.vacant_key() as u64)
    }

    fn remember(
        &mut self,
        operation: Arc<Operation<Addressee>>,
        channels: Vec<Option<Arc<Channel>>>,
        realm: u32,
    ) -> usize {
        // The key is the one that `operation` foretold: nothing was added since.
        self.pending.insert(Pending { operation, channels, realm })
    }

    /// Sends where that takes no other end of the channel; else gives the message back.
    pub fn send_at_once(&mut self, slot: usize, message: Message) -> Result<Waits, Message> {
        let Some(channel) = self.slots.get(slot).map(Handle::channel) else { return Ok(Waits::Closed) };
        match channel.send_at_entry(message)? {
            core::Sent::Closed => Ok(Waits::Closed),
            _ => Ok(Waits::Done),
        }
    }

    /// Receives where that takes no other end of the channel.
    pub fn recv_at_once(&mut self, slot: usize) -> Option<Message> {
        self.slots.get(slot)?.channel().recv_at_exit()
    }

    /// Sends; where it cannot at once and `wait` is set, waits in the name of `realm`.
    pub fn send(&mut self, slot: usize, message: Message, realm: u32, wait: bool) -> Waits {
        let Some(channel) = self.slots.get(slot).map(Handle::channel) else { return Waits::Closed };
        match channel.send(message, wait.then_some(|| self.operation(realm))) {
            core::Sent::Done => Waits::Done,
            core::Sent::Closed => Waits::Closed,
            core::Sent::Full => Waits::Full,
            core::Sent::Waiting(operation) => {
                let channels = vec![Some(Arc::clone(channel))];
                Waits::Ticket(self.remember(operation, channels, realm))
            }
        }
    }

    /// Receives; where it cannot at once and `wait` is set, waits in the name of `realm`.
    pub fn recv(&mut self, slot: usize, realm: u32, wait: bool) -> Reading {
        let Some(channel) = self.slots.get(slot).map(Handle::channel) else {
            return Reading::Ended(Completion::Closed { case: 0 });
        };
        match channel.recv(wait.then_some(|| self.operation(realm))) {
            core::Received::Message(message) => Reading::Ended(Completion::Received { case: 0, message }),
            core::Received::Closed => Reading::Ended(Completion::Closed { case: 0 }),
            core::Received::Empty => Reading::Nothing,
            core::Received::Waiting(operation) => {
                let channels = vec![Some(Arc::clone(channel))];
                Reading::Ticket(self.remember(operation, channels, realm))
            }
        }
    }

    /// Receives what is there, and keeps a copy of it, by its number.
    pub fn recv_copied(&mut self, slot: usize) -> (Reading, Option<usize>) {
        let reading = self.recv(slot, 0, false);
        let Reading::Ended(Completion::Received { message, .. }) = &reading else { return (reading, None) };
        let copy = message.copy().map(|copy| self.stage(copy));
        (reading, copy)
    }

    /// Lingers while a channel with a buffer has nothing to receive, before the caller receives from it. See `patience.rs`.
    pub fn linger_for_value(&mut self, slot: usize) {
        let Some(channel) = self.slots.get(slot).map(Handle::channel) else { return };
        let enough = channel.batch();
        if channel.capacity() == 0 || channel.length_hint() >= enough {
            return;
        }
        self.patience.wait_for_more(|| channel.length_hint() > 0, || channel.length_hint() >= enough);
    }

    /// The same while there is no room.
    pub fn linger_for_room(&mut self, slot: usize) {
        let Some(channel) = self.slots.get(slot).map(Handle::channel) else { return };
        let capacity = channel.capacity();
        if capacity == 0 {
            return;
        }
        let enough = capacity - channel.batch();
        if channel.length_hint() <= enough {
            return;
        }
        self.patience.wait_for_more(|| channel.length_hint() < capacity, || channel.length_hint() <= enough);
    }

    /// Lingers for the end of an operation on one channel, which waits under this number. Where it comes, nothing waits any more.
    pub fn linger_for_end(&mut self, ticket: usize) -> Option<Completion<Message>> {
        let Pending { operation, channels, .. } = self.pending.get(ticket)?;
        if !self.patience.wait(|| operation.is_claimed()) {
            return None;
        }
        // Whoever has claimed it completes it under the lock of the channel: once that was locked, it is completed.
        for channel in channels.iter().flatten() {
            drop(channel.lock());
        }
        let delivery = self.mailbox.take_end(ticket)?;
        self.pending.remove(ticket);
        Some(delivery.completion)
    }

    /// Does one of several sends (with a message) and receives, each on the channel of a slot or on none.
    pub fn select(&mut self, cases: Vec<(Option<usize>, Option<Message>)>, realm: u32, wait: bool) -> Reading {
        let mut order: Vec<u32> = (0..).take(cases.len()).collect();
        shuffle(&mut order);
        let mut cases: Vec<Case<Addressee>> = cases
            .into_iter()
            .map(|(slot, message)| Case { channel: slot.and_then(|slot| self.channel(slot)), message })
            .collect();
        match select(&mut cases, &order, wait.then_some(|| self.operation(realm))) {
            Selected::Received(case, message) => Reading::Ended(Completion::Received { case, message }),
            Selected::Sent(case) => Reading::Ended(Completion::Sent { case }),
            Selected::Closed(case) => Reading::Ended(Completion::Closed { case }),
            Selected::Nothing => Reading::Nothing,
            Selected::Waiting(operation) => {
                let channels = cases.into_iter().map(|case| case.channel).collect();
                Reading::Ticket(self.remember(operation, channels, realm))
            }
        }
    }

    /// Closes; false if it was closed.
    pub fn close(&self, slot: usize) -> bool {
        self.channel(slot).is_some_and(|channel| channel.close())
    }

    /// From now on the channel in a slot is closed with that in another one.
    pub fn follow(&self, slot: usize, leader: usize) {
        if let (Some(handle), Some(leader)) = (self.slots.get(slot), self.slots.get(leader)) {
            handle.channel().follow(leader.channel());
        }
    }

    /// The channel in a slot.
    pub fn channel(&self, slot: usize) -> Option<Arc<Channel>> {
        self.slots.get(slot).map(|handle| Arc::clone(handle.channel()))
    }

    /// Withdraws an operation that waits. A value that has come for it goes back. Returns false where something else has come of it
    /// already: its value was taken, or the channel was closed. Then that is yet to be delivered.
    pub fn withdraw(&mut self, ticket: usize) -> bool {
        let Some(Pending { operation, channels, .. }) = self.pending.get(ticket) else { return false };
        let is_claimed = operation.claim();
        // Whoever has claimed it before completes it under the lock of one of its channels: once these were locked, it is completed.
        unregister(operation, channels, None);
        if !is_claimed {
            let Some(Delivery { completion: Completion::Received { case, message }, .. }) =
                self.mailbox.take_back(ticket)
            else {
                return false;
            };
            if let Some(Some(channel)) = channels.get(case as usize) {
                channel.give_back(message);
            }
        }
        self.pending.remove(ticket);
        true
    }

    /// The next completion for a realm: the number of the operation, and how it ended.
    pub fn next(&mut self, realm: u32) -> Option<(usize, Completion<Message>)> {
        loop {
            let delivery = self.mailbox.take(realm)?;
            let Some(Pending { operation, channels, .. }) = self.pending.try_remove(delivery.ticket) else { continue };
            let (Completion::Received { case, .. } | Completion::Sent { case } | Completion::Closed { case }) =
                delivery.completion;
            unregister(&operation, &channels, Some(case));
            return Some((delivery.ticket, delivery.completion));
        }
    }

    /// A realm has ended: nothing of it waits any more.
    pub fn forget_realm(&mut self, realm: u32) {
        let tickets: Vec<usize> =
            self.pending.iter().filter(|(_, pending)| pending.realm == realm).map(|(ticket, _)| ticket).collect();
        self.forget(&tickets);
    }

    /// Whether anything that a realm waits for can come from elsewhere: somebody else has one of the channels.
    pub fn may_be_woken(&self, realm: u32) -> bool {
        let mine = self.pending.iter().filter(|(_, pending)| pending.realm == realm);
        let mut waits: HashMap<u64, (usize, &Arc<Channel>)> = HashMap::new();
        for channel in mine.flat_map(|(_, pending)| pending.channels.iter().flatten()) {
            waits.entry(channel.id()).or_insert((0, channel)).0 += 1;
        }
        // The realm's own object has one slot, as long as anybody there uses the channel.
        waits.into_values().any(|(count, channel)| Arc::strong_count(channel) > count + 1)
    }

    fn forget(&mut self, tickets: &[usize]) {
        for ticket in tickets {
            if !self.withdraw(*ticket) {
                self.mailbox.purge(*ticket);
                self.pending.try_remove(*ticket);
            }
        }
    }

    /// The isolate, which has this number, holds a cell of the kit so many times more, or waits at a gate of the one in the slot `cell`. If it
    /// dies meanwhile, that is made known to others ([`super::reach::abandon`]).
    pub fn hold(&self, slot: usize, change: i32, cell: usize, isolate: u64) {
        if let Some(handle) = self.slots.get(slot) {
            self.mailbox.hold(handle, change, self.slots.get(cell), isolate);
        }
    }

    /// A state was taken out of a cell of the kit, of which a copy is kept.
    pub fn note_taken(&mut self, slot: usize, copy: Option<usize>) {
        if self.slots.get(slot).is_some_and(|handle| super::reach::is_cell(handle.channel())) {
            self.taken.push((slot, copy));
        }
    }

    /// It is put back.
    pub fn note_put_back(&mut self, slot: usize) {
        self.taken.retain(|(taken, _)| *taken != slot);
    }

    /// Nothing waits here any more: the isolate ends. What has come and was not read goes back. A cell whose state is taken out is
    /// poisoned, once that lies in it as it was: there is who waits.
    pub fn leave(&mut self) {
        for (slot, copy) in std::mem::take(&mut self.taken) {
            let Some(handle) = self.slots.get(slot) else { continue };
            if let Some(message) = copy.and_then(|copy| self.staged.try_remove(copy)) {
                handle.channel().restore(message);
            }
            super::reach::poison(handle.channel());
        }
        let tickets: Vec<usize> = self.pending.iter().map(|(ticket, _)| ticket).collect();
        self.forget(&tickets);
        self.mailbox.close();
    }

    /// How many operations wait.
    pub fn waiting(&self) -> usize {
        self.pending.len()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Takes a `select` out of the queues of the cases that were not chosen.
fn unregister(operation: &Arc<Operation<Addressee>>, channels: &[Option<Arc<Channel>>], chosen: Option<u32>) {
    if channels.len() == 1 && chosen.is_some() {
        return;
    }
    for channel in channels.iter().flatten() {
        channel.forget(operation);
    }
}

/// Draws an order by lot.
fn shuffle(order: &mut [u32]) {
    for end in (1..order.len()).rev() {
        order.swap(end, fastrand::usize(..=end));
    }
}
