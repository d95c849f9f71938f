//! What the kernel needs of the machine to load modules (`kernel/modules/`), and V8's own modules for plain form.

#![expect(clippy::needless_pass_by_value, reason = "V8 hands native functions their arguments by value")]

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::natives::throw;
use super::parser::parse_ahead;
use super::program::{base_of, compiled_code, compiling, origin, program_type, text_of, working_directory};
use super::realm::current_realm;
use super::runtime::{RealmId, State};
use crate::compiler::coroutine::Shape;
use crate::compiler::lower::{COMMON_JS, common_js};
use crate::compiler::{Carrier, CodeKind, Form, prepare_program};
use crate::modules::{
    Class, Failure, Format, Found, How, LIBRARY, Loaded, Text, importer_of, load, look_ahead, path_of_code, to_url,
};

type Arguments<'s> = v8::FunctionCallbackArguments<'s>;
type Return<'s> = v8::ReturnValue<'s, v8::Value>;

/// A module's script of which V8's bytecode is to be kept.
pub type Uncached = (Arc<Loaded>, v8::Global<v8::UnboundScript>);

/// Modules with more bytes than this in their bytecode are not worth the memory.
const LARGEST_CACHE: usize = 64 << 20;

fn string<'s>(scope: &mut v8::PinScope<'s, '_>, text: &str) -> v8::Local<'s, v8::String> {
    v8::String::new(scope, text).unwrap_or_else(|| v8::String::empty(scope))
}

fn set(scope: &mut v8::PinScope<'_, '_>, object: v8::Local<v8::Object>, key: &str, value: v8::Local<v8::Value>) {
    let key = string(scope, key);
    object.set(scope, key.into(), value);
}

fn set_text(scope: &mut v8::PinScope<'_, '_>, object: v8::Local<v8::Object>, key: &str, text: &str) {
    let value = string(scope, text).into();
    set(scope, object, key, value);
}

/// Throws a failure as an error with its `code`.
fn fail(scope: &mut v8::PinScope<'_, '_>, failure: &Failure) {
    let message = string(scope, &failure.message);
    let error = match failure.class {
        Class::Error => v8::Exception::error(scope, message),
        Class::Type => v8::Exception::type_error(scope, message),
        Class::Syntax => v8::Exception::syntax_error(scope, message),
    };
    if !failure.code.is_empty()
        && let Ok(object) = v8::Local::<v8::Object>::try_from(error)
    {
        set_text(scope, object, "code", failure.code);
    }
    scope.throw_exception(error);
}

/// The key of this library.
const LIBRARY_KEY: &str = "node:@hertzscript/isolate";

/// Whether a file is the host's entry to this library. `node_folder` is a folder beside it.
fn is_library(path: &Path, node_folder: &str) -> bool {
    let is_entry = path.file_name().is_some_and(|name| name == "index.js" || name == "index.mjs");
    is_entry && path.parent() == Path::new(node_folder).parent()
}

/// `resolveModule(specifier, from, isImport)`: the module's key: a path; with a zero and its query and fragment behind it, if it
/// has any; or `node:NAME`, also for this library, which tasks have another one of than the host. Throws Node's errors.
pub fn resolve_module(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let specifier = args.get(0).to_rust_string_lossy(scope);
    let from = args.get(1).to_rust_string_lossy(scope);
    let how = if args.get(2).is_true() { How::Import } else { How::Require };
    let state = State::of(scope);
    if specifier == LIBRARY {
        return rv.set(string(scope, LIBRARY_KEY).into());
    }
    let found = state.resolvers.borrow().resolve(&specifier, &from, how);
    let key = match found {
        Ok(Found::File(path, _)) if is_library(&path, state.outlet.node_folder()) => LIBRARY_KEY.to_owned(),
        Ok(Found::File(path, suffix)) if suffix.is_empty() => path.to_string_lossy().into_owned(),
        Ok(Found::File(path, suffix)) => format!("{}\0{suffix}", path.to_string_lossy()),
        Ok(Found::Builtin(name)) => format!("node:{name}"),
        Err(failure) => return fail(scope, &failure),
    };
    rv.set(string(scope, &key).into());
}

