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

/// Returns the bytes of a snapshot whose default context holds the kernel's entry points as context data 0.
///
/// # Panics
/// Where the kernel's JavaScript does not compile or throws: that is an error of the build.
pub fn create() -> Vec<u8> {
    let mut creator = v8::Isolate::snapshot_creator(None, None);
    {
        v8::scope!(let scope, &mut creator);
        let context = v8::Context::new(scope, v8::ContextOptions::default());
        let scope = &mut v8::ContextScope::new(scope, context);
        let factories = v8::Object::new(scope);
        for (name, source) in MODULES {
            let wrapped = format!("(function (require, module, exports) {{{source}\n}})");
            let factory = evaluate(scope, &format!("hertzscript:{name}"), &wrapped);
            let key = v8::String::new(scope, name).expect("a short string");
            factories.set(scope, key.into(), factory);
        }
        let loader = evaluate(scope, "hertzscript:loader", LOADER);
        let loader: v8::Local<v8::Function> = loader.try_into().expect("the loader is a function");
        let entry = v8::String::new(scope, "realm").expect("a short string");
        let receiver = v8::undefined(scope).into();
        v8::tc_scope!(let scope, scope);
        let Some(kernel) = loader.call(scope, receiver, &[factories.into(), entry.into()]) else {
            panic!("the kernel does not start: {}", caught(scope));
        };
        scope.add_context_data(context, kernel);
        scope.set_default_context(context);
    }
    creator.create_blob(v8::FunctionCodeHandling::Keep).expect("V8 makes the snapshot").to_vec()
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
