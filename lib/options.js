'use strict';

// Checks what users pass as options: a wrong one is an error that names the option and what it takes.

const MB = 1024 * 1024;

/** Smallest heap in bytes in which an isolate can start and report that it is full. */
const LEAST_HEAP = 16 * MB;

/** Largest heap in bytes that V8 is asked for. */
const MOST_HEAP = 64 * 1024 * MB;

/** Longest time in milliseconds that a timer takes. */
const LONGEST = 2147483647;

/** Options of the design that a later version brings. Accepting them without effect would be worse than refusing. */
const NOT_YET = new Set(['host']);

/** Shows a value in a message, shortly. */
function show(value) {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (value !== null && typeof value === 'object') return value.constructor?.name ?? 'an object';
  return typeof value === 'bigint' ? `${value}n` : String(value);
}

function record(where, options) {
  if (options === undefined) return {};
  if (options === null || typeof options !== 'object') {
    throw new TypeError(`${where} takes an object of options, not ${show(options)}`);
  }
  return options;
}

/** An option that must be an integer within limits. */
function integer(where, name, value, least, most, unit) {
  if (typeof value !== 'number') {
    throw new TypeError(`${where}: ${name} must be a number of ${unit}, not ${show(value)}`);
  }
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${where}: ${name} must be a whole number of ${unit} from ${least} to ${most}, not ${value}`);
  }
  return value;
}

function string(where, name, value) {
  if (typeof value !== 'string') throw new TypeError(`${where}: ${name} must be a string, not ${show(value)}`);
  return value;
}

function oneOf(where, name, value, allowed) {
  if (!allowed.includes(value)) {
    throw new TypeError(`${where}: ${name} must be ${allowed.map((v) => `'${v}'`).join(' or ')}, not ${show(value)}`);
  }
  return value;
}

const checks = {
  name: (where, value) => string(where, 'name', value),
  filename: (where, value) => string(where, 'filename', value),
  // Only `transpile` takes what is no program.
  type: (where, value) =>
    oneOf(where, 'type', value, where === 'transpile' ? ['script', 'module', 'function'] : ['script', 'module']),
  isolate: (where, value) => oneOf(where, 'isolate', value, ['shared', 'private']),
  memoryLimit: (where, value) => integer(where, 'memoryLimit', value, LEAST_HEAP, MOST_HEAP, 'bytes'),
  heapLimit: (where, value) => integer(where, 'heapLimit', value, LEAST_HEAP, MOST_HEAP, 'bytes'),
  threads: (where, value) => integer(where, 'threads', value, 1, 1024, 'threads'),
  timeout: (where, value) => integer(where, 'timeout', value, 0, LONGEST, 'milliseconds'),
  cpuTime: (where, value) => integer(where, 'cpuTime', value, 1, LONGEST, 'milliseconds'),
  quantum: (where, value) => integer(where, 'quantum', value, 1, 10_000, 'milliseconds'),
  killGrace: (where, value) => integer(where, 'killGrace', value, 0, LONGEST, 'milliseconds'),
  codeCache(where, value) {
    const folder = require('node:path').resolve(string(where, 'codeCache', value));
    try {
      require('node:fs').mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw new TypeError(`${where}: codeCache must be a folder that can be made or is there: ${error.message}`);
    }
    return folder;
  },
  signal(where, value) {
    if (require('./signals.js').isSignal(value)) return value;
    throw new TypeError(`${where}: signal must be an AbortSignal, not ${show(value)}`);
  },
  form: (where, value) => oneOf(where, 'form', value, ['coroutine', 'plain', 'storm']),
  capture(where, value) {
    if (value === false) return false;
    if (value === null || typeof value !== 'object') {
      throw new TypeError(`${where}: capture must be false or an object of values by name, not ${show(value)}`);
    }
    return { ...value };
  },
  transfer(where, value) {
    if (value === null || typeof value !== 'object' || typeof value[Symbol.iterator] !== 'function') {
      throw new TypeError(`${where}: transfer must be an array of ArrayBuffers, not ${show(value)}`);
    }
    return [...value];
  },
};

/**
 * Checks an object of options.
 * @param {string} where the function, for messages
 * @param {unknown} options
 * @param {string[]} allowed names that the function takes
 * @returns {Record<string, any>} the options that were given, checked
 */
function check(where, options, allowed) {
  const checked = {};
  for (const [name, value] of Object.entries(record(where, options))) {
    if (value === undefined) continue;
    if (NOT_YET.has(name)) throw new TypeError(`${where}: the option '${name}' is not supported by this version`);
    if (!allowed.includes(name)) {
      throw new TypeError(`${where}: there is no option '${name}'; it takes ${allowed.join(', ')}`);
    }
    checked[name] = checks[name](where, value);
  }
  if (checked.isolate === 'shared' && checked.memoryLimit !== undefined) {
    throw new TypeError(`${where}: memoryLimit needs an isolate of its own: leave out isolate: 'shared'`);
  }
  if (checked.isolate === 'shared' && checked.form === 'plain') {
    throw new TypeError(
      `${where}: form 'plain' cannot be preempted, so it has an isolate of its own: leave out isolate: 'shared'`,
    );
  }
  return checked;
}

/** Whether a task with these options gets an isolate of its own. */
function isPrivate(options) {
  return options.isolate === 'private' || options.memoryLimit !== undefined || options.form === 'plain';
}

module.exports = { check, isPrivate, show };
