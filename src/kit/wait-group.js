'use strict';

// State: {count, queue}: how many are yet to be done, and the gates of those who wait for that.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createWaitGroup(platform, { TAGS, add, takeFirst, takeOut }) {
  const { Cell, gate, open, signalOf, undivided, update, wait } = platform;

  class WaitGroup extends Cell {
    constructor() {
      super(TAGS.WAIT_GROUP, { __proto__: null, count: 0, queue: [] });
    }

    /** So many more are to be done; a negative number: fewer. */
    add(count = 1) {
      if (!platform.NumberIsInteger(count)) throw new platform.TypeError(`add takes a whole number, not ${count}`);
      update(this, (state) => {
        if (state.count + count < 0) throw new platform.RangeError('WaitGroup: more are done than were added');
        state.count += count;
        while (state.count === 0 && state.queue.length > 0) open(takeFirst(state.queue));
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
        if (isAdded && !isStarted) this.done();
      }
    }

    /** Waits until all are done. */
    async wait(options) {
      const signal = signalOf(options, 'wait');
      const mine = { gate: null };
      const isDone = update(this, (state) => {
        if (state.count === 0) return true;
        mine.gate = gate();
        add(state.queue, mine.gate);
        return false;
      });
      if (isDone) return;
      let isOpen = false;
      try {
        await wait(this, mine.gate, signal);
        isOpen = true;
      } finally {
        if (!isOpen) update(this, (state) => takeOut(state.queue, mine.gate));
      }
    }
  }

  return WaitGroup;
};
