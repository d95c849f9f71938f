//! The native functions of a realm's kernel, which the snapshot refers to. Each is one line of `realm.js`'s or the codec's platform.

#![expect(clippy::needless_pass_by_value, reason = "V8 hands native functions their arguments by value")]

use std::rc::Rc;
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::channels;
use super::json;
use super::modules;
use super::outside;
use super::program;
use super::realm::current_realm;
use super::rejections::Rejection;
use super::runtime::{State, instant_at, now_ms};
use super::ships;
use crate::kernel::references::natives;
use crate::message::{Attachment, RecordKind};

/// Longer waits than this many milliseconds (115 days) are none that anybody waits for.
const LONGEST_WAIT: f64 = 1e10;

/// How much later than asked for V8 may end a wait.
const WAIT_GRACE: Duration = Duration::from_millis(100);

pub type Arguments<'s> = v8::FunctionCallbackArguments<'s>;
pub type Return<'s> = v8::ReturnValue<'s, v8::Value>;

/// All native functions, in the order in which the snapshot refers to them.
pub fn callbacks() -> impl Iterator<Item = v8::FunctionCallback> {
    macro_rules! map {
        ($($name:literal => $function:expr),* $(,)?) => {
            [$(v8::MapFnTo::map_fn_to($function)),*]
        };
    }
    let callbacks: [v8::FunctionCallback; _] = natives!(map);
    callbacks.into_iter()
}

/// Throws a TypeError with this message.
pub fn throw(scope: &mut v8::PinScope<'_, '_>, message: &str) {
    let message = v8::String::new(scope, message).unwrap_or_else(|| v8::String::empty(scope));
    let error = v8::Exception::type_error(scope, message);
    scope.throw_exception(error);
}

/// The bytes of a `Uint8Array`. Only the kernel calls these functions, and it passes views whose memory stays where it is
/// for the length of the call.
pub fn bytes_of<'a>(value: v8::Local<'_, v8::Value>) -> Option<&'a mut [u8]> {
    let view: v8::Local<v8::Uint8Array> = value.try_into().ok()?;
    // Small typed arrays live in V8's heap until somebody asks for their buffer; the kernel's never are small.
    let data = view.data().cast::<u8>();
    if data.is_null() {
        return Some(&mut []);
    }
    // SAFETY: `data` is the view's memory of `byte_length` bytes; no JavaScript runs while the native function that
    // asked holds the slice, so nothing else accesses or moves it.
    Some(unsafe { std::slice::from_raw_parts_mut(data, view.byte_length()) })
}

/// A number that the kernel passes: an offset, a length or an id, all below 2^53.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn integer(_: &mut v8::PinScope<'_, '_>, value: v8::Local<v8::Value>) -> u64 {
    v8::Local::<v8::Number>::try_from(value).map_or(0.0, |number| number.value()) as u64
}

/// The same for this platform's sizes.
#[expect(clippy::cast_possible_truncation)]
pub fn index(scope: &mut v8::PinScope<'_, '_>, value: v8::Local<v8::Value>) -> usize {
    integer(scope, value) as usize
}

fn post(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let kind = args.get(0).uint32_value(scope).unwrap_or(0);
    let Some(kind) = RecordKind::from_u32(kind) else { return };
    let task = integer(scope, args.get(1));
    let length = index(scope, args.get(3));
    let Some(bytes) = bytes_of(args.get(2)) else { return };
    let state = State::of(scope);
    let attachments = state.outgoing.take();
    let codes = state.named.take();
    state.outlet.post(kind, task, &bytes[..length], attachments, codes);
}

fn park(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let task = integer(scope, args.get(0));
    let realm = current_realm(scope).unwrap_or_default();
    State::of(scope).outlet.park(task, realm, args.get(1).is_true());
}

/// `setPreempted(task, isPreempted)`: how a task stands that was parked: it could go on, or it is blocked.
fn set_preempted(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let task = integer(scope, args.get(0));
    State::of(scope).outlet.set_preempted(task, args.get(1).is_true());
}

fn now(_: &mut v8::PinScope, _: Arguments, mut rv: Return) {
    rv.set_double(now_ms());
}

