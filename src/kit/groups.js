'use strict';

// Tasks that belong together: `ErrGroup`, `scope`, and reusable functions with a limit.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createGroups(platform, { add }) {
  const { OF_GROUP, OF_SCOPE, OF_TASK, join, kill, settled, signalOf, stay, undivided } = platform;

  /** Tasks of which the first that fails ends the others. */
  class Group {
    constructor() {
      /** Those that have not settled, in no order: {task, at}, with the place where each stands. */
      this.entries = [];
      this.error = undefined;
      this.hasFailed = false;
      /** Called with the first failure. */
      this.onFailure = undefined;
      this.left = new platform.WaitGroup();
    }

    /** Starts a task; `ended` is called once it has settled. */
    start(fn, args, ended) {
      const task = platform.spawn(fn, ...args);
      undivided(() => {
        const { entries } = this;
        const entry = { task, at: entries.length };
        add(entries, entry);
        this.left.add(1);
        settled(task, (isFailed, error) => {
          const last = entries[entries.length - 1];
          entries[entry.at] = last;
          last.at = entry.at;
          entries.length--;
          ended?.();
          if (isFailed) this.fail(error);
          this.left.done();
        });
      });
      return task;
    }

    /** The first failure counts, and ends all. */
    fail(error) {
      if (this.hasFailed) return;
      this.hasFailed = true;
      this.error = error;
      this.cancel(error);
      this.onFailure?.(error);
    }

    cancel(reason) {
      // A task that settles leaves the list.
      const entries = [...this.entries];
      for (let i = 0; i < entries.length; i++) kill(entries[i].task, reason);
    }
  }

  /** Tasks of which the first that fails ends the others; at most `limit` run at once. */
  class ErrGroup {
    #group = new Group();
    #slots;
    #isCancelled = false;

    /** @param {{limit?: number}} [options] */
    constructor(options = {}) {
      this.#slots = slotsOf('new ErrGroup', options);
      stay(this, OF_GROUP);
    }

    /** Starts a task, once fewer than `limit` run. After a failure, or `cancel`, none is started any more. */
    async go(fn, ...args) {
      checked('go', fn);
      if (this.#slots === undefined) {
        this.#start(fn, args, undefined);
        return;
      }
      // Who waits for its turn counts as left, so that `wait` waits for it.
      const { left } = this.#group;
      let isAdded = false;
      try {
        undivided(() => {
          left.add(1);
          isAdded = true;
        });
        const guard = await this.#slots.acquire();
        this.#start(fn, args, guard);
      } finally {
        // A kill in the middle of it would leave `wait` waiting for ever.
        undivided(() => {
          if (isAdded) left.done();
        });
      }
    }

    /** Starts a task unless `limit` tasks run, one has failed, or all were cancelled; whether it did. */
    tryGo(fn, ...args) {
      checked('tryGo', fn);
      const guard = this.#slots?.tryAcquire();
      if (this.#slots !== undefined && guard === undefined) return false;
      return this.#start(fn, args, guard);
    }

    #start(fn, args, guard) {
      let task;
      try {
        if (!this.#group.hasFailed && !this.#isCancelled) task = this.#group.start(fn, args, () => guard?.release());
      } finally {
        if (task === undefined) guard?.release();
      }
      return task !== undefined;
    }

    /** Ends all its tasks; none is started any more. */
    cancel(reason = undefined) {
      this.#isCancelled = true;
      this.#group.cancel(reason);
    }

    /** Waits until all tasks have settled; throws the first failure. */
    async wait(options) {
      const group = this.#group;
      await group.left.wait(options);
      if (group.hasFailed) throw group.error;
    }
  }

  function checked(name, fn) {
    if (typeof fn !== 'function') throw new platform.TypeError(`${name} takes a function`);
  }

  /** What keeps to the limit that the options have, if they do. */
  function slotsOf(name, options) {
    if (typeof options !== 'object' || options === null)
      throw new platform.TypeError(`${name}: the options must be an object such as {limit: 4}`);
    const { limit } = options;
    if (limit === undefined || limit === Infinity) return undefined;
    if (typeof limit !== 'number')
      throw new platform.TypeError(`${name}: limit must be a whole number from 1, not ${typeof limit}`);
    if (!(platform.NumberIsInteger(limit) && limit >= 1))
      throw new platform.RangeError(`${name}: limit must be a whole number from 1, not ${limit}`);
    return new platform.Semaphore(limit);
  }

  /**
   * Calls a function with `{spawn, cancel}`; when `scope` is over, all tasks that it has started so have settled. If the function or one of
   * them fails, the others are killed, and that failure is thrown.
   */
  async function scope(fn, options) {
    const signal = signalOf(options, 'scope');
    checked('scope', fn);
    const group = new Group();
    let isOver = false;
    const given = {
      spawn(inner, ...args) {
        checked('spawn', inner);
        if (isOver) throw new platform.Error('spawn was called after its scope has ended');
        if (group.hasFailed) throw group.error;
        return group.start(inner, args, undefined);
      },
      cancel: (reason) => group.cancel(reason),
    };
    platform.stayOnHost(OF_SCOPE, given, given.spawn, given.cancel);
    try {
      const value = await platform.within(group, signal, () => fn(given));
      await group.left.wait(signal === undefined ? undefined : { signal });
      if (group.hasFailed) throw group.error;
      return value;
    } catch (error) {
      // What the function throws may be what came of that.
      throw group.hasFailed ? group.error : error;
    } finally {
      isOver = true;
      group.cancel('the scope of the task has ended');
      await group.left.wait();
    }
  }

  /**
   * A function that runs as a task each time it is called; at most `limit` calls at once, the others wait.
   * @param {Function} fn
   * @param {{limit?: number}} [options]
   */
  function task(fn, options = {}) {
    checked('task', fn);
    const slots = slotsOf('task', options);
    const called = async function call(...args) {
      const guard = slots === undefined ? undefined : await slots.acquire();
      try {
        return await join(platform.spawn(fn, ...args));
      } finally {
        guard?.release();
      }
    };
    platform.stayOnHost(OF_TASK, called);
    return called;
  }

  return { ErrGroup, scope, task };
};
