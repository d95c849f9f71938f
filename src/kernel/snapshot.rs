//! Makes the startup snapshot: a realm in which the kernel's JavaScript has already run.
//!
//! Only the build script uses this file. The snapshot holds native functions and the kernel's sources by reference (see
//! `references.rs`), so the build script needs nothing of the addon itself.

use std::borrow::Cow;

use crate::{coroutine, references};

/// The kernel's modules, each evaluated when another one first requires it.
const MODULES: &[(&str, &str)] = &[
    ("primordials", include_str!("primordials.js")),
    ("codec", include_str!("../message/codec/index.js")),
    // As they require each other on the host, too, from files.
    ("./format.js", include_str!("../message/codec/format.js")),
    ("./builtins.js", include_str!("../message/codec/builtins.js")),
    ("./memory.js", include_str!("../message/codec/memory.js")),
    ("./shapes.js", include_str!("../message/codec/shapes.js")),
    ("./buffers.js", include_str!("../message/codec/buffers.js")),
    ("./encoder.js", include_str!("../message/codec/encoder.js")),
    ("./uncloneable.js", include_str!("../message/codec/uncloneable.js")),
    ("./additions.js", include_str!("../message/codec/additions.js")),
    ("./write-primitives.js", include_str!("../message/codec/write-primitives.js")),
    ("./write-arrays.js", include_str!("../message/codec/write-arrays.js")),
    ("./write-errors.js", include_str!("../message/codec/write-errors.js")),
    ("./write-functions.js", include_str!("../message/codec/write-functions.js")),
    ("./write-buffers.js", include_str!("../message/codec/write-buffers.js")),
    ("./write-plain.js", include_str!("../message/codec/write-plain.js")),
    ("./write-values.js", include_str!("../message/codec/write-values.js")),
    ("./write-additions.js", include_str!("../message/codec/write-additions.js")),
    ("./encode.js", include_str!("../message/codec/encode.js")),
    ("./decoder.js", include_str!("../message/codec/decoder.js")),
    ("./read-containers.js", include_str!("../message/codec/read-containers.js")),
    ("./read-plain.js", include_str!("../message/codec/read-plain.js")),
    ("./read-objects.js", include_str!("../message/codec/read-objects.js")),
    ("./read-values.js", include_str!("../message/codec/read-values.js")),
    ("./read-additions.js", include_str!("../message/codec/read-additions.js")),
    ("./decode.js", include_str!("../message/codec/decode.js")),
    ("timers", include_str!("timers.js")),
    ("timer-handles", include_str!("timer-handles.js")),
    ("console", include_str!("console.js")),
    ("modules/unavailable", include_str!("modules/unavailable.js")),
    ("modules/synthetic", include_str!("modules/synthetic.js")),
    ("modules/failures", include_str!("modules/failures.js")),
    ("modules/namespace", include_str!("modules/namespace.js")),
    ("modules/commonjs", include_str!("modules/commonjs.js")),
    // As it is written, for realms in plain form.
    ("modules/plain-commonjs", include_str!("modules/commonjs.js")),
    ("modules/records", include_str!("modules/records.js")),
    ("modules/waiting", include_str!("modules/waiting.js")),
    ("modules/exports", include_str!("modules/exports.js")),
    ("modules/evaluation", include_str!("modules/evaluation.js")),
    ("modules/plain", include_str!("modules/plain.js")),
    ("modules/globals", include_str!("modules/globals.js")),
    ("plain-realm", include_str!("plain-realm.js")),
    ("realm", include_str!("realm.js")),
    ("suspended", include_str!("suspended.js")),
    ("stack-trace", include_str!("stack-trace.js")),
    ("turns", include_str!("turns.js")),
    ("task-stack", include_str!("task-stack.js")),
    ("stack-walk", include_str!("stack-walk.js")),
    ("leaving", include_str!("leaving.js")),
    ("slice", include_str!("slice.js")),
    ("queues", include_str!("queues.js")),
    ("children", include_str!("children.js")),
    ("fiber", include_str!("fiber.js")),
    ("awaited-places", include_str!("awaited-places.js")),
    ("async-function", include_str!("async-function.js")),
    ("scheduler", include_str!("scheduler.js")),
    ("rejections", include_str!("rejections.js")),
    ("generator", include_str!("generator.js")),
    ("loop-ways", include_str!("loop-ways.js")),
    ("growth", include_str!("growth.js")),
    ("await-stack", include_str!("await-stack.js")),
    ("caller-stack", include_str!("caller-stack.js")),
    ("wait-shared", include_str!("wait-shared.js")),
    ("source-marks", include_str!("source-marks.js")),
    ("identity", include_str!("identity.js")),
    ("operations", include_str!("operations.js")),
    ("promise-operations", include_str!("promise-operations.js")),
    ("promise-state", include_str!("promise-state.js")),
    ("promise-combinators", include_str!("promise-combinators.js")),
    ("promise", include_str!("promise.js")),
    ("iteration-steps", include_str!("iteration-steps.js")),
    ("async-iterator", include_str!("async-iterator.js")),
    ("async-from", include_str!("async-from.js")),
    ("disposables", include_str!("disposables.js")),
    ("async-disposable-stack", include_str!("async-disposable-stack.js")),
    ("native-async-generator", include_str!("native-async-generator.js")),
    ("async-generator", include_str!("async-generator.js")),
    ("async", include_str!("async.js")),
    ("channels/waiters", include_str!("channels/waiters.js")),
    ("channels/signal", include_str!("channels/signal.js")),
    ("channels/delay", include_str!("channels/delay.js")),
    ("channels/chan", include_str!("channels/chan.js")),
    ("channels/select", include_str!("channels/select.js")),
    ("channels/shared", include_str!("channels/shared.js")),
    ("channels/promotion", include_str!("channels/promotion.js")),
    ("channels/messages", include_str!("channels/messages.js")),
    ("channels/alarms", include_str!("channels/alarms.js")),
    ("channels/clock", include_str!("channels/clock.js")),
    ("kit/cell", include_str!("../kit/cell.js")),
    ("staying", include_str!("../kit/staying.js")),
    ("kit/line", include_str!("../kit/line.js")),
    ("kit/acquire", include_str!("../kit/acquire.js")),
    ("kit/guard", include_str!("../kit/guard.js")),
    ("kit/mutex", include_str!("../kit/mutex.js")),
    ("kit/rwmutex", include_str!("../kit/rwmutex.js")),
    ("kit/semaphore", include_str!("../kit/semaphore.js")),
    ("kit/wait-group", include_str!("../kit/wait-group.js")),
    ("kit/cond", include_str!("../kit/cond.js")),
    ("kit/once", include_str!("../kit/once.js")),
    ("kit/context", include_str!("../kit/context.js")),
    ("kit/groups", include_str!("../kit/groups.js")),
    ("kit/task-reference", include_str!("../kit/task-reference.js")),
    ("kit/index", include_str!("../kit/index.js")),
    ("kit/blocking", include_str!("kit-blocking.js")),
    ("kit-platform", include_str!("kit-platform.js")),
    ("flags", include_str!("flags.js")),
    ("wait-async", include_str!("wait-async.js")),
    ("record-kinds", include_str!("record-kinds.js")),
    ("portable", include_str!("portable.js")),
    ("task-handle", include_str!("task-handle.js")),
    ("errors", include_str!("errors.js")),
    ("dom-exception", include_str!("dom-exception.js")),
    ("deadlock", include_str!("deadlock.js")),
    ("standing", include_str!("standing.js")),
    ("control", include_str!("control.js")),
    ("left-behind", include_str!("left-behind.js")),
    ("async-callbacks", include_str!("async-callbacks.js")),
    ("builtins/operations", include_str!("builtins/operations.js")),
    ("builtins/iteration", include_str!("builtins/iteration.js")),
    ("builtins/application", include_str!("builtins/application.js")),
    ("builtins/construction", include_str!("builtins/construction.js")),
    ("builtins/array", include_str!("builtins/array.js")),
    ("builtins/typed-array", include_str!("builtins/typed-array.js")),
    ("builtins/gallop", include_str!("builtins/gallop.js")),
    ("builtins/merge-sort", include_str!("builtins/merge-sort.js")),
    ("builtins/collections", include_str!("builtins/collections.js")),
    ("builtins/set-methods", include_str!("builtins/set-methods.js")),
    ("builtins/string", include_str!("builtins/string.js")),
    ("builtins/regexp", include_str!("builtins/regexp.js")),
    ("builtins/substitution", include_str!("builtins/substitution.js")),
    ("builtins/json-parse", include_str!("builtins/json-parse.js")),
    ("builtins/json-stringify", include_str!("builtins/json-stringify.js")),
    ("builtins/iterator", include_str!("builtins/iterator.js")),
    ("builtins/iterator-helper", include_str!("builtins/iterator-helper.js")),
    ("builtins/index", include_str!("builtins/index.js")),
    ("class-fields", include_str!("class-fields.js")),
    ("coroutine-realm", include_str!("coroutine-realm.js")),
];

