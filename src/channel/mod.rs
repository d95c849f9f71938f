//! Shared channels: those whose ends are in several isolates, or in the host.
//!
//! `core.rs`, `select.rs` and `operation.rs` are the meaning of channels and know nothing of V8. `models/` checks them with loom, and
//! with them all files here but `message.rs`; its README says how it is run. What one isolate or the host has of them is an [`Endpoint`]. Channels that only one isolate knows live in its kernel
//! (`src/kernel/channel.js`) and come here when a reference leaves it.

mod alarm;
mod core;
mod doorbell;
mod endpoint;
mod line;
mod mailbox;
mod message;
mod operation;
mod patience;
mod reach;
#[cfg(test)]
mod reach_tests;
mod select;
pub mod sync;

pub use alarm::{Alarm, Sound};
pub use doorbell::Doorbell;
pub use endpoint::{Endpoint, Reading, Waits};
pub use mailbox::{Addressee, Mailbox};
pub use message::{Encoded, Message, SHORT};
pub use operation::Completion;
pub use reach::{Handle, count, is_gone};

/// A shared channel.
pub type Channel = core::Channel<Addressee>;

/// Sends a message where there is room, and drops it where there is none or the channel is closed. Whether it is open.
pub fn put(channel: &Channel, message: Message) -> bool {
    !matches!(channel.send(message, None::<fn() -> operation::Operation<Addressee>>), core::Sent::Closed)
}
