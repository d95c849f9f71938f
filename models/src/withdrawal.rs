//! Waits that are given up while somebody may be about to commit to them: a kill, a signal, the end of a realm or of an isolate.

use std::sync::Arc;

use loom::thread;

use super::actor::Actor;
use super::actor::Case::{Recv as R, Send as S};
use super::actor::State;
use super::actor::Step::{Close, Leave, Recv, Select, Send, TryRecv, TrySend, Withdraw};
use super::channel::endpoint::{Endpoint, Reading, Waits};
use super::channel::mailbox::Mailbox;
use super::channel::operation::Completion;
use super::channel::reach::Handle;
use super::message::Message;
use super::scenario::{Scenario, Threads, explore};

#[test]
fn a_receive_against_a_send() {
    for capacities in [&[0], &[1]] {
        // A value that has come goes back; so the sender is either done or waits, and the value is there in both cases.
        Scenario { capacities, threads: &[&[Recv(0), Withdraw], &[Send(0, 1)]] }.check_also(9, |run| {
            assert!(matches!(run.state(0, 0), State::Withdrawn | State::Received(..)));
        });
        let threads: Threads = &[&[Recv(0), Withdraw], &[Send(0, 1)], &[Recv(0)]];
        Scenario { capacities, threads }.check(5);
    }
}

#[test]
fn a_send_against_a_receive() {
    for capacities in [&[0], &[1]] {
        Scenario { capacities, threads: &[&[Send(0, 1), Send(0, 2), Withdraw], &[Recv(0), TryRecv(0)]] }.check(9);
        let threads: Threads = &[&[Send(0, 1), Withdraw], &[Send(0, 2)], &[Recv(0)]];
        Scenario { capacities, threads }.check(5);
    }
}

#[test]
fn a_select_against_commits() {
    let threads: Threads = &[&[Select(&[R(0), R(1)]), Withdraw], &[Send(0, 1)], &[Send(1, 2)]];
    Scenario { capacities: &[0, 1], threads }.check(5);
    let threads: Threads = &[&[Select(&[S(0, 1), R(1)]), Withdraw], &[Recv(0)], &[Send(1, 2)]];
    Scenario { capacities: &[0, 0], threads }.check(5);
}

#[test]
fn selects_against_each_other() {
    let threads: Threads = &[&[Select(&[S(0, 1), R(1)]), Withdraw], &[Select(&[R(0), S(1, 2)]), Withdraw]];
    Scenario { capacities: &[0, 0], threads }.check(9);
}

#[test]
fn against_close() {
    Scenario { capacities: &[0], threads: &[&[Recv(0), Withdraw], &[Close(0)], &[Send(0, 1)]] }.check(5);
    Scenario { capacities: &[0], threads: &[&[Send(0, 1), Withdraw], &[Close(0)], &[Recv(0)]] }.check(5);
}

#[test]
fn a_value_that_goes_back_makes_no_room() {
    // Whether or not 1 went to the receive that is withdrawn: whoever takes it must not let both other senders into one place.
    for capacity in [0, 1] {
        explore(5, move || {
            let channels = [Handle::create(capacity, 0)];
            let mut receiver = Actor::new(&channels);
            let mut sender = Actor::new(&channels);
            let thread = thread::spawn(move || {
                for number in 1..=3 {
                    sender.act(Send(0, number));
                }
                sender
            });
            receiver.act(Recv(0));
            receiver.act(Withdraw);
            receiver.act(TryRecv(0));
            let mut sender = thread.join().expect("no thread panics");
            sender.receive_mail();
            let count = |actor: &Actor, is_counted: fn(&State) -> bool| {
                actor.done.iter().filter(|done| is_counted(&done.state)).count()
            };
            let given = count(&sender, |state| matches!(state, State::Sent(_)));
            let taken = count(&receiver, |state| matches!(state, State::Received(..)));
            // One that went back lies in the buffer, beyond its capacity, until it is received.
            let beyond = usize::from(channels[0].channel().length() > capacity);
            assert!(given <= taken + capacity + beyond, "{given} sent, {taken} received");
        });
    }
}

