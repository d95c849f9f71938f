//! Runs threads in all their interleavings, and judges each of them by what channels promise.

use std::collections::BTreeSet;

use loom::thread;

use super::actor::{Actor, Case, Done, State, Step};
use super::channel::reach::Handle;

/// What each thread does.
pub type Threads = &'static [&'static [Step]];

/// Channels and the threads that use them.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// What each channel has room for.
    pub capacities: &'static [usize],
    /// What each thread does.
    pub threads: Threads,
}

/// What the threads have done in one run.
pub struct Run {
    pub threads: Vec<Vec<Done>>,
}

impl Scenario {
    /// Judges every interleaving with at most `preemptions` switches away from a thread that could go on.
    pub fn check(self, preemptions: usize) {
        self.check_also(preemptions, |_| {});
    }

    /// Also lets `judge` look at every run.
    pub fn check_also(self, preemptions: usize, judge: impl Fn(&Run) + Send + Sync + Copy + 'static) {
        let selects = self
            .threads
            .iter()
            .any(|steps| steps.iter().any(|step| matches!(step, Step::Select(cases) if cases.len() > 1)));
        // The order in which a select tries its cases is drawn by lot: two lots.
        for lot in 0..if selects { 2 } else { 1 } {
            explore(preemptions, move || {
                fastrand::seed(lot);
                self.run(judge);
            });
        }
    }

    fn run(self, judge: impl Fn(&Run)) {
        let channels: Vec<Handle> = self.capacities.iter().map(|capacity| Handle::create(*capacity, 0)).collect();
        let mut actors = self.threads.iter().map(|steps| (*steps, Actor::new(&channels)));
        let (first, mut main) = actors.next().expect("there is a thread");
        let others: Vec<_> = actors
            .map(|(steps, mut actor)| {
                thread::spawn(move || {
                    actor.act_all(steps);
                    actor
                })
            })
            .collect();
        main.act_all(first);
        let mut actors = vec![main];
        actors.extend(others.into_iter().map(|thread| thread.join().expect("no thread panics")));
        for actor in &mut actors {
            let is_woken = actor.is_woken();
            assert!(actor.receive_mail() == 0 || is_woken, "a wake-up is lost");
        }
        self.judge_waiting(&actors, &channels);
        judge(&Run { threads: actors.iter().map(|actor| actor.done.clone()).collect() });
        judge_messages(&mut actors, &channels);
        self.judge_order(&actors);
    }

    fn is_closed(self, channel: usize) -> bool {
        let mut steps = self.threads.iter().flat_map(|steps| steps.iter());
        steps.any(|step| matches!(step, Step::Close(closed) if *closed == channel))
    }

    /// What one thread has sent into a channel comes to another in that order. A value that was given back may have been overtaken.
    fn judge_order(self, actors: &[Actor]) {
        let mut steps = self.threads.iter().flat_map(|steps| steps.iter());
        if steps.any(|step| matches!(step, Step::Withdraw | Step::Leave)) {
            return;
        }
        for (receiver, sender) in actors.iter().flat_map(|receiver| actors.iter().map(move |sender| (receiver, sender)))
        {
            for channel in 0..self.capacities.len() {
                let from_sender =
                    |number| sender.done.iter().any(|done| done.cases.contains(&Case::Send(channel, number)));
                let numbers = receiver.done.iter().filter_map(|done| match done.state {
                    State::Received(_, number) if from_sender(number) => Some(number),
                    _ => None,
                });
                assert!(numbers.is_sorted(), "messages have overtaken each other");
            }
        }
    }

