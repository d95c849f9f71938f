'use strict';

// What this Node environment has of shared channels: operations that wait, and the objects for channels. All channels of the host
// are shared ones (`src/channel/`); `src/node/channels.rs` is the other side.

const native = require('../native.js');
const { held } = require('../memory.js');
const { queueMicrotask, setImmediate } = require('../event-loop.js');
const now = require('../now.js');
const { ChannelClosedError } = require('../errors.js');
const { onAbort } = require('../signals.js');

/** Bytes of the memory through which messages pass: a header, and room. `src/node/channels.rs` has its layout. */
const HEADER = 64;
const ROOM = 64 * 1024;

/** How an operation went; `src/node/channels.rs` has the same numbers. */
const STATUS = { NOT_PRIMITIVE: -1, NOTHING: 0, VALUE: 1, ENCODED: 2, CLOSED: 3, WAITING: 4, SENT: 5 };

/** What a waiting operation gives. */
const KIND = { VALUE: 0, RESULT: 1, CASE: 2, SEND: 3, CLOSE: 4 };

/** A channel's id says what it is: the remainder is its tag, 0 for a channel, the others for cells of the kit. */
const TAGS = 16;

/** Milliseconds after which operations that never have to wait let the event loop have a turn, and how many pass between two looks. */
const TURN = 5;
const LOOK = 64;

const bytes = new Uint8Array(HEADER + ROOM);
const view = new DataView(bytes.buffer);
const numbers = new Float64Array(bytes.buffer);
const channels = new native.NativeChannels(bytes);
const { send, sendStaged, recv, select, look, next } = channels.functions();

/** Operations that wait, by ticket. */
const waiting = [];
let waits = 0;
/** How many of them only wait for a channel to be closed. */
let watches = 0;
let isLooking = false;

/** Objects for channels, by id. */
const known = new Map();
let makeChan;
const gone = new FinalizationRegistry(({ slot, id }) => {
  channels.release(slot);
  if (known.get(id)?.deref() === undefined) known.delete(id);
});

/** The pool's module, which needs this one, too; a call of `require` takes a microsecond. */
let pools;
function poolModule() {
  pools ??= require('../pool.js');
  return pools;
}

const closed = (message) => new ChannelClosedError(message);

/** Has the pool that runs wake us, and its messages carry channels. */
function attach(pool) {
  channels.attach(pool);
}

/** How channels are made, for those that come in messages. */
function useChan(make) {
  makeChan = make;
}

let makeCell;

/** How cells of the kit are made, for those that come in messages. */
function useKit(make) {
  makeCell = make;
}

/** The object for a new channel. */
function create(capacity) {
  return know(channels.create(capacity, 0));
}

function know(slot) {
  const tag = channels.id(slot) % TAGS;
  if (tag === 0) return keep(makeChan(slot), slot);
  if (makeCell === undefined) require('./kit.js');
  return keep(makeCell(tag, slot), slot);
}

/** Has a slot stand for an object, as long as anybody has that. */
function keep(object, slot) {
  const id = channels.id(slot);
  known.set(id, new WeakRef(object));
  gone.register(object, { slot, id });
  return object;
}

/** Has another object stand for a slot, that a cell stands for as well. */
function represent(object, slot) {
  known.set(channels.id(slot), new WeakRef(object));
}

/** The object for a channel that came in a message. */
function chanOf(slot) {
  const chan = known.get(channels.id(slot))?.deref();
  if (chan === undefined) return know(slot);
  channels.release(slot);
  return chan;
}

/** What an operation gives for a value, or for the end of the channel. */
function outcome(kind, value, ok) {
  return kind === KIND.VALUE ? value : { value, done: !ok };
}

/** The value of what was received. */
function received(value) {
  if (numbers[0] !== STATUS.ENCODED) return value;
  const length = numbers[3];
  const attachments = [];
  for (let left = channels.attached(); left > 0; left--) attachments.push(channels.takeAttachment());
  const pool = poolModule().pool();
  if (value === undefined) return pool.decodeMessage(bytes, view, HEADER, HEADER + length, attachments);
  return pool.decodeMessage(new Uint8Array(value), new DataView(value), 0, length, attachments);
}

/** What a case of a `select` gives. */
function selected({ list, sends }, value) {
  const status = numbers[0];
  const index = numbers[1];
  if (status === STATUS.CLOSED && sends[index]) throw closed('send on a closed channel');
  if (status === STATUS.SENT) return { index, channel: list[index], value: undefined, ok: true };
  const ok = status !== STATUS.CLOSED;
  return { index, channel: list[index], value: ok ? received(value) : undefined, ok };
}

