'use strict';

// Node's `util.types`. What has internal slots is known by a method that asks for them, so no property of a value is read that a
// program could have put there; the rest by what `Object.prototype.toString` says. The npm package of the same purpose reads forty
// files for it, which took most of the time in which packages were loaded that ask for `util` alone.

const { toString } = Object.prototype;
const tagOf = (value) => toString.call(value);

/** Whether `method` takes the value for one of its kind. */
function accepts(method, value, ...args) {
  try {
    method.call(value, ...args);
    return true;
  } catch {
    return false;
  }
}

const getter = (prototype, key) => Object.getOwnPropertyDescriptor(prototype, key).get;

/** A test by a method of the kind's prototype; primitives are never of any. */
function slotTest(method, ...args) {
  return (value) => typeof value === 'object' && value !== null && accepts(method, value, ...args);
}

const typedArrayTag = getter(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
const hasIndices = getter(RegExp.prototype, 'hasIndices');
const typedArrayNamed = (name) => (value) => typedArrayTag.call(value) === name;
const tagged =
  (...tags) =>
  (value) =>
    tags.includes(tagOf(value));

const isNumberObject = slotTest(Number.prototype.valueOf);
const isStringObject = slotTest(String.prototype.valueOf);
const isBooleanObject = slotTest(Boolean.prototype.valueOf);
const isBigIntObject = slotTest(BigInt.prototype.valueOf);
const isSymbolObject = slotTest(Symbol.prototype.valueOf);
const isArrayBuffer = slotTest(getter(ArrayBuffer.prototype, 'byteLength'));
const isSharedArrayBuffer = slotTest(getter(SharedArrayBuffer.prototype, 'byteLength'));
const isWeakKey = {};

const types = {
  isExternal: () => false,
  isDate: slotTest(Date.prototype.getTime),
  isArgumentsObject: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !(Symbol.toStringTag in value) &&
    tagOf(value) === '[object Arguments]',
  isBigIntObject,
  isBooleanObject,
  isNumberObject,
  isStringObject,
  isSymbolObject,
  isBoxedPrimitive: (value) =>
    isNumberObject(value) ||
    isStringObject(value) ||
    isBooleanObject(value) ||
    isBigIntObject(value) ||
    isSymbolObject(value),
  isNativeError: (value) => Error.isError(value),
  // The prototype itself has no flags.
  isRegExp: (value) =>
    typeof value === 'object' && value !== null && accepts(hasIndices, value) && hasIndices.call(value) !== undefined,
  isAsyncFunction: tagged('[object AsyncFunction]', '[object AsyncGeneratorFunction]'),
  isGeneratorFunction: tagged('[object GeneratorFunction]', '[object AsyncGeneratorFunction]'),
  isGeneratorObject: tagged('[object Generator]', '[object AsyncGenerator]'),
  isPromise: (value) => value instanceof Promise,
  isMap: slotTest(getter(Map.prototype, 'size')),
  isSet: slotTest(getter(Set.prototype, 'size')),
  isMapIterator: tagged('[object Map Iterator]'),
  isSetIterator: tagged('[object Set Iterator]'),
  isWeakMap: slotTest(WeakMap.prototype.has, isWeakKey),
  isWeakSet: slotTest(WeakSet.prototype.has, isWeakKey),
  isArrayBuffer,
  isDataView: slotTest(getter(DataView.prototype, 'buffer')),
  isSharedArrayBuffer,
  isModuleNamespaceObject: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === null &&
    Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value === 'Module',
  isAnyArrayBuffer: (value) => isArrayBuffer(value) || isSharedArrayBuffer(value),
  isArrayBufferView: (value) => ArrayBuffer.isView(value),
  isTypedArray: (value) => typedArrayTag.call(value) !== undefined,
  // Nothing in the language tells what is one.
  isProxy: () => false,
  isCryptoKey: () => false,
  isKeyObject: () => false,
};
for (const name of [
  'Uint8Array',
  'Uint8ClampedArray',
  'Uint16Array',
  'Uint32Array',
  'Int8Array',
  'Int16Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
]) {
  types[`is${name}`] = typedArrayNamed(name);
}

module.exports = types;
