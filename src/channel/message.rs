//! What passes through shared channels. Small primitives go as they are; everything else in the format of the codec.

use std::sync::Arc;

use super::operation::Cargo;
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
    /// Anything else.
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

impl Cargo for Message {
    fn entered(&mut self) {
        if let Message::Encoded(encoded) = self {
            for attachment in &mut encoded.attachments {
                if let Attachment::Channel(handle) = attachment {
                    handle.demote();
                }
            }
        }
    }

    fn left(&mut self) {
        if let Message::Encoded(encoded) = self {
            for attachment in &mut encoded.attachments {
                if let Attachment::Channel(handle) = attachment {
                    handle.promote();
                }
            }
        }
    }
}
