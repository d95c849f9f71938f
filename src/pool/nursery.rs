//! Isolates that are made before anybody needs them.
//!
//! An isolate belongs to the thread that made it, so what is on offer is a thread: it makes an isolate and waits for what it is to
//! run. The first one begins while the host still loads the library, for the pool's first worker; and whoever takes one
//! for a private isolate has the next one made, since a program that makes one often makes more: two where the one that it
//! takes is not ready, so that they are made on two processors. Those wait for [`PATIENCE`] only.
//!
//! A thread may be taken before its isolate is there: that is still sooner than a new thread's would be. Should it die
//! meanwhile (`isolate/fatal.rs`), the spawner is woken and gives what it was to run to a thread of the usual kind.
//!
//! **Locks.** [`OFFER`] comes before a cradle's `hand`. Who takes a thread off the offer fills or closes its hand before it
//! lets go of the offer; so a thread that finds itself off the offer finds in its hand what it was taken for.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

use super::priority;
use super::spawner::{self, Start};
use crate::isolate::{self, PoolThread, Size};

/// How long an isolate waits that may never be needed.
const PATIENCE: Duration = Duration::from_secs(2);

/// A thread that has an isolate, or is making it.
struct Cradle {
    size: Size,
    /// The thread, once it has begun.
    thread: OnceLock<Arc<PoolThread>>,
    hand: Mutex<Hand>,
    changed: Condvar,
}

/// What a thread was given.
enum Hand {
    /// Nothing yet.
    Empty,
    /// What it is to run.
    Full(Start),
    /// It is not needed.
    Closed,
}

/// The threads that can be taken, the oldest first. All have the same size.
static OFFER: Mutex<VecDeque<Arc<Cradle>>> = Mutex::new(VecDeque::new());

/// The threads that are making their isolates.
static MAKING: Mutex<Vec<Arc<Cradle>>> = Mutex::new(Vec::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no holder panics")
}

impl Cradle {
    /// The thread's body. With `patience` the isolate is given up after that time.
    fn run(self: &Arc<Self>, patience: Option<Duration>) {
        self.thread.get_or_init(PoolThread::enter);
        priority::lower();
        isolate::make_ready(self.size);
        lock(&MAKING).retain(|other| !Arc::ptr_eq(self, other));
        if let Some(body) = self.wait(patience) {
            body();
        }
        isolate::discard();
    }

    fn give(&self, hand: Hand) {
        *lock(&self.hand) = hand;
        self.changed.notify_one();
    }

    fn wait(self: &Arc<Self>, patience: Option<Duration>) -> Option<Start> {
        let end = patience.map(|patience| Instant::now() + patience);
        let mut hand = lock(&self.hand);
        while let Hand::Empty = *hand {
            let Some(end) = end else {
                hand = self.changed.wait(hand).expect("no holder panics");
                continue;
            };
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                drop(hand);
                self.withdraw();
                hand = lock(&self.hand);
                break;
            }
            hand = self.changed.wait_timeout(hand, left).expect("no holder panics").0;
        }
        match std::mem::replace(&mut *hand, Hand::Closed) {
            Hand::Full(body) => Some(body),
            Hand::Empty | Hand::Closed => None,
        }
    }

    /// Takes the thread off the offer, if it still is on it.
    fn withdraw(self: &Arc<Self>) {
        lock(&OFFER).retain(|other| !Arc::ptr_eq(self, other));
    }
}

/// Has an isolate made, unless so many are on offer.
fn make(size: Size, patience: Option<Duration>, most: usize) {
    let cradle =
        Arc::new(Cradle { size, thread: OnceLock::new(), hand: Mutex::new(Hand::Empty), changed: Condvar::new() });
    {
        let mut offer = lock(&OFFER);
        // Another environment may just have had one made of its own size.
        if offer.len() >= most || offer.front().is_some_and(|other| other.size != size) {
            return;
        }
        offer.push_back(Arc::clone(&cradle));
    }
    lock(&MAKING).push(Arc::clone(&cradle));
    spawner::get().spawn("hz-isolate".to_owned(), move || cradle.run(patience));
}

/// Has an isolate made for the pool's first worker.
pub fn prepare(heap: usize) {
    make(Size { heap, buffers: None }, None, 1);
}

/// Starts a thread that runs `body`, which will make an isolate of this size: one on offer, if it has that size. With
/// `again`, others are made for the next who need them.
pub fn spawn(name: String, size: Size, again: bool, body: impl FnOnce() + Send + 'static) {
    let given = give(size, Box::new(body));
    let most = if let Given::Unready = given { 2 } else { 1 };
    if let Given::Not(body) = given {
        spawner::get().spawn(name, body);
    }
    if again {
        for _ in 0..most {
            make(size, Some(PATIENCE), most);
        }
    }
}

/// To whom something was given.
enum Given {
    /// A thread whose isolate is there.
    Ready,
    /// A thread that makes its isolate.
    Unready,
    /// Nobody.
    Not(Start),
}

/// Gives `body` to a thread on offer, if their isolates have this size. Threads with another size end.
fn give(size: Size, body: Start) -> Given {
    // Held until the hand is filled or closed; see the head of this file.
    let mut offer = lock(&OFFER);
    if offer.front().is_some_and(|cradle| cradle.size != size) {
        // Nobody needs that size any more.
        for cradle in offer.drain(..) {
            cradle.give(Hand::Closed);
        }
    }
    let Some(cradle) = offer.pop_front() else { return Given::Not(body) };
    cradle.give(Hand::Full(body));
    if lock(&MAKING).iter().any(|other| Arc::ptr_eq(&cradle, other)) { Given::Unready } else { Given::Ready }
}

/// What threads were to run that have died while they made their isolates.
pub fn bury() -> Vec<Start> {
    let mut bodies = Vec::new();
    let mut dead = Vec::new();
    lock(&MAKING).retain(|cradle| {
        let is_dead = cradle.thread.get().is_some_and(|thread| thread.is_dead());
        if is_dead {
            dead.push(Arc::clone(cradle));
        }
        !is_dead
    });
    for cradle in dead {
        cradle.withdraw();
        if let Hand::Full(body) = std::mem::replace(&mut *lock(&cradle.hand), Hand::Closed) {
            bodies.push(body);
        }
    }
    bodies
}
