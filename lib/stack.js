'use strict';

// Stack traces of errors that come from tasks: positions inside an isolate become positions in the user's files, the
// kernel's own frames go, and the place of the spawn follows.

/** A position in a shipped function. */
const SHIPPED = /hertzscript:code\/\d+:(\d+):(\d+)/g;

/** A frame of the kernel. */
const KERNEL = /^\s+at .*hertzscript:(?!code\/)/;

/** Frames of the spawn's place that are shown. */
const SITE_FRAMES = 2;

/**
 * How often the place of a spawn is looked up for one function in one job. Looking costs several times what the rest of a
 * spawn does. Whoever spawns the same function more often than this without a break does it in a loop, from one place.
 */
const SITES_A_JOB = 16;

/** Sites of the current job: by the code's number, how many were captured and the last of them. */
let sites = null;

/**
 * The place where a task with this code is spawned.
 * @param {number} code
 * @param {Function} until
 */
function siteOf(code, until) {
  if (sites === null) {
    sites = new Map();
    queueMicrotask(() => {
      sites = null;
    });
  }
  let known = sites.get(code);
  if (known === undefined) {
    known = { count: 0, site: null };
    sites.set(code, known);
  }
  if (known.count < SITES_A_JOB) {
    known.count++;
    known.site = captureSite(until);
  }
  return known.site;
}

/**
 * Remembers where a task is spawned. V8 only makes a text of it when somebody asks.
 * @param {Function} until the public function that was called: frames above it are left out
 */
function captureSite(until) {
  const site = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = typeof limit === 'number' && limit < SITE_FRAMES ? limit : SITE_FRAMES;
  Error.captureStackTrace(site, until);
  Error.stackTraceLimit = limit;
  return site;
}

/** The frames of a site, the first one marked as the spawn's. */
function siteFrames(site, verb) {
  const stack = typeof site.stack === 'string' ? site.stack : '';
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  if (frames.length === 0) return '';
  const first = /^\s+at (?:(.*?) \((.*)\)|(.*))$/.exec(frames[0]);
  const place = first[2] ?? first[3];
  const within = first[1] === undefined ? '' : ` in ${first[1].replace(/^Object\.<anonymous>$/, 'the main program')}`;
  frames[0] = `    at ${verb}${within} (${place})`;
  return `\n${frames.join('\n')}`;
}

/** Makes positions in a shipped function positions in its file. */
function shippedMapper(fn) {
  let start;
  return (text) =>
    text.replace(SHIPPED, (_position, line, column) => {
      if (start === undefined) start = require('./location.js').locate(fn);
      if (start === null) return `${fn.name || '<anonymous>'}:${line}:${column}`;
      const [l, c] = [Number(line), Number(column)];
      return l === 1
        ? `${start.file}:${start.line}:${start.column + c - 1}`
        : `${start.file}:${start.line + l - 1}:${c}`;
    });
}

/** Makes positions in what a program was compiled to positions in its source. */
function programMapper(filename, json) {
  if (json === null || json === undefined) return (text) => text;
  const { SourceMap } = require('node:module');
  const map = new SourceMap(JSON.parse(json));
  const position = new RegExp(`${filename.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+):(\\d+)`, 'g');
  return (text) =>
    text.replace(position, (whole, line, column) => {
      const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
      if (entry.originalLine === undefined) return whole;
      return `${filename}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    });
}

/** Drops the kernel's frames, and what only they call through. */
function withoutKernel(stack) {
  const lines = stack.split('\n');
  const kept = [];
  for (const [index, line] of lines.entries()) {
    if (KERNEL.test(line)) continue;
    // `apply` by which the kernel calls the function has a frame of its own in some versions of V8.
    if (/^\s+at (?:Reflect\.)?apply \(<anonymous>\)$/.test(line) && KERNEL.test(lines[index + 1] ?? '')) continue;
    kept.push(line);
  }
  return kept.join('\n');
}

/**
 * Completes the stacks of a value that a task threw, of its causes and of an AggregateError's errors.
 * @param {unknown} value
 * @param {(text: string) => string} mapper
 * @param {object} site from `captureSite`
 * @param {string} verb the function that started the task
 */
function completeStacks(value, mapper, site, verb) {
  const seen = new Set();
  const visit = (error, outermost) => {
    if (!(error instanceof Error) || seen.has(error)) return;
    seen.add(error);
    if (typeof error.stack === 'string') {
      const stack = mapper(withoutKernel(error.stack)) + (outermost ? siteFrames(site, verb) : '');
      Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true, enumerable: false });
    }
    visit(error.cause, false);
    if (Array.isArray(error.errors)) for (const inner of error.errors) visit(inner, false);
  };
  visit(value, true);
}

/** Gives an error of the pool itself the place of the spawn as its stack. */
function stackOfSite(error, site, verb) {
  const stack = `${error.name}: ${error.message}${siteFrames(site, verb)}`;
  Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true, enumerable: false });
  return error;
}

module.exports = { captureSite, siteOf, completeStacks, programMapper, shippedMapper, stackOfSite };
