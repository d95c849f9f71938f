'use strict';

// Iterator.prototype's methods that end at once; the lazy ones are in `iterator-helper.js`.

const { TypeError } = require('primordials');
const { close, closeQuietly, direct, DONE, step } = require('builtins/iteration');
const { isObject, notCallable, put } = require('builtins/operations');

function requireIterator(value, method) {
  if (!isObject(value)) throw new TypeError(`Iterator.prototype.${method} called on non-object`);
}

/** A method that refuses its argument closes the iterator that it was going to use. */
function requireCallback(iterator, callback) {
  if (typeof callback === 'function') return;
  closeQuietly(iterator);
  throw notCallable(callback);
}

/** Calls the callback, and closes the iteration where that throws. */
function callOn(record, callback, value, counter) {
  try {
    return callback(value, counter);
  } catch (error) {
    closeQuietly(record.iterator);
    throw error;
  }
}

const prototype = {
  reduce(callback, ...initial) {
    requireIterator(this, 'reduce');
    requireCallback(this, callback);
    const record = direct(this);
    let accumulator;
    let counter = 0;
    if (initial.length > 0) {
      accumulator = initial[0];
    } else {
      accumulator = step(record);
      if (accumulator === DONE) throw new TypeError('Reduce of a done iterator with no initial value');
      counter = 1;
    }
    for (; ; counter++) {
      const value = step(record);
      if (value === DONE) return accumulator;
      try {
        accumulator = callback(accumulator, value, counter);
      } catch (error) {
        closeQuietly(this);
        throw error;
      }
    }
  },

  toArray() {
    requireIterator(this, 'toArray');
    const record = direct(this);
    const result = [];
    for (let counter = 0; ; counter++) {
      const value = step(record);
      if (value === DONE) return result;
      put(result, counter, value);
    }
  },

  forEach(callback) {
    requireIterator(this, 'forEach');
    requireCallback(this, callback);
    const record = direct(this);
    for (let counter = 0; ; counter++) {
      const value = step(record);
      if (value === DONE) return;
      callOn(record, callback, value, counter);
    }
  },

  some(callback) {
    requireIterator(this, 'some');
    requireCallback(this, callback);
    const record = direct(this);
    for (let counter = 0; ; counter++) {
      const value = step(record);
      if (value === DONE) return false;
      if (callOn(record, callback, value, counter)) {
        close(this);
        return true;
      }
    }
  },

  every(callback) {
    requireIterator(this, 'every');
    requireCallback(this, callback);
    const record = direct(this);
    for (let counter = 0; ; counter++) {
      const value = step(record);
      if (value === DONE) return true;
      if (!callOn(record, callback, value, counter)) {
        close(this);
        return false;
      }
    }
  },

  find(callback) {
    requireIterator(this, 'find');
    requireCallback(this, callback);
    const record = direct(this);
    for (let counter = 0; ; counter++) {
      const value = step(record);
      if (value === DONE) return undefined;
      if (callOn(record, callback, value, counter)) {
        close(this);
        return value;
      }
    }
  },
};

module.exports = { callOn, prototype, requireCallback, requireIterator };
