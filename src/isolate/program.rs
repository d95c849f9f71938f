//! Compiling what tasks run: functions from their text, and whole programs.

#![expect(clippy::needless_pass_by_value, reason = "V8 hands native functions their arguments by value")]

use std::rc::Rc;
use std::sync::Arc;

use super::natives::throw;
use super::realm::current_realm;
use super::runtime::State;
use crate::compiler::coroutine::{Compiled, Place};
use crate::compiler::lower::{COMMON_JS, common_js};
use crate::compiler::{
    Carrier, Code, CodeKind, Lowered, Program, ProgramType, Shown, TAKEN, coroutine, prepare_program, with_stack,
};

type Arguments<'s> = v8::FunctionCallbackArguments<'s>;
type Return<'s> = v8::ReturnValue<'s, v8::Value>;

/// The code whose number is the first argument: that of the task being started, or one that came with its message.
fn requested(scope: &mut v8::PinScope, args: &Arguments) -> Option<Arc<Code>> {
    let id = args.get(0).uint32_value(scope)?;
    let state = State::of(scope);
    let found = state.codes.borrow().iter().find(|code| code.id == id).cloned();
    found.or_else(|| state.code.borrow().clone())
}

/// `compileFunction(code)`: the function with the text of the task being started.
///
/// ```text
/// Input   function add(a, b) { return a + b; }     Output  (function add(a, b) { return a + b; }\n)
/// Input   add(a, b) { return a + b; }              Output  ({add(a, b) { return a + b; }\n})
/// ```
///
/// The text of a method is no expression, so what does not compile as one is tried as a member of an object literal. The
/// origin's column is moved back by what stands before the text, so positions are those of the text itself.
pub fn compile_function(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let Some(code) = requested(scope, &args) else { return throw(scope, "no task is being started") };
    let CodeKind::Function { strict } = code.kind else { return throw(scope, "this code is no function") };
    let strict = if strict { "'use strict';" } else { "" };
    let written = code.written.clone().unwrap_or_default();
    // In plain form V8 makes stacks by itself, so the script says where it is.
    let start = code.shown(1, written.before + 1);
    if let Some(file) = &code.file {
        super::modules::set_base(&State::of(scope), &start.name, file);
    }
    let before = i32::try_from(written.before).unwrap_or(0);
    let origin_of = |prefix: usize| Origin {
        name: &start.name,
        line: i32::try_from(start.line).unwrap_or(1) - 1,
        column: i32::try_from(start.column).unwrap_or(1) - 1 - before - i32::try_from(prefix).unwrap_or(0),
    };

    let first = format!("{strict}({}\n)", code.source);
    let error = {
        v8::tc_scope!(let scope, scope);
        match run_at(scope, &origin_of(strict.len() + 1), &first, code.carrier) {
            Some(value) => return rv.set(value),
            None if scope.has_terminated() => return,
            None => scope.exception().map(|error| v8::Global::new(scope, error)),
        }
    };
    if let Some(error) = &error {
        let is_syntax_error = {
            let error = v8::Local::new(scope, error);
            is_syntax_error(scope, error)
        };
        if is_syntax_error {
            let second = format!("{strict}({{{}\n}})", code.source);
            v8::tc_scope!(let scope, scope);
            if let Some(value) = run_at(scope, &origin_of(strict.len() + 2), &second, code.carrier) {
                return rv.set(value);
            }
        }
        let error = v8::Local::new(scope, error);
        if is_syntax_error {
            point_to(scope, error);
        }
        scope.throw_exception(error);
    }
}

