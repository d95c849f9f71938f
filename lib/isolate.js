'use strict';

// Private isolates that are kept.

const { check } = require('./options.js');
const { pool } = require('./pool.js');
const { makeRun } = require('./run.js');
const { makeSpawn } = require('./spawn.js');
const { showIsolate } = require('./stats.js');

/** Ends the isolates of objects that were collected without `dispose`. */
const collected = new FinalizationRegistry(({ owner, id }) => void owner.disposeIsolate(id));

/** An isolate with a thread of its own, in which tasks share globals and nobody else's code runs. */
class Isolate {
  #owner;
  #id;
  #name;
  #disposed = null;

  /** @param {{name?: string, memoryLimit?: number}} [options] */
  constructor(options) {
    const { name, memoryLimit } = check('new Isolate', options, ['name', 'memoryLimit']);
    this.#owner = pool();
    if (!this.#owner.isCurrent) {
      const error = new Error('new Isolate: shutdown() is under way: await it before you make another isolate');
      error.code = 'ERR_SHUTTING_DOWN';
      throw error;
    }
    this.#id = this.#owner.createIsolate(memoryLimit);
    this.#name = name ?? `isolate-${this.#id}`;
    const getId = () => this.#liveId();
    // Tasks hold it until they have settled, and through it this object.
    const place = {
      get id() {
        return getId();
      },
    };
    this.spawn = makeSpawn(place);
    Object.assign(this, makeRun(place));
    collected.register(this, { owner: this.#owner, id: this.#id }, this);
  }

  get name() {
    return this.#name;
  }

  #liveId() {
    if (this.#disposed !== null || !this.#owner.isCurrent) {
      const what = this.#disposed === null ? 'ended with shutdown()' : 'was disposed of';
      const error = new Error(`${this.#name} ${what}: make a new Isolate`);
      error.code = 'ERR_ISOLATE_DISPOSED';
      throw error;
    }
    return this.#id;
  }

  /** Figures of the isolate; zeros once it is disposed of. */
  stats() {
    const figures = this.#owner.native.figures().find(({ id }) => id === this.#id);
    return {
      name: this.#name,
      disposed: this.#disposed !== null,
      ...showIsolate(figures),
    };
  }

  /** Ends the isolate and kills its tasks that have not settled. */
  dispose() {
    if (this.#disposed === null) {
      collected.unregister(this);
      this.#disposed = this.#owner.disposeIsolate(this.#id);
    }
    return this.#disposed;
  }

  [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    return this.dispose();
  }
}

module.exports = { Isolate };
