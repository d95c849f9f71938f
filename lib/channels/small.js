'use strict';

const { checked } = require('./delay.js');

/**
 * A promise that is fulfilled after some milliseconds.
 * @param {number} ms
 */
async function sleep(ms) {
  const delay = checked('sleep', ms);
  await new Promise((resolve) => setTimeout(resolve, delay));
}

/**
 * The value itself. TypeScript takes it for what a task sees of it: write `inTask(ch).recv()` for a channel that a task's function
 * captures.
 * @template T
 * @param {T} value
 */
function inTask(value) {
  return value;
}

module.exports = { inTask, sleep };