/// `forgetFiles()`: looks at the disk again, where something may have changed.
pub fn forget_files(scope: &mut v8::PinScope, _: Arguments, _: Return) {
    State::of(scope).resolvers.borrow_mut().forget();
}

/// `loadModule(key, isImport)`: reads and compiles a file. Returns `{format, ...}`:
///
/// - `json`: its `text`
/// - `commonjs`: the `main` function, and the `name` of the script
/// - `module`: the same with `shape`; in plain form nothing more than `requests`, since V8 has the module under its key
/// - `addon`, `wasm`, `unknown`
///
/// Files of an ending that Node does not know are CommonJS to `require`.
pub fn load_module(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let key = args.get(0).to_rust_string_lossy(scope);
    let (path, suffix) = key.split_once('\0').unwrap_or((&key, ""));
    let is_import = args.get(1).is_true();
    let state = State::of(scope);
    let file = Path::new(path);
    let mut format = state.resolvers.borrow_mut().format_of(file);
    if format == Format::Unknown && !is_import {
        format = Format::CommonJs;
    }
    let object = v8::Object::new(scope);
    if matches!(format, Format::Addon | Format::Wasm | Format::Unknown) {
        let name = match format {
            Format::Addon => "addon",
            Format::Wasm => "wasm",
            _ => "unknown",
        };
        set_text(scope, object, "format", name);
        return rv.set(object.into());
    }
    let is_coroutine = current_realm(scope).is_some_and(|realm| realm & 1 == 1);
    let form = if is_coroutine { Form::Coroutine } else { Form::Plain };
    let loaded = match load(file, form, format) {
        Ok(loaded) => loaded,
        Err(failure) => return fail(scope, &failure),
    };
    let code = &loaded.code;
    if format == Format::Json {
        set_text(scope, object, "format", "json");
        set_text(scope, object, "text", &code.source);
        return rv.set(object.into());
    }
    if is_coroutine {
        loaded.claim();
        look_ahead(&loaded, path, parse_ahead);
    }
    let is_module = code.kind == CodeKind::Module;
    set_text(scope, object, "format", if is_module { "module" } else { "commonjs" });
    set_text(scope, object, "name", &code.name);
    let id = v8::Integer::new_from_unsigned(scope, code.id).into();
    set(scope, object, "id", id);
    if !is_coroutine && is_module {
        let program = match prepare_program(&code.name, &code.source, program_type(code)) {
            Ok(program) => program,
            Err(message) => return fail(scope, &Failure::syntax(message)),
        };
        let name = format!("{}{suffix}", code.name);
        let Some(requests) = compile_plain(scope, &key, path, &name, &program.source, Carrier::default()) else {
            return;
        };
        set(scope, object, "requests", requests.into());
        return rv.set(object.into());
    }
    let (text, prefix) = if is_coroutine {
        let Some(compiled) = compiled_code(scope, code) else { return };
        if let Some(shape) = &compiled.shape {
            set_text(scope, object, "shape", &shape_text(shape));
        }
        let realm = current_realm(scope).unwrap_or_default();
        state.sources.borrow_mut().entry(realm).or_default().insert(code.name.clone(), Arc::clone(code));
        (Cow::from(&compiled.code), 0)
    } else {
        match common_js(&code.name, &code.source) {
            Ok((text, _)) => (Cow::from(text), COMMON_JS.len()),
            Err(message) => return fail(scope, &Failure::syntax(message)),
        }
    };
    let Some(main) = run_module(scope, &loaded, &text, prefix) else { return };
    let is_dynamic = code.lowered().is_some_and(|it| it.compiled.is_dynamic);
    // A script in coroutine form gives a function that runs it. That of a CommonJS module only makes the function around it.
    let main = if is_coroutine && !is_module && !is_dynamic {
        let Ok(make) = v8::Local::<v8::Function>::try_from(main) else { return throw(scope, "no function") };
        let receiver = v8::undefined(scope).into();
        let Some(main) = make.call(scope, receiver, &[]) else { return };
        main
    } else {
        main
    };
    set(scope, object, "main", main);
    rv.set(object.into());
}

