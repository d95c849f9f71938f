//! V8's own stack of what runs in an isolate, for who cannot wait until it looks.
//!
//! V8 serves such a request where it would also look for a termination: in loops and at calls of JavaScript in any form and of
//! WebAssembly, and in long regular expressions; not inside of one long operation of a built-in function.

use std::ffi::c_void;

use super::program::place_in_source;
use super::runtime::State;

/// Frames at most.
const FRAMES: usize = 64;

/// What is told the lines of the stack, each after a line feed.
type Told = Box<dyn FnOnce(String) + Send>;

/// Has V8 interrupt what runs, and tell its stack. What is interrupted may be something else than what ran at the time of the
/// call; nothing happens where nothing ever runs.
pub fn request(handle: &v8::IsolateHandle, told: impl FnOnce(String) + Send + 'static) {
    let told: Box<Told> = Box::new(Box::new(told));
    let data = Box::into_raw(told).cast::<c_void>();
    if !handle.request_interrupt(on_interrupt, data) {
        // SAFETY: made by `into_raw` just now, and the isolate is gone, so nobody else has it.
        drop(unsafe { Box::from_raw(data.cast::<Told>()) });
    }
}

unsafe extern "C" fn on_interrupt(isolate: v8::UnsafeRawIsolatePtr, data: *mut c_void) {
    // SAFETY: `request` gave it away for this one call; V8 calls each request once.
    let told = unsafe { Box::from_raw(data.cast::<Told>()) };
    // SAFETY: V8 passes the isolate that it has interrupted, on its thread, for the length of this call.
    let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr(isolate) };
    let state = State::of(&mut isolate);
    let context = state.contexts.borrow().get(&state.realm.get()).cloned();
    v8::scope!(let scope, &mut isolate);
    let lines = context.map_or_else(String::new, |context| {
        let context = v8::Local::new(scope, context);
        lines(&mut v8::ContextScope::new(scope, context))
    });
    told(lines);
}

fn lines(scope: &mut v8::PinScope<'_, '_>) -> String {
    let mut text = String::new();
    let Some(trace) = v8::StackTrace::current_stack_trace(scope, FRAMES) else { return text };
    for index in 0..trace.get_frame_count() {
        let Some(frame) = trace.get_frame(scope, index) else { continue };
        let script = frame.get_script_name_or_source_url(scope).map(|name| name.to_rust_string_lossy(scope));
        let script = script.unwrap_or_default();
        if is_kernel(&script) {
            continue;
        }
        let function = frame.get_function_name(scope).map(|name| name.to_rust_string_lossy(scope));
        let (mut line, mut column) = (as_u32(frame.get_line_number()), as_u32(frame.get_column()));
        // Names with that letter are the compiler's.
        let mut function = function.filter(|name| !name.starts_with('þ')).unwrap_or_default();
        let mut shown = script;
        if let Some((place, name)) = place_in_source(scope, &shown, line, column) {
            (shown, line, column) = (place.name, place.line, place.column);
            if !name.is_empty() {
                function = name;
            }
        }
        let place = format!("{shown}:{line}:{column}");
        let line = if function.is_empty() { place } else { format!("{function} ({place})") };
        text.push_str("\n    at ");
        text.push_str(&line);
    }
    text
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The same as in `kernel/stack-trace.js`.
fn is_kernel(script: &str) -> bool {
    script.is_empty()
        || script
            .strip_prefix("hertzscript:")
            .is_some_and(|rest| !rest.starts_with("code/") && !rest.starts_with("eval/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_has_no_frames_of_its_own() {
        assert!(is_kernel("hertzscript:scheduler") && is_kernel(""));
        assert!(!is_kernel("hertzscript:code/3") && !is_kernel("/home/user/main.js"));
    }
}
