//! What a thread does: its turns, from the first one to the last.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::Worker;
use crate::compiler::Form;
use crate::isolate::{HOST_PROGRAM, HeapFigures, Job, Outcome, Outlet, PoolThread, Runtime};
use crate::message::{FailureCode, RecordKind};
use crate::pool::cpu_time::ThreadClock;
use crate::pool::{Pool, priority};

/// How old the sizes of the heap may be that `stats()` shows of a busy isolate.
const HEAP_INTERVAL: Duration = Duration::from_secs(1);

/// A busy worker does V8's own tasks, most of which can wait, once in so many turns.
const PLATFORM_TURNS: u32 = 16;

impl Worker {
    /// The thread's body.
    pub fn run(self: Arc<Self>) {
        let thread = PoolThread::enter();
        self.thread.set((thread::current(), thread)).expect("a worker has one thread");
        self.thread_clock.get_or_init(ThreadClock::current);
        priority::lower();
        let Some(pool) = self.pool.upgrade() else { return };
        let outlet: Arc<dyn Outlet> = Arc::clone(&self) as Arc<dyn Outlet>;
        let mut runtime = None;
        let mut turn = 0;
        while !self.is_stopping() {
            turn = (turn + 1) % PLATFORM_TURNS;
            let outcome = self.step(&pool, &outlet, &mut runtime, turn);
            // If it was cut short by the heap's limit.
            self.delivery.end(|| false);
            // SeqCst: see `terminate`.
            if self.aim.load(Ordering::SeqCst) != 0 {
                // Until V8 has been told: what comes too late is taken back below, and does not meet the next one.
                drop(self.aiming.lock().expect("no holder panics"));
            }
            // Pairs with the store in `terminate`.
            let doomed = self.doomed.swap(0, Ordering::AcqRel);
            if outcome == Outcome::Terminated && !self.is_stopping() {
                if doomed == 0 || self.out_of_memory.load(Ordering::Relaxed) {
                    // It starts afresh.
                    self.abandon_isolate(&mut runtime, FailureCode::Memory);
                } else {
                    self.survive(&mut runtime, doomed);
                }
            } else if doomed != 0
                && let Some(runtime) = &mut runtime
            {
                // The task was through just before; the termination must not hit the next one.
                runtime.cancel_termination();
            }
        }
        self.handle.lock().expect("no holder panics").take();
        if let Some(runtime) = &mut runtime {
            // Before anybody hears that the tasks have ended.
            runtime.leave_channels();
        }
        self.fail_started(FailureCode::Killed, "the isolate was shut down");
        self.end(&pool);
        // Last, since nobody needs to wait for it. Pairs with the store in `Pool::stop`.
        if pool.abandon.load(Ordering::Acquire) {
            // The process ends: disposing of a heap would only delay it.
            std::mem::forget(runtime);
        } else {
            drop(runtime);
        }
        pool.thread_ended();
    }

    /// Marks the worker as ended, after its last record.
    pub(super) fn end(&self, pool: &Pool) {
        pool.clock.forget(&self.entry);
        let rest = self.jobs.close();
        self.fail_waiting();
        self.send_away(rest);
        if !self.shared {
            self.outbox.push(RecordKind::Disposed, u64::from(self.id), &[], Vec::new());
        }
        // Pairs with the load in `has_ended`.
        self.ended.store(true, Ordering::Release);
        pool.host.wake();
    }

    /// Does one thing: a timer that is due, a job, a task of V8's, or sleep.
    fn step(&self, pool: &Pool, outlet: &Arc<dyn Outlet>, runtime: &mut Option<Runtime>, turn: u32) -> Outcome {
        // Pairs with the store in `control`.
        if (self.is_asked.swap(false, Ordering::AcqRel) | self.is_put_off.swap(false, Ordering::Relaxed))
            && let Some(runtime) = runtime
        {
            return self.run_controls(runtime);
        }
        if let Some(runtime) = runtime
            && turn == 0
            && self.is_heap_stale()
        {
            self.publish_heap(runtime);
        }
        if let Some(runtime) = runtime
            && turn == 0
            && runtime.has_platform_tasks()
        {
            return self.run_platform_tasks(runtime);
        }
        if let Some(runtime) = runtime
            && runtime.is_due(Instant::now())
        {
            let outcome = runtime.fire_due(Instant::now());
            if self.out_of_memory.load(Ordering::Relaxed) {
                return Outcome::Terminated;
            }
            self.release(runtime, runtime.last_program());
            return outcome;
        }
        if self.doorbell.answer()
            && let Some(runtime) = runtime
            && let Some(outcome) = self.deliver_mail(runtime)
        {
            return outcome;
        }
        if let Some(job) = self.next_job(pool, runtime.as_ref()) {
            return self.execute(job, outlet, runtime);
        }
        if let Some(runtime) = runtime
            && runtime.has_ready()
        {
            let outcome = runtime.run_ready();
            if self.out_of_memory.load(Ordering::Relaxed) {
                return Outcome::Terminated;
            }
            self.release(runtime, runtime.last_program());
            return outcome;
        }
        if runtime.is_some() && self.spin(pool) {
            return Outcome::Completed;
        }
        if let Some(runtime) = runtime {
            if runtime.has_platform_tasks() {
                return self.run_platform_tasks(runtime);
            }
            if runtime.is_relief_due() {
                runtime.relieve();
            }
            for program in runtime.end_deadlocks() {
                self.release(runtime, program);
            }
            runtime.begin_idle();
            self.publish_heap(runtime);
        } else if self.eager {
            // It is ready when its first job comes.
            *runtime = Some(self.make_isolate(outlet));
            return Outcome::Completed;
        }
        self.sleep(pool, runtime.as_ref());
        Outcome::Completed
    }

