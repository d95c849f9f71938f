//! Killing, pausing and resuming tasks, wherever they are.
//!
//! Who asks for it (the host, or the isolate that has sent a task) does not know where a task is: still queued, in some isolate, or over. The
//! request is written down first; then the worker that has the task is told. See `requests.rs` for why neither can miss the other.
//!
//! Inside an isolate `src/kernel/control.js` does the rest. What does not react within the grace, because it never comes to
//! a point where it looks (a regular expression, a loop in WebAssembly, code in plain form), is terminated by V8: see
//! `Worker::survive`.

use std::sync::Arc;

use super::requests::{Action, Answer};
use super::{Pool, Worker};
use crate::isolate::Job;
use crate::message::FailureCode;

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

    /// The worker that a task has begun on, if it has and lives, or has left others behind there.
    pub(super) fn worker_of(&self, task: u64) -> Option<Arc<Worker>> {
        let workers = self.workers.lock().expect("no holder panics");
        workers.iter().find(|worker| worker.has(task)).cloned()
    }

    /// Kills, pauses or resumes a task that has not settled.
    pub fn control(self: &Arc<Self>, task: u64, action: Action) {
        let tell = || {
            let worker = self.worker_of(task);
            worker.is_some_and(|worker| {
                worker.control(task, action);
                true
            })
        };
        match self.requests.ask(task, action, tell) {
            Answer::Done => {}
            Answer::Killed => self.tell_killed(task),
            Answer::Begin((job, private)) => self.resubmit(job, private),
        }
    }

    /// The host has heard of a task's end for the second time; see `Requests::forget`.
    pub fn forget(&self, task: u64) {
        self.requests.forget(task);
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
