//! Killing, pausing and resuming tasks, wherever they are.
//!
//! Only the host asks for it, and it does not know where a task is: still queued, in some isolate, or over. The request is written
//! down first, under the lock of [`Controls`]; then all workers are asked. A worker that starts a task says so first (its `current`),
//! and looks at what is written down after that. So either the worker that has the task is found and told, or it finds the
//! request before it runs anything.
//!
//! Inside an isolate `src/kernel/control.js` does the rest. What does not react within the grace, because it never comes to
//! a point where it looks (a regular expression, a loop in WebAssembly, code in plain form), is terminated by V8: see
//! `Worker::survive`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Pool, Worker};
use crate::isolate::Job;
use crate::message::FailureCode;

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

/// What was asked for a task that no isolate has started.
enum Request {
    /// It is dropped when it comes up; `told` where the host has heard of it already.
    Kill { told: bool },
    /// It is kept here when it comes up, with the private isolate that it belongs to.
    Pause(Option<(Job, Option<u32>)>),
}

/// Requests for tasks that no isolate has started.
#[derive(Default)]
pub struct Controls {
    requests: Mutex<HashMap<u64, Request>>,
    count: AtomicUsize,
}

impl Controls {
    /// Called by a worker that has said that it starts the job: gives it back unless it is not to be run now. The flag is whether
    /// the host is yet to hear that the task was killed.
    pub fn check(&self, job: Job, private: Option<u32>) -> Result<Job, bool> {
        // Pairs with the store in `update`. A request that is not seen here is told to the worker, which has said before that it
        // has the task: the lock of the workers' states orders the two.
        if self.count.load(Ordering::SeqCst) == 0 {
            return Ok(job);
        }
        let mut requests = self.requests.lock().expect("no holder panics");
        match requests.remove(&job.task) {
            None => Ok(job),
            Some(Request::Kill { told }) => {
                self.count.store(requests.len(), Ordering::SeqCst);
                Err(!told)
            }
            Some(Request::Pause(_)) => {
                requests.insert(job.task, Request::Pause(Some((job, private))));
                Err(false)
            }
        }
    }

    fn update<T>(&self, change: impl FnOnce(&mut HashMap<u64, Request>) -> T) -> T {
        let mut requests = self.requests.lock().expect("no holder panics");
        let result = change(&mut requests);
        // Pairs with the load in `check`.
        self.count.store(requests.len(), Ordering::SeqCst);
        result
    }
}

impl Pool {
    /// Has the isolate that a task has begun in say where it stands. Returns whether there is one.
    pub fn ask_stack(&self, task: u64) -> bool {
        let worker = self.worker_of(task);
        worker.is_some_and(|worker| {
            worker.control(task, Action::Stack);
            true
        })
    }

    /// The same for a task that does not come to a point where it looks: V8 is asked for its own stack.
    pub fn ask_native_stack(&self, task: u64) {
        if let Some(worker) = self.worker_of(task) {
            worker.ask_native_stack(task);
        }
    }

    /// The worker that a task has begun on, if it has and lives.
    pub(super) fn worker_of(&self, task: u64) -> Option<Arc<Worker>> {
        let workers = self.workers.lock().expect("no holder panics");
        workers.iter().find(|worker| worker.status(task).is_some()).cloned()
    }

    /// Kills, pauses or resumes a task that has not settled.
    pub fn control(self: &Arc<Self>, task: u64, action: Action) {
        let held = self.controls.update(|requests| match action {
            Action::Kill => match requests.insert(task, Request::Kill { told: false }) {
                Some(Request::Pause(Some(held))) => {
                    requests.remove(&task);
                    Some(held)
                }
                _ => None,
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
        if let Some((job, private)) = held {
            match action {
                Action::Kill => self.tell_killed(task),
                _ => self.resubmit(job, private),
            }
            return;
        }
        if let Some(worker) = self.worker_of(task) {
            worker.control(task, action);
            self.controls.update(|requests| requests.remove(&task));
        } else if action == Action::Kill {
            let told = self.controls.update(|requests| match requests.get_mut(&task) {
                Some(Request::Kill { told }) => std::mem::replace(told, true),
                _ => true,
            });
            if !told {
                self.tell_killed(task);
            }
        }
    }

    fn resubmit(self: &Arc<Self>, job: Job, private: Option<u32>) {
        let task = job.task;
        match private {
            None => self.pass_on(job),
            Some(id) => {
                if !self.worker(id).is_some_and(|worker| worker.give(job)) {
                    self.tell_killed(task);
                }
            }
        }
    }

    /// Tells the host of a task that was killed before it began.
    fn tell_killed(&self, task: u64) {
        let worker = self.workers.lock().expect("no holder panics").first().cloned();
        if let Some(worker) = worker {
            worker.fail(task, FailureCode::Killed, "");
        }
    }
}
