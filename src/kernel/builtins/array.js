'use strict';

// Array.prototype's methods that call user code. The loops are plain on purpose: `k in O` before `O[k]` is what the
// specification observes, and V8 makes nothing more than a bounds check of it for an array.
// What they make is filled by `store`, so that arrays of numbers are that to V8, too.

const {
  Array,
  ArrayIsArray,
  ArrayIteratorPrototypeNext,
  ArrayPrototypeSort,
  ArrayPrototypeToSorted,
  ArrayPrototypeValues,
  call,
  RangeError,
  SymbolIterator,
  TypeError,
} = require('primordials');
const { closeQuietly, DONE, getMethod, iteratorFromMethod, listOf, step } = require('builtins/iteration');
const { mergeSort, sortBuffer } = require('builtins/merge-sort');
const {
  arraySpecies,
  createDataPropertyOrThrow,
  isConstructor,
  lengthOfArrayLike,
  MAX_LENGTH,
  newArray,
  put,
  requireCallable,
  store,
  toObject,
} = require('builtins/operations');

const MAX_ARRAY_LENGTH = 2 ** 32 - 1;

const EMPTY_REDUCE = 'Reduce of empty array with no initial value';

const prototype = {
  forEach(callback, thisArg = undefined) {
    const object = toObject(this, 'Array.prototype.forEach');
    const length = lengthOfArrayLike(object);
    requireCallable(callback);
    for (let k = 0; k < length; k++) {
      if (k in object) {
        const value = object[k];
        if (thisArg === undefined) callback(value, k, object);
        else call(callback, thisArg, value, k, object);
      }
    }
  },

  map(callback, thisArg = undefined) {
    const object = toObject(this, 'Array.prototype.map');
    const length = lengthOfArrayLike(object);
    requireCallable(callback);
    const Species = arraySpecies(object);
    if (Species === undefined && length > MAX_ARRAY_LENGTH) throw new RangeError('Invalid array length');
    const result = Species === undefined ? newArray() : new Species(length);
    let kind = 0;
    for (let k = 0; k < length; k++) {
      if (k in object) {
        const value = object[k];
        const mapped = thisArg === undefined ? callback(value, k, object) : call(callback, thisArg, value, k, object);
        if (Species === undefined) kind = store(result, k, mapped, kind);
        else createDataPropertyOrThrow(result, k, mapped);
      }
    }
    // Holes at the end count, too.
    if (Species === undefined && result.length !== length) result.length = length;
    return result;
  },

  filter(callback, thisArg = undefined) {
    const object = toObject(this, 'Array.prototype.filter');
    const length = lengthOfArrayLike(object);
    requireCallable(callback);
    const Species = arraySpecies(object);
    const result = Species === undefined ? newArray() : new Species(0);
    let to = 0;
    let kind = 0;
    for (let k = 0; k < length; k++) {
      if (k in object) {
        const value = object[k];
        if (thisArg === undefined ? callback(value, k, object) : call(callback, thisArg, value, k, object)) {
          if (Species === undefined) kind = store(result, to, value, kind);
          else createDataPropertyOrThrow(result, to, value);
          to++;
        }
      }
    }
    return result;
  },

  some(callback, thisArg = undefined) {
    const object = toObject(this, 'Array.prototype.some');
    const length = lengthOfArrayLike(object);
    requireCallable(callback);
    for (let k = 0; k < length; k++) {
      if (k in object) {
        const value = object[k];
        if (thisArg === undefined ? callback(value, k, object) : call(callback, thisArg, value, k, object)) return true;
      }
    }
    return false;
  },

  every(callback, thisArg = undefined) {
    const object = toObject(this, 'Array.prototype.every');
    const length = lengthOfArrayLike(object);
    requireCallable(callback);
    for (let k = 0; k < length; k++) {
      if (k in object) {
        const value = object[k];
        if (!(thisArg === undefined ? callback(value, k, object) : call(callback, thisArg, value, k, object))) {
          return false;
        }
      }
    }
    return true;
  },

  reduce(callback, ...initial) {
    const object = toObject(this, 'Array.prototype.reduce');
    const length = lengthOfArrayLike(object);
    requireCallable(callback);
    let k = 0;
    let accumulator;
    if (initial.length > 0) {
      accumulator = initial[0];
    } else {
      while (k < length && !(k in object)) k++;
      if (k >= length) throw new TypeError(EMPTY_REDUCE);
      accumulator = object[k++];
    }
    for (; k < length; k++) {
      if (k in object) accumulator = callback(accumulator, object[k], k, object);
    }
    return accumulator;
  },

  reduceRight(callback, ...initial) {
    const object = toObject(this, 'Array.prototype.reduceRight');
    const length = lengthOfArrayLike(object);
    requireCallable(callback);
    let k = length - 1;
    let accumulator;
    if (initial.length > 0) {
      accumulator = initial[0];
    } else {
      while (k >= 0 && !(k in object)) k--;
      if (k < 0) throw new TypeError(EMPTY_REDUCE);
      accumulator = object[k--];
    }
    for (; k >= 0; k--) {
      if (k in object) accumulator = callback(accumulator, object[k], k, object);
    }
    return accumulator;
  },

  find(callback, thisArg = undefined) {
    const object = toObject(this, 'Array.prototype.find');
    const length = lengthOfArrayLike(object);
    requireCallable(callback);
    for (let k = 0; k < length; k++) {
      const value = object[k];
      if (thisArg === undefined ? callback(value, k, object) : call(callback, thisArg, value, k, object)) return value;
    }
    return undefined;
  },

  findIndex(callback, thisArg = undefined) {
    const object = toObject(this, 'Array.prototype.findIndex');
    const length = lengthOfArrayLike(object);
    requireCallable(callback);
    for (let k = 0; k < length; k++) {
      const value = object[k];
      if (thisArg === undefined ? callback(value, k, object) : call(callback, thisArg, value, k, object)) return k;
    }
    return -1;
  },

  findLast(callback, thisArg = undefined) {
    const object = toObject(this, 'Array.prototype.findLast');
    const length = lengthOfArrayLike(object);
    requireCallable(callback);
    for (let k = length - 1; k >= 0; k--) {
      const value = object[k];
      if (thisArg === undefined ? callback(value, k, object) : call(callback, thisArg, value, k, object)) return value;
    }
    return undefined;
  },

  findLastIndex(callback, thisArg = undefined) {
    const object = toObject(this, 'Array.prototype.findLastIndex');
    const length = lengthOfArrayLike(object);
    requireCallable(callback);
    for (let k = length - 1; k >= 0; k--) {
      const value = object[k];
      if (thisArg === undefined ? callback(value, k, object) : call(callback, thisArg, value, k, object)) return k;
    }
    return -1;
  },

  flatMap(callback, thisArg = undefined) {
    const object = toObject(this, 'Array.prototype.flatMap');
    const length = lengthOfArrayLike(object);
    requireCallable(callback);
    const Species = arraySpecies(object);
    const result = Species === undefined ? newArray() : new Species(0);
    let to = 0;
    for (let k = 0; k < length; k++) {
      if (k in object) {
        const value = object[k];
        const mapped = thisArg === undefined ? callback(value, k, object) : call(callback, thisArg, value, k, object);
        if (ArrayIsArray(mapped)) to = append(result, to, mapped, Species === undefined);
        else add(result, to++, mapped, Species === undefined);
      }
    }
    return result;
  },

  sort(comparator) {
    // The native sort compares by itself then, or refuses the comparator.
    if (typeof comparator !== 'function') return ArrayPrototypeSort(this, comparator);
    const object = toObject(this, 'Array.prototype.sort');
    const length = lengthOfArrayLike(object);
    // Nothing is written back then, as in V8 and against the letter of the specification: programs do sort frozen arrays
    // of one element.
    if (length < 2) return object;
    const list = sortBuffer();
    const scratch = sortBuffer();
    let count = 0;
    let undefinedCount = 0;
    for (let k = 0; k < length; k++) {
      if (k in object) {
        const value = object[k];
        if (value === undefined) {
          undefinedCount++;
        } else {
          put(scratch, count, value);
          put(list, count++, value);
        }
      }
    }
    mergeSort(list, scratch, count, comparator);
    let k = 0;
    for (; k < count; k++) object[k] = list[k];
    for (; undefinedCount > 0; undefinedCount--) object[k++] = undefined;
    // As many holes as there were, now at the end.
    for (; k < length; k++) delete object[k];
    return object;
  },

  toSorted(comparator) {
    if (typeof comparator !== 'function') return ArrayPrototypeToSorted(this, comparator);
    const object = toObject(this, 'Array.prototype.toSorted');
    const length = lengthOfArrayLike(object);
    if (length > MAX_ARRAY_LENGTH) throw new RangeError('Invalid array length');
    const list = sortBuffer();
    const scratch = sortBuffer();
    let count = 0;
    for (let k = 0; k < length; k++) {
      const value = object[k];
      if (value !== undefined) {
        put(scratch, count, value);
        put(list, count++, value);
      }
    }
    mergeSort(list, scratch, count, comparator);
    if (length === 0) list.length = 0;
    while (count < length) put(list, count++, undefined);
    return list;
  },
};