/// `compileCoroutine(code)`: compiles the task's code to coroutine form. Returns `{id, name, sites, source, isDynamic}`: what the
/// comments in its functions call the source, the name of the script, the positions of the calls that look for a suspension, and what was compiled. `runCompiled(code)` then runs
/// it, once; where `isDynamic` says so that is the program itself, else its value is a function that runs the program.
pub fn compile_coroutine(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let state = State::of(scope);
    let Some(code) = requested(scope, &args) else { return throw(scope, "no task is being started") };
    let Some(compiled) = compiled_code(scope, &code) else { return };
    let base = base_of(&code);
    let id = code.compilation.as_ref().map_or(0, |compilation| compilation.id);
    state.bases.borrow_mut().insert(id, base.clone());
    let Some(script) = compile_script(scope, &code.name, &compiled.code, code.carrier, 0) else { return };
    let script = v8::Global::new(scope, script);
    state.scripts.borrow_mut().insert(code.id, script);
    let realm = current_realm(scope).unwrap_or_default();
    state.sources.borrow_mut().entry(realm).or_default().insert(code.name.clone(), Arc::clone(&code));
    let object = v8::Object::new(scope);
    let sites: Vec<v8::Local<v8::Value>> =
        compiled.sites.iter().map(|site| v8::Integer::new_from_unsigned(scope, *site).into()).collect();
    let sites = v8::Array::new_with_elements(scope, &sites);
    let name = v8::String::new(scope, &code.name).unwrap_or_else(|| v8::String::empty(scope));
    let source = text_of(scope, &compiled.source, code.carrier).unwrap_or_else(|| v8::String::empty(scope));
    let is_dynamic = v8::Boolean::new(scope, compiled.is_dynamic).into();
    let shape = compiled.shape.as_ref().map(super::modules::shape_text).unwrap_or_default();
    let shape = v8::String::new(scope, &shape).unwrap_or_else(|| v8::String::empty(scope));
    let base = v8::String::new(scope, &base).unwrap_or_else(|| v8::String::empty(scope));
    let is_file = v8::Boolean::new(scope, code.file.is_some()).into();
    let id = v8::Integer::new_from_unsigned(scope, id).into();
    for (key, value) in [
        ("id", id),
        ("isDynamic", is_dynamic),
        ("name", name.into()),
        ("shape", shape.into()),
        ("base", base.into()),
        ("isFile", is_file),
        ("source", source.into()),
        ("sites", v8::Local::<v8::Value>::from(sites)),
    ] {
        if let Some(key) = v8::String::new(scope, key) {
            object.set(scope, key.into(), value);
        }
    }
    rv.set(object.into());
}

/// What the coroutine compiler makes of a source, made once; throws where that is an error.
pub fn compiled_code<'c>(scope: &mut v8::PinScope<'_, '_>, code: &'c Code) -> Option<&'c Compiled> {
    let Some(compilation) = &code.compilation else {
        throw(scope, "this code is to run as it is");
        return None;
    };
    let lowered = match compilation.result() {
        Ok(lowered) => Ok(lowered),
        // V8 is entered while no lock is held.
        Err(failure) if code.accepted.get().is_some() || is_accepted(scope, code) => code
            .accepted
            .get_or_init(|| compilation.accepted().map_err(|_| failure.describe(&code.name, &code.source)))
            .as_ref()
            .map_err(Clone::clone),
        Err(failure) => Err(failure.describe(&code.name, &code.source)),
    };
    match lowered {
        Ok(Lowered { compiled, map }) => {
            if let Some(map) = map {
                // All isolates would set the same.
                let _ = code.map.set(map.clone());
            }
            Some(compiled)
        }
        Err(message) => {
            let message = v8::String::new(scope, &message).unwrap_or_else(|| v8::String::empty(scope));
            let error = v8::Exception::syntax_error(scope, message);
            scope.throw_exception(error);
            None
        }
    }
}

/// What specifiers in a source are relative to: a file, or the working directory (with a slash at its end).
pub fn base_of(code: &Code) -> String {
    code.base().unwrap_or_else(working_directory)
}

/// The working directory, with a slash at its end.
pub fn working_directory() -> String {
    let folder = std::env::current_dir().unwrap_or_else(|_| "/".into());
    format!("{}/", folder.to_string_lossy().trim_end_matches('/'))
}

/// `locate(name, line, column)`: where in the source a place of a script in coroutine form is, as `[line, column, function, file]`;
/// the function's name is empty where V8 knows it. Nothing for other scripts.
pub fn locate(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let number = |scope: &mut v8::PinScope, index: i32| args.get(index).uint32_value(scope).unwrap_or(0);
    let (line, column) = (number(scope, 1), number(scope, 2));
    let Some((shown, function)) = place_in_source(scope, &name, line, column) else { return };
    let values = [
        number_value(scope, shown.line),
        number_value(scope, shown.column),
        string_value(scope, &function),
        string_value(scope, &shown.name),
    ];
    rv.set(v8::Array::new_with_elements(scope, &values).into());
}

