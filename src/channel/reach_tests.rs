//! Tests of `reach.rs`, which `models/` uses without them.

use super::core::{Received, Sent};
use super::mailbox::{Addressee, Mailbox};
use super::message::{Encoded, Message};
use super::operation::Operation;
use super::reach::{Handle, count};
use super::sync::Arc;
use crate::message::Attachment;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A search holds every channel there is until it ends, also those that it found to be garbage: a test that asks whether a channel
/// is gone must not run beside another one's search.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    // One that failed says so itself.
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn carrying(handle: Handle) -> Message {
    let attachments = vec![Attachment::Channel(handle)];
    Message::Encoded(Box::new(Encoded { payload: Vec::new(), attachments, codes: Vec::new() }))
}

fn operation() -> Operation<Addressee> {
    Operation::new(Addressee { mailbox: Mailbox::new(|| {}), realm: 1 }, 0)
}

fn send(to: &Handle, what: Handle) {
    let sent = to.channel().send(carrying(what), None::<fn() -> Operation<Addressee>>);
    assert!(matches!(sent, Sent::Done));
}

fn receive(from: &Handle) -> Message {
    let Received::Message(message) = from.channel().recv(None::<fn() -> Operation<Addressee>>) else {
        panic!("there is no message")
    };
    message
}

#[test]
fn what_nobody_refers_to_is_freed_at_once() {
    let _alone = alone();
    let outer = Handle::create(1, 0);
    let inner = Handle::create(1, 0);
    let weak = Arc::downgrade(inner.channel());
    send(&outer, inner);
    assert!(weak.upgrade().is_some());
    drop(outer);
    assert!(weak.upgrade().is_none());
}

#[test]
fn cycles_are_collected() {
    let _alone = alone();
    let one = Handle::create(1, 0);
    let other = Handle::create(1, 0);
    let itself = Handle::create(2, 0);
    let weak = [&one, &other, &itself].map(|handle| Arc::downgrade(handle.channel()));
    send(&one, other.clone());
    send(&other, one.clone());
    send(&itself, itself.clone());
    count();
    assert!(weak.iter().all(|channel| channel.upgrade().is_some()), "they are in our hands");
    drop((one, other, itself));
    count();
    assert!(weak.iter().all(|channel| channel.upgrade().is_none()), "nobody can reach them");
}

#[test]
fn what_is_reached_through_a_buffer_stays() {
    let _alone = alone();
    let first = Handle::create(1, 0);
    let second = Handle::create(2, 0);
    let third = Handle::create(1, 0);
    send(&second, third);
    send(&second, second.clone());
    send(&first, second);
    count();
    let Message::Encoded(mut encoded) = receive(&first) else { panic!("it was encoded") };
    let Some(Attachment::Channel(second)) = encoded.attachments.pop() else { panic!("it carried a channel") };
    assert!(matches!(receive(&second), Message::Encoded(_)));
}

#[test]
fn what_is_in_flight_stays() {
    let _alone = alone();
    let outer = Handle::create(1, 0);
    let inner = Handle::create(1, 0);
    // A cycle, so that only the search could free it.
    send(&inner, inner.clone());
    let weak = Arc::downgrade(inner.channel());
    send(&outer, inner);
    let message = receive(&outer);
    drop(outer);
    count();
    assert_eq!(weak.upgrade().map(|channel| channel.length()), Some(1));
    drop(message);
    count();
    assert!(weak.upgrade().is_none());
}

#[test]
fn what_comes_for_somebody_who_waits_stays() {
    let _alone = alone();
    let outer = Handle::create(0, 0);
    let inner = Handle::create(1, 0);
    send(&inner, inner.clone());
    let weak = Arc::downgrade(inner.channel());
    let mailbox = Mailbox::new(|| {});
    let addressee = Addressee { mailbox: Arc::clone(&mailbox), realm: 1 };
    let received = outer.channel().recv(Some(|| Operation::new(addressee, 7)));
    assert!(matches!(received, Received::Waiting(_)));
    send(&outer, inner);
    drop(outer);
    count();
    assert_eq!(weak.upgrade().map(|channel| channel.length()), Some(1));
    drop(mailbox.take(1).expect("it has come"));
    count();
    assert!(weak.upgrade().is_none());
}

#[test]
fn what_a_waiting_sender_carries_is_reached() {
    let _alone = alone();
    let outer = Handle::create(0, 0);
    let inner = Handle::create(1, 0);
    send(&inner, inner.clone());
    let weak = Arc::downgrade(inner.channel());
    let sent = outer.channel().send(carrying(inner), Some(operation));
    assert!(matches!(sent, Sent::Waiting(_)));
    count();
    assert_eq!(weak.upgrade().map(|channel| channel.length()), Some(1));
    drop(outer);
    count();
    assert!(weak.upgrade().is_none());
}

#[test]
fn making_channels_collects_what_was_forgotten() {
    let _alone = alone();
    let forget = || {
        let handle = Handle::create(1, 0);
        send(&handle, handle.clone());
        Arc::downgrade(handle.channel())
    };
    let first = forget();
    for _ in 0..4096 {
        forget();
    }
    assert!(first.upgrade().is_none());
}
