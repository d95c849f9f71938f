'use strict';

// State: {readers, writer}, and who waits (`line.js`). `readers` are the tokens of those who read, `writer` the token of who writes, 0 for nobody. The line
// is served in order, so a writer waits for the readers before it and no reader overtakes it.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createRWMutex(platform, { TAGS, add, takeFirst, takeOut }) {
  const { Cell, acquire, firstOf, giveBack, letGo, letGoOn, newToken, nobody, signalOf, stepOut } = platform;
  const { tryAcquire, update } = platform;

  class RWMutex extends Cell {
    constructor() {
      super(TAGS.RWMUTEX, { __proto__: null, readers: [], writer: 0, ...nobody() });
    }

    /** Waits until nobody else reads or writes, and holds the lock for writing. */
    async lock(options) {
      const signal = signalOf(options, 'lock');
      return await acquire(this, begin(true), signal, 'lock', enter, leave);
    }

    /** Waits until nobody writes, and holds the lock for reading, together with others. */
    async rlock(options) {
      const signal = signalOf(options, 'rlock');
      return await acquire(this, begin(false), signal, 'rlock', enter, leave);
    }

    /** Holds the lock for writing if nobody else has it; returns undefined otherwise. */
    tryLock() {
      return tryAcquire(this, begin(true), enter);
    }

    /** Holds the lock for reading if nobody writes, or waits to; returns undefined otherwise. */
    tryRLock() {
      return tryAcquire(this, begin(false), enter);
    }

    /** Ends writing. */
    unlock() {
      update(this, (state) => {
        const { writer } = state;
        if (writer === 0) throw new platform.Error('unlock of an RWMutex that nobody holds for writing');
        state.writer = 0;
        admit(state);
        letGo(this, writer);
      });
    }

    /** Ends reading, for who has begun to read first. */
    runlock() {
      update(this, (state) => {
        if (state.readers.length === 0) throw new platform.Error('runlock of an RWMutex that nobody holds for reading');
        const first = takeFirst(state.readers);
        admit(state);
        letGo(this, first);
      });
    }

    /** What a guard does in the end; nothing if the lock was released otherwise. */
    giveBack(token) {
      giveBack(this, token, leave);
    }
  }

  const begin = (isWriter) => ({ gate: null, token: newToken(), isWriter });

  function isFree(state, isWriter) {
    return state.writer === 0 && (!isWriter || state.readers.length === 0);
  }

  function take(state, { token, isWriter }) {
    if (isWriter) state.writer = token;
    else add(state.readers, token);
  }

  function enter(state, mine) {
    if (firstOf(state) !== undefined || !isFree(state, mine.isWriter)) return false;
    take(state, mine);
    return true;
  }

  /** Lets those in who are next and can go on. */
  function admit(state) {
    for (let next = firstOf(state); next !== undefined && isFree(state, next.isWriter); next = firstOf(state)) {
      if (letGoOn(state)) take(state, next);
    }
  }

  /** Takes back a wait, or ends what the token stands for. */
  function leave(state, mine) {
    if (state.writer === mine.token) state.writer = 0;
    else if (!takeOut(state.readers, mine.token)) stepOut(state, mine);
    admit(state);
  }

  return RWMutex;
};
