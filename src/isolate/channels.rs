//! The native functions by which `src/kernel/shared-channel.js` uses shared channels.
//!
//! What does not fit into a return value passes through memory that the isolate and its kernels share: eight numbers, and behind
//! them room for a message, or for the cases of a `select`.
//!
//! ```text
//! 0  f64 status (see `Status`)      8  f64 the case that was chosen, or a message's length
//! 16 f64 the operation's number     64 bytes of a message; or f64 pairs: a slot or -1, and a staged message or -1
//! ```

#![expect(clippy::needless_pass_by_value, reason = "V8 hands native functions their arguments by value")]

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use super::natives::{bytes_of, index, throw};
use super::realm::current_realm;
use super::runtime::{RealmId, State};
use crate::channel::{
    Alarm, Completion, Encoded, Endpoint, Handle, Mailbox, Message, Reading, SHORT, Sound, Waits, put,
};
use crate::compiler::Code;
use crate::message::Attachment;

type Arguments<'s> = v8::FunctionCallbackArguments<'s>;
type Return<'s> = v8::ReturnValue<'s, v8::Value>;

/// Bytes of the numbers at the memory's start.
const HEADER: usize = 64;
/// Bytes of the room behind them.
const ROOM: usize = 64 * 1024;

/// How an operation went; `src/kernel/shared-channel.js` has the same numbers.
#[derive(Clone, Copy)]
enum Status {
    /// There was nothing, or no room.
    Nothing = 0,
    /// The value is returned.
    Value = 1,
    /// The value is a message in the room, or in the array that is returned.
    Encoded = 2,
    /// The channel is closed.
    Closed = 3,
    /// It waits.
    Waiting = 4,
    /// It was sent.
    Sent = 5,
}

static LAST_ID: AtomicU64 = AtomicU64::new(0);

/// What an isolate has of shared channels.
pub struct Channels {
    /// Slots and operations.
    pub endpoint: RefCell<Endpoint>,
    memory: RefCell<Option<v8::SharedRef<v8::BackingStore>>>,
    /// What tells that the kernel's object of a slot is gone.
    objects: RefCell<Vec<Option<v8::Weak<v8::Object>>>>,
    /// Slots whose objects are gone.
    released: Rc<RefCell<Vec<usize>>>,
    /// A number that no other isolate of the process has.
    id: u64,
}

impl Channels {
    /// Those of an isolate whose completions go to `mailbox`.
    pub fn new(mailbox: Arc<Mailbox>) -> Channels {
        Channels {
            endpoint: RefCell::new(Endpoint::new(mailbox)),
            memory: RefCell::default(),
            objects: RefCell::default(),
            released: Rc::default(),
            // Only the number must be unique.
            id: LAST_ID.fetch_add(1, Ordering::Relaxed) + 1,
        }
    }

    /// Drops what refers to the isolate.
    pub fn close(&self) {
        self.objects.borrow_mut().clear();
    }

    /// A realm is gone.
    pub fn forget_realm(&self, realm: RealmId) {
        self.endpoint.borrow_mut().forget_realm(realm);
    }

    /// Gives up the slots whose objects are gone.
    fn sweep(&self) {
        let released = self.released.take();
        if released.is_empty() {
            return;
        }
        let mut endpoint = self.endpoint.borrow_mut();
        let mut objects = self.objects.borrow_mut();
        for slot in released {
            endpoint.release(slot);
            objects[slot] = None;
        }
    }

    fn write(&self, at: usize, value: f64) {
        if let Some(data) = self.memory.borrow().as_ref().and_then(|memory| memory.data()) {
            // SAFETY: the memory has HEADER + ROOM bytes, of which all callers write whole numbers at the start; only this thread uses it,
            // and no JavaScript runs meanwhile.
            unsafe { data.cast::<f64>().add(at).write(value) };
        }
    }

    fn read(&self, at: usize) -> f64 {
        let memory = self.memory.borrow();
        // SAFETY: as in `write`; `at` is below (HEADER + ROOM) / 8, which `select` sees to.
        memory
            .as_ref()
            .and_then(|memory| memory.data())
            .map_or(-1.0, |data| unsafe { data.cast::<f64>().add(at).read() })
    }

    fn answer(&self, status: Status) {
        self.write(0, f64::from(status as u8));
    }

    /// Tells of an operation that waits.
    fn wait(&self, ticket: usize) {
        self.answer(Status::Waiting);
        // An index.
        #[expect(clippy::cast_precision_loss)]
        self.write(2, ticket as f64);
    }
}

