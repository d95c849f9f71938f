'use strict';

// Abstract operations of ECMAScript that the builtins of this directory share, under the specification's names.

const {
  Array,
  ArrayIsArray,
  ArrayPrototype,
  construct,
  defineProperty,
  MathMin,
  MathTrunc,
  Object,
  ownKeys,
  Proxy,
  setPrototypeOf,
  SymbolSpecies,
  TypeError,
} = require('primordials');

const MAX_LENGTH = 2 ** 53 - 1;

/** A proxy with this handler can be constructed exactly if its target can, and constructing it runs no code of it. */
const constructProbe = { construct: () => constructProbe };

function isObject(value) {
  return typeof value === 'object' ? value !== null : typeof value === 'function';
}

function isConstructor(value) {
  if (typeof value !== 'function') return false;
  if (value === Array) return true;
  try {
    return new new Proxy(value, constructProbe)() === constructProbe;
  } catch {
    return false;
  }
}

/** What V8 calls a value in the message of a TypeError. Runs no user code. */
function describe(value) {
  const type = typeof value;
  if (type === 'string') return `string "${value}"`;
  return value === null || type === 'number' || type === 'boolean' ? `${type} ${value}` : type;
}

const notCallable = (value) => new TypeError(`${describe(value)} is not a function`);

function requireCallable(value) {
  if (typeof value !== 'function') throw notCallable(value);
}

function requireCoercible(value, method) {
  if (value === undefined || value === null) throw new TypeError(`${method} called on null or undefined`);
}

function toObject(value, method) {
  if (typeof value === 'object' && value !== null) return value;
  requireCoercible(value, method);
  return Object(value);
}

function toIntegerOrInfinity(value) {
  const number = MathTrunc(+value);
  // Neither NaN nor -0 comes out.
  return number || 0;
}

function toLength(value) {
  if (typeof value === 'number' && value >>> 0 === value) return value >>> 0;
  const length = toIntegerOrInfinity(value);
  if (length <= 0) return 0;
  return MathMin(length, MAX_LENGTH);
}

function lengthOfArrayLike(object) {
  return toLength(object.length);
}

function toPropertyKey(value) {
  if (typeof value === 'string' || typeof value === 'symbol') return value;
  if (!isObject(value)) return `${value}`;
  return ownKeys({ __proto__: null, [value]: undefined })[0];
}

/** Map and Set do not tell -0 from +0, and what they hand out is +0. */
function canonicalKey(value) {
  return value === 0 ? 0 : value;
}

/** Used for every definition: it is read before any trap of a proxy runs, and inherits nothing a program could set. */
const descriptor = { value: undefined, writable: true, enumerable: true, configurable: true };
setPrototypeOf(descriptor, null);

function createDataProperty(object, key, value) {
  descriptor.value = value;
  try {
    return defineProperty(object, key, descriptor);
  } finally {
    descriptor.value = undefined;
  }
}

function createDataPropertyOrThrow(object, key, value) {
  if (!createDataProperty(object, key, value))
    throw new TypeError(`Cannot define property ${key}, object is not extensible`);
}

/**
 * Defines an element of an array that no user code has seen yet. Assignment is what is fast, but it would find setters
 * and read-only elements that a program gave to the prototypes.
 */
function put(array, index, value) {
  if (index in ArrayPrototype) createDataProperty(array, index, value);
  else array[index] = value;
}

const NO_ARGUMENTS = [];

/** An array for `store`: unlike a literal it does not begin as what earlier ones became. */
const newArray = () => construct(Array, NO_ARGUMENTS);

/** What the elements of an array that `store` fills are so far. */
const SMALL_INTEGERS = 0;
const NUMBERS = 1;
const ANYTHING = 2;

/**
 * `put` for results of built-ins, which all kinds of programs share: V8 makes an array as general as any that the same
 * assignment has met, so there is one assignment for each kind of array; otherwise numbers would live on the heap.
 * @returns {number} the kind, to be given to the next call; 0 at first
 */
function store(array, index, value, kind) {
  if (index in ArrayPrototype) {
    createDataProperty(array, index, value);
    return ANYTHING;
  }
  if (typeof value === 'number') {
    if (kind === SMALL_INTEGERS) {
      if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
        array[index] = value;
        return SMALL_INTEGERS;
      }
      array[index] = value;
      return NUMBERS;
    }
    if (kind === NUMBERS) {
      array[index] = value;
      return NUMBERS;
    }
  }
  array[index] = value;
  return ANYTHING;
}

/** The constructor that ArraySpeciesCreate would call, or undefined where it makes an ordinary array. */
function arraySpecies(original) {
  if (!ArrayIsArray(original)) return undefined;
  let constructor = original.constructor;
  if (isObject(constructor)) {
    constructor = constructor[SymbolSpecies];
    if (constructor === null) return undefined;
  }
  return constructor === Array ? undefined : constructor;
}

function speciesConstructor(object, fallback) {
  const { constructor } = object;
  if (constructor === undefined) return fallback;
  if (!isObject(constructor)) throw new TypeError('The .constructor property is not an object');
  const species = constructor[SymbolSpecies];
  if (species === undefined || species === null) return fallback;
  if (!isConstructor(species)) throw new TypeError('object.constructor[Symbol.species] is not a constructor');
  return species;
}

module.exports = {
  MAX_LENGTH,
  isObject,
  isConstructor,
  describe,
  notCallable,
  requireCallable,
  requireCoercible,
  toObject,
  toIntegerOrInfinity,
  toLength,
  lengthOfArrayLike,
  toPropertyKey,
  canonicalKey,
  createDataProperty,
  createDataPropertyOrThrow,
  put,
  newArray,
  store,
  arraySpecies,
  speciesConstructor,
};
