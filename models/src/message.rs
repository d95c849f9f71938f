//! Stands for `src/channel/message.rs`.

use std::sync::Arc;

use loom::cell::UnsafeCell;

use super::channel::operation::Cargo;
use super::channel::reach::Handle;

/// A value on its way.
#[derive(Default)]
pub struct Message {
    /// Which it is.
    pub number: u32,
    /// Whether it lies in a channel, as it was told.
    pub lies: bool,
    /// Channels in it.
    pub handles: Vec<Handle>,
    /// Memory that it shares with whoever has sent it.
    pub memory: Option<Arc<UnsafeCell<u32>>>,
}

impl Message {
    pub fn new(number: u32) -> Message {
        Message { number, ..Message::default() }
    }

    #[expect(clippy::unnecessary_wraps, reason = "there are messages that cannot be copied, though none here")]
    pub fn copy(&self) -> Option<Message> {
        Some(Message { number: self.number, handles: self.handles.clone(), ..Message::default() })
    }

    pub fn handles(&self) -> impl Iterator<Item = &Handle> {
        self.handles.iter()
    }
}

impl Cargo for Message {
    fn entered(&mut self) {
        self.lies = true;
        self.handles.iter_mut().for_each(Handle::demote);
    }

    fn left(&mut self) {
        self.lies = false;
        self.handles.iter_mut().for_each(Handle::promote);
    }
}
