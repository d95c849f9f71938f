'use strict';

// What `spawn` and `run` return.

const { TaskKilledError, TimeoutError } = require('./errors.js');

const KEY = Symbol('task');

/** Loaded when a task has a time limit. */
let alarms;

/** What a pool can be asked to do with a task, by the numbers of `src/pool/control.rs`. */
const ACTIONS = { kill: 0, pause: 1, resume: 2 };

/** A reason in a message. */
function describe(reason) {
  if (typeof reason === 'string') return reason;
  if (reason instanceof Error) return reason.message;
  try {
    return String(reason);
  } catch {
    return typeof reason;
  }
}

/**
 * Ends a task that has not settled.
 * @param {Record} record
 * @param {() => Error} makeError what it rejects with
 */
function stop(record, makeError) {
  if (record.outcome !== undefined || record.makeError !== undefined) return;
  record.makeError = makeError;
  record.isPaused = false;
  record.pool.kill(record);
}

/** Has something done once a task has settled, after what was asked for before. */
function onSettled(record, action) {
  const before = record.settled;
  record.settled = () => {
    before?.();
    action();
  };
}

/** Has a task end when its time is over or its signal says so; before it is submitted. */
function watch(record, timeout, signal) {
  if (timeout !== undefined) {
    alarms ??= require('./alarm.js');
    const alarm = new alarms.Alarm(timeout, () => {
      stop(record, () => new TimeoutError(`the task took longer than ${timeout} ms`));
    });
    onSettled(record, () => alarm.clear());
  }
  if (signal !== undefined) {
    onSettled(
      record,
      require('./signals.js').onAbort(signal, () => stop(record, () => signal.reason)),
    );
  }
}

/** A function or a program that runs in an isolate. Awaiting it gives its result. */
class Task {
  #record;

  constructor(key, record) {
    if (key !== KEY) throw new TypeError('A Task is made by spawn() or run(), not by new Task()');
    this.#record = record;
  }

  /** A number that no other task of this program has. */
  get id() {
    return this.#record.id;
  }

  /** The option `name`, else the function's name. */
  get name() {
    return this.#record.name;
  }

  /** 'queued', 'running', 'blocked' or 'paused' while it lives; then 'done', 'failed' or 'killed'. */
  get status() {
    const record = this.#record;
    if (record.outcome !== undefined) return record.outcome;
    if (record.submitted) return record.pool.statusOf(record);
    return record.isPaused ? 'paused' : 'queued';
  }

  /**
   * Ends the task where it stands: `finally` blocks run and may block, `catch` blocks do not. It rejects with a
   * TaskKilledError, whose `cause` is the reason. Nothing happens if it has settled.
   * @param {unknown} [reason]
   */
  kill(reason) {
    const record = this.#record;
    if (record.outcome !== undefined) return;
    const why = reason === undefined ? '' : `: ${describe(reason)}`;
    stop(
      record,
      () => new TaskKilledError(`the task was killed${why}`, reason === undefined ? undefined : { cause: reason }),
    );
  }

  /** The task gets no turn until `resume()`. It keeps its places in queues. */
  pause() {
    const record = this.#record;
    if (record.outcome !== undefined || record.isPaused) return;
    if (record.form === 'plain') {
      throw new TypeError("pause: a task in form 'plain' cannot be suspended: use the default form");
    }
    record.isPaused = true;
    if (record.submitted) record.pool.control(record, ACTIONS.pause);
  }

  /** The task gets turns again. */
  resume() {
    const record = this.#record;
    if (record.outcome !== undefined || !record.isPaused) return;
    record.isPaused = false;
    if (record.submitted) record.pool.control(record, ACTIONS.resume);
  }

  /**
   * Where the task stands: a line that says how, then its frames, and the spawns that led to it.
   * @returns {Promise<string>}
   */
  stack() {
    const record = this.#record;
    if (record.outcome === undefined && record.submitted) return record.pool.stackOf(record);
    return Promise.resolve(require('./task-stack.js').describe(record, this.status, ''));
  }

  then(onFulfilled, onRejected) {
    this.#record.isAwaited = true;
    return this.#record.promise.then(onFulfilled, onRejected);
  }

  catch(onRejected) {
    this.#record.isAwaited = true;
    return this.#record.promise.catch(onRejected);
  }

  finally(onFinally) {
    this.#record.isAwaited = true;
    return this.#record.promise.finally(onFinally);
  }

  get [Symbol.toStringTag]() {
    return 'Task';
  }
}

/** What the pool knows of a task. All fields are there from the start: it is one allocation then, of many where many tasks are under way. */
class Record {
  /** @type {Promise<unknown>} */
  promise;
  /** @type {(value: unknown) => void} */
  resolve;
  /** @type {(error: unknown) => void} */
  reject;
  /** @type {'done' | 'failed' | 'killed' | undefined} */
  outcome = undefined;
  submitted = false;
  isPaused = false;
  /** Whether somebody has asked for its result. */
  isAwaited = false;
  /** Whether it was told of as one that cannot go on. */
  isReported = false;
  /** @type {(() => unknown) | undefined} what it rejects with once it was killed, if somebody has killed it */
  makeError = undefined;
  /** @type {number | undefined} the isolate that it will run in, while its source is being read */
  reading = undefined;
  /** @type {(() => ((text: string) => string)) | undefined} makes the stacks of a program readable */
  mapper = undefined;
  /** @type {(() => void) | undefined} called once it has settled */
  settled = undefined;

  /**
   * @param {number} id
   * @param {string} name
   * @param {object} pool
   * @param {object} site where it was spawned
   * @param {string} verb the public function that started it
   * @param {number | undefined} code the number of the function's source
   * @param {Function | undefined} fn the function that it runs, unless it is a program
   * @param {object | undefined} place the private isolate that it runs in; held until it has settled, for an isolate ends when nobody
   *   holds it
   * @param {{form?: string, cpuTime?: number}} options
   */
  constructor(id, name, pool, site, verb, code, fn, place, { form, cpuTime }) {
    this.id = id;
    this.name = name;
    this.pool = pool;
    this.site = site;
    this.verb = verb;
    this.code = code;
    this.fn = fn;
    this.place = place;
    this.form = form;
    /** Milliseconds of processor time that it may use, if they are limited. */
    this.cpuTime = cpuTime;
    this.promise = new Promise(keepSettlers);
    this.resolve = settlers.resolve;
    this.reject = settlers.reject;
    // They keep the promise, and it the task's result.
    settlers.resolve = undefined;
    settlers.reject = undefined;
  }
}

/** What settles the promise that was made last: one function that tells makes less garbage than one for each promise. */
const settlers = { resolve: undefined, reject: undefined };

function keepSettlers(resolve, reject) {
  settlers.resolve = resolve;
  settlers.reject = reject;
}

/** Makes the task of a record; `options` are those of `spawn` and `run`. */
function createTask(record, { timeout, signal }) {
  if (signal?.aborted) {
    // It never begins.
    record.outcome = 'killed';
    record.reject(signal.reason);
    record.promise.catch(() => {});
  } else if (timeout !== undefined || signal !== undefined) {
    watch(record, timeout, signal);
  }
  return new Task(KEY, record);
}

module.exports = { ACTIONS, Record, Task, createTask, onSettled };
