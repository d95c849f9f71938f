'use strict';

// What `setTimeout`, `setInterval` and `setImmediate` return: objects as Node's, which packages tell to `unref()` without a question. Where a
// number is wanted they are one (https://nodejs.org/api/timers.html).
//
// `ref` and `unref` only say how `hasRef` answers: a task is over when its function has returned, whatever timers it has.

const { Number, Symbol } = require('primordials');

const { dispose, toPrimitive } = Symbol;

module.exports = function createTimerHandles(timers) {
  /** The timer of a handle; undefined for anything else. */
  let timerOf;

  class Handle {
    #timer;
    #isRef = true;

    static {
      timerOf = (value) => (typeof value === 'object' && value !== null && #timer in value ? value.#timer : undefined);
    }

    constructor(timer) {
      this.#timer = timer;
    }

    ref() {
      this.#isRef = true;
      return this;
    }

    unref() {
      this.#isRef = false;
      return this;
    }

    hasRef() {
      return this.#isRef;
    }

    [dispose]() {
      clear(this);
    }
  }

  class Timeout extends Handle {
    /** Begins anew, also where it has fired; not where it was cleared. */
    refresh() {
      timers.restart(timerOf(this));
      return this;
    }

    close() {
      clear(this);
      return this;
    }

    [toPrimitive]() {
      return timerOf(this).id;
    }
  }

  class Immediate extends Handle {}

  /** Clears what a handle, or the number of one, stands for; everything else is left alone, as in Node. */
  function clear(value) {
    const timer = timerOf(value);
    if (timer !== undefined) timers.clear(timer);
    else if (typeof value === 'number' || typeof value === 'string') timers.clearNumber(Number(value));
  }

  return {
    clear,
    /** What stands for a timer. */
    timeout: (timer) => new Timeout(timer),
    immediate: (timer) => new Immediate(timer),
  };
};
