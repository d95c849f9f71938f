//! What passes through shared channels. Small primitives go as they are; everything else in the format of the codec.

use std::sync::Arc;

use super::operation::Cargo;
use super::reach::Handle;
use crate::compiler::Code;
use crate::message::Attachment;

/// Bytes of a string that goes without the codec.
pub const SHORT: usize = 22;

/// A value on its way.
pub enum Message {
    /// `undefined`.
    Undefined,
    /// `null`.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A short string of Latin-1 characters: how many, and those.
    Text(u8, [u8; SHORT]),
    /// Anything else that goes by itself, in the codec's format.
    Bytes(Box<[u8]>),
    /// The same with what goes with it.
    Encoded(Box<Encoded>),
}

/// A value in the codec's format, and what goes with it.
pub struct Encoded {
    /// The bytes.
    pub payload: Vec<u8>,
    /// Memory and channels.
    pub attachments: Vec<Attachment>,
    /// Sources of the functions in it.
    pub codes: Vec<Arc<Code>>,
}

impl Message {
    /// What the codec has written.
    pub fn encoded(payload: Vec<u8>, attachments: Vec<Attachment>, codes: Vec<Arc<Code>>) -> Message {
        if attachments.is_empty() && codes.is_empty() {
            Message::Bytes(payload.into_boxed_slice())
        } else {
            Message::Encoded(Box::new(Encoded { payload, attachments, codes }))
        }
    }

    /// A copy of it; nothing where it carries memory that moves.
    pub fn copy(&self) -> Option<Message> {
        Some(match self {
            Message::Undefined => Message::Undefined,
            Message::Null => Message::Null,
            Message::Boolean(value) => Message::Boolean(*value),
            Message::Number(value) => Message::Number(*value),
            Message::Text(length, text) => Message::Text(*length, *text),
            Message::Bytes(bytes) => Message::Bytes(bytes.clone()),
            Message::Encoded(encoded) => {
                let Encoded { payload, attachments, codes } = &**encoded;
                let attachments = attachments.iter().map(Attachment::copy).collect::<Option<_>>()?;
                Message::Encoded(Box::new(Encoded { payload: payload.clone(), attachments, codes: codes.clone() }))
            }
        })
    }

    /// The channels that it carries.
    pub fn handles(&self) -> impl Iterator<Item = &Handle> {
        let attachments = if let Message::Encoded(encoded) = self { encoded.attachments.as_slice() } else { &[] };
        attachments.iter().filter_map(|attachment| match attachment {
            Attachment::Channel(handle) => Some(handle),
            _ => None,
        })
    }

    fn handles_mut(&mut self) -> impl Iterator<Item = &mut Handle> {
        let attachments =
            if let Message::Encoded(encoded) = self { encoded.attachments.as_mut_slice() } else { &mut [] };
        attachments.iter_mut().filter_map(|attachment| match attachment {
            Attachment::Channel(handle) => Some(handle),
            _ => None,
        })
    }
}

impl Cargo for Message {
    fn entered(&mut self) {
        self.handles_mut().for_each(Handle::demote);
    }

    fn left(&mut self) {
        self.handles_mut().for_each(Handle::promote);
    }
}
