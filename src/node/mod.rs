//! The only place that names napi: what `lib/` calls.

mod environment;
mod memory;
mod native_pool;

use napi_derive::napi;

/// The version of the V8 inside the addon.
#[napi]
pub fn v8_version() -> &'static str {
    crate::isolate::version()
}

/// Whether standard output is a terminal. Node's own answer costs a module of almost two milliseconds at the start.
#[napi]
pub fn is_terminal() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stdout())
}

/// Starts V8 in the background, for whoever will soon need it.
#[napi]
pub fn prepare() {
    crate::pool::prepare();
}

/// Whether the function that starts at a byte of a script is strict code because of what is around it.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "napi hands strings over")]
pub fn is_strict_at(script: String, offset: u32) -> bool {
    crate::compiler::is_strict_at(&script, offset)
}

/// What the coroutine compiler makes of a source.
#[napi(object)]
pub struct NativeTranspiled {
    /// The text.
    pub code: String,
}

/// Compiles a script to coroutine form.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "napi gives strings by value, and copies the attribute to more code")]
pub fn transpile(name: String, source: String) -> napi::Result<NativeTranspiled> {
    let compile = || crate::compiler::coroutine::compile(0, &source, oxc::span::SourceType::cjs());
    let compiled =
        crate::compiler::with_stack(&source, compile).map_err(napi::Error::from_reason)?.map_err(|(message, at)| {
            napi::Error::from_reason(crate::compiler::describe_at(&name, &source, &message, at as usize))
        })?;
    Ok(NativeTranspiled { code: compiled.code })
}