/// `channelMemory()`: the memory that is described above.
pub fn memory(scope: &mut v8::PinScope, _: Arguments, mut rv: Return) {
    let state = State::of(scope);
    let mut memory = state.channels.memory.borrow_mut();
    let store =
        memory.get_or_insert_with(|| v8::ArrayBuffer::new_backing_store(scope, HEADER + ROOM).make_shared()).clone();
    rv.set(v8::ArrayBuffer::with_backing_store(scope, &store).into());
}

/// `channelCreate(capacity, tag)`: makes a channel; returns its slot.
pub fn create(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let capacity = args.get(0).number_value(scope).unwrap_or(0.0);
    // Infinity becomes the largest number.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let handle = Handle::create(capacity as usize, args.get(1).uint32_value(scope).unwrap_or(0));
    let state = State::of(scope);
    state.channels.sweep();
    let slot = state.channels.endpoint.borrow_mut().adopt(handle);
    rv.set_uint32(u32::try_from(slot).expect("slots are few"));
}

/// `channelWatch(slot, object)`: gives the slot up once nobody has the object.
pub fn watch(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let slot = index(scope, args.get(0));
    let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(1)) else { return };
    let state = State::of(scope);
    let released = Rc::clone(&state.channels.released);
    // V8 may call this in the middle of anything that allocates.
    let weak = v8::Weak::with_guaranteed_finalizer(scope, object, Box::new(move || released.borrow_mut().push(slot)));
    let mut objects = state.channels.objects.borrow_mut();
    if objects.len() <= slot {
        objects.resize_with(slot + 1, || None);
    }
    objects[slot] = Some(weak);
}

/// `channelRelease(slot)`: gives up a slot that no object stands for.
pub fn release(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let slot = index(scope, args.get(0));
    State::of(scope).channels.endpoint.borrow_mut().release(slot);
}

/// `channelId(slot)`: a number that no other channel has.
pub fn id(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let slot = index(scope, args.get(0));
    let state = State::of(scope);
    let id = state.channels.endpoint.borrow().handle(slot).map_or(0, |handle| handle.channel().id());
    // Ids are counted up from 1 and stay below 2^53.
    #[expect(clippy::cast_precision_loss)]
    rv.set_double(id as f64);
}

/// `channelAlarm(slot, delay, sound)`: the kernel has a timer for the channel, which is not held; returns the timer's number for
/// `channelTick`. If the isolate ends before, the channel still hears of it. `sound`: 0 for the time, 1 for the time every `delay`
/// milliseconds, 2 for a channel that is closed then.
pub fn alarm(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let slot = index(scope, args.get(0));
    let delay = args.get(1).number_value(scope).unwrap_or(0.0).max(0.0);
    // No timer is due later than `Duration` knows, which nobody lives to see.
    let delay = Duration::try_from_secs_f64(delay / 1000.0).unwrap_or(Duration::from_secs(u64::from(u32::MAX)));
    let sound = match index(scope, args.get(2)) {
        0 => Sound::Once,
        1 => Sound::Every(delay),
        // A context looks at whole milliseconds.
        _ => Sound::Close(SystemTime::now() + delay + Duration::from_millis(1)),
    };
    let state = State::of(scope);
    let endpoint = state.channels.endpoint.borrow();
    let Some(handle) = endpoint.handle(slot) else { return throw(scope, "this channel is gone") };
    let channel = Arc::downgrade(handle.channel());
    let number = endpoint.mailbox().add_alarm(Alarm { channel, due: Instant::now() + delay, sound });
    rv.set_uint32(u32::try_from(number).expect("timers are few"));
}

/// `channelTick(number, time)`: sends the time unless the last one was not received. False once the channel is closed, or nobody has it.
pub fn tick(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let number = index(scope, args.get(0));
    let time = args.get(1).number_value(scope).unwrap_or(0.0);
    let state = State::of(scope);
    state.channels.sweep();
    let mailbox = Arc::clone(state.channels.endpoint.borrow().mailbox());
    let is_open = mailbox.ring(number).is_some_and(|channel| put(&channel, Message::Number(time)));
    if !is_open {
        mailbox.remove_alarm(number);
    }
    rv.set_bool(is_open);
}

/// `channelCalm(number)`: the timer of such a channel is no longer needed.
pub fn calm(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let number = index(scope, args.get(0));
    State::of(scope).channels.endpoint.borrow().mailbox().remove_alarm(number);
}