/// `fillRandom(bytes)`: numbers that nobody can foresee, from the system.
fn fill_random(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let filled = bytes_of(args.get(0)).is_some_and(|bytes| getrandom::fill(bytes).is_ok());
    if !filled {
        throw(scope, "the system gives no random numbers");
    }
}

/// The moment at which `now` was 0, in milliseconds since 1970.
fn start_of_time(_: &mut v8::PinScope, _: Arguments, mut rv: Return) {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    rv.set_double(since_epoch.as_secs_f64() * 1000.0 - now_ms());
}

fn set_deadline(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let program = args.get(0).uint32_value(scope).unwrap_or(0);
    let due = args.get(1).number_value(scope).unwrap_or(-1.0);
    let state = State::of(scope);
    let mut deadlines = state.deadlines.borrow_mut();
    if due < 0.0 {
        deadlines.remove(&program);
    } else {
        deadlines.insert(program, instant_at(due));
    }
    state.outlet.set_deadline(deadlines.values().min().copied());
}

/// `noteAsyncWait(ms)`: an `Atomics.waitAsync` may end after so long.
fn note_async_wait(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let time = args.get(0).number_value(scope).unwrap_or(0.0).min(LONGEST_WAIT);
    let until = Instant::now() + Duration::from_secs_f64(time.max(0.0) / 1000.0) + WAIT_GRACE;
    let state = State::of(scope);
    state.async_waits_until.set(state.async_waits_until.get().max(Some(until)));
}

/// `setMeter(task)`: whose processor time runs from now on; 0 for nobody's.
fn set_meter(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let task = integer(scope, args.get(0));
    State::of(scope).outlet.set_meter(task);
}

/// `setReady(flag)`: whether the realm has tasks that could run.
fn set_ready(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let ready = args.get(0).boolean_value(scope);
    let state = State::of(scope);
    let Some(realm) = current_realm(scope) else { return };
    if ready {
        state.ready.borrow_mut().insert(realm);
    } else {
        state.ready.borrow_mut().remove(&realm);
    }
}

/// `stackDepth()`: bytes of the thread's stack that are in use.
fn stack_depth(_: &mut v8::PinScope, _: Arguments, mut rv: Return) {
    // A stack has at most 1 GB, which a double holds exactly.
    #[expect(clippy::cast_precision_loss)]
    rv.set_double(super::stack::depth() as f64);
}

/// `judgement()`: what was kept of the stack on which it is called: 1 for yes, 2 for no, 0 where it was not seen before.
fn judgement(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    // A handle is the address of the slot that V8 has put the value in.
    let slot = std::ptr::from_ref::<v8::Object>(&args.this()) as usize;
    rv.set_uint32(match State::of(scope).seen_stacks.judgement(slot) {
        None => 0,
        Some(true) => 1,
        Some(false) => 2,
    });
}

/// `keepJudgement(is_direct)`: of the stack that `judgement` did not know a moment ago.
fn keep_judgement(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    State::of(scope).seen_stacks.keep(args.get(0).is_true());
}

/// `isWanted()`: whether the thread has other work than the running task; if it has none, the task gets another slice.
fn is_wanted(scope: &mut v8::PinScope, _: Arguments, mut rv: Return) {
    let state = State::of(scope);
    let due = state.is_timer_due();
    let realm = current_realm(scope).unwrap_or_default();
    let others = state.ready.borrow().iter().any(|other| *other != realm);
    rv.set_bool(due || others || state.outlet.is_wanted());
}

/// `beginTurn(isOverdue)`: a task that computes is to have its turn now; false where the thread has other work that goes first,
/// unless the turn is overdue. Other realms take their turns afterwards.
fn begin_turn(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let state = State::of(scope);
    let due = state.is_timer_due();
    let is_overdue = args.get(0).is_true();
    rv.set_bool(state.outlet.begin_turn(due, is_overdue));
}

/// `hasBackgroundWork()`: whether V8 works on something for the isolate, of which programs will hear.
fn has_background_work(scope: &mut v8::PinScope, _: Arguments, mut rv: Return) {
    rv.set_bool(scope.has_pending_background_tasks());
}

/// `sleepUntil(time)`: blocks the thread, on the clock of `now`, or until something is asked for a task.
fn sleep_until(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let until = args.get(0).number_value(scope).unwrap_or(0.0);
    State::of(scope).outlet.sleep_until(instant_at(until));
}

