'use strict';

// What `spawn` and `run` return.

const KEY = Symbol('task');

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

  /** 'queued', 'running' or 'blocked' while it lives; then 'done', 'failed' or 'killed'. */
  get status() {
    const record = this.#record;
    if (record.outcome !== undefined) return record.outcome;
    return record.submitted ? record.pool.statusOf(record) : 'queued';
  }

  then(onFulfilled, onRejected) {
    return this.#record.promise.then(onFulfilled, onRejected);
  }

  catch(onRejected) {
    return this.#record.promise.catch(onRejected);
  }

  finally(onFinally) {
    return this.#record.promise.finally(onFinally);
  }

  get [Symbol.toStringTag]() {
    return 'Task';
  }
}

/**
 * What the pool knows of a task.
 * @typedef {object} Record
 * @property {number} id
 * @property {string} name
 * @property {Promise<unknown>} promise
 * @property {(value: unknown) => void} resolve
 * @property {(error: unknown) => void} reject
 * @property {'done' | 'failed' | 'killed' | undefined} outcome
 * @property {boolean} submitted
 * @property {object} site where it was spawned
 * @property {string} verb the public function that started it
 * @property {number | undefined} code the number of the function's source
 * @property {Function | undefined} fn the function that it runs, unless it is a program
 * @property {object | undefined} place the private isolate that it runs in; held until it has settled, for an isolate ends
 *   when nobody holds it
 * @property {number | undefined} reading the isolate that it will run in, while its source is being read
 * @property {(() => ((text: string) => string)) | undefined} mapper makes the stacks of a program readable
 * @property {(() => void) | undefined} settled called once it has settled
 */

/** Makes a task and its record. */
function createTask(record) {
  record.promise = new Promise((resolve, reject) => {
    record.resolve = resolve;
    record.reject = reject;
  });
  record.outcome = undefined;
  record.submitted = false;
  return new Task(KEY, record);
}

module.exports = { Task, createTask };
