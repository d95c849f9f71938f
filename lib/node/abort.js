'use strict';

// AbortController and AbortSignal with reasons, as Node has them; the packages on npm know none.

const { markOpaque } = require('hertzscript:surroundings');
const { Event, EventTarget, defineEventAttribute } = require('event-target-shim');
// A program's own script may have a variable of the name.
const { setTimeout } = globalThis;

const KEY = Symbol('abort');

/** Stands for the listener that is the attribute `onabort`. */
const ATTRIBUTE = {};

/** Aborts a signal. */
let end;

/** Takes note of that attribute. */
let listensByAttribute;

/** In which of two ways a listener hears: a bit. */
const phaseOf = (options) => ((typeof options === 'object' ? options?.capture : options) ? 2 : 1);

/** So many dependents of a signal are not looked through for those that nobody has any more. */
const DEPENDENTS = 32;

class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;
  /**
   * What `any` makes depends on others, which hold it weakly, as the DOM Standard has it (dependent signals): one that lives for long, and of which
   * every request has made another, would hold them all. Those that somebody listens to are held.
   * @type {Set<WeakRef<AbortSignal>> | undefined}
   */
  #dependents;
  #sweepAt = DEPENDENTS;
  /** @type {Set<AbortSignal> | undefined} */
  #held;
  /** Of one that depends on others, which they are, none of which does; and who listens to it. */
  #sources;
  #listeners;

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
    const list = [...signals];
    const result = new AbortSignal(KEY);
    const aborted = list.find((signal) => signal.aborted);
    if (aborted !== undefined) {
      end(result, aborted.reason);
      return result;
    }
    result.#sources = new Set();
    result.#listeners = new Map();
    const self = new WeakRef(result);
    for (const signal of list) {
      for (const source of signal.#sources ?? [signal]) {
        if (result.#sources.has(source)) continue;
        result.#sources.add(source);
        source.#add(self);
      }
    }
    return result;
  }

  #add(dependent) {
    this.#dependents ??= new Set();
    if (this.#dependents.size >= this.#sweepAt) {
      for (const one of this.#dependents) if (one.deref() === undefined) this.#dependents.delete(one);
      this.#sweepAt = DEPENDENTS + 2 * this.#dependents.size;
    }
    this.#dependents.add(dependent);
  }

  /** Takes note of whether somebody listens in this way. */
  #note(listener, phase, listens) {
    if (this.#sources === undefined || listener === null || listener === undefined) return;
    const before = this.#listeners.get(listener) ?? 0;
    const after = listens ? before | phase : before & ~phase;
    if (after === 0) this.#listeners.delete(listener);
    else this.#listeners.set(listener, after);
    for (const source of this.#sources) {
      source.#held ??= new Set();
      if (this.#listeners.size > 0) source.#held.add(this);
      else source.#held.delete(this);
    }
  }

  addEventListener(type, listener, options) {
    super.addEventListener(type, listener, options);
    if (String(type) === 'abort') this.#note(listener, phaseOf(options), true);
  }

  removeEventListener(type, listener, options) {
    super.removeEventListener(type, listener, options);
    if (String(type) === 'abort') this.#note(listener, phaseOf(options), false);
  }

  static {
    end = (signal, reason = new DOMException('This operation was aborted', 'AbortError')) => {
      if (signal.#aborted) return;
      const all = [signal];
      for (const one of signal.#dependents ?? []) {
        const dependent = one.deref();
        if (dependent !== undefined && !dependent.#aborted) all.push(dependent);
      }
      signal.#dependents = signal.#held = undefined;
      // All of them are aborted before anybody hears of one.
      for (const one of all) {
        one.#aborted = true;
        one.#reason = reason;
        for (const source of one.#sources ?? []) source.#held?.delete(one);
        one.#sources = one.#listeners = undefined;
      }
      for (const one of all) one.dispatchEvent(new Event('abort'));
    };
    listensByAttribute = (signal, listens) => signal.#note(ATTRIBUTE, 1, listens);
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
const attribute = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'onabort');
Object.defineProperty(AbortSignal.prototype, 'onabort', {
  ...attribute,
  set(listener) {
    attribute.set.call(this, listener);
    listensByAttribute(this, attribute.get.call(this) !== null);
  },
});

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