/// A string that V8 reads where it lies; it holds a share of the text until it is collected.
pub fn shared_string<'s>(scope: &mut v8::PinScope<'s, '_>, text: &Text) -> Option<v8::Local<'s, v8::String>> {
    unsafe extern "C" fn release<T>(start: *mut T, length: usize) {
        // SAFETY: V8 calls this once for each string, with what `shared_string` gave it: the start and the length of the slice
        // that `Arc::into_raw` had let go of.
        drop(unsafe { Arc::from_raw(std::ptr::slice_from_raw_parts(start.cast_const(), length)) });
    }
    unsafe extern "C" fn release_bytes(start: *mut std::ffi::c_char, length: usize) {
        // SAFETY: as above; the bytes are unsigned in their slice.
        unsafe { release(start.cast::<u8>(), length) }
    }
    match text {
        Text::OneByte(bytes) => {
            let start = Arc::into_raw(Arc::clone(bytes)).cast::<u8>().cast_mut();
            // SAFETY: the share that was let go of keeps the bytes until `release_bytes` takes it back. V8 never writes to
            // the characters of a string.
            unsafe { v8::String::new_external_onebyte_raw(scope, start.cast(), bytes.len(), release_bytes) }
        }
        Text::TwoByte(units) => {
            let start = Arc::into_raw(Arc::clone(units)).cast::<u16>().cast_mut();
            // SAFETY: as for bytes.
            unsafe { v8::String::new_external_twobyte_raw(scope, start, units.len(), release::<u16>) }
        }
    }
}

fn run_module<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    loaded: &Arc<Loaded>,
    text: &str,
    prefix: usize,
) -> Option<v8::Local<'s, v8::Value>> {
    if loaded.cache.get().is_none()
        && let Some(bytecode) = loaded.code.compilation.as_ref().and_then(|it| it.bytecode())
    {
        // Another isolate would have read the same.
        let _ = loaded.cache.set(bytecode);
    }
    let script = compiling(scope, |scope| {
        let origin = origin(scope, &loaded.code.name, i32::try_from(prefix).unwrap_or(0), false)?;
        let text = shared_string(scope, loaded.text.get_or_init(|| Text::from(text)))?;
        let (mut source, options) = match loaded.cache.get().map(Vec::as_slice).or_else(|| loaded.parsed_ahead()) {
            Some(cache) => {
                let cache = v8::script_compiler::CachedData::new(cache);
                let source = v8::script_compiler::Source::new_with_cached_data(text, Some(&origin), cache);
                (source, v8::script_compiler::CompileOptions::ConsumeCodeCache)
            }
            None => (
                v8::script_compiler::Source::new(text, Some(&origin)),
                v8::script_compiler::CompileOptions::NoCompileOptions,
            ),
        };
        let reason = v8::script_compiler::NoCacheReason::NoReason;
        let script = v8::script_compiler::compile_unbound_script(scope, &mut source, options, reason)?;
        Some(v8::Global::new(scope, script))
    })?;
    let unbound = v8::Local::new(scope, &script);
    if loaded.cache.get().is_none() {
        State::of(scope).uncached.borrow_mut().push((Arc::clone(loaded), script));
    }
    unbound.bind_to_current_context(scope).run(scope)
}

/// Keeps V8's bytecode of modules that were loaded here for other isolates. Called when there is nothing else to do: what
/// the modules have run by then is in it.
pub fn keep_caches(isolate: &mut v8::OwnedIsolate, state: &State) {
    if state.uncached.borrow().is_empty() {
        return;
    }
    let list = state.uncached.take();
    v8::scope!(let scope, isolate);
    for (loaded, script) in list {
        if loaded.cache.get().is_some() {
            continue;
        }
        let script = v8::Local::new(scope, script);
        if let Some(cache) = script.create_code_cache().filter(|cache| cache.len() <= LARGEST_CACHE) {
            // Another isolate may have been faster.
            if loaded.cache.set(cache.to_vec()).is_ok()
                && let Some(compilation) = &loaded.code.compilation
            {
                compilation.keep_bytecode(&cache);
            }
        }
    }
}

