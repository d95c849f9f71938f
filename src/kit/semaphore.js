'use strict';

// State: {size, free, lost, tokens, counts}, and who waits (`line.js`). Permits are given in order, so who wants many is not starved by those who want few.
// `tokens` are of those who have permits, and `counts` how many; both are lists of numbers alone, which are read fast.
// `lost` are permits that came back because their holder failed or was killed: a `release` of them by somebody else is no error.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createSemaphore(platform, { TAGS, add, placeOf, takeAt, takeFirst }) {
  const { Cell, acquire, firstOf, giveBack, isGone, letGo, letGoOn, newToken, nobody } = platform;
  const { signalOf, stepOut, tryAcquire, update } = platform;

  class Semaphore extends Cell {
    /** @param {number} size how many permits there are */
    constructor(size) {
      checked('Semaphore', size, Infinity);
      super(TAGS.SEMAPHORE, { __proto__: null, size, free: size, lost: 0, tokens: [], counts: [], ...nobody() });
    }

    /** Waits until there are so many permits, and takes them. */
    async acquire(count = 1, options = undefined) {
      const signal = signalOf(options, 'acquire');
      return await acquire(
        this,
        { gate: null, token: newToken(), count },
        signal,
        'acquire',
        entering('acquire'),
        leave,
      );
    }

    /** Takes so many permits if they are there; returns undefined otherwise. */
    tryAcquire(count = 1) {
      return tryAcquire(this, { gate: null, token: newToken(), count }, entering('tryAcquire'));
    }

    /** Gives permits back, whoever took them. */
    release(count = 1) {
      update(this, (state) => {
        checked('release', count, state.size);
        let left = count;
        if (state.lost > 0) {
          const known = Math.min(state.lost, left);
          state.lost -= known;
          left -= known;
        }
        if (state.free + left > state.size)
          throw new platform.RangeError(`release of ${count} permits of which not so many are taken`);
        state.free += left;
        // Those that were taken first count as given back.
        while (left > 0) {
          const { tokens, counts } = state;
          const part = Math.min(counts[0], left);
          counts[0] -= part;
          left -= part;
          if (counts[0] > 0) continue;
          takeFirst(counts);
          letGo(this, takeFirst(tokens));
        }
        admit(state);
      });
    }

    /** Permits that nobody has. */
    get available() {
      return update(this, (state) => {
        reclaim(state);
        return state.free;
      });
    }

    /** All permits. */
    get size() {
      return update(this, (state) => state.size);
    }

    /** What a guard does in the end. */
    giveBack(token) {
      giveBack(this, token, leave);
    }

    /** The holder has failed or was killed: its permits come back. */
    abandon(token) {
      update(this, (state) => {
        state.lost += leave(state, { token });
      });
    }
  }

  function checked(name, count, size) {
    if (typeof count !== 'number')
      throw new platform.TypeError(`${name}: the number of permits must be a number, not ${typeof count}`);
    if (!(platform.NumberIsInteger(count) && count >= 1 && count <= size)) {
      throw new platform.RangeError(
        `${name}: the number of permits must be a whole number from 1${size === Infinity ? '' : ` to ${size}`}, not ${count}`,
      );
    }
  }

  const entering = (name) => (state, mine) => {
    checked(name, mine.count, state.size);
    if (state.free < mine.count) reclaim(state);
    return firstOf(state) === undefined && take(state, mine);
  };

  /** Permits whose holders' isolates have died come back. */
  function reclaim(state) {
    const { tokens, counts } = state;
    for (let i = tokens.length - 1; i >= 0; i--) {
      if (!isGone(tokens[i])) continue;
      takeAt(tokens, i);
      const count = takeAt(counts, i);
      state.free += count;
      state.lost += count;
    }
    admit(state);
  }

  function take(state, { token, count }) {
    if (state.free < count) return false;
    state.free -= count;
    add(state.tokens, token);
    add(state.counts, count);
    return true;
  }

  function admit(state) {
    for (let next = firstOf(state); next !== undefined && state.free >= next.count; next = firstOf(state)) {
      if (letGoOn(state)) take(state, next);
    }
  }

  /** Takes back a wait, or what the token stands for; returns how many permits that were. */
  function leave(state, mine) {
    const { tokens, counts } = state;
    const place = placeOf(tokens, mine.token);
    let count = 0;
    if (place < 0) stepOut(state, mine);
    else {
      takeAt(tokens, place);
      count = takeAt(counts, place);
    }
    state.free += count;
    admit(state);
    return count;
  }

  return Semaphore;
};
