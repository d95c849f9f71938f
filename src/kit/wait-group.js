'use strict';

// State: {count, gate}: how many are yet to be done, and where all wait for that: the gate is shut then.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createWaitGroup(platform, { TAGS }) {
  const { Cell, gate, shut, signalOf, undivided, update, wait } = platform;

  class WaitGroup extends Cell {
    constructor() {
      super(TAGS.WAIT_GROUP, { __proto__: null, count: 0, gate: undefined });
    }

    /** So many more are to be done; a negative number: fewer. */
    add(count = 1) {
      if (!platform.NumberIsInteger(count)) {
        const what = typeof count === 'number' ? count : typeof count;
        throw new platform.TypeError(`add takes a whole number, not ${what}`);
      }
      update(this, (state) => {
        if (state.count + count < 0) throw new platform.RangeError('WaitGroup: more are done than were added');
        state.count += count;
        if (state.count > 0 || state.gate === undefined) return;
        shut(state.gate);
        state.gate = undefined;
      });
    }

    /** One is done. */
    done() {
      this.add(-1);
    }

    /** How many are yet to be done. */
    get count() {
      return update(this, (state) => state.count);
    }

    /** Starts a task that counts until it has settled, however it does. */
    go(fn, ...args) {
      let isAdded = false;
      let isStarted = false;
      try {
        undivided(() => {
          this.add(1);
          isAdded = true;
        });
        const task = platform.spawn(fn, ...args);
        undivided(() => {
          platform.settled(task, () => this.done());
          isStarted = true;
        });
        return task;
      } finally {
        undivided(() => {
          if (isAdded && !isStarted) this.done();
        });
      }
    }

    /** Waits until all are done. */
    async wait(options) {
      const signal = signalOf(options, 'wait');
      const end = update(this, (state) => {
        if (state.count > 0) state.gate ??= gate();
        return state.gate;
      });
      if (end !== undefined) await wait(end, signal, 'wait');
    }
  }

  return WaitGroup;
};
