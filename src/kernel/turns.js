'use strict';

// Whose turn it is. Tasks that woke up, and new ones, go first, in order; those whose slice was over share what is left, in
// order. So a task that mostly waits is hardly ever late, however many others compute. Where tasks wake each other without end,
// every other slice goes to one that computes: its turn is overdue once none of them had any for a quantum.

const { Queue } = require('fiber');

class Turns {
  constructor() {
    this.woken = new Queue();
    this.computing = new Queue();
    /** Tasks in both. */
    this.length = 0;
    /** Whether the next turn is that of a task that computes. */
    this.isOverdue = false;
  }

  add(task, isComputing) {
    task.isReady = true;
    task.isComputing = isComputing;
    this.length++;
    if (isComputing) this.computing.push(task);
    else this.woken.push(task);
  }

  /** Has a task that is ready go before those that compute. */
  hasten(task) {
    if (!task.isComputing) return;
    task.isComputing = false;
    // It is passed over where it stands.
    task.passes++;
    this.woken.push(task);
  }

  /** Whether any task that computes is ready. */
  get hasComputing() {
    const { computing } = this;
    while (computing.length > 0 && computing.peek().passes > 0) computing.shift().passes--;
    return computing.length > 0;
  }

  /** Whether the next turn is one for a task that computes. */
  get isForComputing() {
    return this.hasComputing && (this.isOverdue || this.woken.length === 0);
  }

  /** The task whose turn it is; there is one. */
  take() {
    this.length--;
    let task;
    if (this.isForComputing) {
      this.isOverdue = false;
      task = this.computing.shift();
    } else task = this.woken.shift();
    task.isReady = false;
    return task;
  }
}

module.exports = { Turns };
