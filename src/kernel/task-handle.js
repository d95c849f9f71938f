'use strict';

// Tasks that tasks start: `spawn(fn, ...args)` inside of a task begins another one in the same realm. The function shares
// what it captures with its parent; arguments and results are copied.

const { NEXT, THROW } = require('leaving');
const { apply, defineProperty, Symbol, TypeError } = require('primordials');

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
module.exports = function createTasks({ block, wake, launch, takeDirect, marks, Task }, realm) {
  let lastId = 0;

  class Handle {
    #id = ++lastId;
    #name;
    /** Undefined while it runs, then NEXT or THROW. */
    #mode;
    #value;
    #waiters = [];
    #wasJoined = false;

    constructor(name) {
      this.#name = name;
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
      if (this.#mode === undefined) return 'running';
      return this.#mode === NEXT ? 'done' : 'failed';
    }

    static settle(handle, mode, value) {
      handle.#mode = mode;
      handle.#value = value;
      const waiters = handle.#waiters;
      handle.#waiters = undefined;
      for (let i = 0; i < waiters.length; i++) waiters[i](mode, value);
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
      if (this.#mode === THROW) throw this.#value;
      const waiters = this.#waiters;
      return block(
        (fiber) => {
          waiters[waiters.length] = (mode, value) => wake(fiber, value, mode);
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
    for (let i = 0; i < children.length; i++) {
      const unheard = Handle.unheard(children[i]);
      if (unheard !== undefined) realm.report(task.id, unheard.error);
    }
    task.children = undefined;
  }

  function spawn(fn, ...args) {
    if (typeof fn !== 'function') throw new TypeError('spawn takes a function');
    const parent = realm.currentTask();
    const copies = [];
    for (let i = 0; i < args.length; i++) copies[i] = realm.copy(args[i]);
    const handle = new Handle(fn.name);
    const task = new Task(parent.id, parent.storm);
    parent.children ??= [];
    parent.children[parent.children.length] = handle;
    launch(task, copies.length === 0 ? fn : () => apply(fn, undefined, copies), (fiber, mode, value) => {
      if (mode !== NEXT) settle(handle, THROW, value);
      else {
        realm.settlePromise(
          value,
          (result) => settle(handle, NEXT, result),
          (error) => settle(handle, THROW, error),
        );
      }
      reportUnheard(fiber.task);
    });
    return handle;
  }

  return { spawn, isHandle: Handle.isHandle, Handle, reportUnheard };
};
