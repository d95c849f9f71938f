'use strict';

// The async functions by whose awaits an error came to where it is. V8 adds them to stacks where its own promises lead to them; these are
// the kernel's. So each await that an error ends is noted, which costs nothing where none fails, and the stack shows them when it is read.

const { Error, StringPrototypeStartsWith, WeakMap, WeakMapPrototypeGet, WeakMapPrototypeSet } = require('primordials');

/** Awaits that are noted of an error at most. */
const MOST = 10;

/** For errors the continuations and points of the awaits, the innermost first, and the promise of the last one's function. */
const notes = new WeakMap();

/**
 * An error ends an await.
 * @param {unknown} error
 * @param {unknown[]} frame that of the function which awaits, of the form that `async-function.js` tells
 * @param {unknown} awaited what it awaits
 */
function noteAwait(error, frame, awaited) {
  if (typeof error !== 'object' || error === null) return;
  const known = WeakMapPrototypeGet(notes, error);
  if (known === undefined) {
    WeakMapPrototypeSet(notes, error, { __proto__: null, last: frame[4], frames: [frame[0], frame[1]] });
    return;
  }
  const { frames } = known;
  // One error may be the end of many promises: only who awaits the function that was noted last comes next.
  if (awaited !== known.last || frames.length === 2 * MOST) return;
  known.last = frame[4];
  frames[frames.length] = frame[0];
  frames[frames.length] = frame[1];
}

/**
 * Adds the lines of the awaits to those of a stack.
 * @param {object} error
 * @param {string[]} lines
 * @param {(continuation: Function, point: number) => [string, number, number, string] | undefined} locateFrame
 * @param {(script: string) => boolean} isKernel
 */
function addAwaits(error, lines, locateFrame, isKernel) {
  const known = WeakMapPrototypeGet(notes, error);
  const limit = Error.stackTraceLimit;
  if (known === undefined || typeof limit !== 'number') return;
  const { frames } = known;
  let at = 0;
  const count = lines.length;
  for (let i = 0; i < frames.length && lines.length < limit; i += 2) {
    const place = locateFrame(frames[i], frames[i + 1]);
    if (place === undefined || place[1] === 0 || isKernel(place[0])) continue;
    const [script, line, column, name] = place;
    const begin = name === '' ? `${script}:${line}:` : `${name} (${script}:${line}:`;
    // Who had not awaited yet when the error was made is on the stack itself.
    let same = at;
    while (same < count && !StringPrototypeStartsWith(lines[same], begin)) same++;
    if (same < count) at = same + 1;
    else lines[lines.length] = `async ${begin}${column}${name === '' ? '' : ')'}`;
  }
}

module.exports = { addAwaits, noteAwait };
