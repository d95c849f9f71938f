'use strict';

// Which file a function is written in: what `require` and `import()` in it are relative to. Only functions whose text says that
// this matters are asked about, so that no other spawn pays for it.

const { dirname, isAbsolute } = require('node:path');
const { fileURLToPath } = require('node:url');
const { types } = require('node:util');
const { queueMicrotask } = require('./event-loop.js');

/** What was found before, by function. */
const known = new WeakMap();

/**
 * Functions with one text that were looked at in one job, as in a loop. After so many that all were in one place, the others of the
 * job are taken to be there, too.
 */
const LOOKS_A_JOB = 16;

/** By what is known of a text: what was found, and how often; `differs` where it was not always the same. */
let looks = null;

/**
 * Something about a function that is the same for all that the same place in a file makes.
 * @template T
 * @param {import('./codes.js').Entry} entry
 * @param {() => T} find
 * @param {(found: T) => unknown} keyOf
 * @returns {T}
 */
function inJob(entry, find, keyOf) {
  if (looks === null) {
    looks = new Map();
    queueMicrotask(() => {
      looks = null;
    });
  }
  let look = looks.get(entry);
  if (look === undefined) {
    look = { found: undefined, key: undefined, count: 0, differs: false };
    looks.set(entry, look);
  }
  if (look.count >= LOOKS_A_JOB && !look.differs) return look.found;
  const found = find();
  const key = keyOf(found);
  if (look.count++ > 0 && key !== look.key) look.differs = true;
  look.found = found;
  look.key = key;
  return found;
}

/** A script's URL or name as the path of a file; undefined for what is none. */
function pathOf(url) {
  if (typeof url !== 'string') return undefined;
  if (url.startsWith('file:')) {
    try {
      return fileURLToPath(url);
    } catch {
      return undefined;
    }
  }
  return isAbsolute(url) ? url : undefined;
}

/**
 * The file in which a function is written, as far as V8 or whoever has prepared it tells.
 * @param {Function} fn
 * @param {boolean} [mayAsk] whether the inspector may be asked
 * @returns {string | undefined}
 */
function fileOf(fn, mayAsk = true) {
  let file = known.get(fn);
  if (file !== undefined) return file ?? undefined;
  file = pathOf(require('./prepared.js').fileOf(fn));
  if (file === undefined && !mayAsk) return undefined;
  file ??= pathOf(require('./location.js').urlOf(fn));
  known.set(fn, file ?? null);
  return file;
}

/**
 * The file that has called a public function.
 * @param {Function | undefined} until the function: frames above it are left out
 * @returns {string | undefined}
 */
function callerOf(until) {
  // Nobody can ask with --frozen-intrinsics.
  if (until === undefined || Object.isFrozen(Error)) return undefined;
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder = {};
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.captureStackTrace(holder, until);
    return pathOf(holder.stack[0]?.getFileName());
  } catch {
    return undefined;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}

/**
 * What the `require` of a CommonJS module is relative to, without asking anybody.
 * @param {Function} required the module's `require`
 * @param {Function} fn a function that uses it
 * @returns {string | undefined} a file, or a folder with a slash at its end
 */
function baseOfRequire(required, fn) {
  const folder = required.resolve.paths('./file')?.[0];
  if (folder === undefined || !isAbsolute(folder)) return undefined;
  const file = fileOf(fn, false);
  return file !== undefined && dirname(file) === folder ? file : `${folder}/`;
}

/** Says that a function's specifiers are relative to a file, wherever it is written. */
function place(fn, file) {
  known.set(fn, file ?? null);
}

/** Whether a value is the `require` of a CommonJS module, which tasks may have one of their own for. */
function isRequire(value) {
  if (typeof value !== 'function' || types.isProxy(value)) return false;
  return typeof value.resolve === 'function' && typeof value.resolve.paths === 'function';
}

module.exports = { baseOfRequire, callerOf, fileOf, inJob, isRequire, place };
