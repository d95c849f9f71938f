'use strict';

// State: {done, error, deadline, values, parent, children}. `done` is a channel that is closed when the context is cancelled; `error` says why,
// as {name, message}. Cancelling goes from parents to children, wherever these are.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createContext(platform, { TAGS, add, takeOut }) {
  const { Cell, gate, shut, undivided, update } = platform;

  class Context extends Cell {
    /**
     * @param {{parent?: Context, timeout?: number, deadline?: number | Date, values?: object}} [options] `timeout` in milliseconds;
     *   `deadline` in milliseconds since 1970
     */
    constructor(options = {}) {
      if (typeof options !== 'object' || options === null)
        throw new platform.TypeError('new Context takes an object such as {timeout: 100}');
      const { parent, values = {} } = options;
      if (parent !== undefined && !(parent instanceof Context))
        throw new platform.TypeError('new Context: parent must be a Context');
      if (typeof values !== 'object' || values === null)
        throw new platform.TypeError('new Context: values must be an object');
      const deadline = deadlineOf(options, parent);
      const state = {
        __proto__: null,
        done: gate(),
        error: undefined,
        deadline,
        values: platform.copy(values),
        parent,
        children: [],
      };
      super(TAGS.CONTEXT, state);
      const error = parent === undefined ? undefined : update(parent, (outer) => adopt(outer, this));
      if (error !== undefined) end(this, error);
      else if (deadline !== undefined) watch(this, deadline);
    }

    /** A channel that is closed when the context is cancelled: a case for `select`. */
    get done() {
      return update(this, (state) => state.done);
    }

    /** Why it was cancelled: a TaskKilledError, or a TimeoutError; undefined while it was not. */
    get error() {
      const { error, deadline } = update(this, (state) => state);
      if (error !== undefined) return errorOf(error);
      // Whoever was to watch it may be gone.
      if (deadline === undefined || platform.now() < deadline) return undefined;
      expire(this);
      return this.error;
    }

    /** When it is cancelled by itself, in milliseconds since 1970; undefined for never. */
    get deadline() {
      return update(this, (state) => state.deadline);
    }

    /** A value of this context's, or else of its parents'. */
    get(key) {
      for (let context = this; context !== undefined; ) {
        const { values, parent } = update(context, (state) => state);
        if (platform.ObjectHasOwn(values, key)) return values[key];
        context = parent;
      }
      return undefined;
    }

    /** Cancels it and all its children; nothing happens if that was done. */
    cancel(reason = undefined) {
      const message = reason === undefined ? 'the context was cancelled' : `the context was cancelled: ${text(reason)}`;
      end(this, { name: 'TaskKilledError', message });
    }

    /** A context that is cancelled with this one, or before. */
    child(options = {}) {
      return new Context({ ...options, parent: this });
    }

    /** Throws why it was cancelled, if it was. */
    check() {
      const { error } = this;
      if (error !== undefined) throw error;
    }
  }

  function text(reason) {
    return reason instanceof platform.Error ? reason.message : platform.String(reason);
  }

  function deadlineOf({ timeout, deadline }, parent) {
    let at = parent === undefined ? undefined : parent.deadline;
    if (timeout !== undefined) {
      if (!(typeof timeout === 'number' && timeout >= 0))
        throw new platform.TypeError('new Context: timeout must be a number of milliseconds');
      at = earlier(at, platform.now() + timeout);
    }
    if (deadline !== undefined) {
      const given = platform.Number(deadline);
      if (!(given >= 0))
        throw new platform.TypeError('new Context: deadline must be a Date, or milliseconds since 1970');
      at = earlier(at, given);
    }
    return at;
  }

  function earlier(a, b) {
    return a === undefined || b < a ? b : a;
  }

  /** Takes note of a child; returns why the parent is cancelled, if it is. */
  function adopt(outer, child) {
    if (outer.error === undefined) add(outer.children, child);
    return outer.error;
  }

  function errorOf({ name, message }) {
    const Class = name === 'TimeoutError' ? platform.TimeoutError : platform.TaskKilledError;
    return new Class(message);
  }

  function watch(context, deadline) {
    platform.timer(deadline - platform.now(), () => expire(context), context);
  }

  function expire(context) {
    end(context, { name: 'TimeoutError', message: 'the deadline of the context is over' });
  }

  /** Cancels it and its children. Who is killed meanwhile has cancelled all of them. */
  function end(context, error) {
    undivided(() => endAll(context, error));
  }

  function endAll(context, error) {
    const { children, parent, done } = update(context, (state) => {
      if (state.error !== undefined) return { children: [], parent: undefined, done: undefined };
      state.error = error;
      const ended = { children: state.children, parent: state.parent, done: state.done };
      state.children = [];
      return ended;
    });
    if (done === undefined) return;
    platform.untimer(context);
    shut(done);
    for (let i = 0; i < children.length; i++) endAll(children[i], error);
    if (parent !== undefined) update(parent, (state) => takeOut(state.children, context));
  }

  return Context;
};
