'use strict';

// What async functions and async generators await, for who kills them: a promise, a step of a loop (iteration-steps.js), or something else, of
// which a job in the task's queue is all there is. An owner is the frame of a function, or the record of a generator, whose `awaits` may be any
// value for something else.

const { isObject } = require('promise-operations');

/** Something else. */
const SOMETHING = { __proto__: null };

/**
 * @param {ReturnType<import('./promise')>} promises
 * @param {{enqueue: Function}} scheduler
 */
module.exports = function createAwaitedPlaces(
  { isPromise, isStep, taskOfReaction, withdrawReaction, withdrawStep },
  { enqueue },
) {
  const isPlace = (value) => isObject(value) && (isPromise(value) || isStep(value));

  /** Has what an owner awaits not let it go on. Returns false where the job for that waits already. */
  function withdraw(place, owner) {
    if (!isPlace(place)) return false;
    return isStep(place) ? withdrawStep(place) : withdrawReaction(place, owner);
  }

  /** Has an owner go on by another job, and not by what it awaits. */
  function redirect(task, place, owner, job) {
    if (withdraw(place, owner)) enqueue(task, job, owner);
    // Else the job that lets it go on waits already.
    else task.jobs.replace(owner, job);
  }

  /** The task for which an owner goes on that awaits by this reaction; undefined where that is not known. */
  function taskAt(place, reaction) {
    if (!isPlace(place)) return undefined;
    return isStep(place) ? place.task?.task : taskOfReaction(reaction);
  }

  return { isPlace, redirect, taskAt };
};

module.exports.SOMETHING = SOMETHING;
