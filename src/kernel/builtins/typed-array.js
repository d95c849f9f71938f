'use strict';

// %TypedArray%'s methods that call user code. A callback may detach or shrink the buffer under the loop: an element
// that is gone reads as undefined and a store to it is dropped, which is what V8's own element access does.

const {
  call,
  globalThis,
  SymbolIterator,
  TypeError,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetTag,
  TypedArrayPrototypeKeys,
  TypedArrayPrototypeSort,
  TypedArrayPrototypeToSorted,
} = require('primordials');
const { DONE, getMethod, iteratorFromMethod, listOf, step } = require('builtins/iteration');
const { halvingSort, sortBuffer } = require('builtins/merge-sort');
const {
  describe,
  isConstructor,
  lengthOfArrayLike,
  put,
  requireCallable,
  speciesConstructor,
  toObject,
} = require('builtins/operations');

/** The intrinsic constructors by the name that an instance's internal slot holds. */
const constructors = { __proto__: null };
for (const name of [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array',
  'Float32Array',
  'Float64Array',
]) {
  constructors[name] = globalThis[name];
}

function isOutOfBounds(array) {
  try {
    TypedArrayPrototypeKeys(array);
    return false;
  } catch {
    return true;
  }
}

/** ValidateTypedArray. Returns the length. */
function validate(array, method) {
  if (TypedArrayPrototypeGetTag(array) === undefined) throw new TypeError('this is not a typed array.');
  const length = TypedArrayPrototypeGetLength(array);
  // The length of what is out of bounds reads as 0.
  if (length === 0 && isOutOfBounds(array)) {
    throw new TypeError(`Cannot perform ${method} on a detached or out-of-bounds ArrayBuffer`);
  }
  return length;
}

/** TypedArrayCreateFromConstructor with a length. */
function create(Constructor, length, method) {
  const array = new Constructor(length);
  if (validate(array, method) < length)
    throw new TypeError('Derived TypedArray constructor created an array which was too small');
  return array;
}

const isBigInt = (name) => name === 'BigInt64Array' || name === 'BigUint64Array';

function speciesCreate(original, length, method) {
  const name = TypedArrayPrototypeGetTag(original);
  const result = create(speciesConstructor(original, constructors[name]), length, method);
  if (isBigInt(name) !== isBigInt(TypedArrayPrototypeGetTag(result))) {
    throw new TypeError('Content type of source and derived typed arrays differ');
  }
  return result;
}

/** The elements of `array` in order, as a list that the comparator cannot reach. */
function sorted(array, length, comparator) {
  const list = sortBuffer();
  const scratch = sortBuffer();
  for (let k = 0; k < length; k++) {
    const value = array[k];
    put(scratch, k, value);
    put(list, k, value);
  }
  if (length > 1) halvingSort(scratch, 0, length, list, comparator);
  return list;
}