/** Sends a value; returns the status. */
function put(slot, value, transfer, wait) {
  if (transfer === undefined) {
    const status = send(slot, value, wait);
    if (status !== STATUS.NOT_PRIMITIVE) return status;
  }
  const staged = stage(value, transfer);
  const status = sendStaged(slot, staged, wait);
  if (transfer !== undefined) held.settle(status === STATUS.SENT || status === STATUS.WAITING);
  return status;
}

/** Keeps a value; returns its number. */
function stage(value, transfer) {
  if (transfer === undefined) {
    const staged = channels.stage(value);
    if (staged !== STATUS.NOT_PRIMITIVE) return staged;
  }
  return poolModule().pool().stage(channels, value, transfer);
}

/** An operation that the core has just said to wait. */
function wait(kind, about, signal) {
  return new Promise((resolve, reject) => {
    const operation = begin(kind, about, resolve, reject);
    if (signal === undefined) return;
    operation.unwatch = onAbort(signal, () => {
      if (withdraw(operation)) reject(signal.reason);
    });
  });
}

function begin(kind, about, resolve, reject) {
  const operation = { ticket: numbers[2], kind, about, resolve, reject, unwatch: undefined };
  waiting[operation.ticket] = operation;
  waits++;
  return operation;
}

function forget(ticket) {
  const operation = waiting[ticket];
  waiting[ticket] = undefined;
  waits--;
  operation.unwatch?.();
  return operation;
}

/** Whether an operation has not ended, as far as was looked. */
function isPending(operation) {
  return waiting[operation.ticket] === operation;
}

/** Has an operation wait no longer; a value that has come for it goes back. False where it has ended already, which it is to give then. */
function withdraw(operation) {
  if (!isPending(operation) || !channels.withdraw(operation.ticket)) return false;
  forget(operation.ticket);
  // Somebody else who waits may have got the value.
  happened();
  return true;
}

/**
 * Has something done once a channel, which is open, is closed. Nothing is kept alive for that.
 * @param {number} slot
 * @param {() => void} action
 * @returns {() => void} takes it back
 */
function onClose(slot, action) {
  // Who received from the channel itself would get its values: this one is closed with it, and nothing else ever happens to it.
  const gate = channels.create(0, 0);
  channels.follow(gate, slot);
  recv(gate, true);
  const operation = begin(KIND.CLOSE, undefined, () => queueMicrotask(action));
  watches++;
  operation.unwatch = () => {
    watches--;
    channels.release(gate);
  };
  return () => withdraw(operation);
}

/** Settles the operations that have ended. */
function receiveMail() {
  isLooking = false;
  look();
  for (;;) {
    const value = next();
    const ticket = numbers[2];
    if (ticket < 0) return;
    const { kind, about, resolve, reject } = forget(ticket);
    const status = numbers[0];
    try {
      if (kind === KIND.CASE) resolve(selected(about, value));
      else if (kind === KIND.SEND) {
        if (status === STATUS.CLOSED) reject(closed('the channel was closed during send'));
        else resolve(undefined);
      } else {
        const ok = status !== STATUS.CLOSED;
        resolve(outcome(kind, ok ? received(value) : undefined, ok));
      }
    } catch (error) {
      reject(error);
    }
  }
}

/** An operation was done that may have ended others of the host's, or that tasks are about to answer. */
function happened() {
  poolModule().currentPool()?.expectAnswer();
  if (waits === 0 || isLooking) return;
  isLooking = true;
  queueMicrotask(receiveMail);
}

let operations = 0;
let turnBegan = 0;
let isInTurn = false;

/** Whether operations have gone on without waiting for so long that the event loop is to have a turn. */
function isTurnOver() {
  if (++operations % LOOK !== 0) return false;
  const moment = now();
  if (isInTurn) return moment - turnBegan > TURN;
  isInTurn = true;
  turnBegan = moment;
  setImmediate(() => {
    isInTurn = false;
  });
  return false;
}

/** A promise of what is there already. */
function given(value) {
  if (!isTurnOver()) return Promise.resolve(value);
  return new Promise((resolve) => setImmediate(resolve, value));
}

module.exports = {
  HEADER,
  KIND,
  ROOM,
  STATUS,
  attach,
  begin,
  chanOf,
  channels,
  create,
  /** A number that no other environment of the process has. */
  environment: require('node:worker_threads').threadId,
  given,
  happened,
  isPending,
  isTurnOver,
  isWaiting: () => waits > watches,
  keep,
  numbers,
  onClose,
  outcome,
  put,
  receiveMail,
  received,
  recv,
  represent,
  select,
  selected,
  send,
  sendStaged,
  stage,
  useChan,
  useKit,
  wait,
  withdraw,
};

poolModule().useChannels(module.exports);
