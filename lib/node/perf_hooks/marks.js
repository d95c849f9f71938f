'use strict';

// What `performance` has besides a clock: moments and spans that a program notes. Nobody observes them.

const { invalid } = require('../util/invalid.js');
const { refuse } = require('../unavailable/refuse.js');
// A program's own script may have a variable of the name.
const { performance } = globalThis;

const KEY = Symbol('entry');

class PerformanceEntry {
  constructor(key, name, entryType, startTime, duration) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    Object.assign(this, { name, entryType, startTime, duration });
  }

  toJSON() {
    return { ...this };
  }
}

/** Details are copies. */
const copyOf = (detail) => (detail === undefined || detail === null ? null : structuredClone(detail));

class PerformanceMark extends PerformanceEntry {
  constructor(name, options = {}) {
    const { startTime = performance.now(), detail } = options ?? {};
    if (typeof startTime !== 'number') throw invalid('startTime', 'number', startTime);
    if (startTime < 0) {
      const error = new TypeError(`${startTime} is not a valid timestamp`);
      error.code = 'ERR_PERFORMANCE_INVALID_TIMESTAMP';
      throw error;
    }
    super(KEY, `${name}`, 'mark', startTime, 0);
    this.detail = copyOf(detail);
  }
}

class PerformanceMeasure extends PerformanceEntry {
  constructor(key, name, start, duration, detail) {
    super(key, name, 'measure', start, duration);
    this.detail = copyOf(detail);
  }
}

let entries = [];

/** When something was that is named by a mark, or a number itself. */
function timeOf(mark) {
  if (typeof mark === 'number') return mark;
  const found = entries.findLast(({ name, entryType }) => entryType === 'mark' && name === `${mark}`);
  if (found !== undefined) return found.startTime;
  throw new DOMException(`The "${mark}" performance mark has not been set`, 'SyntaxError');
}

function note(entry) {
  const after = entries.findLastIndex(({ startTime }) => startTime <= entry.startTime);
  entries.splice(after + 1, 0, entry);
  return entry;
}

function measure(name, startOrOptions, endMark) {
  if (typeof name !== 'string') throw invalid('name', 'string', name);
  const isOptions = typeof startOrOptions === 'object' && startOrOptions !== null;
  const options = isOptions ? startOrOptions : { start: startOrOptions, end: endMark };
  const { duration, detail } = options;
  const isFromEnd = options.start === undefined && duration !== undefined && options.end !== undefined;
  const start = isFromEnd ? timeOf(options.end) - duration : options.start === undefined ? 0 : timeOf(options.start);
  let end = performance.now();
  if (options.end !== undefined) end = timeOf(options.end);
  else if (duration !== undefined) end = start + duration;
  return note(new PerformanceMeasure(KEY, name, start, end - start, detail));
}

/** Forgets all entries of a type, or those of a name. */
const clear = (type) => (name) => {
  entries = entries.filter((entry) => entry.entryType !== type || (name !== undefined && entry.name !== `${name}`));
};

/** A function that does the same: nobody could observe what it takes. */
function timerify(fn) {
  if (typeof fn !== 'function') throw invalid('fn', 'function', fn);
  return fn;
}

const notes = {
  clearMarks: clear('mark'),
  clearMeasures: clear('measure'),
  clearResourceTimings() {},
  eventLoopUtilization: refuse('performance', 'eventLoopUtilization'),
  getEntries: () => [...entries],
  getEntriesByName: (name, type) =>
    entries.filter((entry) => entry.name === name && (type === undefined || entry.entryType === type)),
  getEntriesByType: (type) => entries.filter(({ entryType }) => entryType === type),
  mark: (name, options) => note(new PerformanceMark(name, options)),
  markResourceTiming() {},
  measure,
  setResourceTimingBufferSize() {},
  timerify,
  toJSON: () => ({ timeOrigin: performance.timeOrigin }),
};
for (const [name, value] of Object.entries(notes)) {
  // What a program has put there itself stays.
  if (Object.getOwnPropertyDescriptor(performance, name)?.get !== undefined) performance[name] = value;
}

module.exports = { PerformanceEntry, PerformanceMark, PerformanceMeasure };
