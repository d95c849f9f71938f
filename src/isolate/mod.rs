//! V8: the engine of the process, isolates, and realms in them.

mod allowance;
mod budget;
mod channels;
mod engine;
mod fatal;
mod flags;
mod json;
mod modules;
mod natives;
mod outside;
mod parser;
mod platform;
mod program;
mod realm;
mod rejections;
mod runtime;
mod seed;
mod seen_stacks;
mod ships;
pub mod stack;
pub mod stack_trace;

use std::sync::Arc;

use crate::channel::{Alarm, Handle};
use crate::message::{Attachment, RecordKind};

pub use allowance::Allowance;
pub use engine::{initialize, version};
pub use fatal::{PoolThread, set_warden};
pub use runtime::{HOST_PROGRAM, HeapFigures, Job, Limits, Outcome, RealmId, Runtime, is_coroutine, program_of};
pub use seed::{Size, discard, make_ready};

/// Where an isolate's output goes: the pool's worker that owns it.
pub trait Outlet: Send + Sync {
    /// Sends a record to the host. A result or a thrown value ends the task.
    /// `codes`: the sources of functions in it; the host is sent none.
    fn post(
        &self,
        kind: RecordKind,
        task: u64,
        payload: &[u8],
        attachments: Vec<Attachment>,
        codes: Vec<Arc<crate::compiler::Code>>,
    );
    /// Says that a task of a realm goes on later: when what it waits for has happened, or at once if it was preempted.
    fn park(&self, task: u64, realm: RealmId, is_preempted: bool);
    /// Says how a parked task stands now.
    fn set_preempted(&self, task: u64, is_preempted: bool);
    /// Writes a line with the host's `console[method]`. Waits while the host has too much to write already.
    fn console(&self, method: u32, text: String);
    /// The file that holds Node's `util.inspect` for realms.
    fn inspect_file(&self) -> &str;
    /// The folder with Node's own modules for realms.
    fn node_folder(&self) -> &str;
    /// The version of the host's Node.
    fn node_version(&self) -> &str;
    /// If `data` is memory of a buffer that the host moved to this program, the host's id of that buffer.
    fn held_id(&self, data: usize) -> Option<u32>;
    /// An entry begins whose tasks look at the first number in `flags`: it is to become 1 when their time is over.
    fn slice_begins(&self, flags: v8::SharedRef<v8::BackingStore>);
    /// The entry is over.
    fn slice_ends(&self);
    /// When the isolate's next timer is due.
    fn set_deadline(&self, at: Option<std::time::Instant>);
    /// Whether jobs wait for the thread; if none does, the running entry's time begins anew.
    fn is_wanted(&self) -> bool;
    /// A task that computes is to have its turn, whose time begins now: unless jobs wait for the thread, or timers are `due`, and the
    /// turn is not overdue. Returns whether it is to have it.
    fn begin_turn(&self, due: bool, is_overdue: bool) -> bool;
    /// From now on the processor time is that of a task of the host's that has a limit, or nobody's (0).
    fn set_meter(&self, task: u64);
    /// What may be used of the processor time of such a task; nothing is counted any more once that has ended.
    fn allowance(&self, task: u64) -> Option<Arc<Allowance>>;
    /// Blocks the thread until this time, or until something is asked for a task, or the isolate is to end.
    fn sleep_until(&self, at: std::time::Instant);
    /// Takes what is asked for the tasks of a realm whose code is running: tasks, and the numbers of actions.
    fn take_controls(&self, realm: RealmId) -> Vec<(u64, u32)>;
    /// Takes a task that may run in any isolate of the pool; how it ends comes through `reply`. Returns its id, or nothing if no isolate
    /// takes it.
    fn ship(&self, job: Job, reply: Handle, root: u64) -> Option<u64>;
    /// Kills, pauses or resumes a task that was taken so, or asks where it stands, by the number of the action. Returns whether an isolate has
    /// begun it.
    fn control_shipped(&self, task: u64, action: u32) -> bool;
    /// A task that was sent is about to settle, and leaves tasks behind in this realm that it has started.
    fn leave_behind(&self, task: u64, realm: RealmId);
    /// There are tasks that have not begun and could run in another isolate. Returns whether they may, which never changes.
    fn offer(&self) -> bool;
    /// Wakes the isolate's thread: V8 has a task for it.
    fn wake(&self);
    /// Operations of the isolate's on shared channels have ended.
    fn mail_came(&self);
    /// The isolate is dead, and leaves timers for channels.
    fn inherit(&self, alarms: Vec<Alarm>);
    /// Code that is running looks for them; the thread looks again once that has left V8.
    fn mail_seen(&self);
    /// The kernel is about to take what has come for one of its tasks; until `delivery_ends`, V8 is not terminated by other threads. Returns
    /// false if it is to be, so that nothing may be taken.
    fn delivery_begins(&self) -> bool;
    /// The kernel has noted all that it has taken. Returns whether V8 is to be terminated now.
    fn delivery_ends(&self) -> bool;
    /// V8 says that the heap is nearly full and the isolate must be given up.
    fn out_of_memory(&self);
}
