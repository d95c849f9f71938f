'use strict';

// Channels, with Go's meaning: capacity 0 is a rendezvous, waiters are served in order, a closed channel is drained first.
//
// A channel lives in its realm until a reference leaves that. Then it becomes one of the shared core's (`promotion.js`): its
// `core` gets a slot, and all operations go there (`shared.js`).
//
// An operation that cannot go on blocks its fiber, which waits at the channel until its counterpart comes. Who finds a waiter
// hands the value over itself, so a woken fiber has nothing left to do.

const { Queue } = require('queues');
const { THROW } = require('leaving');
const { ChannelClosedError } = require('errors');
const { isObject } = require('promise-operations');
const { signalOf, transferOf, watch } = require('channels/signal');
const {
  RESULT,
  SEND,
  STEPS,
  VALUE,
  Waiter,
  Waiters,
  endSteps,
  givenTo,
  outcomeOfItself,
  serve,
  steps,
  stepsOf: stepsOfWaiter,
} = require('channels/waiters');
const {
  defineProperty,
  Infinity,
  NumberIsInteger,
  RangeError,
  Symbol,
  TypeError,
  WeakRef,
  WeakRefPrototypeDeref,
} = require('primordials');

/** The slot of a channel that lives here. */
const LOCAL = -1;

/** So many followers of a channel are not swept. */
const FOLLOWERS = 32;

const closed = (message) => new ChannelClosedError(message);

/** What a channel consists of. */
class Core {
  constructor(capacity) {
    this.capacity = capacity;
    this.buffer = new Queue();
    this.receivers = new Waiters();
    this.senders = new Waiters();
    this.isClosed = false;
    this.slot = LOCAL;
    /** The slot that it will have, while a message is encoded that takes it out of the isolate. */
    this.reserved = LOCAL;
    /** What it is: a channel, or a cell of the kit (`TAGS` in src/kit/cell.js). */
    this.tag = 0;
    /** How often it is held as a lock. */
    this.holds = 0;
    /** Of a gate at which somebody waits, whose cell that is. */
    this.gateOf = undefined;
    /** The object that programs have. */
    this.chan = undefined;
    /** The channel with which it is closed; and those that are closed with it, which are not held. */
    this.leader = undefined;
    this.followers = undefined;
    /** What those do who wait here, where that is said; see kit-platform.js. */
    this.verb = undefined;
    /** Called with its slot when the channel becomes a shared one. */
    this.onShared = undefined;
  }

  get hasValue() {
    return this.buffer.length > 0 || !this.senders.isEmpty;
  }

  get hasRoom() {
    return !this.receivers.isEmpty || this.buffer.length < this.capacity;
  }
}

/**
 * @param {{block: Function, blockAt: Function, wake: Function, wakeGiven: Function, takeDirect: Function, marks: Function}} scheduler
 * @param {(value: unknown, moved?: object[]) => unknown} copy what a receiver gets of a value
 * @param {() => boolean} idle see `block`
 */
