//! What was written before a send is seen after the receive.

use std::sync::Arc;

use loom::cell::UnsafeCell;
use loom::thread;

use super::channel::endpoint::{Endpoint, Reading};
use super::channel::mailbox::Mailbox;
use super::channel::operation::Completion;
use super::channel::reach::Handle;
use super::message::Message;
use super::parker::Parker;
use super::scenario::explore;

fn read(message: &Message) -> u32 {
    let memory = message.memory.as_ref().expect("it was sent with memory");
    // SAFETY: nobody writes after the send; loom checks that, and that the write comes before.
    memory.with(|value| unsafe { *value })
}

#[test]
fn a_receiver_sees_what_was_written_before_the_send() {
    for capacity in [0, 1] {
        explore(5, move || {
            let channel = Handle::create(capacity, 0);
            let mut sender = Endpoint::new(Mailbox::new(|| {}));
            let slot = sender.adopt(channel.clone());
            let thread = thread::spawn(move || {
                let memory = Arc::new(UnsafeCell::new(0));
                // SAFETY: only this thread has it.
                memory.with_mut(|value| unsafe { *value = 7 });
                sender.send(slot, Message { memory: Some(memory), ..Message::default() }, 0, true);
                sender
            });
            let parker = Arc::new(Parker::default());
            let sleeper = Arc::clone(&parker);
            let mut receiver = Endpoint::new(Mailbox::new(move || sleeper.unpark()));
            let slot = receiver.adopt(channel);
            let completion = match receiver.recv(slot, 0, true) {
                Reading::Ended(completion) => completion,
                Reading::Nothing => panic!("it waits"),
                Reading::Ticket(_) => loop {
                    receiver.mailbox().look();
                    if let Some((_, completion)) = receiver.next(0) {
                        break completion;
                    }
                    parker.park();
                },
            };
            let Completion::Received { message, .. } = completion else { panic!("it was sent") };
            assert_eq!(read(&message), 7);
            drop(thread.join().expect("no thread panics"));
        });
    }
}
