'use strict';

// The functions of Node's `util` that change other functions: they are wanted while packages are loaded, so they need nothing else.

const { invalid } = require('./invalid.js');

const CUSTOM = Symbol.for('nodejs.util.promisify.custom');

/** `wrapper` looks like the function that it stands for. */
function dress(wrapper, original) {
  Object.setPrototypeOf(wrapper, Object.getPrototypeOf(original));
  return Object.defineProperties(wrapper, Object.getOwnPropertyDescriptors(original));
}

function inherits(constructor, parent) {
  if (constructor === undefined || constructor === null) throw invalid('ctor', 'function', constructor);
  if (parent === undefined || parent === null) throw invalid('superCtor', 'function', parent);
  if (parent.prototype === undefined) throw invalid('superCtor.prototype', 'object', parent.prototype);
  Object.defineProperty(constructor, 'super_', { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

/** Timers take their callback first. */
function promisedTimer(original) {
  if (original !== setTimeout && original !== setImmediate) return undefined;
  return require('node:timers/promises')[original === setTimeout ? 'setTimeout' : 'setImmediate'];
}

/** A function that takes a callback, as one that gives a promise. */
function promisify(original) {
  if (typeof original !== 'function') throw invalid('original', 'function', original);
  const custom = original[CUSTOM] ?? promisedTimer(original);
  if (custom) {
    if (typeof custom !== 'function') throw invalid('util.promisify.custom', 'function', custom);
    return Object.defineProperty(custom, CUSTOM, { value: custom, configurable: true });
  }
  function promisified(...args) {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [...args, (error, value) => (error ? reject(error) : resolve(value))]);
    });
  }
  dress(promisified, original);
  return Object.defineProperty(promisified, CUSTOM, { value: promisified, configurable: true });
}
promisify.custom = CUSTOM;

/** A function that gives a promise, as one that takes a callback. */
function callbackify(original) {
  if (typeof original !== 'function') throw invalid('original', 'function', original);
  function callbackified(...args) {
    const callback = args.pop();
    if (typeof callback !== 'function') throw invalid('last argument', 'function', callback);
    // In a turn of their own: what the callback throws is nobody's rejection.
    Reflect.apply(original, this, args).then(
      (value) => process.nextTick(() => Reflect.apply(callback, this, [null, value])),
      (reason) => process.nextTick(() => Reflect.apply(callback, this, [reason || falsy(reason)])),
    );
  }
  dress(callbackified, original);
  const { length, name } = original;
  if (typeof length === 'number')
    Object.defineProperty(callbackified, 'length', { value: length + 1, configurable: true });
  if (typeof name === 'string')
    Object.defineProperty(callbackified, 'name', { value: `${name}Callbackified`, configurable: true });
  return callbackified;
}

/** For a callback, `null` is no error. */
function falsy(reason) {
  const error = new Error('Promise was rejected with falsy value');
  error.code = 'ERR_FALSY_VALUE_REJECTION';
  error.reason = reason;
  return error;
}

/** Deprecations by their codes, of which each is told of once. */
const told = new Set();

/** A function, or class, whose first use prints a warning. */
function deprecate(fn, message, code) {
  if (process.noDeprecation === true) return fn;
  let isTold = false;
  function tell() {
    if (isTold || process.noDeprecation === true) return;
    isTold = true;
    if (code !== undefined) {
      if (told.has(code)) return;
      told.add(code);
    }
    if (process.throwDeprecation) throw Object.assign(new Error(message), { name: 'DeprecationWarning', code });
    const text = `${code === undefined ? '' : `[${code}] `}DeprecationWarning: ${message}`;
    if (process.traceDeprecation) console.trace(text);
    else console.error(text);
  }
  function deprecated(...args) {
    tell();
    if (new.target) return Reflect.construct(fn, args, new.target);
    return Reflect.apply(fn, this, args);
  }
  Object.setPrototypeOf(deprecated, fn);
  // A class made of it has the prototype of the original.
  if (fn.prototype) deprecated.prototype = fn.prototype;
  return deprecated;
}

module.exports = { callbackify, deprecate, inherits, promisify };
