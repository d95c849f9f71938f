'use strict';

// State: {count, gate, round, owed}: how many are yet to be done; where all wait for that: the gate is shut then; how often that has happened;
// and of which isolates the tasks are that `go` has started: {isolate, count}. If one of these dies, nobody else says that they are done.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createWaitGroup(platform, { TAGS, add, takeOut }) {
  const { Cell, gate, hasEnded, isShut, isolate, owe, shut, signalOf, undivided, update, wait } = platform;

  class WaitGroup extends Cell {
    constructor() {
      super(TAGS.WAIT_GROUP, { __proto__: null, count: 0, gate: undefined, round: 0, owed: [] });
    }

    /** So many more are to be done; a negative number: fewer. */
    add(count = 1) {
      if (!platform.NumberIsInteger(count)) {
        const what = typeof count === 'number' ? count : typeof count;
        throw new platform.TypeError(`add takes a whole number, not ${what}`);
      }
      update(this, (state) => change(state, count));
    }

    /** One is done. */
    done() {
      this.add(-1);
    }

    /** How many are yet to be done. */
    get count() {
      return update(this, (state) => {
        forgive(state);
        return state.count;
      });
    }

    /** Starts a task that counts until it has settled, however it does. */
    go(fn, ...args) {
      let isAdded = false;
      let isStarted = false;
      try {
        undivided(() => {
          addOwed(this, 1);
          isAdded = true;
        });
        const task = platform.spawn(fn, ...args);
        undivided(() => {
          platform.settled(task, () => addOwed(this, -1));
          isStarted = true;
        });
        return task;
      } finally {
        undivided(() => {
          if (isAdded && !isStarted) addOwed(this, -1);
        });
      }
    }

    /** Waits until all are done. */
    async wait(options) {
      const signal = signalOf(options, 'wait');
      const seen = { round: -1 };
      for (;;) {
        const end = update(this, (state) => look(state, seen));
        if (end === undefined) return;
        // It is shut when all are done, and when an isolate has died that owed some.
        await wait(end, signal, 'wait');
      }
    }
  }

  function change(state, count) {
    if (state.count + count < 0) throw new platform.RangeError('WaitGroup: more are done than were added');
    state.count += count;
    if (state.count === 0) finish(state);
  }

  /** All are done: who waits goes on. */
  function finish(state) {
    if (state.gate === undefined) return;
    state.round++;
    tellAll(state);
  }

  function tellAll(state) {
    if (state.gate !== undefined) shut(state.gate);
    state.gate = undefined;
  }

  /** The same for tasks of `go`, which this isolate owes. */
  function addOwed(group, count) {
    update(group, (state) => {
      const mine = isolate();
      change(state, count);
      // The host does not die while others live.
      if (mine === 0) return;
      const { owed } = state;
      const before = entryOf(owed, mine);
      const entry = before ?? { isolate: mine, count: 0 };
      if (before === undefined) add(owed, entry);
      entry.count += count;
      if (entry.count === 0) takeOut(owed, entry);
      owe(group, count);
    });
  }

  function entryOf(owed, mine) {
    for (let i = 0; i < owed.length; i++) if (owed[i].isolate === mine) return owed[i];
    return undefined;
  }

  /** What dead isolates owe is done. */
  function forgive(state) {
    const { owed } = state;
    let lost = 0;
    for (let i = owed.length - 1; i >= 0; i--) {
      const entry = owed[i];
      if (!hasEnded(entry.isolate)) continue;
      takeOut(owed, entry);
      lost += entry.count;
    }
    if (lost === 0) return;
    // Others may have said by hand that some are done.
    state.count -= Math.min(lost, state.count);
    if (state.count === 0) finish(state);
    else tellAll(state);
  }

  /** Where to wait; undefined where all are done, or were meanwhile. */
  function look(state, seen) {
    forgive(state);
    if (seen.round < 0) seen.round = state.round;
    if (state.count === 0 || state.round !== seen.round) return undefined;
    // The core has shut it, and others may not have looked yet.
    if (state.gate !== undefined && isShut(state.gate)) state.gate = undefined;
    state.gate ??= gate();
    return state.gate;
  }

  return WaitGroup;
};
