'use strict';

// Operations on channels of the shared core (`src/channel/`), by the natives of `src/isolate/channels.rs`.
//
// An operation that cannot go on waits there under a number, its ticket; here its fiber is found by it. When it has ended, the
// thread calls `receiveMail`.

const { NEXT, THROW } = require('leaving');
const { ChannelClosedError } = require('errors');
const { CASE, SEND, endSteps, outcome } = require('channels/waiters');
const { watch } = require('channels/signal');
const {
  Float64Array,
  Map,
  MapPrototypeDelete,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeGetSize,
  MapPrototypeSet,
  RangeError,
  Uint8Array,
  WeakRef,
  WeakRefPrototypeDeref,
} = require('primordials');
const { isObject } = require('promise-operations');

/** How an operation went; `Status` in src/isolate/channels.rs has the same numbers. */
const NOTHING = 0;
const ENCODED = 2;
const CLOSED = 3;
const WAITING = 4;
const SENT = 5;
/** The value needs the codec. */
const NOT_PRIMITIVE = -1;

/** How an operation waits that cannot be done at once; `Wait` in src/isolate/channels.rs has the same numbers. */
const NEVER = 0;
const ALWAYS = 1;
const IDLE = 2;

/** Bytes before a message in the memory, and cases that a `select` has room for. */
const HEADER = 64;
const CASES = 4096;

/** A channel's id says what it is: the remainder is its tag. */
const TAGS = 16;

/** Waiting for the end of a task that was sent away, and for that of what it has left behind, on which nothing depends; beside the kinds of
 * `waiters.js`. */
const ANSWER = 4;
const QUIET = 5;

const closed = (message) => new ChannelClosedError(message);

/** An operation that waits in the shared core. */
class Wait {
  /**
   * @param {object} fiber
   * @param {number} ticket
   * @param {number} kind
   * @param {object | undefined} core of an operation on one channel
   * @param {object[] | undefined} channels of a `select`, by case
   * @param {boolean[] | undefined} sends which cases send
   */
  constructor(fiber, ticket, kind, core, channels, sends) {
    this.fiber = fiber;
    this.ticket = ticket;
    this.kind = kind;
    this.core = core;
    this.channels = channels;
    this.sends = sends;
    this.value = undefined;
    this.abortion = undefined;
    this.withdraw = undefined;
    this.cancel = undefined;
  }

  /** What waits, in words. */
  get what() {
    return this.kind === SEND ? 'send' : this.kind === CASE ? 'select' : (this.core?.verb ?? 'recv');
  }
}

/**
 * @param {object} scheduler
 * @param {object} natives
 * @param {object} channels what `chan.js` has made
 * @param {{stage: Function, decodeAt: Function}} messages
 * @param {() => boolean} idle
 */
