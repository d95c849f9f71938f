// biome-ignore-all lint/complexity/noThisInStatic: the statics of Promise are called on its subclasses too

'use strict';

// The kernel's own Promise. V8's microtask queue cannot pause inside a job, and a handler may suspend its task, so every
// job goes to the kernel's queue instead. Each function below follows the ECMA-262 operation of the same name step by
// step: what a program can observe (reads of `then`, `constructor` and `Symbol.species`, calls of user functions, the
// number of jobs) happens as often and in the same order. Steps that nobody can observe are left out.

const createSteps = require('iteration-steps');
const addCombinators = require('promise-combinators');
const { describe, isConstructor, isObject } = require('promise-operations');
const { createPromiseState } = require('promise-state');
const {
  apply,
  defineProperty,
  getOwnPropertyDescriptor,
  ownKeys,
  SymbolSpecies,
  SymbolToStringTag,
  TypeError,
} = require('primordials');

/**
 * V8 keeps the properties of a function in a dictionary once the attributes of its `prototype` have changed, and optimized code
 * has to look them up there. What subclasses inherit from is kept as objects are.
 */
function makeFast(Class) {
  const Subclass = class extends Class {};
  return Subclass.resolve;
}

/**
 * Makes the Promise of one realm.
 * @param {import('./promise-state').Host} host
 */
