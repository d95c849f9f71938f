'use strict';

// What `using` and disposable stacks have to dispose of (ECMA-262, DisposableResource records).

const { globalThis, String, Symbol, TypeError } = require('primordials');

/**
 * What makes the error of a disposal: it suppresses the one before. Nothing suppresses a kill, and it drops what was thrown.
 * @param {object} KILLED what is thrown through a task that is killed
 * @returns {(hasFailed: boolean, held: unknown, error: unknown) => unknown} `held`: the error before, if there was one
 */
const createSuppression = (KILLED) => (hasFailed, held, error) => {
  if (error === KILLED || (hasFailed && held === KILLED)) return KILLED;
  // V8 adds this class and the symbols below only to realms that run, not to the one that the snapshot is made of.
  return hasFailed ? new globalThis.SuppressedError(error, held, 'An error was suppressed during disposal') : error;
};

/** A resource that is nothing but a function, of which the result is awaited. */
const deferred = (method) => ({ __proto__: null, value: undefined, method, isAsync: true, isSync: false });

/**
 * CreateDisposableResource.
 * @param {unknown} value
 * @param {boolean} isAsync whether its method is awaited
 * @returns {{value: unknown, method: Function | undefined, isAsync: boolean, isSync: boolean}} `isSync`: its method is that of `using`, of which the
 *   result is not awaited; without a method there is only something to await
 */
function resourceOf(value, isAsync) {
  if (value === undefined || value === null)
    return { __proto__: null, value, method: undefined, isAsync, isSync: false };
  if (typeof value !== 'object' && typeof value !== 'function') {
    throw new TypeError(`${String(value)} is not an object: it cannot be disposed of`);
  }
  let method = isAsync ? value[Symbol.asyncDispose] : undefined;
  const isSync = method === undefined || method === null;
  if (isSync) method = value[Symbol.dispose];
  if (typeof method !== 'function') {
    throw new TypeError(`Property [Symbol.${isAsync ? 'asyncDispose' : 'dispose'}] is not a function`);
  }
  return { __proto__: null, value, method, isAsync, isSync };
}

module.exports = { createSuppression, deferred, resourceOf };
