'use strict';

// Numbers that nobody can foresee, as the system gives them.

const { fillRandom } = require('hertzscript:surroundings');
const { invalid, outOfRange } = require('../util/invalid.js');
const { isFloat32Array, isFloat64Array, isAnyArrayBuffer } = require('../util/types.js');

/** To ask the system takes a while, so that what is wanted next comes along. */
const pool = new Uint8Array(4096);
let at = pool.length;

/** Fills bytes of the caller's. What was given out is forgotten here. */
function fill(bytes) {
  for (let done = 0; done < bytes.length; ) {
    if (at === pool.length) {
      fillRandom(pool);
      at = 0;
    }
    const part = pool.subarray(at, at + Math.min(bytes.length - done, pool.length - at));
    bytes.set(part, done);
    done += part.length;
    at += part.length;
    part.fill(0);
  }
  return bytes;
}

const LARGEST = 2 ** 31 - 1;

function checkSize(name, size, most) {
  if (typeof size !== 'number') throw invalid(name, 'number', size);
  if (!(size >= 0 && size <= most)) throw outOfRange(name, `>= 0 && <= ${most}`, size);
}

/** Gives a result at once, or later to a callback. */
function answer(callback, make) {
  if (callback === undefined) return make();
  if (typeof callback !== 'function') throw invalid('callback', 'function', callback);
  const result = make();
  setImmediate(() => callback(null, result));
  return undefined;
}

function randomBytes(size, callback) {
  checkSize('size', size, LARGEST);
  return answer(callback, () => fill(require('node:buffer').Buffer.alloc(size)));
}

function randomFillSync(buffer, offset = 0, size = undefined) {
  const isView = ArrayBuffer.isView(buffer);
  if (!isView && !isAnyArrayBuffer(buffer)) throw invalid('buf', 'ArrayBuffer or ArrayBufferView', buffer);
  // Offsets count elements.
  const unit = isView ? (buffer.BYTES_PER_ELEMENT ?? 1) : 1;
  const length = buffer.byteLength / unit;
  checkSize('offset', offset, length);
  const count = size ?? length - offset;
  checkSize('size', count, length - offset);
  const [memory, start] = isView ? [buffer.buffer, buffer.byteOffset] : [buffer, 0];
  fill(new Uint8Array(memory, start + offset * unit, count * unit));
  return buffer;
}

function randomFill(buffer, ...rest) {
  const callback = rest.pop();
  if (typeof callback !== 'function') throw invalid('callback', 'function', callback);
  answer(callback, () => randomFillSync(buffer, ...rest));
}

/** Numbers have so many bits; those beyond the last multiple of a range are left out, so that all results are equally likely. */
const MOST = 2 ** 48 - 1;

function randomInt(...args) {
  const callback = typeof args.at(-1) === 'function' ? args.pop() : undefined;
  const [min, max] = args.length === 1 ? [0, args[0]] : args;
  if (!Number.isSafeInteger(min)) throw invalid('min', 'safe integer', min);
  if (!Number.isSafeInteger(max)) throw invalid('max', 'safe integer', max);
  if (max <= min) throw outOfRange('max', `greater than the value of "min" (${min})`, max);
  const range = max - min;
  if (range > MOST) throw outOfRange('max - min', `<= ${MOST}`, range);
  const limit = MOST - (MOST % range);
  const pick = () => {
    const bytes = new Uint8Array(6);
    for (;;) {
      const number = fill(bytes).reduce((sum, byte) => sum * 256 + byte, 0);
      if (number < limit) return min + (number % range);
    }
  };
  return callback === undefined ? pick() : answer((_, number) => callback(undefined, number), pick);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function randomUUID() {
  const bytes = fill(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  let text = '';
  for (let i = 0; i < 16; i++) text += (i === 4 || i === 6 || i === 8 || i === 10 ? '-' : '') + HEX[bytes[i]];
  return text;
}

function getRandomValues(array) {
  if (!ArrayBuffer.isView(array) || array instanceof DataView || isFloat32Array(array) || isFloat64Array(array)) {
    throw new DOMException('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
  }
  if (array.byteLength > 65536) {
    throw new DOMException('The requested length exceeds 65,536 bytes', 'QuotaExceededError');
  }
  return randomFillSync(array);
}

module.exports = { getRandomValues, randomBytes, randomFill, randomFillSync, randomInt, randomUUID };
