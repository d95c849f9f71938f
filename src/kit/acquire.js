'use strict';

// How locks and permits are taken: at once, or after a wait in the queue of the cell's state. What waits is {token, gate, ...}; whoever
// lets it in has taken it out of the queue and opened its gate.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createAcquire(platform, { add }) {
  const { Guard, gate, hold, update, wait } = platform;

  /**
   * Waits for its turn.
   * @param {object} cell
   * @param {{token: string, gate: object | null}} mine
   * @param {AbortSignal | undefined} signal
   * @param {(state: object, mine: object) => boolean} enter takes it if that is possible at once
   * @param {(state: object, token: string) => void} leave takes back a wait, or what was given just now
   */
  async function acquire(cell, mine, signal, enter, leave) {
    const isIn = update(cell, (state) => {
      if (enter(state, mine)) return true;
      mine.gate = gate();
      add(state.queue, mine);
      return false;
    });
    if (!isIn) {
      let isHeld = false;
      try {
        await wait(cell, mine.gate, signal);
        isHeld = true;
      } finally {
        if (!isHeld) update(cell, (state) => leave(state, mine.token));
      }
    }
    return held(cell, mine.token);
  }

  /** Takes it if that is possible at once; returns undefined otherwise. */
  function tryAcquire(cell, mine, enter) {
    return update(cell, (state) => enter(state, mine)) ? held(cell, mine.token) : undefined;
  }

  function held(cell, token) {
    hold(cell, token);
    return new Guard(cell, token);
  }

  return { acquire, tryAcquire };
};
