//! Kill, pause, stacks and processor time of the tasks of a thread.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Worker;
use crate::isolate::{Outcome, Runtime, is_coroutine, program_of, stack_trace};
use crate::message::{FailureCode, RecordKind};
use crate::pool::requests::Action;

/// How long code in plain form may go on once it is killed.
const PLAIN_GRACE: Duration = Duration::from_millis(10);

impl Worker {
    /// Asks for something to be done to a task that has begun here.
    pub fn control(&self, task: u64, action: Action) {
        self.controls.lock().expect("no holder panics").push((task, action));
        // Pairs with the swap in `run_controls`.
        self.is_asked.store(true, Ordering::Release);
        if action == Action::Kill
            && let Some(pool) = self.pool.upgrade()
        {
            // Nothing else reaches code in plain form, and there is nothing to wait for: it cannot be left in an orderly way.
            let is_plain = self.current.load(Ordering::Acquire) == task && self.is_plain.load(Ordering::Relaxed);
            let grace = if is_plain { PLAIN_GRACE } else { self.limits.kill_grace + PLAIN_GRACE };
            pool.clock.doom(&self.entry, task, grace);
        }
        self.entry.interrupt();
        self.unpark();
    }

    /// A task is about to begin here. If it was paused when it was to begin here before, the worker may have been told of that, too, though the
    /// task was kept then and has been resumed since: this is not for what begins now.
    pub(super) fn forget_asked(&self, task: u64) {
        // Who has resumed the task has told of the pause before, and then handed the job over, which orders the two.
        if self.is_asked.load(Ordering::Relaxed) | self.is_put_off.load(Ordering::Relaxed) {
            self.controls.lock().expect("no holder panics").retain(|(other, _)| *other != task);
        }
    }

    /// Does what was asked for. The thread is outside of V8.
    pub(super) fn run_controls(&self, runtime: &mut Runtime) -> Outcome {
        let asked = std::mem::take(&mut *self.controls.lock().expect("no holder panics"));
        for (task, action) in asked {
            // One that is not there is over, with all that it has left behind.
            let Some(realm) = self.blocked.lock().expect("no holder panics").realm_of(task) else { continue };
            if is_coroutine(realm) {
                let outcome = runtime.act(realm, task, action as u32);
                if self.out_of_memory.load(Ordering::Relaxed) {
                    return Outcome::Terminated;
                }
                if outcome == Outcome::Terminated {
                    return outcome;
                }
            } else if action == Action::Stack {
                self.tell_stack(task, "blocked in await", "");
            } else if action == Action::Kill {
                self.blocked.lock().expect("no holder panics").remove(task);
                self.fail(task, FailureCode::Killed, "");
            }
            self.release(runtime, program_of(realm));
        }
        Outcome::Completed
    }

    /// Answers the host, which has asked where a task stands.
    fn tell_stack(&self, task: u64, state: &str, frames: &str) {
        self.outbox.push(RecordKind::NativeStack, task, format!("{state}{frames}").as_bytes(), Vec::new());
        if let Some(pool) = self.pool.upgrade() {
            pool.host.wake();
        }
    }

    /// Has V8 interrupt what runs, and say what is on its stack. Nothing comes of it where what runs is one long operation of
    /// V8's own.
    pub fn ask_native_stack(self: &Arc<Self>, task: u64) {
        let handle = self.handle.lock().expect("no holder panics").clone();
        let Some(handle) = handle else { return };
        let this = Arc::downgrade(self);
        stack_trace::request(&handle, move |frames| {
            let Some(this) = this.upgrade() else { return };
            if this.entry.task() == Some(task) || this.current.load(Ordering::Relaxed) == task {
                this.tell_stack(task, "running", &frames);
            }
        });
    }

    /// Called by the clock: kills tasks that have used their processor time. Returns whether there are tasks in plain form that
    /// may yet use theirs.
    pub(super) fn check_meters(&self) -> bool {
        let over = self.meters.over(|| self.thread_time());
        if !over.is_empty()
            && let Some(pool) = self.pool.upgrade()
        {
            for task in over {
                pool.expire(task);
            }
        }
        self.meters.has_plain()
    }

    /// From now on the thread's time is that of a task of the host's, or nobody's (0).
    pub(super) fn switch_meter(&self, task: u64) {
        if let Some(over) = self.meters.switch(task, self.thread_time())
            && let Some(pool) = self.pool.upgrade()
        {
            pool.expire(over);
        }
    }

    pub(super) fn thread_time(&self) -> Duration {
        self.thread_clock.get().map_or(Duration::ZERO, |clock| clock.now())
    }

    /// Kills a task that has begun here and has used its processor time.
    pub fn expire(&self, task: u64) {
        // The host learns why before it hears that the task was killed: that comes through the same outbox.
        self.outbox.push(RecordKind::Expired, task, &[], Vec::new());
        if let Some(pool) = self.pool.upgrade() {
            pool.host.wake();
        }
        self.control(task, Action::Kill);
    }

    /// Called by the clock: the task does not come to a point where it looks.
    pub(super) fn terminate(&self, task: u64) {
        let is_running = || self.entry.task() == Some(task) || self.current.load(Ordering::SeqCst) == task;
        if !is_running() {
            return;
        }
        // This thread takes aim, then looks whether the task runs. The worker says that a task is through, then looks whether somebody aims at one,
        // and waits for that. All SeqCst: at least one of the two sees what the other has said, so V8 is not told about a task while the next one
        // runs. (One that suspends itself within a slice says nothing; the kernel then goes on to another one in the same entry into V8.)
        let _aiming = self.aiming.lock().expect("no holder panics");
        self.aim.store(task, Ordering::SeqCst);
        if is_running() {
            // Pairs with the swap in `run`, which finds it before or after the termination has taken effect. SeqCst: see `delivery.rs`.
            self.doomed.store(task, Ordering::SeqCst);
            self.terminate_execution();
        }
        self.aim.store(0, Ordering::SeqCst);
    }

    /// A task was terminated by V8, and those whose native frames lay under its own with it. The others go on.
    pub(super) fn survive(&self, runtime: &mut Option<Runtime>, doomed: u64) {
        if let Some(runtime) = runtime {
            runtime.recover();
            // The termination may have met another task, or none, or the kernel while it began or killed this one: then it still has it.
            runtime.forget(doomed);
        }
        // In plain form the kernel knows nothing of it.
        let current = self.current.swap(0, Ordering::Relaxed);
        for task in [doomed, current].into_iter().filter(|task| *task != 0) {
            self.blocked.lock().expect("no holder panics").remove(task);
            // The host hears of each task once; what comes later is dropped there.
            self.fail(task, FailureCode::Killed, "");
        }
    }
}
