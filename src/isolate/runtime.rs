//! One isolate and what runs in it. Lives on one thread, from creation to drop.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::ffi::c_void;
use std::rc::Rc;
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use super::allowance::Allowance;
use super::budget::Budget;
use super::channels::Channels;
use super::outside::Outside;
use super::realm::{Realm, Settings};
use super::rejections::{Rejection, Rejections};
use super::seed::{self, Seed, Size};
use super::seen_stacks::SeenStacks;
use super::{Outlet, fatal, natives, platform, stack};
use crate::channel::Mailbox;
use crate::compiler::{Code, Form};
use crate::message::{Attachment, Borrowed};

/// What V8 may still use, in bytes, while an isolate that ran out of memory is unwound.
const UNWIND_RESERVE: usize = 64 << 20;

/// An isolate that holds at least so many bytes of the host's memory, and then has nothing to do for [`IDLE`], collects
/// garbage: what it holds may be as good as free, and no allocation of its own would tell V8.
const WORTH_COLLECTING: usize = 32 << 20;

/// How long an isolate is idle before it collects garbage for the host's sake.
const IDLE: Duration = Duration::from_millis(100);

/// How often a heap that is not full may get more room, see [`on_near_heap_limit`].
const RAISES: u32 = 4;

/// The program number of the host environment itself.
pub const HOST_PROGRAM: u32 = 0;

/// A program's realm for code as it is written, or for code in coroutine form.
pub type RealmId = u32;

fn realm_of(program: u32, form: Form) -> RealmId {
    program << 1 | u32::from(form != Form::Plain)
}

/// The program that a realm belongs to.
pub fn program_of(realm: RealmId) -> u32 {
    realm >> 1
}

/// Whether a realm's code is in coroutine form.
pub fn is_coroutine(realm: RealmId) -> bool {
    realm & 1 == 1
}

/// What an isolate is made with.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the JavaScript heap.
    pub heap: usize,
    /// Bytes of all `ArrayBuffer`s together, where they are limited.
    pub buffers: Option<usize>,
    /// Whether `console` formats values with colours.
    pub colors: bool,
    /// How long a task that is killed may still run.
    pub kill_grace: Duration,
    /// How long a task runs before others get their turn.
    pub quantum: Duration,
}

impl Limits {
    /// What of them an isolate is born with.
    pub fn size(&self) -> Size {
        Size { heap: self.heap, buffers: self.buffers }
    }
}

/// One task, ready to run.
pub struct Job {
    /// Its id.
    pub task: u64,
    /// The program, and so the realm, it belongs to.
    pub program: u32,
    /// What it runs: a function, or a whole program.
    pub code: Arc<Code>,
    /// The encoded arguments.
    pub payload: Vec<u8>,
    /// Further sources that the arguments name.
    pub codes: Vec<Arc<Code>>,
    /// Memory that comes with the arguments.
    pub attachments: Vec<Attachment>,
    /// When it was submitted.
    pub submitted: Instant,
    /// The processor time that it may use: its own, or that of the task of the host's that it comes from.
    pub allowance: Option<Arc<Allowance>>,
}

/// How an entry into an isolate ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// As JavaScript does: it returned.
    Completed,
    /// Execution was terminated; the isolate's state is unknown.
    Terminated,
}

/// Sizes of an isolate's heap, in bytes.
#[derive(Clone, Copy, Default, Debug)]
pub struct HeapFigures {
    /// In use.
    pub used: usize,
    /// Taken from the system.
    pub total: usize,
    /// Memory outside the heap that its objects hold.
    pub external: usize,
}

/// What goes with a message beside its bytes: memory and channels, and the sources of its functions.
type Outgoing = (Vec<Attachment>, Vec<Arc<Code>>);