const prototype = {
  forEach(callback, thisArg = undefined) {
    const length = validate(this, '%TypedArray%.prototype.forEach');
    requireCallable(callback);
    for (let k = 0; k < length; k++) {
      if (thisArg === undefined) callback(this[k], k, this);
      else call(callback, thisArg, this[k], k, this);
    }
  },

  map(callback, thisArg = undefined) {
    const length = validate(this, '%TypedArray%.prototype.map');
    requireCallable(callback);
    const result = speciesCreate(this, length, '%TypedArray%.prototype.map');
    for (let k = 0; k < length; k++) {
      const value = this[k];
      result[k] = thisArg === undefined ? callback(value, k, this) : call(callback, thisArg, value, k, this);
    }
    return result;
  },

  filter(callback, thisArg = undefined) {
    const length = validate(this, '%TypedArray%.prototype.filter');
    requireCallable(callback);
    const kept = [];
    let count = 0;
    for (let k = 0; k < length; k++) {
      const value = this[k];
      if (thisArg === undefined ? callback(value, k, this) : call(callback, thisArg, value, k, this)) {
        put(kept, count++, value);
      }
    }
    const result = speciesCreate(this, count, '%TypedArray%.prototype.filter');
    for (let k = 0; k < count; k++) result[k] = kept[k];
    return result;
  },

  some(callback, thisArg = undefined) {
    const length = validate(this, '%TypedArray%.prototype.some');
    requireCallable(callback);
    for (let k = 0; k < length; k++) {
      const value = this[k];
      if (thisArg === undefined ? callback(value, k, this) : call(callback, thisArg, value, k, this)) return true;
    }
    return false;
  },

  every(callback, thisArg = undefined) {
    const length = validate(this, '%TypedArray%.prototype.every');
    requireCallable(callback);
    for (let k = 0; k < length; k++) {
      const value = this[k];
      if (!(thisArg === undefined ? callback(value, k, this) : call(callback, thisArg, value, k, this))) return false;
    }
    return true;
  },

  reduce(callback, ...initial) {
    const length = validate(this, '%TypedArray%.prototype.reduce');
    requireCallable(callback);
    let k = 0;
    let accumulator;
    if (initial.length > 0) accumulator = initial[0];
    else if (length === 0) throw new TypeError('Reduce of empty array with no initial value');
    else accumulator = this[k++];
    for (; k < length; k++) accumulator = callback(accumulator, this[k], k, this);
    return accumulator;
  },

  reduceRight(callback, ...initial) {
    const length = validate(this, '%TypedArray%.prototype.reduceRight');
    requireCallable(callback);
    let k = length - 1;
    let accumulator;
    if (initial.length > 0) accumulator = initial[0];
    else if (length === 0) throw new TypeError('Reduce of empty array with no initial value');
    else accumulator = this[k--];
    for (; k >= 0; k--) accumulator = callback(accumulator, this[k], k, this);
    return accumulator;
  },

  find(callback, thisArg = undefined) {
    const length = validate(this, '%TypedArray%.prototype.find');
    requireCallable(callback);
    for (let k = 0; k < length; k++) {
      const value = this[k];
      if (thisArg === undefined ? callback(value, k, this) : call(callback, thisArg, value, k, this)) return value;
    }
    return undefined;
  },

  findIndex(callback, thisArg = undefined) {
    const length = validate(this, '%TypedArray%.prototype.findIndex');
    requireCallable(callback);
    for (let k = 0; k < length; k++) {
      const value = this[k];
      if (thisArg === undefined ? callback(value, k, this) : call(callback, thisArg, value, k, this)) return k;
    }
    return -1;
  },

  findLast(callback, thisArg = undefined) {
    const length = validate(this, '%TypedArray%.prototype.findLast');
    requireCallable(callback);
    for (let k = length - 1; k >= 0; k--) {
      const value = this[k];
      if (thisArg === undefined ? callback(value, k, this) : call(callback, thisArg, value, k, this)) return value;
    }
    return undefined;
  },

  findLastIndex(callback, thisArg = undefined) {
    const length = validate(this, '%TypedArray%.prototype.findLastIndex');
    requireCallable(callback);
    for (let k = length - 1; k >= 0; k--) {
      const value = this[k];
      if (thisArg === undefined ? callback(value, k, this) : call(callback, thisArg, value, k, this)) return k;
    }
    return -1;
  },

  sort(comparator) {
    // The native sort compares by itself then, or refuses the comparator.
    if (typeof comparator !== 'function') return TypedArrayPrototypeSort(this, comparator);
    const length = validate(this, '%TypedArray%.prototype.sort');
    const list = sorted(this, length, comparator);
    for (let k = 0; k < length; k++) this[k] = list[k];
    return this;
  },

  toSorted(comparator) {
    if (typeof comparator !== 'function') return TypedArrayPrototypeToSorted(this, comparator);
    const length = validate(this, '%TypedArray%.prototype.toSorted');
    const result = new constructors[TypedArrayPrototypeGetTag(this)](length);
    const list = sorted(this, length, comparator);
    for (let k = 0; k < length; k++) result[k] = list[k];
    return result;
  },
};

const statics = {
  from(source, mapper = undefined, thisArg = undefined) {
    if (!isConstructor(this)) throw new TypeError(`${describe(this)} is not a constructor`);
    if (mapper !== undefined) requireCallable(mapper);
    const method = getMethod(source, SymbolIterator);
    const values = method === undefined ? toObject(source, '%TypedArray%.from') : drain(source, method);
    const length = lengthOfArrayLike(values);
    const result = create(this, length, '%TypedArray%.from');
    for (let k = 0; k < length; k++) {
      const value = values[k];
      result[k] = mapper === undefined ? value : call(mapper, thisArg, value, k);
    }
    return result;
  },
};

/** Everything an iterable has, in an array. */
function drain(source, method) {
  const record = iteratorFromMethod(source, method);
  const all = listOf(source, method, record);
  if (all !== undefined) return all;
  const list = [];
  for (let count = 0; ; count++) {
    const value = step(record);
    if (value === DONE) return list;
    put(list, count, value);
  }
}

module.exports = { prototype, statics };
