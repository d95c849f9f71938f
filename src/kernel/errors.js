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

module.exports = {
  /** Sending on a closed channel, or closing it again. */
  ChannelClosedError: errorClass('ChannelClosedError', 'ERR_CHANNEL_CLOSED'),
  /** A task was ended before it was through. */
  TaskKilledError: errorClass('TaskKilledError', 'ERR_TASK_KILLED'),
};
