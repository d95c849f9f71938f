'use strict';

// The clock by which the host measures short spans.

const { hrtime } = require('./event-loop.js');

/**
 * Milliseconds since some moment in the past; never goes back. `performance.now` says the same, but the first touch of
 * `performance` loads a part of Node that takes two milliseconds, a tenth of a program's first task.
 */
module.exports = function now() {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
};
