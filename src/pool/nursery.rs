//! One isolate that is made before anybody needs one.
//!
//! An isolate belongs to the thread that made it, so what is on offer is a thread: it makes an isolate and waits for what it is to
//! run. The first one begins while the host still loads the library, for the pool's first worker; and whoever takes one
//! for a private isolate has the next one made, since a program that makes one often makes more. That one waits for
//! [`PATIENCE`] only.
//!
//! A thread may be taken before its isolate is there: that is still sooner than a new thread's would be. Should it die
//! meanwhile (`isolate/fatal.rs`), the spawner is woken and gives what it was to run to a thread of the usual kind.
//!
//! **Locks.** [`OFFER`] comes before a cradle's `hand`. Who takes a thread off the offer fills or closes its hand before it
//! lets go of the offer; so a thread that finds itself off the offer finds in its hand what it was taken for.

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

/// The thread that can be taken.
static OFFER: Mutex<Option<Arc<Cradle>>> = Mutex::new(None);

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
        lock(&OFFER).take_if(|other| Arc::ptr_eq(self, other));
    }
}

/// Has an isolate made, unless one is on offer.
fn make(size: Size, patience: Option<Duration>) {
    let cradle =
        Arc::new(Cradle { size, thread: OnceLock::new(), hand: Mutex::new(Hand::Empty), changed: Condvar::new() });
    {
        let mut offer = lock(&OFFER);
        if offer.is_some() {
            return;
        }
        *offer = Some(Arc::clone(&cradle));
    }
    lock(&MAKING).push(Arc::clone(&cradle));
    spawner::get().spawn("hz-isolate".to_owned(), move || cradle.run(patience));
}

/// Has an isolate made for the pool's first worker.
pub fn prepare(heap: usize) {
    make(Size { heap, buffers: None }, None);
}

/// Starts a thread that runs `body`, which will make an isolate of this size: the one on offer, if its isolate has that size. With
/// `again`, another one is made for the next who needs it.
pub fn spawn(name: String, size: Size, again: bool, body: impl FnOnce() + Send + 'static) {
    if let Some(body) = give(size, Box::new(body)) {
        spawner::get().spawn(name, body);
    }
    if again {
        make(size, Some(PATIENCE));
    }
}

/// Gives `body` to the thread on offer, if its isolate has this size. Returns it otherwise, and a thread with another size ends.
fn give(size: Size, body: Start) -> Option<Start> {
    // Held until the hand is filled or closed; see the head of this file.
    let mut offer = lock(&OFFER);
    let Some(cradle) = offer.take() else { return Some(body) };
    if cradle.size == size {
        cradle.give(Hand::Full(body));
        return None;
    }
    // Nobody needs that size any more.
    cradle.give(Hand::Closed);
    Some(body)
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
