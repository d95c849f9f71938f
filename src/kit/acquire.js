'use strict';

// How locks and permits are taken: at once, or after a wait in the queue of the cell's state. What waits is {token, gate, turn,
// ...}; whoever lets it in has taken it out of the line and opened its gate.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createAcquire(platform) {
  const { Guard, gate, hold, holdGate, letGo, letGoGate, lineUp, update, wait } = platform;

  /**
   * Waits for its turn.
   * @param {object} cell
   * @param {{token: string, gate: object | null}} mine
   * @param {AbortSignal | undefined} signal
   * @param {string} verb what it does, in words
   * @param {(state: object, mine: object) => boolean} enter takes it if that is possible at once
   * @param {(state: object, mine: object) => void} leave takes back a wait, or what was given just now
   */
  async function acquire(cell, mine, signal, verb, enter, leave) {
    let isHeld = false;
    while (!isHeld) {
      isHeld = update(cell, (state) => {
        if (enterAndHold(cell, state, mine, enter)) return true;
        mine.gate = gate();
        // Before anybody can open it.
        holdGate(mine.gate, cell);
        lineUp(state, mine);
        return false;
      });
      if (isHeld) break;
      try {
        // Shut where the cell is poisoned, which `update` finds, or a holder's isolate has died, which `enter` does.
        if (await wait(mine.gate, signal, verb)) {
          hold(cell, mine.token);
          isHeld = true;
        }
      } finally {
        letGoGate(mine.gate);
        if (!isHeld) update(cell, (state) => leave(state, mine));
      }
    }
    return new Guard(cell, mine.token);
  }

  /** Takes it if that is possible at once; returns undefined otherwise. */
  function tryAcquire(cell, mine, enter) {
    const isIn = update(cell, (state) => enterAndHold(cell, state, mine, enter));
    return isIn ? new Guard(cell, mine.token) : undefined;
  }

  function enterAndHold(cell, state, mine, enter) {
    const isIn = enter(state, mine);
    if (isIn) hold(cell, mine.token);
    return isIn;
  }

  /** Ends what a guard stands for; nothing if that was given back otherwise, or was poisoned: whoever wants it next is told. */
  function giveBack(cell, token, leave) {
    try {
      update(cell, (state) => {
        leave(state, { token });
        letGo(cell, token);
      });
    } catch (error) {
      if (!(error instanceof platform.PoisonedError)) throw error;
    }
  }

  return { acquire, giveBack, tryAcquire };
};
