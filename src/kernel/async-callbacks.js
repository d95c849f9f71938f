'use strict';

// Callbacks that programs give to timers and `queueMicrotask`. Compiled, so that a task can be suspended inside of one.

const { apply } = require('primordials');

/**
 * @param {(task: {id: number}, error: unknown) => void} report is told of what a callback throws
 * @param {{begin: Function, through: Function}} timers see timers.js
 */
module.exports = function createCallbacks(report, timers) {
  const { begin, through } = timers;

  /** The job of a callback. */
  function runCallback(callback, args, task) {
    try {
      if (args === undefined) callback();
      else apply(callback, undefined, args);
    } catch (error) {
      report(task, error);
    }
  }

  /** The job of a timer, whose callback is `timer.run`. */
  function runTimer(timer, args, task) {
    if (!begin(timer)) return;
    runCallback(timer.run, args, task);
    through(timer);
  }

  return { runCallback, runTimer };
};
