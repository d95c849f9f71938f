//! What a worker does for the isolate that runs on its thread.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::rest::park;
use super::{Parked, Worker};
use crate::channel::{Alarm, Handle};
use crate::compiler::Code;
use crate::isolate::{Allowance, Job, Outlet, RealmId};
use crate::message::{Attachment, RecordKind};
use crate::pool::console::Line;

impl Outlet for Worker {
    fn slice_begins(&self, flags: v8::SharedRef<v8::BackingStore>) {
        if let Some(pool) = self.pool.upgrade() {
            pool.clock.begin(&self.entry, flags);
        }
    }

    fn slice_ends(&self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.clock.end(&self.entry);
        }
    }

    fn set_deadline(&self, at: Option<Instant>) {
        self.entry.set_deadline(at);
    }

    fn is_wanted(&self) -> bool {
        let wanted = self.pool.upgrade().is_some_and(|pool| self.has_urgent_work(&pool));
        if !wanted {
            self.entry.renew();
        }
        wanted
    }

    fn begin_turn(&self, due: bool, is_overdue: bool) -> bool {
        let is_first = is_overdue || !(due || self.pool.upgrade().is_some_and(|pool| self.has_urgent_work(&pool)));
        if is_first {
            self.entry.renew();
        }
        is_first
    }

    fn post(&self, kind: RecordKind, task: u64, payload: &[u8], attachments: Vec<Attachment>, codes: Vec<Arc<Code>>) {
        if matches!(kind, RecordKind::Result | RecordKind::Thrown | RecordKind::Failure) {
            let mut blocked = self.blocked.lock().expect("no holder panics");
            blocked.remove(task);
            drop(blocked);
            self.meters.end(task);
        } else if kind == RecordKind::Gone {
            self.blocked.lock().expect("no holder panics").forget_left(task);
        }
        self.record(kind, task, payload, attachments, codes);
    }

    fn park(&self, task: u64, realm: RealmId, is_preempted: bool) {
        self.blocked.lock().expect("no holder panics").insert(task, Parked { realm, is_preempted });
    }

    fn set_preempted(&self, task: u64, is_preempted: bool) {
        self.blocked.lock().expect("no holder panics").set_preempted(task, is_preempted);
    }

    fn console(&self, method: u32, text: String) {
        let Some(pool) = self.pool.upgrade() else { return };
        pool.host.wake();
        pool.console.push(Line { method, text }, || self.is_stopping());
        pool.host.wake();
    }

    fn inspect_file(&self) -> &str {
        &self.inspect_file
    }

    fn node_folder(&self) -> &str {
        &self.node_folder
    }

    fn node_version(&self) -> &str {
        &self.node_version
    }

    fn held_id(&self, data: usize) -> Option<u32> {
        let pool = self.pool.upgrade()?;
        pool.held.get(data)
    }

    fn ship(&self, job: Job, reply: Handle, root: u64) -> Option<u64> {
        self.pool.upgrade().filter(|_| self.shared)?.ship(self.id, job, reply, root)
    }

    fn control_shipped(&self, task: u64, action: u32) -> bool {
        self.pool.upgrade().is_some_and(|pool| pool.control_shipped(task, action))
    }

    fn leave_behind(&self, task: u64, realm: RealmId) {
        self.blocked.lock().expect("no holder panics").leave(task, realm);
        if let Some(pool) = self.pool.upgrade() {
            pool.children.leaves(task);
        }
    }

    fn offer(&self) -> bool {
        if let Some(pool) = self.pool.upgrade().filter(|_| self.shared) {
            pool.clock.wake();
        }
        self.shared
    }

    fn wake(&self) {
        self.unpark();
    }

    fn set_meter(&self, task: u64) {
        self.switch_meter(task);
    }

    fn allowance(&self, task: u64) -> Option<Arc<Allowance>> {
        self.meters.allowance(task)
    }

    fn sleep_until(&self, at: Instant) {
        // Acquire pairs with the store in `control`.
        while Instant::now() < at
            && !self.is_asked.load(Ordering::Acquire)
            && !self.doorbell.is_ringing()
            && !self.is_stopping()
        {
            park(Some(at));
        }
    }

    fn take_controls(&self, realm: RealmId) -> Vec<(u64, u32)> {
        if !self.is_asked.swap(false, Ordering::AcqRel) {
            return Vec::new();
        }
        let mut mine = Vec::new();
        let blocked = self.blocked.lock().expect("no holder panics");
        self.controls.lock().expect("no holder panics").retain(|(task, action)| {
            // A task that has not been parked yet is the one that runs.
            let is_mine = blocked.realm_of(*task).is_none_or(|theirs| theirs == realm);
            if is_mine {
                mine.push((*task, *action as u32));
            } else {
                self.is_put_off.store(true, Ordering::Relaxed);
            }
            !is_mine
        });
        mine
    }

    fn mail_came(&self) {
        self.doorbell.ring();
        // Afterwards: whoever looks before it sleeps sees one of the two.
        self.unpark();
    }

    fn inherit(&self, alarms: Vec<Alarm>) {
        // Without a pool nobody is left who could wait for them.
        if let Some(pool) = self.pool.upgrade() {
            pool.late.inherit(alarms, &self.pool);
        }
    }

    fn mail_seen(&self) {
        self.doorbell.answer_for_one();
    }

    fn delivery_begins(&self) -> bool {
        self.delivery.begin(|| self.is_termination_wanted())
    }

    fn delivery_ends(&self) -> bool {
        self.delivery.end(|| self.is_termination_wanted())
    }

    fn out_of_memory(&self) {
        // Pairs with the load in `bury`, which runs on another thread.
        self.out_of_memory.store(true, Ordering::Release);
    }
}
