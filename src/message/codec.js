'use strict';

/**
 * The message format: structured clone, written in plain ECMAScript so that the host and the
 * private V8 isolates run the same file whatever versions their engines' own serializers have.
 *
 * The file requires nothing and, once `createCodec` has returned, uses no global and no property
 * of a built-in prototype: the code that runs in the same realm may have replaced them. (The one
 * thing not guarded against is a setter for an index, such as '0', on Array.prototype.)
 *
 * A message is
 *
 *     header value body*
 *
 * The header is one byte: the format's version, and whether a back reference occurs. A value
 * starts with a tag (see TAG). Objects are numbered in the order in which they start, which is
 * how REF names them. Containers nested deeper than MAX_DEPTH are created where they occur, and
 * their contents follow the root value as further bodies, so neither side recurses deeply.
 *
 * Paths in error messages start with the name the caller gave the root:
 *
 *     args[1].user          a property, and an element of an array
 *     args["odd key"]       a property whose name is no identifier
 *     args<key 0>           the key of a Map's first entry
 *     args<value of "k">    the value of a Map's entry with a primitive key
 *     args<value 0>         the value of a Map's first entry, where its key is an object
 *     args<item 2>          the third item of a Set
 *     error.cause, error.errors[0], view.buffer
 *
 * Functions cross where the platform ships them: as the number of their source, the values of the
 * variables that they capture, and their own properties. A function is made before what it captures
 * is read, so both may refer to each other; a class that needs some values to come into being is
 * made after these. Paths start anew at a captured variable.
 */

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

const KEY_IS_VALUE = 0x80; // in place of a key's length: a string value follows

/** What follows FUNCTION: how it is known. */
const FUNCTION_SHIPPED = 0;
const FUNCTION_DEFERRED = 1; // the same; variables and properties come after the root value
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

/**
 * What one side of a connection supplies. Members are read when they are needed, so they may be
 * installed after the codec was created.
 *
 * @typedef {object} Platform
 * @property {(object: object) => number} brandOf One of BRAND.
 * @property {(object: object) => boolean} isProxy
 * @property {(array: unknown[]) => string[] | null} namedKeys The array's own enumerable string
 *   keys that are no indices, null if there are none. Asked for arrays longer than 8.
 * @property {(bytes: Uint8Array, string: string, offset: number) => void} writeLatin1
 * @property {(bytes: Uint8Array, string: string, offset: number) => void} writeUtf16
 *   Little-endian, the offset may be odd.
 * @property {(bytes: Uint8Array, start: number, end: number) => string} readLatin1
 * @property {(bytes: Uint8Array, start: number, end: number) => string} readUtf16
 * @property {(buffer: ArrayBuffer | SharedArrayBuffer, shared: boolean) => number} attach Moves
 *   the ArrayBuffer or shares the SharedArrayBuffer, and returns its index among the message's
 *   attachments. Called once per buffer, after the whole value was walked.
 * @property {(index: number) => ArrayBuffer | SharedArrayBuffer} take
 * @property {(message: string, path: string) => Error} cloneError Makes the error to throw. The
 *   message contains the path already.
 * @property {(name: string) => Function | undefined} errorClass The realm's class of that name.
 * @property {(message: string, name: string) => Error} [domException] Makes a DOMException, in realms that have the class.
 * @property {(error: Error) => void} [foundError] Told of every error that was decoded, before its
 *   properties are.
 * @property {(view: ArrayBufferView) => boolean} [isPooled] Whether the view is a slice of memory
 *   it has nothing else to do with, so that only the slice is to be copied.
 * @property {(buffer: ArrayBuffer) => boolean} [isOwned] Whether a buffer goes with the message
 *   although it is not in the transfer list.
 * @property {(buffer: SharedArrayBuffer) => boolean} [canShare] Whether the receiver can see the
 *   memory; by default it can.
 * @property {boolean} [sharesFixedLengths] Whether the receiver sees a SharedArrayBuffer with the
 *   length that it has when it is sent.
 * @property {(buffer: ArrayBuffer) => boolean} [canTransfer] Whether the memory can be moved; by
 *   default it can.
 * @property {(object: object) => [string, string] | undefined} [describeUncloneable] What an object of
 *   the platform's own is, and what to do instead of sending it.
 * @property {(fn: Function) => Shipped | [string, string]} [shipFunction] How a function crosses; or what it
 *   is that cannot, and what to do instead. Without it no function crosses.
 * @property {(fn: Function) => number | [string, string]} [shareFunction] A handle for a function, where the message stays
 *   with those who share it, else -1; or what it is that cannot cross.
 * @property {(value: object | Function) => string | undefined} [nameKnown] The name by which the receiver has a captured
 *   value, or a function, itself.
 * @property {(value: object) => [string, string] | undefined} [describeCaptured] What a captured object is
 *   that cannot cross although it looks as if it could, and what to do instead.
 * @property {(problem: {fn: Function, variable: string, path: string, what: string, fix: string}) => Error} [captureError]
 *   Makes the error to throw when what a function captures cannot be cloned.
 * @property {(fn: Function, variable: string, cause: unknown, value: unknown) => unknown} [captureFailed] What to throw
 *   when reading or sending what a function captures threw.
 * @property {(code: number, early: unknown[]) => [Function, Function | undefined]} [makeFunction] Makes a function; also
 *   returns what sets its late variables.
 * @property {(name: string) => unknown} [known] The value that `nameKnown` has named.
 * @property {(object: object) => boolean} [isPromise] Whether an object is a promise of the platform's own making, which V8
 *   does not know for one.
 * @property {(object: object) => number} [encodeHandle] A number for an object that is sent by
 *   reference, else -1. Asked for objects whose prototype is not Object.prototype, except
 *   arrays and views.
 * @property {(handle: number) => object} [decodeHandle]
 *
 * @typedef {object} Shipped A function on its way
 * @property {number} code The number of its source.
 * @property {string[]} names The variables that it captures, those first that it needs to come into being.
 * @property {unknown[]} values Their values.
 * @property {number} early How many of them it needs to come into being.
 * @property {string} name Its own `name`, or nothing.
 * @property {string[]} keys Its own properties that cross.
 * @property {string[]} prototypeKeys Those of its `prototype`.
 */

/**
 * @param {Platform} platform
 * @returns {{
 *   encode: (value: unknown, writer: Writer, rootName: string, transfer?: ArrayBuffer[]) => void,
 *   decode: (bytes: Uint8Array, view: DataView, start: number, end: number) => unknown,
 *   Writer: new (capacity?: number) => Writer,
 *   View: new (buffer: ArrayBufferLike, offset?: number, length?: number) => DataView,
 *   BRAND: typeof BRAND,
 * }}
 */