/// `channelHold(slot, change, cell)`: the isolate holds it as a lock, so many times more, or waits there for what `cell` is; -1 for none.
pub fn hold(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let slot = index(scope, args.get(0));
    let change = args.get(1).int32_value(scope).unwrap_or(0);
    let cell = index(scope, args.get(2));
    let state = State::of(scope);
    state.channels.endpoint.borrow().hold(slot, change, cell, state.channels.id);
}

/// `isolateIsGone(id)`: whether that isolate has died and held something then.
pub fn isolate_is_gone(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    // An id that was given to JavaScript as a number.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let id = args.get(0).number_value(scope).unwrap_or(0.0) as u64;
    rv.set_bool(crate::channel::is_gone(id));
}

/// `isolateId()`: a number that no other isolate of the process has.
pub fn isolate_id(scope: &mut v8::PinScope, _: Arguments, mut rv: Return) {
    // Ids are counted up from 1 and stay below 2^53.
    #[expect(clippy::cast_precision_loss)]
    rv.set_double(State::of(scope).channels.id as f64);
}

/// `yieldThread()`: lets another thread run.
pub fn yield_thread(_: &mut v8::PinScope, _: Arguments, _: Return) {
    std::thread::yield_now();
}

/// `channelCapacity(slot)`.
pub fn capacity(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let slot = index(scope, args.get(0));
    let state = State::of(scope);
    let capacity = state.channels.endpoint.borrow().handle(slot).map_or(0, |handle| handle.channel().capacity());
    #[expect(clippy::cast_precision_loss, reason = "what JavaScript gave as a number")]
    rv.set_double(if capacity == usize::MAX { f64::INFINITY } else { capacity as f64 });
}

/// `channelLength(slot)`.
pub fn length(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let slot = index(scope, args.get(0));
    let state = State::of(scope);
    let length = state.channels.endpoint.borrow().handle(slot).map_or(0, |handle| handle.channel().length());
    #[expect(clippy::cast_precision_loss, reason = "a number of messages")]
    rv.set_double(length as f64);
}

/// A primitive as a message; nothing for what needs the codec.
fn primitive(scope: &mut v8::PinScope<'_, '_>, value: v8::Local<'_, v8::Value>) -> Option<Message> {
    if let Ok(number) = v8::Local::<v8::Number>::try_from(value) {
        return Some(Message::Number(number.value()));
    }
    if value.is_undefined() {
        return Some(Message::Undefined);
    }
    if value.is_boolean() {
        return Some(Message::Boolean(value.is_true()));
    }
    if value.is_null() {
        return Some(Message::Null);
    }
    let string = v8::Local::<v8::String>::try_from(value).ok()?;
    let length = string.length();
    if length > SHORT || !(string.is_onebyte() || string.contains_only_onebyte()) {
        return None;
    }
    let mut text = [0; SHORT];
    string.write_one_byte_v2(scope, 0, &mut text[..length], v8::WriteFlags::empty());
    Some(Message::Text(u8::try_from(length).ok()?, text))
}

/// What the codec has written, with what it has attached.
fn encoded(state: &State, bytes: &[u8]) -> Message {
    let attachments = state.outgoing.take();
    let codes = state.named.take();
    Message::encoded(bytes.to_vec(), attachments, codes)
}

/// `stageValue(value)`: keeps a message for later; returns its number, or -1 where the value needs the codec.
pub fn stage_value(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let Some(message) = primitive(scope, args.get(0)) else { return rv.set_int32(-1) };
    let number = State::of(scope).channels.endpoint.borrow_mut().stage(message);
    rv.set_uint32(u32::try_from(number).expect("few messages are staged"));
}

/// `stageBytes(bytes, length)`: the same for what the codec has written.
pub fn stage_bytes(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let length = index(scope, args.get(1));
    let Some(bytes) = bytes_of(args.get(0)) else { return };
    let state = State::of(scope);
    let message = encoded(&state, &bytes[..length]);
    let number = state.channels.endpoint.borrow_mut().stage(message);
    rv.set_uint32(u32::try_from(number).expect("few messages are staged"));
}

/// `unstage(number)`: drops a message that was kept.
pub fn unstage(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let number = index(scope, args.get(0));
    let state = State::of(scope);
    let message = state.channels.endpoint.borrow_mut().unstage(number);
    drop(message);
}

/// How an operation waits that cannot be done at once; the kernel has the same numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// It does not.
    Never,
    /// It waits.
    Always,
    /// The isolate has nothing else to do meanwhile: see `channel/patience.rs`.
    Idle,
}

