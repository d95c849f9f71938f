//! The files of `src/channel/` that are modelled. They find loom's types and a plain message where the addon has its own.

// Not every model uses everything.
#![allow(dead_code)]

pub(crate) use super::{message, sync};

#[path = "../../src/channel/alarm.rs"]
pub mod alarm;
#[path = "../../src/channel/core.rs"]
pub mod core;
#[path = "../../src/channel/doorbell.rs"]
pub mod doorbell;
#[path = "../../src/channel/endpoint.rs"]
pub mod endpoint;
#[path = "../../src/channel/line.rs"]
pub mod line;
#[path = "../../src/channel/mailbox.rs"]
pub mod mailbox;
#[path = "../../src/channel/operation.rs"]
pub mod operation;
#[path = "../../src/channel/patience.rs"]
pub mod patience;
#[path = "../../src/channel/reach.rs"]
pub mod reach;
#[path = "../../src/channel/select.rs"]
pub mod select;

/// A shared channel.
pub type Channel = core::Channel<mailbox::Addressee>;
