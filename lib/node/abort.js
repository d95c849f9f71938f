'use strict';

// AbortController and AbortSignal with reasons, as Node has them; the packages on npm know none.

const { markOpaque } = require('hertzscript:surroundings');
const { Event, EventTarget, defineEventAttribute } = require('event-target-shim');
// A program's own script may have a variable of the name.
const { setTimeout } = globalThis;

const KEY = Symbol('abort');

/** Aborts a signal. */
let end;

class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;

  constructor(key) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    super();
  }

  static abort(reason) {
    const signal = new AbortSignal(KEY);
    end(signal, reason);
    return signal;
  }

  static timeout(ms) {
    const signal = new AbortSignal(KEY);
    setTimeout(() => end(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError')), ms);
    return signal;
  }

  static any(signals) {
    const result = new AbortSignal(KEY);
    for (const signal of signals) {
      const follow = () => end(result, signal.reason);
      if (signal.aborted) {
        follow();
        break;
      }
      signal.addEventListener('abort', follow, { once: true });
    }
    return result;
  }

  static {
    end = (signal, reason = new DOMException('This operation was aborted', 'AbortError')) => {
      if (signal.#aborted) return;
      signal.#aborted = true;
      signal.#reason = reason;
      signal.dispatchEvent(new Event('abort'));
    };
  }

  get aborted() {
    return this.#aborted;
  }

  get reason() {
    return this.#reason;
  }

  throwIfAborted() {
    if (this.#aborted) throw this.#reason;
  }

  get [Symbol.toStringTag]() {
    return 'AbortSignal';
  }
}
defineEventAttribute(AbortSignal.prototype, 'abort');

class AbortController {
  #signal = new AbortSignal(KEY);

  get signal() {
    return this.#signal;
  }

  abort(reason) {
    end(this.#signal, reason);
  }

  get [Symbol.toStringTag]() {
    return 'AbortController';
  }
}
markOpaque(AbortSignal.prototype);
markOpaque(AbortController.prototype);

module.exports = { AbortController, AbortSignal };