module.exports = function createChannels(scheduler, copy, idle) {
  const { block, blockAt, wake, wakeGiven, takeDirect, marks } = scheduler;
  // Filled by `connect`, since what shared channels do needs channels.
  let shared;

  /** Takes a value out of a channel that has one. */
  function take(core) {
    const { buffer } = core;
    if (buffer.length === 0) return release(core);
    const value = buffer.shift();
    // A value that was given back lay beyond the capacity.
    if (!core.senders.isEmpty && buffer.length < core.capacity) buffer.push(release(core));
    return value;
  }

  /** Lets the first sender go on, and returns its value. */
  function release(core) {
    const waiter = core.senders.shift();
    const { value } = waiter;
    waiter.value = undefined;
    serve(wake, waiter, undefined, true);
    return value;
  }

  /** Gives a value to who waits for it, or to the buffer; there is room. */
  function give(core, value) {
    if (core.receivers.isEmpty) {
      core.buffer.push(value);
      return;
    }
    const waiter = core.receivers.shift();
    if (waiter.isItself) {
      wakeGiven(waiter, outcomeOfItself(waiter, value, true));
      return;
    }
    serve(wake, waiter, value, true);
    waiter.value = value;
    waiter.fiber.unread = waiter;
  }

  /** Gives a value back that was taken for a task which was killed before it saw it. */
  function giveBack(waiter) {
    const { core } = waiter;
    const value = givenTo(waiter);
    if (core.slot !== LOCAL) shared.giveBack(core, value);
    else if (core.receivers.isEmpty) core.buffer.unshift(value);
    else give(core, value);
  }

  function close(core) {
    if (core.slot !== LOCAL) {
      if (!shared.close(core)) throw closed('the channel is closed already');
      return;
    }
    if (core.isClosed) throw closed('the channel is closed already');
    const followers = closeAlone(core);
    if (followers !== undefined) closeAll([followers.list]);
  }

  /** Closes a channel that is open; returns its followers. */
  function closeAlone(core) {
    core.isClosed = true;
    while (!core.receivers.isEmpty) {
      const waiter = core.receivers.shift();
      endSteps(stepsOfWaiter(waiter));
      serve(wake, waiter, undefined, false);
    }
    while (!core.senders.isEmpty) {
      wake(core.senders.shift().fiber, closed('the channel was closed during send'), THROW);
    }
    const { followers } = core;
    core.leader = undefined;
    core.followers = undefined;
    return followers;
  }

  /** Closes those in the lists, and those that follow them: one after the other, however long the chains are. */
  function closeAll(lists) {
    while (lists.length > 0) {
      const list = lists[lists.length - 1];
      lists.length--;
      for (let i = 0; i < list.length; i++) {
        const core = WeakRefPrototypeDeref(list[i]);
        if (core === undefined || core.isClosed) continue;
        const followers = closeAlone(core);
        if (followers !== undefined) lists[lists.length] = followers.list;
      }
    }
  }

  /** From now on a channel, which is new, is closed with another one. */
  function follow(core, leader) {
    if (leader.slot !== LOCAL) {
      shared.follow(core, leader);
      return;
    }
    if (leader.isClosed) {
      close(core);
      return;
    }
    core.leader = leader;
    leader.followers ??= { __proto__: null, list: [], sweepAt: FOLLOWERS };
    const { followers } = leader;
    if (followers.list.length >= followers.sweepAt) {
      sweep(followers.list);
      followers.sweepAt = FOLLOWERS + 2 * followers.list.length;
    }
    followers.list[followers.list.length] = new WeakRef(core);
  }

  /** Forgets the followers that are closed, or that nobody has. */
  function sweep(list) {
    let left = 0;
    for (let i = 0; i < list.length; i++) {
      const core = WeakRefPrototypeDeref(list[i]);
      if (core !== undefined && !core.isClosed) list[left++] = list[i];
    }
    list.length = left;
  }

  /** Has the running fiber wait at a channel; `value` is what it sends. */
  function wait(list, core, kind, value, signal, direct) {
    if (signal !== undefined) return waitWatched(list, core, kind, value, signal, direct);
    return blockAt(list, core, kind, value, idle, direct);
  }

  /**
   * The same until a signal ends it. It stands apart, since the variables that a function sees lie on the heap as soon as what might make it
   * is called.
   */
  function waitWatched(list, core, kind, value, signal, direct) {
    return block(
      (fiber) => watch(wake, signal, list.add(new Waiter(fiber, core, kind, value, undefined, 0))),
      idle,
      direct,
    );
  }

  function receive(core, kind, options, direct) {
    const signal = signalOf(options, 'recv');
    if (core.slot !== LOCAL) return shared.recv(core, kind, signal, direct);
    if (core.hasValue) {
      const value = take(core);
      return kind === VALUE ? value : { value, done: false };
    }
    if (core.isClosed) return kind === VALUE ? undefined : { value: undefined, done: true };
    return wait(core.receivers, core, kind, undefined, signal, direct);
  }

  class Chan {
    #core;

    constructor(core) {
      this.#core = core;
      core.chan = this;
    }

    get length() {
      const core = this.#core;
      return core.slot === LOCAL ? core.buffer.length : shared.length(core);
    }

    get capacity() {
      return this.#core.capacity;
    }

    /** What a channel consists of; nothing for other objects. */
    static coreOf(value) {
      return #core in value ? value.#core : undefined;
    }

    recv(options) {
      const direct = takeDirect();
      const core = this.#core;
      if (options === undefined && core.slot === LOCAL) {
        if (core.hasValue) return take(core);
        if (core.isClosed) return undefined;
        return blockAt(core.receivers, core, VALUE, undefined, idle, direct);
      }
      return receive(core, VALUE, options, direct);
    }

    next(options) {
      return receive(this.#core, RESULT, options, takeDirect());
    }

    tryRecv() {
      const core = this.#core;
      if (core.slot !== LOCAL) return shared.tryRecv(core);
      if (core.hasValue) return { ok: true, value: take(core), closed: false };
      return { ok: false, value: undefined, closed: core.isClosed };
    }

    send(value, options) {
      const direct = takeDirect();
      const core = this.#core;
      // Mostly it is a value that needs no copy, to who waits for it.
      if (options === undefined && !isObject(value) && core.slot === LOCAL && !core.isClosed) {
        if (core.hasRoom) return give(core, copy(value));
        return blockAt(core.senders, core, SEND, copy(value), idle, direct);
      }
      return send(core, value, options, direct);
    }

    trySend(value, options) {
      signalOf(options, 'trySend');
      return trySend(this.#core, value, transferOf(options));
    }

    close() {
      close(this.#core);
    }

    // Leaving an iteration early does not close the channel, so there is no `return`.
    [Symbol.iterator]() {
      return new Iteration(this.#core);
    }

    [Symbol.asyncIterator]() {
      return new Iteration(this.#core);
    }
  }

  function trySend(core, value, moved) {
    if (core.slot !== LOCAL) return shared.trySend(core, value, moved);
    if (core.isClosed) throw closed('send on a closed channel');
    if (!core.hasRoom) return false;
    // A getter of the value may have used the channel meanwhile.
    const copied = copy(value, moved);
    if (core.slot !== LOCAL) return shared.trySend(core, copied, undefined);
    if (core.isClosed) throw closed('send on a closed channel');
    if (!core.hasRoom) return false;
    give(core, copied);
    return true;
  }

  /** `chan.next(options)`, whatever a program has made of that. */
  function nextOf(chan, options) {
    return receive(Chan.coreOf(chan), RESULT, options, takeDirect());
  }

  function send(core, value, options, direct) {
    const signal = signalOf(options, 'send');
    const moved = transferOf(options);
    if (core.slot !== LOCAL) return shared.send(core, value, moved, signal, direct);
    if (core.isClosed) throw closed('send on a closed channel');
    // A getter of the value may have sent, closed, or promoted the channel meanwhile.
    const copied = copy(value, moved);
    if (core.slot !== LOCAL) return shared.send(core, copied, undefined, signal, direct);
    if (core.isClosed) throw closed('send on a closed channel');
    if (core.hasRoom) return give(core, copied);
    return wait(core.senders, core, SEND, copied, signal, direct);
  }

  class Iteration {
    #core;

    constructor(core) {
      this.#core = core;
    }

    next() {
      return receive(this.#core, RESULT, undefined, takeDirect());
    }

    static stepsOf(value) {
      return #core in value ? steps(value.#core) : undefined;
    }
  }
  const iterationNext = Iteration.prototype.next;

  /** What `for-of` asks for values without objects for the results, if it would call this `next`; see `steps`. */
  function stepsOf(iterator, next) {
    return next === iterationNext ? Iteration.stepsOf(iterator) : undefined;
  }

  /** The next value of that. */
  function step(frame) {
    const direct = takeDirect();
    const core = frame[5];
    if (core.slot !== LOCAL) return shared.recv(core, VALUE, undefined, direct, frame);
    if (core.hasValue) return take(core);
    if (core.isClosed) {
      endSteps(frame);
      return undefined;
    }
    return blockAt(core.receivers, core, STEPS, frame, idle, direct);
  }
  marks(nextOf, Chan.prototype.recv, Chan.prototype.send, Chan.prototype.next, Iteration.prototype.next);
  defineProperty(Chan.prototype, Symbol.toStringTag, { value: 'Chan', configurable: true });

  function chan(capacity = 0) {
    if (typeof capacity !== 'number')
      throw new TypeError(`chan: the capacity must be a number, not ${typeof capacity}`);
    if (!(NumberIsInteger(capacity) && capacity >= 0) && capacity !== Infinity) {
      throw new RangeError(`chan: the capacity must be a whole number from 0, or Infinity, not ${capacity}`);
    }
    // Not -0.
    return new Chan(new Core(capacity + 0));
  }

  return {
    LOCAL,
    Core,
    chan,
    close,
    coreOf: Chan.coreOf,
    follow,
    give,
    giveBack,
    nextOf,
    step,
    stepsOf,
    take,
    trySend,
    /** A channel of the shared core's. */
    fromSlot(slot, capacity) {
      const core = new Core(capacity);
      core.slot = slot;
      return new Chan(core);
    },
    connect(operations) {
      shared = operations;
    },
  };
};
