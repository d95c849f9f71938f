'use strict';

// Promises that were rejected without a handler (HostPromiseRejectionTracker). Most get one at once: the last one is kept apart.

const { Map, MapPrototypeDelete, MapPrototypeForEach, MapPrototypeGetSize, MapPrototypeSet } = require('primordials');

/**
 * @param {() => object} currentTask
 * @param {(promise: object, task: object) => void} report is told of each promise that got no handler
 */
module.exports = function createRejections(currentTask, report) {
  /** The tasks in which they were rejected, by promise, in order. */
  const tasks = new Map();
  let last;
  let lastTask;

  function keepLast() {
    if (last === undefined) return;
    MapPrototypeSet(tasks, last, lastTask);
    last = lastTask = undefined;
  }

  function rejected(promise) {
    keepLast();
    last = promise;
    lastTask = currentTask();
  }

  function handled(promise) {
    if (promise === last) last = lastTask = undefined;
    else MapPrototypeDelete(tasks, promise);
  }

  function reportOne(task, promise) {
    // Some job of the task could still handle it.
    if (task.active !== null || task.jobs.length > 0) return;
    MapPrototypeDelete(tasks, promise);
    // Who would have handled it was killed.
    if (!task.isKilled && !task.isDead) report(promise, task);
  }

  function reportRejections() {
    keepLast();
    if (MapPrototypeGetSize(tasks) > 0) MapPrototypeForEach(tasks, reportOne);
  }

  return { rejected, handled, reportRejections };
};