function add(result, index, value, isPlain) {
  if (isPlain) {
    put(result, index, value);
    return;
  }
  if (index >= MAX_LENGTH) throw new TypeError('Invalid array length');
  createDataPropertyOrThrow(result, index, value);
}

/** Appends the elements of `source` to what flatMap returns, and returns the index after them. */
function append(result, to, source, isPlain) {
  const length = lengthOfArrayLike(source);
  for (let k = 0; k < length; k++) {
    if (k in source) add(result, to++, source[k], isPlain);
  }
  return to;
}

const statics = {
  from(items, mapper = undefined, thisArg = undefined) {
    if (mapper !== undefined) requireCallable(mapper);
    const isPlain = this === Array;
    const method = getMethod(items, SymbolIterator);
    if (method !== undefined) return fromIterable(this, isPlain, items, method, mapper, thisArg);
    const object = toObject(items, 'Array.from');
    const length = lengthOfArrayLike(object);
    if (length > MAX_ARRAY_LENGTH && (isPlain || !isConstructor(this))) throw new RangeError('Invalid array length');
    const result = isPlain || !isConstructor(this) ? newArray() : new this(length);
    let kind = 0;
    for (let k = 0; k < length; k++) {
      const value = object[k];
      const mapped = mapper === undefined ? value : call(mapper, thisArg, value, k);
      if (isPlain) kind = store(result, k, mapped, kind);
      else createDataPropertyOrThrow(result, k, mapped);
    }
    if (!isPlain || result.length !== length) result.length = length;
    return result;
  },
};

