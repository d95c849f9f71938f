//! The class `NativePool`, through which `lib/` uses a pool.

use std::ops::Deref;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use napi::bindgen_prelude::{Array, Env, Function, Object, Result, Uint8ArraySlice, Unknown, Utf16String};
use napi::{Error, Status};
use napi_derive::napi;

use super::channels::give;
use super::direct;
use super::environment::Environment;
use super::memory::{HostView, external_buffer, read_views};
use crate::channel::Endpoint;
use crate::compiler::{Carrier, Code, CodeKind, Form, ProgramType, Shown, Written};
use crate::isolate::Limits;
use crate::message::{Attachment, HeldMemory, Host};
use crate::pool::{Action, Config, HEAP, Pool};

const BYTE_ORDER_MARK: u16 = 0xfeff;

/// Settings of a pool; `lib/options.js` has checked them.
#[napi(object)]
pub struct NativeConfig {
    /// Threads with a shared isolate.
    pub threads: u32,
    /// Bytes of each isolate's heap, where they were configured.
    pub heap_limit: Option<f64>,
    /// The file of the package node-inspect-extracted.
    pub inspect_file: String,
    /// The folder with Node's own modules for realms.
    pub node_folder: String,
    /// The version of Node.
    pub node_version: String,
    /// Whether `console` formats values with colours.
    pub colors: bool,
    /// Milliseconds that a task which is killed may still run.
    pub kill_grace: f64,
    /// The folder in which compiled modules are kept.
    pub code_cache: Option<String>,
    /// Milliseconds that a task runs before others get their turn.
    pub quantum: f64,
}

/// What is known of where a function is written.
#[napi(object)]
pub struct NativeWritten {
    /// What it is called.
    pub name: String,
    /// UTF-16 units before its text in the first line of the source.
    pub before: u32,
    /// The file in which its text begins, if that is known.
    pub file: Option<String>,
    /// The line there, from 1.
    pub line: Option<u32>,
    /// The column there, from 1.
    pub column: Option<u32>,
}

/// A line for the host's console.
#[napi(object)]
pub struct NativeLine {
    /// Which method.
    pub method: u32,
    /// The text.
    pub text: String,
}

/// Figures of one isolate.
#[napi(object)]
pub struct NativeFigures {
    /// The isolate's id.
    pub id: u32,
    /// Whether it is one of the pool's.
    pub shared: bool,
    /// Tasks started.
    pub started: f64,
    /// Tasks that wait.
    pub blocked: u32,
    /// Whether a task runs.
    pub running: bool,
    /// Tasks that could run and wait for their turn.
    pub ready: u32,
    /// Turns that tasks were given.
    pub turns: f64,
    /// Those of them that were ended because others waited.
    pub preemptions: f64,
    /// Tasks that tasks have started.
    pub children: f64,
    /// Those of them that have ended.
    pub ended_children: f64,
    /// Those of them that had to stay on their parent's isolate, by why.
    pub stays: Vec<f64>,
    /// Milliseconds that ready tasks have waited for their turn, all together.
    pub turn_waits: f64,
    /// Milliseconds that tasks have waited before they were started, all together.
    pub start_waits: f64,
    /// The longest of these waits.
    pub longest_start_wait: f64,
    /// Jobs for this isolate alone.
    pub queued: u32,
    /// Times it was replaced after running out of memory.
    pub replaced: f64,
    /// Bytes of heap in use.
    pub heap_used: f64,
    /// Bytes of heap taken from the system.
    pub heap_total: f64,
    /// Bytes outside the heap.
    pub external: f64,
}

/// A pool of one environment.
#[napi]
pub struct NativePool(Rc<Inside>);

impl Deref for NativePool {
    type Target = Inside;

    fn deref(&self) -> &Inside {
        &self.0
    }
}

/// What the functions have of it that are called often, too; see `direct.rs`.
pub struct Inside {
    pool: Arc<Pool>,
    environment: Arc<Environment>,
    /// The host's shared channels, once they are attached.
    channels: OnceLock<Arc<Mutex<Endpoint>>>,
}

impl Inside {
    /// The host, as others wake it.
    pub fn environment(&self) -> &Arc<Environment> {
        &self.environment
    }

    /// Has channels in messages become the host's.
    pub fn use_channels(&self, endpoint: &Arc<Mutex<Endpoint>>) {
        // Once for each pool.
        let _ = self.channels.set(Arc::clone(endpoint));
    }

    /// A source that was defined.
    pub fn code(&self, id: u32) -> Option<Arc<Code>> {
        self.pool.codes.get(id)
    }

