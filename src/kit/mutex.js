'use strict';

// State: {owner}, and who waits (`line.js`). The owner is the token of who holds the lock, 0 for nobody; it passes to the first in the line directly, so
// nobody can overtake.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createMutex(platform, { TAGS }) {
  const { Cell, acquire, giveBack, letGo, newToken, nobody, signalOf, stepOut, takeNext, tryAcquire, update } =
    platform;

  class Mutex extends Cell {
    constructor() {
      super(TAGS.MUTEX, { __proto__: null, owner: 0, ...nobody() });
    }

    /** Waits until nobody else holds the lock, and holds it. */
    async lock(options) {
      const signal = signalOf(options, 'lock');
      return await acquire(this, { gate: null, token: newToken() }, signal, 'lock', enter, leave);
    }

    /** Holds the lock if nobody does; returns undefined otherwise. */
    tryLock() {
      return tryAcquire(this, { gate: null, token: newToken() }, enter);
    }

    /** Gives the lock to who waits for it longest. The same as disposing of the guard, whoever holds that. */
    unlock() {
      update(this, (state) => {
        const { owner } = state;
        if (owner === 0) throw new platform.Error('unlock of a Mutex that is not locked');
        pass(state);
        letGo(this, owner);
      });
    }

    /** Whether somebody holds it. */
    get isLocked() {
      return update(this, (state) => state.owner !== 0);
    }

    /** What a guard does in the end; nothing if the lock was released otherwise. */
    giveBack(token) {
      giveBack(this, token, leave);
    }
  }

  function enter(state, { token }) {
    if (state.owner !== 0) return false;
    state.owner = token;
    return true;
  }

  function pass(state) {
    const next = takeNext(state);
    state.owner = next === undefined ? 0 : next.token;
  }

  /** Takes back a wait, or the lock that it was given just now. */
  function leave(state, mine) {
    if (state.owner === mine.token) pass(state);
    else stepOut(state, mine);
  }

  return Mutex;
};
