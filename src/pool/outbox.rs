//! What a worker has for the host: records in the order in which they were made, with their attachments.
//!
//! Lives outside the worker's thread, so that what a task has settled with is not lost when its isolate dies.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::message::{Attachment, RecordKind, write_record};

/// Records are collected in chunks of about this many bytes.
const CHUNK: usize = 64 * 1024;

/// A queue of records with one writer and one reader.
#[derive(Default)]
pub struct Outbox {
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    chunks: VecDeque<Chunk>,
    attachments: VecDeque<Attachment>,
}

struct Chunk {
    bytes: Vec<u8>,
    /// Where each record ends.
    ends: Vec<usize>,
    attachments: usize,
}

/// What [`Pool::drain`](super::Pool::drain) found.
#[derive(Default)]
pub struct Found {
    /// Bytes of whole records that were copied.
    pub length: usize,
    /// Whether [`Pool::take_large`](super::Pool::take_large) has a record that is larger than the target.
    pub large: bool,
    /// Whether there is more; what comes later wakes the host.
    pub more: bool,
    /// Whether the console has lines.
    pub lines: bool,
}

/// What [`Outbox::drain`] found.
pub enum Drained {
    /// So many bytes of whole records were copied.
    Copied(usize),
    /// The next record alone does not fit.
    Large(Vec<u8>),
}

impl Outbox {
    /// Adds a record.
    pub fn push(&self, kind: RecordKind, task: u64, payload: &[u8], attachments: Vec<Attachment>) {
        let mut queue = self.queue.lock().expect("no holder panics");
        let fits = queue.chunks.back().is_some_and(|chunk| chunk.bytes.len() + payload.len() < CHUNK);
        if !fits {
            queue.chunks.push_back(Chunk { bytes: Vec::new(), ends: Vec::new(), attachments: 0 });
        }
        let count = u32::try_from(attachments.len()).expect("a message has few attachments");
        let chunk = queue.chunks.back_mut().expect("just made");
        write_record(&mut chunk.bytes, kind, task, payload, count);
        chunk.ends.push(chunk.bytes.len());
        chunk.attachments += attachments.len();
        queue.attachments.extend(attachments);
    }

    /// Whether nothing waits for the host.
    pub fn is_empty(&self) -> bool {
        self.queue.lock().expect("no holder panics").chunks.is_empty()
    }

    /// Moves the first chunk of records into `target`, or hands it over where it is larger than that. Attachments go to
    /// the end of `attachments` in the records' order.
    pub fn drain(&self, target: &mut [u8], attachments: &mut VecDeque<Attachment>) -> Drained {
        let mut queue = self.queue.lock().expect("no holder panics");
        let Some(chunk) = queue.chunks.front() else { return Drained::Copied(0) };
        let length = chunk.bytes.len();
        if length > target.len() && chunk.ends.len() > 1 {
            // Only a target smaller than a chunk gets here; the first record then goes by itself.
            return Drained::Copied(0);
        }
        let chunk = queue.chunks.pop_front().expect("just seen");
        let moved = queue.attachments.drain(..chunk.attachments).collect::<Vec<_>>();
        attachments.extend(moved);
        if length > target.len() {
            return Drained::Large(chunk.bytes);
        }
        target[..length].copy_from_slice(&chunk.bytes);
        Drained::Copied(length)
    }
}
