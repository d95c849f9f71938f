'use strict';

// The state of promises: what settles one, who hears of it, and the jobs in between. Nothing here calls what users wrote,
// so this file is no compiled code, and no task is suspended while a promise is being settled.

const { isObject } = require('promise-operations');
const { construct, ObjectPrototype, TypeError } = require('primordials');

/** States of a promise, also what `promiseState` returns. */
const PENDING = 0;
const FULFILLED = 1;
const REJECTED = 2;
/** Bits of the hidden state: the settled state, and whether a reaction was ever added. */
const SETTLED = 3;
const HANDLED = 4;

/** What the job of a reaction does with the handler's outcome. */
const TO_CALLBACK = 0; // nothing: the handler belongs to the kernel
const TO_PROMISE = 1; // settles an intrinsic promise that nobody else can settle
const TO_CAPABILITY = 2; // calls the functions of a capability

/**
 * A capability as in ECMA-262; its functions are called without receiver.
 * @typedef {{promise: object, resolve: (value?: unknown) => void, reject: (reason?: unknown) => void}} Capability
 */

/**
 * What the kernel does for promises. `enqueueJob` appends a job to the queue of the running task. A job throws only where
 * the spec's job completes abruptly, which takes a capability of a subclass whose functions throw. Reactions are jobs of the task
 * that has added them, whoever settles the promise: `currentTask` says which that is, and `enqueueFor` appends to its queue.
 * `trackRejection` is HostPromiseRejectionTracker.
 * @typedef {{
 *   enqueueJob: (job: (a?: unknown, b?: unknown, c?: unknown) => void, a?: unknown, b?: unknown, c?: unknown) => void,
 *   enqueueFor: (task: object, job: (a?: unknown, b?: unknown, c?: unknown) => void, a?: unknown, b?: unknown, c?: unknown) => void,
 *   currentTask: () => object,
 *   trackRejection: (promise: object, operation: 'reject' | 'handle') => void,
 * }} Host
 */

const NO_ARGUMENTS = [];

function ignore() {}

/**
 * @param {Host} host
 * @param {{adopt: Function, runHandler: Function, runHandlerForCapability: Function, callWith: Function}} jobs what
 *   calls users' functions
 */
