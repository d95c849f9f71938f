//! The class `NativeChannels`, through which `lib/channels/` uses shared channels. One for each host environment: channels outlive pools.
//!
//! What does not fit into a return value passes through memory of the host's, as in `src/isolate/channels.rs`, which has the layout and
//! the statuses.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard};

use napi::bindgen_prelude::{Array, Env, JsValue, Object, Result, Uint8Array, Unknown};
use napi::{Error, Status, ValueType, sys};
use napi_derive::napi;

use super::direct;
use super::environment::Environment;
use super::memory::external_buffer;
use super::native_pool::NativePool;
use crate::channel::{Completion, Endpoint, Handle, Mailbox, Message, Reading, SHORT, Waits};
use crate::message::{Attachment, Host};

/// Bytes of the numbers at the memory's start.
const HEADER: usize = 64;

const NOTHING: i32 = 0;
const VALUE: i32 = 1;
const ENCODED: i32 = 2;
const CLOSED: i32 = 3;
const WAITING: i32 = 4;
const SENT: i32 = 5;
/// The value needs the codec.
const NOT_PRIMITIVE: i32 = -1;

/// Who is woken when operations of the host's have ended: the pool that runs, if there is one. Without a pool all that happens to
/// channels is done by the host itself, which looks after each operation.
type Waker = Arc<Mutex<Option<Arc<Environment>>>>;

/// The shared channels of one host environment.
#[napi]
pub struct NativeChannels {
    endpoint: Arc<Mutex<Endpoint>>,
    waker: Waker,
    inside: Rc<RefCell<Inside>>,
}

/// What the functions have of it that are called often; see `direct.rs`.
struct Inside {
    endpoint: Arc<Mutex<Endpoint>>,
    memory: Uint8Array,
    /// Attachments of the message that was received last.
    attachments: VecDeque<Attachment>,
}

#[napi]
impl NativeChannels {
    /// `memory` is described above.
    #[napi(constructor)]
    #[allow(clippy::new_without_default, reason = "napi copies the attribute")]
    pub fn new(memory: Uint8Array) -> NativeChannels {
        let waker = Waker::default();
        let woken = Arc::clone(&waker);
        let mailbox = Mailbox::new(move || {
            if let Some(environment) = &*woken.lock().expect("no holder panics") {
                environment.wake();
            }
        });
        let endpoint = Arc::new(Mutex::new(Endpoint::new(mailbox)));
        let inside = Inside { endpoint: Arc::clone(&endpoint), memory, attachments: VecDeque::new() };
        NativeChannels { endpoint, waker, inside: Rc::new(RefCell::new(inside)) }
    }

    /// Has a pool's environment be woken from now on.
    #[napi]
    pub fn attach(&self, pool: &NativePool) {
        *self.waker.lock().expect("no holder panics") = Some(Arc::clone(pool.environment()));
        pool.use_channels(&self.endpoint);
    }