/// `takeControls()`: what is asked for tasks of this realm, as a flat list of ids and actions.
fn take_controls(scope: &mut v8::PinScope, _: Arguments, mut rv: Return) {
    let realm = current_realm(scope).unwrap_or_default();
    let asked = State::of(scope).outlet.take_controls(realm);
    let mut list = Vec::with_capacity(asked.len() * 2);
    for (task, action) in asked {
        // Task ids stay below 2^53.
        #[expect(clippy::cast_precision_loss)]
        list.push(v8::Number::new(scope, task as f64).into());
        list.push(v8::Integer::new_from_unsigned(scope, action).into());
    }
    rv.set(v8::Array::new_with_elements(scope, &list).into());
}

/// `debug(text)`: writes a line for who looks for why things are as they are; without a text, tells whether anybody does. `NODE_DEBUG`
/// says so, as for Node's own parts.
fn debug(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    static IS_WANTED: LazyLock<bool> = LazyLock::new(|| {
        let wanted = std::env::var("NODE_DEBUG").unwrap_or_default();
        wanted.split(',').any(|section| section.trim().eq_ignore_ascii_case("hertzscript"))
    });
    rv.set_bool(*IS_WANTED);
    if *IS_WANTED && !args.get(0).is_undefined() {
        eprintln!("HERTZSCRIPT {}: {}", std::process::id(), args.get(0).to_rust_string_lossy(scope));
    }
}

/// `getContext()`: in plain form, the value that V8 hands on to what comes of what runs.
fn get_context(scope: &mut v8::PinScope, _: Arguments, mut rv: Return) {
    rv.set(scope.get_continuation_preserved_embedder_data());
}

/// `setContext(value)`: sets it.
fn set_context(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    scope.set_continuation_preserved_embedder_data(args.get(0));
}

fn queue_microtask(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    if let Ok(function) = v8::Local::<v8::Function>::try_from(args.get(0)) {
        scope.enqueue_microtask(function);
    }
}

fn console_write(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let method = args.get(0).uint32_value(scope).unwrap_or(0);
    let text = args.get(1).to_rust_string_lossy(scope);
    State::of(scope).outlet.console(method, text);
}

fn write_latin1(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let offset = index(scope, args.get(2));
    let (Some(bytes), Ok(string)) = (bytes_of(args.get(0)), v8::Local::<v8::String>::try_from(args.get(1))) else {
        return;
    };
    string.write_one_byte_v2(scope, 0, &mut bytes[offset..], v8::WriteFlags::empty());
}

fn write_utf16(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let offset = index(scope, args.get(2));
    let (Some(bytes), Ok(string)) = (bytes_of(args.get(0)), v8::Local::<v8::String>::try_from(args.get(1))) else {
        return;
    };
    let target = &mut bytes[offset..offset + 2 * string.length()];
    let mut units = vec![0u16; string.length()];
    string.write_v2(scope, 0, &mut units, v8::WriteFlags::empty());
    for (pair, unit) in target.chunks_exact_mut(2).zip(units) {
        pair.copy_from_slice(&unit.to_le_bytes());
    }
}

fn range<'a>(scope: &mut v8::PinScope<'_, '_>, args: &Arguments) -> Option<&'a [u8]> {
    let (start, end) = (index(scope, args.get(1)), index(scope, args.get(2)));
    bytes_of(args.get(0)).and_then(|bytes| bytes.get(start..end))
}

fn read_latin1(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let Some(bytes) = range(scope, &args) else { return throw(scope, "a message is cut off") };
    match v8::String::new_from_one_byte(scope, bytes, v8::NewStringType::Normal) {
        Some(string) => rv.set(string.into()),
        None => throw(scope, "a string is longer than V8 allows"),
    }
}

fn read_utf16(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let Some(bytes) = range(scope, &args) else { return throw(scope, "a message is cut off") };
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    match v8::String::new_from_two_byte(scope, &units, v8::NewStringType::Normal) {
        Some(string) => rv.set(string.into()),
        None => throw(scope, "a string is longer than V8 allows"),
    }
}

fn is_proxy(_: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    rv.set_bool(args.get(0).is_proxy());
}

