'use strict';

// Async functions and generators: what their parts share, and those in which names are looked up at run time. The body of
// such a function stays whole, as a native generator in which `await x` is `yield x`.

const createFromAsync = require('async-from');
const createAsyncFunctions = require('async-function');
const createAsyncGenerators = require('async-generator');
const createAsyncIteration = require('async-iterator');
const createAwaitedPlaces = require('awaited-places');
const { AWAIT, leave, NEXT, THROW } = require('leaving');
const { ArrayIsArray, call } = require('primordials');
const { isObject } = require('promise-operations');

/**
 * @param {ReturnType<import('./promise')>} promises
 * @param {{resume: Function, KILLED: object}} scheduler
 * @param {{next: Function, throw: Function, return: Function}} natives of V8's generators
 */
module.exports = function createAsync(promises, scheduler, natives) {
  const places = createAwaitedPlaces(promises, scheduler);
  const functions = createAsyncFunctions(promises, scheduler, places);
  const { resolveAsync, rejectAsync, awaitAsync } = functions;

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
    const { done, value: given } = advance(frame, value, mode);
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
  const generators = createAsyncGenerators(promises, iteration, scheduler, places);
  const fromAsync = createFromAsync(promises, iteration);

  // Where tasks stand (standing.js): in the frames of async functions, which are arrays, and in the records of async generators.

  const { isPromise, isStep, ownerOf } = promises;
  /** What will settle a promise or a step. */
  const ownerOfPlace = (place) =>
    isPromise(place) ? ownerOf(place) : isObject(place) && isStep(place) ? place.record : undefined;
  const standOf = (owner) => (ArrayIsArray(owner) ? functions.standOf(owner) : owner.awaits);
  const taskOf = (owner) => (ArrayIsArray(owner) ? functions.taskOf(owner) : generators.taskOfGenerator(owner));
  const killFrame = (task, owner) =>
    ArrayIsArray(owner) ? functions.killFrame(task, owner) : generators.killGenerator(task, owner);

  return {
    ...functions,
    dynamicAsync,
    dynamicGenerator,
    ...iteration,
    ...generators,
    ...fromAsync,
    ownerOf: ownerOfPlace,
    standOf,
    taskOf,
    killFrame,
  };
};
