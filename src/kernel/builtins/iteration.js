'use strict';

// The iterator protocol, spelled out: `for-of` and spread would hide the calls of user code in it.
//
// A record keeps what GetIterator keeps: the iterator, and its `next` as it was when the iteration began.

const {
  ArrayIsArray,
  ArrayIteratorPrototypeNext,
  ArrayPrototypeValues,
  call,
  IteratorPrototypeIterator,
  MapIteratorNext,
  SetIteratorNext,
  SymbolIterator,
  TypeError,
} = require('primordials');
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

/**
 * All elements of what V8's own iterators walk, in a new array; `undefined` for others. V8 copies them at once. Of the program nothing runs
 * but the traps of a proxy of an array, which is asked for its iterator once more.
 * @param {unknown} items
 * @param {Function} method with which `record` was made of them
 * @param {{ iterator: object, next: unknown }} record of which nothing was taken yet
 */
function listOf(items, method, record) {
  const { iterator, next } = record;
  if (next === ArrayIteratorPrototypeNext) {
    return method === ArrayPrototypeValues && ArrayIsArray(items) ? [...items] : undefined;
  }
  const isCollection = next === SetIteratorNext || next === MapIteratorNext;
  return isCollection && iterator[SymbolIterator] === IteratorPrototypeIterator ? [...iterator] : undefined;
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

module.exports = { DONE, getMethod, direct, iteratorFromMethod, getIterator, step, listOf, skip, closeQuietly, close };
