'use strict';

// `Atomics.waitAsync`: V8 has it end after its time by a delayed task of its own, of which nobody else could tell that a program waits for
// it; most such tasks only tidy the heap. So the thread is told until when there may be such waits (`Runtime::awaits_time`).

const { call, defineProperty, globalThis, Infinity } = require('primordials');

/** For times that only V8 may convert to a number, since that can be observed. */
const UNKNOWN = 1e10;

module.exports = function createAsyncWaits(natives) {
  const { Atomics } = globalThis;
  const { waitAsync } = Atomics;
  let isUsed = false;
  const methods = {
    waitAsync(array, index, value, timeout) {
      isUsed = true;
      const time = typeof timeout === 'number' || timeout === undefined ? timeout : UNKNOWN;
      // Without an end only others end it.
      if (time >= 0 && time < Infinity) natives.noteAsyncWait(time);
      return call(waitAsync, this, array, index, value, timeout);
    },
  };
  if (typeof waitAsync === 'function') defineProperty(Atomics, 'waitAsync', { value: methods.waitAsync });
  return {
    /** What programs see in place of V8's own. */
    functions: [methods.waitAsync],
    /** What it does, whatever programs put in its place. */
    waitAsync: methods.waitAsync,
    /** Whether the program has ever asked V8 to tell it of changes of shared memory, which anybody may make. */
    get isUsed() {
      return isUsed;
    },
  };
};