/// `isAlike(object, ...others)`: whether an object has the same map (hidden class) as one of the others, so that it has the same properties with the
/// same attributes, and elements of the same kind. No is no answer: there may be any number of maps for one shape.
fn is_alike(_: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let map = map_of(args.get(0));
    rv.set_bool(map.is_some() && (1..args.length()).any(|other| map_of(args.get(other)) == map));
}

/// The first word of an object in V8's heap, which says what its map is. Nothing for small integers, which are no objects there.
fn map_of(value: v8::Local<'_, v8::Value>) -> Option<usize> {
    // SAFETY: a `Local` is the address of a slot that holds a tagged pointer (`v8::internal::ValueHelper` in v8-handle-base.h): the crate builds
    // V8 without direct handles, and its version is pinned. The local keeps the slot.
    let tagged = unsafe { *std::ptr::from_ref(&*value).cast::<usize>() };
    // The least bit says that it points to an object, one byte behind its start (v8-internal.h: kHeapObjectTag).
    if tagged & 1 == 0 {
        return None;
    }
    // SAFETY: each object in V8's heap starts with its map (v8-internal.h: kHeapObjectMapOffset), and the slot keeps this one where it is: no
    // garbage is collected during this function. If the map took only the first half of the word, two equal words would mean equal maps still.
    Some(unsafe { *((tagged - 1) as *const usize) })
}

/// The numbers of `BRAND` in `message/codec/format.js`.
fn brand_of(_: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let value = args.get(0);
    let brand = [
        (value.is_proxy(), 16),
        (value.is_array(), 1),
        (value.is_map(), 2),
        (value.is_set(), 3),
        (value.is_date(), 4),
        (value.is_reg_exp(), 5),
        (value.is_native_error(), 6),
        (value.is_boolean_object(), 7),
        (value.is_number_object(), 8),
        (value.is_string_object(), 9),
        (value.is_big_int_object(), 10),
        (value.is_array_buffer(), 11),
        (value.is_shared_array_buffer(), 12),
        (value.is_typed_array(), 13),
        (value.is_data_view(), 14),
        (value.is_arguments_object(), 15),
        (value.is_promise(), 17),
        (value.is_weak_map() || value.is_weak_set(), 18),
        (value.is_generator_object(), 19),
        (value.is_module_namespace_object(), 20),
        (value.is_wasm_module_object(), 21),
        (value.is_symbol_object(), 22),
        (value.is_external(), 23),
        (value.is_map_iterator() || value.is_set_iterator() || value.is_wasm_memory_object(), 24),
    ];
    rv.set_uint32(brand.iter().find(|(is, _)| *is).map_or(0, |(_, brand)| *brand));
}

/// `attach(buffer, shared)`: puts a buffer's memory into the list of the message being encoded; returns its index.
fn attach(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let state = State::of(scope);
    let attachment = if let Ok(buffer) = v8::Local::<v8::SharedArrayBuffer>::try_from(args.get(0)) {
        let store = buffer.get_backing_store();
        match held_id(&state, &store) {
            Some(id) => Attachment::Returned(id, store),
            None => Attachment::Store(store),
        }
    } else if let Ok(buffer) = v8::Local::<v8::ArrayBuffer>::try_from(args.get(0)) {
        if !buffer.is_detachable() {
            return throw(
                scope,
                "this ArrayBuffer belongs to a WebAssembly.Memory and cannot be moved: copy it with slice()",
            );
        }
        let store = buffer.get_backing_store();
        buffer.detach(None);
        match held_id(&state, &store) {
            Some(id) => Attachment::Returned(id, store),
            None => Attachment::Store(store),
        }
    } else {
        return throw(scope, "only an ArrayBuffer or a SharedArrayBuffer can be attached");
    };
    let mut outgoing = state.outgoing.borrow_mut();
    outgoing.push(attachment);
    rv.set_uint32(u32::try_from(outgoing.len() - 1).expect("a message has few attachments"));
}

/// `isHeld(buffer)`: whether a SharedArrayBuffer's memory is the host's. Only that can be given to the host: Node-API of
/// most supported versions cannot make a SharedArrayBuffer of memory that the host did not allocate.
fn is_held(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let state = State::of(scope);
    let held = v8::Local::<v8::SharedArrayBuffer>::try_from(args.get(0))
        .is_ok_and(|buffer| held_id(&state, &buffer.get_backing_store()).is_some());
    rv.set_bool(held);
}

