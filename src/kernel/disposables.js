'use strict';

// What `using` and disposable stacks have to dispose of (ECMA-262, DisposableResource records).

const { String, Symbol, TypeError } = require('primordials');

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
  // V8 adds these symbols only to realms that run, not to the one that the snapshot is made of.
  let method = isAsync ? value[Symbol.asyncDispose] : undefined;
  const isSync = method === undefined || method === null;
  if (isSync) method = value[Symbol.dispose];
  if (typeof method !== 'function') {
    throw new TypeError(`Property [Symbol.${isAsync ? 'asyncDispose' : 'dispose'}] is not a function`);
  }
  return { __proto__: null, value, method, isAsync, isSync };
}

module.exports = { resourceOf };
