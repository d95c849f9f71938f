'use strict';

// Channels as the host has them: operations return promises.

const { ChannelClosedError } = require('../errors.js');
const { setImmediate } = require('../event-loop.js');
const brand = require('./brand.js');
const endpoint = require('./endpoint.js');
const { signalOf, transferOf } = require('./options.js');

const { KIND, STATUS, channels, numbers } = endpoint;
const { begin, given, happened, isPending, isTurnOver, outcome, put, receiveMail, received, recv, wait, withdraw } =
  endpoint;
const KEY = Symbol('chan');

/** Has an operation that throws reject. */
function promised(operate) {
  try {
    return operate();
  } catch (error) {
    return Promise.reject(error);
  }
}

const failedSend = () => new ChannelClosedError('send on a closed channel');

/** A queue between tasks, and between tasks and the host. */
class Chan {
  #slot;

  constructor(key, slot) {
    if (key !== KEY) throw new TypeError('A channel is made by chan(), not by new Chan()');
    this.#slot = slot;
  }

  /** The slot of a channel; -1 for other objects. */
  static slotOf(key, value) {
    return key === KEY && #slot in value ? value.#slot : -1;
  }

  /** How many values are buffered. */
  get length() {
    return channels.length(this.#slot);
  }

  /** How many values the buffer has room for. */
  get capacity() {
    return channels.capacity(this.#slot);
  }

  /** Sends a value. The promise stays pending until somebody receives it, or it fits into the buffer. */
  send(value, options) {
    return promised(() => {
      const signal = signalOf(options, 'send');
      const status = put(this.#slot, value, transferOf(options), true);
      if (status === STATUS.CLOSED) throw failedSend();
      if (status === STATUS.WAITING) {
        const promise = wait(KIND.SEND, undefined, signal);
        happened();
        return promise;
      }
      happened();
      return given(undefined);
    });
  }

  /** Sends without waiting; returns whether that was possible. */
  trySend(value, options) {
    signalOf(options, 'trySend');
    const status = put(this.#slot, value, transferOf(options), false);
    if (status === STATUS.CLOSED) throw failedSend();
    happened();
    return status === STATUS.SENT;
  }

  /** Receives a value: undefined once the channel is closed and drained. */
  recv(options) {
    return this.#receive(KIND.VALUE, options);
  }

  /** Receives as an iterator does. */
  next(options) {
    return this.#receive(KIND.RESULT, options);
  }

  #receive(kind, options) {
    return promised(() => {
      const signal = signalOf(options, 'recv');
      const value = recv(this.#slot, true);
      const status = numbers[0];
      if (status === STATUS.WAITING) {
        const promise = wait(kind, undefined, signal);
        happened();
        return promise;
      }
      const ok = status !== STATUS.CLOSED;
      const result = outcome(kind, ok ? received(value) : undefined, ok);
      happened();
      return given(result);
    });
  }

  /** Receives without waiting. */
  tryRecv() {
    const value = recv(this.#slot, false);
    const status = numbers[0];
    if (status === STATUS.NOTHING || status === STATUS.CLOSED) {
      return { ok: false, value: undefined, closed: status === STATUS.CLOSED };
    }
    const got = received(value);
    happened();
    return { ok: true, value: got, closed: false };
  }

  /** Closes the channel: receivers drain what is there, and all that wait are woken. */
  close() {
    if (!channels.close(this.#slot)) throw new ChannelClosedError('the channel is closed already');
    happened();
  }

  /** The values until the channel is closed. Leaving the iteration early does not close it. */
  [Symbol.asyncIterator]() {
    return new ChanIterator(KEY, this);
  }

  get [Symbol.toStringTag]() {
    return 'Chan';
  }
}

/** What all async iterators inherit from. */
const AsyncIterator = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype));

const ended = () => ({ value: undefined, done: true });

/**
 * An iteration of a channel. It can be left while it waits, and then receives nothing any more: an async generator would be left only once
 * the next value has come, which nobody would get. As there, results are given in the order of the calls.
 */
class ChanIterator {
  #channel;
  /** What waits for a value, in the order of the calls, after some that have ended. */
  #waiting = [];
  /** What gives the results that are to be given when the event loop has had a turn, if there are any. */
  #delayed;
  /** What leaving the iteration gave. */
  #left;

  constructor(key, channel) {
    if (key !== KEY) throw new TypeError('An iterator of a channel is made by the channel, not by new');
    this.#channel = channel;
  }

  next() {
    try {
      return this.#left === undefined ? this.#receive() : this.#left.then(ended, ended);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  return(value) {
    return promised(() => this.#leave(Promise.resolve(value).then((last) => ({ value: last, done: true }))));
  }

  throw(error) {
    return promised(() => this.#leave(Promise.reject(error)));
  }

  #receive() {
    const value = recv(Chan.slotOf(KEY, this.#channel), true);
    const status = numbers[0];
    if (status === STATUS.WAITING) return this.#wait();
    const ok = status !== STATUS.CLOSED;
    const result = outcome(KIND.RESULT, ok ? received(value) : undefined, ok);
    // What earlier calls wait for has come before.
    if (this.#isWaiting()) receiveMail();
    happened();
    if (this.#delayed === undefined && isTurnOver()) this.#delay();
    return this.#give(result);
  }

  #wait() {
    const waiting = this.#waiting;
    while (waiting.length > 0 && !isPending(waiting[0])) waiting.shift();
    const promise = new Promise((resolve, reject) => {
      waiting.push(begin(KIND.RESULT, undefined, this.#inTurn(resolve), this.#inTurn(reject)));
    });
    happened();
    return promise;
  }

  #isWaiting() {
    const waiting = this.#waiting;
    return waiting.length > 0 && isPending(waiting[waiting.length - 1]);
  }

  /** Has the event loop have a turn before anything else is given. */
  #delay() {
    const delayed = [];
    this.#delayed = delayed;
    setImmediate(() => {
      this.#delayed = undefined;
      for (const give of delayed) give();
    });
  }

  #give(result) {
    if (this.#delayed === undefined) return Promise.resolve(result);
    return new Promise((resolve) => this.#delayed.push(() => resolve(result)));
  }

  /** Has what settles a promise do so after the results that are delayed by then. No delay begins while something waits. */
  #inTurn(settle) {
    if (this.#delayed === undefined) return settle;
    return (result) => {
      if (this.#delayed === undefined) settle(result);
      else this.#delayed.push(() => settle(result));
    };
  }

  /** Has nothing wait any more, and gives what is promised after that. */
  #leave(promise) {
    const waiting = this.#waiting.splice(0).filter(isPending);
    // From the last one on: a value that has come for one goes back to the channel then, and not to those that wait behind it.
    const withdrawn = waiting.reverse().filter(withdraw);
    for (const { resolve } of withdrawn.reverse()) resolve(ended());
    // The channel was closed.
    if (withdrawn.length < waiting.length) receiveMail();
    this.#left = this.#give(promise);
    return this.#left;
  }
}

Object.setPrototypeOf(ChanIterator.prototype, AsyncIterator);

/** Makes a channel with room for `capacity` values; with none, sender and receiver meet. */
function chan(capacity = 0) {
  if (typeof capacity !== 'number') throw new TypeError(`chan: the capacity must be a number, not ${typeof capacity}`);
  if (!(Number.isInteger(capacity) && capacity >= 0) && capacity !== Infinity) {
    throw new RangeError(`chan: the capacity must be a whole number from 0, or Infinity, not ${capacity}`);
  }
  return endpoint.create(capacity);
}

const slotOf = (value) => Chan.slotOf(KEY, value);

endpoint.useChan((slot) => new Chan(KEY, slot));
brand.slotOf = slotOf;

module.exports = { Chan, chan, slotOf };
