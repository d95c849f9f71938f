'use strict';

// Where a task stands: the places of its frames in the source, what it waits for, and the chain of spawns that led to it.
//
// A suspended task's stack is a list of frames (see scheduler.js); the compiler's tables say where in the source each of them
// stands. Below the function that a promise's job runs stand those that await it: the task's result is a promise which an async
// function will settle, that may await another one, and so on. Only what is blocked under a native frame is on V8's own stack.

const { lineOfFrame } = require('caller-stack');
const { isKernel, lineOf, state: traces } = require('stack-trace');
const {
  ArrayIsArray,
  captureStackTrace,
  Error,
  MathMin,
  RegExpPrototypeExec,
  SetPrototypeForEach,
} = require('primordials');

/**
 * Spawns whose places are taken note of: so many at once, and so many more with each entry of the thread into the realm. That takes
 * half a microsecond each, which is more than all else that a spawn does.
 */
const SITES = 256;
const MORE_SITES = 32;

/** Spawns of which a chain tells at most. */
const LONGEST = 32;

/** Frames that are asked for to find the one that called `spawn`. */
const SITE_FRAMES = 4;

/** Lines of a stack at most: the innermost ones. */
const MOST_LINES = 200;

let budget = SITES;

/** The thread has entered the realm anew. */
function renewBudget() {
  budget = MathMin(SITES, budget + MORE_SITES);
}

/**
 * Takes note of where a task is spawned: its place, the name of the task that does it, and the place of that one's spawn.
 * @param {object} parent the task that spawns
 * @param {Function} until the function that was called
 * @returns {object} what `chainOf` reads
 */
function siteOf(parent, until) {
  const { children } = parent;
  if (budget === 0) {
    // Who spawns so often does it in a loop, most likely from one place; nothing is said that is not known.
    children.later ??= link(parent, undefined);
    return children.later;
  }
  budget--;
  return link(parent, trace(SITE_FRAMES, until));
}

function link(parent, place) {
  const up = parent.site;
  const depth = up === undefined ? 0 : up.depth + 1;
  const site = { __proto__: null, place, name: parent.name, up, depth };
  if (depth < 2 * LONGEST) return site;
  // The oldest part of the chain is let go.
  const first = { ...site, depth: LONGEST - 1 };
  let last = first;
  for (let i = LONGEST - 2; i >= 0; i--) {
    last.up = { ...last.up, depth: i };
    last = last.up;
  }
  last.up = undefined;
  return first;
}

/** Takes note of V8's stack. A text is made of it when somebody asks. */
function trace(frames, until) {
  const holder = { __proto__: null, lines: undefined };
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = frames;
  captureStackTrace(holder, until);
  Error.stackTraceLimit = stackTraceLimit;
  return holder;
}

/** The stack under which a task blocks natively. */
const traceNative = () => trace(MOST_LINES, undefined);

/** The places in what `trace` has noted, up to where the scheduler entered the fiber. */
function linesOf(holder) {
  // V8 tells them once: `stack` is a text from then on.
  holder.lines ??= read(holder);
  return holder.lines;
}

function read(holder) {
  const lines = [];
  const outer = traces.inspect;
  traces.inspect = (_, sites) => {
    for (let i = 0; i < sites.length; i++) {
      const name = sites[i].getScriptNameOrSourceURL();
      if (name === 'hertzscript:scheduler') {
        const fn = sites[i].getFunctionName();
        if (fn === 'runFiber' || fn === 'runJobs') break;
      }
      const line = lineOf(sites[i]);
      if (line !== undefined && !isKernel(name)) lines[lines.length] = line;
    }
    return '';
  };
  try {
    void holder.stack;
  } finally {
    traces.inspect = outer;
  }
  return lines;
}

/** What a blocked fiber waits for, in words. */
function waitOf({ place }) {
  const what = place?.what;
  return (typeof what === 'function' ? what() : what) ?? 'an operation that blocks';
}

