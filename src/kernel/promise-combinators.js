'use strict';

// Promise.all, allSettled, any and race.

const { newArray, put } = require('builtins/operations');
const { AggregateError, call, construct, defineProperty, Error, TypeError } = require('primordials');

/**
 * Adds the combinators to the realm's Promise.
 * @param {Function} Promise
 * @param {(C: unknown) => import('./promise').Capability} newPromiseCapability
 * @param {{isPromise: (value: unknown) => boolean, follow: (promise: object, group: object) => void}} state
 */
module.exports = function addCombinators(Promise, newPromiseCapability, { isPromise, follow }) {
  /**
   * Subscribes to all that `iterable` yields. The loop closes the iterator where, and only where, the spec does: after
   * errors of anything but the iterator itself.
   * @param {unknown} C the receiver of the combinator
   * @param {unknown} iterable
   * @param {(promise: unknown, group: object, index: number) => void} subscribe calls `then` of the promise
   * @param {(group: object) => void} finish called when nothing is left to wait for
   */
  function combine(C, iterable, subscribe, finish) {
    const { promise, resolve, reject } = newPromiseCapability(C);
    const values = newArray();
    const group = { resolve, reject, values, remaining: 1, finish };
    try {
      const promiseResolve = C.resolve;
      if (typeof promiseResolve !== 'function') {
        throw new TypeError('Promise resolve or reject function is not callable');
      }
      let index = 0;
      for (const item of iterable) {
        put(values, index, undefined);
        const next = call(promiseResolve, C, item);
        // Until there is an outcome in its place: who is killed meanwhile stands there.
        values[index] = next;
        group.remaining++;
        subscribe(next, group, index++);
      }
      if (--group.remaining === 0) finish(group);
      else if (isPromise(promise)) follow(promise, group);
    } catch (error) {
      reject(error);
    }
    return promise;
  }

  /** Keeps the outcome of one element, for which there is a place. */
  function keep(group, index, value) {
    group.values[index] = value;
    if (--group.remaining === 0) group.finish(group);
  }

  function resolveWithValues({ resolve, values }) {
    resolve(values);
  }

  function rejectWithErrors({ reject, values }) {
    reject(aggregate(values));
  }

  /** Made by the constructor of Error, because that of AggregateError runs the iterator of arrays, which is the user's. */
  function aggregate(errors) {
    const error = construct(Error, ['All promises were rejected'], AggregateError);
    defineProperty(error, 'errors', {
      value: errors,
      writable: true,
      enumerable: false,
      configurable: true,
    });
    return error;
  }

  function subscribeAll(promise, group, index) {
    let called = false;
    promise.then((value) => {
      if (called) return;
      called = true;
      keep(group, index, value);
    }, group.reject);
  }

  function subscribeAllSettled(promise, group, index) {
    let called = false;
    promise.then(
      (value) => {
        if (called) return;
        called = true;
        keep(group, index, { status: 'fulfilled', value });
      },
      (reason) => {
        if (called) return;
        called = true;
        keep(group, index, { status: 'rejected', reason });
      },
    );
  }

  function subscribeAny(promise, group, index) {
    let called = false;
    promise.then(group.resolve, (reason) => {
      if (called) return;
      called = true;
      keep(group, index, reason);
    });
  }

  function ignore() {}

  function subscribeRace(promise, { resolve, reject }) {
    promise.then(resolve, reject);
  }

  const methods = {
    all(iterable) {
      return combine(this, iterable, subscribeAll, resolveWithValues);
    },
    allSettled(iterable) {
      return combine(this, iterable, subscribeAllSettled, resolveWithValues);
    },
    any(iterable) {
      return combine(this, iterable, subscribeAny, rejectWithErrors);
    },
    race(iterable) {
      return combine(this, iterable, subscribeRace, ignore);
    },
  };

  for (const name of ['all', 'allSettled', 'any', 'race']) {
    defineProperty(Promise, name, { value: methods[name], writable: true, enumerable: false, configurable: true });
  }
};
