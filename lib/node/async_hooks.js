'use strict';

// `AsyncLocalStorage` and `AsyncResource`. The kernel keeps one value for whatever runs, the *context*, and hands it on to what comes of
// that: promise reactions, timers, tasks. Here it is a list of storages with what they hold, the one that was set last first.

const { getContext, setContext } = require('hertzscript:surroundings');

/** A context in which a storage holds something. */
function including(context, storage, store) {
  return { storage, store, up: excluding(context, storage) };
}

/** The same in which it holds nothing. */
function excluding(context, storage) {
  if (context === undefined) return undefined;
  if (context.storage === storage) return context.up;
  const up = excluding(context.up, storage);
  return up === context.up ? context : { ...context, up };
}

function within(context, callback, receiver, args) {
  const before = getContext();
  setContext(context);
  try {
    return Reflect.apply(callback, receiver, args);
  } finally {
    setContext(before);
  }
}

function check(callback, name) {
  if (typeof callback === 'function') return;
  const error = new TypeError(`The "${name}" argument must be of type function`);
  error.code = 'ERR_INVALID_ARG_TYPE';
  throw error;
}

class AsyncLocalStorage {
  #default;
  #name;

  constructor({ defaultValue, name = '' } = {}) {
    this.#default = defaultValue;
    this.#name = `${name}`;
  }

  static bind(callback) {
    check(callback, 'fn');
    const context = getContext();
    return function (...args) {
      return within(context, callback, this, args);
    };
  }

  static snapshot() {
    const context = getContext();
    return (callback, ...args) => within(context, callback, undefined, args);
  }

  get name() {
    return this.#name;
  }

  getStore() {
    for (let context = getContext(); context !== undefined; context = context.up) {
      if (context.storage === this) return context.store;
    }
    return this.#default;
  }

  run(store, callback, ...args) {
    check(callback, 'callback');
    return within(including(getContext(), this, store), callback, undefined, args);
  }

  exit(callback, ...args) {
    check(callback, 'callback');
    return within(excluding(getContext(), this), callback, undefined, args);
  }

  enterWith(store) {
    setContext(including(getContext(), this, store));
  }

  disable() {
    setContext(excluding(getContext(), this));
  }
}

let lastId = 1;

class AsyncResource {
  #context = getContext();
  #id = ++lastId;

  constructor(type) {
    if (typeof type === 'string') return;
    const error = new TypeError('The "type" argument must be of type string');
    error.code = 'ERR_INVALID_ARG_TYPE';
    throw error;
  }

  static bind(callback, type, receiver) {
    check(callback, 'fn');
    return new AsyncResource(type ?? (callback.name || 'bound-anonymous-fn')).bind(callback, receiver);
  }

  bind(callback, receiver) {
    check(callback, 'fn');
    const context = this.#context;
    const bound = function (...args) {
      return within(context, callback, receiver ?? this, args);
    };
    Object.defineProperty(bound, 'length', { value: callback.length, configurable: true });
    return bound;
  }

  runInAsyncScope(callback, receiver, ...args) {
    return within(this.#context, callback, receiver, args);
  }

  asyncId() {
    return this.#id;
  }

  triggerAsyncId() {
    return 1;
  }

  emitDestroy() {
    return this;
  }
}

/** Tasks tell nobody what they begin and end. */
function createHook() {
  return {
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  };
}

module.exports = {
  AsyncLocalStorage,
  AsyncResource,
  asyncWrapProviders: Object.freeze({ __proto__: null }),
  createHook,
  executionAsyncId: () => 1,
  executionAsyncResource: () => ({}),
  triggerAsyncId: () => 0,
};
