'use strict';

const { refuseAll } = require('./unavailable/refuse.js');

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