impl Wait {
    fn of(scope: &mut v8::PinScope<'_, '_>, value: v8::Local<'_, v8::Value>) -> Wait {
        match index(scope, value) {
            0 => Wait::Never,
            1 => Wait::Always,
            _ => Wait::Idle,
        }
    }
}

fn send_message(scope: &mut v8::PinScope<'_, '_>, slot: usize, message: Message, wait: Wait, mut rv: Return) {
    let state = State::of(scope);
    let channels = &state.channels;
    let mut endpoint = channels.endpoint.borrow_mut();
    let waits = endpoint.send_at_once(slot, message).unwrap_or_else(|message| {
        if wait == Wait::Idle {
            endpoint.linger_for_room(slot);
        }
        endpoint.send(slot, message, current_realm(scope).unwrap_or_default(), wait != Wait::Never)
    });
    let status = match waits {
        Waits::Done => Status::Sent,
        Waits::Closed => Status::Closed,
        Waits::Full => Status::Nothing,
        Waits::Ticket(ticket) => match if wait == Wait::Idle { endpoint.linger_for_end(ticket) } else { None } {
            Some(Completion::Closed { .. }) => Status::Closed,
            Some(_) => Status::Sent,
            None => {
                channels.wait(ticket);
                Status::Waiting
            }
        },
    };
    rv.set_int32(status as i32);
}

/// `channelSend(slot, value, wait)`: sends a primitive; returns a status, or -1 where the value needs the codec.
pub fn send(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let slot = index(scope, args.get(0));
    let Some(message) = primitive(scope, args.get(1)) else { return rv.set_int32(-1) };
    let wait = Wait::of(scope, args.get(2));
    send_message(scope, slot, message, wait, rv);
}

/// `channelSendStaged(slot, number, wait)`: sends what was kept; returns a status.
pub fn send_staged(scope: &mut v8::PinScope, args: Arguments, rv: Return) {
    let (slot, number) = (index(scope, args.get(0)), index(scope, args.get(1)));
    let message = {
        let state = State::of(scope);
        let mut endpoint = state.channels.endpoint.borrow_mut();
        endpoint.note_put_back(slot);
        endpoint.unstage(number)
    };
    let Some(message) = message else { return throw(scope, "no such message is staged") };
    let wait = Wait::of(scope, args.get(2));
    send_message(scope, slot, message, wait, rv);
}

/// `channelRestore(slot, number, isGivenBack)`: adds what was kept to the buffer: to its end, since it was there in the channel that
/// becomes this one, or as the next value to be received.
pub fn restore(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let (slot, number) = (index(scope, args.get(0)), index(scope, args.get(1)));
    let state = State::of(scope);
    let mut endpoint = state.channels.endpoint.borrow_mut();
    let Some(message) = endpoint.unstage(number) else { return };
    let Some(channel) = endpoint.channel(slot) else { return };
    if args.get(2).is_true() {
        channel.give_back(message);
    } else {
        channel.restore(message);
    }
}

/// Returns a number; a small integer, as most are, without a handle for it.
#[expect(clippy::cast_possible_truncation)]
fn set_number(rv: &mut Return, value: f64) {
    let integer = value as i32;
    if f64::from(integer).to_bits() == value.to_bits() {
        rv.set_int32(integer);
    } else {
        rv.set_double(value);
    }
}

/// Returns a message's value, or puts it where the kernel reads it.
fn deliver(scope: &mut v8::PinScope<'_, '_>, message: Message, mut rv: Return) {
    let state = State::of(scope);
    let channels = &state.channels;
    channels.answer(Status::Value);
    match message {
        Message::Undefined => rv.set_undefined(),
        Message::Null => rv.set_null(),
        Message::Boolean(value) => rv.set_bool(value),
        Message::Number(value) => set_number(&mut rv, value),
        Message::Text(length, text) => {
            let bytes = &text[..usize::from(length)];
            if let Some(string) = v8::String::new_from_one_byte(scope, bytes, v8::NewStringType::Normal) {
                rv.set(string.into());
            }
        }
        Message::Bytes(bytes) => deliver_encoded(scope, &state, bytes.into_vec(), Vec::new(), Vec::new(), rv),
        Message::Encoded(encoded) => {
            let Encoded { payload, attachments, codes } = *encoded;
            deliver_encoded(scope, &state, payload, attachments, codes, rv);
        }
    }
}

