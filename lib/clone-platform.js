'use strict';

const { inspect, types } = require('node:util');
const { BRAND, namedOf } = require('../src/message/codec/format.js');

const uncurryThis = Function.prototype.bind.bind(Function.prototype.call);
const latin1Write = uncurryThis(Buffer.prototype.latin1Write);
const ucs2Write = uncurryThis(Buffer.prototype.ucs2Write);
const latin1Slice = uncurryThis(Buffer.prototype.latin1Slice);
const ucs2Slice = uncurryThis(Buffer.prototype.ucs2Slice);
const { isBuffer } = Buffer;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const { getPrototypeOf, keys: objectKeys } = Object;
const { toStringTag } = Symbol;

/** Up to this length Object.keys is faster than util.inspect. */
const SHORT_ARRAY = 64;

const INSPECT_OPTIONS = Object.freeze({
  breakLength: Infinity,
  colors: false,
  compact: 3,
  customInspect: false,
  depth: 0,
  getters: false,
  maxArrayLength: 0,
  showHidden: false,
  showProxy: false,
});

/** Error classes by name. DOMException is none of them: only its constructor makes valid ones, see `domException`. */
const ERROR_CLASSES = {
  __proto__: null,
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
  SuppressedError: globalThis.SuppressedError,
  // Node has none with --jitless.
  CompileError: globalThis.WebAssembly?.CompileError,
  LinkError: globalThis.WebAssembly?.LinkError,
  RuntimeError: globalThis.WebAssembly?.RuntimeError,
};

/**
 * What an object with a Symbol.toStringTag is. The classes of the Web and of Node are found by it:
 * their instances are nothing without what they hold outside of their properties.
 */
function taggedBrand(object) {
  const tag = object[toStringTag];
  // Iterator is there to be extended, and holds nothing.
  const ctor = typeof tag === 'string' && tag !== 'Iterator' ? globalThis[tag] : undefined;
  if (typeof ctor !== 'function' || !inherits(object, ctor.prototype)) return BRAND.PLAIN;
  if (tag === 'WeakRef') return BRAND.WEAK;
  return tag === 'DOMException' ? BRAND.ERROR : BRAND.OTHER_UNCLONEABLE;
}

function inherits(object, prototype) {
  for (let p = getPrototypeOf(object); p !== null; p = getPrototypeOf(p)) {
    if (p === prototype) return true;
  }
  return false;
}

function boxedBrand(object) {
  if (types.isStringObject(object)) return BRAND.BOXED_STRING;
  if (types.isNumberObject(object)) return BRAND.BOXED_NUMBER;
  if (types.isBooleanObject(object)) return BRAND.BOXED_BOOLEAN;
  if (types.isBigIntObject(object)) return BRAND.BOXED_BIGINT;
  return BRAND.SYMBOL_OBJECT;
}

/** @param {object} object */
function brandOf(object) {
  if (types.isProxy(object)) return BRAND.PROXY;
  if (isArray(object)) return BRAND.ARRAY;
  if (types.isNativeError(object)) return BRAND.ERROR;
  if (types.isMap(object)) return BRAND.MAP;
  if (types.isSet(object)) return BRAND.SET;
  if (types.isDate(object)) return BRAND.DATE;
  if (isView(object)) return types.isDataView(object) ? BRAND.DATA_VIEW : BRAND.TYPED_ARRAY;
  if (types.isArrayBuffer(object)) return BRAND.ARRAY_BUFFER;
  if (types.isSharedArrayBuffer(object)) return BRAND.SHARED_ARRAY_BUFFER;
  if (types.isRegExp(object)) return BRAND.REGEXP;
  if (types.isBoxedPrimitive(object)) return boxedBrand(object);
  if (types.isPromise(object)) return BRAND.PROMISE;
  if (types.isWeakMap(object) || types.isWeakSet(object)) return BRAND.WEAK;
  if (types.isGeneratorObject(object)) return BRAND.GENERATOR;
  if (types.isModuleNamespaceObject(object)) return BRAND.MODULE_NAMESPACE;
  if (types.isArgumentsObject(object)) return BRAND.ARGUMENTS;
  if (types.isExternal(object)) return BRAND.EXTERNAL;
  if (types.isMapIterator(object) || types.isSetIterator(object) || types.isKeyObject(object)) {
    return BRAND.OTHER_UNCLONEABLE;
  }
  return toStringTag in object ? taggedBrand(object) : BRAND.PLAIN;
}