/// Loads a module by name, as `require` does.
const LOADER: &str = r"(compile) => {
  const loaded = Object.create(null);
  const require = (name) => {
    if (loaded[name] === undefined) {
      const module = { exports: {} };
      loaded[name] = module;
      compile(name)(require, module, module.exports);
    }
    return loaded[name].exports;
  };
  return require;
}";

/// Makes what compiled code uses constants of the realm, under names that no program has. Within `with`, where names are looked
/// up in objects, it finds the same by way of V8's promises, of which programs have none.
const CONSTANTS: &str = r"(compiled) => {
  const home = Object.getPrototypeOf((async () => {})());
  if (!Object.hasOwn(home, '\u{fe}')) Object.defineProperty(home, '\u{fe}', { value: { __proto__: null } });
  Object.assign(home.\u{fe}, compiled);
  globalThis.\u{fe} = compiled;
  return `const ${Object.keys(compiled).map((name) => `\u{fe}${name}=\u{fe}.${name}`).join()};delete globalThis.\u{fe};`;
}";

/// What the build script makes of the kernel.
pub struct Kernel {
    /// A snapshot with two contexts, each with the kernel's entry points as its context data 0: the default one for code
    /// as it is written, and the one with index 0 for code in coroutine form.
    pub snapshot: Vec<u8>,
    /// The sources that it refers to, in Latin-1.
    pub sources: Vec<&'static [u8]>,
}

