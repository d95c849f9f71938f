'use strict';

// What Node's `events` has besides emitters, for emitters and for event targets: waiting for events, and asking about listeners.

const { AbortError, invalid, outOfRange } = require('../util/invalid.js');
const { refuse } = require('../unavailable/refuse.js');

const isEmitter = (value) => typeof value?.on === 'function';
const isTarget = (value) => typeof value?.addEventListener === 'function';

function listen(emitter, name, listener) {
  if (isEmitter(emitter)) emitter.on(name, listener);
  else if (isTarget(emitter)) emitter.addEventListener(name, listener);
  else throw invalid('emitter', 'EventEmitter', emitter);
}

function unlisten(emitter, name, listener) {
  if (isEmitter(emitter)) emitter.removeListener(name, listener);
  else emitter.removeEventListener(name, listener);
}

function checkSignal(signal, name) {
  if (signal !== undefined && (typeof signal !== 'object' || signal === null || !('aborted' in signal))) {
    throw invalid(name, 'AbortSignal', signal);
  }
}

/** Listeners that are taken away all at once. */
class Listening {
  #entries = [];

  add(emitter, name, listener) {
    listen(emitter, name, listener);
    this.#entries.push([emitter, name, listener]);
  }

  end() {
    for (const entry of this.#entries.splice(0)) unlisten(...entry);
  }
}

/** A promise of the arguments of the next event. */
async function once(emitter, name, options = {}) {
  const { signal } = options;
  checkSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(signal);
  const listening = new Listening();
  try {
    return await new Promise((resolve, reject) => {
      listening.add(emitter, name, (...args) => {
        listening.end();
        resolve(args);
      });
      // Targets give no meaning to this name.
      if (name !== 'error' && isEmitter(emitter)) {
        listening.add(emitter, 'error', (error) => {
          listening.end();
          reject(error);
        });
      }
      if (signal !== undefined) listening.add(signal, 'abort', () => reject(new AbortError(signal)));
    });
  } finally {
    listening.end();
  }
}

const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);

/** The arguments of all events from now on. */
function on(emitter, event, options = {}) {
  const { signal, close = [], highWaterMark = Number.MAX_SAFE_INTEGER, lowWaterMark = 1 } = options;
  checkSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(signal);
  const listening = new Listening();
  const unread = [];
  const readers = [];
  let failure;
  let isPaused = false;
  let isFinished = false;

  function finish() {
    listening.end();
    isFinished = true;
    for (const { resolve } of readers.splice(0)) resolve({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  }

  function fail(error) {
    if (readers.length > 0) readers.shift().reject(error);
    else failure = { error };
    finish();
  }

  const iterator = {
    next() {
      if (unread.length > 0) {
        const value = unread.shift();
        if (isPaused && unread.length < lowWaterMark) {
          emitter.resume();
          isPaused = false;
        }
        return Promise.resolve({ value, done: false });
      }
      if (failure !== undefined) {
        const { error } = failure;
        failure = undefined;
        return Promise.reject(error);
      }
      if (isFinished) return finish();
      return new Promise((resolve, reject) => readers.push({ resolve, reject }));
    },
    return: finish,
    throw(error) {
      if (!(error instanceof Error)) throw invalid('EventEmitter.AsyncIterator', 'Error', error);
      fail(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  listening.add(emitter, event, (...args) => {
    if (readers.length > 0) {
      readers.shift().resolve({ value: args, done: false });
      return;
    }
    unread.push(args);
    if (!isPaused && unread.length > highWaterMark) {
      isPaused = true;
      emitter.pause();
    }
  });
  if (event !== 'error' && isEmitter(emitter)) listening.add(emitter, 'error', fail);
  for (const name of close) listening.add(emitter, name, finish);
  if (signal !== undefined) listening.add(signal, 'abort', () => fail(new AbortError(signal)));
  return Object.setPrototypeOf(iterator, AsyncIteratorPrototype);
}

/** Calls a function when a signal is aborted, until that is disposed of. */
function addAbortListener(signal, listener) {
  if (signal === undefined) throw invalid('signal', 'AbortSignal', signal);
  checkSignal(signal, 'signal');
  if (typeof listener !== 'function') throw invalid('listener', 'function', listener);
  if (signal.aborted) queueMicrotask(() => listener());
  else signal.addEventListener('abort', listener, { once: true });
  return {
    __proto__: null,
    [Symbol.dispose]: () => signal.removeEventListener('abort', listener),
  };
}

const refuseListeners = refuse('events', 'getEventListeners');

function getEventListeners(emitter, type) {
  if (typeof emitter?.listeners === 'function') return emitter.listeners(type);
  // Nobody can see those of a target but itself.
  if (isTarget(emitter)) refuseListeners();
  throw invalid('emitter', 'EventEmitter or EventTarget', emitter);
}

/** How many listeners targets may have. They say nothing when there are more. */
const limits = new WeakMap();

/** What gets and sets limits, of which `EventEmitter` has the one for all. */
function createLimits(EventEmitter) {
  return {
    getMaxListeners(emitter) {
      if (typeof emitter?.getMaxListeners === 'function') return emitter.getMaxListeners();
      if (isTarget(emitter)) return limits.get(emitter) ?? EventEmitter.defaultMaxListeners;
      throw invalid('emitter', 'EventEmitter or EventTarget', emitter);
    },
    setMaxListeners(n = EventEmitter.defaultMaxListeners, ...targets) {
      if (typeof n !== 'number') throw invalid('setMaxListeners', 'number', n);
      if (!(n >= 0)) throw outOfRange('setMaxListeners', '>= 0', n);
      if (targets.length === 0) EventEmitter.defaultMaxListeners = n;
      for (const target of targets) {
        if (typeof target?.setMaxListeners === 'function') target.setMaxListeners(n);
        else if (isTarget(target)) limits.set(target, n);
        else throw invalid('eventTargets', 'EventEmitter or EventTarget', target);
      }
    },
  };
}

/** The class of emitters whose listeners run with what storages held when the emitter was made. */
function createAsyncResourceEmitter(EventEmitter) {
  return class EventEmitterAsyncResource extends EventEmitter {
    #resource;

    constructor(options) {
      const name = typeof options === 'string' ? options : (options?.name ?? new.target.name);
      super(options);
      const { AsyncResource } = require('node:async_hooks');
      this.#resource = Object.assign(new AsyncResource(name), { eventEmitter: this });
    }

    emit(event, ...args) {
      return this.#resource.runInAsyncScope(super.emit, this, event, ...args);
    }

    emitDestroy() {
      this.#resource.emitDestroy();
    }

    get asyncId() {
      return this.#resource.asyncId();
    }

    get triggerAsyncId() {
      return this.#resource.triggerAsyncId();
    }

    get asyncResource() {
      return this.#resource;
    }
  };
}

module.exports = { addAbortListener, createAsyncResourceEmitter, createLimits, getEventListeners, on, once };
