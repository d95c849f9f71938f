'use strict';

// State: {owner, queue}. The owner is the token of who holds the lock, 0 for nobody; it passes to the first in the queue directly, so
// nobody can overtake.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createMutex(platform, { TAGS, add, takeFirst }) {
  const { Cell, Guard, gate, letGo, hold, newToken, open, signalOf, update, wait } = platform;

  class Mutex extends Cell {
    constructor() {
      super(TAGS.MUTEX, { __proto__: null, owner: 0, queue: [] });
    }

    /** Waits until nobody else holds the lock, and holds it. */
    async lock(options) {
      const signal = signalOf(options, 'lock');
      const token = newToken();
      const mine = { gate: null, token };
      if (!update(this, (state) => enter(state, mine))) {
        let isHeld = false;
        try {
          await wait(this, mine.gate, signal);
          isHeld = true;
        } finally {
          if (!isHeld) update(this, (state) => leave(state, token));
        }
      }
      hold(this, token);
      return new Guard(this, token);
    }

    /** Holds the lock if nobody does; returns undefined otherwise. */
    tryLock() {
      const token = newToken();
      const isHeld = update(this, (state) => {
        if (state.owner !== 0) return false;
        state.owner = token;
        return true;
      });
      if (!isHeld) return undefined;
      hold(this, token);
      return new Guard(this, token);
    }

    /** Gives the lock to who waits for it longest. The same as disposing of the guard, whoever holds that. */
    unlock() {
      const token = update(this, (state) => {
        const { owner } = state;
        if (owner === 0) throw new platform.Error('unlock of a Mutex that is not locked');
        pass(state);
        return owner;
      });
      letGo(this, token);
    }

    /** Whether somebody holds it. */
    get isLocked() {
      return update(this, (state) => state.owner !== 0);
    }

    /** What a guard does in the end; nothing if the lock was released otherwise. */
    release(token) {
      update(this, (state) => {
        if (state.owner === token) pass(state);
      });
      letGo(this, token);
    }
  }

  function enter(state, mine) {
    if (state.owner === 0) {
      state.owner = mine.token;
      return true;
    }
    mine.gate = gate();
    add(state.queue, mine);
    return false;
  }

  function pass(state) {
    const next = takeFirst(state.queue);
    state.owner = next === undefined ? 0 : next.token;
    if (next !== undefined) open(next.gate);
  }

  /** Takes back a wait, or the lock that it was given just now. */
  function leave(state, token) {
    if (state.owner === token) {
      pass(state);
      return;
    }
    const { queue } = state;
    for (let i = 0; i < queue.length; i++) {
      if (queue[i].token !== token) continue;
      for (let j = i + 1; j < queue.length; j++) queue[j - 1] = queue[j];
      queue.length--;
      return;
    }
  }

  return Mutex;
};
