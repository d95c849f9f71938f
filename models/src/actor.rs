//! One thread with an endpoint of its own, and what it has done.

use std::sync::Arc;

use super::channel::endpoint::{Endpoint, Reading, Waits};
use super::channel::mailbox::Mailbox;
use super::channel::operation::Completion;
use super::channel::reach::Handle;
use super::message::Message;
use super::parker::Parker;

/// One case of an operation: a channel by its place, and the number that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    Send(usize, u32),
    Recv(usize),
}

/// What a thread does.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Send(usize, u32),
    Recv(usize),
    TrySend(usize, u32),
    TryRecv(usize),
    Select(&'static [Case]),
    Close(usize),
    /// Withdraws the last operation, if it waits.
    Withdraw,
    /// Sleeps until the last operation has ended.
    Await,
    /// Drops the endpoint with all that waits there.
    Leave,
}

/// How an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Waiting(usize),
    Sent(usize),
    Received(usize, u32),
    Closed(usize),
    NotReady,
    Withdrawn,
    /// It waited, or its end was not heard of, when its endpoint was dropped.
    Left,
}

/// An operation that was begun.
#[derive(Clone, Debug)]
pub struct Done {
    pub cases: Vec<Case>,
    pub state: State,
}

/// A thread's side.
pub struct Actor {
    endpoint: Option<Endpoint>,
    parker: Arc<Parker>,
    slots: Vec<usize>,
    pub done: Vec<Done>,
}

impl Actor {
    /// A thread that has all the channels.
    pub fn new(channels: &[Handle]) -> Actor {
        let parker = Arc::new(Parker::default());
        let sleeper = Arc::clone(&parker);
        let mut endpoint = Endpoint::new(Mailbox::new(move || sleeper.unpark()));
        let slots = channels.iter().map(|channel| endpoint.adopt(channel.clone())).collect();
        Actor { endpoint: Some(endpoint), parker, slots, done: Vec::new() }
    }

    fn endpoint(&mut self) -> &mut Endpoint {
        self.endpoint.as_mut().expect("it has not left")
    }

    /// Does one step after the other.
    pub fn act_all(&mut self, steps: &[Step]) {
        for step in steps {
            self.act(*step);
        }
    }

    /// Does one step.
    pub fn act(&mut self, step: Step) {
        match step {
            Step::Send(channel, number) => self.send(channel, number, true),
            Step::TrySend(channel, number) => self.send(channel, number, false),
            Step::Recv(channel) => self.recv(channel, true),
            Step::TryRecv(channel) => self.recv(channel, false),
            Step::Select(cases) => self.select(cases),
            Step::Close(channel) => {
                let slot = self.slots[channel];
                self.endpoint().close(slot);
            }
            Step::Withdraw => self.withdraw(),
            Step::Await => {
                while self.done.last().is_some_and(|last| matches!(last.state, State::Waiting(_))) {
                    self.endpoint().mailbox().look();
                    if self.receive_mail() == 0 {
                        self.parker.park();
                    }
                }
            }
            Step::Leave => {
                self.endpoint = None;
                for done in &mut self.done {
                    if matches!(done.state, State::Waiting(_)) {
                        done.state = State::Left;
                    }
                }
            }
        }
    }

    fn send(&mut self, channel: usize, number: u32, wait: bool) {
        let slot = self.slots[channel];
        let state = match self.endpoint().send(slot, Message::new(number), 0, wait) {
            Waits::Done => State::Sent(0),
            Waits::Closed => State::Closed(0),
            Waits::Full => State::NotReady,
            Waits::Ticket(ticket) => State::Waiting(ticket),
        };
        self.done.push(Done { cases: vec![Case::Send(channel, number)], state });
    }

    fn recv(&mut self, channel: usize, wait: bool) {
        let slot = self.slots[channel];
        let state = read(self.endpoint().recv(slot, 0, wait));
        self.done.push(Done { cases: vec![Case::Recv(channel)], state });
    }

    fn select(&mut self, cases: &[Case]) {
        let given = cases
            .iter()
            .map(|case| match *case {
                Case::Send(channel, number) => (Some(self.slots[channel]), Some(Message::new(number))),
                Case::Recv(channel) => (Some(self.slots[channel]), None),
            })
            .collect();
        let state = read(self.endpoint().select(given, 0, true));
        self.done.push(Done { cases: cases.to_vec(), state });
    }

    fn withdraw(&mut self) {
        let Some(Done { state: State::Waiting(ticket), .. }) = self.done.last() else { return };
        let ticket = *ticket;
        if self.endpoint().withdraw(ticket) {
            self.done.last_mut().expect("there is one").state = State::Withdrawn;
            return;
        }
        // Something else has come of it. That must be there by now: a task that is killed does not wait for it.
        self.receive_mail();
        let state = self.done.last().expect("there is one").state;
        assert!(matches!(state, State::Sent(_) | State::Closed(_)), "withdrawn too late, but it is {state:?}");
    }

    /// Takes note of what has ended; returns how much that was.
    pub fn receive_mail(&mut self) -> usize {
        let mut count = 0;
        while let Some((ticket, completion)) = self.endpoint.as_mut().and_then(|endpoint| endpoint.next(0)) {
            let mut waiting = self.done.iter_mut().filter(|done| done.state == State::Waiting(ticket));
            let done = waiting.next().expect("only what waits ends");
            done.state = ended(completion);
            assert!(waiting.next().is_none(), "two operations have one ticket");
            count += 1;
        }
        count
    }

    /// Whether it was woken since it slept.
    pub fn is_woken(&self) -> bool {
        self.parker.is_unparked()
    }

    /// How many operations wait, as the endpoint says.
    pub fn waiting(&self) -> usize {
        self.endpoint.as_ref().map_or(0, Endpoint::waiting)
    }
}

fn read(reading: Reading) -> State {
    match reading {
        Reading::Ended(completion) => ended(completion),
        Reading::Nothing => State::NotReady,
        Reading::Ticket(ticket) => State::Waiting(ticket),
    }
}

fn ended(completion: Completion<Message>) -> State {
    match completion {
        Completion::Sent { case } => State::Sent(case as usize),
        Completion::Closed { case } => State::Closed(case as usize),
        Completion::Received { case, message } => {
            assert!(!message.lies, "a message that was received still counts as lying in its channel");
            State::Received(case as usize, message.number)
        }
    }
}