    /// `send(slot, value, wait)`, `sendStaged(slot, staged, wait)`, `recv(slot, wait)`, `take(slot)`, `select(count, wait)`,
    /// `look()` and `next()`; what they do is said at [`Inside`]'s functions of these names.
    #[napi(ts_return_type = "object")]
    pub fn functions<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let mut object = Object::new(env)?;
        direct::add(*env, &mut object, "send", &self.inside, |inside, call| {
            inside.borrow_mut().send(call.env(), call.get(0)?, &call.get(1)?, call.get(2)?)
        })?;
        direct::add(*env, &mut object, "sendStaged", &self.inside, |inside, call| {
            Ok(inside.borrow_mut().send_staged(call.get(0)?, call.get(1)?, call.get(2)?))
        })?;
        direct::add(*env, &mut object, "recv", &self.inside, |inside, call| {
            inside.borrow_mut().recv(call.env(), call.get(0)?, call.get(1)?)
        })?;
        direct::add(*env, &mut object, "take", &self.inside, |inside, call| {
            inside.borrow_mut().take(call.env(), call.get(0)?)
        })?;
        direct::add(*env, &mut object, "select", &self.inside, |inside, call| {
            inside.borrow_mut().select(call.env(), call.get(0)?, call.get(1)?)
        })?;
        direct::add(*env, &mut object, "look", &self.inside, |inside, _| Ok(inside.borrow().look()))?;
        direct::add(*env, &mut object, "next", &self.inside, |inside, call| inside.borrow_mut().next(call.env()))?;
        Ok(object)
    }

    fn endpoint(&self) -> MutexGuard<'_, Endpoint> {
        self.endpoint.lock().expect("no holder panics")
    }

    /// Makes a channel, or a cell of the kit; returns its slot.
    #[napi]
    pub fn create(&self, capacity: f64, tag: u32) -> u32 {
        // Infinity becomes the largest number.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let handle = Handle::create(capacity as usize, tag);
        slot(self.endpoint().adopt(handle))
    }

    /// The host no longer has the channel.
    #[napi]
    pub fn release(&self, slot: u32) {
        self.endpoint().release(slot as usize);
    }

    /// Another slot for the channel in one: it is kept though the host no longer has it.
    #[napi]
    pub fn keep(&self, of: u32) -> Option<u32> {
        let mut endpoint = self.endpoint();
        let handle = endpoint.handle(of as usize).cloned()?;
        Some(slot(endpoint.adopt(handle)))
    }

    /// Whether nothing but the slot refers to its channel.
    #[napi]
    pub fn is_alone(&self, slot: u32) -> bool {
        self.endpoint().handle(slot as usize).is_none_or(|handle| Arc::strong_count(handle.channel()) == 1)
    }

    /// A number that no other channel has.
    #[napi]
    #[allow(
        clippy::cast_precision_loss,
        reason = "ids are counted up from 1; napi copies the attribute to code without any"
    )]
    pub fn id(&self, slot: u32) -> f64 {
        self.endpoint().handle(slot as usize).map_or(0.0, |handle| handle.channel().id() as f64)
    }

    /// How many values the buffer has room for.
    #[napi]
    #[allow(clippy::cast_precision_loss, reason = "what JavaScript gave as a number; napi copies the attribute")]
    pub fn capacity(&self, slot: u32) -> f64 {
        let capacity = self.endpoint().handle(slot as usize).map_or(0, |handle| handle.channel().capacity());
        if capacity == usize::MAX { f64::INFINITY } else { capacity as f64 }
    }

    /// How many values are buffered.
    #[napi]
    #[allow(clippy::cast_precision_loss, reason = "a number of messages; napi copies the attribute")]
    pub fn length(&self, slot: u32) -> f64 {
        self.endpoint().handle(slot as usize).map_or(0, |handle| handle.channel().length()) as f64
    }

    /// Keeps a primitive for a `select`; returns its number, or -1 where it needs the codec.
    #[napi]
    pub fn stage(&self, env: Env, value: Unknown<'_>) -> Result<i32> {
        Ok(match primitive(&env, &value)? {
            Some(message) => number(self.endpoint().stage(message)),
            None => NOT_PRIMITIVE,
        })
    }

    /// Keeps what the codec has written; returns its number. `views` are as in `NativePool.submit`.
    #[napi]
    pub fn stage_encoded(
        &self,
        env: Env,
        pool: &NativePool,
        buffer: &[u8],
        length: u32,
        codes: Vec<u32>,
        views: Option<Array>,
    ) -> Result<i32> {
        let attachments = pool.attachments(&env, views)?;
        let payload = buffer.get(..length as usize).unwrap_or_default().to_vec();
        let codes = codes.into_iter().filter_map(|id| pool.code(id)).collect();
        let message = Message::encoded(payload, attachments, codes);
        Ok(number(self.endpoint().stage(message)))
    }

    /// Drops what was kept.
    #[napi]
    pub fn unstage(&self, staged: u32) {
        let message = self.endpoint().unstage(staged as usize);
        drop(message);
    }

    /// Closes; false if it was closed.
    #[napi]
    pub fn close(&self, slot: u32) -> bool {
        self.endpoint().close(slot as usize)
    }

    /// Whether an isolate, whose number a token tells, has died and held something then.
    #[napi]
    #[allow(clippy::unused_self, reason = "JavaScript finds it beside what is asked of channels")]
    pub fn is_gone(&self, isolate: f64) -> bool {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was given to JavaScript as a number"
        )]
        crate::channel::is_gone(isolate as u64)
    }

    /// From now on the channel in a slot is closed with that in another one.
    #[napi]
    pub fn follow(&self, slot: u32, leader: u32) {
        self.endpoint().follow(slot as usize, leader as usize);
    }

    /// Withdraws an operation that waits; false where it has ended otherwise.
    #[napi]
    pub fn withdraw(&self, ticket: u32) -> bool {
        self.endpoint().withdraw(ticket as usize)
    }

    /// The next attachment of the message that was received last; see `NativePool.takeAttachment`.
    #[napi]
    pub fn take_attachment(&mut self, env: Env) -> Result<Unknown<'static>> {
        let attachment = self.inside.borrow_mut().attachments.pop_front();
        give(&env, &self.endpoint, attachment)
    }

    /// How many attachments it has.
    #[napi]
    pub fn attached(&self) -> u32 {
        u32::try_from(self.inside.borrow().attachments.len()).unwrap_or(u32::MAX)
    }

    /// How many channels there are in the process that anybody can reach.
    #[napi]
    #[allow(clippy::unused_self, reason = "napi has no free functions in classes")]
    pub fn count(&self) -> u32 {
        u32::try_from(crate::channel::count()).unwrap_or(u32::MAX)
    }
}

