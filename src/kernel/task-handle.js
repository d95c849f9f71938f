'use strict';

// Tasks that tasks start: `spawn(fn, ...args)` inside of a task begins another one in the same realm. The function shares
// what it captures with its parent; arguments and results are copied.

const { TaskKilledError } = require('errors');
const { KILL, NEXT, THROW } = require('leaving');
const {
  apply,
  defineProperty,
  Set,
  SetPrototypeAdd,
  SetPrototypeDelete,
  SetPrototypeForEach,
  String,
  Symbol,
  TypeError,
} = require('primordials');

function ignore() {}

function describe(reason) {
  try {
    return typeof reason === 'object' && reason !== null && 'message' in reason ? reason.message : String(reason);
  } catch {
    return typeof reason;
  }
}

/**
 * @param {{block: Function, wake: Function, launch: Function, Task: Function}} scheduler
 * @param {{
 *   copy: (value: unknown) => unknown,
 *   idle: () => boolean,
 *   currentTask: () => object,
 *   settlePromise: (value: unknown, onFulfilled: Function, onRejected: Function) => void,
 *   newPromise: () => object, resolvePromise: Function, rejectPromise: Function,
 *   report: (id: number, error: unknown) => void,
 * }} realm
 */
module.exports = function createTasks({ block, wake, launch, takeDirect, marks, KILLED, Task }, realm) {
  let lastId = 0;

  class Handle {
    #id = ++lastId;
    #name;
    #task;
    /** Undefined while it runs, then NEXT, THROW or KILL. */
    #mode;
    #value;
    #waiters = [];
    #wasJoined = false;
    #reason;

    constructor(name) {
      this.#name = name;
    }

    static attach(handle, task) {
      handle.#task = task;
    }

    static isHandle(value) {
      return #name in value;
    }

    get id() {
      return this.#id;
    }

    get name() {
      return this.#name;
    }

    get status() {
      if (this.#mode === undefined) return this.#task.isPaused ? 'paused' : 'running';
      return this.#mode === NEXT ? 'done' : this.#mode === KILL ? 'killed' : 'failed';
    }

    /** Ends the task where it stands: `finally` runs, `catch` does not. Who joins it gets a TaskKilledError. */
    kill(reason) {
      if (this.#mode !== undefined || this.#task.isKilled) return;
      this.#reason = reason;
      control.kill(this.#task, graceOf());
    }

    /** The task gets no turn until it is resumed. It keeps its places in queues. */
    pause() {
      if (this.#mode === undefined) control.pause(this.#task);
    }

    resume() {
      if (this.#mode === undefined) control.resume(this.#task);
    }

    /** The task has ended by a kill. */
    static settleKilled(handle) {
      const reason = handle.#reason;
      const message = reason === undefined ? 'the task was killed' : `the task was killed: ${describe(reason)}`;
      Handle.settle(handle, KILL, new TaskKilledError(message, { cause: reason }));
    }

    static settle(handle, mode, value) {
      if (handle.#mode !== undefined) return;
      handle.#mode = mode;
      handle.#value = value;
      handle.#task = undefined;
      const waiters = handle.#waiters;
      handle.#waiters = undefined;
      for (let i = 0; i < waiters.length; i++) waiters[i](mode, value);
    }

    /** Has something done once the task has settled: it gets how, and the value. Its failure counts as heard of. */
    static onSettled(handle, action) {
      handle.#wasJoined = true;
      if (handle.#mode === undefined) handle.#waiters[handle.#waiters.length] = action;
      else action(handle.#mode, handle.#value);
    }

    /** The error of a failed task that nobody has asked for. */
    static unheard(handle) {
      return handle.#mode === THROW && !handle.#wasJoined ? { error: handle.#value } : undefined;
    }

    /** Blocks until the task has settled; gives its result or throws what it threw. */
    join() {
      const direct = takeDirect();
      this.#wasJoined = true;
      if (this.#mode === NEXT) return this.#value;
      if (this.#mode !== undefined) throw this.#value;
      const waiters = this.#waiters;
      return block(
        (fiber) => {
          const index = waiters.length;
          waiters[index] = (mode, value) => wake(fiber, value, mode === NEXT ? NEXT : THROW);
          return {
            withdraw() {
              waiters[index] = ignore;
            },
          };
        },
        realm.idle,
        direct,
      );
    }

    #promise() {
      this.#wasJoined = true;
      const promise = realm.newPromise();
      const settle = (mode, value) => {
        if (mode === NEXT) realm.resolvePromise(promise, value);
        else realm.rejectPromise(promise, value);
      };
      if (this.#mode === undefined) this.#waiters[this.#waiters.length] = settle;
      else settle(this.#mode, this.#value);
      return promise;
    }

    then(onFulfilled, onRejected) {
      return this.#promise().then(onFulfilled, onRejected);
    }

    catch(onRejected) {
      return this.#promise().catch(onRejected);
    }

    finally(onFinally) {
      return this.#promise().finally(onFinally);
    }
  }
  marks(Handle.prototype.join);
  defineProperty(Handle.prototype, Symbol.toStringTag, { value: 'Task', configurable: true });

  function settle(handle, mode, value) {
    let settled = value;
    let how = mode;
    try {
      settled = realm.copy(value);
    } catch (error) {
      settled = error;
      how = THROW;
    }
    Handle.settle(handle, how, settled);
  }

  /** Failures that nobody heard of are reported when the parent ends. */
  function reportUnheard(task) {
    const { children } = task;
    if (children === undefined) return;
    task.children = undefined;
    SetPrototypeForEach(children, (child) => {
      const unheard = Handle.unheard(child);
      if (unheard !== undefined) realm.report(task.id, unheard.error);
    });
  }

  let control;
  let graceOf;

  function spawn(fn, ...args) {
    if (typeof fn !== 'function') throw new TypeError('spawn takes a function');
    const parent = realm.currentTask();
    const copies = [];
    for (let i = 0; i < args.length; i++) copies[i] = realm.copy(args[i]);
    const handle = new Handle(fn.name);
    const task = new Task(parent.id, parent.storm);
    parent.children ??= new Set();
    SetPrototypeAdd(parent.children, handle);
    Handle.attach(handle, task);
    task.onKilled = () => Handle.settleKilled(handle);
    const end = (mode, value) => {
      if (mode !== NEXT) realm.abandon(task);
      if (task.isKilled && (mode !== THROW || value === KILLED)) Handle.settleKilled(handle);
      else settle(handle, mode, value);
      // Its parent keeps those that are to be killed with it, and failures of which nobody has heard.
      if (parent.children !== undefined && handle.status !== 'failed') SetPrototypeDelete(parent.children, handle);
      reportUnheard(task);
      if (task.isKilled) control.bury(task);
    };
    launch(task, copies.length === 0 ? fn : () => apply(fn, undefined, copies), (_fiber, mode, value) => {
      task.main = null;
      if (mode !== NEXT) end(mode, value);
      else {
        task.result = value;
        realm.settlePromise(
          value,
          (result) => end(NEXT, result),
          (error) => end(THROW, error),
        );
      }
    });
    return handle;
  }

  function setControl(given, grace) {
    control = given;
    graceOf = grace;
  }

  return { spawn, isHandle: Handle.isHandle, Handle, reportUnheard, setControl };
};
