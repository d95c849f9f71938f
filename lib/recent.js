'use strict';

// Tasks that settled a short while ago. Their timers and promises may still fail, and a stack can only be read by who knows
// the function and the place of the spawn. Both keep alive what they have closed over, so they are held weakly, which lets
// them live until V8 next looks through all of its heap.

/** Groups of tasks that are remembered, and tasks of one group at most. */
const GROUPS = 256;
const GROUP_SIZE = 32;

/** @typedef {{id: number, code: number, fn: Function, site: object, verb: string, mapper: Function}} Settled */

/** Tasks that settle together are held by one reference: making one costs as much as all else that a task's end does. */
class Recent {
  /** @type {WeakRef<Settled[]>[]} */
  #groups = [];
  #next = 0;
  /** @type {Settled[] | undefined} those that settle now */
  #group;

  /** @param {import('./task.js').Record} record */
  add({ id, code, fn, site, verb, mapper }) {
    const task = { id, code, fn, site, verb, mapper };
    if (this.#group === undefined || this.#group.length === GROUP_SIZE) {
      this.#group = [task];
      this.#groups[this.#next] = new WeakRef(this.#group);
      this.#next = (this.#next + 1) % GROUPS;
    } else {
      this.#group.push(task);
    }
  }

  /** No more settle together with those before. */
  endGroup() {
    this.#group = undefined;
  }

  #search(matches) {
    for (const group of this.#groups) {
      const found = group.deref()?.find(matches);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** What is known of the task `id`. */
  find(id) {
    return this.#search((task) => task.id === id);
  }

  /** The function of a task that ran this code. */
  findFunction(code) {
    return this.#search((task) => task.code === code)?.fn;
  }
}

module.exports = { Recent };