/**
 * @param {{locateFrame: Function}} natives
 * @param {{
 *   chainOf: (promise: unknown) => unknown[][],
 *   running: () => object | null,
 * }} realm `running`: the fiber that runs; `chainOf`: see standing.js
 */
module.exports = function createStacks(natives, realm) {
  function addFrame(lines, frame, isAsync) {
    const place = natives.locateFrame(frame[0], frame[1]);
    if (place === undefined || isKernel(place[0])) return;
    lines[lines.length] = `${isAsync ? 'async ' : ''}${lineOfFrame(place)}`;
  }

  /** Adds a list of frames; returns the outermost one. */
  function addFrames(lines, top) {
    let last;
    for (let frame = top; ArrayIsArray(frame) && lines.length < MOST_LINES; frame = frame[3]) {
      addFrame(lines, frame, false);
      last = frame;
    }
    return last;
  }

  /** The lines of a task's stack, the innermost first. */
  function framesOf(task) {
    const lines = [];
    const add = (fiber) => {
      if (fiber.trace === undefined) return addFrames(lines, fiber.top);
      const native = linesOf(fiber.trace);
      for (let i = 0; i < native.length; i++) lines[lines.length] = native[i];
      return undefined;
    };
    let bottom;
    // What runs first or is blocked in the middle of a job, before what waits for it.
    if (task.active !== null && task.active !== task.main) bottom = add(task.active);
    task.others !== undefined &&
      SetPrototypeForEach(task.others, (fiber) => {
        if (fiber !== task.active) bottom = add(fiber) ?? bottom;
      });
    if (task.main !== null) add(task.main);
    const chain = realm.chainOf(task.result);
    for (let i = chain.length - 1; i >= 0 && lines.length < MOST_LINES; i--) {
      if (chain[i] !== bottom) addFrame(lines, chain[i], true);
    }
    return lines;
  }

  /** The places of the spawns that led to a task within its realm, the last one first. */
  function chainOf(task) {
    const lines = [];
    for (let site = task.site; site !== undefined; site = site.up) {
      const place = site.place === undefined ? 'one of many spawns at once' : (linesOf(site.place)[0] ?? '<anonymous>');
      const within = site.name === '' ? '' : ` in ${site.name}`;
      // The place is that of the call; the function around it says less than the task.
      const at = RegExpPrototypeExec(/\((.*)\)$/, place)?.[1] ?? place;
      lines[lines.length] = `spawn${within} (${at})`;
    }
    return lines;
  }

  /** How a task stands, and what it waits for, in words. */
  function stateOf(task) {
    if (task.isPaused) return `paused${blockedIn(task)}`;
    if (task.active !== null || task.isReady || task.jobs.length > 0) return 'running';
    const where = blockedIn(task);
    // Under native frames it is blocked in its own name; else it is the one that asks, or has asked something that runs now.
    for (let fiber = realm.running(); fiber !== null; fiber = fiber.under) {
      if (fiber.task === task && (where === '' || where === ' in await')) return 'running';
    }
    return `blocked${where}`;
  }

  function blockedIn(task) {
    if (task.main?.place !== undefined) return ` in ${waitOf(task.main)}`;
    let job;
    task.others !== undefined &&
      SetPrototypeForEach(task.others, (fiber) => {
        if (fiber.place !== undefined) job ??= fiber;
      });
    if (job !== undefined) return ` in ${waitOf(job)}`;
    return task.main === null ? ' in await' : '';
  }

  /** The lines of a stack as text, as those of errors. */
  function textOf(task) {
    let text = '';
    const frames = framesOf(task);
    for (let i = 0; i < frames.length; i++) text += `\n    at ${frames[i]}`;
    const chain = chainOf(task);
    for (let i = 0; i < chain.length; i++) text += `\n    at ${chain[i]}`;
    return text;
  }

  return { stateOf, textOf };
};

Object.assign(module.exports, { renewBudget, siteOf, traceNative });
