'use strict';

// Callbacks that programs give to timers and `queueMicrotask`. Compiled, so that a task can be suspended inside of one.

const { apply } = require('primordials');

/** @param {(task: {id: number}, error: unknown) => void} report is told of what a callback throws */
module.exports = function createCallbacks(report) {
  /** The job of a callback. */
  function runCallback(callback, args, task) {
    try {
      if (args === undefined) callback();
      else apply(callback, undefined, args);
    } catch (error) {
      report(task, error);
    }
  }

  return { runCallback };
};