/// A module as V8 gets it.
struct Module {
    name: &'static str,
    text: &'static [u8],
    source: &'static v8::OneByteConst,
    /// Where a compiled module looks for a suspension.
    sites: Option<Vec<u32>>,
}

/// Makes the kernel.
///
/// # Panics
/// Where the kernel's JavaScript does not compile or throws: that is an error of the build.
pub fn create() -> Kernel {
    let modules: &'static [Module] = MODULES.iter().enumerate().map(Module::new).collect::<Vec<_>>().leak();
    let references = references::list(stand_ins(), modules.iter().map(|module| module.source));
    let mut creator = v8::Isolate::snapshot_creator(Some(Cow::from(references)), None);
    // Read by `compile_module`, on this thread.
    creator.set_slot(modules);
    {
        v8::scope!(let scope, &mut creator);
        let context = v8::Context::new(scope, v8::ContextOptions::default());
        {
            let scope = &mut v8::ContextScope::new(scope, context);
            let require = loader(scope);
            let kernel = load(scope, require, "plain-realm");
            connect(scope, kernel);
            scope.add_context_data(context, kernel);
        }
        scope.set_default_context(context);
        let context = v8::Context::new(scope, v8::ContextOptions::default());
        {
            let scope = &mut v8::ContextScope::new(scope, context);
            let require = loader(scope);
            let operations = load(scope, require, "operations");
            define_constants(scope, operations);
            let kernel = load(scope, require, "coroutine-realm");
            define_constants(scope, kernel);
            register_sites(scope, kernel, modules);
            connect(scope, kernel);
            scope.add_context_data(context, kernel);
        }
        scope.add_context(context);
    }
    let snapshot = creator.create_blob(v8::FunctionCodeHandling::Keep).expect("V8 makes the snapshot").to_vec();
    Kernel { snapshot, sources: modules.iter().map(|module| module.text).collect() }
}