#[test]
fn a_value_that_goes_back_leaves_the_others_waiting() {
    for capacity in [0, 1] {
        explore(5, move || {
            let channels = [Handle::create(capacity, 0)];
            let mut receiver = Actor::new(&channels);
            let mut sender = Actor::new(&channels);
            receiver.act(Recv(0));
            for number in 1..=2 + u32::try_from(capacity).expect("it is small") {
                sender.act(Send(0, number));
            }
            // 1 had been committed to the receive, and the last one waits.
            receiver.act(Withdraw);
            receiver.act(TryRecv(0));
            assert_eq!(receiver.done[1].state, State::Received(0, 1));
            sender.receive_mail();
            let last = sender.done.last().expect("it has sent");
            assert!(matches!(last.state, State::Waiting(_)), "{last:?}");
        });
    }
}

#[test]
fn an_isolate_that_ends() {
    for capacities in [&[0], &[1]] {
        Scenario { capacities, threads: &[&[Recv(0), Leave], &[Send(0, 1)], &[Recv(0)]] }.check(5);
        Scenario { capacities, threads: &[&[Send(0, 1), Send(0, 2), Leave], &[Recv(0)], &[TrySend(0, 3)]] }.check(4);
    }
    let threads: Threads = &[&[Select(&[R(0), S(1, 1)]), Leave], &[Send(0, 2)], &[Recv(0)]];
    Scenario { capacities: &[0, 0], threads }.check(5);
}

#[test]
fn a_realm_that_ends_leaves_nothing_to_the_next() {
    explore(9, || {
        let channels = [Handle::create(0, 0), Handle::create(0, 0)];
        let mut sender = Actor::new(&channels);
        let mut endpoint = Endpoint::new(Mailbox::new(|| {}));
        let slots = channels.clone().map(|channel| endpoint.adopt(channel));
        let Reading::Ticket(old) = endpoint.recv(slots[0], 1, true) else { panic!("nothing is there") };
        let thread = thread::spawn(move || {
            sender.act(Send(0, 1));
            sender
        });
        endpoint.forget_realm(1);
        // The next realm's operation gets the old one's number.
        let Reading::Ticket(new) = endpoint.recv(slots[1], 2, true) else { panic!("nothing is there") };
        assert_eq!(old, new);
        let mut sender = thread.join().expect("no thread panics");
        assert!(endpoint.next(1).is_none(), "a realm that has ended gets mail");
        assert!(endpoint.next(2).is_none(), "another realm gets it");
        // The message is still there.
        assert!(matches!(endpoint.recv(slots[0], 2, false), Reading::Ended(Completion::Received { .. })));
        sender.receive_mail();
        assert_eq!(sender.done[0].state, State::Sent(0));
    });
}

#[test]
fn a_dead_isolate_takes_no_messages() {
    explore(9, || {
        let channel = Handle::create(0, 0);
        let mailbox = Mailbox::new(|| {});
        let mut dead = Endpoint::new(Arc::clone(&mailbox));
        let slot = dead.adopt(channel.clone());
        assert!(matches!(dead.recv(slot, 1, true), Reading::Ticket(_)));
        let mut sender = Endpoint::new(Mailbox::new(|| {}));
        let slot = sender.adopt(channel.clone());
        let thread = thread::spawn(move || {
            let first = sender.send(slot, Message::new(1), 0, false);
            let second = sender.send(slot, Message::new(2), 0, false);
            (first, second)
        });
        // Its thread is stuck: the endpoint is never dropped in an orderly way.
        mailbox.close();
        let (first, second) = thread.join().expect("no thread panics");
        // The first may have come just before.
        assert!(matches!(first, Waits::Done | Waits::Full));
        assert!(matches!(second, Waits::Full), "a dead receiver has taken two messages");
    });
}
