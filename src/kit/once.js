'use strict';

// State: {status, value, queue}: 0 nobody has begun, 1 somebody is at it, 2 it is done.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createOnce(platform, { TAGS, add, takeFirst, takeOut }) {
  const { Cell, gate, open, signalOf, update, wait } = platform;
  const NEW = 0;
  const BUSY = 1;
  const DONE = 2;

  class Once extends Cell {
    constructor() {
      super(TAGS.ONCE, { __proto__: null, status: NEW, value: undefined, queue: [] });
    }

    /** Whether it was done. */
    get isDone() {
      return update(this, (state) => state.status === DONE);
    }

    /**
     * Calls the function unless that was done before, here or elsewhere; while somebody is at it, waits. Gives what that one call has
     * returned, a copy of it elsewhere. Where it throws, or is killed, the next one calls its function.
     */
    async do(fn, options) {
      const signal = signalOf(options, 'do');
      if (typeof fn !== 'function') throw new platform.TypeError('do takes a function');
      const mine = { gate: null, value: undefined };
      const look = (state) => {
        if (state.status === DONE) {
          mine.value = state.value;
          return DONE;
        }
        if (state.status === NEW) {
          state.status = BUSY;
          return NEW;
        }
        mine.gate = gate();
        add(state.queue, mine.gate);
        return BUSY;
      };
      for (;;) {
        const status = update(this, look);
        if (status === DONE) return mine.value;
        if (status === NEW) {
          let isDone = false;
          try {
            const value = await platform.awaited(fn());
            update(this, (state) => {
              state.value = value;
              state.status = DONE;
              while (state.queue.length > 0) open(takeFirst(state.queue));
            });
            isDone = true;
            return value;
          } finally {
            if (!isDone) giveUp(this);
          }
        }
        let isOpen = false;
        try {
          await wait(this, mine.gate, signal);
          isOpen = true;
        } finally {
          if (!isOpen && !update(this, (state) => takeOut(state.queue, mine.gate))) wakeNext(this);
        }
      }
    }
  }

  /** Whoever was at it has thrown, or was killed: the next one's function is called. */
  function giveUp(cell) {
    update(cell, (state) => {
      state.status = NEW;
      state.value = undefined;
      openNext(state);
    });
  }

  function wakeNext(cell) {
    update(cell, openNext);
  }

  function openNext(state) {
    if (state.status !== BUSY && state.queue.length > 0) open(takeFirst(state.queue));
  }

  return Once;
};