function createPromiseState(
  { enqueueJob, enqueueFor, currentTask, trackRejection },
  { adopt, runHandler, runHandlerForCapability, callWith },
) {
  /** The hidden part of a promise: private fields, so that neither proxies nor `Reflect.ownKeys` find it. */
  class Slot {
    #state = PENDING;
    // The newest pending reaction, which links to the older ones; the value or reason once settled.
    #result = undefined;
    // The frame of the async function that settles it, once that has been left.
    #owner = undefined;

    /** A pending promise that an async function will settle whose frame is given. */
    static ownedBy(frame) {
      const promise = new Slot();
      promise.#owner = frame;
      return promise;
    }

    static ownerOf(promise) {
      return promise.#owner;
    }

    static isPromise(value) {
      return isObject(value) && #state in value;
    }

    /** The same for what is awaited, mostly a promise: V8 learns at each place which objects it has to do with there. */
    static isAwaitedPromise(value) {
      return #state in value;
    }

    static state(promise) {
      return promise.#state & SETTLED;
    }

    static result(promise) {
      return (promise.#state & SETTLED) === PENDING ? undefined : promise.#result;
    }

    static settle(promise, state, value) {
      let newest = promise.#result;
      promise.#result = value;
      promise.#owner = undefined;
      promise.#state |= state;
      if (state === REJECTED && (promise.#state & HANDLED) === 0) trackRejection(promise, 'reject');
      let oldest;
      while (newest !== undefined) {
        const older = newest.next;
        newest.next = oldest;
        oldest = newest;
        newest = older;
      }
      for (let reaction = oldest; reaction !== undefined; reaction = reaction.next) {
        const handler = state === FULFILLED ? reaction.onFulfilled : reaction.onRejected;
        enqueueReaction(reaction.task, reaction.kind, handler, state, value, reaction.target);
      }
    }

    static react(promise, onFulfilled, onRejected, kind, target) {
      const state = promise.#state & SETTLED;
      const task = currentTask();
      if (state === PENDING) {
        promise.#result = { onFulfilled, onRejected, kind, target, task, next: promise.#result };
      } else {
        if (state === REJECTED && (promise.#state & HANDLED) === 0) trackRejection(promise, 'handle');
        enqueueReaction(task, kind, state === FULFILLED ? onFulfilled : onRejected, state, promise.#result, target);
      }
      promise.#state |= HANDLED;
    }

    /** Drops the reaction of the kernel's own with this target, so that it never runs. Returns whether there was one. */
    static withdrawReaction(promise, target) {
      if ((promise.#state & SETTLED) !== PENDING) return false;
      for (let reaction = promise.#result; reaction !== undefined; reaction = reaction.next) {
        if (reaction.target === target && reaction.kind === TO_CALLBACK) {
          reaction.target = undefined;
          reaction.onFulfilled = reaction.onRejected = ignore;
          return true;
        }
      }
      return false;
    }
  }

  const { isPromise, settle, react } = Slot;

  function enqueueReaction(task, kind, handler, state, argument, target) {
    if (kind === TO_CALLBACK) {
      enqueueFor(task, handler, argument, target);
    } else if (kind === TO_PROMISE) {
      if (handler !== undefined) enqueueFor(task, runHandler, handler, argument, target);
      else enqueueFor(task, state === FULFILLED ? resolvePromise : rejectPromise, target, argument);
    } else if (handler !== undefined) {
      enqueueFor(task, runHandlerForCapability, handler, argument, target);
    } else {
      enqueueFor(task, callWith, state === FULFILLED ? target.resolve : target.reject, argument);
    }
  }

  function rejectPromise(promise, reason) {
    settle(promise, REJECTED, reason);
  }

  /** What a resolve function does at its first call; the caller answers for `promise` being unresolved. */
  function resolvePromise(promise, resolution) {
    if (!isObject(resolution)) {
      settle(promise, FULFILLED, resolution);
      return;
    }
    if (resolution === promise) {
      rejectPromise(promise, new TypeError('Chaining cycle detected for promise #<Promise>'));
      return;
    }
    let then;
    try {
      then = resolution.then;
    } catch (error) {
      rejectPromise(promise, error);
      return;
    }
    if (typeof then === 'function') enqueueJob(adopt, promise, resolution, then);
    else settle(promise, FULFILLED, resolution);
  }

  /**
   * `resolvePromise` with a new result object of an iterator, which is no thenable unless all objects are.
   * @param {object} promise
   * @param {unknown} value
   * @param {boolean} done
   */
  function resolveWithResult(promise, value, done) {
    const result = { value, done };
    if ('then' in ObjectPrototype) resolvePromise(promise, result);
    else settle(promise, FULFILLED, result);
  }

  /**
   * CreateResolvingFunctions.
   * @param {object} promise
   * @returns {[(value?: unknown) => void, (reason?: unknown) => void]} an array, since functions in one get no name
   */
  function createResolvingFunctions(promise) {
    let alreadyResolved = false;
    return [
      (resolution) => {
        if (alreadyResolved) return;
        alreadyResolved = true;
        resolvePromise(promise, resolution);
      },
      (reason) => {
        if (alreadyResolved) return;
        alreadyResolved = true;
        rejectPromise(promise, reason);
      },
    ];
  }

  return {
    /** Becomes the prototype of Promise, so that its promises are made as objects of a class are: that is six times faster. */
    prototype: Slot.prototype,
    /** A pending promise of the class Promise. */
    newPromise: () => new Slot(),
    /** A pending promise, made as `new Class` would make it. */
    create: (Class) => construct(Slot, NO_ARGUMENTS, Class),
    isPromise,
    isAwaitedPromise: Slot.isAwaitedPromise,
    ownedBy: Slot.ownedBy,
    ownerOf: Slot.ownerOf,
    withdrawReaction: Slot.withdrawReaction,
    promiseState: Slot.state,
    promiseResult: Slot.result,
    react,
    rejectPromise,
    resolvePromise,
    resolveWithResult,
    createResolvingFunctions,
  };
}

module.exports = { createPromiseState, TO_CALLBACK, TO_PROMISE, TO_CAPABILITY };