/// What the native functions of an isolate share with its runtime.
pub struct State {
    /// Where output goes.
    pub outlet: Arc<dyn Outlet>,
    /// Memory that came with the message being decoded.
    pub incoming: RefCell<Vec<Option<Attachment>>>,
    /// Memory that goes with the message being encoded.
    pub outgoing: RefCell<Vec<Attachment>>,
    /// The same, and what is in `named`, of messages that go on when that one is through.
    pub aside: RefCell<Vec<Outgoing>>,
    /// Shared channels.
    pub channels: Channels,
    /// Memory of the host that the isolate uses.
    pub borrowed: Arc<Borrowed>,
    /// Memory outside of the heap.
    pub outside: Outside,
    /// The code of the task being started.
    pub code: RefCell<Option<Arc<Code>>>,
    /// Further sources that its message names.
    pub codes: RefCell<Vec<Arc<Code>>>,
    /// Sources that the message being encoded needs.
    pub named: RefCell<Vec<Arc<Code>>>,
    /// What makes functions of this isolate's sources elsewhere, by the source's number and the function's place.
    pub ships: RefCell<HashMap<(u32, u32), Arc<Code>>>,
    /// Scripts in coroutine form that are compiled and wait to be run, by the id of their source.
    pub scripts: RefCell<HashMap<u32, v8::Global<v8::Script>>>,
    /// What the names of scripts in coroutine form stand for, in each realm.
    pub sources: RefCell<HashMap<RealmId, HashMap<String, Arc<Code>>>>,
    /// The number of the next source that `eval` or `new Function` makes; those of the host count upwards.
    pub next_dynamic: Cell<u32>,
    /// `registerDynamic` of each realm for coroutine form.
    pub registers: RefCell<HashMap<RealmId, v8::Global<v8::Function>>>,
    /// When each realm wants its next timer to fire.
    pub deadlines: RefCell<HashMap<u32, Instant>>,
    /// Until when there may be an `Atomics.waitAsync` that ends by itself.
    pub async_waits_until: Cell<Option<Instant>>,
    /// What `import()` in each source is relative to.
    pub bases: RefCell<HashMap<u32, String>>,
    /// Where specifiers lead.
    pub resolvers: RefCell<crate::modules::Resolvers>,
    /// Modules in plain form.
    pub plain: RefCell<super::modules::Plain>,
    /// Modules of which V8's bytecode is to be kept for other isolates.
    pub uncached: RefCell<Vec<super::modules::Uncached>>,
    /// Rejected promises that nobody handles yet.
    pub rejections: RefCell<Rejections>,
    /// Which stacks can be suspended.
    pub seen_stacks: Rc<SeenStacks>,
    /// Realms with tasks that could run.
    pub ready: RefCell<BTreeSet<RealmId>>,
    /// The contexts of the realms.
    pub contexts: RefCell<HashMap<RealmId, v8::Global<v8::Context>>>,
    /// The realm that was entered last.
    pub realm: Cell<RealmId>,
}

/// Where an isolate's data has the pointer of its state: to look that up among its slots takes most of the time of a short native call.
const STATE: u32 = 0;

impl State {
    /// The state of the isolate that `scope` belongs to.
    pub fn of(scope: &mut v8::Isolate) -> Rc<State> {
        let state = scope.get_data(STATE).cast::<State>().cast_const();
        assert!(!state.is_null(), "every runtime sets its state");
        // SAFETY: `Runtime::new` has put the pointer of an `Rc` there, and the same `Rc` into a slot of the isolate, which keeps it as long
        // as the isolate lives; the borrow of `scope` says that it does, and that this is its thread.
        unsafe {
            Rc::increment_strong_count(state);
            Rc::from_raw(state)
        }
    }

    /// When the next timer of any realm is due.
    pub fn timer(&self) -> Option<Instant> {
        self.deadlines.borrow().values().min().copied()
    }

    /// Whether one is.
    pub fn is_timer_due(&self) -> bool {
        self.timer().is_some_and(|at| at <= Instant::now())
    }
}

/// One isolate with its realms.
pub struct Runtime {
    // Dropped in this order: handles into the isolate go before the isolate itself.
    realms: HashMap<RealmId, Realm>,
    /// A context for the first realm in coroutine form, where it was made ahead.
    ready: Option<v8::Global<v8::Context>>,
    state: Rc<State>,
    isolate: v8::OwnedIsolate,
    tasks: platform::Registration,
    // V8 holds a pointer to this until the isolate is gone.
    heap_limit: Box<HeapLimitContext>,
    // And to this.
    _seen_stacks: Rc<SeenStacks>,
    limits: Limits,
    /// When garbage is to be collected, unless there is something to do before.
    relief: Option<Instant>,
    /// Bytes of the host's memory that the last such collection left.
    relieved: usize,
}

