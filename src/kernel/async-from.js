'use strict';

// Array.fromAsync (ECMA-262, 23.1.2.1). V8's has promises of its own, which are none of the realm's Promise, and calls the mapper
// where no task can be suspended. The spec's closure is an async function; here each of its awaits is a call of `awaitValue`.

const { describe } = require('promise-operations');
const {
  createDataPropertyOrThrow,
  isConstructor,
  lengthOfArrayLike,
  MAX_LENGTH,
  newArray,
  toObject,
} = require('builtins/operations');
const { Array, call, defineProperty, getOwnPropertyDescriptor, TypeError } = require('primordials');

/**
 * @param {ReturnType<import('./promise')>} promises
 * @param {ReturnType<import('./async-iterator')>} iteration
 */
module.exports = function createFromAsync(promises, iteration) {
  const { newPromise, resolvePromise, rejectPromise, awaitValue } = promises;
  const { asyncIteratorOf, nextAsync, endAsync, beginClose } = iteration;

  /** A call under way. */
  class Run {
    constructor(mapper, receiver) {
      this.promise = newPromise();
      this.mapper = mapper;
      this.receiver = receiver;
      /** What is made, and how many elements it has. */
      this.target = undefined;
      this.count = 0;
      /** The iteration; or an array-like and its length. */
      this.iteration = undefined;
      this.items = undefined;
      this.length = 0;
      /** What it ends with once the iterator is closed. */
      this.error = undefined;
    }
  }

  /** A callback of an await; what it throws ends the run. */
  const guarded = (action) => (value, run) => {
    try {
      action(run, value);
    } catch (error) {
      rejectPromise(run.promise, error);
    }
  };

  const fail = (reason, run) => rejectPromise(run.promise, reason);

  function begin(run, C, items) {
    const { mapper } = run;
    if (mapper !== undefined && typeof mapper !== 'function') {
      throw new TypeError(`${describe(mapper)} is not a function`);
    }
    run.iteration = asyncIteratorOf(items);
    if (run.iteration !== undefined) {
      run.target = isConstructor(C) ? new C() : newArray();
      ask(run);
      return;
    }
    run.items = toObject(items, 'Array.fromAsync');
    run.length = lengthOfArrayLike(run.items);
    run.target = isConstructor(C) ? new C(run.length) : new Array(run.length);
    read(run);
  }

  function finish(run) {
    run.target.length = run.count;
    resolvePromise(run.promise, run.target);
  }

  // Of an iterator.

  function ask(run) {
    if (run.count >= MAX_LENGTH) close(run, new TypeError('Array.fromAsync: there are too many elements'));
    else awaitValue(nextAsync(run.iteration), gotResult, fail, run);
  }

  const gotResult = guarded((run, result) => {
    if (endAsync(run.iteration, result)) finish(run);
    else map(run, run.iteration.value);
  });

  function map(run, value) {
    if (run.mapper === undefined) {
      add(run, value);
      return;
    }
    try {
      awaitValue(call(run.mapper, run.receiver, value, run.count), gotMapped, failAndClose, run);
    } catch (error) {
      close(run, error);
    }
  }

  const gotMapped = guarded((run, value) => add(run, value));
  const failAndClose = guarded((run, reason) => close(run, reason));

  function add(run, value) {
    try {
      createDataPropertyOrThrow(run.target, run.count, value);
    } catch (error) {
      close(run, error);
      return;
    }
    run.count++;
    ask(run);
  }

  /** AsyncIteratorClose with an error, which wins over those of closing. */
  function close(run, error) {
    const { iteration } = run;
    run.error = error;
    iteration.threw = true;
    try {
      if (beginClose(iteration)) {
        awaitValue(iteration.value, closed, closed, run);
        return;
      }
    } catch {
      // The error that ends the iteration is the one to report.
    }
    rejectPromise(run.promise, error);
  }

  const closed = (_, run) => rejectPromise(run.promise, run.error);

  // Of an array-like.

  function read(run) {
    if (run.count === run.length) finish(run);
    else awaitValue(run.items[run.count], gotItem, fail, run);
  }

  const gotItem = guarded((run, value) => {
    if (run.mapper === undefined) keep(run, value);
    else awaitValue(call(run.mapper, run.receiver, value, run.count), gotMappedItem, fail, run);
  });

  const gotMappedItem = guarded((run, value) => keep(run, value));

  function keep(run, value) {
    createDataPropertyOrThrow(run.target, run.count, value);
    run.count++;
    read(run);
  }

  const statics = {
    fromAsync(items, mapper = undefined, receiver = undefined) {
      const run = new Run(mapper, receiver);
      try {
        begin(run, this, items);
      } catch (error) {
        rejectPromise(run.promise, error);
      }
      return run.promise;
    },
  };

  /** Replaces V8's, where it has it. */
  function installFromAsync() {
    const native = getOwnPropertyDescriptor(Array, 'fromAsync');
    if (native === undefined) return;
    native.value = statics.fromAsync;
    defineProperty(Array, 'fromAsync', native);
  }

  return { installFromAsync };
};