fn held_id(state: &Rc<State>, store: &v8::SharedRef<v8::BackingStore>) -> Option<u32> {
    store.data().and_then(|data| state.outlet.held_id(data.as_ptr() as usize))
}

/// `take(index)`: the buffer for an attachment of the message being decoded.
fn take(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let at = index(scope, args.get(0));
    let state = State::of(scope);
    let attachment = state.incoming.borrow_mut().get_mut(at).and_then(Option::take);
    let Some(attachment) = attachment else { return throw(scope, "a message lacks an attachment") };
    let Some((store, shared)) = attachment.into_store(&state.borrowed) else {
        return throw(scope, "a message has a channel where memory belongs");
    };
    let change = state.borrowed.change();
    if change != 0 {
        // May make V8 collect garbage, now that it knows what is at stake.
        scope.adjust_amount_of_external_allocated_memory(change);
    }
    if shared {
        rv.set(v8::SharedArrayBuffer::with_backing_store(scope, &store).into());
    } else {
        rv.set(v8::ArrayBuffer::with_backing_store(scope, &store).into());
    }
}

fn drop_attachments(scope: &mut v8::PinScope, _: Arguments, _: Return) {
    let state = State::of(scope);
    state.outgoing.take();
    state.named.take();
}

/// For `structuredClone` within a realm: what was encoded is decoded at once.
fn loop_attachments(scope: &mut v8::PinScope, _: Arguments, _: Return) {
    let state = State::of(scope);
    let attachments = state.outgoing.take();
    state.incoming.replace(attachments.into_iter().map(Some).collect());
}

fn promise_details(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let Ok(promise) = v8::Local::<v8::Promise>::try_from(args.get(0)) else { return };
    let (state, result) = match promise.state() {
        v8::PromiseState::Pending => (0, v8::undefined(scope).into()),
        v8::PromiseState::Fulfilled => (1, promise.result(scope)),
        v8::PromiseState::Rejected => (2, promise.result(scope)),
    };
    let state = v8::Integer::new(scope, state).into();
    rv.set(v8::Array::new_with_elements(scope, &[state, result]).into());
}

/// `previewEntries(object, wantsKind)` of Node's util binding: the entries of a Map, Set or iterator without running code.
fn preview_entries(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) else { return };
    let (entries, is_key_value) = object.preview_entries(scope);
    let entries = entries.unwrap_or_else(|| v8::Array::new(scope, 0));
    if args.get(1).is_undefined() {
        rv.set(entries.into());
        return;
    }
    let is_key_value = v8::Boolean::new(scope, is_key_value).into();
    rv.set(v8::Array::new_with_elements(scope, &[entries.into(), is_key_value]).into());
}

/// `getProxyDetails(value, both)` of Node's util binding.
fn proxy_details(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let Ok(proxy) = v8::Local::<v8::Proxy>::try_from(args.get(0)) else { return };
    let target = proxy.get_target(scope);
    if args.get(1).is_false() {
        rv.set(target);
        return;
    }
    let handler = proxy.get_handler(scope);
    rv.set(v8::Array::new_with_elements(scope, &[target, handler]).into());
}

/// V8's hook for promises that are rejected without a handler, or get one afterwards.
pub extern "C" fn on_promise_reject(message: v8::PromiseRejectMessage) {
    v8::callback_scope!(unsafe scope, &message);
    let state = State::of(scope);
    let promise = message.get_promise();
    match message.get_event() {
        v8::PromiseRejectEvent::PromiseRejectWithNoHandler => {
            if let (Some(reason), Some(realm)) = (message.get_value(), current_realm(scope)) {
                let (hash, promise) = (promise.get_identity_hash(), v8::Global::new(scope, promise));
                let reason = v8::Global::new(scope, reason);
                state.rejections.borrow_mut().add(hash, Rejection { realm, promise, reason });
            }
        }
        v8::PromiseRejectEvent::PromiseHandlerAddedAfterReject => {
            let (hash, promise) = (promise.get_identity_hash(), v8::Global::new(scope, promise));
            state.rejections.borrow_mut().remove(hash, &promise);
        }
        _ => {}
    }
}