/// What the kernel is asked for when the isolate ends; `ACTIONS` in src/kernel/control.js has the same number.
const LEAVE: u32 = 4;
/// What `act` does for a task that was terminated; `src/kernel/control.js` has the same number.
const FORGET: u32 = 5;

impl Runtime {
    /// Makes an isolate on the calling thread, which becomes its only one.
    pub fn new(limits: Limits, outlet: Arc<dyn Outlet>) -> Runtime {
        let Seed { context, mut isolate, budget, .. } = Seed::take(limits.size());
        isolate.set_microtasks_policy(v8::MicrotasksPolicy::Explicit);
        isolate.set_oom_error_handler(fatal::on_out_of_memory);
        isolate.set_promise_reject_callback(natives::on_promise_reject);
        isolate.set_host_import_module_dynamically_callback(super::modules::on_dynamic_import);
        isolate.set_host_initialize_import_meta_object_callback(super::modules::on_import_meta);
        isolate.set_modify_code_generation_from_strings_callback(super::program::on_code_generation);
        let reader = Arc::downgrade(&outlet);
        let heir = Weak::clone(&reader);
        let wake = move || {
            if let Some(reader) = reader.upgrade() {
                reader.mail_came();
            }
        };
        let mailbox = Mailbox::with_heir(wake, move |alarms| {
            if let Some(heir) = heir.upgrade() {
                heir.inherit(alarms);
            }
        });
        let borrowed = Arc::default();
        let state = Rc::new(State {
            outlet: Arc::clone(&outlet),
            incoming: RefCell::default(),
            outgoing: RefCell::default(),
            aside: RefCell::default(),
            channels: Channels::new(mailbox),
            outside: Outside::new(limits.buffers, Arc::clone(&borrowed)),
            borrowed,
            code: RefCell::default(),
            codes: RefCell::default(),
            named: RefCell::default(),
            ships: RefCell::default(),
            scripts: RefCell::default(),
            sources: RefCell::default(),
            next_dynamic: Cell::new(u32::MAX - 1000),
            registers: RefCell::default(),
            deadlines: RefCell::default(),
            async_waits_until: Cell::default(),
            bases: RefCell::default(),
            resolvers: RefCell::new(crate::modules::Resolvers::new()),
            plain: RefCell::default(),
            uncached: RefCell::default(),
            rejections: RefCell::default(),
            seen_stacks: Rc::default(),
            ready: RefCell::default(),
            contexts: RefCell::default(),
            realm: Cell::new(HOST_PROGRAM << 1),
        });
        isolate.set_slot(Rc::clone(&state));
        isolate.set_data(STATE, Rc::as_ptr(&state).cast_mut().cast());
        let worker = Arc::downgrade(&outlet);
        let wake = move || {
            if let Some(worker) = worker.upgrade() {
                worker.wake();
            }
        };
        let tasks = platform::Queue::of(&isolate, wake);
        let mut heap_limit = Box::new(HeapLimitContext {
            outlet,
            handle: isolate.thread_safe_handle(),
            budget,
            state: Rc::clone(&state),
            is_checking: Cell::new(false),
            // SAFETY: only used while V8 runs on this thread, in a callback of this very isolate.
            isolate: unsafe { isolate.as_raw_isolate_ptr() },
            raises: Cell::new(0),
        });
        isolate.add_near_heap_limit_callback(on_near_heap_limit, (&raw mut *heap_limit).cast());
        let seen_stacks = Rc::clone(&state.seen_stacks);
        let seen = Rc::as_ptr(&seen_stacks).cast_mut().cast();
        isolate.add_gc_epilogue_callback(on_code_collected, seen, v8::GCType::kGCTypeMarkSweepCompact);
        if limits.buffers.is_some() {
            let context = (&raw mut *heap_limit).cast();
            isolate.add_gc_epilogue_callback(on_collected, context, v8::GCType::kGCTypeAll);
        }
        Runtime {
            realms: HashMap::new(),
            ready: context,
            state,
            isolate,
            tasks,
            heap_limit,
            _seen_stacks: seen_stacks,
            limits,
            relief: None,
            relieved: 0,
        }
    }

