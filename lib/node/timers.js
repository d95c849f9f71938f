'use strict';

const { refuseAll } = require('./unavailable/refuse.js');
// A program's own script may have a variable of the name.
const { clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } = globalThis;

module.exports = {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  clearImmediate,
  get promises() {
    return require('node:timers/promises');
  },
  ...refuseAll('timers', ['_unrefActive', 'active', 'enroll', 'unenroll']),
};