    /// Tells one realm of its operations on shared channels that have ended.
    fn deliver_mail(&self, runtime: &mut Runtime) -> Option<Outcome> {
        let outcome = runtime.deliver_mail()?;
        // There may be more, for other realms.
        self.doorbell.put_off();
        if self.out_of_memory.load(Ordering::Relaxed) {
            return Some(Outcome::Terminated);
        }
        self.release(runtime, runtime.last_program());
        Some(outcome)
    }

    fn run_platform_tasks(&self, runtime: &mut Runtime) -> Outcome {
        let outcome = runtime.run_platform_tasks();
        if self.out_of_memory.load(Ordering::Relaxed) {
            return Outcome::Terminated;
        }
        // Microtasks of any realm may have run.
        for program in runtime.programs() {
            self.release(runtime, program);
        }
        outcome
    }

    fn next_job(&self, pool: &Pool, runtime: Option<&Runtime>) -> Option<Job> {
        // Only who has something else to do may leave them: others might wait for it for ever.
        if runtime.is_some_and(Runtime::has_ready) && self.leaves_jobs(pool) {
            return None;
        }
        if let Some(job) = self.jobs.take() {
            if self.shared {
                pool.handed.fetch_sub(1, Ordering::Relaxed);
            }
            return Some(job);
        }
        if !self.shared {
            return None;
        }
        pool.jobs.1.try_recv().ok().or_else(|| pool.steal_job())
    }

    fn make_isolate(&self, outlet: &Arc<dyn Outlet>) -> Runtime {
        let runtime = Runtime::new(self.limits, Arc::clone(outlet));
        *self.handle.lock().expect("no holder panics") = Some(runtime.handle());
        *self.mailbox.lock().expect("no holder panics") = Some(runtime.mailbox());
        runtime
    }

    fn execute(&self, job: Job, outlet: &Arc<dyn Outlet>, runtime: &mut Option<Runtime>) -> Outcome {
        let (task, program) = (job.task, job.program);
        self.forget_asked(task);
        // Before the task is known to run here: who finds that it does sees this, too.
        self.is_plain.store(job.code.form == Form::Plain, Ordering::Relaxed);
        // Pairs with the loads in `status` and `control`; see `requests.rs` for what it says besides. `bury` reads it after the thread's death,
        // which orders them.
        self.current.store(task, Ordering::Release);
        let job = if let Some(pool) = self.pool.upgrade() {
            match pool.requests.check(task, (job, (!self.shared).then_some(self.id))) {
                Ok((job, _)) => job,
                Err(is_killed) => {
                    self.current.store(0, Ordering::Relaxed);
                    if is_killed {
                        self.fail(task, FailureCode::Killed, "");
                    }
                    return Outcome::Completed;
                }
            }
        } else {
            job
        };
        self.started.fetch_add(1, Ordering::Relaxed);
        // Snapshots for `figures`, which only this thread writes.
        let waited = u64::try_from(job.submitted.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.start_waits[0].fetch_add(waited, Ordering::Relaxed);
        self.start_waits[1].fetch_max(waited, Ordering::Relaxed);
        let runtime = runtime.get_or_insert_with(|| self.make_isolate(outlet));
        if let Some(allowance) = &job.allowance {
            let plain_since = (job.code.form == Form::Plain).then(|| self.thread_time());
            self.meters.begin(allowance, plain_since);
            if plain_since.is_some()
                && let Some(pool) = self.pool.upgrade()
            {
                pool.clock.wake();
            }
        }
        // V8 could not be told while there was no isolate. The lock of its handle orders the two.
        if self.is_stopping() || self.doomed.load(Ordering::Relaxed) == task {
            return Outcome::Terminated;
        }
        let outcome = runtime.execute(job);
        // The termination that comes with it may not have taken effect before the task was through.
        if self.out_of_memory.load(Ordering::Relaxed) {
            return Outcome::Terminated;
        }
        if outcome == Outcome::Completed {
            // SeqCst: see `terminate`.
            self.current.store(0, Ordering::SeqCst);
            self.release(runtime, program);
        }
        outcome
    }

    /// Drops a program's realm if it has neither a task nor a timer left.
    pub(super) fn release(&self, runtime: &mut Runtime, program: u32) {
        if program != HOST_PROGRAM && !self.blocked.lock().expect("no holder panics").has_program(program) {
            runtime.release_program(program);
        }
    }

    /// Whether the heap's sizes are those of long ago, since the isolate was never idle.
    fn is_heap_stale(&self) -> bool {
        let seen = *self.heap_seen.lock().expect("no holder panics");
        seen.is_none_or(|at| at.elapsed() >= HEAP_INTERVAL)
    }

    fn publish_heap(&self, runtime: &mut Runtime) {
        let HeapFigures { used, total, external } = runtime.heap();
        for (slot, value) in self.heap.iter().zip([used, total, external]) {
            // Snapshots for `figures`.
            slot.store(value, Ordering::Relaxed);
        }
        *self.heap_seen.lock().expect("no holder panics") = Some(Instant::now());
    }
}
