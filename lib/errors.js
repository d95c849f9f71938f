'use strict';

// The error classes that users can catch. Each has a `code`.

/**
 * V8 keeps the properties of a class whose name is computed in a dictionary. Its compilers rely on the class not to change, see in the end
 * that it could, and throw away what they have compiled for who makes instances, again and again. What another class inherits from is kept
 * as objects are.
 */
function makeFast(Class) {
  return class extends Class {};
}

function errorClass(name, code) {
  const Class = {
    [name]: class extends Error {
      constructor(message, options) {
        super(message, options);
        this.code = code;
      }
    },
  }[name];
  Object.defineProperty(Class.prototype, 'name', { value: name, configurable: true, writable: true });
  makeFast(Class);
  return Class;
}

/** A task was ended before it was through: by `kill()`, by `shutdown()`, or because its isolate was disposed of. */
const TaskKilledError = errorClass('TaskKilledError', 'ERR_TASK_KILLED');

/** A task took longer than its option `timeout` allows. */
const TimeoutError = errorClass('TimeoutError', 'ERR_TIMEOUT');

/** A task's isolate ran out of memory, or V8 gave it up. */
const MemoryLimitError = errorClass('MemoryLimitError', 'ERR_MEMORY_LIMIT');

/** All tasks are blocked, and nothing can wake them; the message lists them, the stack says where they stand. */
const DeadlockError = errorClass('DeadlockError', 'ERR_DEADLOCK');

/** A value cannot be copied or moved; the message starts with its path. */
const DataCloneError = errorClass('DataCloneError', 'ERR_DATA_CLONE');

/** What a function captures cannot be shipped; the message names the variable, its declaration and the ways out. */
const CaptureError = errorClass('CaptureError', 'ERR_CAPTURE');

/** Something was sent on a closed channel. */
const ChannelClosedError = errorClass('ChannelClosedError', 'ERR_CHANNEL_CLOSED');

/** Whoever held a lock has failed, or was killed. */
const PoisonedError = errorClass('PoisonedError', 'ERR_POISONED');

module.exports = {
  TaskKilledError,
  TimeoutError,
  MemoryLimitError,
  DeadlockError,
  DataCloneError,
  CaptureError,
  ChannelClosedError,
  PoisonedError,
};