/// What the kernel is told of a module, as JSON.
pub fn shape_text(shape: &Shape) -> String {
    let requests: Vec<_> = shape.requests.iter().map(|it| (&it.specifier, &it.kind)).collect();
    serde_json::json!({
        "requests": requests,
        "imports": shape.imports,
        "indirect": shape.indirect,
        "stars": shape.stars,
        "isAsync": shape.is_async,
        "default": shape.default,
    })
    .to_string()
}

/// `sitesOf(name)`: the positions of the calls that look for a suspension, of a module's script.
pub fn sites_of(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let state = State::of(scope);
    let code = current_realm(scope).and_then(|realm| state.sources.borrow().get(&realm)?.get(&name).cloned());
    let Some(compiled) = code.as_ref().and_then(|code| code.lowered()).map(|it| &it.compiled) else { return };
    let sites: Vec<v8::Local<v8::Value>> =
        compiled.sites.iter().map(|site| v8::Integer::new_from_unsigned(scope, *site).into()).collect();
    rv.set(v8::Array::new_with_elements(scope, &sites).into());
}

/// `sourceText(id)`: the source with this number.
pub fn source_text(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let id = args.get(0).uint32_value(scope).unwrap_or(0);
    let state = State::of(scope);
    let realm = current_realm(scope).unwrap_or_default();
    let code =
        state.sources.borrow().get(&realm).and_then(|codes| {
            codes.values().find(|code| code.compilation.as_ref().is_some_and(|it| it.id == id)).cloned()
        });
    if let Some(compiled) = code.as_ref().and_then(|code| code.lowered()).map(|it| &it.compiled) {
        rv.set(string(scope, &compiled.source).into());
    }
}

/// `baseOf(id)`: what specifiers in a source are relative to; of 0, the working directory.
pub fn base_of_code(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let id = args.get(0).uint32_value(scope).unwrap_or(0);
    let known = State::of(scope).bases.borrow().get(&id).cloned();
    let base = known.or_else(|| path_of_code(id)).unwrap_or_else(working_directory);
    rv.set(string(scope, &base).into());
}

/// What specifiers are relative to in the code that called `eval`.
pub fn base_of_caller(scope: &mut v8::PinScope<'_, '_>, state: &State) -> String {
    let realm = current_realm(scope).unwrap_or_default();
    let found = v8::StackTrace::current_stack_trace(scope, 8).and_then(|trace| {
        (0..trace.get_frame_count()).find_map(|index| {
            let name = trace.get_frame(scope, index)?.get_script_name(scope)?.to_rust_string_lossy(scope);
            let codes = state.sources.borrow();
            Some(base_of(codes.get(&realm)?.get(&name)?))
        })
    });
    found.unwrap_or_else(working_directory)
}

/// `toUrl(path)`: the `file:` URL of a path.
pub fn url_of_path(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let path = args.get(0).to_rust_string_lossy(scope);
    rv.set(string(scope, &to_url(Path::new(&path))).into());
}

/// `surroundings()`: what `process` shows of the host.
pub fn surroundings(scope: &mut v8::PinScope, _: Arguments, mut rv: Return) {
    let object = v8::Object::new(scope);
    let env = v8::Object::new(scope);
    for (key, value) in std::env::vars_os() {
        set_text(scope, env, &key.to_string_lossy(), &value.to_string_lossy());
    }
    set(scope, object, "env", env.into());
    set_text(scope, object, "cwd", &working_directory());
    let state = State::of(scope);
    set_text(scope, object, "version", state.outlet.node_version());
    set_text(scope, object, "nodeFolder", state.outlet.node_folder());
    let platform = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    set_text(scope, object, "platform", platform);
    let arch = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        other => other,
    };
    set_text(scope, object, "arch", arch);
    let pid = v8::Integer::new_from_unsigned(scope, std::process::id()).into();
    set(scope, object, "pid", pid);
    rv.set(object.into());
}

// Plain form: V8's modules.

struct PlainModule {
    module: v8::Global<v8::Module>,
    base: String,
    /// The keys of what it requests, by specifier and type.
    dependencies: HashMap<(String, String), String>,
    /// Names and values of one that is made of what is no module of V8's.
    values: Vec<(String, v8::Global<v8::Value>)>,
}