    /// A handle by which other threads can terminate what runs here.
    pub fn handle(&self) -> v8::IsolateHandle {
        self.isolate.thread_safe_handle()
    }

    /// Starts a task: it has settled, or waits for its promise, when this returns.
    pub fn execute(&mut self, job: Job) -> Outcome {
        let Job { task, program, code, payload, codes, attachments, submitted: _, allowance } = job;
        let is_function = matches!(code.kind, crate::compiler::CodeKind::Function { .. });
        let (id, form) = (code.id, code.form);
        self.state.incoming.replace(attachments.into_iter().map(Some).collect());
        self.state.outgoing.borrow_mut().clear();
        // A closure comes with its message.
        let is_closure = codes.iter().any(|other| other.id == code.id);
        self.state.code.replace(Some(code));
        self.state.codes.replace(codes);
        let outcome = self.enter(realm_of(program, form), |scope, realm| {
            // Task ids stay below 2^53.
            #[expect(clippy::cast_precision_loss)]
            let task = v8::Number::new(scope, task as f64).into();
            let id = v8::Integer::new_from_unsigned(scope, id).into();
            let storm = v8::Boolean::new(scope, form == Form::Storm).into();
            let closure = v8::Boolean::new(scope, is_closure).into();
            #[expect(clippy::cast_precision_loss)]
            let meter = allowance.map_or(0, |allowance| allowance.task()) as f64;
            let meter = v8::Number::new(scope, meter).into();
            let receiver = v8::undefined(scope).into();
            if is_function {
                // A message is at most 4 GB, which a double holds exactly.
                #[expect(clippy::cast_precision_loss)]
                let length = v8::Number::new(scope, payload.len() as f64).into();
                let large = realm.deliver(scope, payload)?;
                let arguments = [task, id, length, large, storm, closure, meter];
                v8::Local::new(scope, &realm.start).call(scope, receiver, &arguments)
            } else {
                v8::Local::new(scope, &realm.evaluate).call(scope, receiver, &[task, id, storm, meter])
            }
        });
        self.state.incoming.borrow_mut().clear();
        self.state.code.replace(None);
        self.state.codes.borrow_mut().clear();
        outcome
    }

    /// When the thread has something to do next: a timer, a delayed task of V8's, a collection.
    pub fn deadline(&self) -> Option<Instant> {
        self.timer().into_iter().chain(self.tasks.deadline()).chain(self.relief).min()
    }

    /// Whether a task may go on because time passes: by a timer, or at the end of an `Atomics.waitAsync`. Other delayed tasks of V8's, and
    /// collections, are heard of by nobody.
    pub fn awaits_time(&self) -> bool {
        self.timer().is_some() || self.state.async_waits_until.get().is_some_and(|until| until > Instant::now())
    }

    /// Whether V8 does something on other threads that this isolate will hear of.
    pub fn has_background_work(&self) -> bool {
        self.isolate.has_pending_background_tasks()
    }

    /// Whether a timer is due.
    pub fn is_due(&self, now: Instant) -> bool {
        self.timer().is_some_and(|at| at <= now)
    }

    fn timer(&self) -> Option<Instant> {
        self.state.timer()
    }

    /// Runs one timer that is due.
    pub fn fire_due(&mut self, now: Instant) -> Outcome {
        let due = self.state.deadlines.borrow().iter().find(|(_, at)| **at <= now).map(|(realm, _)| *realm);
        let Some(realm) = due else { return Outcome::Completed };
        self.enter(realm, |scope, realm| {
            let receiver = v8::undefined(scope).into();
            v8::Local::new(scope, &realm.fire_next).call(scope, receiver, &[])
        })
    }

