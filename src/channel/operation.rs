//! One waiting `send`, `recv` or `select`, and who waits.
//!
//! A waiting operation lies in the queues of all its channels at once, and several threads may find it there at the same
//! time. The one that *claims* it has it, and completes it; for all others it is as if it were gone. That is what makes a
//! `select` commit exactly one of its cases, and a withdrawal either come before every commit or not happen.

use super::sync::{AtomicBool, Ordering};

/// What passes through a channel.
pub trait Cargo {
    /// It lies in a channel from now on: what it refers to is reachable through that channel alone.
    fn entered(&mut self);
    /// It is on its way to somebody.
    fn left(&mut self);
}

/// Where the tasks live that wait: a realm of an isolate, or the host.
pub trait Owner: Clone {
    /// What its channels carry.
    type Message: Cargo;
    /// Whether nobody is left to complete anything for.
    fn is_gone(&self) -> bool;
    /// Takes note of how an operation ended. Called while channels are locked: it must not use any.
    fn complete(&self, ticket: u64, completion: Completion<Self::Message>);
    /// Has the owner look at its completions. Called while no channel is locked.
    fn wake(&self);
}

/// How a waiting operation ended. `case` is its place among the cases of a `select`.
#[derive(Debug, PartialEq, Eq)]
pub enum Completion<M> {
    /// A value came.
    Received { case: u32, message: M },
    /// The value went.
    Sent { case: u32 },
    /// The channel was closed: there is nothing to receive any more, or nobody to send to.
    Closed { case: u32 },
}

/// An operation that waits.
pub struct Operation<O> {
    owner: O,
    ticket: u64,
    is_claimed: AtomicBool,
}

impl<O: Owner> Operation<O> {
    /// An operation that its owner knows by `ticket`.
    pub fn new(owner: O, ticket: u64) -> Operation<O> {
        Operation { owner, ticket, is_claimed: AtomicBool::new(false) }
    }

    /// Whether the caller is the one that ends the operation.
    pub fn claim(&self) -> bool {
        // AcqRel: who loses sees what the winner did before it claimed. The message itself is handed on under locks.
        !self.is_claimed.swap(true, Ordering::AcqRel) && !self.owner.is_gone()
    }

    /// Whether somebody has claimed it, and has completed it or is about to.
    pub fn is_claimed(&self) -> bool {
        // Pairs with the swap in `claim`.
        self.is_claimed.load(Ordering::Acquire)
    }

    /// Ends the operation, which the caller has claimed.
    pub fn complete(&self, completion: Completion<O::Message>) {
        self.owner.complete(self.ticket, completion);
    }

    /// Who waits.
    pub fn owner(&self) -> &O {
        &self.owner
    }
}
