'use strict';

// How a `for-of` gets the next value of what is no array: the number that `þway` gives, and that the loop keeps.
//
//   -1          by calling the member `next` of the iterator, while that is what was read at the beginning
//   -2          `next` is the frame of a generator, or of a channel (generator.js)
//   -3          as -1, of an iterator of V8's own: then the call is not suspended
//   -4 to -20   by calling what was read at the beginning; one less with each turn
//   -21         the same
//
// The language reads `next` once. V8 knows what a loop calls, and inlines it, only where it is read for each call: then a result object is never
// made, and a turn takes a quarter of the time. So where nobody can see that it is read again, it is. That is so of V8's own iterators, and of
// those that have it as a property with a value, with no proxy on the way to it. To find that out takes as long as some twenty turns: it is done
// once the loop was that long.

const {
  ArrayIteratorPrototypeNext,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  MapIteratorNext,
  ObjectHasOwn,
  SetIteratorNext,
  StringIteratorNext,
} = require('primordials');

const READ = -1;
const DRIVEN = -2;
const NATIVE = -3;
/** The loop counts from here down to `COUNTED` in src/compiler/coroutine/loops.rs. */
const UNKNOWN = -4;
const CALLED = -21;

/** By what `nextOf` gave for it. */
function wayOf(next) {
  if (typeof next !== 'function') return DRIVEN;
  const isNative =
    next === MapIteratorNext ||
    next === SetIteratorNext ||
    next === ArrayIteratorPrototypeNext ||
    next === StringIteratorNext;
  return isNative ? NATIVE : UNKNOWN;
}

/** @param {{isProxy: (value: unknown) => boolean}} natives */
module.exports = function createWays(natives) {
  /** What comes of UNKNOWN. */
  function found(iterator, next) {
    for (let holder = iterator; holder !== null; holder = getPrototypeOf(holder)) {
      if (natives.isProxy(holder)) return CALLED;
      const property = getOwnPropertyDescriptor(holder, 'next');
      if (property === undefined) continue;
      return ObjectHasOwn(property, 'value') && property.value === next ? READ : CALLED;
    }
    return CALLED;
  }

  return { wayOf, found };
};
