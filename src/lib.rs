//! Go's concurrency for existing Node programs: green threads on private V8 isolates.
//!
//! Data flows one way, and back as messages: the host's JavaScript (`lib/`) calls [`node`], which hands jobs to a
//! [`pool`] of threads; each thread owns an [`isolate`], in which the kernel (`kernel/*.js`, JavaScript in the startup
//! snapshot) runs them. [`message`] is what crosses, and [`channel`] what the ends of shared channels meet in.

#![cfg_attr(test, allow(dead_code, reason = "the exports of `node` are only registered in the addon itself"))]

use mimalloc::MiMalloc;

/// Messages are allocated by one thread and freed by another, at which the system's allocator has the two wait for each other.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

mod channel;
mod compiler;
mod isolate;
mod kernel;
mod message;
mod modules;
mod node;
mod pool;
