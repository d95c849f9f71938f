'use strict';

// Who waits at a channel that lives in this realm: a list in the order in which they came, out of which anybody can step at once.
//
// Mostly a fiber waits at one channel, and stands in the list itself: a waiter for each wait would be a young object among old ones, which V8 has
// to write down at every store. A `select` has a waiter at each of its channels, and they are one group: whichever is served takes all
// others out. A wait that a signal can end has a waiter, too.

const { SEND } = require('fiber');
const { BLOCKS, DONE, NEXT, OTHERWISE } = require('leaving');

/** What a waiter's fiber goes on with; or that it sends (`SEND`). */
const VALUE = 0;
const RESULT = 1;
const CASE = 2;
/** Of a fiber that waits itself, which no `select` does: it takes steps, and its value is what `steps` has made. */
const STEPS = 2;

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

  /** See `Fiber`. */
  get isItself() {
    return false;
  }

  /** What waits, in words. */
  get what() {
    return this.list === this.core.senders ? 'send' : (this.core.verb ?? 'recv');
  }

  /** Steps out of the list. */
  withdraw() {
    this.abortion?.end();
    this.list?.remove(this);
    this.list = undefined;
  }

  /** Is served: it steps out, and with it the others of its group. */
  leave() {
    if (this.group === undefined) this.withdraw();
    else this.group.withdraw();
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

/** A list of them. Of one there is only `first`: that is what channels mostly have, and each store costs. */
class Waiters {
  constructor() {
    this.first = null;
    /** The last one, where there are two at least. */
    this.last = null;
  }

  get isEmpty() {
    return this.first === null;
  }

  /** Adds a fiber or a waiter at the end. It stands nowhere, so that its `previous` and `next` are null. */
  link(waiter) {
    const { first, last } = this;
    if (first === null) {
      this.first = waiter;
      return;
    }
    const before = last === null ? first : last;
    waiter.previous = before;
    before.next = waiter;
    this.last = waiter;
  }

  /** Adds a waiter at the end, and returns it. */
  add(waiter) {
    waiter.list = this;
    this.link(waiter);
    return waiter;
  }

  /** Has a fiber wait itself, with what it sends or takes steps with; returns where it waits. */
  enter(fiber, core, kind, value) {
    fiber.waitItself(kind, value);
    // Mostly it has waited there before.
    if (fiber.core !== core) fiber.core = core;
    fiber.sequence = lastSequence++;
    this.link(fiber);
    return fiber;
  }

  remove(waiter) {
    const { previous, next } = waiter;
    if (previous === null) this.first = next;
    else {
      previous.next = next;
      waiter.previous = null;
    }
    if (next !== null) {
      next.previous = previous;
      waiter.next = null;
    } else if (previous !== null) this.last = previous;
    const { first } = this;
    if (this.last !== null && (first === null || first.next === null)) this.last = null;
  }

  /** Takes the first one out, and with it the others of its group. */
  shift() {
    const waiter = this.first;
    if (!waiter.isItself) waiter.leave();
    else if (this.last === null) this.first = null;
    else this.remove(waiter);
    return waiter;
  }
}

/** What an operation of some kind gives for a value, or for the end of the channel. */
function outcome(kind, value, ok, group, index) {
  if (kind === RESULT) return { value, done: !ok };
  if (kind === CASE) return { index, channel: group.channels[index], value, ok };
  return value;
}

/** What a fiber gets that waits itself. */
const outcomeOfItself = ({ kind }, value, ok) => (kind === RESULT ? { value, done: !ok } : value);

/** Lets a waiter that was taken out go on. */
function serve(wake, waiter, value, ok) {
  if (waiter.isItself) wake(waiter, outcomeOfItself(waiter, value, ok), NEXT);
  else wake(waiter.fiber, outcome(waiter.kind, value, ok, waiter.group, waiter.index), NEXT);
}

/**
 * What `for-of` has of a channel instead of its iterator, as of generators (generator.js): place 4 says whether there was a value. While the loop
 * waits, this is what its waiter holds.
 */
function steps(core) {
  const frame = [steps, 0, undefined, null, OTHERWISE, core];
  frame[BLOCKS] = 1;
  return frame;
}

/** What a receiver takes steps with, if it does. */
const stepsOf = (waiter) => (waiter.isItself && waiter.kind === STEPS ? waiter.value : undefined);

/** The channel has ended for who has taken steps; undefined for others. */
function endSteps(frame) {
  if (frame !== undefined) frame[4] = DONE;
}

/** The value that was given to who waited. */
function givenTo(waiter) {
  return waiter.isItself && waiter.kind === RESULT ? waiter.value.value : waiter.value;
}

/** Whether what waits is to send something. */
function isSending(waiter) {
  return waiter.isItself ? waiter.kind === SEND : waiter.list === waiter.core.senders;
}

module.exports = {
  VALUE,
  RESULT,
  CASE,
  SEND,
  Waiter,
  Waiters,
  Group,
  givenTo,
  isSending,
  STEPS,
  endSteps,
  stepsOf,
  outcome,
  outcomeOfItself,
  serve,
  steps,
};
