'use strict';

// Node's own timers and jobs, as they are while the library loads. Tests replace them later, or take them away, so that time stands still for
// what is tested; results, messages and the end of the pool are to arrive nevertheless. What counts milliseconds that users have asked for
// goes by the timers of the moment, see `alarm.js`.

// Test runners' globals may be without them, or be others than Node's.
const { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } = require('node:timers');

// No module has these.
const { queueMicrotask } = globalThis;
const { hrtime } = process;
const dateNow = Date.now;

module.exports = {
  clearInterval,
  clearTimeout,
  dateNow,
  hrtime,
  queueMicrotask,
  setImmediate,
  setInterval,
  setTimeout,
};
