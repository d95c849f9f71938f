'use strict';

// Whose turn it is.
//
// Tasks that wake up, and new ones, go before those whose slice was over, which share what is left, in order. So a task that mostly waits
// is hardly ever late, however many others compute. Where tasks wake each other without end, every other slice goes to one that computes:
// its turn is overdue once none of them had any for a quantum. Before all others go tasks that are being killed.
//
// **Depth first.** What a turn wakes or starts is next, in the order in which it was, before what waited already (Go does so with the last
// one, its `runnext`; Cilk and rayon with all). So a task's children are through before its parent's siblings begin, and a program that
// divides its work has a few tasks alive on each level of its tree, not all leaves at once; and who was given a message reads it while it is
// warm. For fairness, what a slice has woken and started goes behind all others once the slice is over, as in Go; and within a slice the
// last in the queue gets every so many turns one.

const { Queue } = require('queues');
const { MathMax } = require('primordials');
const { slice } = require('slice');

/** Turns after which one goes to the last in the queue. */
const RUN = 256;

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

/** The same of the last task, which is taken. */
function takeLast(queue) {
  while (queue.length > 0) {
    const task = queue.pop();
    if (task.passes === 0) return task;
    task.passes--;
  }
  return undefined;
}

class Turns {
  constructor() {
    this.urgent = new Queue();
    /** Those that became ready since a turn was last given. */
    this.fresh = new Queue();
    /** Those before them, the newest first. */
    this.woken = new Queue();
    this.computing = new Queue();
    /** How many of these became ready in this slice; they are the first ones. */
    this.mine = 0;
    /** Turns until one goes to the last of them. */
    this.left = RUN;
    /** Tasks in all of them. */
    this.length = 0;
    /** Whether the next turn is that of a task that computes. */
    this.isOverdue = false;
    /** Whether the turn is one of those: what it wakes has no turn before others, or two that wake each other would have all slices. */
    this.isComputing = false;
  }

  /** A new task, or one that was woken. */
  add(task) {
    task.isReady = true;
    if (this.length++ === 0 && !this.isComputing) {
      slice.now.only = task;
      return;
    }
    this.settle();
    if (this.isComputing) this.woken.push(task);
    else this.fresh.push(task);
  }

  /** There will be others beside the only task. */
  settle() {
    if (slice.now.only === null) return;
    this.fresh.push(slice.now.only);
    slice.now.only = null;
  }

  /** One that was interrupted. */
  addLast(task, isComputing) {
    this.settle();
    task.isReady = true;
    this.length++;
    if (isComputing) this.computing.push(task);
    else this.woken.push(task);
  }

  /** A slice is over. */
  end() {
    this.flush();
    this.isComputing = false;
    const { mine, woken } = this;
    const others = woken.length - mine;
    this.mine = 0;
    this.left = RUN;
    // Whichever are fewer change their place.
    if (mine < others) for (let i = 0; i < mine; i++) woken.push(woken.shift());
    else if (mine > 0) for (let i = 0; i < others; i++) woken.unshift(woken.pop());
  }

  /** What became ready goes before those that waited already. */
  flush() {
    this.settle();
    const { fresh, woken } = this;
    this.mine += fresh.length;
    while (fresh.length > 0) woken.unshift(fresh.pop());
    fresh.trim();
  }

  /** Has a task that is ready go before all others. */
  hasten(task) {
    this.settle();
    // It is passed over where it stands.
    task.passes++;
    this.urgent.push(task);
  }

  /** Has a task that is ready get no turn. */
  drop(task) {
    this.settle();
    task.passes++;
    task.isReady = false;
    if (--this.length === 0) this.purge();
  }

  get hasComputing() {
    return first(this.computing) !== undefined;
  }

  get hasWoken() {
    this.flush();
    return this.firstWoken() !== undefined;
  }

  /** As `first`, of those that were woken. */
  firstWoken() {
    const { woken } = this;
    const { length } = woken;
    const task = first(woken);
    this.mine = MathMax(this.mine - length + woken.length, 0);
    return task;
  }

  /** Whether the next turn is one for a task that computes. */
  get isForComputing() {
    if (this.computing.length === 0 || this.urgent.length > 0 || !this.hasComputing) return false;
    return this.isOverdue || !this.hasWoken;
  }

  /** The task whose turn it is, where that needs no more than a look: none computes, and it is nobody's turn out of order. Else null. */
  peek() {
    if (slice.now.only !== null) return slice.now.only;
    if (this.length === 0 || this.computing.length > 0 || this.urgent.length > 0 || this.left <= 1) return null;
    this.flush();
    return this.firstWoken();
  }

  /** Takes that one. */
  takePeeked() {
    this.isComputing = false;
    let task = slice.now.only;
    if (task !== null) {
      slice.now.only = null;
      this.length = 0;
    } else {
      this.left--;
      task = this.shiftWoken();
      if (--this.length === 0) this.purge();
    }
    task.isReady = false;
    return task;
  }

  /** The task whose turn it is; there is one. */
  take() {
    if (slice.now.only !== null) return this.takePeeked();
    this.length--;
    this.isComputing = false;
    let task;
    if (this.urgent.length > 0) task = this.urgent.shift();
    else if (this.isForComputing) {
      this.isOverdue = false;
      this.isComputing = true;
      task = this.computing.shift();
    } else task = this.takeWoken();
    task.isReady = false;
    if (this.length === 0) this.purge();
    return task;
  }

  /** None is ready: who stands somewhere was dropped. */
  purge() {
    this.flush();
    this.firstWoken();
    first(this.computing);
  }

  takeWoken() {
    const { woken } = this;
    if (--this.left <= 0) {
      this.left = RUN;
      const task = takeLast(woken);
      if (this.mine > woken.length) this.mine = woken.length;
      if (task !== undefined) return task;
    }
    this.flush();
    this.firstWoken();
    return this.shiftWoken();
  }

  shiftWoken() {
    if (this.mine > 0) this.mine--;
    return this.woken.shift();
  }
}

module.exports = { Turns };
