'use strict';

// Who waits at a channel that lives in this realm: a list in the order in which they came, out of which anybody can step at once.
//
// A `select` has a waiter at each of its channels, and they are one group: whichever is served takes all others out.

const { NEXT } = require('leaving');

/** What a waiter's fiber goes on with. */
const VALUE = 0;
const RESULT = 1;
const CASE = 2;

let lastSequence = 0;

class Waiter {
  /**
   * @param {object} fiber
   * @param {object} core the channel's
   * @param {number} kind
   * @param {unknown} value what is to be sent; of a receiver, what it was given
   * @param {Group | undefined} group
   * @param {number} index which case it is
   */
  constructor(fiber, core, kind, value, group, index) {
    this.fiber = fiber;
    this.core = core;
    this.kind = kind;
    this.value = value;
    this.group = group;
    this.index = index;
    this.list = undefined;
    this.previous = null;
    this.next = null;
    this.sequence = lastSequence++;
    /** The signal that ends the wait, if there is one. */
    this.abortion = undefined;
  }

  /**
   * Who waits for one operation. A fiber has one waiter for all of those, one after the other: a new one for each would be a young object
   * in the lists of old ones, which V8 has to write down at every store.
   */
  static of(fiber, core, kind, value) {
    const { waiter } = fiber;
    if (waiter === undefined || waiter.list !== undefined) {
      const made = new Waiter(fiber, core, kind, value, undefined, 0);
      fiber.waiter = made;
      return made;
    }
    waiter.core = core;
    waiter.kind = kind;
    waiter.value = value;
    waiter.sequence = lastSequence++;
    waiter.abortion = undefined;
    return waiter;
  }

  /** What waits, in words. */
  get what() {
    return this.list === this.core.senders ? 'send' : 'recv';
  }

  /** Steps out of the list. */
  withdraw() {
    this.abortion?.end();
    this.list?.remove(this);
  }

  /** The same for a signal; whether nothing else has come of the wait. */
  cancel() {
    this.withdraw();
    return true;
  }
}

/** The waiters of one `select`. */
class Group {
  constructor(fiber, channels) {
    this.fiber = fiber;
    this.channels = channels;
    this.waiters = [];
    this.abortion = undefined;
  }

  get what() {
    return 'select';
  }

  withdraw() {
    this.abortion?.end();
    const { waiters } = this;
    for (let i = 0; i < waiters.length; i++) waiters[i].withdraw();
  }

  cancel() {
    this.withdraw();
    return true;
  }
}

class Waiters {
  constructor() {
    this.first = null;
    this.last = null;
  }

  get isEmpty() {
    return this.first === null;
  }

  /** Adds a waiter at the end, and returns it. */
  add(waiter) {
    const { last } = this;
    waiter.list = this;
    waiter.previous = last;
    if (last === null) this.first = waiter;
    else last.next = waiter;
    this.last = waiter;
    return waiter;
  }

  remove(waiter) {
    const { previous, next } = waiter;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.last = previous;
    else next.previous = previous;
    waiter.list = undefined;
    waiter.previous = waiter.next = null;
  }

  /** Takes the first one out, and with it the others of its group. */
  shift() {
    const waiter = this.first;
    if (waiter.group !== undefined) waiter.group.withdraw();
    else {
      waiter.abortion?.end();
      this.remove(waiter);
    }
    return waiter;
  }
}

/** What an operation of some kind gives for a value, or for the end of the channel. */
function outcome(kind, value, ok, group, index) {
  if (kind === VALUE) return value;
  if (kind === RESULT) return { value, done: !ok };
  return { index, channel: group.channels[index], value, ok };
}

/** Lets a waiter that was taken out go on. */
function serve(wake, waiter, value, ok) {
  const { fiber } = waiter;
  wake(fiber, outcome(waiter.kind, value, ok, waiter.group, waiter.index), NEXT);
}

module.exports = { VALUE, RESULT, CASE, Waiter, Waiters, Group, outcome, serve };