    /// Kills, pauses or resumes a task of a realm for coroutine form.
    pub fn act(&mut self, realm: RealmId, task: u64, action: u32) -> Outcome {
        self.enter(realm, |scope, realm| {
            let receiver = v8::undefined(scope).into();
            // Task ids stay below 2^53.
            #[expect(clippy::cast_precision_loss)]
            let task = v8::Number::new(scope, task as f64).into();
            let action = v8::Integer::new_from_unsigned(scope, action).into();
            v8::Local::new(scope, realm.act.as_ref()?).call(scope, receiver, &[task, action])
        })
    }

    /// The isolate ends: its tasks leave the queues of shared channels, and give back what they were given and have not seen.
    pub fn leave_channels(&mut self) {
        self.cancel_termination();
        self.act_everywhere(0, LEAVE);
        self.state.channels.endpoint.borrow_mut().leave();
    }

    /// Forgets a task that V8 was told to terminate, whatever that has met.
    pub fn forget(&mut self, task: u64) {
        self.act_everywhere(task, FORGET);
    }

    /// Does something in all realms for coroutine form.
    fn act_everywhere(&mut self, task: u64, action: u32) {
        let realms: Vec<RealmId> =
            self.realms.iter().filter(|(_, realm)| realm.act.is_some()).map(|(id, _)| *id).collect();
        for realm in realms {
            // Code of ours alone, which is done at once.
            let _ = self.act(realm, task, action);
        }
    }

    /// Where the ends of operations on shared channels come.
    pub fn mailbox(&self) -> Arc<Mailbox> {
        Arc::clone(self.state.channels.endpoint.borrow().mailbox())
    }

    /// Lets the tasks of one realm go on whose operations on shared channels have ended; returns whether there were any.
    pub fn deliver_mail(&mut self) -> Option<Outcome> {
        let realm = self.state.channels.endpoint.borrow().mailbox().look()?;
        if !self.realms.contains_key(&realm) {
            self.state.channels.forget_realm(realm);
            return Some(Outcome::Completed);
        }
        Some(self.enter(realm, |scope, realm| {
            let receiver = v8::undefined(scope).into();
            v8::Local::new(scope, realm.receive_mail.as_ref()?).call(scope, receiver, &[])
        }))
    }

    /// The thread has nothing to do: ends programs that cannot go on. Returns those that were looked at.
    pub fn end_deadlocks(&mut self) -> Vec<u32> {
        // What V8 has put off for later is its own housekeeping: programs that have asked it for a timeout say so themselves.
        if self.tasks.is_ready() {
            return Vec::new();
        }
        let programs = self.realms.keys().filter(|realm| is_coroutine(**realm) && program_of(**realm) != HOST_PROGRAM);
        let mut looked = Vec::new();
        for realm in programs.copied().collect::<Vec<_>>() {
            if self.state.ready.borrow().contains(&realm) || self.state.deadlines.borrow().contains_key(&realm) {
                continue;
            }
            looked.push(program_of(realm));
            self.enter(realm, |scope, realm| {
                let receiver = v8::undefined(scope).into();
                v8::Local::new(scope, realm.end_deadlock.as_ref()?).call(scope, receiver, &[])
            });
        }
        looked
    }

    /// Takes back a termination that came too late.
    pub fn cancel_termination(&mut self) {
        self.isolate.cancel_terminate_execution();
    }

    /// Goes on after code was terminated. The kernel says which tasks have lost their frames.
    pub fn recover(&mut self) {
        self.isolate.cancel_terminate_execution();
        let current = self.state.realm.get();
        if !is_coroutine(current) || !self.realms.contains_key(&current) {
            return;
        }
        self.enter(current, |scope, realm| {
            let receiver = v8::undefined(scope).into();
            v8::Local::new(scope, realm.recover.as_ref()?).call(scope, receiver, &[])
        });
    }

    /// Whether a task could go on.
    pub fn has_ready(&self) -> bool {
        !self.state.ready.borrow().is_empty()
    }

