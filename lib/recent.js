'use strict';

// Tasks that settled a short while ago. Their timers and promises may still fail, and a stack can only be read by who knows
// the function and the place of the spawn. Both keep alive what they have closed over, so they are held weakly, which lets
// them live until V8 next looks through all of its heap.

/** Tasks that are remembered at most. */
const SIZE = 256;

class Recent {
  /** @type {WeakRef<{id: number, code: number, fn: Function, site: object, verb: string, mapper: Function}>[]} */
  #tasks = [];

  /** @param {import('./task.js').Record} record */
  add({ id, code, fn, site, verb, mapper }) {
    this.#tasks[id % SIZE] = new WeakRef({ id, code, fn, site, verb, mapper });
  }

  /** What is known of the task `id`. */
  find(id) {
    const record = this.#tasks[id % SIZE]?.deref();
    return record?.id === id ? record : undefined;
  }

  /** The function of a task that ran this code. */
  findFunction(code) {
    for (const reference of this.#tasks) {
      const record = reference?.deref();
      if (record?.code === code) return record.fn;
    }
    return undefined;
  }
}

module.exports = { Recent };