/// Puts what the codec has written where the kernel reads it, or returns it.
fn deliver_encoded(
    scope: &mut v8::PinScope<'_, '_>,
    state: &State,
    payload: Vec<u8>,
    attachments: Vec<Attachment>,
    codes: Vec<Arc<Code>>,
    mut rv: Return,
) {
    let channels = &state.channels;
    channels.answer(Status::Encoded);
    let length = payload.len();
    // A message is at most 4 GB, which a double holds exactly.
    #[expect(clippy::cast_precision_loss)]
    channels.write(3, length as f64);
    state.incoming.replace(attachments.into_iter().map(Some).collect());
    state.codes.replace(codes);
    if length <= ROOM {
        if let Some(data) = channels.memory.borrow().as_ref().and_then(|memory| memory.data()) {
            // SAFETY: the memory has HEADER + ROOM bytes, and no JavaScript of this isolate runs at the same time.
            unsafe {
                let room = data.cast::<u8>().add(HEADER).as_ptr();
                std::ptr::copy_nonoverlapping(payload.as_ptr(), room, length);
            }
        }
        return;
    }
    let store = v8::ArrayBuffer::new_backing_store_from_vec(payload).make_shared();
    let buffer = v8::ArrayBuffer::with_backing_store(scope, &store);
    if let Some(view) = v8::Uint8Array::new(scope, buffer, 0, length) {
        rv.set(view.into());
    }
}

fn answer(scope: &mut v8::PinScope<'_, '_>, reading: Reading, rv: Return) {
    let state = State::of(scope);
    let channels = &state.channels;
    match reading {
        Reading::Nothing => channels.answer(Status::Nothing),
        Reading::Ticket(ticket) => channels.wait(ticket),
        Reading::Ended(completion) => ended(scope, channels, completion, rv),
    }
}

fn ended(scope: &mut v8::PinScope<'_, '_>, channels: &Channels, completion: Completion<Message>, rv: Return) {
    let (Completion::Received { case, .. } | Completion::Sent { case } | Completion::Closed { case }) = completion;
    channels.write(1, f64::from(case));
    match completion {
        Completion::Received { message, .. } => deliver(scope, message, rv),
        Completion::Sent { .. } => channels.answer(Status::Sent),
        Completion::Closed { .. } => channels.answer(Status::Closed),
    }
}

/// `channelRecv(slot, wait)`: receives; the status is in the memory.
pub fn recv(scope: &mut v8::PinScope, args: Arguments, rv: Return) {
    let slot = index(scope, args.get(0));
    let state = State::of(scope);
    let at_once = state.channels.endpoint.borrow_mut().recv_at_once(slot);
    if let Some(message) = at_once {
        deliver(scope, message, rv);
        return;
    }
    let wait = Wait::of(scope, args.get(1));
    let realm = current_realm(scope).unwrap_or_default();
    let reading = {
        let mut endpoint = state.channels.endpoint.borrow_mut();
        if wait == Wait::Idle {
            endpoint.linger_for_value(slot);
        }
        let reading = endpoint.recv(slot, realm, wait != Wait::Never);
        match reading {
            Reading::Ticket(ticket) if wait == Wait::Idle => {
                endpoint.linger_for_end(ticket).map_or(reading, Reading::Ended)
            }
            _ => reading,
        }
    };
    answer(scope, reading, rv);
}

/// `channelTake(slot)`: receives what is there; the status is in the memory, and the number of a copy that is kept, or -1.
pub fn take_copied(scope: &mut v8::PinScope, args: Arguments, rv: Return) {
    let slot = index(scope, args.get(0));
    let state = State::of(scope);
    let (reading, copy) = {
        let mut endpoint = state.channels.endpoint.borrow_mut();
        let (reading, copy) = endpoint.recv_copied(slot);
        if matches!(reading, Reading::Ended(Completion::Received { .. })) {
            endpoint.note_taken(slot, copy);
        }
        (reading, copy)
    };
    // An index.
    #[expect(clippy::cast_precision_loss)]
    state.channels.write(2, copy.map_or(-1.0, |copy| copy as f64));
    answer(scope, reading, rv);
}

/// `channelFollow(slot, leader)`: from now on the channel is closed with another one.
pub fn follow(scope: &mut v8::PinScope, args: Arguments, _: Return) {
    let (slot, leader) = (index(scope, args.get(0)), index(scope, args.get(1)));
    State::of(scope).channels.endpoint.borrow().follow(slot, leader);
}

