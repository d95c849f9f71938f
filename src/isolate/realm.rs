//! One realm of an isolate: a context made from the startup snapshot, and the kernel's entry points in it.

use std::rc::Rc;
use std::time::Duration;

use super::runtime::{RealmId, State};
use super::seed::coroutine_context;

/// Bytes of the memory through which a realm gets small messages; larger ones come in a buffer of their own.
const INBOX: usize = 16 * 1024;

/// The kernel's side of one program in one isolate.
pub struct Realm {
    /// The context all of the program's code runs in.
    pub context: v8::Global<v8::Context>,
    /// `start(task, code, length, large)` of `realm.js`.
    pub start: v8::Global<v8::Function>,
    /// `evaluate(task, code)` of `realm.js`.
    pub evaluate: v8::Global<v8::Function>,
    /// `fireNext()` of `realm.js`.
    pub fire_next: v8::Global<v8::Function>,
    /// `reject(error)` of `realm.js`.
    pub reject: v8::Global<v8::Function>,
    /// `run()` of `coroutine-realm.js`, where the realm's code is in coroutine form.
    pub run: Option<v8::Global<v8::Function>>,
    /// `act(task, action)` of `coroutine-realm.js`.
    pub act: Option<v8::Global<v8::Function>>,
    /// `endDeadlock()` of `coroutine-realm.js`.
    pub end_deadlock: Option<v8::Global<v8::Function>>,
    /// `recover()` of `coroutine-realm.js`.
    pub recover: Option<v8::Global<v8::Function>>,
    /// `receiveMail()` of `coroutine-realm.js`.
    pub receive_mail: Option<v8::Global<v8::Function>>,
    /// `registerDynamic(name, sites, id, source)` of `coroutine-realm.js`.
    pub register: Option<v8::Global<v8::Function>>,
    /// The flags at which that code looks.
    pub flags: Option<v8::SharedRef<v8::BackingStore>>,
    inbox: v8::SharedRef<v8::BackingStore>,
}

/// What a realm is made for.
#[derive(Clone, Copy)]
pub struct Settings {
    /// Which realm of which program.
    pub id: RealmId,
    /// Whether `console` formats values with colours.
    pub colors: bool,
    /// How long a task that is killed may still run.
    pub kill_grace: Duration,
    /// How long a task runs before others get their turn.
    pub quantum: Duration,
}

/// The realm that a context belongs to, in the context's slot.
struct Owner(RealmId);

/// The realm whose code runs, or whose native function was called.
pub fn current_realm(scope: &v8::PinScope<'_, '_>) -> Option<RealmId> {
    scope.get_current_context().get_slot::<Owner>().map(|owner| owner.0)
}

impl Realm {
    /// Makes a realm from the isolate's snapshot, for code in coroutine form in the context that is `ready`; `None` where the
    /// isolate is being terminated.
    pub fn new(
        scope: &mut v8::PinScope<'_, '_, ()>,
        settings: Settings,
        ready: &mut Option<v8::Global<v8::Context>>,
    ) -> Option<Realm> {
        let is_coroutine = super::is_coroutine(settings.id);
        let context = if !is_coroutine {
            v8::Context::new(scope, v8::ContextOptions::default())
        } else if let Some(context) = ready.take() {
            v8::Local::new(scope, context)
        } else {
            coroutine_context(scope)?
        };
        if is_coroutine {
            // So V8 asks `on_code_generation`, which compiles what is evaluated.
            context.set_allow_generation_from_strings(false);
        }
        context.set_slot(Rc::new(Owner(settings.id)));
        let scope = &mut v8::ContextScope::new(scope, context);
        let kernel = scope
            .get_context_data_from_snapshot_once::<v8::Object>(0)
            .expect("the snapshot holds the kernel's entry points");
        let inbox = v8::ArrayBuffer::new_backing_store(scope, INBOX).make_shared();
        let buffer = v8::ArrayBuffer::with_backing_store(scope, &inbox);
        let view = v8::Uint8Array::new(scope, buffer, 0, INBOX)?;

        let program = v8::Integer::new_from_unsigned(scope, settings.id).into();
        let colors = v8::Boolean::new(scope, settings.colors).into();
        let grace = v8::Number::new(scope, settings.kill_grace.as_secs_f64() * 1000.0).into();
        let quantum = v8::Number::new(scope, settings.quantum.as_secs_f64() * 1000.0).into();
        let receiver = v8::undefined(scope).into();
        function(scope, kernel, "boot")?.call(scope, receiver, &[view.into(), program, colors, grace, quantum])?;
        let flags = if is_coroutine {
            let key = v8::String::new(scope, "flags")?;
            let flags: v8::Local<v8::Int32Array> = kernel.get(scope, key.into())?.try_into().ok()?;
            Some(flags.buffer(scope)?.get_backing_store())
        } else {
            None
        };
        if !is_coroutine {
            let hooks = (entry(scope, kernel, "importDynamically")?, entry(scope, kernel, "fillMeta")?);
            State::of(scope).plain.borrow_mut().hooks.insert(settings.id, hooks);
        }
        Some(Realm {
            start: entry(scope, kernel, if is_coroutine { "launch" } else { "start" })?,
            evaluate: entry(scope, kernel, if is_coroutine { "launchProgram" } else { "evaluate" })?,
            run: if is_coroutine { Some(entry(scope, kernel, "run")?) } else { None },
            act: if is_coroutine { Some(entry(scope, kernel, "act")?) } else { None },
            end_deadlock: if is_coroutine { Some(entry(scope, kernel, "endDeadlock")?) } else { None },
            recover: if is_coroutine { Some(entry(scope, kernel, "recover")?) } else { None },
            receive_mail: if is_coroutine { Some(entry(scope, kernel, "receiveMail")?) } else { None },
            register: if is_coroutine { Some(entry(scope, kernel, "registerDynamic")?) } else { None },
            flags,
            fire_next: entry(scope, kernel, "fireNext")?,
            reject: entry(scope, kernel, "reject")?,
            context: v8::Global::new(scope, context),
            inbox,
        })
    }

    /// Puts a message where the kernel reads it: into the inbox, or into the buffer that is returned.
    pub fn deliver<'s>(&self, scope: &mut v8::PinScope<'s, '_>, message: Vec<u8>) -> Option<v8::Local<'s, v8::Value>> {
        if message.len() <= INBOX {
            if let Some(data) = self.inbox.data() {
                // SAFETY: the store has INBOX bytes, and no JavaScript of this isolate runs at the same time.
                unsafe { std::ptr::copy_nonoverlapping(message.as_ptr(), data.as_ptr().cast(), message.len()) };
            }
            return Some(v8::undefined(scope).into());
        }
        let length = message.len();
        let store = v8::ArrayBuffer::new_backing_store_from_vec(message).make_shared();
        let buffer = v8::ArrayBuffer::with_backing_store(scope, &store);
        v8::Uint8Array::new(scope, buffer, 0, length).map(Into::into)
    }
}

fn function<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    name: &str,
) -> Option<v8::Local<'s, v8::Function>> {
    let key = v8::String::new(scope, name)?;
    object.get(scope, key.into())?.try_into().ok()
}

fn entry<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    kernel: v8::Local<'s, v8::Object>,
    name: &str,
) -> Option<v8::Global<v8::Function>> {
    let function = function(scope, kernel, name)?;
    Some(v8::Global::new(scope, function))
}
