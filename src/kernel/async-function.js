'use strict';

// What compiled async functions use, on the kernel's Promise. Such a function is split at its awaits (see
// src/compiler/coroutine/function.rs) and settles its promise itself:
//
//   Input    async function f(a) { const b = await g(a); return b + 1; }
//   Output   function f(a) {
//              try { (calls g; leaves) } catch (error) { return rejectAsync(error); }
//              return awaitAsync([(the continuation), (the point), this, null, (the promise), a], (what g gave));
//            }                                                     the continuation ends with `return resolveAsync(b + 1, frame)`
//
// The stack walk knows this file: what calls a continuation here hands its suspension on.

const { NEXT, THROW } = require('leaving');

/**
 * @param {ReturnType<import('./promise')>} promises
 * @param {{resume: Function, KILLED: object}} scheduler
 */
module.exports = function createAsyncFunctions(promises, { resume, resumeNested, KILLED }) {
  const { newPromise, resolvePromise, rejectPromise, awaitValue } = promises;

  /** The promise of the function that a frame belongs to; it has none yet before its first await. */
  function promiseOf(frame) {
    if (frame === undefined) return newPromise();
    const promise = frame[4];
    if (promise !== undefined) return promise;
    frame[4] = newPromise();
    return frame[4];
  }

  /** The function returns. */
  function resolveAsync(value, frame) {
    const promise = promiseOf(frame);
    resolvePromise(promise, value);
    return promise;
  }

  /** The function throws. */
  function rejectAsync(error, frame) {
    if (error === KILLED) throw error;
    const promise = promiseOf(frame);
    rejectPromise(promise, error);
    return promise;
  }

  /** The function awaits. */
  function awaitAsync(frame, value) {
    const promise = promiseOf(frame);
    try {
      awaitValue(value, goOn, fail, frame);
    } catch (error) {
      return resumeNested(frame, error, THROW);
    }
    return promise;
  }

  const goOn = (value, frame) => resume(frame, value, NEXT);
  const fail = (reason, frame) => resume(frame, reason, THROW);

  return { resolveAsync, rejectAsync, awaitAsync };
};