module.exports = function createPromise(host) {
  const { enqueueJob } = host;
  const steps = createSteps(host);
  const { isGiven, isStep, awaitStep } = steps;
  const state = createPromiseState(host, { adopt, runHandler, runHandlerForCapability, callWith });
  const {
    create,
    newPromise,
    isPromise,
    isAwaitedPromise,
    reactByCapability,
    awaitPromise,
    reactWith,
    handlerOf,
    takeArgument,
    rejectPromise,
    resolvePromise,
    createResolvingFunctions,
  } = state;

  /** The job of a promise that `then` has made. */
  function runHandler(derived) {
    const handler = handlerOf(derived);
    const argument = takeArgument(derived);
    let value;
    try {
      value = handler(argument);
    } catch (error) {
      rejectPromise(derived, error);
      return;
    }
    resolvePromise(derived, value);
  }

  function runHandlerForCapability(handler, argument, { resolve, reject }) {
    let value;
    try {
      value = handler(argument);
    } catch (error) {
      reject(error);
      return;
    }
    resolve(value);
  }

  function callWith(fn, argument) {
    fn(argument);
  }

  function callWithResolvers(promise, fn, receiver) {
    const functions = createResolvingFunctions(promise);
    try {
      apply(fn, receiver, [functions[0], functions[1]]);
    } catch (error) {
      functions[1](error);
    }
  }

  /** The job of NewPromiseResolveThenableJob. */
  function adopt(promise, thenable, then) {
    if (then !== intrinsicThen || !isPromise(thenable)) {
      callWithResolvers(promise, then, thenable);
      return;
    }
    // The intrinsic `then` would make a promise that nobody sees and two functions that only it calls.
    let functions;
    try {
      const C = speciesConstructor(thenable);
      if (C === Promise) {
        reactWith(thenable, undefined, undefined, promise);
        return;
      }
      functions = createResolvingFunctions(promise);
      reactByCapability(thenable, functions[0], functions[1], newPromiseCapability(C));
    } catch (error) {
      if (functions === undefined) rejectPromise(promise, error);
      else functions[1](error);
    }
  }

  let subclass = { prototype: undefined, holder: undefined };

  /** A function with the prototype of a subclass, which is read only once. */
  function classFor(prototype) {
    if (!isObject(prototype)) return Promise;
    if (subclass.prototype !== prototype) {
      // biome-ignore lint/complexity/useArrowFunction: it stands for a constructor
      const holder = function () {};
      holder.prototype = prototype;
      subclass = { prototype, holder };
    }
    return subclass.holder;
  }

  /**
   * `new Promise(executor)`, also for callers that cannot suspend inside of a constructor.
   * @param {unknown} executor
   * @param {Function} newTarget
   * @returns {object}
   */
  function constructPromise(executor, newTarget) {
    if (typeof executor !== 'function') {
      throw new TypeError(`Promise resolver ${describe(executor)} is not a function`);
    }
    const promise = newTarget === Promise ? newPromise() : create(classFor(newTarget.prototype));
    callWithResolvers(promise, executor, undefined);
    return promise;
  }

  /**
   * NewPromiseCapability.
   * @param {unknown} C
   * @returns {import('./promise-state').Capability}
   */
  function newPromiseCapability(C) {
    const capability = { promise: undefined, resolve: undefined, reject: undefined };
    if (C === Promise) {
      const promise = newPromise();
      const functions = createResolvingFunctions(promise);
      capability.promise = promise;
      // Through elements: the functions must stay without name.
      capability.resolve = functions[0];
      capability.reject = functions[1];
      return capability;
    }
    capability.promise = new C((resolve, reject) => {
      if (capability.resolve !== undefined || capability.reject !== undefined) {
        throw new TypeError('Promise executor has already been invoked with non-undefined arguments');
      }
      capability.resolve = resolve;
      capability.reject = reject;
    });
    if (typeof capability.resolve !== 'function' || typeof capability.reject !== 'function') {
      throw new TypeError('Promise resolve or reject function is not callable');
    }
    return capability;
  }

  /** SpeciesConstructor(promise, %Promise%). */
  function speciesConstructor(promise) {
    const C = promise.constructor;
    if (C === undefined) return Promise;
    if (!isObject(C)) throw new TypeError('The .constructor property is not an object');
    const S = C[SymbolSpecies];
    if (S === undefined || S === null) return Promise;
    if (S === Promise || isConstructor(S)) return S;
    throw new TypeError('object.constructor[Symbol.species] is not a constructor');
  }

  /**
   * PromiseResolve.
   * @param {unknown} C
   * @param {unknown} value
   * @returns {object} a promise
   */
  function promiseResolve(C, value) {
    if (isPromise(value) && value.constructor === C) return value;
    if (C === Promise) {
      const promise = newPromise();
      resolvePromise(promise, value);
      return promise;
    }
    const { promise, resolve } = newPromiseCapability(C);
    resolve(value);
    return promise;
  }

  /**
   * PerformPromiseThen.
   * @param {object} promise
   * @param {unknown} onFulfilled
   * @param {unknown} onRejected
   * @param {import('./promise-state').Capability} [capability] without it both handlers must be functions of the kernel that do not throw
   */
  function performThen(promise, onFulfilled, onRejected, capability) {
    if (typeof onFulfilled !== 'function') onFulfilled = undefined;
    if (typeof onRejected !== 'function') onRejected = undefined;
    if (capability === undefined) awaitPromise(promise, onFulfilled, onRejected, undefined, undefined);
    else reactByCapability(promise, onFulfilled, onRejected, capability);
    return capability?.promise;
  }

  /**
   * Await: one job calls `onFulfilled(value, context)` or `onRejected(reason, context)`, which must not throw. Values
   * that are no promises need none made. Throws what reading `value.constructor` throws.
   * @param {unknown} value
   * @param {(value: unknown, context: unknown) => void} onFulfilled
   * @param {(reason: unknown, context: unknown) => void} onRejected
   * @param {unknown} [context] what lets the callbacks be shared by all awaits
   * @param {object} [reaction] what is `ownedBy` the context, where that awaits one thing at a time: else one is made for each await
   */
  function awaitValue(value, onFulfilled, onRejected, context, reaction) {
    if (!isObject(value)) {
      enqueueJob(onFulfilled, value, context);
      return;
    }
    if (isGiven(value)) {
      awaitStep(value, onFulfilled, onRejected, context);
      return;
    }
    if (isAwaitedPromise(value) && value.constructor === Promise) {
      awaitPromise(value, onFulfilled, onRejected, context, reaction);
      return;
    }
    if (isStep(value)) {
      awaitStep(value, onFulfilled, onRejected, context);
      return;
    }
    let then;
    try {
      then = value.then;
    } catch (error) {
      enqueueJob(onRejected, error, context);
      return;
    }
    if (typeof then !== 'function') {
      enqueueJob(onFulfilled, value, context);
      return;
    }
    const promise = newPromise();
    enqueueJob(adopt, promise, value, then);
    awaitPromise(promise, onFulfilled, onRejected, context, reaction);
  }

  // A function and no class, since the prototype of a class cannot be given. That it reads new.target.prototype before it
  // looks at the executor is the one step out of order.
  function Promise(executor) {
    if (new.target === undefined) throw new TypeError("Promise constructor cannot be invoked without 'new'");
    // Returns at once, so that only an ordinary function waits for an executor that suspends.
    return constructPromise(executor, new.target);
  }

  class Methods {
    static resolve(value) {
      if (!isObject(this)) throw new TypeError('PromiseResolve called on non-object');
      return promiseResolve(this, value);
    }

    static reject(reason) {
      const { promise, reject } = newPromiseCapability(this);
      reject(reason);
      return promise;
    }

    static withResolvers() {
      const { promise, resolve, reject } = newPromiseCapability(this);
      return { promise, resolve, reject };
    }

    static try(callback, ...args) {
      if (!isObject(this)) throw new TypeError('Promise.try called on non-object');
      const { promise, resolve, reject } = newPromiseCapability(this);
      let value;
      try {
        value = apply(callback, undefined, args);
      } catch (error) {
        reject(error);
        return promise;
      }
      resolve(value);
      return promise;
    }

    static get [SymbolSpecies]() {
      return this;
    }

    then(onFulfilled, onRejected) {
      if (!isPromise(this)) {
        throw new TypeError(`Method Promise.prototype.then called on incompatible receiver ${describe(this)}`);
      }
      const C = speciesConstructor(this);
      if (C !== Promise) return performThen(this, onFulfilled, onRejected, newPromiseCapability(C));
      const derived = newPromise();
      if (typeof onFulfilled !== 'function') onFulfilled = undefined;
      if (typeof onRejected !== 'function') onRejected = undefined;
      reactWith(this, onFulfilled, onRejected, derived);
      return derived;
    }

    catch(onRejected) {
      return this.then(undefined, onRejected);
    }

    finally(onFinally) {
      if (!isObject(this)) {
        throw new TypeError(`Promise.prototype.finally called on a non-object: ${describe(this)}`);
      }
      const C = speciesConstructor(this);
      if (typeof onFinally !== 'function') return this.then(onFinally, onFinally);
      return this.then(
        (value) => {
          const result = onFinally();
          return promiseResolve(C, result).then(() => value);
        },
        (reason) => {
          const result = onFinally();
          return promiseResolve(C, result).then(() => {
            throw reason;
          });
        },
      );
    }
  }

  const { prototype } = state;
  defineProperty(Promise, 'prototype', { value: prototype, writable: false, enumerable: false, configurable: false });
  for (const [from, to] of [
    [Methods, Promise],
    [Methods.prototype, prototype],
  ]) {
    for (const key of ownKeys(from)) {
      if (['prototype', 'length', 'name', 'constructor'].includes(key)) continue;
      defineProperty(to, key, getOwnPropertyDescriptor(from, key));
    }
  }
  defineProperty(prototype, 'constructor', { value: Promise, writable: true, enumerable: false, configurable: true });
  const intrinsicThen = prototype.then;
  defineProperty(Promise.prototype, SymbolToStringTag, {
    value: 'Promise',
    writable: false,
    enumerable: false,
    configurable: true,
  });
  addCombinators(Promise, newPromiseCapability, state);
  makeFast(Promise);

  return {
    Promise,
    isPromise,
    isAwaitedPromise,
    awaitPromise,
    ownedBy: state.ownedBy,
    ownerOf: state.ownerOf,
    follow: state.follow,
    taskOfReaction: state.taskOfReaction,
    withdrawReaction: state.withdrawReaction,
    promiseState: state.promiseState,
    promiseResult: state.promiseResult,
    constructPromise,
    newPromise,
    resolvePromise,
    resolveWithResult: state.resolveWithResult,
    rejectPromise,
    createResolvingFunctions,
    newPromiseCapability,
    promiseResolve,
    performThen,
    awaitValue,
    ...steps,
  };
};
