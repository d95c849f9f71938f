'use strict';

// Those who wait in a cell, in order. The first few stand in its state, which everybody decodes who looks at it; the others in a channel of
// the cell's, so that a state stays small however many wait.
//
// In a state: {queue, turn, rest}. `queue` are the first ones, `turn` is the number of who came last, and `rest`, if there are others, is
// {line, gone}: their channel, and how many in it have given up. Who waits is an object with a `gate`, and gets its number as `turn`.

/** So many stand in the state. */
const FRONT = 4;

/** So many that have given up are left where they are. */
const SPARED = 16;

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createLine(platform, { add, takeFirst }) {
  const { enqueue, dequeue, isShut, lengthOf, line, open, shut } = platform;

  /** What a state has of it at first. */
  const nobody = () => ({ queue: [], turn: 0, rest: undefined });

  function lineUp(state, mine) {
    mine.turn = ++state.turn;
    if (state.rest === undefined) {
      if (state.queue.length < FRONT) {
        add(state.queue, mine);
        return;
      }
      state.rest = { __proto__: null, line: line(), gone: 0 };
    }
    enqueue(state.rest.line, mine);
  }

  /** Who is next; or undefined. Where anybody waits, somebody stands in the state. */
  function firstOf(state) {
    const { queue } = state;
    // Who waited in an isolate that has died waits no more.
    while (queue.length > 0 && isShut(queue[0].gate)) takeAway(state);
    return queue[0];
  }

  function takeAway(state) {
    const first = takeFirst(state.queue);
    moveUp(state);
    return first;
  }

  /** Takes the first one out of the line and lets it go on; false where its isolate has died just now. */
  const letGoOn = (state) => open(takeAway(state).gate);

  /** Who is next, and goes on; or undefined. */
  function takeNext(state) {
    for (let first = firstOf(state); first !== undefined; first = firstOf(state)) if (letGoOn(state)) return first;
    return undefined;
  }

  function moveUp(state) {
    const { queue, rest } = state;
    if (rest === undefined || queue.length > 0) return;
    while (queue.length < FRONT) {
      const next = dequeue(rest.line);
      if (next === undefined) {
        state.rest = undefined;
        return;
      }
      if (!isShut(next.gate)) add(queue, next);
      else if (rest.gone > 0) rest.gone--;
    }
  }

  /** Steps out of the line; whether it stood there. */
  function stepOut(state, { turn, gate }) {
    const { queue, rest } = state;
    if (turn === undefined || queue.length === 0) return false;
    for (let i = 0; i < queue.length; i++) {
      if (queue[i].turn !== turn) continue;
      for (let j = i + 1; j < queue.length; j++) queue[j - 1] = queue[j];
      queue.length--;
      moveUp(state);
      return true;
    }
    if (rest === undefined || turn < queue[queue.length - 1].turn) return false;
    // Nobody looks for it: whoever comes to it sees that it has gone.
    shut(gate);
    rest.gone++;
    if (rest.gone > SPARED && rest.gone * 2 > lengthOf(rest.line)) compact(rest);
    return true;
  }

  /** Takes those out who have given up. */
  function compact(rest) {
    for (let left = lengthOf(rest.line); left > 0; left--) {
      const one = dequeue(rest.line);
      if (!isShut(one.gate)) enqueue(rest.line, one);
    }
    rest.gone = 0;
  }

  return { firstOf, letGoOn, lineUp, nobody, stepOut, takeNext };
};