impl Inside {
    fn endpoint(&self) -> MutexGuard<'_, Endpoint> {
        self.endpoint.lock().expect("no holder panics")
    }

    fn write(&mut self, at: usize, value: f64) {
        // SAFETY: JavaScript, the only other user of the array, does not run during this call.
        let bytes = unsafe { self.memory.as_mut() };
        bytes[at * 8..at * 8 + 8].copy_from_slice(&value.to_le_bytes());
    }

    fn answer(&mut self, status: i32) {
        self.write(0, f64::from(status));
    }

    // An index.
    #[expect(clippy::cast_precision_loss)]
    fn wait(&mut self, ticket: usize) {
        self.answer(WAITING);
        self.write(2, ticket as f64);
    }

    /// Sends a primitive; returns the status, or -1 where the value needs the codec.
    fn send(&mut self, env: Env, slot: u32, value: &Unknown<'_>, wait: bool) -> Result<i32> {
        match primitive(&env, value)? {
            Some(message) => Ok(self.send_message(slot, message, wait)),
            None => Ok(NOT_PRIMITIVE),
        }
    }

    /// Sends what was kept; returns the status.
    fn send_staged(&mut self, slot: u32, staged: u32, wait: bool) -> i32 {
        let message = self.endpoint().unstage(staged as usize);
        message.map_or(CLOSED, |message| self.send_message(slot, message, wait))
    }

    fn send_message(&mut self, slot: u32, message: Message, wait: bool) -> i32 {
        let waits = self.endpoint().send(slot as usize, message, 0, wait);
        match waits {
            Waits::Done => SENT,
            Waits::Closed => CLOSED,
            Waits::Full => NOTHING,
            Waits::Ticket(ticket) => {
                self.wait(ticket);
                WAITING
            }
        }
    }

    /// Receives; the status is in the memory.
    fn recv(&mut self, env: Env, slot: u32, wait: bool) -> Result<Unknown<'static>> {
        let reading = self.endpoint().recv(slot as usize, 0, wait);
        self.read(env, reading)
    }

    /// Receives what is there; the status is in the memory, and the number of a copy that is kept, or -1.
    fn take(&mut self, env: Env, slot: u32) -> Result<Unknown<'static>> {
        let (reading, copy) = self.endpoint().recv_copied(slot as usize);
        // An index.
        #[expect(clippy::cast_precision_loss)]
        self.write(2, copy.map_or(-1.0, |copy| copy as f64));
        self.read(env, reading)
    }

    /// The host looks at the operations that have ended: it is to be woken again for those that come later.
    fn look(&self) -> bool {
        self.endpoint().mailbox().look().is_some()
    }

    /// The next operation that has ended: its number, its case and the status are in the memory, and -1 where there is none.
    // An index.
    #[expect(clippy::cast_precision_loss)]
    fn next(&mut self, env: Env) -> Result<Unknown<'static>> {
        let next = self.endpoint().next(0);
        let Some((ticket, completion)) = next else {
            self.write(2, -1.0);
            return Ok(undefined(env));
        };
        self.write(2, ticket as f64);
        self.ended(env, completion)
    }

    /// Does one of the cases in the memory.
    fn select(&mut self, env: Env, count: u32, wait: bool) -> Result<Unknown<'static>> {
        let cases = {
            let mut endpoint = self.endpoint();
            let at = |index: usize| {
                let bytes = self.memory.get(HEADER + index * 8..HEADER + index * 8 + 8);
                let value = bytes.map_or(-1.0, |bytes| f64::from_le_bytes(bytes.try_into().expect("eight bytes")));
                // Slots and staged messages are small numbers.
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                (value >= 0.0).then_some(value as usize)
            };
            (0..count as usize)
                .map(|case| (at(case * 2), at(case * 2 + 1).and_then(|staged| endpoint.unstage(staged))))
                .collect()
        };
        let reading = self.endpoint().select(cases, 0, wait);
        self.read(env, reading)
    }

    fn read(&mut self, env: Env, reading: Reading) -> Result<Unknown<'static>> {
        match reading {
            Reading::Ended(completion) => return self.ended(env, completion),
            Reading::Nothing => self.answer(NOTHING),
            Reading::Ticket(ticket) => self.wait(ticket),
        }
        Ok(undefined(env))
    }

    fn ended(&mut self, env: Env, completion: Completion<Message>) -> Result<Unknown<'static>> {
        let (Completion::Received { case, .. } | Completion::Sent { case } | Completion::Closed { case }) = completion;
        self.write(1, f64::from(case));
        match completion {
            Completion::Received { message, .. } => return self.deliver(env, message),
            Completion::Sent { .. } => self.answer(SENT),
            Completion::Closed { .. } => self.answer(CLOSED),
        }
        Ok(undefined(env))
    }

    fn deliver(&mut self, env: Env, message: Message) -> Result<Unknown<'static>> {
        self.answer(VALUE);
        let mut value = std::ptr::null_mut();
        let raw = env.raw();
        // SAFETY: the environment is alive during this call, and the out pointer is valid; a status other than ok leaves it null, which
        // is checked below. The text's bytes are valid for their length.
        unsafe {
            match message {
                Message::Undefined => sys::napi_get_undefined(raw, &raw mut value),
                Message::Null => sys::napi_get_null(raw, &raw mut value),
                Message::Boolean(flag) => sys::napi_get_boolean(raw, flag, &raw mut value),
                Message::Number(number) => sys::napi_create_double(raw, number, &raw mut value),
                Message::Text(length, text) => {
                    sys::napi_create_string_latin1(raw, text.as_ptr().cast(), isize::from(length), &raw mut value)
                }
                Message::Bytes(bytes) => return self.deliver_encoded(env, bytes.into_vec(), Vec::new()),
                Message::Encoded(encoded) => return self.deliver_encoded(env, encoded.payload, encoded.attachments),
            };
        }
        if value.is_null() {
            return Err(Error::new(Status::GenericFailure, "the host cannot make a value"));
        }
        // SAFETY: the value was just made in this environment.
        Ok(unsafe { Unknown::from_raw_unchecked(raw, value) })
    }

    fn deliver_encoded(
        &mut self,
        env: Env,
        mut payload: Vec<u8>,
        attachments: Vec<Attachment>,
    ) -> Result<Unknown<'static>> {
        self.answer(ENCODED);
        // A message is at most 4 GB, which a double holds exactly.
        #[expect(clippy::cast_precision_loss)]
        self.write(3, payload.len() as f64);
        self.attachments = attachments.into();
        // SAFETY: as in `write`.
        let room = unsafe { &mut self.memory.as_mut()[HEADER..] };
        if let Some(room) = room.get_mut(..payload.len()) {
            room.copy_from_slice(&payload);
            return Ok(undefined(env));
        }
        let (data, length) = (payload.as_mut_ptr(), payload.len());
        let value = external_buffer(&env, data.cast(), length, payload)?;
        // SAFETY: the value was just made in this environment.
        Ok(unsafe { Unknown::from_raw_unchecked(env.raw(), value) })
    }
}

