'use strict';

// State: {done, error, deadline, values, parent}. `done` is a channel that is closed when the context is cancelled, and it is closed with the
// parent's, wherever that happens; `error` says why, as {name, message, cause}, where the
// cause lies in a box. It is set in the one that was cancelled only: a context is
// cancelled if one of those above it is. So parents need not know their children. `values` lie in a box.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createContext(platform, { TAGS }) {
  const { Cell, box, follow, gate, isShut, shut, unbox, undivided, update } = platform;

  class Context extends Cell {
    /**
     * @param {{parent?: Context, timeout?: number, deadline?: number | Date, values?: object}} [options] `timeout` in milliseconds;
     *   `deadline` in milliseconds since 1970
     */
    constructor(options = {}) {
      if (typeof options !== 'object' || options === null)
        throw new platform.TypeError('new Context takes an object such as {timeout: 100}');
      const { parent, values } = options;
      if (parent !== undefined && !(parent instanceof Context))
        throw new platform.TypeError('new Context: parent must be a Context');
      if (values !== undefined && (typeof values !== 'object' || values === null))
        throw new platform.TypeError('new Context: values must be an object');
      const above = parent === undefined ? undefined : update(parent, (state) => state);
      const deadline = deadlineOf(options, above);
      const done = gate();
      const state = {
        __proto__: null,
        done,
        error: undefined,
        deadline,
        values: values === undefined ? undefined : box(platform.copy(values)),
        parent,
      };
      super(TAGS.CONTEXT, state);
      if (above !== undefined) follow(done, above.done);
      if (deadline !== undefined && this.error === undefined) watch(this, deadline, done);
    }

    /** A channel that is closed when the context is cancelled: a case for `select`. */
    get done() {
      return update(this, (state) => state.done);
    }

    /** Why it was cancelled: a TaskKilledError, or a TimeoutError; undefined while it was not. */
    get error() {
      const error = errorOf(this);
      if (error !== undefined) return made(error);
      // Whoever was to watch it may be gone.
      const { deadline, done } = update(this, (state) => state);
      if (deadline === undefined) return undefined;
      if (platform.now() >= deadline) expire(this);
      else if (isShut(done)) end(this, killed('the context was cancelled: whoever watched its deadline has ended'));
      else return undefined;
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
        const own = values === undefined ? undefined : unbox(values);
        if (own !== undefined && platform.ObjectHasOwn(own, key)) return own[key];
        context = parent;
      }
      return undefined;
    }

    /** Cancels it and all its children; nothing happens if that was done. The reason is the error's cause, as far as it can be copied. */
    cancel(reason = undefined) {
      if (reason === undefined) end(this, killed('the context was cancelled'));
      else end(this, killed(`the context was cancelled: ${text(reason)}`, keep(reason)));
    }

    /** A context that is cancelled with this one, or before. */
    child(options = {}) {
      if (typeof options !== 'object' || options === null)
        throw new platform.TypeError('child takes an object such as {timeout: 100}');
      return new Context({ ...options, parent: this });
    }

    /** Throws why it was cancelled, if it was. */
    check() {
      const { error } = this;
      if (error !== undefined) throw error;
    }
  }

  function text(reason) {
    try {
      return reason instanceof platform.Error ? reason.message : platform.String(reason);
    } catch {
      // Whatever it is, the context is cancelled.
      return typeof reason;
    }
  }

  /** A box with a copy that everybody can read; undefined where there can be none. */
  function keep(reason) {
    try {
      return box(platform.clone(reason));
    } catch {
      // An error is told of without what stands in the way.
    }
    try {
      return reason instanceof platform.Error ? box(platform.clone(platform.salvage(reason))) : undefined;
    } catch {
      return undefined;
    }
  }

  function made({ name, message, cause }) {
    return new platform[name](message, cause === undefined ? undefined : { cause: unbox(cause) });
  }

  function deadlineOf({ timeout, deadline }, above) {
    let at = above === undefined ? undefined : above.deadline;
    if (timeout !== undefined) {
      if (typeof timeout !== 'number')
        throw new platform.TypeError(`new Context: timeout must be a number of milliseconds, not ${typeof timeout}`);
      if (!(timeout >= 0))
        throw new platform.RangeError(`new Context: timeout must be a number of milliseconds from 0, not ${timeout}`);
      at = earlier(at, platform.now() + timeout);
    }
    if (deadline !== undefined) at = earlier(at, timeOf(deadline));
    return at;
  }

  function timeOf(deadline) {
    const at = typeof deadline === 'number' ? deadline : platform.timeOfDate(deadline);
    if (at === undefined)
      throw new platform.TypeError('new Context: deadline must be a Date, or milliseconds since 1970');
    if (!(at >= 0))
      throw new platform.RangeError('new Context: deadline must be a valid Date, or milliseconds since 1970 from 0');
    return at;
  }

  function earlier(a, b) {
    return a === undefined || b < a ? b : a;
  }

  /** Why a context, or one above it, was cancelled; or undefined. */
  function errorOf(context) {
    for (let next = context; next !== undefined; ) {
      const { error, parent } = update(next, (state) => state);
      if (error !== undefined) return error;
      next = parent;
    }
    return undefined;
  }

  function watch(context, deadline, done) {
    platform.timer(deadline - platform.now(), () => expire(context), context, done);
  }

  const killed = (message, cause) => ({ __proto__: null, name: 'TaskKilledError', message, cause });

  function expire(context) {
    end(context, {
      __proto__: null,
      name: 'TimeoutError',
      message: 'the deadline of the context is over',
      cause: undefined,
    });
  }

  /** Cancels it, unless it was. Who is killed meanwhile has done that, and closed the channel. */
  function end(context, error) {
    undivided(() => {
      // One above it may have been cancelled before.
      const first = errorOf(context) ?? error;
      const done = update(context, (state) => {
        if (state.error !== undefined) return undefined;
        state.error = first;
        return state.done;
      });
      if (done !== undefined) shut(done);
      platform.untimer(context);
    });
  }

  return Context;
};
