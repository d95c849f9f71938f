'use strict';

// The tags of the message format, which `index.js` describes, and its limits.

/**
 * What an object is, by its internal slots. Native code returns the same numbers from
 * `platform.brandOf`: change them there too. From PROXY on nothing can be cloned.
 */
const BRAND = Object.freeze({
  PLAIN: 0,
  ARRAY: 1,
  MAP: 2,
  SET: 3,
  DATE: 4,
  REGEXP: 5,
  ERROR: 6,
  BOXED_BOOLEAN: 7,
  BOXED_NUMBER: 8,
  BOXED_STRING: 9,
  BOXED_BIGINT: 10,
  ARRAY_BUFFER: 11,
  SHARED_ARRAY_BUFFER: 12,
  TYPED_ARRAY: 13,
  DATA_VIEW: 14,
  ARGUMENTS: 15,
  PROXY: 16,
  PROMISE: 17,
  WEAK: 18,
  GENERATOR: 19,
  MODULE_NAMESPACE: 20,
  WASM_MODULE: 21,
  SYMBOL_OBJECT: 22,
  EXTERNAL: 23,
  OTHER_UNCLONEABLE: 24,
});

/*
 * Tags. `count` is a non-negative integer (see writeCount), `key` a property name (see writeKey).
 */
const UNDEFINED = 0x00;
const NULL = 0x01;
const FALSE = 0x02;
const TRUE = 0x03;
const INT32 = 0x04; // i32
const DOUBLE = 0x05; // f64
const BIGINT64 = 0x06; // i64
const BIGINT = 0x07; // sign byte, hexadecimal digits as a string value
const LATIN1 = 0x08; // count, bytes
const UTF16 = 0x09; // count of code units, code units
const REF = 0x0a; // count: the number of an earlier object
const OBJECT = 0x0b; // count, keys, values
const ARRAY = 0x0c; // count, elements
const ARRAY_NAMED = 0x0d; // count, elements, then properties that are no elements
const MAP = 0x0e; // count, keys and values in turn
const SET = 0x0f; // count, items
const DATE = 0x10; // f64
const REGEXP = 0x11; // source, flags
const ERROR = 0x12; // see writeError
const BOXED = 0x13; // the primitive
const BUFFER = 0x14; // count, bytes
const RESIZABLE_BUFFER = 0x15; // count, count: the maximum, bytes
const ATTACHED_BUFFER = 0x16; // u32: the attachment's index
const VIEW = 0x17; // kind byte, count: the offset, count: the length, the buffer
const HANDLE = 0x18; // f64
const DEFERRED = 0x19; // kind byte; the body comes after the root value
const ABSENT = 0x1a; // in place of a property's value: the property was deleted meanwhile
const HOLES = 0x1b; // among elements: u8, so many holes
const INT_RUN = 0x1c; // among elements: u32, so many i32
const DOUBLE_RUN = 0x1d; // among elements: u32, so many f64
const FUNCTION = 0x1f; // see writeFunction
const SPARSE = 0x1e; // among elements: u32, so many pairs of u32 index and value; the rest is holes
const SHAPE = 0x20; // + slot: an object with the keys of an earlier one, values
const INT_NEGATIVE = 0x40; // - 16..1: that integer
const STRING = 0x40; // + 0..31: a Latin-1 string of that length
const OBJECT_SMALL = 0x60; // + 0..15: an object with so many keys
const ARRAY_SMALL = 0x70; // + 0..8: a dense array of that length
const INT_SMALL = 0x80; // + 0..127: that integer

const VERSION = 0x01;
const HAS_REFS = 0x80;
const HAS_ADDITIONS = 0x40; // besides HAS_REFS

/** What is added at the end of a message: this byte, count: the object's number, and more. */
const ADDED = Object.freeze({
  END: 0, // and nothing else
  OWN: 1, // a property: attributes, key as a value, value or getter and setter
  OF_PROTOTYPE: 2, // the same of the `prototype` of a function
  MAP_ENTRY: 3, // of a WeakMap: count: the key's number, value
  SET_ENTRY: 4, // of a WeakSet: count: the item's number
  CLASS: 5, // of an instance: count: the number of its class
  CLASS_OF_ERROR: 6, // the same of an error
  VALUE: 7, // of the object that needs it: a value that is referred to
});

/** Attributes of an added property. */
const ATTRIBUTES = Object.freeze({ ENUMERABLE: 1, CONFIGURABLE: 2, WRITABLE: 4, ACCESSOR: 8 });

const KEY_IS_VALUE = 0x80; // in place of a key's length: a string value follows

/** What follows FUNCTION: how it is known. */
const FUNCTION_SHIPPED = 0;
const FUNCTION_DEFERRED = 1; // the same; variables and properties come after the root value
const FUNCTION_POSTPONED = 3; // the same; these come once a class is there that needs the function to come into being
const KNOWN = 2; // a string that the receiver has a value for, not always a function

