'use strict';

// The lazy methods of Iterator.prototype. The specification describes what they return as a generator; here it is an
// object with a private state and a step function, so that no generator stands between `next` and the user's code.

const {
  IteratorHelperPrototype,
  IteratorHelperPrototypeNext,
  IteratorHelperPrototypeReturn,
  NumberIsNaN,
  ObjectCreate,
  RangeError,
  SymbolIterator,
  TypeError,
} = require('primordials');
const { close, closeQuietly, direct, DONE, getMethod, iteratorFromMethod, skip, step } = require('builtins/iteration');
const { callOn, requireCallback, requireIterator } = require('builtins/iterator');
const { describe, isObject, toIntegerOrInfinity } = require('builtins/operations');

/** Where a helper stands: `next` was not called yet, waits between two values, runs, or is through. */
const START = 0;
const WAITING = 1;
const RUNNING = 2;
const COMPLETED = 3;

class Base {
  constructor() {
    // biome-ignore lint/correctness/noConstructorReturn: the private state goes onto an object of the realm's own kind
    return ObjectCreate(IteratorHelperPrototype);
  }
}

class Helper extends Base {
  #state;

  constructor(state) {
    super();
    this.#state = state;
  }

  /** The state, or undefined for an object that is none of ours. */
  static stateOf(value) {
    return isObject(value) && #state in value ? value.#state : undefined;
  }
}

const { stateOf } = Helper;

/** @param {Function} advance gets the state and returns the next value or DONE */
function helper(iterator, advance, callback, remaining) {
  return new Helper({
    record: direct(iterator),
    advance,
    callback,
    remaining,
    counter: 0,
    // What flatMap is reading at present.
    inner: undefined,
    status: START,
  });
}

function begin(state) {
  if (state.status === RUNNING) throw new TypeError('Generator is already running');
  state.status = RUNNING;
}

const iteratorHelper = {
  next() {
    const state = stateOf(this);
    if (state === undefined) return IteratorHelperPrototypeNext(this);
    if (state.status === COMPLETED) return { value: undefined, done: true };
    begin(state);
    let value = DONE;
    try {
      value = state.advance(state);
    } finally {
      state.status = value === DONE ? COMPLETED : WAITING;
    }
    return value === DONE ? { value: undefined, done: true } : { value, done: false };
  },

  return() {
    const state = stateOf(this);
    if (state === undefined) return IteratorHelperPrototypeReturn(this);
    if (state.status === START) {
      state.status = COMPLETED;
      close(state.record.iterator);
    } else if (state.status !== COMPLETED) {
      begin(state);
      try {
        if (state.inner !== undefined) closeInner(state);
        close(state.record.iterator);
      } finally {
        state.status = COMPLETED;
      }
    }
    return { value: undefined, done: true };
  },
};

function closeInner(state) {
  try {
    close(state.inner.iterator);
  } catch (error) {
    closeQuietly(state.record.iterator);
    throw error;
  }
}

function advanceMap(state) {
  const value = step(state.record);
  return value === DONE ? DONE : callOn(state.record, state.callback, value, state.counter++);
}

function advanceFilter(state) {
  for (;;) {
    const value = step(state.record);
    if (value === DONE || callOn(state.record, state.callback, value, state.counter++)) return value;
  }
}

function advanceTake(state) {
  if (state.remaining === 0) {
    close(state.record.iterator);
    return DONE;
  }
  state.remaining--;
  return step(state.record);
}

function advanceDrop(state) {
  while (state.remaining > 0) {
    state.remaining--;
    if (!skip(state.record)) return DONE;
  }
  return step(state.record);
}

/** GetIteratorFlattenable, which refuses strings */
function flattenable(value) {
  if (!isObject(value)) throw new TypeError(`${describe(value)} is not an object`);
  const method = getMethod(value, SymbolIterator);
  return method === undefined ? direct(value) : iteratorFromMethod(value, method);
}

function advanceFlatMap(state) {
  for (;;) {
    if (state.inner === undefined) {
      const value = step(state.record);
      if (value === DONE) return DONE;
      const mapped = callOn(state.record, state.callback, value, state.counter++);
      state.inner = callOn(state.record, flattenable, mapped);
    }
    const value = callOn(state.record, step, state.inner);
    if (value !== DONE) return value;
    state.inner = undefined;
  }
}

const MAX_SAFE_INTEGER = 2 ** 53 - 1;

/** The count that take and drop are given; one that they refuse closes the iterator. */
function toCount(iterator, limit) {
  let count;
  try {
    count = +limit;
  } catch (error) {
    closeQuietly(iterator);
    throw error;
  }
  const integer = toIntegerOrInfinity(count);
  if (NumberIsNaN(count) || integer < 0) {
    closeQuietly(iterator);
    throw new RangeError(`${count} must be positive`);
  }
  if (integer > MAX_SAFE_INTEGER && integer !== Infinity) {
    closeQuietly(iterator);
    throw new RangeError(`${count} must be a safe integer or Infinity`);
  }
  return integer;
}

const prototype = {
  map(callback) {
    requireIterator(this, 'map');
    requireCallback(this, callback);
    return helper(this, advanceMap, callback, 0);
  },

  filter(callback) {
    requireIterator(this, 'filter');
    requireCallback(this, callback);
    return helper(this, advanceFilter, callback, 0);
  },

  take(limit) {
    requireIterator(this, 'take');
    return helper(this, advanceTake, undefined, toCount(this, limit));
  },

  drop(limit) {
    requireIterator(this, 'drop');
    return helper(this, advanceDrop, undefined, toCount(this, limit));
  },

  flatMap(callback) {
    requireIterator(this, 'flatMap');
    requireCallback(this, callback);
    return helper(this, advanceFlatMap, callback, 0);
  },
};

module.exports = { iteratorHelper, prototype };
