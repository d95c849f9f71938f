'use strict';

// Set.prototype's methods that take a set-like: its `has` and `keys` are user code, unless it is a Set that a program
// has changed nothing about. V8 does such a pair of sets by itself.

const {
  call,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  NumberIsNaN,
  ObjectHasOwn,
  RangeError,
  Set,
  SetIteratorPrototype,
  SetIteratorPrototypeNext,
  SetPrototypeAdd,
  SetPrototypeDelete,
  SetPrototypeGetSize,
  SetPrototypeHas,
  SetPrototypeValues,
  TypeError,
  uncurryThis,
} = require('primordials');
const { close, DONE, iteratorFromMethod, step } = require('builtins/iteration');
const { describe, isObject, notCallable, toIntegerOrInfinity } = require('builtins/operations');

const SetPrototype = Set.prototype;

const intrinsics = {
  __proto__: null,
  size: getOwnPropertyDescriptor(SetPrototype, 'size').get,
  has: SetPrototype.has,
  keys: SetPrototype.keys,
  next: SetIteratorPrototype.next,
};

const natives = { __proto__: null };
for (const name of [
  'union',
  'intersection',
  'difference',
  'symmetricDifference',
  'isSubsetOf',
  'isSupersetOf',
  'isDisjointFrom',
]) {
  natives[name] = uncurryThis(SetPrototype[name]);
}

const isIntrinsic = (object, key, field) => getOwnPropertyDescriptor(object, key)?.[field] === intrinsics[key];

/** Whether working with `other` runs no user code. Reads nothing that a program could notice. */
function isPristine(other) {
  try {
    SetPrototypeGetSize(other);
  } catch {
    return false;
  }
  return (
    getPrototypeOf(other) === SetPrototype &&
    !ObjectHasOwn(other, 'size') &&
    !ObjectHasOwn(other, 'has') &&
    !ObjectHasOwn(other, 'keys') &&
    isIntrinsic(SetPrototype, 'size', 'get') &&
    isIntrinsic(SetPrototype, 'has', 'value') &&
    isIntrinsic(SetPrototype, 'keys', 'value') &&
    isIntrinsic(SetIteratorPrototype, 'next', 'value')
  );
}

/** Whether the native method does it: for a pristine argument, or to throw because `receiver` is no Set. */
function isNative(receiver, other) {
  try {
    SetPrototypeGetSize(receiver);
  } catch {
    return true;
  }
  return isPristine(other);
}

/** GetSetRecord */
function setRecord(object) {
  if (!isObject(object)) throw new TypeError(`${describe(object)} is not an object`);
  const number = +object.size;
  if (NumberIsNaN(number)) throw new TypeError('The .size property is NaN');
  const size = toIntegerOrInfinity(number);
  if (size < 0) throw new RangeError(`'${size}' is an invalid size`);
  const { has } = object;
  if (typeof has !== 'function') throw notCallable(has);
  const { keys } = object;
  if (typeof keys !== 'function') throw notCallable(keys);
  return { object, size, has, keys };
}

const contains = (record, value) => !!call(record.has, record.object, value);

const keysOf = (record) => iteratorFromMethod(record.object, record.keys);

function copy(source) {
  const result = new Set();
  const iterator = SetPrototypeValues(source);
  for (;;) {
    const { value, done } = SetIteratorPrototypeNext(iterator);
    if (done) return result;
    SetPrototypeAdd(result, value);
  }
}

module.exports = {
  union(other) {
    if (isNative(this, other)) return natives.union(this, other);
    const keys = keysOf(setRecord(other));
    const result = copy(this);
    for (;;) {
      const value = step(keys);
      if (value === DONE) return result;
      SetPrototypeAdd(result, value);
    }
  },

  intersection(other) {
    if (isNative(this, other)) return natives.intersection(this, other);
    const record = setRecord(other);
    const result = new Set();
    if (SetPrototypeGetSize(this) <= record.size) {
      const iterator = SetPrototypeValues(this);
      for (;;) {
        const { value, done } = SetIteratorPrototypeNext(iterator);
        if (done) return result;
        if (contains(record, value)) SetPrototypeAdd(result, value);
      }
    }
    const keys = keysOf(record);
    for (;;) {
      const value = step(keys);
      if (value === DONE) return result;
      if (SetPrototypeHas(this, value)) SetPrototypeAdd(result, value);
    }
  },

  difference(other) {
    if (isNative(this, other)) return natives.difference(this, other);
    const record = setRecord(other);
    const result = copy(this);
    if (SetPrototypeGetSize(this) <= record.size) {
      const iterator = SetPrototypeValues(this);
      for (;;) {
        const { value, done } = SetIteratorPrototypeNext(iterator);
        if (done) return result;
        if (contains(record, value)) SetPrototypeDelete(result, value);
      }
    }
    const keys = keysOf(record);
    for (;;) {
      const value = step(keys);
      if (value === DONE) return result;
      SetPrototypeDelete(result, value);
    }
  },

  symmetricDifference(other) {
    if (isNative(this, other)) return natives.symmetricDifference(this, other);
    const keys = keysOf(setRecord(other));
    const result = copy(this);
    for (;;) {
      const value = step(keys);
      if (value === DONE) return result;
      // `next` may have changed this set since it was copied.
      if (SetPrototypeHas(this, value)) SetPrototypeDelete(result, value);
      else SetPrototypeAdd(result, value);
    }
  },

  isSubsetOf(other) {
    if (isNative(this, other)) return natives.isSubsetOf(this, other);
    const record = setRecord(other);
    if (SetPrototypeGetSize(this) > record.size) return false;
    const iterator = SetPrototypeValues(this);
    for (;;) {
      const { value, done } = SetIteratorPrototypeNext(iterator);
      if (done) return true;
      if (!contains(record, value)) return false;
    }
  },

  isSupersetOf(other) {
    if (isNative(this, other)) return natives.isSupersetOf(this, other);
    const record = setRecord(other);
    if (SetPrototypeGetSize(this) < record.size) return false;
    const keys = keysOf(record);
    for (;;) {
      const value = step(keys);
      if (value === DONE) return true;
      if (!SetPrototypeHas(this, value)) {
        close(keys.iterator);
        return false;
      }
    }
  },

  isDisjointFrom(other) {
    if (isNative(this, other)) return natives.isDisjointFrom(this, other);
    const record = setRecord(other);
    if (SetPrototypeGetSize(this) <= record.size) {
      const iterator = SetPrototypeValues(this);
      for (;;) {
        const { value, done } = SetIteratorPrototypeNext(iterator);
        if (done) return true;
        if (contains(record, value)) return false;
      }
    }
    const keys = keysOf(record);
    for (;;) {
      const value = step(keys);
      if (value === DONE) return true;
      if (SetPrototypeHas(this, value)) {
        close(keys.iterator);
        return false;
      }
    }
  },
};