function fromIterable(Constructor, isPlain, items, method, mapper, thisArg) {
  const result = !isPlain && isConstructor(Constructor) ? new Constructor() : newArray();
  let kind = 0;
  const record = iteratorFromMethod(items, method);
  if (mapper === undefined && isPlain) {
    const list = listOf(items, method, record);
    if (list !== undefined) return list;
  }
  let k = 0;
  if (method === ArrayPrototypeValues && record.next === ArrayIteratorPrototypeNext && ArrayIsArray(items)) {
    // All that an array's own iterator does, without its result objects. It has no `return` to call at an error
    // unless a program gives it one, and then `closeQuietly` finds it.
    for (; k < items.length; k++) kind = addMapped(result, isPlain, record, mapper, thisArg, items[k], k, kind);
  } else if (mapper === undefined && isPlain) {
    for (let value = step(record); value !== DONE; value = step(record)) {
      kind = store(result, k++, value, kind);
    }
  } else {
    for (;;) {
      const value = step(record);
      if (value === DONE) break;
      kind = addMapped(result, isPlain, record, mapper, thisArg, value, k++, kind);
    }
  }
  result.length = k;
  return result;
}

function addMapped(result, isPlain, record, mapper, thisArg, value, k, kind) {
  try {
    const mapped = mapper === undefined ? value : call(mapper, thisArg, value, k);
    if (isPlain) return store(result, k, mapped, kind);
    createDataPropertyOrThrow(result, k, mapped);
    return kind;
  } catch (error) {
    closeQuietly(record.iterator);
    throw error;
  }
}

module.exports = { prototype, statics };
