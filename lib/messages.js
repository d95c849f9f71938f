'use strict';

// The host's messages. The codec is large, so the first tasks of a program do without it as long as they can: a task
// without arguments is sent as it stands here, and a result that is a primitive value is read here.

/** How the message of no arguments is written. `src/message/codec/format.js` has the same numbers. */
const VERSION = 0x01;
const NO_ELEMENTS = 0x70;

/** Tags of primitive values; as there. */
const UNDEFINED = 0x00;
const NULL = 0x01;
const FALSE = 0x02;
const TRUE = 0x03;
const INT32 = 0x04;
const DOUBLE = 0x05;
const INT_SMALL = 0x80;

/** What is no primitive value of the kinds above. */
const OTHER = Symbol('other');

/** The value of a message, if it is one of few kinds. */
function primitive(bytes, view, start, end) {
  if (bytes[start] !== VERSION) return OTHER;
  const tag = bytes[start + 1];
  switch (end - start) {
    case 2:
      if (tag >= INT_SMALL) return tag - INT_SMALL;
      if (tag === UNDEFINED) return undefined;
      if (tag === NULL) return null;
      if (tag === FALSE) return false;
      return tag === TRUE ? true : OTHER;
    case 6:
      return tag === INT32 ? view.getInt32(start + 2, true) : OTHER;
    case 10:
      return tag === DOUBLE ? view.getFloat64(start + 2, true) : OTHER;
    default:
      return OTHER;
  }
}

/** Memory for tasks without arguments, in the form of the codec's `Writer`; it does not grow. */
class EarlyWriter {
  bytes = new Uint8Array(1024);
  view = new DataView(this.bytes.buffer);
  pos = 0;

  /** Whether so many bytes fit. */
  hasRoom(length) {
    return this.bytes.length - this.pos >= length;
  }

  reserve() {}

  /** Writes the message of no arguments. */
  writeNoArguments() {
    this.bytes[this.pos++] = VERSION;
    this.bytes[this.pos++] = NO_ELEMENTS;
  }
}

/** The codec of one pool, loaded when a message needs it. */
class Messages {
  #make;
  #codec;

  /** @param {() => object} make makes the codec, see `clone.js` */
  constructor(make) {
    this.#make = make;
  }

  /** The codec. */
  get codec() {
    this.#codec ??= this.#make();
    return this.#codec;
  }

  /** Decodes a message; as the codec does. */
  decode(bytes, view, start, end) {
    if (this.#codec === undefined) {
      const value = primitive(bytes, view, start, end);
      if (value !== OTHER) return value;
    }
    return this.codec.decode(bytes, view, start, end);
  }
}

module.exports = { EarlyWriter, Messages };
