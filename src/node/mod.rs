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

/// Starts V8 in the background, for whoever will soon need it.
#[napi]
pub fn prepare() {
    crate::pool::prepare();
}
