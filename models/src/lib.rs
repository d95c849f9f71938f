//! Models of the shared channels, of what workers deliver from them, and of jobs that move between workers: loom runs a few threads in all their interleavings, on the very
//! files of `src/channel/` and `src/pool/`.

#![cfg(test)]
#![allow(clippy::arc_with_non_send_sync, reason = "loom's types say less about themselves than the standard library's")]

mod actor;
mod channel;
mod collection;
mod delivery;
mod exactly_once;
mod jobs;
mod mail;
mod memory;
mod message;
mod parker;
mod scenario;
mod standstill;
mod sync;
mod withdrawal;
