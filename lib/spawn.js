'use strict';

// `spawn`, of the pool and of private isolates.

const { CaptureError, DataCloneError } = require('./errors.js');
const { nextTask, pool } = require('./pool.js');
const { mayTryAgain, Message } = require('./shipping.js');
const { siteOf } = require('./stack.js');
const { Record, createTask, onSettled } = require('./task.js');

/** Errors whose stacks show the call that failed. */
const seen = new WeakSet();

/** The program number of this environment. */
const HOST_PROGRAM = 0;

/** More arguments than this do not fit into a call on every platform. */
const MOST_ARGUMENTS = 65535;

const POOL_OPTIONS = ['name', 'memoryLimit', 'isolate', 'transfer', 'form', 'timeout', 'cpuTime', 'signal', 'capture'];
const ISOLATE_OPTIONS = ['name', 'transfer', 'form', 'timeout', 'cpuTime', 'signal', 'capture'];

const NO_OPTIONS = Object.freeze({});

function start(until, place, options, fn, args) {
  const current = pool();
  const entry = current.codes.ofFunction('spawn', fn, options.form);
  if (args.length > MOST_ARGUMENTS) {
    throw new RangeError(
      `spawn: ${args.length} arguments are more than the ${MOST_ARGUMENTS} that fit: pass one array`,
    );
  }
  let message = new Message(entry.form, options.capture, until);
  let code;
  try {
    code = current.shipping.prepare(message, fn, entry);
  } catch (error) {
    throw atCall(error, until);
  }
  const name = options.name ?? fn.name;
  const record = new Record(nextTask(), name, current, siteOf(code, until), 'spawn', code, fn, place, options);
  const task = createTask(record, options);
  if (record.outcome !== undefined) return task;
  let isolate = place?.id ?? 0;
  if (place === undefined && options !== NO_OPTIONS && require('./options.js').isPrivate(options)) {
    isolate = current.createIsolate(options.memoryLimit);
    onSettled(record, () => void current.disposeIsolate(isolate));
  }
  for (;;) {
    try {
      current.submit(record, isolate, HOST_PROGRAM, code, args, message, options.transfer);
      return task;
    } catch (error) {
      if (mayTryAgain(error)) {
        message = new Message(entry.form, options.capture, until);
        current.shipping.prepare(message, fn, entry);
        continue;
      }
      record.settled?.();
      throw atCall(error, until);
    }
  }
}

/** The user's call is what matters. A getter's own spawn has seen to its error already. */
function atCall(error, until) {
  if ((error instanceof DataCloneError || error instanceof CaptureError) && !seen.has(error)) {
    seen.add(error);
    Error.captureStackTrace(error, until);
  }
  return error;
}

/**
 * Makes a `spawn` function.
 * @param {{readonly id: number} | undefined} place a private isolate, or nothing for the pool
 */
function makeSpawn(place) {
  const allowed = place === undefined ? POOL_OPTIONS : ISOLATE_OPTIONS;
  function spawn(fn, ...args) {
    return start(spawn, place, NO_OPTIONS, fn, args);
  }
  spawn.with = (options) => {
    const { check } = require('./options.js');
    const checked = check('spawn.with', options, allowed);
    return function spawnWith(fn, ...args) {
      return start(spawnWith, place, checked, fn, args);
    };
  };
  return spawn;
}

module.exports = { makeSpawn };