/** The brand of a deferred function, which no object has. */
const BRAND_FUNCTION = 100;

const LENGTH_TRACKING = 0x40; // in a view's kind byte

const ERROR_NAME = 1;
const ERROR_MESSAGE = 2;
const ERROR_STACK = 4;
const ERROR_DEFERRED = 8;

/** Up to these lengths a loop beats the call of a native function. */
const SHORT_STRING = 24;
const SHORT_STRING_READ = 16;

/** Up to this length Object.keys shows most cheaply whether an array is dense. */
const SMALL_ARRAY = 8;

/** The stack of a thread may be small, and this bounds the frames both sides need. */
const MAX_DEPTH = 64;

/** Up to so many objects are found by a scan, which needs neither a Map nor identity hashes. */
const LINEAR_OBJECTS = 16;

/** The last so many lists of keys of a message can be referred to. A power of two. */
const SHAPE_SLOTS = 16;

/** Objects with more keys are taken to be dictionaries, whose keys do not recur. */
const SHAPE_MAX_KEYS = 32;

/** From so many holes in a row the rest of an array is written by its keys. */
const HOLE_RUN = 64;

/** Numbers in one run; it bounds what is reserved for an array that may turn out to be sparse. */
const NUMBER_RUN = 8192;

/** So many numbers in a row start a run, unless they are an array's first elements. */
const NUMBERS_BEFORE_RUN = 3;

/** A power of two. */
const KEY_CACHE_SIZE = 1024;

const VIEW_NAMES = [
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array',
];

const VIEW_ELEMENT_SIZES = [1, 1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 2];

const ERROR_NAMES = [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'AggregateError',
  'SuppressedError',
];

/** Whether a value is no object, and can be cloned. */
function isPrimitive(value) {
  const type = typeof value;
  return type !== 'object' ? type !== 'function' && type !== 'symbol' : value === null;
}

/** Takes note, in an encoder or a decoder, of an object whose body comes after the root value. */
function defer(state, object, number, brand) {
  if (state.deferred === null) state.deferred = [];
  state.deferred[state.deferred.length] = { object, number, brand, within: state.within };
}

function isIndex(key) {
  const index = key >>> 0;
  return index !== 0xffffffff && `${index}` === key;
}

/** Of an array's keys those after the indices, which come first in order. */
function namedOf(keys) {
  let first = 0;
  for (let end = keys.length; first < end; ) {
    const middle = (first + end) >>> 1;
    if (isIndex(keys[middle])) first = middle + 1;
    else end = middle;
  }
  if (first === keys.length) return null;
  const named = [];
  for (let i = first; i < keys.length; i++) named[i - first] = keys[i];
  return named;
}

module.exports = {
  ABSENT,
  ADDED,
  ARRAY,
  ARRAY_NAMED,
  ARRAY_SMALL,
  ATTACHED_BUFFER,
  ATTRIBUTES,
  BIGINT,
  BIGINT64,
  BOXED,
  BRAND,
  BRAND_FUNCTION,
  BUFFER,
  DATE,
  defer,
  DEFERRED,
  DOUBLE,
  DOUBLE_RUN,
  ERROR,
  ERROR_DEFERRED,
  ERROR_MESSAGE,
  ERROR_NAME,
  ERROR_NAMES,
  ERROR_STACK,
  FALSE,
  FUNCTION,
  FUNCTION_DEFERRED,
  FUNCTION_POSTPONED,
  FUNCTION_SHIPPED,
  HANDLE,
  HAS_ADDITIONS,
  HAS_REFS,
  HOLE_RUN,
  HOLES,
  INT32,
  INT_NEGATIVE,
  INT_RUN,
  INT_SMALL,
  isIndex,
  isPrimitive,
  KEY_CACHE_SIZE,
  KEY_IS_VALUE,
  KNOWN,
  LATIN1,
  LENGTH_TRACKING,
  LINEAR_OBJECTS,
  MAP,
  MAX_DEPTH,
  namedOf,
  NULL,
  NUMBER_RUN,
  NUMBERS_BEFORE_RUN,
  OBJECT,
  OBJECT_SMALL,
  REF,
  REGEXP,
  RESIZABLE_BUFFER,
  SET,
  SHAPE,
  SHAPE_MAX_KEYS,
  SHAPE_SLOTS,
  SHORT_STRING,
  SHORT_STRING_READ,
  SMALL_ARRAY,
  SPARSE,
  STRING,
  TRUE,
  UNDEFINED,
  UTF16,
  VERSION,
  VIEW,
  VIEW_ELEMENT_SIZES,
  VIEW_NAMES,
};