module.exports = function createCodec(platform) {
  // ---------------------------------------------------------------------------------------------
  // The built-ins, as they are before other code runs
  // ---------------------------------------------------------------------------------------------

  const uncurryThis = Function.prototype.bind.bind(Function.prototype.call);
  const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, keys: objectKeys } = Object;
  const { apply, construct, deleteProperty } = Reflect;
  const { isArray } = Array;
  const stringify = JSON.stringify;
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
  const Uint8ArrayCtor = Uint8Array;
  const SharedArrayBufferCtor = typeof SharedArrayBuffer === 'function' ? SharedArrayBuffer : null;

  const ObjectPrototype = Object.prototype;
  const ArrayBufferPrototype = ArrayBuffer.prototype;
  const SharedArrayBufferPrototype = SharedArrayBufferCtor ? SharedArrayBufferCtor.prototype : null;
  const RangeErrorPrototype = RangeError.prototype;
  const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype);

  const hasOwn = uncurryThis(ObjectPrototype.hasOwnProperty);
  const charCodeAt = uncurryThis(String.prototype.charCodeAt);
  const regExpExec = uncurryThis(RegExp.prototype.exec);
  const bigIntToString = uncurryThis(BigInt.prototype.toString);

  const mapGet = uncurryThis(Map.prototype.get);
  const mapSet = uncurryThis(Map.prototype.set);
  const mapForEach = uncurryThis(Map.prototype.forEach);
  const mapSize = getter(Map.prototype, 'size');
  const setAdd = uncurryThis(Set.prototype.add);
  const setForEach = uncurryThis(Set.prototype.forEach);
  const setSize = getter(Set.prototype, 'size');

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
  const { toStringTag } = Symbol;
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

  /**
   * A DataView whose methods nobody can replace. Unlike a captured method that is applied to a
   * view, a call of its own method is compiled to a plain memory access.
   */
  class View extends DataViewCtor {
    // biome-ignore lint/complexity/noUselessConstructor: the default one may iterate over an array
    constructor(buffer, offset, length) {
      super(buffer, offset, length);
    }
  }
  for (const key of Reflect.ownKeys(DataView.prototype)) {
    if (key === 'constructor') continue;
    defineProperty(View.prototype, key, getOwnPropertyDescriptor(DataView.prototype, key));
  }
  Object.setPrototypeOf(View.prototype, null);
  const ViewPrototype = View.prototype;

  const NO_BYTES = new Uint8ArrayCtor(0);
  const NO_VIEW = new View(new ArrayBufferCtor(0));
  const NO_KEYS = [];

  // ---------------------------------------------------------------------------------------------
  // Memory to write to
  // ---------------------------------------------------------------------------------------------

  /** Doubles, so that appending is linear; the memory is fresh, so readers keep what they had. */
  function grow(target, need) {
    const least = target.pos + need;
    const doubled = target.capacity * 2;
    const capacity = doubled >= least ? doubled : least + 1024;
    const buffer = new ArrayBufferCtor(capacity);
    const bytes = new Uint8ArrayCtor(buffer);
    typedArraySet(bytes, target.bytes, 0);
    const view = new View(buffer);
    target.bytes = bytes;
    target.view = view;
    target.capacity = capacity;
  }

  /** Memory that messages are appended to. `bytes` and `view` are replaced when it grows. */
  class Writer {
    /** @param {number} [capacity] In bytes, to start with. */
    constructor(capacity = 1024) {
      const buffer = new ArrayBufferCtor(capacity);
      this.bytes = new Uint8ArrayCtor(buffer);
      this.view = new View(buffer);
      this.pos = 0;
      this.capacity = capacity;
    }

    /**
     * Makes room for `n` more bytes.
     * @param {number} n
     */
    reserve(n) {
      if (this.capacity - this.pos < n) grow(this, n);
    }
  }

  // ---------------------------------------------------------------------------------------------
  // Encoder: state
  // ---------------------------------------------------------------------------------------------

  /**
   * One encoding in progress. It works on copies of the writer's fields, so a value that cannot
   * be cloned leaves the writer as it was.
   */
  class Encoder {
    constructor() {
      this.bytes = NO_BYTES;
      this.view = NO_VIEW;
      this.pos = 0;
      this.capacity = 0;
      this.rootName = '';
      this.hasRefs = false;
      this.depth = 0;
      // The objects by their number, first in a list, when it gets long in a Map.
      this.count = 0;
      this.objects = [];
      for (let i = 0; i < LINEAR_OBJECTS; i++) this.objects[i] = null;
      this.numbers = null;
      // Where each object was found, for the paths of errors.
      this.parents = [];
      this.steps = [];
      this.shapes = [];
      for (let i = 0; i < SHAPE_SLOTS; i++) this.shapes[i] = NO_KEYS;
      this.shapeCount = 0;
      this.deferred = null;
      this.transfer = null;
      this.attachments = null;
      // The functions by their number, and the numbers of those that are yet to come into being.
      this.functions = null;
      this.pending = null;
    }
  }

  /** The encoder to use next, null while it is in use: getters may encode another value. */
  let idleEncoder = null;

  function acquireEncoder() {
    const encoder = idleEncoder;
    if (encoder === null) return new Encoder();
    idleEncoder = null;
    return encoder;
  }

  /** Forgets the value and makes the encoder available. One that failed is not put back. */
  function releaseEncoder(e) {
    const count = e.count;
    if (count > 0) {
      const { objects, steps, shapes } = e;
      for (let i = 0; i < count && i < LINEAR_OBJECTS; i++) {
        objects[i] = null;
        steps[i] = null;
      }
      if (count > LINEAR_OBJECTS) {
        e.numbers = null;
        e.parents = [];
        e.steps = [];
      }
      for (let i = 0; i < e.shapeCount && i < SHAPE_SLOTS; i++) shapes[i] = NO_KEYS;
      e.count = 0;
      e.shapeCount = 0;
      e.hasRefs = false;
      e.deferred = null;
      e.attachments = null;
      e.functions = null;
      e.pending = null;
    }
    e.transfer = null;
    e.bytes = NO_BYTES;
    e.view = NO_VIEW;
    idleEncoder = e;
  }

  /** The number of an object that the message contains already, else -1. */
  function numberOf(e, object) {
    if (e.numbers !== null) {
      const number = mapGet(e.numbers, object);
      return number === undefined ? -1 : number;
    }
    const objects = e.objects;
    for (let i = e.count - 1; i >= 0; i--) if (objects[i] === object) return i;
    return -1;
  }

  function addObject(e, object, parent, step) {
    const number = e.count++;
    e.parents[number] = parent;
    e.steps[number] = step;
    if (number < LINEAR_OBJECTS) {
      e.objects[number] = object;
    } else {
      if (e.numbers === null) {
        e.numbers = new MapCtor();
        for (let i = 0; i < number; i++) mapSet(e.numbers, e.objects[i], i);
      }
      mapSet(e.numbers, object, number);
    }
    return number;
  }

  // ---------------------------------------------------------------------------------------------
  // Encoder: errors
  // ---------------------------------------------------------------------------------------------

  /** A step of a path that is neither a property's name nor an index. */
  class EntryStep {
    constructor(kind, index, key) {
      this.kind = kind;
      this.index = index;
      // Only a primitive is kept, and only it can be shown.
      this.key = isPrimitive(key) ? key : undefined;
    }
  }

  function isPrimitive(value) {
    const type = typeof value;
    return type !== 'object' ? type !== 'function' && type !== 'symbol' : value === null;
  }

  function formatStep(step) {
    if (typeof step === 'number') return `[${step}]`;
    if (typeof step === 'string') {
      return regExpExec(IDENTIFIER, step) !== null ? `.${step}` : `[${stringify(step)}]`;
    }
    const { kind, index, key } = step;
    if (kind === 'capture') return key;
    if (kind !== 'value' || key === undefined) return `<${kind} ${index}>`;
    return `<value of ${typeof key === 'string' ? stringify(key) : StringCtor(key)}>`;
  }

  /** The path of what is found at `step` in the object with the number `parent`. */
  function formatPath(e, parent, step) {
    if (parent < 0) return e.rootName;
    if (isCapture(step)) return step.key;
    let depth = 0;
    let rootName = e.rootName;
    for (let i = parent; i >= 0; i = e.parents[i]) {
      depth++;
      if (isCapture(e.steps[i])) {
        rootName = e.steps[i].key;
        break;
      }
    }
    let tail = formatStep(step);
    let number = parent;
    // Of a path thousands of steps long the two ends are enough.
    for (let left = depth; left > 1; left--, number = e.parents[number]) {
      if (depth - left < 20 || left <= 20) tail = formatStep(e.steps[number]) + tail;
      else if (left === 21) tail = `\u2026${tail}`;
    }
    return rootName + tail;
  }

  function isCapture(step) {
    return typeof step === 'object' && step !== null && step.kind === 'capture';
  }

  /** The function that captures what is found at `step` in the object with the number `parent`, and the variable. */
  function findCapture(e, parent, step) {
    if (e.functions === null) return null;
    let number = parent;
    let last = step;
    while (number >= 0 && !isCapture(last)) {
      last = e.steps[number];
      number = e.parents[number];
    }
    return isCapture(last) ? { fn: mapGet(e.functions, number), variable: last.key } : null;
  }

  function uncloneable(e, parent, step, what, fix) {
    const path = formatPath(e, parent, step);
    const capture = findCapture(e, parent, step);
    if (capture !== null) {
      const { fn, variable } = capture;
      return platform.captureError({ fn, variable, path, what, fix });
    }
    return platform.cloneError(`${path}: ${what} cannot be cloned (${fix})`, path);
  }

  /** The value of an own data property; a getter is not called. */
  function ownData(object, key) {
    const descriptor = getOwnPropertyDescriptor(object, key);
    return descriptor !== undefined && hasOwn(descriptor, 'value') ? descriptor.value : undefined;
  }

  /** The name of the class that made the object, as far as it can be told without side effects. */
  function classNameOf(object) {
    for (let p = getPrototypeOf(object); p !== null; p = getPrototypeOf(p)) {
      if (platform.isProxy(p)) break;
      const ctor = ownData(p, 'constructor');
      const name = typeof ctor === 'function' ? ownData(ctor, 'name') : undefined;
      if (typeof name === 'string' && name !== '') return name;
    }
    return 'Object';
  }

  /** The name of the built-in type whose contents cannot be read, null for all others. */
  function nativeName(object) {
    if (!(toStringTag in object)) return null;
    for (let p = getPrototypeOf(object); p !== null; p = getPrototypeOf(p)) {
      if (platform.isProxy(p)) break;
      for (let i = 0; i < NATIVE_PROTOTYPES.length; i++) {
        if (NATIVE_PROTOTYPES[i] === p) return NATIVE_NAMES[i];
      }
    }
    return null;
  }

  function nativeBrand(name) {
    switch (name) {
      case null:
        return BRAND.PLAIN;
      case 'WeakRef':
        return BRAND.WEAK;
      case 'WebAssembly.Module':
        return BRAND.WASM_MODULE;
      default:
        return BRAND.OTHER_UNCLONEABLE;
    }
  }

  function withArticle(name) {
    const first = charCodeAt(name, 0) | 0x20;
    const vowel = first === 97 || first === 101 || first === 105 || first === 111;
    return `${vowel ? 'an' : 'a'} ${name}`;
  }

  function uncloneableFunction(e, value, parent, step) {
    const name = ownData(value, 'name');
    const what = typeof name === 'string' && name !== '' ? `function ${name}` : 'a function';
    const fix = 'pass the data it works on, or define the function where it is called';
    return uncloneable(e, parent, step, what, fix);
  }

  function uncloneableObject(e, object, brand, parent, step) {
    switch (brand) {
      case BRAND.PROXY:
        return uncloneable(e, parent, step, 'a Proxy', 'pass a plain copy: { ...proxy }');
      case BRAND.PROMISE:
        return uncloneable(e, parent, step, 'a Promise', 'await it first');
      case BRAND.WEAK:
        return uncloneable(
          e,
          parent,
          step,
          withArticle(classNameOf(object)),
          'pass a Map, a Set, or what the reference points to',
        );
      case BRAND.GENERATOR:
        return uncloneable(e, parent, step, 'a generator', 'pass its items: [...generator]');
      case BRAND.MODULE_NAMESPACE:
        return uncloneable(e, parent, step, 'a module namespace', 'import it where it is used');
      case BRAND.WASM_MODULE:
        return uncloneable(
          e,
          parent,
          step,
          'a WebAssembly.Module',
          'pass its bytes and compile them where they are used',
        );
      case BRAND.SYMBOL_OBJECT:
        return uncloneable(e, parent, step, 'a Symbol object', 'pass a string');
      case BRAND.EXTERNAL:
        return uncloneable(e, parent, step, 'a native pointer', 'pass the data it stands for');
      default: {
        const own = platform.describeUncloneable?.(object);
        if (own !== undefined) return uncloneable(e, parent, step, own[0], own[1]);
        return uncloneable(
          e,
          parent,
          step,
          withArticle(nativeName(object) || classNameOf(object)),
          'pass the plain data it stands for',
        );
      }
    }
  }

  function uncloneableDetached(e, parent, step) {
    return uncloneable(
      e,
      parent,
      step,
      'a detached ArrayBuffer',
      'its contents were transferred before; pass the buffer that has them now',
    );
  }

  // ---------------------------------------------------------------------------------------------
  // Encoder: primitives
  // ---------------------------------------------------------------------------------------------

  function writeTag(e, tag) {
    if (e.pos === e.capacity) grow(e, 1);
    e.bytes[e.pos++] = tag;
  }

  /** One byte below 0xfd; else 0xfd u16, 0xfe u32 or 0xff f64. */
  function writeCount(e, n) {
    if (e.capacity - e.pos < 9) grow(e, 9);
    const pos = e.pos;
    if (n < 0xfd) {
      e.bytes[pos] = n;
      e.pos = pos + 1;
    } else if (n <= 0xffff) {
      e.bytes[pos] = 0xfd;
      e.view.setUint16(pos + 1, n, true);
      e.pos = pos + 3;
    } else if (n <= 0xffffffff) {
      e.bytes[pos] = 0xfe;
      e.view.setUint32(pos + 1, n, true);
      e.pos = pos + 5;
    } else {
      e.bytes[pos] = 0xff;
      e.view.setFloat64(pos + 1, n, true);
      e.pos = pos + 9;
    }
  }

  /** Whether the number is a 32-bit integer, which -0 is not. */
  function isInt32(n) {
    return (n | 0) === n && (n !== 0 || 1 / n > 0);
  }

  function writeNumber(e, n) {
    if (e.capacity - e.pos < 9) grow(e, 9);
    const pos = e.pos;
    if (isInt32(n)) {
      if (n < 128 && n >= -16) {
        e.bytes[pos] = n >= 0 ? INT_SMALL + n : INT_NEGATIVE + n;
        e.pos = pos + 1;
      } else {
        e.bytes[pos] = INT32;
        e.view.setInt32(pos + 1, n, true);
        e.pos = pos + 5;
      }
    } else {
      writeDouble(e, DOUBLE, n);
    }
  }

  function writeDouble(e, tag, n) {
    if (e.capacity - e.pos < 9) grow(e, 9);
    e.bytes[e.pos] = tag;
    e.view.setFloat64(e.pos + 1, n, true);
    e.pos += 9;
  }

  function writeBigInt(e, n) {
    if (asIntN(64, n) === n) {
      if (e.capacity - e.pos < 9) grow(e, 9);
      e.bytes[e.pos] = BIGINT64;
      e.view.setBigInt64(e.pos + 1, n, true);
      e.pos += 9;
    } else {
      // Hexadecimal, since only to a power of two is the conversion linear.
      const negative = n < 0n;
      writeTag(e, BIGINT);
      writeTag(e, negative ? 1 : 0);
      writeString(e, bigIntToString(negative ? -n : n, 16));
    }
  }

  function writeString(e, s) {
    const length = s.length;
    if (length > SHORT_STRING) {
      writeLongString(e, s, length);
      return;
    }
    if (e.capacity - e.pos <= SHORT_STRING) grow(e, SHORT_STRING + 1);
    const bytes = e.bytes;
    let pos = e.pos;
    bytes[pos++] = STRING + length;
    for (let i = 0; i < length; i++) {
      const code = charCodeAt(s, i);
      if (code > 0xff) {
        writeUtf16String(e, s, length);
        return;
      }
      bytes[pos++] = code;
    }
    e.pos = pos;
  }

  function writeUtf16String(e, s, length) {
    writeTag(e, UTF16);
    writeCount(e, length);
    if (e.capacity - e.pos < length * 2) grow(e, length * 2);
    if (length > SHORT_STRING) {
      platform.writeUtf16(e.bytes, s, e.pos);
    } else {
      for (let i = 0, pos = e.pos; i < length; i++, pos += 2) {
        e.view.setUint16(pos, charCodeAt(s, i), true);
      }
    }
    e.pos += length * 2;
  }

  function isLatin1(s) {
    // Most text that is not Latin-1 shows it soon.
    for (let i = 0; i < 4; i++) if (charCodeAt(s, i) > 0xff) return false;
    if (regExpExec(NOT_LATIN1, s) === null) return true;
    // The engine keeps the subject of the last match (RegExp.input), which may be a large one.
    regExpExec(ANYTHING, '');
    return false;
  }

  function writeLongString(e, s, length) {
    if (!isLatin1(s)) {
      writeUtf16String(e, s, length);
      return;
    }
    writeTag(e, LATIN1);
    writeCount(e, length);
    if (e.capacity - e.pos < length) grow(e, length);
    platform.writeLatin1(e.bytes, s, e.pos);
    e.pos += length;
  }

  /** A length below 0x80 and so many Latin-1 bytes, or KEY_IS_VALUE and a string value. */
  function writeKey(e, key) {
    const length = key.length;
    if (length < KEY_IS_VALUE) {
      if (e.capacity - e.pos <= length) grow(e, length + 1);
      const bytes = e.bytes;
      let pos = e.pos;
      bytes[pos++] = length;
      let i = 0;
      for (; i < length; i++) {
        const code = charCodeAt(key, i);
        if (code > 0xff) break;
        bytes[pos++] = code;
      }
      if (i === length) {
        e.pos = pos;
        return;
      }
    }
    writeTag(e, KEY_IS_VALUE);
    writeString(e, key);
  }

  // ---------------------------------------------------------------------------------------------
  // Encoder: values
  // ---------------------------------------------------------------------------------------------

  /** Writes what was found at `step` in the object with the number `parent` (the root: -1). */
  function writeValue(e, value, parent, step) {
    switch (typeof value) {
      case 'number':
        writeNumber(e, value);
        return;
      case 'string':
        writeString(e, value);
        return;
      case 'object':
        if (value === null) writeTag(e, NULL);
        else writeObject(e, value, parent, step);
        return;
      case 'boolean':
        writeTag(e, value ? TRUE : FALSE);
        return;
      case 'bigint':
        writeBigInt(e, value);
        return;
      case 'function':
        writeFunction(e, value, parent, step);
        return;
      case 'symbol':
        throw uncloneable(e, parent, step, 'a symbol', 'pass a string');
      default:
        writeTag(e, UNDEFINED);
    }
  }

  function writeObject(e, object, parent, step) {
    if (writeEarlier(e, object, parent, step)) return;
    // Before anything else: every other question would run the proxy's traps.
    if (platform.isProxy(object)) {
      throw uncloneableObject(e, object, BRAND.PROXY, parent, step);
    }
    const number = addObject(e, object, parent, step);
    if (isArray(object)) writeContainer(e, object, number, BRAND.ARRAY);
    else if (getPrototypeOf(object) === ObjectPrototype) {
      writeContainer(e, object, number, BRAND.PLAIN);
    } else if (typedArrayName(object) !== undefined) writeView(e, object, number, false);
    else writeBranded(e, object, number, parent, step);
  }

  /** Refers to an object that the message has already; whether it has. */
  function writeEarlier(e, object, parent, step) {
    const earlier = numberOf(e, object);
    if (earlier === -1) return false;
    if (e.pending !== null && mapGet(e.pending, earlier) === true) {
      const fix = 'it needs this value before it exists; set what refers to it later';
      throw uncloneable(e, parent, step, 'the function or class itself', fix);
    }
    e.hasRefs = true;
    writeTag(e, REF);
    writeCount(e, earlier);
    return true;
  }

  /**
   * FUNCTION, KNOWN and the name; or FUNCTION, FUNCTION_SHIPPED, the code, its name, how many variables it needs to come into
   * being, and these; then its body, unless it is deferred.
   */
  function writeFunction(e, fn, parent, step) {
    const handle = platform.shareFunction === undefined ? -1 : platform.shareFunction(fn);
    if (isArray(handle)) throw uncloneable(e, parent, step, handle[0], handle[1]);
    if (handle >= 0) {
      if (writeEarlier(e, fn, parent, step)) return;
      addObject(e, fn, parent, step);
      writeDouble(e, HANDLE, handle);
      return;
    }
    if (platform.shipFunction === undefined) throw uncloneableFunction(e, fn, parent, step);
    if (writeEarlier(e, fn, parent, step)) return;
    if (platform.isProxy(fn)) throw uncloneableObject(e, fn, BRAND.PROXY, parent, step);
    const known = platform.nameKnown?.(fn);
    if (known !== undefined) {
      addObject(e, fn, parent, step);
      writeKnown(e, known);
      return;
    }
    const shipped = platform.shipFunction(fn);
    if (isArray(shipped)) throw uncloneable(e, parent, step, shipped[0], shipped[1]);
    const number = addObject(e, fn, parent, step);
    if (e.functions === null) e.functions = new MapCtor();
    mapSet(e.functions, number, fn);
    const deferred = e.depth === MAX_DEPTH;
    if (deferred && shipped.early > 0) {
      throw uncloneable(e, parent, step, 'a class within so many other values', 'nest it less deeply');
    }
    writeTag(e, FUNCTION);
    writeTag(e, deferred ? FUNCTION_DEFERRED : FUNCTION_SHIPPED);
    writeCount(e, shipped.code);
    writeString(e, shipped.name);
    writeCount(e, shipped.early);
    if (shipped.early > 0) {
      if (e.pending === null) e.pending = new MapCtor();
      mapSet(e.pending, number, true);
      e.depth++;
      writeVariables(e, fn, number, shipped, 0, shipped.early);
      e.depth--;
      mapSet(e.pending, number, false);
    }
    if (deferred) {
      defer(e, { fn, shipped }, number, BRAND_FUNCTION);
    } else {
      e.depth++;
      writeFunctionBody(e, { fn, shipped }, number);
      e.depth--;
    }
  }

  function writeKnown(e, name) {
    writeTag(e, FUNCTION);
    writeTag(e, KNOWN);
    writeString(e, name);
  }

  /** The values of the late variables, and the properties of the function and of its `prototype`. */
  function writeFunctionBody(e, { fn, shipped }, number) {
    const { names, early, keys, prototypeKeys } = shipped;
    writeCount(e, names.length - early);
    writeVariables(e, fn, number, shipped, early, names.length);
    writeKeyedProperties(e, fn, number, keys);
    writeCount(e, prototypeKeys.length);
    if (prototypeKeys.length === 0) return;
    for (let i = 0; i < prototypeKeys.length; i++) writeKey(e, prototypeKeys[i]);
    writeProperties(e, fn.prototype, number, prototypeKeys);
  }

  function writeVariables(e, fn, number, { names, values }, from, to) {
    for (let i = from; i < to; i++) {
      const value = values[i];
      const isObject = typeof value === 'object' && value !== null;
      const known = isObject ? platform.nameKnown?.(value) : undefined;
      const step = new EntryStep('capture', i, names[i]);
      try {
        const foreign = isObject ? platform.describeCaptured?.(value) : undefined;
        if (foreign !== undefined) throw uncloneable(e, number, step, foreign[0], foreign[1]);
        if (known === undefined) writeValue(e, value, number, step);
        else if (!writeEarlier(e, value, number, step)) {
          addObject(e, value, number, step);
          writeKnown(e, known);
        }
      } catch (error) {
        throw platform.captureFailed === undefined ? error : platform.captureFailed(fn, names[i], error, value);
      }
    }
  }

  function writeContainer(e, object, number, brand) {
    if (e.depth === MAX_DEPTH) {
      writeTag(e, DEFERRED);
      writeTag(e, brand);
      defer(e, object, number, brand);
    } else {
      e.depth++;
      writeBody(e, object, number, brand);
      e.depth--;
    }
  }

  function defer(e, object, number, brand) {
    if (e.deferred === null) e.deferred = [];
    e.deferred[e.deferred.length] = { object, number, brand };
  }

  function writeBody(e, object, number, brand) {
    if (brand === BRAND.PLAIN) writePlain(e, object, number);
    else if (brand === BRAND.ARRAY) writeArray(e, object, number);
    else if (brand === BRAND.MAP) writeMap(e, object, number);
    else if (brand === BRAND.SET) writeSet(e, object, number);
    else if (brand === BRAND_FUNCTION) writeFunctionBody(e, object, number);
    else writeErrorBody(e, object, number);
  }

  function writeBranded(e, object, number, parent, step) {
    if (platform.encodeHandle !== undefined) {
      const handle = platform.encodeHandle(object);
      if (handle >= 0) {
        writeDouble(e, HANDLE, handle);
        return;
      }
    }
    let brand = platform.isPromise?.(object) ? BRAND.PROMISE : platform.brandOf(object);
    if (brand === BRAND.PLAIN) brand = nativeBrand(nativeName(object));
    switch (brand) {
      case BRAND.PLAIN:
      case BRAND.ARGUMENTS:
        writeContainer(e, object, number, BRAND.PLAIN);
        return;
      case BRAND.ARRAY:
      case BRAND.MAP:
      case BRAND.SET:
        writeContainer(e, object, number, brand);
        return;
      case BRAND.ERROR:
        writeError(e, object, number);
        return;
      case BRAND.DATE:
        writeDouble(e, DATE, dateGetTime(object));
        return;
      case BRAND.REGEXP:
        writeRegExp(e, object);
        return;
      case BRAND.BOXED_BOOLEAN:
        writeTag(e, BOXED);
        writeTag(e, booleanValueOf(object) ? TRUE : FALSE);
        return;
      case BRAND.BOXED_NUMBER:
        writeTag(e, BOXED);
        writeNumber(e, numberValueOf(object));
        return;
      case BRAND.BOXED_STRING:
        writeTag(e, BOXED);
        writeString(e, stringValueOf(object));
        return;
      case BRAND.BOXED_BIGINT:
        writeTag(e, BOXED);
        writeBigInt(e, bigIntValueOf(object));
        return;
      case BRAND.ARRAY_BUFFER:
        writeArrayBuffer(e, object, parent, step);
        return;
      case BRAND.SHARED_ARRAY_BUFFER:
        if (platform.canShare !== undefined && !platform.canShare(object)) {
          const fix = 'make it on the host and pass it in';
          throw uncloneable(e, parent, step, 'a SharedArrayBuffer that was made in a task', fix);
        }
        if (platform.sharesFixedLengths === true && canGrow(object, true)) {
          throw uncloneable(e, parent, step, 'a growable SharedArrayBuffer', 'make it with a fixed length');
        }
        writeAttachment(e, object, true);
        return;
      case BRAND.TYPED_ARRAY:
        writeView(e, object, number, false);
        return;
      case BRAND.DATA_VIEW:
        writeView(e, object, number, true);
        return;
      default:
        throw uncloneableObject(e, object, brand, parent, step);
    }
  }

  function writeRegExp(e, regExp) {
    let flags = '';
    for (let i = 0; i < REGEXP_FLAGS.length; i += 2) {
      if (REGEXP_FLAGS[i + 1]?.(regExp)) flags += REGEXP_FLAGS[i];
    }
    writeTag(e, REGEXP);
    writeString(e, regExpSource(regExp));
    writeString(e, flags);
  }

  // ---------------------------------------------------------------------------------------------
  // Encoder: properties
  // ---------------------------------------------------------------------------------------------

  /** The slot of an earlier object's equal list of keys, else -1. */
  function findShape(e, keys, length) {
    const shapes = e.shapes;
    for (let slot = 0; slot < SHAPE_SLOTS && slot < e.shapeCount; slot++) {
      const shape = shapes[slot];
      if (shape.length !== length || shape[0] !== keys[0]) continue;
      let i = 1;
      while (i < length && shape[i] === keys[i]) i++;
      if (i === length) return slot;
    }
    return -1;
  }

  function writePlain(e, object, number) {
    const keys = objectKeys(object);
    const length = keys.length;
    if (length > 0 && length <= SHAPE_MAX_KEYS) {
      const slot = findShape(e, keys, length);
      if (slot !== -1) {
        writeTag(e, SHAPE + slot);
      } else {
        if (length < 16) writeTag(e, OBJECT_SMALL + length);
        else {
          writeTag(e, OBJECT);
          writeCount(e, length);
        }
        for (let i = 0; i < length; i++) writeKey(e, keys[i]);
        e.shapes[e.shapeCount++ & (SHAPE_SLOTS - 1)] = keys;
      }
    } else if (length === 0) {
      writeTag(e, OBJECT_SMALL);
    } else {
      writeTag(e, OBJECT);
      writeCount(e, length);
      for (let i = 0; i < length; i++) writeKey(e, keys[i]);
    }
    writeProperties(e, object, number, keys);
  }

  /** The values of properties whose keys were written. */
  function writeProperties(e, object, number, keys) {
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      const value = object[key];
      // A getter may have deleted what comes after it, and then this read the prototype's.
      if ((value === undefined || typeof value === 'function') && !hasOwn(object, key)) {
        writeTag(e, ABSENT);
      } else {
        writeValue(e, value, number, key);
      }
    }
  }

  function writeKeyedProperties(e, object, number, keys) {
    writeCount(e, keys.length);
    for (let i = 0; i < keys.length; i++) writeKey(e, keys[i]);
    writeProperties(e, object, number, keys);
  }

  // ---------------------------------------------------------------------------------------------
  // Encoder: arrays
  // ---------------------------------------------------------------------------------------------

  function writeArray(e, array, number) {
    const length = array.length;
    let named = null;
    if (length <= SMALL_ARRAY) {
      const keys = objectKeys(array);
      // So many keys that end in the last index can only be all the indices.
      if (keys.length === length && (length === 0 || keys[length - 1] === LAST_INDEX[length])) {
        writeTag(e, ARRAY_SMALL + length);
        for (let i = 0; i < length; i++) writeElement(e, array, i, array[i], number);
        return;
      }
      named = namedOf(keys);
    } else {
      named = platform.namedKeys(array);
    }
    writeTag(e, named === null ? ARRAY : ARRAY_NAMED);
    writeCount(e, length);
    writeElements(e, array, length, number);
    if (named !== null) writeKeyedProperties(e, array, number, named);
  }

  function isIndex(key) {
    const index = key >>> 0;
    return index !== 0xffffffff && `${index}` === key;
  }

  /** Of an array's keys those after the indices. */
  function namedOf(keys) {
    let first = 0;
    while (first < keys.length && isIndex(keys[first])) first++;
    if (first === keys.length) return null;
    const named = [];
    for (let i = first; i < keys.length; i++) named[i - first] = keys[i];
    return named;
  }

  function writeElement(e, array, index, value, number) {
    if (value === undefined && !hasOwn(array, index)) {
      if (e.capacity - e.pos < 2) grow(e, 2);
      e.bytes[e.pos] = HOLES;
      e.bytes[e.pos + 1] = 1;
      e.pos += 2;
    } else {
      writeValue(e, value, number, index);
    }
  }

  function writeElements(e, array, length, number) {
    let numbers = NUMBERS_BEFORE_RUN;
    for (let i = 0; i < length; ) {
      const value = array[i];
      if (typeof value === 'number') {
        if (numbers === NUMBERS_BEFORE_RUN) {
          i = writeNumbers(e, array, i, length, value, number);
          numbers = 0;
        } else {
          writeNumber(e, value);
          numbers++;
          i++;
        }
        continue;
      }
      numbers = 0;
      if (value !== undefined || hasOwn(array, i)) {
        writeValue(e, value, number, i);
        i++;
        continue;
      }
      const start = i++;
      while (i < length && i - start < HOLE_RUN && !hasOwn(array, i)) i++;
      if (i - start === HOLE_RUN) {
        writeSparse(e, array, start, number);
        return;
      }
      writeTag(e, HOLES);
      writeTag(e, i - start);
    }
  }

  /**
   * Writes a run of numbers that starts with `value` at `index`, and the element that ends it: no
   * element may be read twice, since it may be a getter. Returns the index after that.
   */
  function writeNumbers(e, array, index, length, value, number) {
    const limit = length - index > NUMBER_RUN ? index + NUMBER_RUN : length;
    if (e.capacity - e.pos < 5 + (limit - index) * 8) grow(e, 5 + (limit - index) * 8);
    const { bytes, view, pos: start } = e;
    const first = start + 5;
    let i = index;
    let pos = first;
    bytes[start] = INT_RUN;
    while (typeof value === 'number' && isInt32(value)) {
      view.setInt32(pos, value, true);
      pos += 4;
      if (++i === limit) break;
      value = array[i];
    }
    if (i < limit && typeof value === 'number') {
      // A double after all: the integers become doubles, from the last one on, in place.
      bytes[start] = DOUBLE_RUN;
      for (let k = i - index - 1; k >= 0; k--) {
        view.setFloat64(first + k * 8, view.getInt32(first + k * 4, true), true);
      }
      pos = first + (i - index) * 8;
      do {
        view.setFloat64(pos, value, true);
        pos += 8;
        if (++i === limit) break;
        value = array[i];
      } while (typeof value === 'number');
    }
    view.setUint32(start + 1, i - index, true);
    e.pos = pos;
    if (i === limit) return i;
    writeElement(e, array, i, value, number);
    return i + 1;
  }

  function writeSparse(e, array, start, number) {
    const keys = objectKeys(array);
    if (e.capacity - e.pos < 5) grow(e, 5);
    e.bytes[e.pos] = SPARSE;
    const countAt = e.pos + 1;
    e.pos += 5;
    let count = 0;
    for (let i = 0; i < keys.length && isIndex(keys[i]); i++) {
      const index = keys[i] >>> 0;
      if (index < start) continue;
      const value = array[index];
      if (value === undefined && !hasOwn(array, index)) continue;
      if (e.capacity - e.pos < 4) grow(e, 4);
      e.view.setUint32(e.pos, index, true);
      e.pos += 4;
      writeValue(e, value, number, index);
      count++;
    }
    e.view.setUint32(countAt, count, true);
  }

  // ---------------------------------------------------------------------------------------------
  // Encoder: maps, sets and errors
  // ---------------------------------------------------------------------------------------------

  function writeMap(e, map, number) {
    // A copy, since getters of the entries may change the map.
    const entries = [];
    let length = 0;
    mapForEach(map, (value, key) => {
      entries[length++] = key;
      entries[length++] = value;
    });
    writeTag(e, MAP);
    writeCount(e, length / 2);
    for (let i = 0; i < length; i += 2) {
      const key = entries[i];
      const value = entries[i + 1];
      writeValue(e, key, number, isPrimitive(key) ? null : new EntryStep('key', i / 2));
      writeValue(e, value, number, isPrimitive(value) ? null : new EntryStep('value', i / 2, key));
    }
  }

  function writeSet(e, set, number) {
    const items = [];
    let length = 0;
    setForEach(set, (item) => {
      items[length++] = item;
    });
    writeTag(e, SET);
    writeCount(e, length);
    for (let i = 0; i < length; i++) {
      const item = items[i];
      writeValue(e, item, number, isPrimitive(item) ? null : new EntryStep('item', i));
    }
  }

  /**
   * ERROR, code of the nearest built-in class, flags, name of the class; the name, message and
   * stack that the flags announce; the body, unless it is deferred.
   */
  function writeError(e, error, number) {
    let className = '';
    let code = 0;
    for (let p = getPrototypeOf(error); p !== null; p = getPrototypeOf(p)) {
      if (platform.isProxy(p)) break;
      const ctor = ownData(p, 'constructor');
      const ctorName = typeof ctor === 'function' ? ownData(ctor, 'name') : undefined;
      if (typeof ctorName !== 'string' || ctorName === '') continue;
      if (className === '') className = ctorName;
      if (ERROR_CODES[ctorName] !== undefined) {
        code = ERROR_CODES[ctorName];
        break;
      }
    }
    if (className === '') className = ERROR_NAMES[code];

    const name = error.name;
    const hasName = typeof name === 'string' && name !== ERROR_NAMES[code];
    const descriptor = getOwnPropertyDescriptor(error, 'message');
    let message =
      descriptor !== undefined && hasOwn(descriptor, 'value') ? StringCtor(descriptor.value) : error.message;
    if (typeof message !== 'string' || (message === '' && descriptor === undefined)) message = null;
    const stack = error.stack;
    const deferred = e.depth === MAX_DEPTH;

    writeTag(e, ERROR);
    writeTag(e, code);
    writeTag(
      e,
      (hasName ? ERROR_NAME : 0) |
        (message !== null ? ERROR_MESSAGE : 0) |
        (typeof stack === 'string' ? ERROR_STACK : 0) |
        (deferred ? ERROR_DEFERRED : 0),
    );
    writeString(e, className);
    if (hasName) writeString(e, name);
    if (message !== null) writeString(e, message);
    if (typeof stack === 'string') writeString(e, stack);
    if (deferred) {
      defer(e, error, number, BRAND.ERROR);
    } else {
      e.depth++;
      writeErrorBody(e, error, number);
      e.depth--;
    }
  }

  /** The hidden properties that the error has, each by its key, then the enumerable ones. */
  function writeErrorBody(e, error, number) {
    const hidden = [];
    if (hasOwn(error, 'cause')) hidden[0] = 'cause';
    // They differ from other properties only in that they are hidden, so any error may have them.
    if (isHidden(error, 'errors')) hidden[hidden.length] = 'errors';
    if (isHidden(error, 'error')) hidden[hidden.length] = 'error';
    if (isHidden(error, 'suppressed')) hidden[hidden.length] = 'suppressed';
    writeKeyedProperties(e, error, number, hidden);

    const keys = objectKeys(error);
    const others = [];
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (key !== 'name' && key !== 'message' && key !== 'stack' && key !== 'cause') {
        others[others.length] = key;
      }
    }
    writeKeyedProperties(e, error, number, others);
  }

  function isHidden(error, key) {
    const descriptor = getOwnPropertyDescriptor(error, key);
    return descriptor !== undefined && !descriptor.enumerable;
  }

  // ---------------------------------------------------------------------------------------------
  // Encoder: buffers and views
  // ---------------------------------------------------------------------------------------------

  function isDetached(buffer) {
    if (bufferDetached !== null) return bufferDetached(buffer);
    if (bufferByteLength(buffer) !== 0) return false;
    try {
      return new Uint8ArrayCtor(buffer) === null;
    } catch {
      return true;
    }
  }

  function isResizable(buffer) {
    return bufferResizable?.(buffer) === true;
  }

  function canGrow(buffer, shared) {
    return shared ? sharedGrowable?.(buffer) === true : isResizable(buffer);
  }

  function isShared(buffer) {
    const prototype = getPrototypeOf(buffer);
    if (prototype === ArrayBufferPrototype) return false;
    if (prototype !== null && prototype === SharedArrayBufferPrototype) return true;
    return platform.brandOf(buffer) === BRAND.SHARED_ARRAY_BUFFER;
  }

  function writeArrayBuffer(e, buffer, parent, step) {
    if (e.transfer !== null && mapGet(e.transfer, buffer) !== undefined) {
      mapSet(e.transfer, buffer, true);
      writeAttachment(e, buffer, false);
      return;
    }
    if (isDetached(buffer)) throw uncloneableDetached(e, parent, step);
    if (platform.isOwned?.(buffer)) {
      writeAttachment(e, buffer, false);
      return;
    }
    const length = bufferByteLength(buffer);
    if (isResizable(buffer)) {
      writeTag(e, RESIZABLE_BUFFER);
      writeCount(e, length);
      writeCount(e, bufferMaxByteLength(buffer));
    } else {
      writeTag(e, BUFFER);
      writeCount(e, length);
    }
    writeBytes(e, new Uint8ArrayCtor(buffer), length);
  }

  function writeBytes(e, source, length) {
    if (e.capacity - e.pos < length) grow(e, length);
    typedArraySet(e.bytes, source, e.pos);
    e.pos += length;
  }

  /** Its index is known only after the walk, when it is attached. */
  function writeAttachment(e, buffer, shared) {
    if (e.capacity - e.pos < 5) grow(e, 5);
    e.bytes[e.pos] = ATTACHED_BUFFER;
    if (e.attachments === null) e.attachments = [];
    e.attachments[e.attachments.length] = { buffer, shared, at: e.pos + 1 };
    e.pos += 5;
  }

  function writeView(e, view, number, isDataView) {
    const buffer = isDataView ? dataViewBuffer(view) : typedArrayBuffer(view);
    const shared = isShared(buffer);
    if (!shared && isDetached(buffer)) throw uncloneableDetached(e, number, 'buffer');

    const kind = isDataView ? 0 : VIEW_KINDS[typedArrayName(view)];
    if (kind === undefined) {
      throw uncloneable(
        e,
        e.parents[number],
        e.steps[number],
        withArticle(typedArrayName(view)),
        'this version does not know the type',
      );
    }
    const size = VIEW_ELEMENT_SIZES[kind];
    const resizable = canGrow(buffer, shared);
    if (resizable && isOutOfBounds(view, isDataView)) {
      throw uncloneable(
        e,
        e.parents[number],
        e.steps[number],
        `${withArticle(VIEW_NAMES[kind])} beyond the end of its buffer`,
        'resize the buffer, or make the view anew',
      );
    }
    const offset = isDataView ? dataViewByteOffset(view) : typedArrayByteOffset(view);
    const length = isDataView ? dataViewByteLength(view) : typedArrayLength(view);

    writeTag(e, VIEW);
    if (!shared && (e.transfer === null || mapGet(e.transfer, buffer) === undefined) && platform.isPooled?.(view)) {
      writeTag(e, kind);
      writeCount(e, 0);
      writeCount(e, length);
      // The slice arrives as a buffer of its own, so it has a number, but none to refer to.
      addObject(e, { __proto__: null }, number, 'buffer');
      writeTag(e, BUFFER);
      writeCount(e, length * size);
      writeBytes(e, new Uint8ArrayCtor(buffer, offset, length * size), length * size);
      return;
    }
    const tracking = resizable && isLengthTracking(view, buffer, offset, length, size, shared);
    writeTag(e, tracking ? kind | LENGTH_TRACKING : kind);
    writeCount(e, offset);
    writeCount(e, length);
    writeObject(e, buffer, number, 'buffer');
  }

  function isOutOfBounds(view, isDataView) {
    try {
      if (isDataView) dataViewByteLength(view);
      else typedArrayKeys(view);
      return false;
    } catch {
      return true;
    }
  }

  /**
   * Whether the view of a resizable buffer was made without a length. Nothing tells, but such a
   * view grows with its buffer, which can be tried unless the memory is shared or at its maximum.
   * There a view that ends where the buffer does is taken to be one.
   */
  function isLengthTracking(view, buffer, offset, length, size, shared) {
    const total = shared ? sharedByteLength(buffer) : bufferByteLength(buffer);
    if (total - offset - length * size >= size) return false;
    if (shared || total + size > bufferMaxByteLength(buffer)) return true;
    try {
      bufferResize(buffer, total + size);
    } catch {
      return true;
    }
    const isDataView = typedArrayName(view) === undefined;
    const grown = isDataView ? dataViewByteLength(view) : typedArrayLength(view);
    bufferResize(buffer, total);
    return grown !== length;
  }

  /** Checks the list before the walk, so that nothing is detached in vain. */
  function prepareTransfer(e, transfer) {
    const length = transfer.length;
    if (length === 0) return;
    const buffers = new MapCtor();
    for (let i = 0; i < length; i++) {
      const buffer = transfer[i];
      const path = `transfer[${i}]`;
      const isObject = typeof buffer === 'object' && buffer !== null;
      const brand = isObject ? platform.brandOf(buffer) : BRAND.PLAIN;
      let problem = null;
      if (brand === BRAND.SHARED_ARRAY_BUFFER) {
        problem = 'a SharedArrayBuffer cannot be transferred (leave it out: it is shared as it is)';
      } else if (brand !== BRAND.ARRAY_BUFFER) {
        problem = 'only an ArrayBuffer can be transferred (of a view, pass view.buffer)';
      } else if (isDetached(buffer)) {
        problem = 'a detached ArrayBuffer cannot be transferred (it was transferred before)';
      } else if (mapGet(buffers, buffer) !== undefined) {
        problem = 'the same ArrayBuffer is listed twice (list it once)';
      } else if (platform.canTransfer !== undefined && !platform.canTransfer(buffer)) {
        problem =
          'this ArrayBuffer cannot be transferred: it belongs to a WebAssembly.Memory, to the pool of Buffer, ' +
          'or is marked as untransferable (transfer a copy: buffer.slice())';
      }
      if (problem !== null) throw platform.cloneError(`${path}: ${problem}`, path);
      mapSet(buffers, buffer, false);
    }
    e.transfer = buffers;
  }

  function checkStillAttached(buffer, path) {
    if (!isDetached(buffer)) return;
    const problem = 'the ArrayBuffer was detached while the value was cloned';
    throw platform.cloneError(`${path}: ${problem} (do not transfer it in a getter)`, path);
  }

  function attachAll(e) {
    const attachments = e.attachments;
    // All are looked at before the first one is moved.
    if (e.transfer !== null) {
      let index = 0;
      mapForEach(e.transfer, (_, buffer) => checkStillAttached(buffer, `transfer[${index++}]`));
    }
    if (attachments !== null) {
      for (let i = 0; i < attachments.length; i++) {
        const { buffer, shared } = attachments[i];
        if (!shared) checkStillAttached(buffer, e.rootName);
      }
      for (let i = 0; i < attachments.length; i++) {
        const { buffer, shared, at } = attachments[i];
        e.view.setUint32(at, platform.attach(buffer, shared), true);
      }
    }
    if (e.transfer !== null) {
      mapForEach(e.transfer, (reached, buffer) => {
        if (!reached) platform.attach(buffer, false);
      });
    }
  }

  // ---------------------------------------------------------------------------------------------
  // encode
  // ---------------------------------------------------------------------------------------------

  function isStackOverflow(error) {
    return (
      typeof error === 'object' &&
      error !== null &&
      !platform.isProxy(error) &&
      getPrototypeOf(error) === RangeErrorPrototype &&
      ownData(error, 'message') === 'Maximum call stack size exceeded'
    );
  }

  function writeDeferred(e) {
    const deferred = e.deferred;
    for (let i = 0; i < deferred.length; i++) {
      const { object, number, brand } = deferred[i];
      deferred[i] = null;
      e.depth = 1;
      writeBody(e, object, number, brand);
    }
  }

  /**
   * Appends a value to what the writer holds. If the value cannot be cloned, this throws, the
   * writer is as before, and no buffer is detached.
   *
   * @param {unknown} value
   * @param {Writer} writer
   * @param {string} rootName What paths in error messages start with.
   * @param {ArrayBuffer[]} [transfer] Buffers to move instead of copying them.
   * @param {Function} [fn] The message is to be an array of this function and the value.
   */
  function encode(value, writer, rootName, transfer, fn) {
    let e;
    try {
      e = acquireEncoder();
      const start = writer.pos;
      e.bytes = writer.bytes;
      e.view = writer.view;
      e.pos = start;
      e.capacity = writer.capacity;
      e.rootName = rootName;
      e.depth = 0;
      if (transfer !== undefined && transfer !== null) prepareTransfer(e, transfer);
      writeTag(e, VERSION);
      if (fn !== undefined) {
        writeTag(e, ARRAY_SMALL + 2);
        addObject(e, { __proto__: null }, -1, null);
        writeFunction(e, fn, -1, null);
      }
      writeValue(e, value, -1, null);
      if (e.deferred !== null) writeDeferred(e);
      if (e.hasRefs) e.bytes[start] = VERSION | HAS_REFS;
      if (e.attachments !== null || e.transfer !== null) attachAll(e);
    } catch (error) {
      if (isStackOverflow(error)) {
        throw new RangeErrorCtor(
          `${rootName}: the value is nested too deeply for what is left ` +
            'of the call stack (pass it from a shallower call, or flatten it)',
        );
      }
      throw error;
    }
    writer.bytes = e.bytes;
    writer.view = e.view;
    writer.capacity = e.capacity;
    writer.pos = e.pos;
    releaseEncoder(e);
  }

  // ---------------------------------------------------------------------------------------------
  // Decoder: state
  // ---------------------------------------------------------------------------------------------

  class Decoder {
    constructor() {
      this.bytes = NO_BYTES;
      this.view = NO_VIEW;
      this.hasOwnView = true;
      this.pos = 0;
      this.end = 0;
      this.depth = 0;
      // The objects by their number, null if the message refers to none.
      this.objects = null;
      this.count = 0;
      this.shapes = [];
      // Whether plain assignment defines the shape's properties.
      this.assignable = [];
      for (let i = 0; i < SHAPE_SLOTS; i++) {
        this.shapes[i] = NO_KEYS;
        this.assignable[i] = true;
      }
      this.shapeCount = 0;
      this.deferred = null;
    }
  }

  let idleDecoder = null;

  function acquireDecoder() {
    const decoder = idleDecoder;
    if (decoder === null) return new Decoder();
    idleDecoder = null;
    return decoder;
  }

  function releaseDecoder(d) {
    for (let i = 0; i < d.shapeCount && i < SHAPE_SLOTS; i++) d.shapes[i] = NO_KEYS;
    d.shapeCount = 0;
    d.objects = null;
    d.deferred = null;
    d.bytes = NO_BYTES;
    d.view = NO_VIEW;
    d.hasOwnView = true;
    idleDecoder = d;
  }

  function damaged(what) {
    return new ErrorCtor(`Damaged message: ${what}`);
  }

  function keep(d, object) {
    if (d.objects !== null) d.objects[d.count++] = object;
  }

  // ---------------------------------------------------------------------------------------------
  // Decoder: primitives
  // ---------------------------------------------------------------------------------------------

  /** Advances over `n` bytes and returns where they start. */
  function skip(d, n) {
    const pos = d.pos;
    if (n > d.end - pos) throw damaged('it ends early');
    d.pos = pos + n;
    return pos;
  }

  function readByte(d) {
    const pos = d.pos;
    if (pos >= d.end) throw damaged('it ends early');
    d.pos = pos + 1;
    return d.bytes[pos];
  }

  function readUint16(d) {
    const pos = skip(d, 2);
    return d.bytes[pos] | (d.bytes[pos + 1] << 8);
  }

  function readInt32(d) {
    const pos = skip(d, 4);
    const bytes = d.bytes;
    return bytes[pos] | (bytes[pos + 1] << 8) | (bytes[pos + 2] << 16) | (bytes[pos + 3] << 24);
  }

  function readUint32(d) {
    return readInt32(d) >>> 0;
  }

  /** The decoder's own kind of view; many a message has nothing that needs one. */
  function viewOf(d) {
    if (!d.hasOwnView) {
      d.hasOwnView = true;
      if (getPrototypeOf(d.view) !== ViewPrototype) {
        const bytes = d.bytes;
        d.view = new View(typedArrayBuffer(bytes), typedArrayByteOffset(bytes), typedArrayLength(bytes));
      }
    }
    return d.view;
  }

  function readFloat64(d) {
    const pos = skip(d, 8);
    return viewOf(d).getFloat64(pos, true);
  }

  function readBigInt64(d) {
    const pos = skip(d, 8);
    return viewOf(d).getBigInt64(pos, true);
  }

  function readCount(d) {
    const n = readByte(d);
    if (n < 0xfd) return n;
    if (n === 0xfd) return readUint16(d);
    if (n === 0xfe) return readUint32(d);
    const large = readFloat64(d);
    if (!(large >= 0 && large <= 0x1fffffffffffff && large % 1 === 0)) throw damaged('a bad count');
    return large;
  }

  /** A count of things that take a byte or more each. */
  function readBoundedCount(d) {
    const n = readCount(d);
    if (n > d.end - d.pos) throw damaged('it ends early');
    return n;
  }

  /** Up to 8 characters; one call with all of them is the fastest way to make a string. */
  function latin1Chunk(b, p, length) {
    switch (length) {
      case 0:
        return '';
      case 1:
        return fromCharCode(b[p]);
      case 2:
        return fromCharCode(b[p], b[p + 1]);
      case 3:
        return fromCharCode(b[p], b[p + 1], b[p + 2]);
      case 4:
        return fromCharCode(b[p], b[p + 1], b[p + 2], b[p + 3]);
      case 5:
        return fromCharCode(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4]);
      case 6:
        return fromCharCode(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5]);
      case 7:
        return fromCharCode(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6]);
      default:
        return fromCharCode(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7]);
    }
  }

  function readLatin1(d, length) {
    const pos = skip(d, length);
    const bytes = d.bytes;
    if (length > SHORT_STRING_READ) return platform.readLatin1(bytes, pos, pos + length);
    if (length <= 8) return latin1Chunk(bytes, pos, length);
    return latin1Chunk(bytes, pos, 8) + latin1Chunk(bytes, pos + 8, length - 8);
  }

  function readUtf16(d, length) {
    let pos = skip(d, length * 2);
    if (length > 4) return platform.readUtf16(d.bytes, pos, pos + length * 2);
    const bytes = d.bytes;
    let s = '';
    for (let i = 0; i < length; i++, pos += 2) {
      s += fromCharCode(bytes[pos] | (bytes[pos + 1] << 8));
    }
    return s;
  }

  function readString(d) {
    const value = readValue(d);
    if (typeof value !== 'string') throw damaged('a string is missing');
    return value;
  }

  function readBigInt(d) {
    const negative = readByte(d) === 1;
    const digits = readString(d);
    const n = BigIntCtor(`0x${digits}`);
    return negative ? -n : n;
  }

  // Keys recur from message to message, and a string that the engine has as a property's name
  // already is much faster to store under than a new one. Made at the first use, so that it is
  // no part of a startup snapshot.
  let keyCache = null;

  function readKey(d, cached) {
    const length = readByte(d);
    if (length >= KEY_IS_VALUE) {
      if (length !== KEY_IS_VALUE) throw damaged('a bad key');
      return readString(d);
    }
    if (!cached || length > SHORT_STRING || length === 0) return readLatin1(d, length);
    const bytes = d.bytes;
    if (length === 1) return fromCharCode(bytes[skip(d, 1)]);
    const start = skip(d, length);
    let hash = length;
    for (let i = 0; i < length; i++) hash = ((hash << 5) - hash + bytes[start + i]) | 0;
    const slot = (hash ^ (hash >>> 10)) & (KEY_CACHE_SIZE - 1);
    if (keyCache === null) {
      keyCache = [];
      for (let i = 0; i < KEY_CACHE_SIZE; i++) keyCache[i] = '';
    }
    const known = keyCache[slot];
    if (known.length === length) {
      let i = 0;
      while (i < length && charCodeAt(known, i) === bytes[start + i]) i++;
      if (i === length) return known;
    }
    d.pos = start;
    // As a property's key it comes out as the string that the engine has for that name.
    const key = objectKeys({ [readLatin1(d, length)]: 0 })[0];
    keyCache[slot] = key;
    return key;
  }

  // ---------------------------------------------------------------------------------------------
  // Decoder: values
  // ---------------------------------------------------------------------------------------------

  function readValue(d) {
    const tag = readByte(d);
    if (tag >= INT_SMALL) return tag - INT_SMALL;
    if (tag >= STRING) {
      if (tag < OBJECT_SMALL) return readLatin1(d, tag - STRING);
      if (tag >= ARRAY_SMALL) return readArray(d, tag);
      return readPlain(d, tag);
    }
    if (tag >= SHAPE) {
      return tag < SHAPE + SHAPE_SLOTS ? readPlain(d, tag) : tag - INT_NEGATIVE;
    }
    switch (tag) {
      case UNDEFINED:
        return undefined;
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case INT32:
        return readInt32(d);
      case DOUBLE:
        return readFloat64(d);
      case BIGINT64:
        return readBigInt64(d);
      case BIGINT:
        return readBigInt(d);
      case LATIN1:
        return readLatin1(d, readBoundedCount(d));
      case UTF16:
        return readUtf16(d, readBoundedCount(d));
      case REF:
        return readRef(d);
      case OBJECT:
        return readPlain(d, tag);
      case ARRAY:
      case ARRAY_NAMED:
        return readArray(d, tag);
      case MAP:
        return readCollection(d, tag, new MapCtor());
      case SET:
        return readCollection(d, tag, new SetCtor());
      default:
        return readOther(d, tag);
    }
  }

  function readOther(d, tag) {
    let object;
    switch (tag) {
      case DATE:
        object = new DateCtor(readFloat64(d));
        break;
      case REGEXP: {
        const source = readString(d);
        object = new RegExpCtor(source, readString(d));
        break;
      }
      case ERROR:
        return readError(d);
      case BOXED: {
        const value = readValue(d);
        if (value === undefined || !isPrimitive(value) || value === null) {
          throw damaged('a bad primitive');
        }
        object = ObjectCtor(value);
        break;
      }
      case BUFFER: {
        const length = readBoundedCount(d);
        object = copyBytes(d, new ArrayBufferCtor(length), length);
        break;
      }
      case RESIZABLE_BUFFER: {
        const length = readCount(d);
        const maxByteLength = readCount(d);
        if (length > d.end - d.pos || length > maxByteLength) throw damaged('a bad length');
        object = copyBytes(d, new ArrayBufferCtor(length, { maxByteLength }), length);
        break;
      }
      case ATTACHED_BUFFER:
        object = platform.take(readUint32(d));
        break;
      case VIEW:
        return readView(d);
      case HANDLE:
        if (platform.decodeHandle === undefined) throw damaged('an unexpected handle');
        object = platform.decodeHandle(readFloat64(d));
        break;
      case FUNCTION:
        return readFunction(d);
      case DEFERRED:
        return readDeferred(d);
      default:
        throw damaged('an unknown tag');
    }
    keep(d, object);
    return object;
  }

  function readRef(d) {
    const number = readCount(d);
    const object = d.objects !== null && number < d.count ? d.objects[number] : undefined;
    if (object === undefined) throw damaged('a bad reference');
    return object;
  }

  function enter(d) {
    if (++d.depth > MAX_DEPTH) throw damaged('it is nested too deeply');
  }

  function readPlain(d, tag) {
    const object = {};
    keep(d, object);
    enter(d);
    readPlainInto(d, tag, object);
    d.depth--;
    return object;
  }

  function readArray(d, tag) {
    const length = tag >= ARRAY_SMALL ? tag - ARRAY_SMALL : readCount(d);
    const array = newArray(d.bytes[d.pos]);
    keep(d, array);
    enter(d);
    if (tag >= ARRAY_SMALL) readSmallArrayInto(d, length, array);
    else readArrayInto(d, tag, length, array);
    d.depth--;
    return array;
  }

  /**
   * The engine remembers per literal what its arrays came to hold. Were it the same one for all,
   * arrays of doubles would start as arrays of anything, with each number on the heap.
   */
  function newArray(firstTag) {
    if (firstTag === DOUBLE_RUN) return [];
    if (firstTag === INT_RUN) return [];
    return [];
  }

  function readCollection(d, tag, object) {
    keep(d, object);
    enter(d);
    if (tag === MAP) readMapInto(d, object);
    else readSetInto(d, object);
    d.depth--;
    return object;
  }

  function readDeferred(d) {
    const brand = readByte(d);
    let object;
    if (brand === BRAND.PLAIN) object = {};
    else if (brand === BRAND.ARRAY) object = [];
    else if (brand === BRAND.MAP) object = new MapCtor();
    else if (brand === BRAND.SET) object = new SetCtor();
    else throw damaged('an unknown kind');
    keep(d, object);
    defer(d, object, 0, brand);
    return object;
  }

  function readFunction(d) {
    const kind = readByte(d);
    if (platform.makeFunction === undefined || kind > KNOWN) throw damaged('an unexpected function');
    if (kind === KNOWN) {
      const value = platform.known(readString(d));
      keep(d, value);
      return value;
    }
    const number = d.count;
    keep(d, undefined);
    const code = readCount(d);
    const name = readString(d);
    const early = [];
    const count = readBoundedCount(d);
    enter(d);
    for (let i = 0; i < count; i++) early[i] = readValue(d);
    d.depth--;
    const made = platform.makeFunction(code, early);
    const fn = made[0];
    if (d.objects !== null) d.objects[number] = fn;
    if (name !== '' && ownData(fn, 'name') !== name) {
      defineProperty(fn, 'name', { __proto__: null, value: name, configurable: true });
    }
    if (kind === FUNCTION_DEFERRED) {
      defer(d, made, 0, BRAND_FUNCTION);
    } else {
      enter(d);
      readFunctionInto(d, made);
      d.depth--;
    }
    return fn;
  }

  function readFunctionInto(d, made) {
    const fn = made[0];
    const values = [];
    const count = readBoundedCount(d);
    for (let i = 0; i < count; i++) values[i] = readValue(d);
    if (count > 0) apply(made[1], undefined, values);
    readKeyedProperties(d, fn, true);
    const keys = [];
    const length = readBoundedCount(d);
    for (let i = 0; i < length; i++) keys[i] = readKey(d, true);
    for (let i = 0; i < length; i++) {
      if (d.bytes[d.pos] === ABSENT) skip(d, 1);
      else define(fn.prototype, keys[i], readValue(d), true);
    }
  }

  function readBodies(d) {
    const deferred = d.deferred;
    for (let i = 0; i < deferred.length; i++) {
      const { object, brand } = deferred[i];
      deferred[i] = null;
      d.depth = 1;
      if (brand === BRAND.ERROR) {
        readErrorInto(d, object);
        continue;
      }
      if (brand === BRAND_FUNCTION) {
        readFunctionInto(d, object);
        continue;
      }
      const tag = readByte(d);
      const isPlain = tag === OBJECT || (tag & 0xf0) === OBJECT_SMALL || (tag & 0xf0) === SHAPE;
      if (brand === BRAND.PLAIN && isPlain) readPlainInto(d, tag, object);
      else if (brand === BRAND.ARRAY && tag >= ARRAY_SMALL && tag < INT_SMALL) {
        readSmallArrayInto(d, tag - ARRAY_SMALL, object);
      } else if (brand === BRAND.ARRAY && (tag === ARRAY || tag === ARRAY_NAMED)) {
        readArrayInto(d, tag, readCount(d), object);
      } else if (brand === BRAND.MAP && tag === MAP) readMapInto(d, object);
      else if (brand === BRAND.SET && tag === SET) readSetInto(d, object);
      else throw damaged('a body of another kind');
    }
  }

  // ---------------------------------------------------------------------------------------------
  // Decoder: properties
  // ---------------------------------------------------------------------------------------------

  function define(object, key, value, enumerable) {
    defineProperty(object, key, {
      __proto__: null,
      value,
      writable: true,
      enumerable,
      configurable: true,
    });
  }

  function readPlainInto(d, tag, object) {
    let length;
    if (tag >= OBJECT_SMALL) {
      length = tag - OBJECT_SMALL;
    } else if (tag >= SHAPE) {
      const slot = tag - SHAPE;
      if (slot >= d.shapeCount) throw damaged('an unknown shape');
      readValues(d, object, d.shapes[slot], d.assignable[slot]);
      return;
    } else {
      length = readBoundedCount(d);
    }
    const recurs = length <= SHAPE_MAX_KEYS;
    const keys = [];
    let assignable = true;
    for (let i = 0; i < length; i++) {
      const key = readKey(d, recurs);
      // `__proto__`, or a setter that someone has put on Object.prototype.
      if (key in ObjectPrototype) assignable = false;
      keys[i] = key;
    }
    if (recurs && length > 0) {
      const slot = d.shapeCount++ & (SHAPE_SLOTS - 1);
      d.shapes[slot] = keys;
      d.assignable[slot] = assignable;
    }
    readValues(d, object, keys, assignable);
  }

  function readValues(d, object, keys, assignable) {
    const bytes = d.bytes;
    for (let i = 0; i < keys.length; i++) {
      if (bytes[d.pos] === ABSENT) skip(d, 1);
      else if (assignable) object[keys[i]] = readValue(d);
      else define(object, keys[i], readValue(d), true);
    }
  }

  function readKeyedProperties(d, object, enumerable) {
    const length = readBoundedCount(d);
    const keys = [];
    for (let i = 0; i < length; i++) keys[i] = readKey(d, true);
    for (let i = 0; i < length; i++) {
      if (d.bytes[d.pos] === ABSENT) skip(d, 1);
      else define(object, keys[i], readValue(d), enumerable);
    }
  }

  // ---------------------------------------------------------------------------------------------
  // Decoder: arrays, maps and sets
  // ---------------------------------------------------------------------------------------------

  function readSmallArrayInto(d, length, array) {
    if (length > SMALL_ARRAY) throw damaged('a bad length');
    for (let i = 0; i < length; i++) {
      if (d.bytes[d.pos] === HOLES) {
        readHoles(d);
        array.length = i + 1;
      } else {
        array[i] = readValue(d);
      }
    }
  }

  function readArrayInto(d, tag, length, array) {
    if (length > 0xffffffff) throw damaged('a bad length');
    readElements(d, array, length);
    const present = array.length;
    if (length - present > 1024 && length > present * 4) {
      // An element far out makes the engine store the array as a dictionary, where it would
      // allocate the whole length if that were set.
      array[length - 1] = undefined;
      deleteProperty(array, length - 1);
    } else if (length !== present) {
      array.length = length;
    }
    if (tag === ARRAY_NAMED) readKeyedProperties(d, array, true);
  }

  function readHoles(d) {
    d.pos++;
    const count = readByte(d);
    if (count === 0 || count > HOLE_RUN) throw damaged('bad holes');
    return count;
  }

  function readElements(d, array, length) {
    for (let i = 0; i < length; ) {
      const tag = d.bytes[d.pos];
      if (tag === DOUBLE_RUN || tag === INT_RUN) {
        i = readNumbers(d, tag, array, i, length);
      } else if (tag === HOLES) {
        i += readHoles(d);
      } else if (tag === SPARSE) {
        readSparse(d, array, i, length);
        return;
      } else {
        array[i++] = readValue(d);
      }
    }
  }

  function readNumbers(d, tag, array, index, length) {
    d.pos++;
    const count = readUint32(d);
    if (count === 0 || count > length - index) throw damaged('a bad run');
    const view = viewOf(d);
    const end = index + count;
    if (tag === INT_RUN) {
      let pos = skip(d, count * 4);
      for (let i = index; i < end; i++, pos += 4) array[i] = view.getInt32(pos, true);
    } else {
      let pos = skip(d, count * 8);
      for (let i = index; i < end; i++, pos += 8) array[i] = view.getFloat64(pos, true);
    }
    return end;
  }

  function readSparse(d, array, start, length) {
    d.pos++;
    let count = readUint32(d);
    for (let next = start; count > 0; count--) {
      const index = readUint32(d);
      if (index < next || index >= length) throw damaged('a bad index');
      array[index] = readValue(d);
      next = index + 1;
    }
  }

  function readMapInto(d, map) {
    const length = readBoundedCount(d);
    for (let i = 0; i < length; i++) {
      const key = readValue(d);
      mapSet(map, key, readValue(d));
    }
    if (mapSize(map) !== length) throw damaged('a key occurs twice');
  }

  function readSetInto(d, set) {
    const length = readBoundedCount(d);
    for (let i = 0; i < length; i++) setAdd(set, readValue(d));
    if (setSize(set) !== length) throw damaged('an item occurs twice');
  }

  // ---------------------------------------------------------------------------------------------
  // Decoder: errors, buffers and views
  // ---------------------------------------------------------------------------------------------

  /** An instance that no code of the class has seen, and no stack was captured for. */
  function newError(errorClass, message) {
    const args = message === undefined ? [] : [message];
    return withoutStack(() => construct(ErrorCtor, args, errorClass));
  }

  function withoutStack(make) {
    const limit = getOwnPropertyDescriptor(ErrorCtor, 'stackTraceLimit');
    if (limit === undefined || !hasOwn(limit, 'writable') || !limit.writable) return make();
    ErrorCtor.stackTraceLimit = 0;
    try {
      return make();
    } finally {
      ErrorCtor.stackTraceLimit = limit.value;
    }
  }

  function readError(d) {
    const code = readByte(d);
    if (code >= ERROR_NAMES.length) throw damaged('an unknown class of error');
    const flags = readByte(d);
    const className = readString(d);
    const name = flags & ERROR_NAME ? readString(d) : undefined;
    const message = flags & ERROR_MESSAGE ? readString(d) : undefined;
    const stack = flags & ERROR_STACK ? readString(d) : undefined;

    const isDom = className === 'DOMException' && platform.domException !== undefined;
    const known = isDom || platform.errorClass(className);
    const errorClass = known || platform.errorClass(ERROR_NAMES[code]) || ERROR_CTORS[code];
    // Its name and message are not its own properties, and only its constructor can set them.
    const error = isDom
      ? withoutStack(() => platform.domException(message ?? '', name ?? 'Error'))
      : newError(errorClass, message);
    keep(d, error);
    if (name !== undefined) {
      if (error.name !== name) define(error, 'name', name, false);
    } else if (!known && error.name !== className) {
      // Also a built-in class that only newer releases have.
      define(error, 'name', className, false);
    }
    if (stack !== undefined) define(error, 'stack', stack, false);
    else deleteProperty(error, 'stack');
    if (platform.foundError !== undefined) platform.foundError(error);

    if (flags & ERROR_DEFERRED) {
      defer(d, error, 0, BRAND.ERROR);
    } else {
      enter(d);
      readErrorInto(d, error);
      d.depth--;
    }
    return error;
  }

  function readErrorInto(d, error) {
    readKeyedProperties(d, error, false);
    readKeyedProperties(d, error, true);
  }

  function copyBytes(d, buffer, length) {
    const start = skip(d, length);
    const target = new Uint8ArrayCtor(buffer);
    const source = d.bytes;
    if (length <= 64) {
      for (let i = 0; i < length; i++) target[i] = source[start + i];
    } else {
      const offset = typedArrayByteOffset(source) + start;
      typedArraySet(target, new Uint8ArrayCtor(typedArrayBuffer(source), offset, length), 0);
    }
    return buffer;
  }

  function readView(d) {
    const number = d.count;
    keep(d, undefined);
    const kindByte = readByte(d);
    const kind = kindByte & ~LENGTH_TRACKING;
    if (kind >= VIEW_NAMES.length) throw damaged('an unknown kind of view');
    const offset = readCount(d);
    const length = readCount(d);
    const Ctor = VIEW_CTORS[kind];
    if (Ctor === null) {
      const problem = `${VIEW_NAMES[kind]} is not available on the receiving side`;
      throw platform.cloneError(`${problem} (pass a Float32Array)`, '');
    }
    const tag = d.bytes[d.pos];
    if (tag !== BUFFER && tag !== RESIZABLE_BUFFER && tag !== ATTACHED_BUFFER && tag !== REF) {
      throw damaged('a buffer is missing');
    }
    const buffer = readValue(d);
    // The same operation with a number, or an array, would allocate.
    if (tag === REF && !isBuffer(buffer)) throw damaged('a buffer is missing');
    // A buffer that came as an attachment may have lost its ability to grow on the way.
    const tracking = (kindByte & LENGTH_TRACKING) !== 0 && canGrow(buffer, isShared(buffer));
    const view = tracking ? new Ctor(buffer, offset) : new Ctor(buffer, offset, length);
    if (d.objects !== null) d.objects[number] = view;
    return view;
  }

  function isBuffer(object) {
    const brand = platform.brandOf(object);
    return brand === BRAND.ARRAY_BUFFER || brand === BRAND.SHARED_ARRAY_BUFFER;
  }

  // ---------------------------------------------------------------------------------------------
  // decode
  // ---------------------------------------------------------------------------------------------

  /**
   * Reads the message that takes exactly the bytes from `start` to `end`.
   *
   * @param {Uint8Array} bytes
   * @param {DataView} view Of the same memory.
   * @param {number} start
   * @param {number} end
   * @returns {unknown}
   */
  function decode(bytes, view, start, end) {
    const d = acquireDecoder();
    d.bytes = bytes;
    d.view = view;
    d.hasOwnView = false;
    d.pos = start;
    d.end = end;
    d.depth = 0;
    d.count = 0;
    const header = readByte(d);
    if ((header & ~HAS_REFS) !== VERSION) throw damaged('another version of the format');
    if (header !== VERSION) d.objects = [];
    const value = readValue(d);
    if (d.deferred !== null) readBodies(d);
    if (d.pos !== end) throw damaged('it does not end where it should');
    releaseDecoder(d);
    return value;
  }

  /** Whether a value may be half encoded just now: a getter of it asks then. */
  const isEncoding = () => idleEncoder === null;

  return { encode, decode, isEncoding, Writer, View, BRAND };
};

module.exports.BRAND = BRAND;
