'use strict';

// `for await` and what it shares with `yield*` of async generators.
//
//   Input                                Output
//   for await (const x of items) {       const it = getAsyncIterator(items);
//     body                               try {
//   }                                      while (!endAsync(it, yield nextAsync(it))) {
//                                            const x = it.value;
//                                            body
//                                          }
//                                        } catch (error) {
//                                          it.threw = true;
//                                          throw error;
//                                        } finally {
//                                          if (it.open && beginClose(it)) {
//                                            let result;
//                                            try {
//                                              result = yield it.value;
//                                            } catch (error) {
//                                              failClose(it, error);
//                                            }
//                                            endClose(it, result);
//                                          }
//                                        }
//
// `break`, `continue`, `return` and labels in the body need no care: `it.open` is true only while the body runs, and
// `it.threw` tells the finally block whether errors of closing give way to the one that ended the loop.

const { closeAfterError, describe, getMethod, isObject, requireObject } = require('promise-operations');
const { apply, call, ObjectPrototype, SymbolAsyncIterator, SymbolIterator, TypeError } = require('primordials');

const NO_ARGUMENTS = [];

/**
 * An iteration under way.
 * @typedef {{
 *   iterator: object, next: unknown, record: object | undefined, isSync: boolean, step: object | undefined, value: unknown, open: boolean,
 *   threw: boolean,
 * }} Iteration
 *   `record`: of a generator of compiled code. It is asked for steps (iteration-steps.js), and so is what is adapted from a sync iterator;
 *   `step` is the last one
 */

