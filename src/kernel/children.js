'use strict';

// The tasks that a task has started and that have not ended.

const { filled, sixteen } = require('queues');

/** How long a list may be to be kept while it is empty. */
const ROOM = 1024;

class Children {
  constructor() {
    /**
     * In no order; each task knows its place (`index`). Behind `count` nothing stands: V8 gives the memory of an array away that is made
     * empty, and who starts tasks and joins them in turn would need it again each time.
     */
    this.list = [];
    this.count = 0;
    /** Those that have failed while nobody had asked for their results; see task-handle.js. */
    this.failures = undefined;
    /** What is said of where tasks are spawned of which no place is known; see task-stack.js. */
    this.later = undefined;
  }

  add(task) {
    if (this.count === this.list.length) this.grow();
    task.index = this.count++;
    this.list[task.index] = task;
  }

  /**
   * Without holes: what is put into one goes to a setter, where a program has given `Array.prototype` some. From literals as far as that
   * goes, which V8 copies at once.
   */
  grow() {
    const { count, list } = this;
    if (count === 0) {
      this.list = [undefined];
      return;
    }
    this.list = count === 1 ? sixteen() : filled(2 * count);
    for (let i = 0; i < count; i++) this.list[i] = list[i];
  }

  /** Takes a task out; whether it was there. */
  remove(task) {
    const { list } = this;
    const { index } = task;
    if (index >= this.count || list[index] !== task) return false;
    const last = list[--this.count];
    list[this.count] = undefined;
    if (last !== task) {
      list[index] = last;
      last.index = index;
    }
    if (this.count === 0 && list.length > ROOM) this.list = [];
    return true;
  }

  /** Calls `action` with each of those that are there now. */
  each(action) {
    const { list, count } = this;
    if (count === 0) return;
    const all = filled(count);
    for (let i = 0; i < count; i++) all[i] = list[i];
    for (let i = 0; i < count; i++) action(all[i]);
  }
}

module.exports = { Children };
