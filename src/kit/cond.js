'use strict';

// State: {mutex}, and who waits (`line.js`). Who waits gives up the lock, and has it again when it goes on.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createCond(platform, { TAGS }) {
  const { Cell, gate, holdGate, letGoGate, lineUp, nobody, signalOf, stepOut, takeNext, undivided } = platform;
  const { update, wait } = platform;

  class Cond extends Cell {
    /** @param {object} mutex the Mutex or RWMutex that guards what is waited for */
    constructor(mutex) {
      if (!(mutex instanceof platform.Mutex) && !(mutex instanceof platform.RWMutex))
        throw new platform.TypeError('new Cond(mutex) takes a Mutex or an RWMutex');
      super(TAGS.COND, { __proto__: null, mutex, ...nobody() });
    }

    /** The lock. */
    get mutex() {
      return update(this, (state) => state.mutex);
    }

    /**
     * Unlocks, waits for `signal` or `broadcast`, and locks again, also where the wait ends by `options.signal`.
     * @param {object} guard what `lock()` has given; it is valid again afterwards
     */
    async wait(guard, options) {
      const signal = signalOf(options, 'wait');
      if (!(guard instanceof platform.Guard))
        throw new platform.TypeError('wait takes the guard that lock() has given');
      const { mutex } = this;
      if (!guard.isOf(mutex))
        throw new platform.TypeError('wait takes a guard of the lock of this Cond, which was not released');
      const mine = { gate: gate() };
      let isOpen = false;
      let isReleased = false;
      try {
        update(this, (state) => {
          holdGate(mine.gate, this);
          lineUp(state, mine);
        });
        undivided(() => {
          guard.release();
          isReleased = true;
        });
        isOpen = await wait(mine.gate, signal, 'wait');
      } finally {
        letGoGate(mine.gate);
        // A signal that came at the same time goes to the next one.
        if (!isOpen && !update(this, (state) => stepOut(state, mine))) this.signal();
        if (isReleased) guard.renew(await mutex.lock());
      }
    }

    /** Lets the one go on that waits longest. */
    signal() {
      update(this, (state) => {
        takeNext(state);
      });
    }

    /** Lets all go on that wait. */
    broadcast() {
      update(this, (state) => {
        while (takeNext(state) !== undefined);
      });
    }
  }

  return Cond;
};
