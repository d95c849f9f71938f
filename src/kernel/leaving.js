'use strict';

// Generators and async functions are left in their middle by their own `yield` and `await`. Their frames (see
// src/compiler/coroutine/function.rs) have two places more than others:
//
//   4   of an async function its promise, once there is one; of a generator its state
//   5   of a generator what it was left with
//
// Outside of the frame nothing is kept, since between a generator and who drives it other tasks may run.

const { ObjectFreeze } = require('primordials');

/** Why a function was left; src/compiler/coroutine/ir.rs has the same numbers. */
const AWAIT = 1;
const YIELD = 2;
const RESULT = 3;
const DELEGATE = 4;

/** How a frame is resumed; only generators know the last. */
const NEXT = 0;
const THROW = 1;
const KILL = 2;
const RETURN = 3;

/** States of generators; compiled code knows their numbers (`driven` in src/compiler/coroutine/leaves.rs). */
const IDLE = 0;
const RUNNING = 1;
const DONE = 2;
/** Of a frame that is no generator's: its values are asked for otherwise. */
const OTHERWISE = 3;

/** What continuations look for before they call something that may block; see `marks` of the scheduler. */
const BLOCKS = '\u{fe}k';

const mark = (kind) => ObjectFreeze({ __proto__: null, kind });

/** What the continuation returns when it is left, by the reason. */
const LEFT = [undefined, mark(AWAIT), mark(YIELD), mark(RESULT), mark(DELEGATE)];
const [, AWAITED, YIELDED, RESULT_YIELDED, DELEGATED] = LEFT;

function leave(frame, kind, value) {
  frame[5] = value;
  // Who drives a generator looks at this alone where it has yielded: comparing what the continuation has returned would be slower, once
  // any of the realm's generators has returned a number. Frames of async generators have 0 there at all times.
  if (kind === YIELD) frame[4] = IDLE;
  return LEFT[kind];
}

/** Whether a generator was left with something that nobody has taken yet. Of `undefined` that is not known. */
const isLeft = (frame) => frame[5] !== undefined;

/** What a generator was left with. */
function taken(frame) {
  const value = frame[5];
  frame[5] = undefined;
  return value;
}

module.exports = {
  AWAIT,
  YIELD,
  DELEGATE,
  NEXT,
  THROW,
  KILL,
  RETURN,
  IDLE,
  RUNNING,
  DONE,
  OTHERWISE,
  BLOCKS,
  AWAITED,
  YIELDED,
  RESULT_YIELDED,
  DELEGATED,
  isLeft,
  leave,
  taken,
};
