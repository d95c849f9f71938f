'use strict';

// Drivers of compiled async functions, on the kernel's Promise.
//
// The compiler turns the body of an async function into a native generator, and `await x` into `yield x`:
//
//   Input                                Output
//   async function f(a) {                function f(a) {
//     const b = await g(a);                return runAsync((function* () {
//     return b + 1;                          const b = yield g(a);
//   }                                        return b + 1;
//                                          }).call(this));
//                                        }
//
// `return x` awaits nothing. An error of a parameter's default value belongs into the promise, unlike that of a
// generator's: parameters are evaluated inside of the body, or the caller catches and returns `rejectAsync(error)`.
// That a suspended task also yields natively is `resumeGenerator`'s business; nothing here sees SUSPENDED.
// async-generator.js tells what else the body of an async generator yields, async-iterator.js what becomes of
// `for await`.

const createAsyncGenerators = require('async-generator');
const createAsyncIteration = require('async-iterator');

/** How a native generator goes on: modes of `resumeGenerator`. */
const NEXT = 0;
const THROW = 1;

/**
 * @param {ReturnType<import('./promise')>} promises
 * @param {(generator: Generator, mode: 0 | 1 | 2, value: unknown) => {value: unknown, done: boolean}} resumeGenerator
 *   calls next (0), throw (1) or return (2), hides suspension, and throws what the generator throws
 */
module.exports = function createAsync(promises, resumeGenerator) {
  const { newPromise, resolvePromise, rejectPromise, awaitValue } = promises;

  /**
   * Runs the body up to its next await or its end.
   * @param {{generator: Generator, promise: object}} record
   * @param {0 | 1} mode
   * @param {unknown} value what the awaited value settled with
   */
  function step(record, mode, value) {
    for (;;) {
      let result;
      try {
        result = resumeGenerator(record.generator, mode, value);
      } catch (error) {
        rejectPromise(record.promise, error);
        return;
      }
      if (result.done) {
        resolvePromise(record.promise, result.value);
        return;
      }
      try {
        awaitValue(result.value, stepNext, stepThrow, record);
        return;
      } catch (error) {
        mode = THROW;
        value = error;
      }
    }
  }

  // One pair of functions for all awaits, since `awaitValue` hands the record through.
  const stepNext = (value, record) => step(record, NEXT, value);
  const stepThrow = (reason, record) => step(record, THROW, reason);

  /**
   * Calls an async function.
   * @param {Generator} generator its body, not yet started
   * @returns {object} the promise of its result
   */
  function runAsync(generator) {
    const promise = newPromise();
    step({ generator, promise }, NEXT, undefined);
    return promise;
  }

  /**
   * What a call of an async function returns whose parameters throw.
   * @param {unknown} error
   * @returns {object}
   */
  function rejectAsync(error) {
    const promise = newPromise();
    rejectPromise(promise, error);
    return promise;
  }

  const iteration = createAsyncIteration(promises);
  const generators = createAsyncGenerators(promises, iteration, resumeGenerator);
  return { step, runAsync, rejectAsync, ...iteration, ...generators };
};