/// The modules of realms in plain form.
#[derive(Default)]
pub struct Plain {
    modules: HashMap<(RealmId, String), PlainModule>,
    /// Keys, by what V8 tells modules apart with.
    keys: HashMap<i32, Vec<(RealmId, String)>>,
    /// What specifiers in scripts of a name are relative to.
    bases: HashMap<String, String>,
    /// `importDynamically` and `fillMeta` of each realm.
    pub hooks: HashMap<RealmId, (v8::Global<v8::Function>, v8::Global<v8::Function>)>,
}

impl Plain {
    /// Forgets a realm.
    pub fn forget(&mut self, realm: RealmId) {
        self.modules.retain(|(owner, _), _| *owner != realm);
        self.keys.retain(|_, list| {
            list.retain(|(owner, _)| *owner != realm);
            !list.is_empty()
        });
        self.hooks.remove(&realm);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Plain::default();
    }

    fn add(&mut self, realm: RealmId, key: &str, hash: i32, module: PlainModule) {
        let key = (realm, key.to_owned());
        self.keys.entry(hash).or_default().push(key.clone());
        self.modules.insert(key, module);
    }

    fn find(&self, scope: &mut v8::PinScope<'_, '_>, module: v8::Local<v8::Module>) -> Option<&PlainModule> {
        let global = v8::Global::new(scope, module);
        let list = self.keys.get(&module.get_identity_hash().get())?;
        list.iter().filter_map(|key| self.modules.get(key)).find(|known| known.module == global)
    }
}

/// Compiles a module in plain form; returns the specifiers and types of what it requests, in turn.
pub fn compile_plain<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: &str,
    base: &str,
    name: &str,
    text: &str,
    carrier: Carrier,
) -> Option<v8::Local<'s, v8::Array>> {
    let module = compiling(scope, |scope| {
        let origin = origin(scope, name, 0, true)?;
        let text = text_of(scope, text, carrier)?;
        let mut source = v8::script_compiler::Source::new(text, Some(&origin));
        let module = v8::script_compiler::compile_module(scope, &mut source)?;
        Some(v8::Global::new(scope, module))
    })?;
    let local = v8::Local::new(scope, &module);
    let list = requests(scope, local)?;
    let state = State::of(scope);
    let realm = current_realm(scope).unwrap_or_default();
    let mut plain = state.plain.borrow_mut();
    plain.bases.insert(name.to_owned(), base.to_owned());
    let known = PlainModule { module, base: base.to_owned(), dependencies: HashMap::new(), values: Vec::new() };
    plain.add(realm, key, local.get_identity_hash().get(), known);
    Some(list)
}

/// Says what specifiers in a script are relative to.
pub fn set_base(state: &State, name: &str, base: &str) {
    state.plain.borrow_mut().bases.insert(name.to_owned(), base.to_owned());
}

fn requests<'s>(scope: &mut v8::PinScope<'s, '_>, module: v8::Local<v8::Module>) -> Option<v8::Local<'s, v8::Array>> {
    let requests = module.get_module_requests();
    let mut list: Vec<v8::Local<v8::Value>> = Vec::new();
    for index in 0..requests.length() {
        let request =
            requests.get(scope, index).and_then(|data| v8::Local::<v8::ModuleRequest>::try_from(data).ok())?;
        list.push(request.get_specifier().into());
        let kind = type_of(scope, request.get_import_attributes(), 3);
        list.push(string(scope, &kind).into());
    }
    Some(v8::Array::new_with_elements(scope, &list))
}

/// The attribute `type`, in lists whose entries have `width` parts.
fn type_of(scope: &mut v8::PinScope<'_, '_>, attributes: v8::Local<v8::FixedArray>, width: usize) -> String {
    let text = |index: usize| {
        let data = attributes.get(scope, index)?;
        v8::Local::<v8::String>::try_from(data).ok().map(|text| text.to_rust_string_lossy(scope))
    };
    let entries = (0..attributes.length()).step_by(width);
    entries
        .into_iter()
        .find(|index| text(*index).as_deref() == Some("type"))
        .and_then(|index| text(index + 1))
        .unwrap_or_default()
}

