//! Models of the shared channels: loom runs a few threads in all their interleavings, on the very files of `src/channel/`.

#![cfg(test)]
#![allow(clippy::arc_with_non_send_sync, reason = "loom's types say less about themselves than the standard library's")]

mod actor;
mod channel;
mod collection;
mod exactly_once;
mod mail;
mod memory;
mod message;
mod parker;
mod scenario;
mod sync;
mod withdrawal;