/// `channelSelect(count, wait)`: does one of the cases that the kernel has put into the memory.
pub fn select(scope: &mut v8::PinScope, args: Arguments, rv: Return) {
    let count = index(scope, args.get(0)).min(ROOM / 16);
    let realm = current_realm(scope).unwrap_or_default();
    let state = State::of(scope);
    let channels = &state.channels;
    let number = |at: usize| {
        let number = channels.read(at);
        // Slots and staged messages are small numbers.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (number >= 0.0).then_some(number as usize)
    };
    let reading = {
        let mut endpoint = channels.endpoint.borrow_mut();
        let mut cases = Vec::with_capacity(count);
        for case in 0..count {
            let slot = number(HEADER / 8 + case * 2);
            let message = number(HEADER / 8 + case * 2 + 1).and_then(|staged| endpoint.unstage(staged));
            cases.push((slot, message));
        }
        endpoint.select(cases, realm, args.get(1).is_true())
    };
    answer(scope, reading, rv);
}

/// `channelClose(slot)`: false if it was closed.
pub fn close(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let slot = index(scope, args.get(0));
    let state = State::of(scope);
    let closed = state.channels.endpoint.borrow().close(slot);
    rv.set_bool(closed);
}

/// `channelWithdraw(ticket)`: false where the operation has ended otherwise, of which the kernel will hear.
pub fn withdraw(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let ticket = index(scope, args.get(0));
    let withdrawn = State::of(scope).channels.endpoint.borrow_mut().withdraw(ticket);
    rv.set_bool(withdrawn);
}

/// `nextMail()`: the next operation of this realm that has ended: its number, its case and the status are in the memory, and -1 where
/// there is none. From the first one on until then, V8 is not terminated.
pub fn next_mail(scope: &mut v8::PinScope, _: Arguments, rv: Return) {
    let realm = current_realm(scope).unwrap_or_default();
    let state = State::of(scope);
    let may_take = state.outlet.delivery_begins();
    let next = if may_take { state.channels.endpoint.borrow_mut().next(realm) } else { None };
    let Some((ticket, completion)) = next else {
        state.channels.write(2, -1.0);
        if state.outlet.delivery_ends() {
            scope.terminate_execution();
        }
        return;
    };
    // An index.
    #[expect(clippy::cast_precision_loss)]
    state.channels.write(2, ticket as f64);
    ended(scope, &state.channels, completion, rv);
}

/// `lookForMail()`: the kernel is about to call `nextMail`, though the thread has not told it to.
pub fn look_for_mail(scope: &mut v8::PinScope, _: Arguments, _: Return) {
    let state = State::of(scope);
    state.outlet.mail_seen();
    state.channels.endpoint.borrow().mailbox().look();
}

/// `attachChannel(slot)`: puts a channel into the list of the message being encoded; returns its index.
pub fn attach(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let slot = index(scope, args.get(0));
    let state = State::of(scope);
    let handle = state.channels.endpoint.borrow().handle(slot).cloned();
    let Some(handle) = handle else { return throw(scope, "this channel is gone") };
    let mut outgoing = state.outgoing.borrow_mut();
    outgoing.push(Attachment::Channel(handle));
    rv.set_uint32(u32::try_from(outgoing.len() - 1).expect("a message has few attachments"));
}

/// `takeChannel(index)`: a slot for a channel of the message being decoded.
pub fn take(scope: &mut v8::PinScope, args: Arguments, mut rv: Return) {
    let at = index(scope, args.get(0));
    let state = State::of(scope);
    state.channels.sweep();
    let attachment = state.incoming.borrow_mut().get_mut(at).and_then(Option::take);
    let Some(Attachment::Channel(handle)) = attachment else { return throw(scope, "a message lacks a channel") };
    let slot = state.channels.endpoint.borrow_mut().adopt(handle);
    rv.set_uint32(u32::try_from(slot).expect("slots are few"));
}

/// `setAside()`: begins another message while one is being encoded; `goOn` ends that.
pub fn set_aside(scope: &mut v8::PinScope, _: Arguments, _: Return) {
    let state = State::of(scope);
    let message = (state.outgoing.take(), state.named.take());
    state.aside.borrow_mut().push(message);
}

/// `goOn()`: goes on with the message that was set aside last.
pub fn go_on(scope: &mut v8::PinScope, _: Arguments, _: Return) {
    let state = State::of(scope);
    if let Some((outgoing, named)) = state.aside.borrow_mut().pop() {
        state.outgoing.replace(outgoing);
        state.named.replace(named);
    }
}
