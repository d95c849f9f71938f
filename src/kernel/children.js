'use strict';

// The tasks that a task has started and that have not ended.

const { Queue } = require('queues');

class Children {
  constructor() {
    /**
     * In no order; each task knows its place (`index`). No array of which the length is set: V8 gives the memory of one away that is made
     * empty, and who starts tasks and joins them in turn would need it again each time.
     */
    this.list = new Queue();
    /** Those that have failed while nobody had asked for their results; see task-handle.js. */
    this.failures = undefined;
    /** What is said of where tasks are spawned of which no place is known; see task-stack.js. */
    this.later = undefined;
  }

  get count() {
    return this.list.length;
  }

  add(task) {
    task.index = this.list.length;
    this.list.push(task);
  }

  /** Takes a task out; whether it was there. */
  remove(task) {
    const { list } = this;
    const { index } = task;
    if (list.items[index] !== task) return false;
    const last = list.pop();
    if (last !== task) {
      list.items[index] = last;
      last.index = index;
    }
    if (list.length === 0) list.trim();
    return true;
  }

  /** Calls `action` with each of those that are there now. */
  each(action) {
    const all = new Queue();
    this.list.each((task) => all.push(task));
    all.each(action);
  }
}

module.exports = { Children };
