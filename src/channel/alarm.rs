//! Channels that are to hear of a time: those of `after` and `ticker`, and what is closed when a context's deadline is over.
//!
//! The kernel's timers see to that. So a mailbox keeps a list of them, and when its isolate dies, whoever inherits that goes on
//! (`src/pool/late.rs`).

use std::time::{Duration, Instant, SystemTime};

use super::Channel;
use super::sync::Weak;

/// What becomes of the channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sound {
    /// It gets the time, once.
    Once,
    /// It gets the time again and again.
    Every(Duration),
    /// It is closed at that time of the calendar.
    Close(SystemTime),
}

/// A channel that is to hear of a time. It is not held: nobody hears what nobody else has.
pub struct Alarm {
    /// The channel.
    pub channel: Weak<Channel>,
    /// When.
    pub due: Instant,
    /// What becomes of it.
    pub sound: Sound,
}
