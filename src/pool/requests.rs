//! What is asked for tasks that no isolate has begun.
//!
//! **Protocol.** Who asks for something writes it down, then looks for a worker that has the task, and tells that one. A worker says that it
//! has a task, then looks whether anything is written down for it. On both sides a `SeqCst` fence stands between what is said and the look:
//! of two that say something and then look, at least one sees what the other has said. So either the worker is told, or it finds the
//! request before it runs anything.
//!
//! For one task one thread asks: the host's for its own, that of the isolate that has sent it for another one. Nothing here depends on that: who
//! has told a worker takes back what it has asked for itself, and nothing else, so that of two who ask neither loses what the other has
//! asked. `models/src/jobs.rs` checks it.

use std::collections::HashMap;

use crate::channel::sync::{AtomicUsize, Mutex, Ordering, fence};

/// What is asked for; `lib/task.js` and `src/kernel/control.js` have the same numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Action {
    /// End it where it stands.
    Kill = 0,
    /// Give it no turn.
    Pause = 1,
    /// Give it turns again.
    Resume = 2,
    /// Say where it stands; the answer is a record.
    Stack = 3,
}

impl Action {
    /// The action with this number, if there is one.
    pub fn from_u32(action: u32) -> Option<Action> {
        [Action::Kill, Action::Pause, Action::Resume, Action::Stack].into_iter().find(|one| *one as u32 == action)
    }
}

/// What was asked for a task that no isolate has begun.
enum Request<J> {
    /// It is dropped when it comes up; `told` where it is known already that it was killed.
    Kill { told: bool },
    /// It is kept here when it comes up.
    Pause(Option<J>),
}

/// What is left to do for who has asked.
pub enum Answer<J> {
    /// Nothing.
    Done,
    /// The task was killed before it began, and nobody else says so.
    Killed,
    /// The job was kept and is to begin now.
    Begin(J),
}

/// Requests for tasks that no isolate has begun.
pub struct Requests<J> {
    requests: Mutex<HashMap<u64, Request<J>>>,
    count: AtomicUsize,
}

impl<J> Default for Requests<J> {
    fn default() -> Self {
        Requests { requests: Mutex::new(HashMap::new()), count: AtomicUsize::new(0) }
    }
}

impl<J> Requests<J> {
    /// Called by a worker that has said that it begins the job: gives it back unless it is not to be run now. The flag is whether somebody is
    /// yet to hear that the task was killed.
    pub fn check(&self, task: u64, job: J) -> Result<J, bool> {
        // Pairs with the one in `ask`.
        fence(Ordering::SeqCst);
        if self.count.load(Ordering::Relaxed) == 0 {
            return Ok(job);
        }
        let mut requests = self.requests.lock().expect("no holder panics");
        match requests.remove(&task) {
            None => Ok(job),
            Some(Request::Kill { told }) => {
                self.count.store(requests.len(), Ordering::Relaxed);
                Err(!told)
            }
            Some(Request::Pause(_)) => {
                requests.insert(task, Request::Pause(Some(job)));
                Err(false)
            }
        }
    }

    /// Asks for something to be done to a task. `tell` tells the worker that has begun it, and returns whether there is one.
    pub fn ask(&self, task: u64, action: Action, tell: impl FnOnce() -> bool) -> Answer<J> {
        let held = self.update(|requests| match action {
            Action::Kill => match requests.remove(&task) {
                Some(Request::Pause(Some(held))) => Some(held),
                before => {
                    // Of two who kill a task one says that it was killed.
                    let told = matches!(before, Some(Request::Kill { told: true }));
                    requests.insert(task, Request::Kill { told });
                    None
                }
            },
            Action::Pause => {
                requests.entry(task).or_insert(Request::Pause(None));
                None
            }
            Action::Resume => match requests.remove(&task) {
                Some(Request::Pause(held)) => held,
                Some(kill) => {
                    requests.insert(task, kill);
                    None
                }
                None => None,
            },
            Action::Stack => None,
        });
        if let Some(job) = held {
            return if action == Action::Kill { Answer::Killed } else { Answer::Begin(job) };
        }
        // Pairs with the one in `check`.
        fence(Ordering::SeqCst);
        if tell() {
            self.update(|requests| {
                // A worker that found the request when it was about to begin the task has it no more.
                let is_own = matches!(
                    (action, requests.get(&task)),
                    (Action::Kill, Some(Request::Kill { .. })) | (Action::Pause, Some(Request::Pause(None)))
                );
                if is_own {
                    requests.remove(&task);
                }
            });
            return Answer::Done;
        }
        if action != Action::Kill {
            return Answer::Done;
        }
        self.update(|requests| match requests.get_mut(&task) {
            Some(Request::Kill { told }) if !*told => {
                *told = true;
                Answer::Killed
            }
            _ => Answer::Done,
        })
    }

    /// A task has ended that somebody had asked something for who did not know that yet. Who hears of a task's end twice calls it: once as it
    /// has ended, once as killed before it began, in either order.
    pub fn forget(&self, task: u64) {
        // Who calls this has heard of two ends, one of which was said after the request was written down.
        if self.count.load(Ordering::Relaxed) > 0 {
            self.update(|requests| requests.remove(&task));
        }
    }

    fn update<T>(&self, change: impl FnOnce(&mut HashMap<u64, Request<J>>) -> T) -> T {
        let mut requests = self.requests.lock().expect("no holder panics");
        let result = change(&mut requests);
        // Ordered before the look for a worker by the fence in `ask`.
        self.count.store(requests.len(), Ordering::Relaxed);
        result
    }
}