fn realm_key(scope: &mut v8::PinScope<'_, '_>, value: v8::Local<v8::Value>) -> (RealmId, String) {
    (current_realm(scope).unwrap_or_default(), value.to_rust_string_lossy(scope))
}

/// `requestsOf(key)`: the specifiers and types of what a module requests, in turn.
pub fn requests_of(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let Some(module) = plain_module(scope, args.get(0)) else { return };
    if let Some(list) = requests(scope, module) {
        rv.set(list.into());
    }
}

/// `bindPlain(key, specifier, type, target)`: says what a request leads to.
pub fn bind_plain(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let key = realm_key(scope, args.get(0));
    let specifier = args.get(1).to_rust_string_lossy(scope);
    let kind = args.get(2).to_rust_string_lossy(scope);
    let target = args.get(3).to_rust_string_lossy(scope);
    if let Some(module) = State::of(scope).plain.borrow_mut().modules.get_mut(&key) {
        module.dependencies.insert((specifier, kind), target);
    }
}

/// `syntheticPlain(key, names, values)`: a module of V8's for what is none.
pub fn synthetic_plain(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let (realm, key) = realm_key(scope, args.get(0));
    let (Ok(names), Ok(values)) =
        (v8::Local::<v8::Array>::try_from(args.get(1)), v8::Local::<v8::Array>::try_from(args.get(2)))
    else {
        return;
    };
    let mut locals = Vec::new();
    let mut pairs = Vec::new();
    for index in 0..names.length() {
        let (Some(name), Some(value)) = (names.get_index(scope, index), values.get_index(scope, index)) else { return };
        let Ok(name) = v8::Local::<v8::String>::try_from(name) else { return };
        locals.push(name);
        pairs.push((name.to_rust_string_lossy(scope), v8::Global::new(scope, value)));
    }
    let title = string(scope, &key);
    let module = v8::Module::create_synthetic_module(scope, title, &locals, evaluate_synthetic);
    let hash = module.get_identity_hash().get();
    let known = PlainModule {
        module: v8::Global::new(scope, module),
        base: key.clone(),
        dependencies: HashMap::new(),
        values: pairs,
    };
    State::of(scope).plain.borrow_mut().add(realm, &key, hash, known);
}

fn evaluate_synthetic<'s>(
    context: v8::Local<'s, v8::Context>,
    module: v8::Local<'s, v8::Module>,
) -> Option<v8::Local<'s, v8::Value>> {
    v8::callback_scope!(unsafe scope, context);
    let state = State::of(scope);
    let values = {
        let plain = state.plain.borrow();
        plain.find(scope, module).map(|known| known.values.clone()).unwrap_or_default()
    };
    for (name, value) in values {
        let (name, value) = (string(scope, &name), v8::Local::new(scope, value));
        module.set_synthetic_module_export(scope, name, value)?;
    }
    let resolver = v8::PromiseResolver::new(scope)?;
    let nothing = v8::undefined(scope).into();
    resolver.resolve(scope, nothing);
    Some(resolver.get_promise(scope).into())
}

fn plain_module<'s>(scope: &mut v8::PinScope<'s, '_>, key: v8::Local<v8::Value>) -> Option<v8::Local<'s, v8::Module>> {
    let key = realm_key(scope, key);
    let module = State::of(scope).plain.borrow().modules.get(&key).map(|known| known.module.clone())?;
    Some(v8::Local::new(scope, module))
}

/// `instantiatePlain(key)`: links a module whose requests are bound.
pub fn instantiate_plain(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let Some(module) = plain_module(scope, args.get(0)) else { return throw(scope, "there is no such module") };
    let module = v8::Global::new(scope, module);
    let _ = compiling(scope, |scope| {
        let module = v8::Local::new(scope, &module);
        module.instantiate_module(scope, on_request)
    });
}

/// `evaluatePlain(key)`: the promise of a linked module.
pub fn evaluate_plain(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let Some(module) = plain_module(scope, args.get(0)) else { return throw(scope, "there is no such module") };
    if let Some(promise) = module.evaluate(scope) {
        rv.set(promise);
    }
}