/// The names of the native functions.
const NATIVES: &[&str] = {
    macro_rules! names {
        ($($name:literal => $function:expr),* $(,)?) => {
            &[$($name),*]
        };
    }
    references::natives!(names)
};

/// Addresses in the place of the native functions', which only the addon has.
fn stand_ins() -> impl Iterator<Item = v8::FunctionCallback> {
    static PLACES: [u8; NATIVES.len()] = [0; NATIVES.len()];
    // SAFETY: function pointers are addresses, and not null. Nobody calls these: V8 only compares them with the functions
    // that `connect` makes, after which no JavaScript runs.
    PLACES.iter().map(|place| unsafe { std::mem::transmute::<*const u8, v8::FunctionCallback>(place) })
}

/// Gives the kernel its native functions. The last step in a context: they are not there yet.
fn connect<'s>(scope: &mut v8::PinScope<'s, '_>, kernel: v8::Local<'s, v8::Value>) {
    let bindings = v8::Object::new(scope);
    for (name, callback) in NATIVES.iter().zip(stand_ins()) {
        let function = v8::Function::builder_raw(callback).build(scope).expect("a new function");
        let key = v8::String::new(scope, name).expect("a short string");
        bindings.set(scope, key.into(), function.into());
    }
    let connect: v8::Local<v8::Function> = property(scope, kernel, "connect").try_into().expect("a function");
    let receiver = v8::undefined(scope).into();
    connect.call(scope, receiver, &[bindings.into()]).expect("the kernel takes its native functions");
}

/// Modules that call what users write: they are compiled as users' code is, so that it can be suspended.
fn is_compiled(name: &str) -> bool {
    (name.starts_with("promise") && name != "promise-state")
        || name.starts_with("async")
        || name.starts_with("builtins/")
        || name.starts_with("kit/")
        || name == "class-fields"
        || name == "modules/commonjs"
        || name == "modules/evaluation"
}

/// What of the kit runs in tasks: there, to await an operation is to call it. See `src/kit/README.md`.
fn kit_source(source: &str) -> String {
    source.replace("async ", "").replace("await ", "")
}

impl Module {
    fn new((index, &(name, source)): (usize, &(&'static str, &str))) -> Module {
        let source = if name.starts_with("kit/") { kit_source(source) } else { (*source).to_owned() };
        let wrapped = format!("(function (require, module, exports) {{{source}\n}})");
        let (text, sites) = if is_compiled(name) {
            // The kernel's sources have numbers that no other has.
            let id = u32::MAX - u32::try_from(index).expect("the kernel has few modules");
            let compiled = coroutine::compile_kernel(id, &wrapped)
                .unwrap_or_else(|(message, at)| panic!("the kernel's {name} does not compile: {message} at {at}"));
            (compiled.code, Some(compiled.sites))
        } else {
            (wrapped, None)
        };
        let text: &[u8] = latin1(name, &text).leak();
        Module { name, text, source: Box::leak(Box::new(references::source(text))), sites }
    }
}

/// # Panics
/// Where a character is none of Latin-1: kernel files write those as escapes, so that V8 has one byte for each.
fn latin1(name: &str, text: &str) -> Vec<u8> {
    let byte = |c| {
        u8::try_from(u32::from(c)).unwrap_or_else(|_| panic!("the kernel's {name} has the character {c}: escape it"))
    };
    text.chars().map(byte).collect()
}

/// `require` of the kernel's modules in the current context.
fn loader<'s>(scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Function> {
    let make = evaluate(scope, "hertzscript:loader", LOADER);
    let make: v8::Local<v8::Function> = make.try_into().expect("the loader is a function");
    let compile = v8::Function::new(scope, compile_module).expect("a new function");
    let receiver = v8::undefined(scope).into();
    let require = make.call(scope, receiver, &[compile.into()]).expect("the loader runs");
    require.try_into().expect("a function")
}

/// `compile(name)`: a module's factory.
#[expect(clippy::needless_pass_by_value, reason = "V8 hands native functions their arguments by value")]
fn compile_module(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let modules = *scope.get_slot::<&'static [Module]>().expect("`create` sets it");
    let module = modules.iter().find(|module| module.name == name).expect("the kernel has no such module");
    let source = v8::String::new_from_onebyte_const(scope, module.source).expect("the kernel's source");
    let main = run(scope, &format!("hertzscript:{name}"), source);
    if module.sites.is_none() {
        return rv.set(main);
    }
    let main: v8::Local<v8::Function> = main.try_into().expect("a compiled script is a function");
    let receiver = v8::undefined(scope).into();
    rv.set(main.call(scope, receiver, &[]).expect("the factory"));
}

/// Loads a module in the current context; returns what it exports.
fn load<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    require: v8::Local<'s, v8::Function>,
    name: &str,
) -> v8::Local<'s, v8::Value> {
    let name = v8::String::new(scope, name).expect("a short string");
    let receiver = v8::undefined(scope).into();
    v8::tc_scope!(let scope, scope);
    match require.call(scope, receiver, &[name.into()]) {
        Some(exports) => exports,
        None => panic!("the kernel does not start: {}", caught(scope)),
    }
}

