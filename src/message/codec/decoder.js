'use strict';

// One decoding in progress: where it reads; numbers and characters.

const { SHAPE_SLOTS, SHORT_STRING_READ } = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createDecoder(codec) {
  const {
    platform,
    ErrorCtor,
    fromCharCode,
    isOwnView,
    NO_BYTES,
    NO_SHAPE,
    NO_VIEW,
    typedArrayBuffer,
    typedArrayByteOffset,
    typedArrayLength,
    View,
  } = codec;

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
      for (let i = 0; i < SHAPE_SLOTS; i++) this.shapes[i] = NO_SHAPE;
      this.shapeCount = 0;
      // How many properties of the object that is being made were deleted by its sender.
      this.absent = 0;
      this.deferred = null;
      // How many of their bodies were read.
      this.bodies = 0;
      // Functions whose bodies come once a class is there that needs them.
      this.postponed = null;
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
    for (let i = 0; i < d.shapeCount && i < SHAPE_SLOTS; i++) d.shapes[i] = NO_SHAPE;
    d.shapeCount = 0;
    d.objects = null;
    d.deferred = null;
    d.bodies = 0;
    d.postponed = null;
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
      if (!isOwnView(d.view)) {
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

  Object.assign(codec, {
    acquireDecoder,
    damaged,
    keep,
    readBigInt64,
    readBoundedCount,
    readByte,
    readCount,
    readFloat64,
    readInt32,
    readLatin1,
    readUint32,
    readUtf16,
    releaseDecoder,
    skip,
    viewOf,
  });
};