    /// Gives one realm with ready tasks a slice; realms take turns.
    pub fn run_ready(&mut self) -> Outcome {
        let next = {
            let ready = self.state.ready.borrow();
            let last = self.state.realm.get();
            ready.range(last + 1..).next().or_else(|| ready.iter().next()).copied()
        };
        let Some(realm) = next else { return Outcome::Completed };
        self.enter(realm, |scope, realm| {
            let receiver = v8::undefined(scope).into();
            let run = realm.run.as_ref()?;
            v8::Local::new(scope, run).call(scope, receiver, &[])
        })
    }

    /// Whether V8 itself has something to do on this isolate's thread.
    pub fn has_platform_tasks(&self) -> bool {
        self.tasks.is_ready()
    }

    /// Runs what V8 itself has queued for this isolate's thread, such as finished WebAssembly compilations, and the
    /// microtasks, of any realm, that come of it.
    pub fn run_platform_tasks(&mut self) -> Outcome {
        let state = Rc::clone(&self.state);
        v8::scope!(let scope, &mut self.isolate);
        while let Some(task) = self.tasks.next() {
            task.run();
            if scope.is_execution_terminating() {
                return Outcome::Terminated;
            }
        }
        finish(scope, &state, &self.realms)
    }

    /// Forgets a program's realm once its task has settled, it has no timer left, and those that it has started wait for nobody else.
    pub fn release_program(&mut self, program: u32) {
        if program == HOST_PROGRAM {
            return;
        }
        for realm in [realm_of(program, Form::Plain), realm_of(program, Form::Coroutine)] {
            let busy = self.state.deadlines.borrow().contains_key(&realm)
                || self.state.ready.borrow().contains(&realm)
                || self.state.channels.endpoint.borrow().may_be_woken(realm);
            if !busy {
                self.realms.remove(&realm);
                self.state.contexts.borrow_mut().remove(&realm);
                self.state.registers.borrow_mut().remove(&realm);
                self.state.sources.borrow_mut().remove(&realm);
                self.state.plain.borrow_mut().forget(realm);
                self.state.channels.endpoint.borrow_mut().forget_realm(realm);
            }
        }
    }

    /// The program whose realm was entered last.
    pub fn last_program(&self) -> u32 {
        program_of(self.state.realm.get())
    }

    /// Programs, other than the host's, that have a realm here.
    pub fn programs(&self) -> Vec<u32> {
        self.realms.keys().map(|realm| program_of(*realm)).filter(|program| *program != HOST_PROGRAM).collect()
    }

    /// The thread has nothing to do.
    pub fn begin_idle(&mut self) {
        stack::trim();
        super::modules::keep_caches(&mut self.isolate, &self.state);
        self.tell_borrowed();
        let bytes = self.state.borrowed.bytes();
        if self.relief.is_none() && bytes >= WORTH_COLLECTING && bytes != self.relieved {
            self.relief = Some(Instant::now() + IDLE);
        }
    }

    /// Whether garbage is to be collected now, for the sake of the host's memory.
    pub fn is_relief_due(&self) -> bool {
        self.relief.is_some_and(|at| at <= Instant::now())
    }

    /// Collects garbage.
    pub fn relieve(&mut self) {
        self.relief = None;
        self.isolate.low_memory_notification();
        self.tell_borrowed();
        self.relieved = self.state.borrowed.bytes();
    }

    fn tell_borrowed(&mut self) {
        let change = self.state.borrowed.change();
        if change != 0 {
            self.isolate.adjust_amount_of_external_allocated_memory(change);
        }
    }

    /// Reads the heap's sizes; takes a few microseconds.
    pub fn heap(&mut self) -> HeapFigures {
        let statistics = self.isolate.get_heap_statistics();
        HeapFigures {
            used: statistics.used_heap_size(),
            total: statistics.total_heap_size(),
            external: statistics.external_memory().saturating_sub(seed::shared_bytes()),
        }
    }

