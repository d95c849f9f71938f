'use strict';

// Where a task stands whose function has returned a promise: in the async function that is to settle it, or in the one that this awaits, and
// so on. Where it awaits several at once (`Promise.all`) it stands in each of them.

const { ArrayIsArray, Set, SetPrototypeAdd, SetPrototypeHas } = require('primordials');

/**
 * @param {{
 *   isPromise: (value: unknown) => boolean,
 *   ownerOf: (promise: object) => unknown[] | {values: unknown[]} | undefined,
 *   standOf: (frame: unknown[]) => unknown,
 *   taskOf: (frame: unknown[]) => object | undefined,
 * }} realm `ownerOf`: the frame that will settle a promise, or the promises that it waits for; `standOf`: what a frame awaits, undefined while it
 *   runs; `taskOf`: for which task it goes on then, where that is known
 */
module.exports = function createStanding({ isPromise, ownerOf, standOf, taskOf }) {
  /**
   * Adds the innermost frames that await something, or run, for a task. Those of others, whose promise it awaits as well, are not its own.
   * @param {unknown} place what is awaited
   * @param {object} task
   * @param {unknown[][]} frames
   * @param {Set<object>} seen a function can await itself
   */
  function add(place, task, frames, seen) {
    let innermost;
    const { length } = frames;
    for (let next = place; isPromise(next); next = standOf(innermost)) {
      const owner = ownerOf(next);
      if (owner === undefined || SetPrototypeHas(seen, owner)) break;
      SetPrototypeAdd(seen, owner);
      if (!ArrayIsArray(owner)) {
        const { values } = owner;
        if (values !== undefined) for (let i = 0; i < values.length; i++) add(values[i], task, frames, seen);
        break;
      }
      const other = taskOf(owner);
      if (other !== undefined && other !== task) break;
      innermost = owner;
    }
    if (frames.length === length && innermost !== undefined) frames[length] = innermost;
  }

  /** The innermost frames of a task. */
  function innermostOf(task) {
    const frames = [];
    add(task.result, task, frames, new Set());
    return frames;
  }

  /** The frames that await each other up to the one that settles a promise, the outermost first. */
  function chainOf(promise) {
    const chain = [];
    const seen = new Set();
    for (let next = promise; isPromise(next); ) {
      const owner = ownerOf(next);
      if (owner === undefined || SetPrototypeHas(seen, owner)) break;
      SetPrototypeAdd(seen, owner);
      if (ArrayIsArray(owner)) {
        chain[chain.length] = owner;
        next = standOf(owner);
      } else if (owner.values?.length === 1) {
        next = owner.values[0];
      } else {
        break;
      }
    }
    return chain;
  }

  return { innermostOf, chainOf };
};
