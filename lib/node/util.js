'use strict';

const { callbackify, deprecate, inherits, promisify } = require('./util/functions.js');
const types = require('./util/types.js');
const { refuseAll } = require('./unavailable/refuse.js');

function stripVTControlCharacters(text) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return String(text).replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g, '');
}

/** Which of the names in NODE_DEBUG a section is, with `*` for any characters. */
function isDebugged(section) {
  const names = (process.env.NODE_DEBUG ?? '').split(',').filter((name) => name !== '');
  const escaped = (name) =>
    name
      .trim()
      .replace(/[|\\{}()[\]^$+?.]/g, '\\$&')
      .replace(/\*/g, '.*');
  return names.some((name) => new RegExp(`^${escaped(name)}$`, 'i').test(section));
}

function debuglog(section) {
  const name = String(section).toUpperCase();
  let enabled;
  const isEnabled = () => {
    enabled ??= isDebugged(name);
    return enabled;
  };
  const log = (...args) => {
    if (isEnabled()) console.error('%s %d: %s', name, process.pid, util.format(...args));
  };
  return Object.defineProperty(log, 'enabled', { get: isEnabled, configurable: true, enumerable: true });
}

const isObject = (value) => value !== null && typeof value === 'object';

const util = {
  _extend(target, source) {
    if (!isObject(source)) return target;
    for (const key of Object.keys(source)) target[key] = source[key];
    return target;
  },
  callbackify,
  debug: debuglog,
  debuglog,
  deprecate,
  inherits,
  isArray: Array.isArray,
  isBoolean: (value) => typeof value === 'boolean',
  isBuffer: (value) => require('node:buffer').Buffer.isBuffer(value),
  isDeepStrictEqual(a, b) {
    try {
      require('node:assert').deepStrictEqual(a, b);
      return true;
    } catch {
      return false;
    }
  },
  isNull: (value) => value === null,
  isNullOrUndefined: (value) => value === null || value === undefined,
  isNumber: (value) => typeof value === 'number',
  isString: (value) => typeof value === 'string',
  isSymbol: (value) => typeof value === 'symbol',
  isUndefined: (value) => value === undefined,
  isRegExp: types.isRegExp,
  isObject,
  isDate: types.isDate,
  isError: (value) => types.isNativeError(value) || value instanceof Error,
  isFunction: (value) => typeof value === 'function',
  isPrimitive: (value) => !isObject(value) && typeof value !== 'function',
  log(...args) {
    const now = new Date();
    const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map((part) => String(part).padStart(2, '0'));
    const month = now.toLocaleString('en', { month: 'short' });
    console.log('%s - %s', `${now.getDate()} ${month} ${time.join(':')}`, util.format(...args));
  },
  promisify,
  stripVTControlCharacters,
  toUSVString: (text) => String(text).toWellFormed(),
  types,
  ...refuseAll('util', [
    'MIMEParams',
    'MIMEType',
    'parseArgs',
    'parseEnv',
    'transferableAbortController',
    'transferableAbortSignal',
  ]),
};

/** Properties of a module that is large and often not wanted: it is loaded with the first one that is read. */
function lazy(load, names) {
  for (const name of names) {
    const define = (value) =>
      Object.defineProperty(util, name, { value, writable: true, enumerable: true, configurable: true });
    const get = () => {
      define(load()[name]);
      return util[name];
    };
    Object.defineProperty(util, name, { get, set: define, enumerable: true, configurable: true });
  }
}
lazy(() => require('node-inspect-extracted'), ['inspect', 'format', 'formatWithOptions']);
lazy(() => require('./encoding.js'), ['TextDecoder', 'TextEncoder']);
lazy(() => require('./util/more.js'), ['aborted', 'getSystemErrorMap', 'getSystemErrorName', 'styleText']);

module.exports = util;
