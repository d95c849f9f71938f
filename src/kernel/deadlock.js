'use strict';

// A program all of whose tasks are blocked, and that nothing can wake any more, fails. The thread asks when it has nothing to do.

const { DeadlockError } = require('errors');

/** Tasks that a report lists at most. */
const MOST_TASKS = 50;

/**
 * @param {{stateOf: Function, textOf: Function}} stacks
 * @param {() => boolean} mayActOutside whether somebody outside of the program may wake one of its tasks
 */
module.exports = function createDeadlocks(stacks, mayActOutside) {
  /** All tasks that a task has started and that have not ended, itself included. */
  function family(task, list) {
    list[list.length] = task;
    const { children } = task;
    if (children !== undefined) children.each((child) => family(child, list));
    return list;
  }

  /**
   * The error with which a program ends; undefined where something can still happen.
   * @param {object} main the program's task
   */
  function find(main) {
    if (mayActOutside()) return undefined;
    const list = family(main, []);
    for (let i = 0; i < list.length; i++) if (list[i].isPaused || list[i].isReady) return undefined;
    let message = 'all tasks of the program are blocked, and nothing can wake them';
    let stack = '';
    for (let i = 0; i < list.length && i < MOST_TASKS; i++) {
      const name = i === 0 ? 'the program' : list[i].name === '' ? 'a task' : `the task "${list[i].name}"`;
      const line = `${name} is ${stacks.stateOf(list[i])}`;
      message += `${i === 0 ? ': ' : '; '}${line}`;
      stack += `\n  ${line}${stacks.textOf(list[i])}`;
    }
    if (list.length > MOST_TASKS) message += `; and ${list.length - MOST_TASKS} more`;
    const error = new DeadlockError(message);
    error.stack = `DeadlockError: all tasks of the program are blocked, and nothing can wake them:${stack}`;
    return error;
  }

  return { find };
};
