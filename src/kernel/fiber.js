'use strict';

// What the scheduler runs: fibers, the jobs of a task, tasks, and the queues they wait in.

const { NEXT } = require('leaving');
const { Array } = require('primordials');

/** What rings have that are empty yet. */
const NOTHING = [];

/** A ring that grows; its size is a power of two, or nothing. */
class Ring {
  constructor() {
    this.items = NOTHING;
    this.first = 0;
    this.length = 0;
  }

  /** @param {number} least how many items there are then at least */
  grow(least) {
    const { items, first, length } = this;
    const grown = new Array(length === 0 ? least : length * 2);
    for (let i = 0; i < length; i++) grown[i] = items[(first + i) & (length - 1)];
    this.items = grown;
    this.first = 0;
  }
}

class Queue extends Ring {
  push(item) {
    const { items } = this;
    if (this.length === items.length) this.grow(16);
    this.items[(this.first + this.length++) & (this.items.length - 1)] = item;
  }

  shift() {
    const item = this.items[this.first];
    this.items[this.first] = undefined;
    this.first = (this.first + 1) & (this.items.length - 1);
    this.length--;
    return item;
  }

  /** Puts an item before all others. */
  unshift(item) {
    if (this.length === this.items.length) this.grow(16);
    this.first = (this.first - 1) & (this.items.length - 1);
    this.items[this.first] = item;
    this.length++;
  }

  /** Takes the last item. */
  pop() {
    const at = (this.first + --this.length) & (this.items.length - 1);
    const item = this.items[at];
    this.items[at] = undefined;
    return item;
  }

  /** The oldest item. */
  peek() {
    return this.items[this.first];
  }

  /** The newest item. */
  peekLast() {
    return this.items[(this.first + this.length - 1) & (this.items.length - 1)];
  }

  each(action) {
    const { items, length, first } = this;
    for (let i = 0; i < length; i++) action(items[(first + i) & (items.length - 1)]);
  }

  clear() {
    while (this.length > 0) this.shift();
  }
}

/** In the place of a job's function: its context, the function, and a list of its arguments follow. */
const IN_CONTEXT = () => {};

/**
 * What a task has to do, in order: calls that are yet to be made (a function and three arguments), and fibers that go on,
 * with `null` in the place of the function. A call becomes a fiber only if it is suspended, since most never are.
 */
class Jobs extends Ring {
  push(fn, a, b, c) {
    if (this.length === this.items.length) this.grow(4);
    const { items } = this;
    const at = (this.first + this.length) & (items.length - 1);
    items[at] = fn;
    items[at + 1] = a;
    items[at + 2] = b;
    items[at + 3] = c;
    this.length += 4;
  }

  /** Lets the call that was to be given `second` as its second argument be one of `fn` with that alone. */
  replace(second, fn) {
    const { items, first, length } = this;
    for (let i = 0; i < length; i += 4) {
      const at = (first + i) & (items.length - 1);
      if (items[at] === IN_CONTEXT && items[at + 3][1] === second) {
        items[at + 2] = fn;
        items[at + 3] = [second];
        return;
      }
      if (items[at] !== null && items[at + 2] === second) {
        items[at] = fn;
        items[at + 1] = second;
        items[at + 2] = undefined;
        return;
      }
    }
  }

  /** Drops the oldest entry, which has been read. */
  drop() {
    const { items, first } = this;
    items[first] = items[first + 1] = items[first + 2] = items[first + 3] = undefined;
    this.first = (first + 4) & (items.length - 1);
    this.length -= 4;
  }
}

/** One activity of a task: its function, a promise's job, a timer's callback. */
class Fiber {
  constructor(task, fn) {
    this.task = task;
    /** What is to be called first, or undefined once it has been. */
    this.fn = fn;
    this.top = null;
    this.mode = NEXT;
    this.value = undefined;
    /** Called with (fiber, mode, value) when it has finished. */
    this.done = undefined;
    /** What an AsyncLocalStorage holds; see `lib/node/async_hooks.js`. */
    this.context = undefined;
    /** The fiber under whose native frames it runs. */
    this.under = null;
    /** Where it waits, while it is blocked. */
    this.place = undefined;
    /** Who waits for it at channels; see channels/waiters.js. */
    this.waiter = undefined;
    /** Who waited for it at a channel, until it goes on with what it was given there. */
    this.unread = undefined;
    /** Whether it is one of the task's `others`. */
    this.isOther = false;
    /** V8's stack, where it blocks under native frames. */
    this.trace = undefined;
  }
}

class Task {
  /** @param {number} id what the host knows it by, or the task that began it */
  constructor(id, storm) {
    this.id = id;
    this.storm = storm;
    this.jobs = new Jobs();
    /** The fiber that was preempted, or that has not begun. */
    this.active = null;
    /** The fiber of its function, until that has returned; then `result` is the promise that it returned. */
    this.main = null;
    this.result = undefined;
    /** Suspended jobs, and who waits under native frames. */
    this.others = undefined;
    this.isPaused = false;
    /** Whether it is being killed, and whether it is over: then nothing of it runs any more. */
    this.isKilled = false;
    this.isDead = false;
    this.onDeath = undefined;
    /** What it takes to send it to another isolate before it begins; and the number of the task that it stands for, which runs there. See
     * portable.js. */
    this.portable = undefined;
    this.remote = 0;
    /** Of a task that a task has started, while it has not ended; see task-handle.js. */
    this.handle = undefined;
    /** A fiber in whose name jobs run, until one of them is suspended and keeps it. */
    this.spare = null;
    /** See turns.js. */
    this.isReady = false;
    this.passes = 0;
    /** What the host was told last of a task that has begun and not ended. */
    this.isPreempted = false;
    /** The tasks that it has started and that have not ended, and those of them that have failed; see task-handle.js. */
    this.children = undefined;
    /** The task that has started it, or has taken it over, and its place among the tasks of that one. */
    this.parent = undefined;
    this.index = 0;
    /** Its name in reports, and where it was spawned: see task-stack.js. The host knows both of its own tasks. */
    this.name = '';
    this.site = undefined;
    /** The task of the host's whose processor time is limited and runs while this one does; 0 for none. */
    this.meter = 0;
    /** Getters of what a module exports. */
    this.exports = undefined;
  }
}

/** A task, and the context in which something of it is to run. */
class Owner {
  constructor(task, context) {
    this.task = task;
    this.context = context;
  }
}

module.exports = { Queue, Fiber, IN_CONTEXT, Owner, Task };
