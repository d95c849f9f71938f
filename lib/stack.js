'use strict';

// Stack traces of errors that come from tasks: positions inside an isolate become positions in the user's files, the
// kernel's own frames go, and the place of the spawn follows.

const now = require('./now.js');
const { areFollowed, frameInSource, placeInSource } = require('./source-maps.js');

/**
 * A position in a shipped function, as `hertzscript:code/12+30:1:50` or `<function work 12>:1:20`: the number of its code, how much
 * stands before its text in the first line, line and column. The second form is what tasks see where they do not know its file.
 */
const SHIPPED = /(?:hertzscript:code\/|<function (?:[^<>\n]* )?)(\d+)(?:\+(\d+)|>)?:(\d+):(\d+)/g;

/** What all positions in isolates' own sources start with. */
const MARK = /hertzscript:|<function /;

/** A line of a stack that is a frame, wherever the stack is printed. */
const FRAME = /^\s+at /;

/** A frame of the kernel, with what `util.inspect` writes behind the last frame of an error with properties. */
const KERNEL = /^\s+at .*hertzscript:(?!code\/)[^{]*?( \{)?$/;

/** Frames of the spawn's place that are shown. */
const SITE_FRAMES = 2;

/**
 * How often the place of a spawn is looked up for one function in so many milliseconds. Looking costs several times what the rest of a
 * spawn does, most where an async function spawns. Whoever spawns the same function more often than this without a break does it in a loop,
 * from one place.
 */
const SITES_A_SPAN = 16;
const SPAN = 10;

/** Places of the current span: by the code's number, how many were looked up and what stands for all that follow. */
const sites = new Map();
let spanEnds = 0;

/**
 * The place where a task with this code is spawned.
 * @param {number} code
 * @param {Function} until
 */
function siteOf(code, until) {
  const time = now();
  if (time > spanEnds) {
    forgetSites();
    spanEnds = time + SPAN;
  }
  let known = sites.get(code);
  if (known === undefined) {
    known = { count: 0, last: null };
    sites.set(code, known);
  }
  if (known.count >= SITES_A_SPAN) return known.last;
  const site = captureSite(until);
  if (++known.count === SITES_A_SPAN) known.last = { earlier: site };
  return site;
}

/** There is a break: places, which keep alive what stood on the stack, are not needed any more. */
function forgetSites() {
  if (sites.size > 0) sites.clear();
}

/**
 * Remembers where a task is spawned. V8 only makes a text of it when somebody asks.
 * @param {Function} until the public function that was called: frames above it are left out
 */
function captureSite(until) {
  const site = {};
  const limit = Error.stackTraceLimit;
  if (Object.isFrozen(Error)) {
    // With --frozen-intrinsics the limit is what it is.
    Error.captureStackTrace(site, until);
    return site;
  }
  Error.stackTraceLimit = typeof limit === 'number' && limit < SITE_FRAMES ? limit : SITE_FRAMES;
  Error.captureStackTrace(site, until);
  Error.stackTraceLimit = limit;
  return site;
}

/** The frames of a site, the first one marked as the spawn's. */
function siteFrames({ site, verb }) {
  const { stack } = site.earlier ?? site;
  const frames = typeof stack === 'string' ? stack.split('\n').filter((line) => FRAME.test(line)) : [];
  if (frames.length === 0) return '';
  const first = /^\s+at (?:(.*?) \((.*)\)|(.*))$/.exec(frames[0]);
  const place = first[2] ?? first[3];
  const within = first[1] === undefined ? '' : ` in ${first[1].replace(/^Object\.<anonymous>$/, 'the main program')}`;
  const vague = site.earlier === undefined ? '' : ', or soon after';
  frames[0] = `    at ${verb}${within}${vague} (${place})`;
  return `\n${frames.join('\n')}`;
}

/** A position in a function's text, as a position in its file, or in that one's source, where that is known. */
function placeIn(fn, line, column) {
  const place = fn === undefined ? null : require('./location.js').placeIn(fn, line, column);
  return place === null ? `${fn?.name || '<anonymous>'}:${line}:${column}` : placeInSource(place);
}

/**
 * Makes positions in shipped functions positions in their files. The functions are looked up at once, while they are known;
 * where they stand, which takes long, when the mapper is used.
 * @param {string} stack what will be mapped
 * @param {(code: number) => Function | undefined} functionOf
 */
function shippedMapper(stack, functionOf) {
  const functions = new Map();
  for (const [, code] of stack.matchAll(SHIPPED)) {
    if (!functions.has(code)) functions.set(code, functionOf(Number(code)));
  }
  return (text) =>
    text.replace(SHIPPED, (_position, code, before, line, column) =>
      placeIn(functions.get(code), Number(line), Number(column) - (line === '1' ? Number(before ?? 0) : 0)),
    );
}

/** Makes positions in what a program was compiled to positions in its source. */
function programMapper(filename, json) {
  if (json === null || json === undefined) return (text) => text;
  const { SourceMap } = require('node:module');
  let map;
  const position = new RegExp(`${filename.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+):(\\d+)`, 'g');
  return (text) =>
    text.replace(position, (whole, line, column) => {
      map ??= new SourceMap(JSON.parse(json));
      const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
      if (entry.originalLine === undefined) return whole;
      return `${filename}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    });
}

/** Drops the kernel's frames, and what only they call through, and maps positions in the others. */
function readable(stack, mapper) {
  const lines = stack.split('\n');
  const kept = [];
  for (const [index, line] of lines.entries()) {
    const kernel = KERNEL.exec(line);
    if (kernel !== null) {
      if (kernel[1] !== undefined && kept.length > 0) kept[kept.length - 1] += kernel[1];
      continue;
    }
    // `apply` by which the kernel calls the function has a frame of its own in some versions of V8.
    if (/^\s+at (?:Reflect\.)?apply \(<anonymous>\)$/.test(line) && KERNEL.test(lines[index + 1] ?? '')) continue;
    kept.push(FRAME.test(line) ? mapped(line, mapper) : line);
  }
  return kept.join('\n');
}

/** A frame in the user's sources. What the mapper knows it has mapped all the way. */
function mapped(frame, mapper) {
  const known = mapper(frame);
  return known === frame ? frameInSource(frame) : known;
}

/** Whether there is something in a text to make readable; places in files, which isolates are told, may have sources. */
function toBeRead(text) {
  return MARK.test(text) || (areFollowed() && /\n\s+at /.test(text));
}

/** Makes stacks in a text that a task printed readable. */
function readableText(text, functionOf) {
  return toBeRead(text) ? readable(text, shippedMapper(text, functionOf)) : text;
}

/**
 * Gives an error a stack that is made when somebody reads it. Most are never read, and knowing where a function stands takes
 * longer than running many a task.
 */
function defineStack(error, make) {
  const settle = (value) => {
    Object.defineProperty(error, 'stack', { value, writable: true, configurable: true, enumerable: false });
  };
  let made;
  Object.defineProperty(error, 'stack', {
    get() {
      if (made === undefined) {
        made = make();
        if (!Object.isFrozen(error)) settle(made);
      }
      return made;
    },
    set: settle,
    configurable: true,
    enumerable: false,
  });
}

/**
 * Completes the stacks of errors that came in one message.
 * @param {Error[]} errors
 * @param {unknown} thrown what the task threw, whose stack goes on with the place of the spawn
 * @param {{site: object, verb: string, mapper?: () => (text: string) => string} | undefined} record the task, where it is
 *   known
 * @param {(code: number) => Function | undefined} functionOf
 */
function completeStacks(errors, thrown, record, functionOf) {
  for (const error of errors) {
    const { stack } = error;
    const ends = error === thrown && record !== undefined;
    if (typeof stack !== 'string') {
      // It could not be read in the task, or was taken away there.
      if (ends) stackOfSite(error, record);
      continue;
    }
    if (!ends && record?.mapper === undefined && !toBeRead(stack)) continue;
    const mapper = record?.mapper?.() ?? shippedMapper(stack, functionOf);
    defineStack(error, () => readable(stack, mapper) + (ends ? siteFrames(record) : ''));
  }
}

/** Gives an error of the pool itself the place of the spawn as its stack. */
function stackOfSite(error, record) {
  defineStack(error, () => `${error.name}: ${error.message}${siteFrames(record)}`);
  return error;
}

/**
 * The lines of a task's stack as its isolate has told them, in the user's files, and where it was spawned.
 * @param {string} lines each begins with a line feed
 */
function completeLines(lines, record, functionOf) {
  const mapper = record.mapper?.() ?? shippedMapper(lines, functionOf);
  return readable(lines, mapper) + siteFrames(record);
}

module.exports = {
  captureSite,
  completeLines,
  forgetSites,
  siteOf,
  completeStacks,
  programMapper,
  readableText,
  stackOfSite,
};
