'use strict';

// Tasks that belong together: `ErrGroup`, `scope`, and reusable functions with a limit.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createGroups(platform, { add, takeOut }) {
  const { join, kill, settled, signalOf, undivided } = platform;

  /** Tasks of which the first that fails ends the others. */
  class Group {
    constructor() {
      this.tasks = [];
      this.error = undefined;
      this.hasFailed = false;
      this.left = new platform.WaitGroup();
    }

    /** Starts a task; `ended` is called once it has settled. */
    start(fn, args, ended) {
      const task = platform.spawn(fn, ...args);
      undivided(() => {
        add(this.tasks, task);
        this.left.add(1);
        settled(task, (isFailed, error) => {
          takeOut(this.tasks, task);
          ended?.();
          if (isFailed && !this.hasFailed) {
            this.hasFailed = true;
            this.error = error;
            this.cancel(error);
          }
          this.left.done();
        });
      });
      return task;
    }

    cancel(reason) {
      // A task that settles leaves the list.
      const tasks = [...this.tasks];
      for (let i = 0; i < tasks.length; i++) kill(tasks[i], reason);
    }
  }

  /** Tasks of which the first that fails ends the others; at most `limit` run at once. */
  class ErrGroup {
    #group = new Group();
    #slots;

    /** @param {{limit?: number}} [options] */
    constructor({ limit } = {}) {
      if (limit !== undefined) this.#slots = new platform.Semaphore(limit);
    }

    /** Starts a task, once fewer than `limit` run. After a failure none is started any more. */
    async go(fn, ...args) {
      checked('go', fn);
      const guard = this.#slots === undefined ? undefined : await this.#slots.acquire();
      this.#start(fn, args, guard);
    }

    /** Starts a task unless `limit` tasks run, or one has failed; whether it did. */
    tryGo(fn, ...args) {
      checked('tryGo', fn);
      const guard = this.#slots?.tryAcquire();
      if (this.#slots !== undefined && guard === undefined) return false;
      return this.#start(fn, args, guard);
    }

    #start(fn, args, guard) {
      let task;
      try {
        if (!this.#group.hasFailed) task = this.#group.start(fn, args, () => guard?.release());
      } finally {
        if (task === undefined) guard?.release();
      }
      return task !== undefined;
    }

    /** Ends all its tasks. */
    cancel(reason = undefined) {
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

  /**
   * Calls a function with `{spawn, cancel}`; when `scope` is over, all tasks that it has started so have settled. If the function or one of
   * them fails, the others are killed, and that failure is thrown.
   */
  async function scope(fn, options) {
    const signal = signalOf(options, 'scope');
    checked('scope', fn);
    const group = new Group();
    const given = {
      spawn(inner, ...args) {
        checked('spawn', inner);
        if (group.hasFailed) throw group.error;
        return group.start(inner, args, undefined);
      },
      cancel: (reason) => group.cancel(reason),
    };
    try {
      const value = await platform.awaited(fn(given));
      await group.left.wait(signal === undefined ? undefined : { signal });
      if (group.hasFailed) throw group.error;
      return value;
    } finally {
      group.cancel('the scope of the task has ended');
      await group.left.wait();
    }
  }

  /**
   * A function that runs as a task each time it is called; at most `limit` calls at once, the others wait.
   * @param {Function} fn
   * @param {{limit?: number}} [options]
   */
  function task(fn, { limit } = {}) {
    checked('task', fn);
    const slots = limit === undefined ? undefined : new platform.Semaphore(limit);
    return async function call(...args) {
      const guard = slots === undefined ? undefined : await slots.acquire();
      try {
        return await join(platform.spawn(fn, ...args));
      } finally {
        guard?.release();
      }
    };
  }

  return { ErrGroup, scope, task };
};
