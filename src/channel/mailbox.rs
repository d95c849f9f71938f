//! Where the ends of waiting operations go until their isolate, or the host, looks.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use slab::Slab;

use super::Channel;
use super::alarm::{Alarm, Sound};
use super::message::Message;
use super::operation::{Completion, Owner};
use super::reach::{Handle, abandon, note_gone};
use super::sync::{Arc, AtomicBool, Mutex, Ordering};

/// How one operation ended.
pub struct Delivery {
    /// The realm whose it is; 0 on the host.
    pub realm: u32,
    /// The operation's number in the endpoint.
    pub ticket: usize,
    /// How.
    pub completion: Completion<Message>,
}

/// The completions of one isolate, or of the host.
pub struct Mailbox {
    queue: Mutex<VecDeque<Delivery>>,
    /// Whether the isolate is dead.
    is_gone: AtomicBool,
    /// Whether the reader was woken and has not looked since.
    is_told: AtomicBool,
    wake: Box<dyn Fn() + Send + Sync>,
    /// What the reader's tasks hold, by the ids of the channels.
    held: Mutex<HashMap<u64, Held>>,
    /// Channels for which the reader has timers.
    alarms: Mutex<Slab<Alarm>>,
    /// Who sees to these when the isolate is dead.
    heir: Box<dyn Fn(Vec<Alarm>) + Send + Sync>,
}

/// A lock that is held, or a gate at which somebody waits for one.
struct Held {
    handle: Handle,
    /// How often.
    count: i32,
    /// The cell that the gate belongs to.
    cell: Option<Handle>,
    /// The isolate, by which others know whose token is in a state.
    isolate: u64,
}

impl Mailbox {
    /// A mailbox; `wake` makes its reader look.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Arc<Mailbox> {
        Mailbox::with_heir(wake, |_| {})
    }

    /// The same with somebody who inherits the alarms.
    pub fn with_heir(
        wake: impl Fn() + Send + Sync + 'static,
        heir: impl Fn(Vec<Alarm>) + Send + Sync + 'static,
    ) -> Arc<Mailbox> {
        Arc::new(Mailbox {
            queue: Mutex::default(),
            is_gone: AtomicBool::new(false),
            is_told: AtomicBool::new(false),
            wake: Box::new(wake),
            held: Mutex::default(),
            alarms: Mutex::default(),
            heir: Box::new(heir),
        })
    }

    /// Nobody will look any more: waiting operations of this reader count as absent from now on.
    pub fn close(&self) {
        // Pairs with the load in `is_gone`. Who has claimed an operation just before completes it for nobody, as if the
        // isolate had died right after.
        self.is_gone.store(true, Ordering::Release);
        let held = std::mem::take(&mut *self.held.lock().expect("no holder panics"));
        // First, since whoever is woken asks.
        for one in held.values() {
            note_gone(one.isolate);
        }
        for Held { handle, cell, .. } in held.into_values() {
            abandon(handle.channel(), cell.as_ref().map(|cell| &**cell.channel()));
        }
        let alarms = std::mem::take(&mut *self.alarms.lock().expect("no holder panics"));
        if !alarms.is_empty() {
            (self.heir)(alarms.into_iter().map(|(_, alarm)| alarm).collect());
        }
    }

    /// The reader has a timer for a channel; returns its number.
    pub fn add_alarm(&self, alarm: Alarm) -> usize {
        self.alarms.lock().expect("no holder panics").insert(alarm)
    }

    /// The timer fires: the channel that is to hear of it, if there still is one. Of one that fires once nothing is left to inherit.
    pub fn ring(&self, number: usize) -> Option<Arc<Channel>> {
        let mut alarms = self.alarms.lock().expect("no holder panics");
        let Alarm { channel, sound, due } = alarms.get_mut(number)?;
        let channel = channel.upgrade();
        match *sound {
            Sound::Every(period) if channel.is_some() => *due = Instant::now() + period,
            _ => drop(alarms.remove(number)),
        }
        channel
    }

    /// The timer is no longer needed.
    pub fn remove_alarm(&self, number: usize) {
        self.alarms.lock().expect("no holder panics").try_remove(number);
    }

    /// The reader, which is that isolate, holds a lock so many times more; or waits at a gate of `cell`.
    pub fn hold(&self, handle: &Handle, change: i32, cell: Option<&Handle>, isolate: u64) {
        let mut held = self.held.lock().expect("no holder panics");
        let id = handle.channel().id();
        let make = || Held { handle: handle.clone(), count: 0, cell: cell.cloned(), isolate };
        let count = &mut held.entry(id).or_insert_with(make).count;
        *count += change;
        if *count <= 0 {
            held.remove(&id);
        }
    }

    /// The first completion for a realm.
    pub fn take(&self, realm: u32) -> Option<Delivery> {
        self.take_first(|delivery| delivery.realm == realm)
    }

    /// How an operation has ended.
    pub fn take_end(&self, ticket: usize) -> Option<Delivery> {
        self.take_first(|delivery| delivery.ticket == ticket)
    }

    /// Takes the value out that has come for an operation whose owner no longer wants it.
    pub fn take_back(&self, ticket: usize) -> Option<Delivery> {
        self.take_first(|delivery| {
            delivery.ticket == ticket && matches!(delivery.completion, Completion::Received { .. })
        })
    }

    fn take_first(&self, is_wanted: impl FnMut(&Delivery) -> bool) -> Option<Delivery> {
        let mut queue = self.queue.lock().expect("no holder panics");
        let at = queue.iter().position(is_wanted)?;
        queue.remove(at)
    }

    /// Drops the completion of an operation whose owner is gone.
    pub fn purge(&self, ticket: usize) {
        self.queue.lock().expect("no holder panics").retain(|delivery| delivery.ticket != ticket);
    }

    /// The realm of the first completion. The reader looks now: from here on it is woken again.
    pub fn look(&self) -> Option<u32> {
        // Before the queue is read: what comes later wakes the reader. Pairs with the swap in `wake`.
        self.is_told.store(false, Ordering::SeqCst);
        self.queue.lock().expect("no holder panics").front().map(|delivery| delivery.realm)
    }
}

/// A realm of an isolate, or the host.
#[derive(Clone)]
pub struct Addressee {
    /// Where it looks.
    pub mailbox: Arc<Mailbox>,
    /// Which realm.
    pub realm: u32,
}

impl Owner for Addressee {
    type Message = Message;

    fn is_gone(&self) -> bool {
        self.mailbox.is_gone.load(Ordering::Acquire)
    }

    fn complete(&self, ticket: u64, completion: Completion<Message>) {
        let ticket = usize::try_from(ticket).expect("tickets are indices");
        let delivery = Delivery { realm: self.realm, ticket, completion };
        self.mailbox.queue.lock().expect("no holder panics").push_back(delivery);
    }

    fn wake(&self) {
        // After the push. Pairs with the store in `look`: either this sees that the reader has looked since, or the reader, which has
        // yet to look, sees the completion.
        if !self.mailbox.is_told.swap(true, Ordering::SeqCst) {
            (self.mailbox.wake)();
        }
    }
}