/// Where a place of a script in coroutine form, in the current realm, is in what the user has written; and the function.
pub fn place_in_source(
    scope: &mut v8::PinScope<'_, '_>,
    script: &str,
    line: u32,
    column: u32,
) -> Option<(Shown, String)> {
    let code = code_named(scope, script)?;
    let compiled = &code.lowered()?.compiled;
    let place = compiled.place(line, column)?;
    Some((shown(&code, compiled, &place), place.function.to_owned()))
}

/// `locateFrame(continuation, point)`: where in its source a frame stands, as `[script, line, column, function]`. Line 0 says that
/// this is not known. The kernel's own continuations are in scripts of its own.
pub fn locate_frame(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let Ok(continuation) = v8::Local::<v8::Function>::try_from(args.get(0)) else { return };
    let point = args.get(1).uint32_value(scope).unwrap_or(0);
    let Some(script) = continuation.get_script_origin(scope).resource_name() else { return };
    let script = script.to_rust_string_lossy(scope);
    // A source that was taken from another one shows that one's name.
    let mut at_place = Shown { name: script.split(TAKEN).next().unwrap_or_default().to_owned(), line: 0, column: 0 };
    let mut function = String::new();
    let at = (continuation.get_script_line_number(), continuation.get_script_column_number());
    if let (Some(at_line), Some(at_column)) = at
        && let Some(code) = code_named(scope, &script)
        && let Some(Lowered { compiled, .. }) = code.lowered()
        // V8 counts both from 0.
        && let Some(place) = compiled.place_of_frame(at_line + 1, at_column + 1, point)
    {
        at_place = shown(&code, compiled, &place);
        place.function.clone_into(&mut function);
    }
    let values = [
        string_value(scope, &at_place.name),
        number_value(scope, at_place.line),
        number_value(scope, at_place.column),
        string_value(scope, &function),
    ];
    rv.set(v8::Array::new_with_elements(scope, &values).into());
}

/// The source in coroutine form whose script has this name in the current realm.
fn code_named(scope: &mut v8::PinScope<'_, '_>, name: &str) -> Option<Arc<Code>> {
    let realm = current_realm(scope)?;
    State::of(scope).sources.borrow().get(&realm)?.get(name).cloned()
}

/// A place as users know it.
fn shown(code: &Code, compiled: &Compiled, place: &Place<'_>) -> Shown {
    if let Some(origin) = &code.origin
        && let Some(Lowered { compiled, .. }) = origin.code.lowered()
    {
        let line = origin.line(place.line);
        return shown(&origin.code, compiled, &Place { line, column: place.column, function: place.function });
    }
    // The text of a function stands behind a parenthesis and maybe a directive.
    let prefix = match code.kind {
        CodeKind::Function { strict } if place.line == 1 => {
            let directive = u32::from(strict) * 13;
            directive + 1 + u32::from(compiled.source[directive as usize..].starts_with("({"))
        }
        CodeKind::CommonJs if place.line == 1 => u32::try_from(COMMON_JS.len()).unwrap_or(0),
        _ => 0,
    };
    code.shown(place.line, place.column.saturating_sub(prefix).max(1))
}

fn number_value<'s>(scope: &mut v8::PinScope<'s, '_>, number: u32) -> v8::Local<'s, v8::Value> {
    v8::Integer::new_from_unsigned(scope, number).into()
}

fn string_value<'s>(scope: &mut v8::PinScope<'s, '_>, text: &str) -> v8::Local<'s, v8::Value> {
    v8::String::new(scope, text).unwrap_or_else(|| v8::String::empty(scope)).into()
}

/// `compileKernel(text)`: the value of an expression that the kernel has written, which runs as it stands in either form. Null where V8 does not
/// compile it, since its memory or the time of a task is at an end.
pub fn compile_kernel(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let Ok(source) = v8::Local::<v8::String>::try_from(args.get(0)) else { return rv.set_null() };
    v8::tc_scope!(let scope, scope);
    let value = origin(scope, "hertzscript:made", 0, false)
        .and_then(|origin| v8::Script::compile(scope, source, Some(&origin)))
        .and_then(|script| script.run(scope));
    match value {
        Some(value) => rv.set(value),
        None => rv.set_null(),
    }
}

