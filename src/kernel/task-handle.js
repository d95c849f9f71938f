'use strict';

// Tasks that tasks start: `spawn(fn, ...args)` inside of a task begins another one in the same realm. The function shares
// what it captures with its parent; arguments and results are copied.

const { Children } = require('children');
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

/** How a task has settled that has not. */
const UNSETTLED = -1;

function ignore() {}

const quoted = (name) => (name === '' ? '' : ` "${name}"`);

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
 *   copy: (value: unknown) => unknown, copyArgument: (value: unknown, index: number) => unknown,
 *   copyFailure: (error: unknown) => unknown, what is thrown instead of an error that cannot be copied
 *   idle: () => boolean,
 *   currentTask: () => object,
 *   settlePromise: (value: unknown, onFulfilled: Function, onRejected: Function) => void,
 *   newPromise: () => object, resolvePromise: Function, rejectPromise: Function,
 *   report: (id: number, error: unknown) => void,
 * }} realm
 */
module.exports = function createTasks(
  { block, countChild, wake, launch, takeDirect, marks, useChildren, KILLED, Task },
  realm,
) {
  let lastId = 0;

  /** What programs have of a task. The task does not know it, so it goes when nobody has it any more. */
  class Handle {
    #id = ++lastId;
    #task;

    constructor(task) {
      this.#task = task;
    }

    static isHandle(value) {
      return #task in value;
    }

    get id() {
      return this.#id;
    }

    get name() {
      return this.#task.name;
    }

    get status() {
      const task = this.#task;
      const how = task.settledBy;
      if (how === UNSETTLED) return task.isPaused ? 'paused' : 'running';
      return how === NEXT ? 'done' : how === KILL ? 'killed' : 'failed';
    }

    /** Ends the task where it stands: `finally` runs, `catch` does not. Who joins it gets a TaskKilledError. */
    kill(reason) {
      const task = this.#task;
      if (task.settledBy !== UNSETTLED || task.isKilled) return;
      task.reason = reason;
      control.kill(task, graceOf());
    }

    /** The task gets no turn until it is resumed. It keeps its places in queues. */
    pause() {
      if (this.#task.settledBy === UNSETTLED) control.pause(this.#task);
    }

    resume() {
      if (this.#task.settledBy === UNSETTLED) control.resume(this.#task);
    }

    /**
     * Where the task stands: a line that says how, then its frames and the spawns that led to it, in places of the source.
     * @returns {string}
     */
    stack() {
      const task = this.#task;
      const head = `Task ${this.#id}${quoted(task.name)}`;
      if (task.settledBy !== UNSETTLED) return `${head}: ${this.status}`;
      if (task.remote !== 0) return this.#remoteStack(head, takeDirect());
      return `${head}: ${stacks.stateOf(task)}${stacks.textOf(task)}`;
    }

    /** The same of one that runs in another isolate, which is asked. */
    #remoteStack(head, direct) {
      const task = this.#task;
      const spawns = stacks.textOf(task);
      if (!portables.askStack(task)) return `${head}: queued${spawns}`;
      return block(
        (fiber) => {
          const place = { what: () => 'stack', withdraw() {} };
          portables.hearStack(task, (state, frames) => {
            if (fiber.place === place) wake(fiber, `${head}: ${state}${frames}${spawns}`, NEXT);
          });
          return place;
        },
        realm.idle,
        direct,
      );
    }

    /** Has something done once the task has settled: it gets how, and the value. Its failure counts as heard of. */
    static onSettled(handle, action) {
      const task = handle.#task;
      ask(task);
      if (task.settledBy === UNSETTLED) addWaiter(task, action);
      else action(task.settledBy, task.outcome);
    }

    /** Blocks until the task has settled; gives its result or throws what it threw. */
    join() {
      const direct = takeDirect();
      const task = this.#task;
      ask(task);
      const how = task.settledBy;
      if (how === NEXT) return task.outcome;
      if (how !== UNSETTLED) throw task.outcome;
      return block(
        (fiber) => {
          const index = addWaiter(task, (mode, value) => wake(fiber, value, mode === NEXT ? NEXT : THROW));
          const waiters = task.outcome;
          return {
            what: () => `join of task ${this.#id}${quoted(task.name)}`,
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
      const task = this.#task;
      ask(task);
      const promise = realm.newPromise();
      const settle = (mode, value) => {
        if (mode === NEXT) realm.resolvePromise(promise, value);
        else realm.rejectPromise(promise, value);
      };
      if (task.settledBy === UNSETTLED) addWaiter(task, settle);
      else settle(task.settledBy, task.outcome);
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

  // What becomes of a task: until it has settled, its `outcome` is a list of those who are to hear of that, if there are any.

  /** Somebody asks for the result. */
  function ask(task) {
    task.wasAsked = true;
    if (task.failure === undefined) return;
    hear(task.failure);
    task.failure = undefined;
  }

  /** Adds who is to hear that the task has settled; returns its place. */
  function addWaiter(task, action) {
    // As long as it is: mostly nobody else asks.
    if (task.outcome === undefined) {
      task.outcome = [action];
      return 0;
    }
    const index = task.outcome.length;
    task.outcome[index] = action;
    return index;
  }

  function settleWith(task, mode, value) {
    if (task.remote === 0) countChild(true);
    const waiters = task.outcome;
    task.settledBy = mode;
    task.outcome = value;
    if (waiters === undefined) return;
    for (let i = 0; i < waiters.length; i++) waiters[i](mode, value);
  }

  /** The task has ended by a kill. */
  function settleKilled(task) {
    const { reason } = task;
    const message = reason === undefined ? 'the task was killed' : `the task was killed: ${describe(reason)}`;
    settleWith(task, KILL, new TaskKilledError(message, { cause: reason }));
  }

  function settle(task, mode, value) {
    let settled = value;
    let how = mode;
    try {
      settled = realm.copy(value);
    } catch (error) {
      settled = mode === NEXT ? error : realm.copyFailure(value);
      how = THROW;
    }
    settleWith(task, how, settled);
  }

  /** The same for what has come from another isolate, and so is a copy already. */
  function settleCopied(task, mode, value) {
    settleWith(task, mode === NEXT ? NEXT : THROW, value);
  }

  // Failures that nobody has heard of are reported when nobody can hear of them any more, since the handle is gone, when the parent ends, or when
  // they happen after that.

  /** Made for the first of them. */
  let forgotten;

  /** A task that has ended is reached by its handle alone. */
  function watch(task, failure) {
    forgotten ??= new FinalizationRegistry(tell);
    FinalizationRegistryPrototypeRegister(forgotten, task, failure);
  }

  /** A task has failed. */
  function failed(task, parent) {
    if (task.wasAsked) return;
    const { id, outcome: error } = task;
    const children = parent?.children;
    if (children === undefined) {
      // The parent has ended before.
      realm.report(id, error);
      return;
    }
    children.failures ??= new Set();
    const failure = { __proto__: null, id, error, among: children.failures };
    SetPrototypeAdd(children.failures, failure);
    task.failure = failure;
    watch(task, failure);
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
    if (heir?.children === undefined) return;
    children.each((child) => adopt(heir, child));
  }

  function adopt(parent, task) {
    parent.children.add(task);
    task.parent = parent;
  }

  /** A task is no longer among those that its parent has started. */
  function leave(task) {
    const { parent } = task;
    task.parent = undefined;
    const { children } = parent;
    if (children === undefined || !children.remove(task)) return;
    // It stands for one that has ended elsewhere; see left-behind.js.
    if (children.count === 0 && parent.hasEnded) leftBehind.end(parent);
  }

  let control;
  let graceOf;
  let stacks;
  let portables;
  let leftBehind;

  function spawn(fn, ...args) {
    if (typeof fn !== 'function') throw new TypeError('spawn takes a function');
    const parent = realm.currentTask();
    for (let i = 0; i < args.length; i++) args[i] = realm.copyArgument(args[i], i);
    const { name } = fn;
    const task = new Task(parent.id, parent.storm);
    parent.children ??= new Children();
    adopt(parent, task);
    task.isChild = true;
    task.name = name;
    task.site = siteOf(parent, spawn);
    task.meter = parent.meter;
    countChild(false);
    launch(task, args.length === 0 ? fn : caller(fn, args), undefined);
    portables.add(task, fn, args);
    return new Handle(task);
  }

  const caller = (fn, args) => () => apply(fn, undefined, args);

  /** The function of a task has returned. */
  function returned(task, mode, value) {
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
    // It was killed before its promise was settled.
    if (task.hasEnded) return;
    task.hasEnded = true;
    const { parent } = task;
    if (mode !== NEXT) realm.abandon(task);
    if (task.isKilled && (mode !== THROW || value === KILLED)) settleKilled(task);
    else {
      settles(task, mode, value);
      if (task.settledBy === THROW) failed(task, parent);
    }
    partFrom(task, parent);
    leave(task);
    if (task.isKilled) control.bury(task);
  }

  /** A task has ended by a kill. */
  function endKilled(task) {
    if (task.hasEnded) return;
    task.hasEnded = true;
    const { parent } = task;
    settleKilled(task);
    if (parent === undefined) return;
    partFrom(task, parent);
    leave(task);
  }

  useChildren(returned);

  function setControl(given, grace, givenStacks, givenPortables, givenLeftBehind) {
    control = given;
    portables = givenPortables;
    leftBehind = givenLeftBehind;
    portables.useEnd((task, mode, value) => end(task, mode, value, settleCopied));
    graceOf = grace;
    stacks = givenStacks;
  }

  return { adopt, endKilled, spawn, isHandle: Handle.isHandle, Handle, leave, partFrom, setControl };
};
