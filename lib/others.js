'use strict';

// What goes on in the pool while no task of the host's is left: tasks that tasks have started go on when those have ended, as a timer does
// that a function has set. And a promise of the host's may wait for one of them, or for a timer of a task's. Node stays alive for them until
// nothing but the host could do anything.

/** Milliseconds between two looks: they become fewer. Nobody says when it is over, and this is asked where there is nothing else to do. */
const SHORTEST = 1;
const LONGEST = 32;

class Others {
  #native;
  #isNeeded;
  #isWaiting;
  #isWatching = false;
  /** Whether some were left that only the host could wake. */
  #areBlocked = false;

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
    this.#areBlocked = this.#native.hasChildren();
    this.goOn();
  }

  /** The host has done something for which others may go on. */
  goOn() {
    if (!this.#isWatching && (this.#areBlocked || this.#isWaiting())) this.#look(SHORTEST);
  }

  #look(delay) {
    this.#isWatching = true;
    setTimeout(() => {
      this.#isWatching = false;
      if (!this.#isNeeded()) return;
      const areLeft = this.#native.hasChildren();
      const isOver = this.#native.standsStill();
      this.#areBlocked = areLeft && isOver;
      if (!isOver && (areLeft || this.#isWaiting())) this.#look(Math.min(2 * delay, LONGEST));
    }, delay);
  }
}

module.exports = { Others };