/// `namespacePlain(key)`: the exports of a linked module.
pub fn namespace_plain(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    if let Some(module) = plain_module(scope, args.get(0)) {
        rv.set(module.get_module_namespace());
    }
}

/// `isAsyncPlain(key)`: whether a linked module or one of those that it imports awaits something itself.
pub fn is_async_plain(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    if let Some(module) = plain_module(scope, args.get(0)) {
        rv.set_bool(module.is_graph_async());
    }
}

/// V8 asks what a request leads to.
fn on_request<'s>(
    context: v8::Local<'s, v8::Context>,
    specifier: v8::Local<'s, v8::String>,
    attributes: v8::Local<'s, v8::FixedArray>,
    referrer: v8::Local<'s, v8::Module>,
) -> Option<v8::Local<'s, v8::Module>> {
    v8::callback_scope!(unsafe scope, context);
    let specifier = specifier.to_rust_string_lossy(scope);
    let kind = type_of(scope, attributes, 3);
    let state = State::of(scope);
    let realm = current_realm(scope).unwrap_or_default();
    let found = {
        let plain = state.plain.borrow();
        let target =
            plain.find(scope, referrer).and_then(|it| it.dependencies.get(&(specifier.clone(), kind)).cloned());
        target.and_then(|target| plain.modules.get(&(realm, target)).map(|it| it.module.clone()))
    };
    if found.is_none() {
        throw(scope, &format!("the module '{specifier}' was not loaded"));
    }
    found.map(|module| v8::Local::new(scope, module))
}

/// V8's hook for `import()`, which only code in plain form reaches.
pub fn on_dynamic_import<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    _options: v8::Local<'s, v8::Data>,
    referrer: v8::Local<'s, v8::Value>,
    specifier: v8::Local<'s, v8::String>,
    attributes: v8::Local<'s, v8::FixedArray>,
) -> Option<v8::Local<'s, v8::Promise>> {
    let name = referrer.to_rust_string_lossy(scope);
    let state = State::of(scope);
    let realm = current_realm(scope)?;
    let hook = state.plain.borrow().hooks.get(&realm).map(|(import, _)| import.clone());
    let Some(hook) = hook else {
        let resolver = v8::PromiseResolver::new(scope)?;
        let message = string(scope, "import() cannot be used in this place of code in coroutine form");
        let error = v8::Exception::type_error(scope, message);
        resolver.reject(scope, error);
        return Some(resolver.get_promise(scope));
    };
    let known = state.plain.borrow().bases.get(&name).cloned();
    let path = importer_of(&name);
    let base = known
        .unwrap_or_else(|| if path.is_absolute() { path.to_string_lossy().into_owned() } else { working_directory() });
    let kind = type_of(scope, attributes, 2);
    let arguments = [specifier.into(), string(scope, &base).into(), string(scope, &kind).into()];
    let receiver = v8::undefined(scope).into();
    v8::Local::new(scope, hook).call(scope, receiver, &arguments)?.try_into().ok()
}

/// V8's hook for `import.meta`.
pub extern "C" fn on_import_meta(
    context: v8::Local<v8::Context>,
    module: v8::Local<v8::Module>,
    meta: v8::Local<v8::Object>,
) {
    v8::callback_scope!(unsafe scope, context);
    let state = State::of(scope);
    let Some(realm) = current_realm(scope) else { return };
    let (base, key, hook) = {
        let plain = state.plain.borrow();
        let hash = module.get_identity_hash().get();
        let global = v8::Global::new(scope, module);
        let found = plain.keys.get(&hash).and_then(|list| {
            list.iter().find_map(|key| plain.modules.get(key).filter(|it| it.module == global).map(|it| (it, key)))
        });
        let Some((known, (_, key))) = found else { return };
        let Some((_, hook)) = plain.hooks.get(&realm) else { return };
        (known.base.clone(), key.clone(), hook.clone())
    };
    let arguments = [meta.into(), string(scope, &key).into(), string(scope, &base).into()];
    let receiver = v8::undefined(scope).into();
    let _ = v8::Local::new(scope, hook).call(scope, receiver, &arguments);
}
