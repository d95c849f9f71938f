'use strict';

// Channels as the host has them: operations return promises.

const { ChannelClosedError } = require('../errors.js');
const brand = require('./brand.js');
const endpoint = require('./endpoint.js');
const { signalOf, transferOf } = require('./options.js');

const { KIND, STATUS, channels, given, happened, numbers, outcome, put, received, recv, wait } = endpoint;
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

  // Leaving an iteration early does not close the channel, so there is no `return`.
  [Symbol.asyncIterator]() {
    return { next: () => this.next(), [Symbol.asyncIterator]: itself };
  }

  get [Symbol.toStringTag]() {
    return 'Chan';
  }
}

function itself() {
  return this;
}

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