/// `runCompiled(code)`: see `compileCoroutine`.
pub fn run_compiled(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let id = args.get(0).uint32_value(scope).unwrap_or(0);
    let script = State::of(scope).scripts.borrow_mut().remove(&id);
    let Some(script) = script else { return throw(scope, "the script was run already") };
    if let Some(value) = v8::Local::new(scope, script).run(scope) {
        rv.set(value);
    }
}

/// V8's hook for `eval` and `new Function` in realms for coroutine form: the functions in such code are compiled; the code
/// itself runs as it is, since it may name any variable of who calls it.
pub fn on_code_generation<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    source: v8::Local<'s, v8::Value>,
    _is_code_like: bool,
) -> v8::ModifyCodeGenerationFromStringsResult<'s> {
    let modified_source =
        v8::Local::<v8::String>::try_from(source).ok().and_then(|source| compile_dynamic(scope, source));
    v8::ModifyCodeGenerationFromStringsResult { codegen_allowed: true, modified_source }
}

/// Where the parameters of what `new Function` makes end. V8 checks that the place is what it was.
const PARAMETERS_END: &str = "\n) {\n";

fn compile_dynamic<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    source: v8::Local<'s, v8::String>,
) -> Option<v8::Local<'s, v8::String>> {
    let text = source.to_rust_string_lossy(scope);
    // Nothing to be compiled is in most of what is evaluated.
    if !text.contains("import") && !text.contains("function") && !text.contains("=>") && !text.contains('{') {
        return None;
    }
    let state = State::of(scope);
    let id = state.next_dynamic.get();
    state.next_dynamic.set(id - 1);
    // What does not parse here, V8 reports; it also knows whether `super` or `#name` mean something where the code stands.
    let compiled = with_stack(&text, || coroutine::compile_dynamic(id, &text)).ok()?.ok()?;
    if text.starts_with('(')
        && let Some(end) = text.find(PARAMETERS_END)
        && compiled.code.get(end..end + PARAMETERS_END.len() - 1) != Some(&PARAMETERS_END[..PARAMETERS_END.len() - 1])
    {
        return None;
    }
    if text.contains("import") {
        let base = super::modules::base_of_caller(scope, &state);
        state.bases.borrow_mut().insert(id, base);
    }
    let register = state.registers.borrow().get(&current_realm(scope)?).cloned()?;
    let register = v8::Local::new(scope, register);
    let name = format!("hertzscript:eval/{id}");
    let sites: Vec<v8::Local<v8::Value>> =
        compiled.sites.iter().map(|site| v8::Integer::new_from_unsigned(scope, *site).into()).collect();
    let sites = v8::Array::new_with_elements(scope, &sites).into();
    let key = v8::Integer::new_from_unsigned(scope, id).into();
    let title = v8::String::new(scope, &name)?.into();
    let receiver = v8::undefined(scope).into();
    register.call(scope, receiver, &[title, sites, key, source.into()])?;
    v8::String::new(scope, &format!("{}\n//# sourceURL={name}", compiled.code))
}

/// Which kind of program a source is.
pub fn program_type(code: &Code) -> ProgramType {
    match code.kind {
        CodeKind::Module => ProgramType::Module,
        CodeKind::Program(kind) => kind,
        _ => ProgramType::Script,
    }
}

/// Whether V8 can parse a program.
fn is_accepted(scope: &mut v8::PinScope<'_, '_>, code: &Code) -> bool {
    let program = match code.kind {
        // Functions are compiled without that look.
        CodeKind::Function { .. } => return false,
        CodeKind::CommonJs => {
            common_js(&code.name, &code.source).map(|(source, map)| Program { source, module: false, map })
        }
        CodeKind::Program(_) | CodeKind::Module => prepare_program(&code.name, &code.source, program_type(code)),
    };
    let Ok(program) = program else { return false };
    v8::tc_scope!(let scope, scope);
    let Some(origin) = origin(scope, &code.name, 0, program.module) else { return false };
    let Some(text) = text_of(scope, &program.source, code.carrier) else { return false };
    if !program.module {
        return v8::Script::compile(scope, text, Some(&origin)).is_some();
    }
    let mut source = v8::script_compiler::Source::new(text, Some(&origin));
    v8::script_compiler::compile_module(scope, &mut source).is_some()
}

