'use strict';

// Whose turn it is. Tasks that woke up, and new ones, go first, in order; those whose slice was over share what is left, in
// order. So a task that mostly waits is hardly ever late, however many others compute. Where tasks wake each other without end,
// every other slice goes to one that computes: its turn is overdue once none of them had any for a quantum. Before all others go
// tasks that are being killed.

const { Queue } = require('fiber');

/** The first task of a queue that has not got another place since; undefined where there is none. */
function first(queue) {
  while (queue.length > 0) {
    const task = queue.peek();
    if (task.passes === 0) return task;
    task.passes--;
    queue.shift();
  }
  return undefined;
}

class Turns {
  constructor() {
    this.urgent = new Queue();
    this.woken = new Queue();
    this.computing = new Queue();
    /** Tasks in all of them. */
    this.length = 0;
    /** Whether the next turn is that of a task that computes. */
    this.isOverdue = false;
  }

  add(task, isComputing) {
    task.isReady = true;
    this.length++;
    if (isComputing) this.computing.push(task);
    else this.woken.push(task);
  }

  /** Has a task that is ready go before all others. */
  hasten(task) {
    // It is passed over where it stands.
    task.passes++;
    this.urgent.push(task);
  }

  get hasComputing() {
    return first(this.computing) !== undefined;
  }

  /** Whether the next turn is one for a task that computes. */
  get isForComputing() {
    if (this.computing.length === 0 || this.urgent.length > 0 || !this.hasComputing) return false;
    return this.isOverdue || first(this.woken) === undefined;
  }

  /** The task whose turn it is; there is one. */
  take() {
    this.length--;
    let task;
    if (this.urgent.length > 0) task = this.urgent.shift();
    else if (this.isForComputing) {
      this.isOverdue = false;
      task = this.computing.shift();
    } else {
      first(this.woken);
      task = this.woken.shift();
    }
    task.isReady = false;
    return task;
  }
}

module.exports = { Turns };
