'use strict';

// AsyncDisposableStack, and what async iterators have for `await using` (ECMA-262, 27.4, and %AsyncIteratorPrototype% [ %Symbol.asyncDispose% ]).
// V8's have promises of their own, and call the methods outside of any task: what blocks there fails, and nobody can end it. Each await is a
// call of `awaitValue`, as in async-from.js.

const { put } = require('builtins/operations');
const { createSuppression, deferred, resourceOf } = require('disposables');
const { describe, getMethod, isObject } = require('promise-operations');
const {
  AsyncGeneratorPrototype,
  call,
  defineProperty,
  getPrototypeOf,
  globalThis,
  ReferenceError,
  Symbol,
  TypeError,
} = require('primordials');

/**
 * @param {ReturnType<import('./promise')>} promises
 * @param {object} KILLED what is thrown through a task that is killed
 * @returns {{AsyncDisposableStack: Function, asyncDispose: Function, install: () => void}} `install` is called in each realm that runs: V8 adds its own only there
 */
module.exports = function createAsyncDisposal(promises, KILLED) {
  const { Promise, awaitValue, follow, newPromise, performThen, promiseResolve, rejectPromise, resolvePromise } =
    promises;

  const suppress = createSuppression(KILLED);

  /** DisposeResources under way. */
  class Disposal {
    constructor(list) {
      this.promise = newPromise();
      this.list = list;
      this.mustAwait = false;
      this.hasAwaited = false;
      this.hasFailed = false;
      this.error = undefined;
    }
  }

  function note(disposal, error) {
    disposal.error = suppress(disposal.hasFailed, disposal.error, error);
    disposal.hasFailed = true;
  }

  function failed(error, disposal) {
    note(disposal, error);
    next(undefined, disposal);
  }

  /** Disposes of one after the other, up to the first that has to be awaited. */
  function next(_value, disposal) {
    const { list } = disposal;
    while (list.length > 0) {
      const { value, method, isSync } = list[list.length - 1];
      list.length--;
      if (method === undefined) {
        disposal.mustAwait = true;
        continue;
      }
      let isKilled = true;
      try {
        const result = call(method, value);
        isKilled = false;
        awaits(disposal, isSync ? undefined : result);
        return;
      } catch (error) {
        isKilled = false;
        note(disposal, error);
      } finally {
        // No `catch` sees a kill, and the others are to be disposed of nevertheless.
        if (isKilled) failed(KILLED, disposal);
      }
    }
    if (disposal.mustAwait && !disposal.hasAwaited) awaits(disposal, undefined);
    else if (disposal.hasFailed) rejectPromise(disposal.promise, disposal.error);
    else resolvePromise(disposal.promise, undefined);
  }

  function awaits(disposal, value) {
    disposal.hasAwaited = true;
    follow(disposal.promise, { __proto__: null, values: [value] });
    awaitValue(value, next, failed, disposal);
  }

  /** What calls a function with the value that was given with it. */
  const adopted = (value, onDispose) => () => onDispose(value);

  class AsyncDisposableStack {
    /** Undefined once it has been disposed of. */
    #list = [];

    static #isOne(value) {
      return isObject(value) && #list in value;
    }

    static #listOf(stack, name) {
      if (!AsyncDisposableStack.#isOne(stack)) {
        throw new TypeError(
          `Method AsyncDisposableStack.prototype.${name} called on incompatible receiver ${describe(stack)}`,
        );
      }
      if (stack.#list === undefined && name !== 'disposed') {
        throw new ReferenceError(
          `Cannot call AsyncDisposableStack.prototype.${name} on an already-disposed DisposableStack`,
        );
      }
      return stack.#list;
    }

    static #callable(onDispose) {
      if (typeof onDispose !== 'function') throw new TypeError(`${describe(onDispose)} is not a function`);
    }

    get disposed() {
      return AsyncDisposableStack.#listOf(this, 'disposed') === undefined;
    }

    use(value) {
      const list = AsyncDisposableStack.#listOf(this, 'use');
      const resource = resourceOf(value, true);
      put(list, list.length, resource);
      return value;
    }

    adopt(value, onDisposeAsync) {
      const list = AsyncDisposableStack.#listOf(this, 'adopt');
      AsyncDisposableStack.#callable(onDisposeAsync);
      put(list, list.length, deferred(adopted(value, onDisposeAsync)));
      return value;
    }

    defer(onDisposeAsync) {
      const list = AsyncDisposableStack.#listOf(this, 'defer');
      AsyncDisposableStack.#callable(onDisposeAsync);
      put(list, list.length, deferred(onDisposeAsync));
    }

    move() {
      const list = AsyncDisposableStack.#listOf(this, 'move');
      const moved = new AsyncDisposableStack();
      moved.#list = list;
      this.#list = undefined;
      return moved;
    }

    disposeAsync() {
      if (!AsyncDisposableStack.#isOne(this)) {
        const promise = newPromise();
        rejectPromise(promise, new TypeError('Receiver is not an AsyncDisposableStack'));
        return promise;
      }
      const list = this.#list;
      this.#list = undefined;
      const disposal = new Disposal(list === undefined ? [] : list);
      next(undefined, disposal);
      return disposal.promise;
    }
  }

  const { disposeAsync } = AsyncDisposableStack.prototype;

  /** What async iterators are disposed of by. */
  const { asyncDispose } = {
    asyncDispose() {
      const promise = newPromise();
      try {
        const method = getMethod(this, 'return');
        if (method === undefined) {
          resolvePromise(promise, undefined);
        } else {
          const done = promiseResolve(Promise, call(method, this, undefined));
          follow(promise, { __proto__: null, values: [done] });
          performThen(
            done,
            () => resolvePromise(promise, undefined),
            (error) => rejectPromise(promise, error),
          );
        }
      } catch (error) {
        rejectPromise(promise, error);
      }
      return promise;
    },
  };

  function define(object, key, value, writable) {
    defineProperty(object, key, { value, writable, enumerable: false, configurable: true });
  }
  define(AsyncDisposableStack.prototype, Symbol.toStringTag, 'AsyncDisposableStack', false);
  defineProperty(asyncDispose, 'name', { value: '[Symbol.asyncDispose]', configurable: true });

  function install() {
    // Where the snapshot is made there is none, and V8 could not add its own later.
    if (globalThis.AsyncDisposableStack === undefined) return;
    const symbol = Symbol.asyncDispose;
    define(AsyncDisposableStack.prototype, symbol, disposeAsync, true);
    define(globalThis, 'AsyncDisposableStack', AsyncDisposableStack, true);
    define(getPrototypeOf(AsyncGeneratorPrototype), symbol, asyncDispose, true);
  }

  return { AsyncDisposableStack, asyncDispose, install };
};