pub fn is_syntax_error(scope: &mut v8::PinScope<'_, '_>, error: v8::Local<v8::Value>) -> bool {
    error.is_native_error() && {
        let message = v8::Exception::create_message(scope, error);
        message.get(scope).to_rust_string_lossy(scope).contains("SyntaxError")
    }
}

/// V8's stack of a SyntaxError does not say where the error is; the message does. The kernel's frames are of no use.
pub fn point_to(scope: &mut v8::PinScope<'_, '_>, error: v8::Local<v8::Value>) {
    let message = v8::Exception::create_message(scope, error);
    let Ok(object) = v8::Local::<v8::Object>::try_from(error) else { return };
    let name = message.get_script_resource_name(scope).map(|name| name.to_rust_string_lossy(scope)).unwrap_or_default();
    let text = message.get(scope).to_rust_string_lossy(scope);
    let text = text.strip_prefix("Uncaught ").unwrap_or(&text);
    let line = message.get_line_number(scope).unwrap_or(1);
    let column = message.get_start_column() + 1;
    let stack = format!("{text}\n    at {name}:{line}:{column}");
    set_stack(scope, object.into(), &stack);
}

pub fn set_stack(scope: &mut v8::PinScope<'_, '_>, error: v8::Local<v8::Value>, stack: &str) {
    let Ok(object) = v8::Local::<v8::Object>::try_from(error) else { return };
    let (Some(key), Some(stack)) = (v8::String::new(scope, "stack"), v8::String::new(scope, stack)) else { return };
    object.set(scope, key.into(), stack.into());
}

fn run<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    name: &str,
    source: &str,
    carrier: Carrier,
    prefix: usize,
) -> Option<v8::Local<'s, v8::Value>> {
    compile_script(scope, name, source, carrier, prefix)?.run(scope)
}

/// Where a script begins in a file.
struct Origin<'n> {
    name: &'n str,
    line: i32,
    column: i32,
}

fn run_at<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    Origin { name, line, column }: &Origin<'_>,
    source: &str,
    carrier: Carrier,
) -> Option<v8::Local<'s, v8::Value>> {
    let name = v8::String::new(scope, name)?;
    let origin = v8::ScriptOrigin::new(scope, name.into(), *line, *column, false, -1, None, false, false, false, None);
    let source = text_of(scope, source, carrier)?;
    v8::Script::compile(scope, source, Some(&origin))?.run(scope)
}

fn compile_script<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    name: &str,
    source: &str,
    carrier: Carrier,
    prefix: usize,
) -> Option<v8::Local<'s, v8::Script>> {
    let origin = origin(scope, name, i32::try_from(prefix).unwrap_or(0), false)?;
    let source = text_of(scope, source, carrier)?;
    v8::Script::compile(scope, source, Some(&origin))
}

/// A text, with the halves of surrogate pairs that the source has.
pub fn text_of<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    text: &str,
    carrier: Carrier,
) -> Option<v8::Local<'s, v8::String>> {
    match carrier.units(text) {
        Some(units) => v8::String::new_from_two_byte(scope, &units, v8::NewStringType::Normal),
        None => v8::String::new(scope, text),
    }
}

pub fn origin<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    name: &str,
    prefix: i32,
    module: bool,
) -> Option<v8::ScriptOrigin<'s>> {
    let name = v8::String::new(scope, name)?;
    Some(v8::ScriptOrigin::new(scope, name.into(), 0, -prefix, false, -1, None, false, false, module, None))
}

