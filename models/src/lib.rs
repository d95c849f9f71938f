//! Models of the shared channels: loom runs a few threads in all their interleavings, on the very files of `src/channel/`.

#![cfg(test)]

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
