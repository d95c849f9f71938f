'use strict';

// What Map, WeakMap, Set and the two `groupBy` call user code in. Iterating goes through the intrinsic iterators, which
// see what callbacks add and skip what they delete, as the specification's own walk over the entries does.

const {
  call,
  Map,
  MapIteratorPrototypeNext,
  MapPrototypeEntries,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeGetOrInsertComputed,
  MapPrototypeGetSize,
  MapPrototypeHas,
  MapPrototypeSet,
  SetIteratorPrototypeNext,
  SetPrototypeForEach,
  SetPrototypeGetSize,
  SetPrototypeValues,
  SymbolKeyFor,
  TypeError,
  WeakMapPrototypeGet,
  WeakMapPrototypeGetOrInsertComputed,
  WeakMapPrototypeHas,
  WeakMapPrototypeSet,
} = require('primordials');
const { closeQuietly, DONE, getIterator, step } = require('builtins/iteration');
const {
  canonicalKey,
  isObject,
  MAX_LENGTH,
  put,
  requireCallable,
  requireCoercible,
  toPropertyKey,
} = require('builtins/operations');

/** Whether `getSize`, which throws for everything else, takes the value. */
function hasBrand(value, getSize) {
  try {
    getSize(value);
    return true;
  } catch {
    return false;
  }
}

const map = {
  forEach(callback, thisArg = undefined) {
    // The native method throws then.
    if (typeof callback !== 'function' || !hasBrand(this, MapPrototypeGetSize)) MapPrototypeForEach(this, callback);
    const iterator = MapPrototypeEntries(this);
    for (;;) {
      const { value: entry, done } = MapIteratorPrototypeNext(iterator);
      if (done) return;
      if (thisArg === undefined) callback(entry[1], entry[0], this);
      else call(callback, thisArg, entry[1], entry[0], this);
    }
  },

  getOrInsertComputed(key, callback) {
    // The native method throws then, or finds the key.
    if (typeof callback !== 'function' || MapPrototypeHas(this, key)) {
      return MapPrototypeGetOrInsertComputed(this, key, callback);
    }
    key = canonicalKey(key);
    const value = callback(key);
    MapPrototypeSet(this, key, value);
    return value;
  },
};

const canBeHeldWeakly = (value) => isObject(value) || (typeof value === 'symbol' && SymbolKeyFor(value) === undefined);

const weakMap = {
  getOrInsertComputed(key, callback) {
    if (WeakMapPrototypeHas(this, key)) {
      if (typeof callback === 'function') return WeakMapPrototypeGet(this, key);
    } else if (typeof callback === 'function' && canBeHeldWeakly(key)) {
      const value = callback(key);
      WeakMapPrototypeSet(this, key, value);
      return value;
    }
    // Throws.
    return WeakMapPrototypeGetOrInsertComputed(this, key, callback);
  },
};

const set = {
  forEach(callback, thisArg = undefined) {
    if (typeof callback !== 'function' || !hasBrand(this, SetPrototypeGetSize)) SetPrototypeForEach(this, callback);
    const iterator = SetPrototypeValues(this);
    for (;;) {
      const { value, done } = SetIteratorPrototypeNext(iterator);
      if (done) return;
      if (thisArg === undefined) callback(value, value, this);
      else call(callback, thisArg, value, value, this);
    }
  },
};

/** Collects the values of `items` by key, as a Map of arrays. */
function group(items, callback, coerceKey, method) {
  requireCoercible(items, method);
  requireCallable(callback);
  const groups = new Map();
  const record = getIterator(items);
  for (let k = 0; ; k++) {
    if (k >= MAX_LENGTH) {
      closeQuietly(record.iterator);
      throw new TypeError('Too many values to group');
    }
    const value = step(record);
    if (value === DONE) return groups;
    let key;
    try {
      key = coerceKey(callback(value, k));
    } catch (error) {
      closeQuietly(record.iterator);
      throw error;
    }
    const list = MapPrototypeGet(groups, key);
    if (list === undefined) MapPrototypeSet(groups, key, [value]);
    else put(list, list.length, value);
  }
}

const mapStatics = {
  groupBy(items, callback) {
    return group(items, callback, canonicalKey, 'Map.groupBy');
  },
};

const objectStatics = {
  groupBy(items, callback) {
    const groups = group(items, callback, toPropertyKey, 'Object.groupBy');
    const result = { __proto__: null };
    const iterator = MapPrototypeEntries(groups);
    for (;;) {
      const { value: entry, done } = MapIteratorPrototypeNext(iterator);
      if (done) return result;
      result[entry[0]] = entry[1];
    }
  },
};

module.exports = { map, weakMap, set, mapStatics, objectStatics };
