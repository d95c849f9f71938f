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

const { noteAwait } = require('await-stack');
const { SOMETHING } = require('awaited-places');
const { KILL, NEXT, THROW } = require('leaving');
const { isObject } = require('promise-operations');

/**
 * Place 3 of a frame, where that of the frame below is while it is suspended, is the promise or step that it awaits, or SOMETHING.
 *
 * @param {ReturnType<import('./promise')>} promises
 * @param {{resume: Function, KILLED: object}} scheduler
 * @param {ReturnType<import('./awaited-places')>} places
 */
module.exports = function createAsyncFunctions(
  promises,
  { enqueueJob, resume, resumeNested, KILLED },
  { isPlace, redirect, taskAt },
) {
  const {
    Promise,
    isAwaitedPromise,
    newPromise,
    ownedBy,
    resolvePromise,
    rejectPromise,
    awaitValue,
    isGiven,
    isStep,
    awaitStep,
    awaitPromise,
  } = promises;

  /** The promise of the function that a frame belongs to; it has none yet before its first await. */
  function promiseOf(frame) {
    if (frame === undefined) return newPromise();
    const promise = frame[4];
    if (promise !== undefined) return promise;
    frame[4] = ownedBy(frame);
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
    // Who called it is killed as well, unless that is a job.
    if (error === KILLED && frame?.[4] === undefined) throw error;
    const promise = promiseOf(frame);
    rejectPromise(promise, error);
    return promise;
  }

  /** The function awaits: as `awaitValue`, but the promise of the function is the reaction to the one that it awaits. */
  function awaitAsync(frame, value) {
    const promise = promiseOf(frame);
    try {
      if (!isObject(value)) {
        frame[3] = SOMETHING;
        enqueueJob(goOn, value, frame);
      } else if (isGiven(value)) {
        frame[3] = value;
        awaitStep(value, goOn, fail, frame);
      } else if (isAwaitedPromise(value) && value.constructor === Promise) {
        frame[3] = value;
        awaitPromise(value, goOn, fail, frame, promise);
      } else {
        frame[3] = isAwaitedPromise(value) || isStep(value) ? value : SOMETHING;
        awaitValue(value, goOn, fail, frame);
      }
    } catch (error) {
      frame[3] = null;
      return resumeNested(frame, error, THROW);
    }
    return promise;
  }

  function goOn(value, frame) {
    frame[3] = null;
    return resume(frame, value, NEXT);
  }

  function fail(reason, frame) {
    noteAwait(reason, frame, frame[3]);
    frame[3] = null;
    return resume(frame, reason, reason === KILLED ? KILL : THROW);
  }

  /** The job of a frame that is killed while it awaits something. */
  function endAwait(frame) {
    frame[3] = null;
    return resume(frame, KILLED, KILL);
  }

  /** Lets a frame that awaits something go on with a kill, and not with what it awaits. */
  const killFrame = (task, frame) => redirect(task, frame[3], frame, endAwait);

  /** What a frame awaits; undefined while it runs. */
  function standOf(frame) {
    const place = frame[3];
    return place === SOMETHING || isPlace(place) ? place : undefined;
  }

  /** The task for which a frame goes on that awaits something; undefined where that is not known. */
  const taskOf = (frame) => taskAt(frame[3], frame[4]);

  return { resolveAsync, rejectAsync, awaitAsync, killFrame, standOf, taskOf };
};
