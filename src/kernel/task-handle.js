'use strict';

// Tasks that tasks start: `spawn(fn, ...args)` inside of a task begins another one in the same realm. The function shares
// what it captures with its parent; arguments and results are copied.

const { TaskKilledError } = require('errors');
const { KILL, NEXT, THROW } = require('leaving');
const {
  apply,
  defineProperty,
  FinalizationRegistry,
  FinalizationRegistryPrototypeRegister,
  Set,
  SetPrototypeAdd,
  SetPrototypeDelete,
  SetPrototypeForEach,
  String,
  Symbol,
  TypeError,
} = require('primordials');
const { siteOf } = require('task-stack');

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
 *   copy: (value: unknown) => unknown, copyArgument: (value: unknown) => unknown,
 *   idle: () => boolean,
 *   currentTask: () => object,
 *   settlePromise: (value: unknown, onFulfilled: Function, onRejected: Function) => void,
 *   newPromise: () => object, resolvePromise: Function, rejectPromise: Function,
 *   report: (id: number, error: unknown) => void,
 * }} realm
 */
module.exports = function createTasks({ block, countChild, wake, launch, takeDirect, marks, KILLED, Task }, realm) {
  let lastId = 0;

  class Handle {
    #id = ++lastId;
    #name;
    #task;
    /** Undefined while it runs, then NEXT, THROW or KILL. */
    #mode;
    #value;
    /** Who is to hear that it has settled; made for the first one. */
    #waiters;
    /** Set once it has failed and nobody had asked for its result: what tells of that. */
    #failure;
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

    /**
     * Where the task stands: a line that says how, then its frames and the spawns that led to it, in places of the source.
     * @returns {string}
     */
    stack() {
      const head = `Task ${this.#id}${this.#name === '' ? '' : ` "${this.#name}"`}`;
      if (this.#mode !== undefined) return `${head}: ${this.status}`;
      if (this.#task.remote !== 0) return this.#remoteStack(head, takeDirect());
      return `${head}: ${stacks.stateOf(this.#task)}${stacks.textOf(this.#task)}`;
    }

    /** The same of one that runs in another isolate, which is asked. */
    #remoteStack(head, direct) {
      const task = this.#task;
      const spawns = stacks.textOf(task);
      return block(
        (fiber) => {
          const place = { what: () => 'stack', withdraw() {} };
          portables.askStack(task, (state, frames) => {
            if (fiber.place === place) wake(fiber, `${head}: ${state}${frames}${spawns}`, NEXT);
          });
          return place;
        },
        realm.idle,
        direct,
      );
    }

    /** The task has ended by a kill. */
    static settleKilled(handle) {
      const reason = handle.#reason;
      const message = reason === undefined ? 'the task was killed' : `the task was killed: ${describe(reason)}`;
      Handle.settle(handle, KILL, new TaskKilledError(message, { cause: reason }));
    }

    static settle(handle, mode, value) {
      if (handle.#mode !== undefined) return;
      if (handle.#task.remote === 0) countChild(true);
      handle.#mode = mode;
      handle.#value = value;
      handle.#task = undefined;
      const waiters = handle.#waiters;
      handle.#waiters = undefined;
      if (waiters === undefined) return;
      for (let i = 0; i < waiters.length; i++) waiters[i](mode, value);
    }

    /** Has something done once the task has settled: it gets how, and the value. Its failure counts as heard of. */
    static onSettled(handle, action) {
      handle.#ask();
      if (handle.#mode === undefined) handle.#add(action);
      else action(handle.#mode, handle.#value);
    }

    /** Whether somebody has asked, or asks, for the result. */
    static isAsked(handle) {
      return handle.#wasJoined;
    }

    /** The task has failed, and nobody has asked. */
    static setFailure(handle, failure) {
      handle.#failure = failure;
    }

    /** Somebody asks for the result. */
    #ask() {
      this.#wasJoined = true;
      if (this.#failure === undefined) return;
      hear(this.#failure);
      this.#failure = undefined;
    }

    /** Adds who is to hear that the task has settled; returns its place. */
    #add(action) {
      this.#waiters ??= [];
      const index = this.#waiters.length;
      this.#waiters[index] = action;
      return index;
    }

    /** Blocks until the task has settled; gives its result or throws what it threw. */
    join() {
      const direct = takeDirect();
      this.#ask();
      if (this.#mode === NEXT) return this.#value;
      if (this.#mode !== undefined) throw this.#value;
      return block(
        (fiber) => {
          const index = this.#add((mode, value) => wake(fiber, value, mode === NEXT ? NEXT : THROW));
          const waiters = this.#waiters;
          return {
            what: () => `join of task ${this.#id}${this.#name === '' ? '' : ` "${this.#name}"`}`,
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
      this.#ask();
      const promise = realm.newPromise();
      const settle = (mode, value) => {
        if (mode === NEXT) realm.resolvePromise(promise, value);
        else realm.rejectPromise(promise, value);
      };
      if (this.#mode === undefined) this.#add(settle);
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
  marks(Handle.prototype.join, Handle.prototype.stack);
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
    return { mode: how, value: settled };
  }

  /** The same for what has come from another isolate, and so is a copy already. */
  function settleCopied(handle, mode, value) {
    const how = mode === NEXT ? NEXT : THROW;
    Handle.settle(handle, how, value);
    return { mode: how, value };
  }

  // Failures that nobody has heard of are reported when nobody can hear of them any more, since the handle is gone, when the parent ends, or when
  // they happen after that.

  /** Made for the first of them. */
  let forgotten;

  function watch(handle, failure) {
    forgotten ??= new FinalizationRegistry(tell);
    FinalizationRegistryPrototypeRegister(forgotten, handle, failure);
  }

  /** A task has failed. */
  function failed(handle, parent, id, error) {
    const children = parent?.children;
    if (Handle.isAsked(handle)) return;
    if (children === undefined) {
      // The parent has ended before.
      realm.report(id, error);
      return;
    }
    children.failures ??= new Set();
    const failure = { __proto__: null, id, error, among: children.failures };
    SetPrototypeAdd(children.failures, failure);
    Handle.setFailure(handle, failure);
    watch(handle, failure);
  }

  function hear(failure) {
    SetPrototypeDelete(failure.among, failure);
    failure.among = undefined;
  }

  function tell(failure) {
    if (failure.among === undefined) return;
    hear(failure);
    realm.report(failure.id, failure.error);
  }

  /** A task has ended; the tasks that it has started are `heir`'s from now on, if there is one. */
  function partFrom(task, heir) {
    const { children } = task;
    if (children === undefined) return;
    task.children = undefined;
    if (children.failures !== undefined) SetPrototypeForEach(children.failures, tell);
    const { list } = children;
    if (heir?.children === undefined) return;
    for (let i = 0; i < list.length; i++) adopt(heir, list[i]);
  }

  function adopt(parent, task) {
    const { list } = parent.children;
    task.index = list.length;
    list[task.index] = task;
    task.parent = parent;
  }

  /** A task is no longer among those that its parent has started. */
  function leave(task) {
    const { parent } = task;
    task.parent = undefined;
    const list = parent.children?.list;
    if (list === undefined || list[task.index] !== task) return;
    const last = list[list.length - 1];
    list.length--;
    if (last === task) return;
    list[task.index] = last;
    last.index = task.index;
  }

  let control;
  let graceOf;
  let stacks;
  let portables;

  function spawn(fn, ...args) {
    if (typeof fn !== 'function') throw new TypeError('spawn takes a function');
    const parent = realm.currentTask();
    for (let i = 0; i < args.length; i++) args[i] = realm.copyArgument(args[i]);
    const handle = new Handle(fn.name);
    const task = new Task(parent.id, parent.storm);
    parent.children ??= { list: [], failures: undefined, later: undefined };
    adopt(parent, task);
    task.name = handle.name;
    task.site = siteOf(parent, spawn);
    task.meter = parent.meter;
    task.handle = handle;
    countChild(false);
    Handle.attach(handle, task);
    launch(task, args.length === 0 ? fn : caller(fn, args), returned);
    portables.add(task, fn, args);
    return handle;
  }

  const caller = (fn, args) => () => apply(fn, undefined, args);

  /** The function of a task has returned. */
  function returned({ task }, mode, value) {
    task.main = null;
    if (mode !== NEXT || value === null || (typeof value !== 'object' && typeof value !== 'function')) {
      end(task, mode, value, settle);
      return;
    }
    task.result = value;
    realm.settlePromise(
      value,
      (result) => end(task, NEXT, result, settle),
      (error) => end(task, THROW, error, settle),
    );
  }

  /** A task has ended: it has a result, or it failed, or it was killed. */
  function end(task, mode, value, settles) {
    const { handle, parent } = task;
    // It was killed before its promise was settled.
    if (handle === undefined) return;
    // One that is over and has grown old is not to keep alive what it knew: V8 looks at the old only now and then.
    task.handle = undefined;
    if (mode !== NEXT) realm.abandon(task);
    if (task.isKilled && (mode !== THROW || value === KILLED)) Handle.settleKilled(handle);
    else {
      const how = settles(handle, mode, value);
      if (how.mode === THROW) failed(handle, parent, task.id, how.value);
    }
    partFrom(task, parent);
    leave(task);
    if (task.isKilled) control.bury(task);
  }

  /** A task has ended by a kill. */
  function endKilled(task) {
    const { handle, parent } = task;
    task.handle = undefined;
    Handle.settleKilled(handle);
    if (parent === undefined) return;
    partFrom(task, parent);
    leave(task);
  }

  function setControl(given, grace, givenStacks, givenPortables) {
    control = given;
    portables = givenPortables;
    portables.useEnd((task, mode, value) => end(task, mode, value, settleCopied));
    graceOf = grace;
    stacks = givenStacks;
  }

  return { endKilled, spawn, isHandle: Handle.isHandle, Handle, partFrom, setControl };
};