/// `compileProgram(code)`: prepares a whole program. Returns `{run, base, isFile}` for a script, `{key, base, isFile}` for a module,
/// which then is one that `linkPlain` knows.
pub fn compile_program(scope: &mut v8::PinScope, _: Arguments, mut rv: Return) {
    let state = State::of(scope);
    let Some(code) = state.code.borrow().clone() else { return throw(scope, "no task is being started") };
    let program = match prepare_program(&code.name, &code.source, program_type(&code)) {
        Ok(program) => program,
        Err(message) => {
            let message = v8::String::new(scope, &message).unwrap_or_else(|| v8::String::empty(scope));
            let error = v8::Exception::syntax_error(scope, message);
            scope.throw_exception(error);
            return;
        }
    };
    if let Some(map) = &program.map {
        // A program runs once; a second value could only be the same.
        let _ = code.map.set(map.clone());
    }
    let object = v8::Object::new(scope);
    let base = base_of(&code);
    let (key, value) = if program.module {
        let key =
            code.file.clone().unwrap_or_else(|| format!("{base}{}", if base.ends_with('/') { &code.name } else { "" }));
        if super::modules::compile_plain(scope, &key, &base, &code.name, &program.source, code.carrier).is_none() {
            return;
        }
        ("key", v8::String::new(scope, &key).unwrap_or_else(|| v8::String::empty(scope)).into())
    } else {
        let run = v8::Function::new(scope, run_plain_script).expect("a new function");
        ("run", run.into())
    };
    let base = v8::String::new(scope, &base).unwrap_or_else(|| v8::String::empty(scope)).into();
    let is_file = v8::Boolean::new(scope, code.file.is_some()).into();
    for (key, value) in [(key, value), ("base", base), ("isFile", is_file)] {
        let key = v8::String::new(scope, key).expect("a short string");
        object.set(scope, key.into(), value);
    }
    rv.set(object.into());
}

/// Runs the script of the task that is being started.
fn run_plain_script(scope: &mut v8::PinScope, _: Arguments, mut rv: Return) {
    let state = State::of(scope);
    let Some(code) = state.code.borrow().clone() else { return throw(scope, "no task is being started") };
    let Ok(program) = prepare_program(&code.name, &code.source, program_type(&code)) else { return };
    let Some(origin) = origin(scope, &code.name, 0, false) else { return };
    let Some(source) = text_of(scope, &program.source, code.carrier) else { return };
    let script = compiling(scope, |scope| {
        let script = v8::Script::compile(scope, source, Some(&origin))?;
        Some(v8::Global::new(scope, script))
    });
    let Some(script) = script else { return };
    if let Some(value) = v8::Local::new(scope, script).run(scope) {
        rv.set(value);
    }
}

/// Does something that compiles; the stack of a SyntaxError is made to say where it is.
pub fn compiling<T>(
    scope: &mut v8::PinScope<'_, '_>,
    compile: impl for<'s> FnOnce(&mut v8::PinScope<'s, '_>) -> Option<T>,
) -> Option<T> {
    v8::tc_scope!(let scope, scope);
    let compiled = compile(scope);
    if compiled.is_none() && !scope.has_terminated() {
        if let Some(error) = scope.exception()
            && is_syntax_error(scope, error)
        {
            point_to(scope, error);
        }
        scope.rethrow();
    }
    compiled
}

/// What node-inspect-extracted puts in the place of V8's own functions, and what replaces it. The package is pinned to
/// an exact version; `__test__/console.spec.js` fails where a new version reads differently.
const INSPECT_PATCHES: [(&str, &str); 3] = [
    (
        "getPromiseDetails:()=>[g,void 0]",
        // `g` and `h` are the package's marks for a pending and for a rejected promise.
        "getPromiseDetails(t){const[e,n]=__natives.promiseDetails(t);return[[g,0,h][e],n]}",
    ),
    ("previewEntries:t=>[[],!1]", "previewEntries:__natives.previewEntries"),
    ("getProxyDetails:y.getProxyDetails", "getProxyDetails:__natives.proxyDetails"),
];

/// `loadInspect(natives)`: loads Node's `util.inspect` into the current realm.
pub fn load_inspect(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let state: Rc<State> = State::of(scope);
    let file = state.outlet.inspect_file();
    let mut source = match std::fs::read_to_string(file) {
        Ok(source) => source,
        Err(error) => return throw(scope, &format!("console cannot format values: {file}: {error}")),
    };
    for (old, new) in INSPECT_PATCHES {
        source = source.replace(old, new);
    }
    let wrapped = format!(
        "(function (__natives) {{ const URL = globalThis.URL ?? class URL {{}}; const module = {{ exports: {{}} }}; const exports = module.exports; {source}\n; return module.exports; }})"
    );
    let Some(function) = run(scope, "hertzscript:inspect", &wrapped, Carrier::default(), 0) else { return };
    let Ok(function) = v8::Local::<v8::Function>::try_from(function) else { return };
    let receiver = v8::undefined(scope).into();
    if let Some(exports) = function.call(scope, receiver, &[args.get(0)]) {
        rv.set(exports);
    }
}
