//! Tasks that tasks have started and that were sent to the pool, so that any of its isolates may run them.
//!
//! For the pool they are tasks as the host's are. How one ends goes to the isolate that has sent it: a message through a channel
//! that the sender waits at, with the number of the record's kind before the record's payload, and whether the task leaves others behind
//! that it has started. These are then whoever's that has started it: what is asked for it still reaches its isolate, until a second message
//! says that they are over. `src/kernel/left-behind.js` has both sides of this.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::requests::Action;
use super::{Pool, Worker};
use crate::channel::{Handle, Message, put};
use crate::compiler::Code;
use crate::isolate::Job;
use crate::message::{Attachment, RecordKind};

/// Ids from here on are those of such tasks; the host's count up from 1. All stay below 2^53.
pub const FIRST: u64 = 1 << 52;

/// Bytes before a record's payload in the message: the kind, and whether others are left behind, as numbers of 32 bits. So numbers in the
/// payload lie as they did.
const BEFORE: usize = 8;

struct Child {
    /// Where its end is waited for.
    reply: Handle,
    /// The host's task that it comes from.
    root: u64,
    /// Whether others are there, or will be once it has ended, that it has left behind.
    leaves: bool,
    has_ended: bool,
}

/// What becomes of a record.
pub enum Settled {
    /// It is for the host: with the host's task in place of one that was sent.
    ForHost(u64, Vec<Attachment>),
    /// Who has sent the task is told, or nobody wants to know.
    Done,
    /// The task has an end already, and this one is dropped.
    Late,
}

/// The tasks that were sent and have not ended, or whose children have not.
#[derive(Default)]
pub struct Children {
    living: Mutex<HashMap<u64, Child>>,
    count: AtomicU64,
}

impl Children {
    /// How many tasks were sent until now.
    pub fn sent(&self) -> u64 {
        // A figure for `stats`, which orders nothing.
        self.count.load(Ordering::Relaxed)
    }

    /// Whether some of them live.
    pub fn any(&self) -> bool {
        !self.living.lock().expect("no holder panics").is_empty()
    }

    fn add(&self, mut child: Child) -> u64 {
        // Only the number must be unique.
        let id = FIRST + self.count.fetch_add(1, Ordering::Relaxed);
        let mut living = self.living.lock().expect("no holder panics");
        if child.root >= FIRST {
            child.root = living.get(&child.root).map_or(0, |parent| parent.root);
        }
        living.insert(id, child);
        id
    }

    /// A task is about to end and leaves others behind.
    pub fn leaves(&self, task: u64) {
        if let Some(child) = self.living.lock().expect("no holder panics").get_mut(&task) {
            child.leaves = true;
        }
    }

    /// Tells who has sent a task how it has ended.
    pub fn settle(
        &self,
        kind: RecordKind,
        task: u64,
        payload: &[u8],
        attachments: Vec<Attachment>,
        codes: Vec<Arc<Code>>,
    ) -> Settled {
        if task < FIRST {
            return Settled::ForHost(task, attachments);
        }
        match kind {
            RecordKind::Result | RecordKind::Thrown | RecordKind::Failure | RecordKind::Stack | RecordKind::Gone => {
                let Some((reply, leaves)) = self.reply(kind, task) else { return Settled::Late };
                let mut message = Vec::with_capacity(BEFORE + payload.len());
                message.extend_from_slice(&(kind as u32).to_le_bytes());
                message.extend_from_slice(&u32::from(leaves).to_le_bytes());
                message.extend_from_slice(payload);
                let message = Message::encoded(message, attachments, codes);
                // The channel has room for it; where nobody waits any more, it goes with the channel.
                put(reply.channel(), message);
                Settled::Done
            }
            RecordKind::Uncaught => {
                let root = self.living.lock().expect("no holder panics").get(&task).map_or(0, |child| child.root);
                Settled::ForHost(root, attachments)
            }
            _ => Settled::Done,
        }
    }
}

impl Children {
    /// Where to send such a record of a task, and whether the task leaves others behind; none for what comes later than its end, which is
    /// dropped, as the host does.
    fn reply(&self, kind: RecordKind, task: u64) -> Option<(Handle, bool)> {
        let mut living = self.living.lock().expect("no holder panics");
        if kind == RecordKind::Gone {
            return living.remove(&task).map(|child| (child.reply, false));
        }
        let child = living.get_mut(&task).filter(|child| !child.has_ended)?;
        if kind == RecordKind::Stack {
            return Some((child.reply.clone(), false));
        }
        if child.leaves {
            child.has_ended = true;
            return Some((child.reply.clone(), true));
        }
        living.remove(&task).map(|child| (child.reply, false))
    }
}

impl Pool {
    /// Takes a task that a task on the worker `from` has started. Returns its id; none if the pool stops.
    pub fn ship(self: &Arc<Self>, from: u32, mut job: Job, reply: Handle, root: u64) -> Option<u64> {
        if self.is_stopping() {
            return None;
        }
        job.task = self.children.add(Child { reply, root, leaves: false, has_ended: false });
        let id = job.task;
        if job.code.pending().is_some() {
            self.start_when_compiled(job);
        } else if let Some(worker) = self.least_loaded(from) {
            worker.take_over(self, job);
            // One may have run out of work meanwhile: it would not look for this.
            if self.clock.has_hungry() {
                self.wake_workers(1);
            }
        } else {
            self.pass_on(job);
        }
        Some(id)
    }

    /// Of the workers besides `from` that are all busy, the one with the fewest tasks that wait; none if one has nothing to do.
    fn least_loaded(&self, from: u32) -> Option<Arc<Worker>> {
        if self.clock.has_hungry() {
            return None;
        }
        let workers = self.workers.lock().expect("no holder panics");
        let others = workers.iter().filter(|worker| worker.id != from && worker.is_open());
        others.min_by_key(|worker| worker.load()).cloned()
    }

    /// A job that was handed to one of the pool's workers and that this has not begun: it may sit in one long operation.
    pub(super) fn steal_job(&self) -> Option<Job> {
        // A hint. It is seen in time by a worker that is woken for it; one that has just run out of work may miss it, and the worker that
        // it was handed to has it still.
        if self.handed.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let workers = self.workers.lock().expect("no holder panics");
        let job = workers.iter().filter(|worker| worker.is_shared()).find_map(|worker| worker.give_up_job())?;
        self.handed.fetch_sub(1, Ordering::Relaxed);
        Some(job)
    }

    /// Kills, pauses or resumes a task that was sent, or asks where it stands. Returns whether an isolate was asked that.
    pub fn control_shipped(self: &Arc<Self>, task: u64, action: u32) -> bool {
        let is_living = self.children.living.lock().expect("no holder panics").contains_key(&task);
        match Action::from_u32(action).filter(|_| is_living) {
            Some(Action::Stack) => self.ask_stack(task),
            Some(action) => {
                self.control(task, action);
                false
            }
            None => false,
        }
    }
}
