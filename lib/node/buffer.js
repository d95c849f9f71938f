'use strict';

const { Buffer, SlowBuffer, INSPECT_MAX_BYTES, kMaxLength } = require('buffer/');
const { refuse } = require('./unavailable/refuse.js');
const { invalid } = require('./util/invalid.js');
const types = require('./util/types.js');

const atob = (data) => Buffer.from(String(data), 'base64').toString('latin1');

function btoa(data) {
  const text = String(data);
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 255) {
      const message = 'The string to be encoded contains characters outside of the Latin1 range';
      throw new DOMException(message, 'InvalidCharacterError');
    }
  }
  return Buffer.from(text, 'latin1').toString('base64');
}

// Node's has no such property, by which packages know a `Buffer` that is made of JavaScript, and want none.
delete Buffer.TYPED_ARRAY_SUPPORT;

// What Node's methods call, which packages call, too, because they are faster there.
for (const encoding of ['ascii', 'base64', 'base64url', 'hex', 'latin1', 'ucs2', 'utf8']) {
  const methods = {
    [`${encoding}Slice`]: function slice(start, end) {
      return this.toString(encoding, start, end);
    },
    [`${encoding}Write`]: function write(text, offset = 0, length = this.length - offset) {
      return this.write(text, offset, length, encoding);
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(Buffer.prototype, name, { value, writable: true, enumerable: false, configurable: true });
  }
}

/** The bytes of a view or buffer. */
function bytesOf(input, name) {
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (types.isAnyArrayBuffer(input)) return new Uint8Array(input);
  throw invalid(name, 'ArrayBuffer, Buffer, or TypedArray', input);
}

const isAscii = (input) => bytesOf(input, 'input').every((byte) => byte < 0x80);

function isUtf8(input) {
  const { TextDecoder } = require('./encoding.js');
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(input, 'input'));
    return true;
  } catch (error) {
    if (error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return false;
    throw error;
  }
}

/** The largest character that is one byte. */
const LARGEST = { ascii: 0x7f, latin1: 0xff, binary: 0xff };

function transcode(source, from, to) {
  const bytes = bytesOf(source, 'source');
  let text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(from);
  const largest = LARGEST[String(to).toLowerCase()];
  if (largest !== undefined) {
    text = Array.from(text, (character) => (character.codePointAt(0) > largest ? '?' : character)).join('');
  }
  return Buffer.from(text, to);
}

const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: 536870888 };

module.exports = {
  Buffer,
  SlowBuffer,
  INSPECT_MAX_BYTES,
  kMaxLength,
  kStringMaxLength: constants.MAX_STRING_LENGTH,
  constants,
  atob,
  btoa,
  isAscii,
  isUtf8,
  resolveObjectURL: refuse('buffer', 'resolveObjectURL'),
  transcode,
  get Blob() {
    return require('./buffer/blob.js').Blob;
  },
  get File() {
    return require('./buffer/blob.js').File;
  },
};
