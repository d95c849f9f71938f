'use strict';

// Channels whose ends are all in one realm, with Go's meaning: capacity 0 is a rendezvous, waiters are served in order, a
// closed channel is drained first.
//
// An operation that cannot go on blocks its fiber, which lies in one of the two queues until its counterpart comes. Who
// finds a waiter hands the value over itself, so a woken fiber has nothing left to do.

const { Queue } = require('fiber');
const { NEXT, THROW } = require('leaving');
const { ChannelClosedError } = require('errors');
const { defineProperty, Infinity, NumberIsInteger, RangeError, Symbol, TypeError } = require('primordials');

/**
 * @param {{block: Function, wake: Function}} scheduler
 * @param {(value: unknown) => unknown} copy what a receiver gets of a value
 * @param {() => boolean} idle see `block`
 */
module.exports = function createChannels({ block, wake, takeDirect, marks }, copy, idle) {
  class Chan {
    #capacity;
    #buffer = new Queue();
    #receivers = new Queue('recv');
    #senders = new Queue('send');
    #closed = false;

    constructor(capacity) {
      this.#capacity = capacity;
    }

    get length() {
      return this.#buffer.length;
    }

    get capacity() {
      return this.#capacity;
    }

    static isChan(value) {
      return #capacity in value;
    }

    /** Takes a value if there is one. */
    #take() {
      if (this.#buffer.length > 0) {
        const value = this.#buffer.shift();
        if (this.#senders.length > 0) this.#buffer.push(this.#release());
        return value;
      }
      return this.#release();
    }

    /** Lets the first sender go on, and returns its value. */
    #release() {
      const { fiber, value } = this.#senders.shift();
      wake(fiber, undefined, NEXT);
      return value;
    }

    get #hasValue() {
      return this.#buffer.length > 0 || this.#senders.length > 0;
    }

    recv() {
      const direct = takeDirect();
      if (this.#hasValue) return this.#take();
      if (this.#closed) return undefined;
      return block((fiber) => this.#receivers.add({ fiber, asResult: false }), idle, direct);
    }

    next() {
      const direct = takeDirect();
      if (this.#hasValue) return { value: this.#take(), done: false };
      if (this.#closed) return { value: undefined, done: true };
      return block((fiber) => this.#receivers.add({ fiber, asResult: true }), idle, direct);
    }

    tryRecv() {
      if (this.#hasValue) return { ok: true, value: this.#take(), closed: false };
      return { ok: false, value: undefined, closed: this.#closed };
    }

    /** Gives a value to who waits for it, or to the buffer. */
    #give(value) {
      if (this.#receivers.length > 0) {
        const { fiber, asResult } = this.#receivers.shift();
        wake(fiber, asResult ? { value, done: false } : value, NEXT);
        return true;
      }
      if (this.#buffer.length >= this.#capacity) return false;
      this.#buffer.push(value);
      return true;
    }

    send(value) {
      const direct = takeDirect();
      if (this.#closed) throw new ChannelClosedError('send on a closed channel');
      const copied = copy(value);
      if (this.#give(copied)) return undefined;
      return block((fiber) => this.#senders.add({ fiber, value: copied }), idle, direct);
    }

    trySend(value) {
      if (this.#closed) throw new ChannelClosedError('send on a closed channel');
      if (this.#receivers.length === 0 && this.#buffer.length >= this.#capacity) return false;
      return this.#give(copy(value));
    }

    close() {
      if (this.#closed) throw new ChannelClosedError('the channel is closed already');
      this.#closed = true;
      while (this.#receivers.length > 0) {
        const { fiber, asResult } = this.#receivers.shift();
        wake(fiber, asResult ? { value: undefined, done: true } : undefined, NEXT);
      }
      while (this.#senders.length > 0) {
        wake(this.#senders.shift().fiber, new ChannelClosedError('the channel was closed during send'), THROW);
      }
    }

    // Leaving an iteration early does not close the channel, so there is no `return`.
    [Symbol.iterator]() {
      return new Iteration(this);
    }

    [Symbol.asyncIterator]() {
      return new Iteration(this);
    }
  }

  class Iteration {
    #channel;

    constructor(channel) {
      this.#channel = channel;
    }

    next() {
      return this.#channel.next();
    }
  }
  marks(Chan.prototype.recv, Chan.prototype.send, Chan.prototype.next, Iteration.prototype.next);
  defineProperty(Chan.prototype, Symbol.toStringTag, { value: 'Chan', configurable: true });

  function chan(capacity = 0) {
    if (typeof capacity !== 'number')
      throw new TypeError(`chan: the capacity must be a number, not ${typeof capacity}`);
    if (!(NumberIsInteger(capacity) && capacity >= 0) && capacity !== Infinity) {
      throw new RangeError(`chan: the capacity must be a whole number from 0, or Infinity, not ${capacity}`);
    }
    return new Chan(capacity);
  }

  return { chan, isChan: Chan.isChan };
};