fn define_constants<'s>(scope: &mut v8::PinScope<'s, '_>, module: v8::Local<'s, v8::Value>) {
    let compiled = property(scope, module, "compiled");
    let make = evaluate(scope, "hertzscript:constants", CONSTANTS);
    let make: v8::Local<v8::Function> = make.try_into().expect("a function");
    let receiver = v8::undefined(scope).into();
    let text = make.call(scope, receiver, &[compiled]).expect("the constants' text").to_rust_string_lossy(scope);
    evaluate(scope, "hertzscript:constants", &text);
}

/// Tells the kernel at which calls its own compiled modules look for a suspension.
fn register_sites<'s>(scope: &mut v8::PinScope<'s, '_>, kernel: v8::Local<'s, v8::Value>, modules: &[Module]) {
    let register: v8::Local<v8::Function> = property(scope, kernel, "register").try_into().expect("a function");
    for Module { name, sites, .. } in modules {
        let Some(sites) = sites else { continue };
        let sites: Vec<v8::Local<v8::Value>> =
            sites.iter().map(|site| v8::Integer::new_from_unsigned(scope, *site).into()).collect();
        let sites = v8::Array::new_with_elements(scope, &sites);
        let name = v8::String::new(scope, &format!("hertzscript:{name}")).expect("a short string");
        let receiver = v8::undefined(scope).into();
        register.call(scope, receiver, &[name.into(), sites.into()]).expect("the sites are registered");
    }
}

fn property<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Value>,
    name: &str,
) -> v8::Local<'s, v8::Value> {
    let object: v8::Local<v8::Object> = object.try_into().expect("a module exports an object");
    let key = v8::String::new(scope, name).expect("a short string");
    object.get(scope, key.into()).expect("the kernel exports it")
}

fn evaluate<'s>(scope: &mut v8::PinScope<'s, '_>, name: &str, source: &str) -> v8::Local<'s, v8::Value> {
    let source = v8::String::new(scope, source).expect("a short source");
    run(scope, name, source)
}

fn run<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    name: &str,
    source: v8::Local<'s, v8::String>,
) -> v8::Local<'s, v8::Value> {
    v8::tc_scope!(let scope, scope);
    let name = v8::String::new(scope, name).expect("a short string");
    let origin = v8::ScriptOrigin::new(scope, name.into(), 0, 0, false, -1, None, false, false, false, None);
    let value = v8::Script::compile(scope, source, Some(&origin)).and_then(|script| script.run(scope));
    value.unwrap_or_else(|| panic!("the kernel does not compile: {}", caught(scope)))
}

fn caught(scope: &mut v8::PinnedRef<'_, v8::TryCatch<v8::HandleScope>>) -> String {
    let stack = scope.stack_trace().filter(|stack| !stack.is_undefined()).or_else(|| scope.exception());
    let text = stack.map_or_else(|| "no exception".to_owned(), |value| value.to_rust_string_lossy(scope));
    let Some(message) = scope.message() else { return text };
    let name = message.get_script_resource_name(scope).map(|name| name.to_rust_string_lossy(scope)).unwrap_or_default();
    format!("{text} at {name}:{}", message.get_line_number(scope).unwrap_or(0))
}