/**
 * The array's own enumerable string keys that are no indices, null if there are none. It takes
 * constant time for long arrays, unless they have such keys.
 * @param {unknown[]} array
 */
function namedKeys(array) {
  if (array.length > SHORT_ARRAY && /^\[ \.\.\. \d+ more items? \]$/.test(inspect(array, INSPECT_OPTIONS))) {
    return null;
  }
  return namedOf(objectKeys(array));
}

let messageOfDuplicates;

/** What is wrong with moving a buffer twice at once, which is never done; nothing where it is not even looked at. */
function problemOfMovingTwice(buffer) {
  try {
    structuredClone(undefined, { transfer: [buffer, buffer] });
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/**
 * Whether the memory of a buffer can be moved. There is no function that tells. But a list of two equal buffers is refused as
 * such only after each was found to be movable; Node 20 skips those that are marked as untransferable.
 */
function canTransfer(buffer) {
  messageOfDuplicates ??= problemOfMovingTwice(new ArrayBuffer(1));
  return problemOfMovingTwice(buffer) === messageOfDuplicates;
}

/** As it is before a program replaces it; of the realm that the codec's objects belong to, which under some test runners is not Node's main one. */
const FunctionCtor = Function;

/** Null where Node was started with --disallow-code-generation-from-strings, or a policy of the embedder's says so. */
function compile(text) {
  try {
    return FunctionCtor(`return ${text}\n//# sourceURL=hertzscript:made`)();
  } catch {
    return null;
  }
}

/**
 * The host's side of what the message format needs (Platform in src/message/codec/index.js).
 *
 * @param {object} options
 * @param {(message: string, path: string) => Error} options.makeError Makes the error to throw
 *   when a value cannot be cloned.
 * @param {(buffer: ArrayBuffer | SharedArrayBuffer, shared: boolean) => number} options.attach
 *   Moves or shares a buffer and returns its index among the message's attachments.
 * @param {(index: number) => ArrayBuffer | SharedArrayBuffer} options.take
 * @param {Record<string, Function>} [options.errorClasses] Classes by name that errors arrive as,
 *   besides the built-in ones.
 * @param {(error: Error) => void} [options.foundError] Told of every error that was decoded.
 * @param {(object: object) => [string, string] | undefined} [options.describeUncloneable] What an object of the library's
 *   own is, which cannot be cloned, and what to do.
 * @param {boolean} [options.sharesFixedLengths] Whether growable SharedArrayBuffers arrive as others do.
 * @param {(object: object) => number} [options.encodeHandle] A number for an object that is sent
 *   by reference, else -1.
 * @param {(handle: number) => object} [options.decodeHandle]
 */
function createPlatform({
  makeError,
  attach,
  take,
  errorClasses,
  foundError,
  describeUncloneable,
  sharesFixedLengths,
  encodeHandle,
  decodeHandle,
}) {
  const classes = Object.assign(Object.create(null), ERROR_CLASSES, errorClasses);
  return {
    brandOf,
    isProxy: types.isProxy,
    namedKeys,
    compile,
    writeLatin1: latin1Write,
    writeUtf16: ucs2Write,
    readLatin1: latin1Slice,
    readUtf16: ucs2Slice,
    attach,
    take,
    cloneError: makeError,
    errorClass: (name) => classes[name],
    domException: (message, name) => new DOMException(message, name),
    // Mostly a slice of the memory that Node shares among small Buffers.
    isPooled: (view) => isBuffer(view) && view.buffer.byteLength > view.byteLength,
    foundError,
    describeUncloneable,
    canTransfer,
    sharesFixedLengths,
    encodeHandle,
    decodeHandle,
  };
}

module.exports = { createPlatform };