module.exports = function createShared({ block, flags, wake }, natives, channels, messages, idle) {
  const waiting = [];
  let waits = 0;
  /** Waits whose values may not have been seen by their tasks yet. */
  const unread = [];
  /** The shared channels that this realm has, by id. */
  const known = new Map();
  let sweepAt = 64;
  let numbers;
  let memory;

  /** The memory that the isolate shares with its kernels, made when the first channel becomes a shared one. */
  function connect() {
    const buffer = natives.channelMemory();
    numbers = new Float64Array(buffer);
    memory = messages.viewOf(new Uint8Array(buffer));
  }

  /** For a signal; false where something has come of the wait, of which it will hear. */
  function cancel() {
    if (!natives.channelWithdraw(this.ticket)) return false;
    this.abortion?.end();
    forget(this.ticket);
    return true;
  }

  function withdraw() {
    // What has come of it is on its way then, and of no interest.
    if (!this.cancel()) this.fiber = undefined;
  }

  function forget(ticket) {
    if (waiting[ticket].kind !== QUIET) waits--;
    waiting[ticket] = undefined;
  }

  /** How the running task waits: where no other one could run meanwhile, for a moment without being suspended. */
  const howToWait = () => (flags[1] === 0 ? IDLE : ALWAYS);

  /** Takes note of an operation that the core has just said to wait. */
  function remember(fiber, kind, core, list, sends) {
    const ticket = numbers[2];
    const wait = new Wait(fiber, ticket, kind, core, list, sends);
    wait.withdraw = withdraw;
    wait.cancel = cancel;
    waiting[ticket] = wait;
    if (kind !== QUIET) waits++;
    return wait;
  }

  /** Blocks the running fiber. The core's ticket is read before anything else can happen. */
  function blockOn(kind, core, list, sends, signal, direct, frame) {
    const wait = remember(undefined, kind, core, list, sends);
    wait.value = frame;
    return block(
      (fiber) => {
        wait.fiber = fiber;
        return watch(wake, signal, wait);
      },
      idle,
      direct,
    );
  }

  /** The value of what was received. */
  function received(value) {
    if (numbers[0] !== ENCODED) return value;
    const length = numbers[3];
    return value === undefined
      ? messages.decode(memory, HEADER, length)
      : messages.decode(messages.viewOf(value), 0, length);
  }

  /** `frame`: of who takes steps; see `waiters.js`. */
  function recv(core, kind, signal, direct, frame) {
    const value = natives.channelRecv(core.slot, howToWait());
    const status = numbers[0];
    if (status === WAITING) return blockOn(kind, core, undefined, undefined, signal, direct, frame);
    const ok = status !== CLOSED;
    if (!ok) endSteps(frame);
    return outcome(kind, ok ? received(value) : undefined, ok);
  }

  function tryRecv(core) {
    const value = natives.channelRecv(core.slot, NEVER);
    const status = numbers[0];
    if (status === NOTHING || status === CLOSED) return { ok: false, value: undefined, closed: status === CLOSED };
    return { ok: true, value: received(value), closed: false };
  }

  function put(core, value, moved, wait) {
    if (moved === undefined && !isObject(value)) {
      const status = natives.channelSend(core.slot, value, wait);
      if (status !== NOT_PRIMITIVE) return status;
    }
    return natives.channelSendStaged(core.slot, messages.stage(value, moved), wait);
  }

  function send(core, value, moved, signal, direct) {
    const status = put(core, value, moved, howToWait());
    if (status === SENT) return undefined;
    if (status === CLOSED) throw closed('send on a closed channel');
    return blockOn(SEND, core, undefined, undefined, signal, direct);
  }

  function trySend(core, value, moved) {
    const status = put(core, value, moved, NEVER);
    if (status === CLOSED) throw closed('send on a closed channel');
    return status === SENT;
  }

  /** What a case of a `select` gives. */
  function selected(list, sends, index, value) {
    const status = numbers[0];
    if (status === CLOSED && sends[index]) throw closed('send on a closed channel');
    if (status === SENT) return { index, channel: list[index], value: undefined, ok: true };
    const ok = status !== CLOSED;
    return { index, channel: list[index], value: ok ? received(value) : undefined, ok };
  }

  /**
   * @param {(object | null)[]} cores
   * @param {boolean[]} sends
   * @param {unknown[]} values
   * @returns {object | undefined} nothing where nothing is ready and there is a default
   */
  function select(cores, sends, values, hasDefault, signal, direct) {
    const count = cores.length;
    if (count > CASES) throw new RangeError(`select: at most ${CASES} cases can have shared channels among them`);
    const list = [];
    const staged = [];
    const mark = messages.mark();
    try {
      for (let i = 0; i < count; i++) {
        list[i] = cores[i] === null ? null : cores[i].chan;
        staged[i] = -1;
        if (cores[i] !== null) messages.share(cores[i]);
      }
      messages.settle();
      for (let i = 0; i < count; i++) if (sends[i] && cores[i] !== null) staged[i] = messages.stage(values[i]);
    } catch (error) {
      for (let i = 0; i < count; i++) if (staged[i] >= 0) natives.unstage(staged[i]);
      messages.revoke(mark);
      throw error;
    }
    const value = choose(cores, staged, !hasDefault);
    const status = numbers[0];
    if (status === NOTHING) return undefined;
    if (status === WAITING) return blockOn(CASE, undefined, list, sends, signal, direct);
    return selected(list, sends, numbers[1], value);
  }

  function choose(cores, staged, wait) {
    const count = cores.length;
    for (let i = 0; i < count; i++) {
      numbers[HEADER / 8 + i * 2] = cores[i] === null ? -1 : cores[i].slot;
      numbers[HEADER / 8 + i * 2 + 1] = staged[i];
    }
    return natives.channelSelect(count, wait);
  }

  /** Lets those go on whose operations have ended. */
  function receiveMail() {
    forgetSeen();
    for (;;) {
      const value = natives.nextMail();
      const ticket = numbers[2];
      if (ticket < 0) return;
      const wait = waiting[ticket];
      forget(ticket);
      if (wait.fiber === undefined) continue;
      wait.abortion?.end();
      try {
        finish(wait, value);
      } catch (error) {
        wake(wait.fiber, error, THROW);
      }
    }
  }

  function finish(wait, value) {
    const { fiber, kind } = wait;
    if (kind === ANSWER || kind === QUIET) {
      answer(fiber, value);
      return;
    }
    const status = numbers[0];
    if (kind === SEND) {
      if (status === CLOSED) throw closed('the channel was closed during send');
      wake(fiber, undefined, NEXT);
      return;
    }
    if (kind === CASE) {
      const result = selected(wait.channels, wait.sends, numbers[1], value);
      wake(fiber, result, NEXT);
      if (status === SENT || !result.ok) return;
      wait.core = channels.coreOf(result.channel);
      wait.value = result.value;
    } else {
      const ok = status !== CLOSED;
      const got = ok ? received(value) : undefined;
      if (!ok) endSteps(wait.value);
      wake(fiber, outcome(kind, got, ok), NEXT);
      if (!ok) return;
      wait.value = got;
    }
    fiber.unread = wait;
    unread[unread.length] = wait;
  }

  /** Forgets the values that their tasks have seen since. */
  function forgetSeen() {
    let left = 0;
    for (let i = 0; i < unread.length; i++) if (unread[i].fiber.unread === unread[i]) unread[left++] = unread[i];
    unread.length = left;
  }

  /** The isolate ends: what its tasks were given and have not seen goes back. The latest comes first, so that the order stays. */
  function giveBackUnread() {
    forgetSeen();
    for (let i = unread.length - 1; i >= 0; i--) {
      const { fiber, core, value } = unread[i];
      fiber.unread = undefined;
      giveBack(core, value);
    }
    unread.length = 0;
  }

  /**
   * Changes the state of a cell of the kit.
   * @param {object} core
   * @param {(state: object) => unknown} change
   * @param {number} patience how often the state is asked for where it is absent
   * @param {() => Error} poisoned
   * @param {(state: object) => void} shutGates all who wait learn that the cell is poisoned
   */
  function update(core, change, patience, poisoned, shutGates) {
    const { slot } = core;
    const value = takeOut(slot, patience, poisoned);
    const former = numbers[2];
    let next = former;
    let state = {};
    let result;
    let isPoisoned;
    try {
      state = received(value);
      result = change(state);
      next = messages.stage(state);
      if (former >= 0) natives.unstage(former);
    } finally {
      // Whatever was thrown, the state is there again, the former one then. What lay in a channel that was closed can still be received:
      // that it was is seen here.
      isPoisoned = natives.channelSendStaged(slot, next, NEVER) === CLOSED;
      if (isPoisoned) shutGates(state);
    }
    if (isPoisoned) throw poisoned();
    return result;
  }

  /** Takes out what lies in a channel of the kit; a copy is kept under `numbers[2]`. */
  function takeOut(slot, patience, poisoned) {
    for (let left = patience; left > 0; left--) {
      const value = natives.channelTake(slot);
      if (numbers[0] === CLOSED) break;
      if (numbers[0] !== NOTHING) return value;
      // Another thread has it just now.
      natives.yieldThread();
    }
    throw poisoned();
  }

  /** What lies in a channel of the kit, which stays there. */
  function peek(core, patience, poisoned) {
    const value = takeOut(core.slot, patience, poisoned);
    natives.channelSendStaged(core.slot, numbers[2], NEVER);
    return received(value);
  }

  /** From now on a channel is closed with a shared one. */
  function follow(core, leader) {
    messages.share(core);
    messages.settle();
    natives.channelFollow(core.slot, leader.slot);
  }

  /** Gives a value back to a channel; the next receiver gets it. */
  function giveBack(core, value) {
    natives.channelRestore(core.slot, messages.stage(value), true);
  }

  /**
   * Has `answered` called with the next message of a channel that nobody closes: its bytes, a view of them, where it begins, and its
   * length. Returns the wait; nothing where the message was there already. `isQuiet`: nobody goes on for it.
   */
  function expect(slot, answered, isQuiet = false) {
    if (numbers === undefined) connect();
    const value = natives.channelRecv(slot, ALWAYS);
    if (numbers[0] === WAITING) return remember(answered, isQuiet ? QUIET : ANSWER, undefined, undefined, undefined);
    answer(answered, value);
    return undefined;
  }

  function answer(answered, value) {
    const { bytes, view } = value === undefined ? memory : messages.viewOf(value);
    answered(bytes, view, value === undefined ? HEADER : 0, numbers[3]);
  }

  /** The realm's object of the channel in a slot. */
  function chanOf(slot) {
    if (numbers === undefined) connect();
    const id = natives.channelId(slot);
    const object = MapPrototypeGet(known, id);
    const chan = object === undefined ? undefined : WeakRefPrototypeDeref(object);
    if (chan !== undefined) {
      natives.channelRelease(slot);
      return chan;
    }
    const tag = id % TAGS;
    const made =
      tag === 0 ? channels.fromSlot(slot, natives.channelCapacity(slot)) : messages.cellOf(tag, slot, channels);
    know(id, made, slot);
    return made;
  }

  function know(id, chan, slot) {
    MapPrototypeSet(known, id, new WeakRef(chan));
    natives.channelWatch(slot, chan);
    if (MapPrototypeGetSize(known) < sweepAt) return;
    MapPrototypeForEach(known, (object, other) => {
      if (WeakRefPrototypeDeref(object) === undefined) MapPrototypeDelete(known, other);
    });
    sweepAt = 64 + 2 * MapPrototypeGetSize(known);
  }

  return {
    ALWAYS,
    SEND,
    chanOf,
    choose,
    close: (core) => natives.channelClose(core.slot),
    connect() {
      if (numbers === undefined) connect();
    },
    expect,
    follow,
    forgetSeen,
    giveBack,
    giveBackUnread,
    know,
    length: (core) => natives.channelLength(core.slot),
    peek,
    receiveMail,
    recv,
    remember,
    select,
    send,
    tryRecv,
    trySend,
    update,
    get isWaiting() {
      return waits > 0;
    },
  };
};
