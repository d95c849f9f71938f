'use strict';

/**
 * The message format: structured clone, written in plain ECMAScript so that the host and the
 * private V8 isolates run the same files whatever versions their engines' own serializers have.
 *
 * The files require only each other and, once `createCodec` has returned, use no global and no
 * property of a built-in prototype: the code that runs in the same realm may have replaced them.
 * (The one thing not guarded against is a setter for an index, such as '0', on Array.prototype.)
 *
 * `format.js` has the tags. Of the encoder read `write-values.js` first, of the decoder `read-values.js`.
 *
 * A message is
 *
 *     header value body* addition*
 *
 * The header is one byte: the format's version, and whether a back reference occurs, and additions. A value
 * starts with a tag (see `format.js`). Objects are numbered in the order in which they start, which is
 * how REF names them. Containers nested deeper than MAX_DEPTH are created where they occur, and
 * their contents follow the root value as further bodies, so neither side recurses deeply.
 * Additions are what captured objects have that is no enumerable data: accessors, members of functions that are not enumerable, entries of
 * weak collections. They come last, since they may refer to all objects, and are known by these.
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
 * made after these, and what is in functions among these is read after that. Paths start anew at a captured variable.
 */

const { BRAND } = require('./format.js');
const captureBuiltIns = require('./builtins.js');
const createMemory = require('./memory.js');
const createShapes = require('./shapes.js');
const createBuffers = require('./buffers.js');
const createEncoder = require('./encoder.js');
const createUncloneable = require('./uncloneable.js');
const createAdditions = require('./additions.js');
const createWritePrimitives = require('./write-primitives.js');
const createWriteValues = require('./write-values.js');
const createWriteAdditions = require('./write-additions.js');
const createEncode = require('./encode.js');
const createDecoder = require('./decoder.js');
const createReadValues = require('./read-values.js');
const createReadAdditions = require('./read-additions.js');
const createDecode = require('./decode.js');

/**
 * What one side of a connection supplies. Members are read when they are needed, so they may be
 * installed after the codec was created.
 *
 * @typedef {object} Platform
 * @property {(object: object) => number} brandOf One of BRAND.
 * @property {(object: object) => boolean} isProxy
 * @property {(text: string) => Function | null} [compile] Makes a function of its text, which the codec has written; null where that is not
 *   allowed. Without it objects are made and read property by property.
 * @property {(array: unknown[]) => string[] | null} [namedKeys] The array's own enumerable string keys that are no indices, null if there
 *   are none, where that can be told faster than by Object.keys. Asked for arrays longer than 8.
 * @property {(array: unknown[]) => boolean} [isBare] Whether an array certainly has no own properties but its elements, where that can be told faster.
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
 * @property {(prototype: object) => boolean} [isOpaque] Whether instances that inherit from an object hold what cannot be read, where V8
 *   does not know that. It has a `Symbol.toStringTag`.
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
 * @property {boolean} [runs] Whether it may call something for that; it may where this is not told.
 * @property {string} name Its own `name`, or nothing.
 * @property {string[]} keys Its own properties that cross.
 * @property {string[]} prototypeKeys Those of its `prototype`.
 * @property {{isOfPrototype: boolean, key: string | symbol, descriptor: PropertyDescriptor, brings?: boolean}[]} [members] Other properties
 *   of both, which are defined; `brings` says of an instance that its class goes along.
 * @property {Within} [within] What is asked about values within those that it captures.
 *
 * @typedef {object} Within
 * @property {(object: object) => string | [string, string] | undefined} nestedName The name by which the receiver has an object
 *   itself, as `nameKnown`; or what it is that cannot cross, and what to do instead.
 * @property {(object: object) => Function | undefined} classOf The class of an instance that it is one of also where both arrive.
 * @property {(symbol: symbol) => string | undefined} symbolName The name of a symbol that all realms have; `symbol:` and the key of a
 *   registered one is read by the codec itself.
 * @property {(value: object, error: unknown) => void} leaveBehind Told why an instance that brings its class cannot be sent.
 * @property {(name: string) => void} foundNested Told of functions that were named; it may throw.
 * @property {(error: unknown) => void} failed Told why what is captured cannot be sent.
 */

/**
 * @param {Platform} platform
 * @returns {{
 *   encode: (value: unknown, writer: Writer, rootName: string, transfer?: ArrayBuffer[]) => void,
 *   encodeList: (list: unknown[], writer: Writer, rootName: string, transfer?: ArrayBuffer[], fn?: Function) => void,
 *   decode: (bytes: Uint8Array, view: DataView, start: number, end: number) => unknown,
 *   Writer: new (capacity?: number) => Writer,
 *   View: new (buffer: ArrayBufferLike, offset?: number, length?: number) => DataView,
 *   BRAND: typeof BRAND,
 * }}
 */
module.exports = function createCodec(platform) {
  // Each part adds to this what others need of it.
  const codec = { platform, ...captureBuiltIns() };
  createMemory(codec);
  createShapes(codec);
  createBuffers(codec);
  createEncoder(codec);
  createUncloneable(codec);
  createAdditions(codec);
  createWritePrimitives(codec);
  createWriteValues(codec);
  createWriteAdditions(codec);
  createEncode(codec);
  createDecoder(codec);
  createReadValues(codec);
  createReadAdditions(codec);
  createDecode(codec);
  const { encode, encodeList, decode, isEncoding, Writer, View } = codec;
  return { encode, encodeList, decode, isEncoding, Writer, View, BRAND };
};

module.exports.BRAND = BRAND;
