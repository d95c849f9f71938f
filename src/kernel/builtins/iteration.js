'use strict';

// The iterator protocol, spelled out: `for-of` and spread would hide the calls of user code in it.
//
// A record keeps what GetIterator keeps: the iterator, and its `next` as it was when the iteration began.

const { call, SymbolIterator, TypeError } = require('primordials');
const { describe, isObject, notCallable } = require('builtins/operations');

/** What `step` returns when there is no more. */
const DONE = { __proto__: null };

function getMethod(value, key) {
  const method = value[key];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== 'function') throw notCallable(method);
  return method;
}

/** The record of something that is an iterator already. */
function direct(iterator) {
  return { iterator, next: iterator.next };
}

function iteratorFromMethod(value, method) {
  const iterator = call(method, value);
  if (!isObject(iterator)) throw new TypeError(`Result of the Symbol.iterator method is not an object`);
  return direct(iterator);
}

function getIterator(value) {
  const method = getMethod(value, SymbolIterator);
  if (method === undefined) throw new TypeError(`${describe(value)} is not iterable`);
  return iteratorFromMethod(value, method);
}

function nextResult(record) {
  const result = call(record.next, record.iterator);
  if (!isObject(result)) throw new TypeError(`Iterator result ${describe(result)} is not an object`);
  return result;
}

/** The next value, or DONE. */
function step(record) {
  const result = nextResult(record);
  return result.done ? DONE : result.value;
}

/** Advances without reading the value. Returns whether there was one. */
function skip(record) {
  return !nextResult(record).done;
}

/** Closes after an error, which is the one that counts whatever `return` does. */
function closeQuietly(iterator) {
  try {
    const method = iterator.return;
    if (method !== undefined && method !== null) call(method, iterator);
  } catch {
    // The first error goes on.
  }
}

/** Closes an iteration that ends early without an error. */
function close(iterator) {
  const method = getMethod(iterator, 'return');
  if (method === undefined) return;
  const result = call(method, iterator);
  if (!isObject(result)) throw new TypeError(`${describe(result)} is not an object`);
}

module.exports = { DONE, getMethod, direct, iteratorFromMethod, getIterator, step, skip, closeQuietly, close };