/** @param {ReturnType<import('./promise')>} promises */
module.exports = function createAsyncIteration(promises) {
  const { Promise, newPromise, resolveWithResult, rejectPromise, awaitValue, nextStep, giveStep, isStep, settleStep } =
    promises;

  const { prototype } = Promise;

  /** The async generators; see `useGenerators`. */
  let generators;

  /** @param {{recordOf: Function, request: Function}} given of async-generator.js, which uses this file, too */
  function useGenerators(given) {
    generators = given;
  }

  /** The iterator of CreateAsyncFromSyncIterator; only the kernel calls its methods. */
  class AsyncFromSyncIterator {
    constructor(iterator, next) {
      this.iterator = iterator;
      this.nextMethod = next;
    }

    // Rest parameters, because the iterator is to see whether there was an argument.
    next(...args) {
      return advance(newPromise(), this, args);
    }

    return(...args) {
      const promise = newPromise();
      try {
        const method = getMethod(this.iterator, 'return');
        if (method === undefined) {
          resolveWithResult(promise, args[0], true);
          return promise;
        }
        const result = apply(method, this.iterator, args);
        requireObject(result);
        unwrap(promise, result, this.iterator, false);
      } catch (error) {
        rejectPromise(promise, error);
      }
      return promise;
    }

    throw(...args) {
      const promise = newPromise();
      try {
        const method = getMethod(this.iterator, 'throw');
        if (method === undefined) {
          const close = getMethod(this.iterator, 'return');
          if (close !== undefined) requireObject(call(close, this.iterator));
          throw new TypeError('The iterator does not provide a throw method');
        }
        const result = apply(method, this.iterator, args);
        requireObject(result);
        unwrap(promise, result, this.iterator, true);
      } catch (error) {
        rejectPromise(promise, error);
      }
      return promise;
    }
  }

  /** What `next` of an adapter does. What it settles is a promise, or the step of a loop (iteration-steps.js). */
  function advance(target, { iterator, nextMethod }, args) {
    let result;
    try {
      result = args.length === 0 ? call(nextMethod, iterator) : call(nextMethod, iterator, args[0]);
      requireObject(result);
    } catch (error) {
      // V8 closes the iterator even where its `next` throws.
      closeAfterError(iterator);
      reject(target, error);
      return target;
    }
    try {
      unwrap(target, result, iterator, true);
    } catch (error) {
      reject(target, error);
    }
    return target;
  }

  /** AsyncFromSyncIteratorContinuation: settles `target` with the result once its value is no promise any more. */
  function unwrap(target, result, iterator, closeOnRejection) {
    const done = !!result.done;
    const { value } = result;
    const closes = closeOnRejection && !done;
    try {
      awaitValue(value, unwrapped, unwrapFailed, { target, iterator, done, closes });
    } catch (error) {
      if (closes) closeAfterError(iterator);
      throw error;
    }
  }

  function unwrapped(value, { target, done }) {
    if (isStep(target)) settleStep(target, false, value, done);
    else resolveWithResult(target, value, done);
  }

  function unwrapFailed(reason, { target, iterator, closes }) {
    if (closes) closeAfterError(iterator);
    reject(target, reason);
  }

  function reject(target, reason) {
    if (isStep(target)) settleStep(target, true, reason, false);
    else rejectPromise(target, reason);
  }

  /**
   * GetIterator(object, async).
   * @param {unknown} object
   * @returns {Iteration}
   */
  function getAsyncIterator(object) {
    const iteration = asyncIteratorOf(object);
    if (iteration === undefined) throw new TypeError(`${describe(object)} is not async iterable`);
    return iteration;
  }

  /** The same; undefined for what has no method that gives an iterator. */
  function asyncIteratorOf(object) {
    let method = getMethod(object, SymbolAsyncIterator);
    const isSync = method === undefined;
    if (isSync) {
      method = getMethod(object, SymbolIterator);
      if (method === undefined) return undefined;
    }
    let iterator = call(method, object);
    if (!isObject(iterator)) {
      throw new TypeError(
        `Result of the ${isSync ? 'Symbol.iterator' : 'Symbol.asyncIterator'} method is not an object`,
      );
    }
    let { next } = iterator;
    if (isSync) {
      iterator = new AsyncFromSyncIterator(iterator, next);
      next = iterator.next;
    }
    const record = generators.recordOf(iterator, next);
    return { iterator, next, record, isSync, step: undefined, value: undefined, open: false, threw: false };
  }

  /**
   * @param {Iteration} it
   * @returns {unknown} what to await
   */
  function nextAsync(it) {
    it.open = false;
    const { record, isSync } = it;
    if ((record !== undefined || isSync) && isUnseen()) {
      const step = nextStep(it.step);
      it.step = step;
      if (isSync) advance(step, it.iterator, NO_ARGUMENTS);
      else generators.request(record, step);
      return giveStep(step);
    }
    return call(it.next, it.iterator);
  }

  /** Whether nobody sees which promises and result objects a loop awaits: they have no `then` but their own, nor another class. */
  const isUnseen = () => prototype.constructor === Promise && !('then' in ObjectPrototype);

  /**
   * Whether the iteration has ended; otherwise `it.value` is the loop's value.
   * @param {Iteration} it
   * @param {unknown} result what `nextAsync` gave, awaited
   * @returns {boolean}
   */
  function endAsync(it, result) {
    requireObject(result);
    if (result.done) return true;
    it.value = result.value;
    it.open = true;
    return false;
  }

  /**
   * The first half of AsyncIteratorClose.
   * @param {Iteration} it
   * @returns {boolean} whether to await `it.value` and then call `endClose`
   */
  function beginClose(it) {
    it.open = false;
    try {
      const method = getMethod(it.iterator, 'return');
      if (method === undefined) return false;
      it.value = call(method, it.iterator);
      return true;
    } catch (error) {
      failClose(it, error);
      return false;
    }
  }

  /**
   * @param {Iteration} it
   * @param {unknown} error what closing threw
   */
  function failClose(it, error) {
    if (!it.threw) throw error;
  }

  /**
   * @param {Iteration} it
   * @param {unknown} result what `return` gave, awaited
   */
  function endClose(it, result) {
    if (!it.threw) requireObject(result);
  }

  return {
    useGenerators,
    asyncIteratorOf,
    getAsyncIterator,
    nextAsync,
    endAsync,
    beginClose,
    failClose,
    endClose,
  };
};
