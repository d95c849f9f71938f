'use strict';

// The error classes of tasks, each with a `code`; the host has classes of the same names.

const { defineProperty, Error } = require('primordials');

function errorClass(name, code) {
  const Class = {
    [name]: class extends Error {
      constructor(message, options) {
        super(message, options);
        this.code = code;
      }
    },
  }[name];
  defineProperty(Class.prototype, 'name', { value: name, writable: true, enumerable: false, configurable: true });
  return Class;
}

/** An error of one of the language's classes with a code, as Node's errors have. */
function coded(Class, code, message) {
  const error = new Class(message);
  error.code = code;
  return error;
}

const classes = {
  /** What cannot be copied. */
  DataCloneError: errorClass('DataCloneError', 'ERR_DATA_CLONE'),
  /** Sending on a closed channel, or closing it again. */
  ChannelClosedError: errorClass('ChannelClosedError', 'ERR_CHANNEL_CLOSED'),
  /** All tasks of a program are blocked. */
  DeadlockError: errorClass('DeadlockError', 'ERR_DEADLOCK'),
  /** A function captures what cannot be sent. */
  CaptureError: errorClass('CaptureError', 'ERR_CAPTURE'),
  /** An isolate has used more memory than it may. */
  MemoryLimitError: errorClass('MemoryLimitError', 'ERR_MEMORY_LIMIT'),
  /** Whoever held a lock has failed. */
  PoisonedError: errorClass('PoisonedError', 'ERR_POISONED'),
  /** Something took too long. */
  TimeoutError: errorClass('TimeoutError', 'ERR_TIMEOUT'),
  /** A task was ended before it was through. */
  TaskKilledError: errorClass('TaskKilledError', 'ERR_TASK_KILLED'),
};

module.exports = { coded, classes, ...classes };