    /// Calls into a program's realm, then runs its microtasks and reports rejections that nobody handled.
    fn enter(
        &mut self,
        id: RealmId,
        body: impl for<'s> FnOnce(&mut v8::PinScope<'s, '_>, &Realm) -> Option<v8::Local<'s, v8::Value>>,
    ) -> Outcome {
        self.state.realm.set(id);
        self.relief = None;
        let state = Rc::clone(&self.state);
        v8::scope!(let scope, &mut self.isolate);
        if !self.realms.contains_key(&id) {
            let Some(realm) = Realm::new(
                scope,
                Settings {
                    id,
                    colors: self.limits.colors,
                    kill_grace: self.limits.kill_grace,
                    quantum: self.limits.quantum,
                },
                &mut self.ready,
            ) else {
                return Outcome::Terminated;
            };
            if let Some(register) = &realm.register {
                state.registers.borrow_mut().insert(id, register.clone());
            }
            state.contexts.borrow_mut().insert(id, realm.context.clone());
            self.realms.insert(id, realm);
        }
        let realm = &self.realms[&id];
        // The clock sets the flag while this entry lasts.
        let _slice = realm.flags.clone().map(|flags| Slice::begin(&state.outlet, flags));
        {
            let context = v8::Local::new(scope, &realm.context);
            let scope = &mut v8::ContextScope::new(scope, context);
            v8::tc_scope!(let scope, scope);
            let _ = body(scope, realm);
            if scope.has_terminated() {
                return Outcome::Terminated;
            }
        }
        let outcome = finish(scope, &state, &self.realms);
        if state.outside.is_limited() && self.heap_limit.is_exceeded(scope) {
            // What was allocated in one step, with no collection since.
            self.heap_limit.check(scope);
        }
        outcome
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // The tasks refer to the isolate, which goes next.
        self.tasks.close();
        // So do these.
        self.state.channels.close();
        self.state.plain.borrow_mut().clear();
        self.state.uncached.borrow_mut().clear();
        self.state.contexts.borrow_mut().clear();
    }
}

/// Runs microtasks and reports rejections that nobody handled.
fn finish(scope: &mut v8::PinScope<'_, '_, ()>, state: &State, realms: &HashMap<RealmId, Realm>) -> Outcome {
    loop {
        // Microtasks run in contexts of their own; this one is for the scope that sees a termination.
        if let Some(realm) = realms.get(&state.realm.get()).or_else(|| realms.values().next()) {
            let context = v8::Local::new(scope, &realm.context);
            let scope = &mut v8::ContextScope::new(scope, context);
            v8::tc_scope!(let scope, scope);
            scope.perform_microtask_checkpoint();
            if scope.has_terminated() || scope.is_execution_terminating() {
                return Outcome::Terminated;
            }
        } else {
            scope.perform_microtask_checkpoint();
        }
        let rejections = state.rejections.take();
        if rejections.is_empty() {
            return Outcome::Completed;
        }
        for Rejection { realm, reason, .. } in rejections.into_list() {
            // A program whose realm is gone has ended, and nobody is left to tell.
            let Some(realm) = realms.get(&realm) else { continue };
            let context = v8::Local::new(scope, &realm.context);
            let scope = &mut v8::ContextScope::new(scope, context);
            v8::tc_scope!(let scope, scope);
            let receiver = v8::undefined(scope).into();
            let reason = v8::Local::new(scope, reason);
            let _ = v8::Local::new(scope, &realm.reject).call(scope, receiver, &[reason]);
            if scope.has_terminated() {
                return Outcome::Terminated;
            }
        }
    }
}

/// An entry into a realm whose tasks the clock preempts.
struct Slice(Arc<dyn Outlet>);

impl Slice {
    fn begin(outlet: &Arc<dyn Outlet>, flags: v8::SharedRef<v8::BackingStore>) -> Slice {
        outlet.slice_begins(flags);
        Slice(Arc::clone(outlet))
    }
}

impl Drop for Slice {
    fn drop(&mut self) {
        self.0.slice_ends();
    }
}

struct HeapLimitContext {
    outlet: Arc<dyn Outlet>,
    handle: v8::IsolateHandle,
    budget: Arc<Budget>,
    state: Rc<State>,
    /// Whether an interrupt is on its way.
    is_checking: Cell<bool>,
    isolate: v8::UnsafeRawIsolatePtr,
    /// How often a heap that is not full got more room.
    raises: Cell<u32>,
}

