'use strict';

// Where a task stands whose function has returned a promise: in the async function that is to settle it, or in the one that this awaits, and
// so on; or in an async generator of which it awaits the next value. Where it awaits several at once (`Promise.all`) it stands in each of them.

const { ArrayIsArray, Set, SetPrototypeAdd, SetPrototypeHas } = require('primordials');

/**
 * @typedef {unknown[] | {awaits: unknown}} Owner the frame of an async function, or the record of an async generator
 * @param {{
 *   ownerOf: (place: unknown) => Owner | {values: unknown[]} | undefined,
 *   standOf: (owner: Owner) => unknown,
 *   taskOf: (owner: Owner) => object | undefined,
 * }} realm `ownerOf`: what will settle a promise (or a step, see iteration-steps.js), or a group of promises that it waits for; `standOf`: what an owner
 *   awaits, undefined while it runs; `taskOf`: for which task it goes on then, where that is known
 */
module.exports = function createStanding({ ownerOf, standOf, taskOf }) {
  /** The owner of a place, unless it was seen: a function can await itself. */
  function unseen(place, seen) {
    const owner = ownerOf(place);
    if (owner === undefined || SetPrototypeHas(seen, owner)) return undefined;
    SetPrototypeAdd(seen, owner);
    return owner;
  }

  /** Adds the innermost owners that await something, or run, for a task. Those of others, whose promise it awaits as well, are not its own. */
  function add(place, task, found, seen) {
    let innermost;
    const { length } = found;
    let next = place;
    for (let owner = unseen(next, seen); owner !== undefined; owner = unseen(next, seen)) {
      if (!ArrayIsArray(owner) && owner.values !== undefined) {
        const { values } = owner;
        for (let i = 0; i < values.length; i++) add(values[i], task, found, seen);
        break;
      }
      const other = taskOf(owner);
      if (other !== undefined && other !== task) break;
      next = standOf(owner);
      // A generator that runs is where a fiber is.
      if (next === undefined && !ArrayIsArray(owner)) break;
      innermost = owner;
    }
    if (found.length === length && innermost !== undefined) found[length] = innermost;
  }

  /** The innermost owners that a task stands in. */
  function innermostOf(task) {
    const found = [];
    add(task.result, task, found, new Set());
    return found;
  }

  /** The frames that await each other up to the one that settles a promise, the outermost first. */
  function chainOf(promise) {
    const chain = [];
    const seen = new Set();
    let next = promise;
    for (let owner = unseen(next, seen); owner !== undefined; owner = unseen(next, seen)) {
      if (ArrayIsArray(owner)) {
        chain[chain.length] = owner;
        next = standOf(owner);
      } else if (owner.values === undefined) {
        chain[chain.length] = owner.frame;
        next = owner.awaits;
      } else {
        if (owner.values.length !== 1) break;
        next = owner.values[0];
      }
    }
    return chain;
  }

  return { innermostOf, chainOf };
};