fn slot(slot: usize) -> u32 {
    u32::try_from(slot).expect("slots are few")
}

fn number(staged: usize) -> i32 {
    i32::try_from(staged).expect("few messages are staged")
}

fn undefined(env: Env) -> Unknown<'static> {
    let mut value = std::ptr::null_mut();
    // SAFETY: the environment is alive, and the out pointer is valid; there is always an undefined.
    unsafe {
        sys::napi_get_undefined(env.raw(), &raw mut value);
        Unknown::from_raw_unchecked(env.raw(), value)
    }
}

/// A primitive as a message; nothing for what needs the codec.
fn primitive(env: &Env, value: &Unknown<'_>) -> Result<Option<Message>> {
    Ok(Some(match value.get_type()? {
        ValueType::Undefined => Message::Undefined,
        ValueType::Null => Message::Null,
        ValueType::Boolean => {
            let mut flag = false;
            // SAFETY: the value is a boolean of this environment, and the out pointer is valid.
            unsafe { sys::napi_get_value_bool(env.raw(), value.raw(), &raw mut flag) };
            Message::Boolean(flag)
        }
        ValueType::Number => {
            let mut number = 0.0;
            // SAFETY: the value is a number of this environment, and the out pointer is valid.
            unsafe { sys::napi_get_value_double(env.raw(), value.raw(), &raw mut number) };
            Message::Number(number)
        }
        ValueType::String => return Ok(text(env, value)),
        _ => return Ok(None),
    }))
}

