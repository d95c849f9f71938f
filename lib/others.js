'use strict';

// What goes on in the pool while no task of the host's is left: tasks that tasks have started go on when those have ended, as a timer does
// that a function has set. And a promise of the host's may wait for one of them, or for a timer of a task's. Node stays alive for them until
// nothing but the host could do anything.

const { setTimeout } = require('./event-loop.js');

/** Milliseconds between two looks: they become fewer. Nobody says when it is over, and this is asked where there is nothing else to do. */
const SHORTEST = 1;
const LONGEST = 32;

class Others {
  #native;
  #isNeeded;
  #isWaiting;
  #isWatching = false;
  /** Whether tasks of tasks were left when that was last looked at. */
  #areLeft = false;

  /**
   * @param {{hasChildren: () => boolean, standsStill: () => boolean}} native
   * @param {() => boolean} isNeeded whether the host has no tasks
   * @param {() => boolean} isWaiting whether promises of the host's wait at channels
   */
  constructor(native, isNeeded, isWaiting) {
    this.#native = native;
    this.#isNeeded = isNeeded;
    this.#isWaiting = isWaiting;
  }

  /** The last of the host's tasks has settled. */
  settled() {
    this.#areLeft = this.#native.hasChildren();
    this.goOn();
  }

  /** The host has done something for which others may go on. */
  goOn() {
    if (!this.#isWatching && this.#isWanted()) this.#look(SHORTEST);
  }

  #isWanted() {
    return this.#areLeft || this.#isWaiting();
  }

  #look(delay) {
    this.#isWatching = true;
    setTimeout(() => {
      this.#isWatching = false;
      if (!this.#isNeeded()) return;
      this.#areLeft = this.#native.hasChildren();
      if (this.#isWanted() && !this.#native.standsStill()) this.#look(Math.min(2 * delay, LONGEST));
    }, delay);
  }
}

module.exports = { Others };
