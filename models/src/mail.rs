//! The way from a completed operation to the thread that looks: mailbox, doorbell, park.

use std::sync::Arc;

use loom::thread::{self, JoinHandle};

use super::channel::doorbell::Doorbell;
use super::channel::endpoint::{Endpoint, Reading, Waits};
use super::channel::mailbox::Mailbox;
use super::channel::operation::Completion;
use super::channel::reach::Handle;
use super::message::Message;
use super::parker::Parker;
use super::scenario::explore;

/// What others see of an isolate's thread, as `Worker` has it.
#[derive(Default)]
struct Worker {
    doorbell: Doorbell,
    parker: Parker,
}

impl Worker {
    fn mail_came(&self) {
        self.doorbell.ring();
        self.parker.unpark();
    }
}

/// An isolate with one operation that waits in each of two realms, and those who complete them.
fn isolate() -> (Arc<Worker>, Endpoint, Vec<JoinHandle<()>>) {
    let worker = Arc::new(Worker::default());
    let rung = Arc::clone(&worker);
    let mut endpoint = Endpoint::new(Mailbox::new(move || rung.mail_came()));
    let threads = [1, 2].map(|realm| {
        let channel = Handle::create(0, 0);
        let slot = endpoint.adopt(channel.clone());
        assert!(matches!(endpoint.recv(slot, realm, true), Reading::Ticket(_)));
        let mut sender = Endpoint::new(Mailbox::new(|| {}));
        let slot = sender.adopt(channel);
        thread::spawn(move || {
            sender.send(slot, Message::new(realm), 0, false);
        })
    });
    (worker, endpoint, threads.into())
}

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        thread.join().expect("no thread panics");
    }
}

/// One turn of the thread, as `Worker::step` does it; returns how many operations have ended.
fn step(worker: &Worker, endpoint: &mut Endpoint) -> usize {
    if worker.doorbell.answer()
        && let Some(realm) = endpoint.mailbox().look()
    {
        let mut count = 0;
        while endpoint.next(realm).is_some() {
            count += 1;
        }
        // There may be more, for other realms.
        worker.doorbell.put_off();
        return count;
    }
    if !worker.doorbell.is_ringing() {
        worker.parker.park();
    }
    0
}

#[test]
fn a_thread_that_sleeps_hears_of_all_its_mail() {
    explore(3, || {
        let (worker, mut endpoint, threads) = isolate();
        let mut ended = 0;
        // loom reports a deadlock where it sleeps on.
        while ended < 2 {
            ended += step(&worker, &mut endpoint);
        }
        join(threads);
        assert_eq!(endpoint.waiting(), 0);
    });
}

#[test]
fn a_realm_that_looks_for_itself_leaves_the_others_mail() {
    explore(3, || {
        let (worker, mut endpoint, threads) = isolate();
        // As `lookForMail` and `receiveMail` do in a realm that runs.
        worker.doorbell.answer_for_one();
        endpoint.mailbox().look();
        let mut ended = usize::from(endpoint.next(1).is_some());
        while ended < 2 {
            ended += step(&worker, &mut endpoint);
        }
        join(threads);
    });
}

#[test]
fn a_realm_that_waits_under_a_native_frame_wakes_up() {
    explore(3, || {
        let (worker, mut endpoint, threads) = isolate();
        // As `idle` does until the operation has ended on which the frame waits.
        while endpoint.next(1).is_none() {
            if !worker.doorbell.is_ringing() {
                worker.parker.park();
            }
            worker.doorbell.answer_for_one();
            endpoint.mailbox().look();
        }
        let mut ended = 1;
        while ended < 2 {
            ended += step(&worker, &mut endpoint);
        }
        join(threads);
    });
}

/// A task lingers in its operation while somebody else ends it: it hears of that once, there or by mail.
#[test]
fn an_end_that_comes_while_the_task_lingers() {
    explore(9, || {
        let channel = Handle::create(0, 0);
        let mut endpoint = Endpoint::new(Mailbox::new(|| {}));
        let slot = endpoint.adopt(channel.clone());
        let Reading::Ticket(ticket) = endpoint.recv(slot, 1, true) else { panic!("nothing is there") };
        let mut sender = Endpoint::new(Mailbox::new(|| {}));
        let theirs = sender.adopt(channel);
        let thread = thread::spawn(move || matches!(sender.send(theirs, Message::new(1), 0, false), Waits::Done));
        let heard = endpoint.linger_for_end(ticket);
        let was_sent = thread.join().expect("no thread panics");
        assert!(was_sent, "the receiver was there all the time");
        match heard {
            Some(completion) => {
                assert!(matches!(completion, Completion::Received { .. }));
                assert!(endpoint.next(1).is_none(), "it hears of it twice");
            }
            None => assert!(matches!(endpoint.next(1), Some((of, Completion::Received { .. })) if of == ticket)),
        }
        assert_eq!(endpoint.waiting(), 0);
    });
}
