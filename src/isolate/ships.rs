//! Tasks that leave for another isolate before they have begun: the native functions by which `src/kernel/portable.js` sends them.

#![expect(clippy::needless_pass_by_value, reason = "V8 hands native functions their arguments by value")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use super::natives::{index, integer, throw};
use super::realm::current_realm;
use super::runtime::{Job, State, program_of};
use crate::channel::{Encoded, Message};
use crate::compiler::Code;
use crate::compiler::coroutine::{Ship, utf16_length};

type Arguments<'s> = v8::FunctionCallbackArguments<'s>;
type Return<'s> = v8::ReturnValue<'s, v8::Value>;

/// Numbers of sources that are made here; those of the host count upwards, those of `eval` downwards from the end.
static NEXT_CODE: AtomicU32 = AtomicU32::new(1 << 30);

/// The source in coroutine form of the current realm that `is_it` knows.
fn find(scope: &mut v8::PinScope<'_, '_>, is_it: impl Fn(&Code) -> bool) -> Option<Arc<Code>> {
    let realm = current_realm(scope)?;
    State::of(scope).sources.borrow().get(&realm)?.values().find(|code| is_it(code)).cloned()
}

/// `shipCode(source, start)`: the number of what makes the function at `start` in another isolate; 0 if nothing does.
pub fn ship_code(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let source = args.get(0).uint32_value(scope).unwrap_or(0);
    let start = args.get(1).uint32_value(scope).unwrap_or(0);
    let state = State::of(scope);
    let known = state.ships.borrow().get(&(source, start)).cloned();
    let code = known.or_else(|| {
        let of = |code: &Code| code.compilation.as_ref().is_some_and(|compilation| compilation.id == source);
        let origin = find(scope, of)?;
        // Only the number must be unique.
        let made = Arc::new(origin.shipped(NEXT_CODE.fetch_add(1, Ordering::Relaxed), start)?);
        state.ships.borrow_mut().insert((source, start), Arc::clone(&made));
        Some(made)
    });
    rv.set_uint32(code.map_or(0, |code| code.id));
}

/// What is known of the function at `start` in a source of the current realm: a byte offset, or one in UTF-16 units.
fn with_ship<T>(code: &Code, start: u32, is_byte: bool, read: impl FnOnce(&Ship) -> T) -> Option<T> {
    let compiled = &code.lowered()?.compiled;
    let units = |at: u32| compiled.source.get(..at as usize).map(|text| utf16_length(text.as_bytes()));
    let place = |ship: &&Ship| if is_byte { ship.start == start } else { units(ship.start) == Some(start) };
    compiled.ships.iter().find(place).map(read)
}

/// `shipNames(source, start)`: the variables whose values the function at `start`, a byte offset, takes along, in order.
pub fn names(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let number = args.get(0).uint32_value(scope).unwrap_or(0);
    let start = args.get(1).uint32_value(scope).unwrap_or(0);
    let code = find(scope, |code| code.compilation.as_ref().is_some_and(|it| it.id == number));
    let Some(names) = code.and_then(|code| with_ship(&code, start, true, |ship| ship.names.clone())) else { return };
    let names: Vec<v8::Local<v8::Value>> =
        names.iter().map(|name| v8::String::new(scope, name).expect("a name is short").into()).collect();
    rv.set(v8::Array::new_with_elements(scope, &names).into());
}

/// `whyNotShipped(source, start, isByte)`: why the function at `start`, a byte offset or in UTF-16 units, stays on its isolate; with a number of a
/// source alone, why the function stays that this source makes. Empty if it may leave; undefined where nothing is known of it.
pub fn why_not(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let number = args.get(0).uint32_value(scope).unwrap_or(0);
    let start = args.get(1).uint32_value(scope).filter(|_| !args.get(1).is_undefined());
    let of = |code: &Code| match start {
        Some(_) => code.compilation.as_ref().is_some_and(|compilation| compilation.id == number),
        None => code.id == number,
    };
    let Some(code) = find(scope, of) else { return };
    let problem = match start {
        // What was made to be sent can be sent on.
        None if code.origin.is_some() => Some(String::new()),
        None => code.lowered().and_then(|lowered| lowered.compiled.ships.first()).map(|ship| ship.problem.clone()),
        Some(start) => with_ship(&code, start, args.get(2).is_true(), |ship| ship.problem.clone()),
    };
    if let Some(text) = problem.and_then(|problem| v8::String::new(scope, &problem)) {
        rv.set(text.into());
    }
}

/// `nameCode(code)`: the message that is being encoded needs this source. False if that is gone.
pub fn name_code(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let id = args.get(0).uint32_value(scope).unwrap_or(0);
    let state = State::of(scope);
    let made = state.ships.borrow().values().find(|code| code.id == id).cloned();
    let code = made.or_else(|| find(scope, |code| code.id == id));
    rv.set_bool(code.is_some());
    let mut named = state.named.borrow_mut();
    if let Some(code) = code
        && !named.iter().any(|other| other.id == id)
    {
        named.push(code);
    }
}

/// `ship(number, code, slot, root, meter)`: sends the task whose function and arguments are staged under `number`; how it ends comes through the
/// channel in `slot`. `code` is the source of the function, `root` the host's task that failures are told of, `meter` the one whose
/// processor time it uses, or 0. Returns the task's id, or 0 where
/// the pool takes none.
pub fn ship(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let (number, slot) = (index(scope, args.get(0)), index(scope, args.get(2)));
    let id = args.get(1).uint32_value(scope).unwrap_or(0);
    let (root, meter) = (integer(scope, args.get(3)), integer(scope, args.get(4)));
    let state = State::of(scope);
    let (message, reply) = {
        let mut endpoint = state.channels.endpoint.borrow_mut();
        (endpoint.unstage(number), endpoint.handle(slot).cloned())
    };
    let (Some(Message::Encoded(encoded)), Some(reply)) = (message, reply) else {
        return throw(scope, "no such task is staged");
    };
    let Encoded { payload, attachments, codes } = *encoded;
    let Some(code) = codes.iter().find(|code| code.id == id).cloned() else {
        return throw(scope, "the source of the task is gone");
    };
    let program = program_of(current_realm(scope).unwrap_or_default());
    let allowance = if meter == 0 { None } else { state.outlet.allowance(meter) };
    let job = Job { task: 0, program, code, payload, codes, attachments, submitted: Instant::now(), allowance };
    // Ids stay below 2^53.
    #[expect(clippy::cast_precision_loss)]
    rv.set_double(state.outlet.ship(job, reply, root).unwrap_or(0) as f64);
}

/// `controlShipped(task, action)`: does something to a task that was sent. Returns whether an isolate was asked where it stands.
pub fn control(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let task = integer(scope, args.get(0));
    let action = args.get(1).uint32_value(scope).unwrap_or(0);
    rv.set_bool(State::of(scope).outlet.control_shipped(task, action));
}

/// `leaveBehind(task)`: a task that was sent is about to settle, and leaves tasks behind that it has started.
pub fn leave_behind(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let task = integer(scope, args.get(0));
    let realm = current_realm(scope).unwrap_or_default();
    State::of(scope).outlet.leave_behind(task, realm);
}

/// `offer()`: there are tasks that could begin on another isolate.
pub fn offer(scope: &mut v8::PinScope, _: Arguments, mut rv: Return) {
    rv.set_bool(State::of(scope).outlet.offer());
}