impl HeapLimitContext {
    /// Whether more memory is in use outside of the heap than may be.
    fn is_exceeded(&self, isolate: &mut v8::Isolate) -> bool {
        self.state.outside.is_exceeded(isolate, 0)
    }

    /// Gives the isolate up if that is so without the garbage.
    fn check(&self, isolate: &mut v8::Isolate) {
        isolate.low_memory_notification();
        if self.is_exceeded(isolate) {
            self.outlet.out_of_memory();
            self.handle.terminate_execution();
        }
    }
}

/// V8 calls this on the isolate's thread after it may have moved or dropped code.
unsafe extern "C" fn on_code_collected(
    _isolate: v8::UnsafeRawIsolatePtr,
    _type: v8::GCType,
    _flags: v8::GCCallbackFlags,
    seen_stacks: *mut c_void,
) {
    // SAFETY: the runtime holds the `Rc` until after its isolate is gone, and hands out only shared references to what is in there,
    // on this thread. No native function of the kernel lets V8 allocate while it borrows from it.
    unsafe { &*seen_stacks.cast::<SeenStacks>() }.forget();
}

/// V8 calls this on the isolate's thread after a collection, which growing buffers cause.
unsafe extern "C" fn on_collected(
    isolate: v8::UnsafeRawIsolatePtr,
    _type: v8::GCType,
    _flags: v8::GCCallbackFlags,
    context: *mut c_void,
) {
    // SAFETY: V8 passes the isolate that has just collected; it is used for the length of this call.
    let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr(isolate) };
    // SAFETY: the runtime keeps the box until after its isolate is gone, and only this thread uses its cell.
    let limit = unsafe { &*context.cast::<HeapLimitContext>() };
    if !limit.is_checking.get() && limit.is_exceeded(&mut isolate) {
        // A collection must not begin within another one's callback.
        limit.is_checking.set(true);
        limit.handle.request_interrupt(on_interrupt, context);
    }
}

unsafe extern "C" fn on_interrupt(isolate: v8::UnsafeRawIsolatePtr, context: *mut c_void) {
    // SAFETY: as in `on_collected`; V8 runs interrupts on the isolate's thread.
    let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr(isolate) };
    // SAFETY: as in `on_collected`.
    let limit = unsafe { &*context.cast::<HeapLimitContext>() };
    limit.check(&mut isolate);
    limit.is_checking.set(false);
}

/// V8 calls this on the isolate's thread, inside a collection, when the heap is nearly full. The isolate is given up:
/// its execution ends at the next check, and the reserve lets it unwind until then.
///
/// It also calls this when memory outside the heap cannot be had: of the allocator, and of the system for WebAssembly and
/// resizable buffers, of which nobody tells us. Then the program gets an error that it can catch. So a heap of which not
/// half is in use is not given up. Should it be for a very large object of the heap's, the reserve may be enough for it.
unsafe extern "C" fn on_near_heap_limit(context: *mut c_void, current: usize, _initial: usize) -> usize {
    // SAFETY: the runtime keeps the box until after its isolate is gone.
    let context = unsafe { &*context.cast::<HeapLimitContext>() };
    if context.budget.was_refused() {
        return current;
    }
    // SAFETY: V8 calls this for the isolate that the context belongs to, on its thread.
    let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr(context.isolate) };
    if !context.budget.is_exceeded() && isolate.get_heap_statistics().used_heap_size() < current / 2 {
        let raises = context.raises.get();
        context.raises.set(raises + 1);
        return if raises < RAISES { current + UNWIND_RESERVE } else { current };
    }
    context.outlet.out_of_memory();
    context.handle.terminate_execution();
    current + UNWIND_RESERVE
}

/// Milliseconds since the process first asked, for timers and `performance.now()`.
pub fn now_ms() -> f64 {
    origin().elapsed().as_secs_f64() * 1000.0
}

/// The moment that is `ms` on the clock of [`now_ms`].
pub fn instant_at(ms: f64) -> Instant {
    origin() + Duration::from_secs_f64(ms.max(0.0) / 1000.0)
}

fn origin() -> Instant {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    *ORIGIN.get_or_init(Instant::now)
}
