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
// Where names are looked up at run time the body stays whole, as a generator in which `await x` is `yield x`.

const createAsyncGenerators = require('async-generator');
const createAsyncIteration = require('async-iterator');
const { AWAIT, leave, NEXT, RETURN, THROW } = require('leaving');
const { call } = require('primordials');

/**
 * @param {ReturnType<import('./promise')>} promises
 * @param {{resume: Function, KILLED: object}} scheduler
 * @param {{next: Function, throw: Function, return: Function}} natives of V8's generators
 */
module.exports = function createAsync(promises, { resume, KILLED }, natives) {
  const { newPromise, resolvePromise, rejectPromise, awaitValue } = promises;

  /** The promise of the function that a frame belongs to, if it has one yet. */
  function promiseOf(frame) {
    if (frame === undefined) return newPromise();
    frame[4] ??= newPromise();
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
      return resume(frame, error, THROW);
    }
    return promise;
  }

  const goOn = (value, frame) => resume(frame, value, NEXT);
  const fail = (reason, frame) => resume(frame, reason, THROW);

  /** The continuation of a body that is a native generator; it is never suspended inside. */
  function advance(frame, value, mode) {
    const method = mode === NEXT ? natives.next : mode === THROW ? natives.throw : natives.return;
    return call(method, frame[6], value);
  }

  function advanceFunction(frame, value, mode) {
    let result;
    try {
      result = advance(frame, value, mode);
    } catch (error) {
      return rejectAsync(error, frame);
    }
    return result.done ? resolveAsync(result.value, frame) : awaitAsync(frame, result.value);
  }

  function advanceGenerator(frame, value, mode) {
    const { done, value: given } = advance(frame, value, mode === RETURN ? RETURN : mode);
    if (done) return given;
    return generators.isOperand(given)
      ? leave(frame, generators.operandKind(given), generators.operandValue(given))
      : leave(frame, AWAIT, given);
  }

  /** Calls an async function whose body is a native generator. */
  function dynamicAsync(generator) {
    return advanceFunction([advanceFunction, 0, undefined, null, undefined, undefined, generator], undefined, NEXT);
  }

  function dynamicGenerator(generator) {
    return generators.createAsyncGenerator([advanceGenerator, 0, undefined, null, 0, undefined, generator]);
  }

  const iteration = createAsyncIteration(promises);
  const generators = createAsyncGenerators(promises, iteration, resume);
  return { resolveAsync, rejectAsync, awaitAsync, dynamicAsync, dynamicGenerator, ...iteration, ...generators };
};
