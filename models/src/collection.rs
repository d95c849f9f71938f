//! The search for channels that nobody can reach, while others send such channels about.

use loom::thread;

use super::channel::endpoint::{Endpoint, Reading, Waits};
use super::channel::mailbox::Mailbox;
use super::channel::operation::Completion;
use super::channel::reach::{Handle, count};
use super::message::Message;
use super::scenario::explore;

fn endpoint() -> Endpoint {
    Endpoint::new(Mailbox::new(|| {}))
}

fn carrying(handle: Handle) -> Message {
    Message { handles: vec![handle], ..Message::default() }
}

/// Takes a value out of the channel.
fn receive(handle: &Handle) -> Message {
    let mut endpoint = endpoint();
    let slot = endpoint.adopt(handle.clone());
    let Reading::Ended(Completion::Received { message, .. }) = endpoint.recv(slot, 0, false) else {
        panic!("a message was collected that somebody could receive")
    };
    message
}

fn send(handle: &Handle, message: Message) {
    let mut endpoint = endpoint();
    let slot = endpoint.adopt(handle.clone());
    assert!(matches!(endpoint.send(slot, message, 0, false), Waits::Done));
}

#[test]
fn a_channel_that_goes_into_a_new_one() {
    explore(5, || {
        let inner = Handle::create(1, 0);
        send(&inner, Message::new(1));
        let thread = thread::spawn(move || {
            let outer = Handle::create(1, 0);
            send(&outer, carrying(inner));
            outer
        });
        count();
        let outer = thread.join().expect("no thread panics");
        let message = receive(&outer);
        assert_eq!(receive(&message.handles[0]).number, 1);
    });
}

#[test]
fn a_channel_that_comes_out() {
    explore(5, || {
        let outer = Handle::create(1, 0);
        let inner = Handle::create(1, 0);
        send(&inner, Message::new(1));
        send(&outer, carrying(inner));
        // It keeps the outer one: loom knows nothing of the order that the standard library's `Arc` makes when that dies.
        let thread = thread::spawn(move || (receive(&outer), outer));
        count();
        let (message, _outer) = thread.join().expect("no thread panics");
        assert_eq!(receive(&message.handles[0]).number, 1);
    });
}

#[test]
fn a_channel_that_is_handed_on() {
    explore(5, || {
        let first = Handle::create(1, 0);
        let second = Handle::create(1, 0);
        let inner = Handle::create(1, 0);
        send(&inner, Message::new(1));
        send(&first, carrying(inner));
        let to = second.clone();
        let thread = thread::spawn(move || {
            send(&to, receive(&first));
            first
        });
        count();
        let _first = thread.join().expect("no thread panics");
        assert_eq!(receive(&receive(&second).handles[0]).number, 1);
    });
}

#[test]
fn a_ring_is_collected_whoever_searches() {
    explore(5, || {
        let one = Handle::create(1, 0);
        let other = Handle::create(1, 0);
        send(&one, carrying(other.clone()));
        send(&other, carrying(one.clone()));
        let thread = thread::spawn(move || {
            drop(one);
            count();
        });
        drop(other);
        count();
        thread.join().expect("no thread panics");
        assert_eq!(count(), 0);
    });
}