/// A short string of Latin-1 characters.
fn text(env: &Env, value: &Unknown<'_>) -> Option<Message> {
    // One more than may be, and the zero that Node-API adds.
    let mut units = [0u16; SHORT + 2];
    let mut length = 0;
    // SAFETY: the value is a string of this environment, and the buffer has as many places as are said.
    unsafe {
        sys::napi_get_value_string_utf16(env.raw(), value.raw(), units.as_mut_ptr(), units.len(), &raw mut length);
    }
    if length > SHORT {
        return None;
    }
    let mut text = [0; SHORT];
    for (byte, unit) in text.iter_mut().zip(&units[..length]) {
        *byte = u8::try_from(*unit).ok()?;
    }
    Some(Message::Text(u8::try_from(length).ok()?, text))
}

/// What the host makes of an attachment: an ArrayBuffer; the id of a buffer of its own; or, as a negative number, -1 minus the slot of a channel.
pub fn give(env: &Env, endpoint: &Mutex<Endpoint>, attachment: Option<Attachment>) -> Result<Unknown<'static>> {
    let value = match attachment {
        Some(Attachment::Store(store)) if store.is_shared() => {
            return Err(Error::new(
                Status::InvalidArg,
                "a SharedArrayBuffer that a task has made cannot come to the host: make it on the host and pass it",
            ));
        }
        Some(Attachment::Store(store)) => {
            let (data, length) = (store.data(), store.byte_length());
            external_buffer(env, data.map_or(std::ptr::null_mut(), NonNull::as_ptr), length, store)?
        }
        Some(Attachment::Returned(id, store)) => {
            drop(store);
            env.create_uint32(id)?.raw()
        }
        Some(Attachment::Moved(memory) | Attachment::Shared(memory)) => env.create_uint32(memory.id)?.raw(),
        Some(Attachment::Channel(handle)) => {
            let slot = slot(endpoint.lock().expect("no holder panics").adopt(handle));
            env.create_double(-1.0 - f64::from(slot))?.raw()
        }
        None => return Err(Error::new(Status::InvalidArg, "a record lacks an attachment")),
    };
    // SAFETY: the value was just made in this environment.
    Ok(unsafe { Unknown::from_raw_unchecked(env.raw(), value) })
}
