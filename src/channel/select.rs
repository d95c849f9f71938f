//! `select`: exactly one of several sends and receives, on any channels.
//!
//! All its channels are locked, in the order of their ids so that two selects cannot wait for each other. Under the locks the cases
//! are tried in the order that the caller drew by lot; where none can go on, the operation joins the queues of all of them. So
//! nothing can happen between the look and the registration, and the select itself is in no queue while it looks: it never meets
//! itself. From then on whoever claims the operation has chosen its case. Its owner takes it out of the other queues.

use super::core::{Attempt, Channel, Locked};
use super::operation::{Operation, Owner};
use super::sync::Arc;

/// One case.
pub struct Case<O: Owner> {
    /// The channel; cases without one are never ready.
    pub channel: Option<Arc<Channel<O>>>,
    /// What is to be sent; `None` for a receive.
    pub message: Option<O::Message>,
}

/// How a `select` went.
pub enum Selected<O: Owner> {
    /// This case received a value.
    Received(u32, O::Message),
    /// This case has sent its value.
    Sent(u32),
    /// This case's channel is closed.
    Closed(u32),
    /// Nothing is ready, and the caller did not want to wait.
    Nothing,
    /// It waits.
    Waiting(Arc<Operation<O>>),
}

/// Tries the cases in the given order, which names each of them once.
pub fn select<O: Owner>(
    cases: &mut [Case<O>],
    order: &[u32],
    wait: Option<impl FnOnce() -> Operation<O>>,
) -> Selected<O> {
    let channels: Vec<Option<Arc<Channel<O>>>> = cases.iter().map(|case| case.channel.clone()).collect();
    let mut sorted: Vec<&Arc<Channel<O>>> = channels.iter().flatten().collect();
    sorted.sort_by_key(|channel| channel.id());
    sorted.dedup_by_key(|channel| channel.id());
    let mut locked: Vec<(u64, Locked<'_, _>)> = sorted.iter().map(|channel| (channel.id(), channel.lock())).collect();
    for &index in order {
        let case = &mut cases[index as usize];
        let Some(channel) = &case.channel else { continue };
        let at = locked.binary_search_by_key(&channel.id(), |(id, ..)| *id).expect("every channel is locked");
        let (_, channel) = &mut locked[at];
        let is_send = case.message.is_some();
        let attempt = match case.message.take() {
            Some(message) => channel.try_send(message),
            None => channel.try_recv(),
        };
        match attempt {
            Attempt::Done(received, woken) => {
                drop(locked);
                if let Some(owner) = woken {
                    owner.wake();
                }
                return match received {
                    Some(message) => Selected::Received(index, message),
                    None => Selected::Sent(index),
                };
            }
            Attempt::Closed(message) => {
                drop(locked);
                drop(message);
                return Selected::Closed(index);
            }
            Attempt::Blocked(message) => {
                debug_assert_eq!(is_send, message.is_some());
                case.message = message;
            }
        }
    }
    let Some(wait) = wait else { return Selected::Nothing };
    let operation = Arc::new(wait());
    for (index, case) in (0..).zip(cases.iter_mut()) {
        let Some(channel) = &case.channel else { continue };
        let at = locked.binary_search_by_key(&channel.id(), |(id, ..)| *id).expect("every channel is locked");
        let (_, channel) = &mut locked[at];
        match case.message.take() {
            Some(message) => channel.add_sender(Arc::clone(&operation), index, message),
            None => channel.add_receiver(Arc::clone(&operation), index),
        }
    }
    Selected::Waiting(operation)
}