    /// What the host attaches to messages; see `read_views`.
    pub fn attachments(&self, env: &Env, views: Option<Array>) -> Result<Vec<Attachment>> {
        let mut attachments = Vec::new();
        let Some(views) = views else { return Ok(attachments) };
        for view in read_views(env, &views)? {
            let HostView::Memory { data, length, id, shared } = view else {
                let HostView::Channel(slot) = view else { continue };
                let endpoint = self.channels.get().ok_or_else(|| invalid("no channels are attached"))?;
                let handle = endpoint.lock().expect("no holder panics").handle(slot as usize).cloned();
                attachments.push(Attachment::Channel(handle.ok_or_else(|| invalid("there is no such channel"))?));
                continue;
            };
            let host = Arc::clone(&self.environment) as Arc<dyn Host>;
            let memory = HeldMemory { data, length, id, host, addresses: Arc::clone(&self.pool.held) }.held();
            attachments.push(if shared { Attachment::Shared(memory) } else { Attachment::Moved(memory) });
        }
        Ok(attachments)
    }

    /// Takes the first `length` bytes of submissions. Returns the tasks that no isolate can take any more.
    fn submit(&self, env: Env, buffer: &[u8], length: u32, views: Option<Array>) -> Result<Option<Vec<f64>>> {
        let attachments = self.attachments(&env, views)?;
        let buffer = buffer.get(..length as usize).ok_or_else(|| invalid("a submission is longer than its buffer"))?;
        // Task ids stay below 2^53.
        #[expect(clippy::cast_precision_loss)]
        let refused: Vec<f64> = self.pool.submit(buffer, attachments).into_iter().map(|task| task as f64).collect();
        Ok(if refused.is_empty() { None } else { Some(refused) })
    }

    /// Copies records into `target`, where the host was woken since it last looked. Returns what there is, as `lib/inbox.js` reads it: bytes
    /// copied, eight times, and flags; -1 where it was not woken.
    fn look(&self, target: Uint8ArraySlice<'_>) -> i32 {
        if self.environment.is_ready() { self.drain(target) } else { -1 }
    }

    /// The same, whether it was woken or not.
    fn drain(&self, mut target: Uint8ArraySlice<'_>) -> i32 {
        // Before the look: whatever comes after it wakes the host again.
        self.environment.looked();
        // SAFETY: JavaScript, the only other user of the array, does not run during this call.
        let found = self.pool.drain(unsafe { target.as_mut() });
        let flags = i32::from(found.lines) | i32::from(found.large) << 1 | i32::from(found.more) << 2;
        i32::try_from(found.length).expect("the target is small") << 3 | flags
    }
}

#[napi]
impl NativePool {
    /// Makes a pool and starts its threads. `on_wake` is called when there is something to fetch.
    #[napi(constructor)]
    pub fn new(env: Env, config: NativeConfig, on_wake: Function<'_, (), ()>) -> Result<NativePool> {
        let environment = Arc::new(Environment::new(&on_wake)?);
        crate::compiler::set_folder(config.code_cache.map(Into::into));
        let pool = Pool::new(
            Config {
                threads: config.threads as usize,
                limits: Limits {
                    heap: config.heap_limit.map_or(HEAP, bytes),
                    buffers: None,
                    colors: config.colors,
                    kill_grace: Duration::from_secs_f64(config.kill_grace / 1000.0),
                    quantum: Duration::from_secs_f64(config.quantum / 1000.0),
                },
                inspect_file: config.inspect_file,
                node_folder: config.node_folder,
                node_version: config.node_version,
            },
            Arc::clone(&environment) as Arc<dyn Host>,
        );
        // Runs before the environment frees what the threads use to wake it.
        // Weak, so that a pool that was shut down is freed; one whose threads still run is kept by them.
        let _ = env.add_env_cleanup_hook(Arc::downgrade(&pool), |pool| {
            if let Some(pool) = pool.upgrade() {
                pool.stop(is_process_main_thread());
            }
        })?;
        pool.start();
        Ok(NativePool(Rc::new(Inside { pool, environment, channels: OnceLock::new() })))
    }

    /// Tasks that tasks have started and that were sent to other isolates.
    #[napi]
    #[allow(clippy::cast_precision_loss, reason = "exact for centuries; napi copies the attribute to code without any")]
    pub fn steals(&self) -> f64 {
        self.pool.children.sent() as f64
    }

    /// `submit(buffer, length, views)`, `look(target)` and `drain(target)`; what they do is said at [`Inside`]'s functions of these names.
    #[napi(ts_return_type = "object")]
    pub fn functions<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let mut object = Object::new(env)?;
        direct::add(*env, &mut object, "submit", &self.0, |inside, call| {
            inside.submit(call.env(), &call.get::<Uint8ArraySlice<'_>>(0)?, call.get(1)?, call.get(2)?)
        })?;
        direct::add(*env, &mut object, "look", &self.0, |inside, call| Ok(inside.look(call.get(0)?)))?;
        direct::add(*env, &mut object, "drain", &self.0, |inside, call| Ok(inside.drain(call.get(0)?)))?;
        Ok(object)
    }

