'use strict';

// What `for await` awaits of a generator of compiled code, and of a sync iterator. The language makes a promise there, a
// reaction to it, and a result object that the promise is resolved with, and nobody but the loop ever sees any of them. A step
// is all of it, and the request in the generator's queue besides:
//
//   for await (const x of generator) body
//
//   The language   promise = generator.next()   (a request with the promise)   await promise   result.done, result.value
//   Here           step = a request             (it stands in the queue)       await step      step.done, step.value
//
// It settles where the promise would, and whoever awaits it goes on in the same job. A loop asks for one value at a time, and has read what
// the last step says before: so it has one step for all of them. Nothing here calls what users wrote, so this file is no compiled code.

const { NEXT } = require('leaving');
const { slice } = require('slice');

const PENDING = 0;
const FULFILLED = 1;
const REJECTED = 2;

function ignore() {}

/** @param {import('./promise-state').Host} host */
module.exports = function createSteps({ enqueueFor, currentTask }) {
  class Step {
    #state = PENDING;

    constructor() {
      // Of a request (`enqueue` in async-generator.js), which has a promise instead if a program has called `next`.
      this.mode = NEXT;
      this.value = undefined;
      this.promise = undefined;
      this.next = undefined;
      /** The generator's record. */
      this.record = undefined;
      // Of a result, with the value.
      this.done = false;
      // Of a reaction.
      this.task = undefined;
      this.onFulfilled = undefined;
      this.onRejected = undefined;
      this.context = undefined;
    }

    /** Has a loop ask for the next value by the step that has told it the last one. */
    static again(step) {
      step.#state = PENDING;
      step.value = undefined;
      step.done = false;
      step.task = undefined;
      return step;
    }

    static isStep(value) {
      return #state in value;
    }

    /** The generator has yielded or returned a value, or has thrown. */
    static settleStep(step, threw, value, done) {
      step.value = value;
      step.done = done;
      step.#state = threw ? REJECTED : FULFILLED;
      if (step.task !== undefined) Step.#goOn(step);
    }

    /**
     * Has one job call `onFulfilled(step, context)` or `onRejected(reason, context)`; see `awaitValue` in promise.js.
     * @param {Step} step which nobody awaits
     */
    static awaitStep(step, onFulfilled, onRejected, context) {
      slice.now.given = undefined;
      step.task = currentTask();
      step.onFulfilled = onFulfilled;
      step.onRejected = onRejected;
      step.context = context;
      if (step.#state !== PENDING) Step.#goOn(step);
    }

    static #goOn(step) {
      if (step.#state === FULFILLED) enqueueFor(step.task, step.onFulfilled, step, step.context);
      else enqueueFor(step.task, step.onRejected, step.value, step.context);
    }

    /** Has who awaits it not go on by it. Returns false where the job for that waits already. */
    static withdrawStep(step) {
      if (step.#state !== PENDING) return false;
      step.onFulfilled = step.onRejected = ignore;
      step.context = undefined;
      return true;
    }
  }

  /** A loop mostly awaits next the step that it was given last: V8 is slow to tell that an object has no private field. */
  function giveStep(step) {
    slice.now.given = step;
    return step;
  }

  const { again, isStep, settleStep, awaitStep, withdrawStep } = Step;
  return {
    /** The step of a loop that has had this one, if it has had one. */
    nextStep: (last) => (last === undefined ? new Step() : again(last)),
    giveStep,
    isGiven: (value) => value === slice.now.given,
    isStep,
    settleStep,
    awaitStep,
    withdrawStep,
  };
};
