'use strict';

// The functions that have called the one in which an error was made, where those were suspended meanwhile: they are no longer on V8's
// stack, but are frames of the task. An error that passes from one to the next is taken note of once, and its stack shows them when it is
// read. Whoever reads it before, in the function that was resumed, sees that one alone, as after an `await` everywhere.

const { ArrayIsArray, Error, WeakMap, WeakMapPrototypeGet, WeakMapPrototypeHas, WeakMapPrototypeSet } =
  require('primordials');

/** Callers that are noted at most. */
const MOST = 64;

/** For errors the continuation and point of the function that they have left first, and those of its callers, the innermost first. */
const notes = new WeakMap();

/**
 * An error leaves a function that was resumed.
 * @param {unknown} error
 * @param {unknown[]} frame that of the function
 * @param {unknown[]} callers the frame of its caller, which has that of its own (see scheduler.js)
 */
function noteCallers(error, frame, callers) {
  if (typeof error !== 'object' || error === null || WeakMapPrototypeHas(notes, error)) return;
  const frames = [frame[0], frame[1]];
  for (let next = callers; ArrayIsArray(next) && frames.length <= 2 * MOST; next = next[3]) {
    frames[frames.length] = next[0];
    frames[frames.length] = next[1];
  }
  WeakMapPrototypeSet(notes, error, frames);
}

/** The place of the outermost frame that the scheduler has called, if the stack goes as far. */
function outermost(sites, locate, isKernel) {
  let last;
  for (let i = 0; i < sites.length; i++) {
    const name = sites[i].getScriptNameOrSourceURL();
    if (name === 'hertzscript:scheduler' && sites[i].getFunctionName() === 'runFiber') {
      return last && locate(last.getScriptNameOrSourceURL(), last.getLineNumber(), last.getColumnNumber());
    }
    if (!isKernel(name) && typeof name === 'string' && sites[i].getLineNumber() !== null) last = sites[i];
  }
  return undefined;
}

/**
 * Adds the lines of the callers to those of a stack.
 * @param {object} error
 * @param {string[]} lines
 * @param {CallSite[]} sites
 * @param {{locate: Function, locateFrame: Function}} natives
 * @param {(script: string) => boolean} isKernel
 */
function addCallers(error, lines, sites, { locate, locateFrame }, isKernel) {
  const frames = WeakMapPrototypeGet(notes, error);
  const limit = Error.stackTraceLimit;
  if (frames === undefined || typeof limit !== 'number') return;
  // An error that was made elsewhere, and thrown here, has come from there.
  const place = outermost(sites, locate, isKernel);
  const left = locateFrame(frames[0], frames[1]);
  if (place === undefined || left === undefined || place[3] !== left[0] || place[2] !== left[3]) return;
  for (let i = 2; i < frames.length && lines.length < limit; i += 2) {
    const caller = locateFrame(frames[i], frames[i + 1]);
    if (caller === undefined || caller[1] === 0 || isKernel(caller[0])) continue;
    lines[lines.length] = lineOfFrame(caller);
  }
}

/** The line of a task's frame, of what `locateFrame` tells of it. */
function lineOfFrame([script, line, column, name]) {
  const at = line === 0 ? script : `${script}:${line}:${column}`;
  return name === '' ? at : `${name} (${at})`;
}

module.exports = { addCallers, lineOfFrame, noteCallers };
