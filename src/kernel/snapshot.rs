//! Makes the startup snapshot: a realm in which the kernel's JavaScript has already run.
//!
//! Only the build script uses this file. The snapshot holds no native function; `boot` (in `realm.js`) receives those
//! when a realm is made, so the build script needs nothing of the addon itself.

/// The kernel's modules, each evaluated when another one first requires it.
const MODULES: &[(&str, &str)] = &[
    ("primordials", include_str!("primordials.js")),
    ("codec", include_str!("../message/codec.js")),
    ("timers", include_str!("timers.js")),
    ("console", include_str!("console.js")),
    ("realm", include_str!("realm.js")),
    ("suspended", include_str!("suspended.js")),
    ("stack-walk", include_str!("stack-walk.js")),
    ("scheduler", include_str!("scheduler.js")),
    ("promise-operations", include_str!("promise-operations.js")),
    ("promise-state", include_str!("promise-state.js")),
    ("promise-combinators", include_str!("promise-combinators.js")),
    ("promise", include_str!("promise.js")),
    ("async-iterator", include_str!("async-iterator.js")),
    ("async-generator", include_str!("async-generator.js")),
    ("async", include_str!("async.js")),
    ("builtins/operations", include_str!("builtins/operations.js")),
    ("builtins/iteration", include_str!("builtins/iteration.js")),
    ("builtins/array", include_str!("builtins/array.js")),
    ("builtins/typed-array", include_str!("builtins/typed-array.js")),
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
    ("coroutine-realm", include_str!("coroutine-realm.js")),
];

/// Loads a module by name, as `require` does.
const LOADER: &str = r"(factories, entry) => {
  const loaded = Object.create(null);
  const require = (name) => {
    if (loaded[name] === undefined) {
      const module = { exports: {} };
      loaded[name] = module;
      factories[name](require, module, module.exports);
    }
    return loaded[name].exports;
  };
  return require(entry);
}";

/// Makes what compiled code uses constants of the realm, under names that no program has.
const CONSTANTS: &str = r"(compiled) => {
  globalThis.\u{fe} = compiled;
  return `const ${Object.keys(compiled).map((name) => `\u{fe}${name}=\u{fe}.${name}`).join()};delete globalThis.\u{fe};`;
}";

/// Returns the bytes of a snapshot with two contexts, each with the kernel's entry points as its context data 0: the
/// default one for code as it is written, and the one with index 0 for code in coroutine form.
///
/// # Panics
/// Where the kernel's JavaScript does not compile or throws: that is an error of the build.
pub fn create() -> Vec<u8> {
    let mut creator = v8::Isolate::snapshot_creator(None, None);
    {
        v8::scope!(let scope, &mut creator);
        let context = v8::Context::new(scope, v8::ContextOptions::default());
        {
            let scope = &mut v8::ContextScope::new(scope, context);
            let kernel = load(scope, "realm");
            scope.add_context_data(context, kernel);
        }
        scope.set_default_context(context);
        let context = v8::Context::new(scope, v8::ContextOptions::default());
        {
            let scope = &mut v8::ContextScope::new(scope, context);
            let kernel = load(scope, "coroutine-realm");
            let object: v8::Local<v8::Object> = kernel.try_into().expect("a module exports an object");
            let key = v8::String::new(scope, "compiled").expect("a short string");
            let compiled = object.get(scope, key.into()).expect("the kernel's operations");
            let make = evaluate(scope, "hertzscript:constants", CONSTANTS);
            let make: v8::Local<v8::Function> = make.try_into().expect("a function");
            let receiver = v8::undefined(scope).into();
            let text = make.call(scope, receiver, &[compiled]).expect("the constants' text");
            let text = text.to_rust_string_lossy(scope);
            evaluate(scope, "hertzscript:constants", &text);
            scope.add_context_data(context, kernel);
        }
        scope.add_context(context);
    }
    creator.create_blob(v8::FunctionCodeHandling::Keep).expect("V8 makes the snapshot").to_vec()
}

/// Runs the kernel's modules in the current context; returns what `entry` exports.
fn load<'s>(scope: &mut v8::PinScope<'s, '_>, entry: &str) -> v8::Local<'s, v8::Value> {
    let factories = v8::Object::new(scope);
    for (name, source) in MODULES {
        let wrapped = format!("(function (require, module, exports) {{{source}\n}})");
        let factory = evaluate(scope, &format!("hertzscript:{name}"), &wrapped);
        let key = v8::String::new(scope, name).expect("a short string");
        factories.set(scope, key.into(), factory);
    }
    let loader = evaluate(scope, "hertzscript:loader", LOADER);
    let loader: v8::Local<v8::Function> = loader.try_into().expect("the loader is a function");
    let entry = v8::String::new(scope, entry).expect("a short string");
    let receiver = v8::undefined(scope).into();
    v8::tc_scope!(let scope, scope);
    match loader.call(scope, receiver, &[factories.into(), entry.into()]) {
        Some(kernel) => kernel,
        None => panic!("the kernel does not start: {}", caught(scope)),
    }
}

fn evaluate<'s>(scope: &mut v8::PinScope<'s, '_>, name: &str, source: &str) -> v8::Local<'s, v8::Value> {
    v8::tc_scope!(let scope, scope);
    let name = v8::String::new(scope, name).expect("a short string");
    let source = v8::String::new(scope, source).expect("the kernel's source");
    let origin = v8::ScriptOrigin::new(scope, name.into(), 0, 0, false, -1, None, false, false, false, None);
    let value = v8::Script::compile(scope, source, Some(&origin)).and_then(|script| script.run(scope));
    value.unwrap_or_else(|| panic!("the kernel does not compile: {}", caught(scope)))
}

fn caught(scope: &mut v8::PinnedRef<'_, v8::TryCatch<v8::HandleScope>>) -> String {
    match scope.stack_trace().or_else(|| scope.exception()) {
        Some(value) => value.to_rust_string_lossy(scope),
        None => "no exception".to_owned(),
    }
}