    /// Nobody waits who could go on.
    fn judge_waiting(self, actors: &[Actor], channels: &[Handle]) {
        let mut receivers = Vec::new();
        let mut senders = Vec::new();
        let mut operation = 0;
        for actor in actors {
            let waiting = actor.done.iter().filter(|done| matches!(done.state, State::Waiting(_)));
            for done in waiting.clone() {
                operation += 1;
                for case in &done.cases {
                    match *case {
                        Case::Recv(channel) => receivers.push((channel, operation)),
                        Case::Send(channel, _) => senders.push((channel, operation)),
                    }
                }
            }
            assert_eq!(waiting.count(), actor.waiting(), "an endpoint remembers what has ended");
        }
        for (channel, receiver) in &receivers {
            let has_counterpart = senders.iter().any(|(other, sender)| other == channel && sender != receiver);
            assert!(!has_counterpart, "a sender and a receiver of one channel wait for each other");
            assert_eq!(channels[*channel].channel().length(), 0, "a receiver waits at a buffer that is not empty");
        }
        for (channel, _) in &senders {
            let channel = channels[*channel].channel();
            assert!(channel.length() >= channel.capacity(), "a sender waits though there is room");
        }
        for (channel, _) in receivers.iter().chain(&senders) {
            assert!(!self.is_closed(*channel), "somebody waits at a closed channel");
        }
    }
}

/// What was sent is received once, by somebody or by us now; what was not sent never is. Whoever waits can still be reached.
fn judge_messages(actors: &mut Vec<Actor>, channels: &[Handle]) {
    let mut prober = Actor::new(channels);
    for channel in 0..channels.len() {
        loop {
            prober.act(Step::TryRecv(channel));
            if !matches!(prober.done.last().expect("it has acted").state, State::Received(..)) {
                break;
            }
        }
    }
    let mut probe = 1000;
    for channel in 0..channels.len() {
        let waiting = |actor: &Actor| {
            let waits =
                |done: &&Done| matches!(done.state, State::Waiting(_)) && done.cases.contains(&Case::Recv(channel));
            actor.done.iter().filter(waits).count()
        };
        for _ in 0..actors.iter().map(waiting).sum() {
            probe += 1;
            prober.act(Step::TrySend(channel, probe));
        }
        for actor in actors.iter_mut() {
            actor.receive_mail();
        }
        assert_eq!(actors.iter().map(waiting).sum::<usize>(), 0, "a receiver waits where nobody finds it");
    }
    actors.push(prober);
    let mut sent = BTreeSet::new();
    let mut received = BTreeSet::new();
    for done in actors.iter().flat_map(|actor| &actor.done) {
        match done.state {
            State::Sent(case) => {
                let Case::Send(_, number) = done.cases[case] else { panic!("a receive has sent") };
                assert!(sent.insert(number), "every number is sent once");
            }
            State::Received(case, number) => {
                assert!(matches!(done.cases[case], Case::Recv(_)), "a send has received");
                assert!(received.insert(number), "message {number} was received twice");
            }
            State::Waiting(_) => {
                let sends = done.cases.iter().any(|case| matches!(case, Case::Send(..)));
                assert!(!sends, "a sender waits where nobody finds it");
            }
            _ => {}
        }
    }
    // Of one whose thread has left, nobody knows whether it had been committed to.
    for done in actors.iter().flat_map(|actor| &actor.done).filter(|done| done.state == State::Left) {
        let numbers = done.cases.iter().filter_map(|case| match *case {
            Case::Send(_, number) if received.contains(&number) => Some(number),
            _ => None,
        });
        let before = sent.len();
        sent.extend(numbers);
        assert!(sent.len() <= before + 1, "two cases of a select have sent");
    }
    assert_eq!(sent, received, "what was sent, and what was received");
}

/// Runs a model in all interleavings with at most so many switches away from a thread that could go on.
pub fn explore(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.unwrap_or(preemptions));
    builder.check(model);
}

impl Run {
    /// The numbers that a thread has received, in order.
    pub fn received(&self, thread: usize) -> Vec<u32> {
        let numbers = self.threads[thread].iter().filter_map(|done| match done.state {
            State::Received(_, number) => Some(number),
            _ => None,
        });
        numbers.collect()
    }

    /// How a thread's operation ended.
    pub fn state(&self, thread: usize, operation: usize) -> State {
        self.threads[thread][operation].state
    }

    /// How many operations have ended with a commit of one of their cases.
    pub fn commits(&self) -> usize {
        let all = self.threads.iter().flatten();
        all.filter(|done| matches!(done.state, State::Sent(_) | State::Received(..))).count()
    }
}
