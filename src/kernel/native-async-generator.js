'use strict';

// The native side of async generators (async-generator.js). This file is not compiled, so that nothing is suspended between
// a body that hands its frame over and the one who asked for it.

const { AsyncGeneratorPrototype, call, PromisePrototypeThen } = require('primordials');

const nativeNext = AsyncGeneratorPrototype.next;
const ignore = () => {};
/** The frame of the generator whose native body has just run. */
let begun;

/** What the native body of a compiled async generator does. */
function begin(frame) {
  begun = frame;
}

/** The frame of an async generator whose native body has not run yet; undefined for what is none. */
function takeFrame(generator) {
  begun = undefined;
  const promise = call(nativeNext, generator);
  const frame = begun;
  begun = undefined;
  // What is no async generator is told by a rejection, of which nobody shall hear.
  if (frame === undefined) PromisePrototypeThen(promise, undefined, ignore);
  return frame;
}

module.exports = { begin, takeFrame };
