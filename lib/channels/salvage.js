'use strict';

// An error that cannot be copied as it is; `salvage` in src/kernel/realm.js is the same for tasks.

/** What errors hide. */
const HIDDEN = ['cause', 'errors', 'error', 'suppressed'];

/** An error's causes are looked into so deep. */
const DEPTH = 8;

/**
 * An error of the same class with what of it can be copied.
 * @param {Error} error
 * @param {(value: unknown) => unknown} clone throws what cannot be copied
 */
function salvage(error, clone, depth = 0) {
  // It is made as an error, since none is told by what it inherits from.
  const copy = Object.setPrototypeOf(new Error(), Object.getPrototypeOf(error));
  const put = (key, value, enumerable) =>
    Object.defineProperty(copy, key, { value, enumerable, writable: true, configurable: true });
  for (const key of ['name', 'message', 'stack']) {
    const value = read(error, key);
    if (typeof value === 'string') put(key, value, false);
  }
  const keep = (key, enumerable) => {
    let value = read(error, key);
    try {
      clone(value);
    } catch {
      if (depth === DEPTH || !(value instanceof Error)) return;
      value = salvage(value, clone, depth + 1);
    }
    put(key, value, enumerable);
  };
  for (const key of HIDDEN) if (Object.hasOwn(error, key)) keep(key, false);
  for (const key of Object.keys(error)) if (!Object.hasOwn(copy, key)) keep(key, true);
  return copy;
}

/** The value that a getter or a proxy gives; nothing where it throws. */
function read(object, key) {
  try {
    return object[key];
  } catch {
    return undefined;
  }
}

module.exports = salvage;
