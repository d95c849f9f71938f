'use strict';

// Encoder: tags, counts, numbers, strings and keys.

const {
  BIGINT,
  BIGINT64,
  DOUBLE,
  INT32,
  INT_NEGATIVE,
  INT_SMALL,
  KEY_IS_VALUE,
  LATIN1,
  SHORT_STRING,
  STRING,
  UTF16,
} = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createWritePrimitives(codec) {
  const { platform, ANYTHING, asIntN, bigIntToString, charCodeAt, grow, NOT_LATIN1, regExpExec } = codec;

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

  Object.assign(codec, { isInt32, writeBigInt, writeCount, writeDouble, writeKey, writeNumber, writeString, writeTag });
};