    /// Says how many milliseconds of processor time a task may use; before it is submitted.
    #[napi]
    pub fn limit_cpu(&self, task: f64, limit: f64) {
        self.pool.limit_cpu(task_id(task), Duration::from_secs_f64(limit / 1000.0));
    }

    /// Adds a source. `kind` 0: function, 1: function from strict code, 2: script, 3: module, 4: either. Plus 16 for coroutine form, 32 for storm.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi gives strings by value, and copies the attribute to more code"
    )]
    pub fn define_code(
        &self,
        id: u32,
        kind: u32,
        name: String,
        source: Utf16String,
        file: Option<String>,
        written: Option<NativeWritten>,
    ) -> Result<()> {
        let form = match kind >> 4 {
            0 => Form::Plain,
            1 => Form::Coroutine,
            2 => Form::Storm,
            _ => return Err(invalid("there is no such form")),
        };
        let kind = match kind & 15 {
            0 => CodeKind::Function { strict: false },
            1 => CodeKind::Function { strict: true },
            2 => CodeKind::Program(ProgramType::Script),
            3 => CodeKind::Program(ProgramType::Module),
            4 => CodeKind::Program(ProgramType::Detect),
            _ => return Err(invalid("there is no such kind of code")),
        };
        // As Node does; V8 would take a mark before a hashbang for a character of the program.
        let units = match kind {
            CodeKind::Program(_) => source.strip_prefix(&[BYTE_ORDER_MARK]).unwrap_or(&source),
            _ => &source,
        };
        let (source, carrier) = Carrier::read(units).ok_or_else(|| {
            invalid("the source has halves of surrogate pairs, and characters of all private-use areas: escape either")
        })?;
        let mut code = Code::new(id, kind, form, name, source, carrier, file);
        code.written = written.map(|NativeWritten { name, before, file, line, column }| Written {
            name,
            before,
            start: file.map(|name| Shown { name, line: line.unwrap_or(1), column: column.unwrap_or(1) }),
        });
        self.pool.codes.define(code);
        Ok(())
    }

    /// Forgets a source.
    #[napi]
    pub fn remove_code(&self, id: u32) {
        self.pool.codes.remove(id);
    }

    /// The source map of a program that was compiled, as JSON.
    #[napi]
    pub fn source_map(&self, id: u32) -> Option<String> {
        self.pool.codes.get(id).and_then(|code| code.map.get().cloned())
    }

    /// Says that the host looks by itself from now on, or no longer does. Returns whether there is something to fetch.
    #[napi]
    pub fn set_polling(&self, polling: bool) -> bool {
        self.environment.set_polling(polling)
    }

    /// The record that is larger than `drain`'s target, as an ArrayBuffer.
    #[napi]
    pub fn take_large(&self, env: Env) -> Result<Option<Unknown<'static>>> {
        let Some(mut record) = self.pool.take_large() else { return Ok(None) };
        let (data, length) = (record.as_mut_ptr(), record.len());
        let value = external_buffer(&env, data.cast(), length, record)?;
        // SAFETY: the value was just made in this environment.
        Ok(Some(unsafe { Unknown::from_raw_unchecked(env.raw(), value) }))
    }

    /// The next attachment of the drained records: an ArrayBuffer, the id of the host's own buffer, or -1 minus a channel's slot.
    #[napi]
    pub fn take_attachment(&self, env: Env) -> Result<Unknown<'static>> {
        let attachment = self.pool.take_attachment();
        let endpoint = self.channels.get().ok_or_else(|| invalid("no channels are attached"))?;
        give(&env, endpoint, attachment)
    }

    /// Lines for the host's console, in order.
    #[napi]
    pub fn take_console(&self) -> Vec<NativeLine> {
        self.pool.take_console().into_iter().map(|line| NativeLine { method: line.method, text: line.text }).collect()
    }

    /// Says that the lines that were taken are written; until then they count against what may wait.
    #[napi]
    pub fn console_written(&self) {
        self.pool.console_written();
    }

    /// Ids of the host's buffers that no isolate uses any more.
    #[napi]
    pub fn take_released(&self) -> Vec<u32> {
        self.environment.take_released()
    }

    /// Kills (0), pauses (1) or resumes (2) a task.
    #[napi]
    pub fn control(&self, task: f64, action: u32) -> Result<()> {
        let action = Action::from_u32(action).ok_or_else(|| invalid("there is no such action"))?;
        self.pool.control(task_id(task), action);
        Ok(())
    }

    /// A task has ended that something was asked for which came too late.
    #[napi]
    pub fn forget(&self, task: f64) {
        self.pool.forget(task_id(task));
    }

    /// Has the isolate that a task has begun in say where it stands, by a record. Returns whether there is one.
    #[napi]
    pub fn ask_stack(&self, task: f64) -> bool {
        self.pool.ask_stack(task_id(task))
    }

    /// The same for a task that does not answer: has V8 interrupt it.
    #[napi]
    pub fn ask_native_stack(&self, task: f64) {
        self.pool.ask_native_stack(task_id(task));
    }

    /// Starts a private isolate; returns its id.
    #[napi]
    pub fn create_isolate(&self, heap_limit: Option<f64>) -> u32 {
        self.pool.create_isolate(heap_limit.map(bytes))
    }

    /// Ends a private isolate.
    #[napi]
    pub fn dispose_isolate(&self, id: u32) -> bool {
        self.pool.dispose_isolate(id)
    }

    /// Keeps the event loop alive, or stops to.
    #[napi]
    pub fn keep_alive(&self, env: Env, alive: bool) {
        self.environment.keep_alive(&env, alive);
    }

    /// Whether tasks live that tasks have started.
    #[napi]
    pub fn has_children(&self) -> bool {
        self.pool.has_children()
    }

    /// Whether nothing happens until the host does something, and it has looked at all that has happened.
    #[napi]
    pub fn stands_still(&self) -> bool {
        // In this order: a thread wakes the host for what it has done before it sleeps.
        self.pool.stands_still() && !self.environment.is_ready()
    }

    /// 0: queued, 1: running, 2: blocked.
    #[napi]
    pub fn status(&self, task: f64) -> u32 {
        self.pool.status(task_id(task)) as u32
    }

    /// Figures of all isolates.
    #[napi]
    #[allow(
        clippy::cast_precision_loss,
        reason = "sizes and counts, below 2^53; napi copies the attribute to code without any"
    )]
    pub fn figures(&self) -> Vec<NativeFigures> {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let figures = self.pool.figures().into_iter().map(|figures| NativeFigures {
            id: figures.id,
            shared: figures.shared,
            started: figures.started as f64,
            blocked: count(figures.blocked),
            running: figures.running,
            ready: figures.counts.ready,
            turns: figures.counts.turns as f64,
            preemptions: figures.counts.preemptions as f64,
            children: figures.counts.children as f64,
            ended_children: figures.counts.ended_children as f64,
            stays: figures.counts.stays.iter().map(|count| *count as f64).collect(),
            turn_waits: figures.counts.waited,
            start_waits: figures.start_waits[0],
            longest_start_wait: figures.start_waits[1],
            queued: count(figures.queued),
            replaced: figures.replaced as f64,
            heap_used: figures.heap.used as f64,
            heap_total: figures.heap.total as f64,
            external: figures.heap.external as f64,
        });
        figures.collect()
    }

    /// Jobs that wait for a thread of the pool.
    #[napi]
    pub fn queued(&self) -> u32 {
        u32::try_from(self.pool.queued()).unwrap_or(u32::MAX)
    }

    /// Makes all threads end, without waiting for them.
    #[napi]
    pub fn begin_stop(&self) {
        self.pool.begin_stop(false);
    }

    /// Threads that have not ended.
    #[napi]
    pub fn alive(&self) -> u32 {
        u32::try_from(self.pool.alive()).unwrap_or(u32::MAX)
    }

    /// The pool has ended, and the host will not be called any more.
    #[napi]
    pub fn close(&self) {
        self.environment.close();
    }

    /// The environment ends: ends all threads and waits for them, for a bounded time. Where the process ends with it,
    /// isolates are left as they are.
    #[napi]
    pub fn stop(&self) {
        self.pool.stop(is_process_main_thread());
    }
}

/// Whether this is the process's first thread, with which the process ends. Where that cannot be told it is taken for a
/// Worker's, which only means that isolates are disposed of one by one.
fn is_process_main_thread() -> bool {
    #[cfg(target_os = "linux")]
    // SAFETY: both calls only return a number.
    return unsafe { libc::gettid() == libc::getpid() };
    #[cfg(target_vendor = "apple")]
    // SAFETY: only returns a number.
    return unsafe { libc::pthread_main_np() == 1 };
    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    false
}

fn invalid(message: &str) -> Error {
    Error::new(Status::InvalidArg, message.to_owned())
}

/// A task's id, a whole number below 2^53.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn task_id(task: f64) -> u64 {
    task as u64
}

/// A size in bytes that JavaScript gave; `lib/options.js` has checked its range.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn bytes(size: f64) -> usize {
    size as usize
}
