'use strict';

// Operations of ECMA-262 that promises and async iteration share.

const { apply, construct, ObjectCreate, Proxy, String, TypeError } = require('primordials');

const PROXY_ARGUMENTS = [{}, {}];

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Text for messages that runs no user code. */
const describe = (value) => (isObject(value) ? '#<Object>' : String(value));

/**
 * IsConstructor. The Proxy constructor asks that of its new.target and never looks at it again.
 * @param {unknown} value
 * @returns {boolean}
 */
function isConstructor(value) {
  if (typeof value !== 'function') return false;
  try {
    construct(Proxy, PROXY_ARGUMENTS, value);
    return true;
  } catch {
    return false;
  }
}

/**
 * GetMethod.
 * @param {unknown} object
 * @param {string | symbol} name
 * @returns {Function | undefined}
 */
function getMethod(object, name) {
  const method = object[name];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== 'function') throw new TypeError(`${String(name)} is not a function`);
  return method;
}

/**
 * Throws for what is no iterator result.
 * @param {unknown} result
 */
function requireObject(result) {
  if (isObject(result)) return;
  throw new TypeError(`Iterator result ${String(result)} is not an object`);
}

/**
 * IteratorClose after an error, which wins over those of closing.
 * @param {object} iterator
 */
function closeAfterError(iterator) {
  try {
    const method = getMethod(iterator, 'return');
    if (method !== undefined) apply(method, iterator, []);
  } catch {
    // The error that ends the iteration is the one to report.
  }
}

/**
 * Base of classes whose private fields are the hidden slots of an object with any prototype: a field goes to what the
 * base constructor returns.
 * @param {object | null} prototype
 */
function Bare(prototype) {
  return ObjectCreate(prototype);
}

/**
 * Base of classes whose private fields are put on an object that exists already.
 * @param {object} object
 */
function Same(object) {
  return object;
}

module.exports = { isObject, describe, isConstructor, getMethod, requireObject, closeAfterError, Bare, Same };
