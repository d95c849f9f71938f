'use strict';

// The built-ins, as they are before other code runs, and tables of them.

const { ERROR_NAMES, SMALL_ARRAY, VIEW_NAMES } = require('./format.js');

module.exports = function captureBuiltIns() {
  const uncurryThis = Function.prototype.bind.bind(Function.prototype.call);
  const { defineProperty, getOwnPropertyDescriptor, getOwnPropertySymbols, getPrototypeOf } = Object;
  const { keys: objectKeys, setPrototypeOf } = Object;
  const { apply, construct, deleteProperty } = Reflect;
  const { isArray } = Array;
  const { parse, stringify } = JSON;
  const fromCharCode = String.fromCharCode;
  const asIntN = BigInt.asIntN;

  /** @param {object | undefined} prototype */
  const getter = (prototype, name) => {
    const descriptor = prototype && getOwnPropertyDescriptor(prototype, name);
    return descriptor?.get ? uncurryThis(descriptor.get) : null;
  };

  const ArrayBufferCtor = ArrayBuffer;
  const BigIntCtor = BigInt;
  const DataViewCtor = DataView;
  const DateCtor = Date;
  const ErrorCtor = Error;
  const MapCtor = Map;
  const ObjectCtor = Object;
  const RangeErrorCtor = RangeError;
  const RegExpCtor = RegExp;
  const SetCtor = Set;
  const StringCtor = String;
  const WeakMapCtor = WeakMap;
  const WeakSetCtor = WeakSet;
  const TypeErrorCtor = TypeError;
  const Uint8ArrayCtor = Uint8Array;
  const SharedArrayBufferCtor = typeof SharedArrayBuffer === 'function' ? SharedArrayBuffer : null;
  const ObjectPrototype = Object.prototype;
  const ArrayPrototype = Array.prototype;
  const ArrayBufferPrototype = ArrayBuffer.prototype;
  const SharedArrayBufferPrototype = SharedArrayBufferCtor ? SharedArrayBufferCtor.prototype : null;
  const RangeErrorPrototype = RangeError.prototype;
  const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype);
  const hasOwn = uncurryThis(ObjectPrototype.hasOwnProperty);
  const lookupGetter = uncurryThis(ObjectPrototype.__lookupGetter__);
  const lookupSetter = uncurryThis(ObjectPrototype.__lookupSetter__);
  const charCodeAt = uncurryThis(String.prototype.charCodeAt);
  const stringSlice = uncurryThis(String.prototype.slice);
  const regExpExec = uncurryThis(RegExp.prototype.exec);
  const bigIntToString = uncurryThis(BigInt.prototype.toString);
  const mapGet = uncurryThis(Map.prototype.get);
  const mapSet = uncurryThis(Map.prototype.set);
  const mapForEach = uncurryThis(Map.prototype.forEach);
  const mapSize = getter(Map.prototype, 'size');
  const setAdd = uncurryThis(Set.prototype.add);
  const setForEach = uncurryThis(Set.prototype.forEach);
  const setSize = getter(Set.prototype, 'size');
  const weakMapGet = uncurryThis(WeakMap.prototype.get);
  const weakMapHas = uncurryThis(WeakMap.prototype.has);
  const weakMapSet = uncurryThis(WeakMap.prototype.set);
  const weakSetAdd = uncurryThis(WeakSet.prototype.add);
  const weakSetHas = uncurryThis(WeakSet.prototype.has);
  const booleanValueOf = uncurryThis(Boolean.prototype.valueOf);
  const numberValueOf = uncurryThis(Number.prototype.valueOf);
  const stringValueOf = uncurryThis(String.prototype.valueOf);
  const bigIntValueOf = uncurryThis(BigInt.prototype.valueOf);
  const dateGetTime = uncurryThis(Date.prototype.getTime);
  const regExpSource = getter(RegExp.prototype, 'source');

  // The getter of `flags` would read properties that code can define on the RegExp itself.
  const REGEXP_FLAGS = [
    'd',
    getter(RegExp.prototype, 'hasIndices'),
    'g',
    getter(RegExp.prototype, 'global'),
    'i',
    getter(RegExp.prototype, 'ignoreCase'),
    'm',
    getter(RegExp.prototype, 'multiline'),
    's',
    getter(RegExp.prototype, 'dotAll'),
    'u',
    getter(RegExp.prototype, 'unicode'),
    'v',
    getter(RegExp.prototype, 'unicodeSets'),
    'y',
    getter(RegExp.prototype, 'sticky'),
  ];

  const bufferByteLength = getter(ArrayBufferPrototype, 'byteLength');
  const bufferDetached = getter(ArrayBufferPrototype, 'detached');
  const bufferResizable = getter(ArrayBufferPrototype, 'resizable');
  const bufferMaxByteLength = getter(ArrayBufferPrototype, 'maxByteLength');
  const bufferResize = ArrayBufferPrototype.resize && uncurryThis(ArrayBufferPrototype.resize);
  const sharedByteLength = getter(SharedArrayBufferPrototype, 'byteLength');
  const sharedGrowable = getter(SharedArrayBufferPrototype, 'growable');
  const typedArrayName = getter(TypedArrayPrototype, Symbol.toStringTag);
  const typedArrayBuffer = getter(TypedArrayPrototype, 'buffer');
  const typedArrayByteOffset = getter(TypedArrayPrototype, 'byteOffset');
  const typedArrayLength = getter(TypedArrayPrototype, 'length');
  const typedArraySet = uncurryThis(TypedArrayPrototype.set);
  const typedArrayKeys = uncurryThis(TypedArrayPrototype.keys);
  const dataViewBuffer = getter(DataView.prototype, 'buffer');
  const dataViewByteOffset = getter(DataView.prototype, 'byteOffset');
  const dataViewByteLength = getter(DataView.prototype, 'byteLength');

  // An engine compiles this for its one-byte strings to nothing at all.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about all characters of a byte
  const NOT_LATIN1 = /[^\x00-\xff]/;
  const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
  const ANYTHING = /(?:)/;
  const KIND_OF_NAME = /^([a-z]+):/;

  const VIEW_CTORS = [
    DataViewCtor,
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    typeof Float16Array === 'function' ? Float16Array : null,
  ];

  const VIEW_KINDS = { __proto__: null };

  for (let i = 0; i < VIEW_NAMES.length; i++) VIEW_KINDS[VIEW_NAMES[i]] = i;

  const ERROR_CTORS = [
    Error,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
    typeof AggregateError === 'function' ? AggregateError : Error,
    typeof SuppressedError === 'function' ? SuppressedError : Error,
  ];

  const ERROR_CODES = { __proto__: null };

  for (let i = 0; i < ERROR_NAMES.length; i++) ERROR_CODES[ERROR_NAMES[i]] = i;

  // Prototypes of built-in objects that are nothing without what they hold out of reach, and their
  // names. A list, since it is searched only for objects that have a Symbol.toStringTag.
  const NATIVE_PROTOTYPES = [];
  const NATIVE_NAMES = [];
  const { for: symbolFor, toStringTag } = Symbol;

  const addNative = (name, prototype) => {
    NATIVE_PROTOTYPES[NATIVE_PROTOTYPES.length] = prototype;
    NATIVE_NAMES[NATIVE_NAMES.length] = name;
  };

  for (const name of [
    'WeakRef',
    'FinalizationRegistry',
    'DisposableStack',
    'AsyncDisposableStack',
    'Intl',
    'Temporal',
    'WebAssembly',
  ]) {
    const value = globalThis[name];

    if (typeof value === 'function') addNative(name, value.prototype);
    else if (typeof value === 'object' && value !== null) {
      for (const key of Object.getOwnPropertyNames(value)) {
        const ctor = value[key];
        if (typeof ctor !== 'function' || !ctor.prototype) continue;
        addNative(`${name}.${key}`, ctor.prototype);
      }
    }
  }

  const iterators = [[].values(), ''[Symbol.iterator](), ''.matchAll(/x/g)];

  iterators[3] = new Map().keys();

  iterators[4] = new Set().keys();

  if (typeof Iterator === 'function') iterators[5] = [].values().map(String);

  for (const iterator of iterators) {
    const prototype = getPrototypeOf(iterator);
    addNative(prototype[toStringTag], prototype);
  }

  const LAST_INDEX = [];

  for (let i = 0; i <= SMALL_ARRAY; i++) LAST_INDEX[i] = `${i - 1}`;

  return {
    defineProperty,
    getOwnPropertyDescriptor,
    getOwnPropertySymbols,
    getPrototypeOf,
    objectKeys,
    apply,
    construct,
    deleteProperty,
    isArray,
    parse,
    stringify,
    fromCharCode,
    asIntN,
    ArrayBufferCtor,
    BigIntCtor,
    DataViewCtor,
    DateCtor,
    ErrorCtor,
    MapCtor,
    ObjectCtor,
    RangeErrorCtor,
    RegExpCtor,
    SetCtor,
    StringCtor,
    TypeErrorCtor,
    Uint8ArrayCtor,
    ObjectPrototype,
    ArrayPrototype,
    ArrayBufferPrototype,
    SharedArrayBufferPrototype,
    RangeErrorPrototype,
    hasOwn,
    lookupGetter,
    lookupSetter,
    setPrototypeOf,
    WeakMapCtor,
    weakMapGet,
    weakMapHas,
    weakMapSet,
    weakSetAdd,
    WeakSetCtor,
    weakSetHas,
    charCodeAt,
    regExpExec,
    stringSlice,
    bigIntToString,
    mapGet,
    mapSet,
    mapForEach,
    mapSize,
    setAdd,
    setForEach,
    setSize,
    booleanValueOf,
    numberValueOf,
    stringValueOf,
    bigIntValueOf,
    dateGetTime,
    regExpSource,
    REGEXP_FLAGS,
    bufferByteLength,
    bufferDetached,
    bufferResizable,
    bufferMaxByteLength,
    bufferResize,
    sharedByteLength,
    sharedGrowable,
    typedArrayName,
    typedArrayBuffer,
    typedArrayByteOffset,
    typedArrayLength,
    typedArraySet,
    typedArrayKeys,
    dataViewBuffer,
    dataViewByteOffset,
    dataViewByteLength,
    NOT_LATIN1,
    IDENTIFIER,
    ANYTHING,
    KIND_OF_NAME,
    VIEW_CTORS,
    VIEW_KINDS,
    ERROR_CTORS,
    ERROR_CODES,
    NATIVE_PROTOTYPES,
    NATIVE_NAMES,
    symbolFor,
    toStringTag,
    LAST_INDEX,
  };
};
