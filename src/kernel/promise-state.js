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

/** What the job of a reaction does with the handler's outcome; bits of the hidden state, too. */
const TO_PROMISE = 0; // settles the promise that is the reaction
const TO_CALLBACK = 8; // nothing: the handler belongs to the kernel
const TO_CAPABILITY = 16; // calls the functions of a capability
const KIND = 24;

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

/**
 * @param {Host} host
 * @param {{adopt: Function, runHandler: Function, runHandlerForCapability: Function, callWith: Function}} jobs what
 *   calls users' functions
 */
function createPromiseState(
  { enqueueJob, enqueueFor, currentTask, trackRejection },
  { adopt, runHandler, runHandlerForCapability, callWith },
) {
  /**
   * The hidden part of a promise: private fields, so that neither proxies nor `Reflect.ownKeys` find it.
   *
   * A reaction is one, too. What `then` makes is a promise that waits for another, so it has the handlers itself; and so has the promise of
   * an async function, which awaits one promise at a time. Only reactions with another target are objects that are no promise of anyone's.
   * A promise is never in two lists of reactions: who made it by `then` can be adopted only by a promise that its handler returns, and an
   * async function only once it has returned.
   */
  class Slot {
    #state = PENDING;
    // The newest pending reaction, which links to the older ones; the value or reason once settled.
    #result = undefined;
    // The frame of the async function that settles it, once that has been left; or the record of an async generator, or the group of promises for
    // which it waits (`follow`). Of other reactions the target.
    #owner = undefined;
    // As a reaction, until its job runs: its handlers, and then the one to be called and the argument.
    #onFulfilled = undefined;
    #onRejected = undefined;
    // While it is in a list.
    #task = undefined;
    #next = undefined;

    /**
     * Stays for the startup snapshot. In the objects of a class of which there was one by then, V8 has room for the fields that are in use
     * when the snapshot is made; all others would stand in an array outside of the object.
     */
    static sample = new Slot();

    /** A pending promise that an async function will settle whose frame is given. */
    static ownedBy(frame) {
      const promise = new Slot();
      promise.#owner = frame;
      return promise;
    }

    static ownerOf(promise) {
      return promise.#owner;
    }

    /** Notes what will settle a pending promise: an async generator's record, or a group, in whose `values` promises are; see standing.js. */
    static follow(promise, owner) {
      if ((promise.#state & SETTLED) === PENDING) promise.#owner = owner;
    }

    /** The task in whose queue the job of a reaction will be; undefined for one that is in no list. */
    static taskOfReaction(reaction) {
      return reaction.#task?.task;
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
      const newest = promise.#result;
      promise.#result = value;
      promise.#owner = undefined;
      promise.#state |= state;
      if (state === REJECTED && (promise.#state & HANDLED) === 0) trackRejection(promise, 'reject');
      if (newest === undefined) return;
      // Mostly there is one.
      if (newest.#next === undefined) Slot.#goOn(newest, state, value);
      else Slot.#goOnAll(newest, state, value);
    }

    static #goOnAll(newest, state, value) {
      let oldest;
      for (let reaction = newest; reaction !== undefined; ) {
        const older = reaction.#next;
        reaction.#next = oldest;
        oldest = reaction;
        reaction = older;
      }
      while (oldest !== undefined) {
        const reaction = oldest;
        oldest = reaction.#next;
        reaction.#next = undefined;
        Slot.#goOn(reaction, state, value);
      }
    }

    static #goOn(reaction, state, value) {
      const task = reaction.#task;
      reaction.#task = undefined;
      Slot.#enqueue(reaction, task, state, value);
    }

    /** Adds a reaction that is no promise, and calls its handlers, and the capability's functions with the outcome. */
    static reactByCapability(promise, onFulfilled, onRejected, capability) {
      const reaction = new Slot();
      reaction.#owner = capability;
      reaction.#state = TO_CAPABILITY;
      Slot.reactWith(promise, onFulfilled, onRejected, reaction);
    }

    /**
     * Has one job call one of the kernel's functions with the outcome and the context.
     * @param {Slot | undefined} reaction what is `ownedBy` the context, where that waits for one promise at a time: else one is made if it
     *   has to wait
     */
    static awaitPromise(promise, onFulfilled, onRejected, context, reaction) {
      const state = promise.#state & SETTLED;
      if (state === PENDING) {
        if (reaction === undefined) {
          reaction = new Slot();
          reaction.#owner = context;
        }
        reaction.#state |= TO_CALLBACK;
        Slot.#wait(promise, onFulfilled, onRejected, reaction, currentTask());
        return;
      }
      if (state === REJECTED && (promise.#state & HANDLED) === 0) trackRejection(promise, 'handle');
      promise.#state |= HANDLED;
      enqueueFor(currentTask(), state === FULFILLED ? onFulfilled : onRejected, promise.#result, context);
    }

    static #wait(promise, onFulfilled, onRejected, reaction, task) {
      reaction.#onFulfilled = onFulfilled;
      reaction.#onRejected = onRejected;
      reaction.#task = task;
      reaction.#next = promise.#result;
      promise.#result = reaction;
      promise.#state |= HANDLED;
    }

    /** Adds a reaction that is a promise; see `Slot`. */
    static reactWith(promise, onFulfilled, onRejected, reaction) {
      const state = promise.#state & SETTLED;
      const task = currentTask();
      if (state === PENDING) {
        Slot.#wait(promise, onFulfilled, onRejected, reaction, task);
        return;
      }
      reaction.#onFulfilled = onFulfilled;
      reaction.#onRejected = onRejected;
      if (state === REJECTED && (promise.#state & HANDLED) === 0) trackRejection(promise, 'handle');
      Slot.#enqueue(reaction, task, state, promise.#result);
      promise.#state |= HANDLED;
    }

    static #enqueue(reaction, task, state, argument) {
      const handler = state === FULFILLED ? reaction.#onFulfilled : reaction.#onRejected;
      const kind = reaction.#state & KIND;
      if (kind === TO_PROMISE) {
        if (handler !== undefined) {
          reaction.#onFulfilled = handler;
          reaction.#onRejected = argument;
          enqueueFor(task, runHandler, reaction);
          return;
        }
        enqueueFor(task, state === FULFILLED ? resolvePromise : rejectPromise, reaction, argument);
      } else if (kind === TO_CALLBACK) {
        reaction.#state &= ~KIND;
        enqueueFor(task, handler, argument, reaction.#owner);
      } else {
        enqueueToCapability(task, handler, state, argument, reaction.#owner);
      }
      reaction.#onFulfilled = reaction.#onRejected = undefined;
    }

    /** What the job of a reaction calls; see `takeArgument`. */
    static handlerOf(reaction) {
      return reaction.#onFulfilled;
    }

    /** With what. It is forgotten with the handler: the promise may live for long. */
    static takeArgument(reaction) {
      const argument = reaction.#onRejected;
      reaction.#onFulfilled = reaction.#onRejected = undefined;
      return argument;
    }

    /** Drops the reaction of the kernel's own with this target, so that it never runs. Returns whether there was one. */
    static withdrawReaction(promise, target) {
      if ((promise.#state & SETTLED) !== PENDING) return false;
      let newer;
      for (let reaction = promise.#result; reaction !== undefined; reaction = reaction.#next) {
        if (reaction.#owner === target && (reaction.#state & KIND) === TO_CALLBACK) {
          if (newer === undefined) promise.#result = reaction.#next;
          else newer.#next = reaction.#next;
          reaction.#next = reaction.#task = reaction.#onFulfilled = reaction.#onRejected = undefined;
          reaction.#state &= ~KIND;
          return true;
        }
        newer = reaction;
      }
      return false;
    }
  }

  const { isPromise, settle } = Slot;

  function enqueueToCapability(task, handler, state, argument, target) {
    if (handler !== undefined) enqueueFor(task, runHandlerForCapability, handler, argument, target);
    else enqueueFor(task, callWith, state === FULFILLED ? target.resolve : target.reject, argument);
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
    follow: Slot.follow,
    taskOfReaction: Slot.taskOfReaction,
    withdrawReaction: Slot.withdrawReaction,
    promiseState: Slot.state,
    promiseResult: Slot.result,
    reactByCapability: Slot.reactByCapability,
    awaitPromise: Slot.awaitPromise,
    reactWith: Slot.reactWith,
    handlerOf: Slot.handlerOf,
    takeArgument: Slot.takeArgument,
    rejectPromise,
    resolvePromise,
    resolveWithResult,
    createResolvingFunctions,
  };
}

module.exports = { createPromiseState };
