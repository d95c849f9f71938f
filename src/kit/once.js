'use strict';

// State: {status, value, runner, gate}: 0 nobody has begun, 1 the runner is at it, 2 it is done, and its value lies in a box. Who waits does so at the
// gate: it is opened for one of them where the one that was at it has given up, and shut when it is done.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createOnce(platform, { TAGS }) {
  const { Cell, box, gate, hold, isGone, letGo, newToken, open, shut, signalOf, unbox, update, wait } = platform;
  const NEW = 0;
  const BUSY = 1;
  const DONE = 2;

  class Once extends Cell {
    constructor() {
      super(TAGS.ONCE, { __proto__: null, status: NEW, value: undefined, runner: 0, gate: undefined });
    }

    /** Who is at it was killed, and its `finally` did not come to run. */
    abandon(token) {
      giveUp(this, token);
    }

    /** Whether it was done. */
    get isDone() {
      return update(this, (state) => state.status === DONE);
    }

    /**
     * Calls the function unless that was done before, here or elsewhere; while somebody is at it, waits. Gives what that one call has
     * returned, a copy of it elsewhere. Where it throws, or is killed, or what it returns cannot be copied, the next one calls its function.
     */
    async do(fn, options) {
      const signal = signalOf(options, 'do');
      if (typeof fn !== 'function') throw new platform.TypeError('do takes a function');
      const seen = { gate: undefined, value: undefined };
      const token = newToken();
      const look = (state) => {
        if (state.status === BUSY && isGone(state.runner)) {
          state.status = NEW;
          // Others wait there who may not have been told yet.
          if (state.gate !== undefined) shut(state.gate);
          state.gate = undefined;
        }
        const { status } = state;
        if (status === NEW) {
          state.status = BUSY;
          state.runner = token;
          hold(this, token);
        } else if (status === BUSY) state.gate ??= gate();
        seen.gate = state.gate;
        seen.value = state.value;
        return status;
      };
      for (;;) {
        const status = update(this, look);
        if (status === DONE) return seen.value === undefined ? undefined : unbox(seen.value);
        if (status === NEW) {
          let isDone = false;
          try {
            const value = await platform.awaited(fn());
            const kept = value === undefined ? undefined : box(value);
            update(this, (state) => {
              state.value = kept;
              state.status = DONE;
              if (state.gate !== undefined) shut(state.gate);
              state.gate = undefined;
              letGo(this, token);
            });
            isDone = true;
            return value;
          } finally {
            if (!isDone) giveUp(this, token);
          }
        }
        let isOver = false;
        try {
          await wait(seen.gate, signal, 'do');
          isOver = true;
        } finally {
          // It may have been let go on to call its function.
          if (!isOver) update(this, wakeNext);
        }
      }
    }
  }

  /** Whoever was at it has thrown, or was killed: the next one's function is called. */
  function giveUp(cell, token) {
    update(cell, (state) => {
      letGo(cell, token);
      if (state.status !== BUSY || state.runner !== token) return;
      state.status = NEW;
      wakeNext(state);
    });
  }

  /** Lets one look again; in vain where another one has begun by then. */
  function wakeNext(state) {
    if (state.status === NEW && state.gate !== undefined) open(state.gate);
  }

  return Once;
};
