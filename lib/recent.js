'use strict';

// Tasks that settled a short while ago. Their timers and promises may still fail, and a stack can only be read by who knows
// the function. They are not remembered for long, since functions keep alive what they have closed over.

/** Tasks that are remembered at most. */
const SIZE = 256;

/** Milliseconds for which they are remembered at least, and about half of the longest time. */
const PERIOD = 5000;

class Recent {
  #now = [];
  #before = [];
  #timer = null;

  /** @param {import('./task.js').Record} record */
  add({ id, code, fn, site, verb, mapper }) {
    this.#now[id % SIZE] = { id, code, fn, site, verb, mapper };
    this.#timer ??= setInterval(() => this.#forget(), PERIOD).unref();
  }

  #forget() {
    this.#before = this.#now;
    this.#now = [];
    if (this.#before.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** What is known of the task `id`. */
  find(id) {
    return [this.#now[id % SIZE], this.#before[id % SIZE]].find((record) => record?.id === id);
  }

  /** The function of a task that ran this code. */
  findFunction(code) {
    return [...this.#now, ...this.#before].find((record) => record?.code === code)?.fn;
  }
}

module.exports = { Recent };
