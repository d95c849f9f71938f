//! The end of tasks whose isolate is beyond repair, or that nobody runs any more.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Worker;
use crate::isolate::{Job, Runtime};
use crate::message::{FailureCode, RecordKind};

impl Worker {
    /// Fails what was given to a worker that had just ended.
    pub(super) fn fail_late(&self) {
        // The lock of the list orders this and `end`: either that finds the job, or we see that it came too late.
        if self.jobs.is_closed() {
            self.fail_waiting();
        }
    }

    /// Drops an isolate that cannot go on; its tasks fail. The next job makes a fresh one.
    pub(super) fn abandon_isolate(&self, runtime: &mut Option<Runtime>, code: FailureCode) {
        self.handle.lock().expect("no holder panics").take();
        // Disposing of it first frees its memory before the host hears of it.
        drop(runtime.take());
        // Only this thread and V8's callbacks on it write the flag.
        self.out_of_memory.store(false, Ordering::Relaxed);
        self.replaced.fetch_add(1, Ordering::Relaxed);
        // The kernel that has said whose time runs is gone.
        self.switch_meter(0);
        self.fail_started(code, &self.out_of_memory_message());
    }

    fn out_of_memory_message(&self) -> String {
        let heap = self.limits.heap >> 20;
        let buffers = self.limits.buffers.map(|bytes| format!(" and its ArrayBuffers to {} MB", bytes >> 20));
        format!("the isolate ran out of memory: its heap is limited to {heap} MB{}", buffers.unwrap_or_default())
    }

    /// Fails the tasks that have started here.
    pub(super) fn fail_started(&self, code: FailureCode, message: &str) {
        let current = self.current.swap(0, Ordering::Relaxed);
        let blocked = std::mem::take(&mut *self.blocked.lock().expect("no holder panics"));
        if current != 0 && blocked.get(current).is_none() {
            self.fail(current, code, message);
        }
        let (tasks, left) = blocked.into_tasks();
        for task in tasks {
            self.fail(task, code, message);
        }
        for task in left {
            self.record(RecordKind::Gone, task, &[], Vec::new(), Vec::new());
        }
    }

    /// Fails the tasks that wait here for their code.
    pub(super) fn fail_waiting(&self) {
        let waiting = std::mem::take(&mut *self.waiting.lock().expect("no holder panics"));
        for job in waiting {
            self.fail(job.task, FailureCode::Killed, "the isolate was shut down");
        }
    }

    /// Jobs that this worker does not begin any more.
    pub(super) fn send_away(&self, jobs: Vec<Job>) {
        if jobs.is_empty() {
            return;
        }
        let pool = self.pool.upgrade().filter(|pool| self.shared && !pool.is_stopping());
        for job in jobs {
            // What one of the pool's workers was given may begin on another.
            if let Some(pool) = &pool {
                pool.handed.fetch_sub(1, Ordering::Relaxed);
                pool.pass_on(job);
                continue;
            }
            self.fail(job.task, FailureCode::Killed, "the isolate was shut down");
        }
    }

    /// Tells whoever has started a task that the pool ended it.
    pub fn fail(&self, task: u64, code: FailureCode, message: &str) {
        self.meters.end(task);
        let mut payload = (code as u32).to_le_bytes().to_vec();
        payload.extend_from_slice(message.as_bytes());
        self.record(RecordKind::Failure, task, &payload, Vec::new(), Vec::new());
    }

    /// Called by the warden after the thread has died: its tasks fail, and a shared worker is replaced.
    pub fn bury(self: Arc<Self>) {
        let Some(pool) = self.pool.upgrade() else { return };
        // Pairs with the store in `end` and the loads of those who would give this worker a job.
        self.stopping.store(true, Ordering::Release);
        if let Some(mailbox) = &*self.mailbox.lock().expect("no holder panics") {
            mailbox.close();
        }
        let (code, message) = if self.out_of_memory.load(Ordering::Acquire) {
            (FailureCode::Memory, self.out_of_memory_message())
        } else {
            (
                FailureCode::Crashed,
                "V8 stopped the isolate: it ran out of memory in one step, or failed one of V8's own checks".into(),
            )
        };
        self.fail_started(code, &message);
        let waiting = std::mem::take(&mut *self.waiting.lock().expect("no holder panics"));
        for job in waiting {
            self.fail(job.task, code, &message);
        }
        if !self.shared {
            for job in self.jobs.rest() {
                self.fail(job.task, code, &message);
            }
        }
        pool.leave_idle(self.id);
        self.end(&pool);
        pool.thread_ended();
        if self.shared && !pool.is_stopping() {
            pool.start_worker(true, self.limits);
            pool.wake_workers(1);
        }
    }
}
