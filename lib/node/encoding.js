'use strict';

// TextEncoder and TextDecoder for the encodings of Unicode and Latin-1, in the words of the Encoding standard.

const UTF8 = ['utf-8', 'utf8', 'unicode-1-1-utf-8'];
const UTF16 = ['utf-16le', 'utf-16', 'ucs-2', 'unicode'];
const UTF16_BIG = ['utf-16be', 'unicodefffe'];
const LATIN1 = ['latin1', 'iso-8859-1', 'ascii', 'us-ascii', 'windows-1252', 'l1'];

/** What the bytes from 0x80 to 0x9f are in windows-1252, which the standard takes for Latin-1. */
const WINDOWS =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

/** Numbers of units that are made a string at once. */
const CHUNK = 8192;

/** Calls `write` with the bytes of each character; stops where it returns false. */
function encodeEach(text, write) {
  for (let i = 0; i < text.length; i++) {
    let point = text.codePointAt(i);
    const units = point > 0xffff ? 2 : 1;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    let bytes;
    if (point < 0x80) bytes = [point];
    else if (point < 0x800) bytes = [0xc0 | (point >> 6), 0x80 | (point & 63)];
    else if (point < 0x10000) bytes = [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)];
    else bytes = [0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)];
    if (!write(bytes, units)) return;
    i += units - 1;
  }
}

class TextEncoder {
  get encoding() {
    return 'utf-8';
  }

  encode(text = '') {
    const source = String(text);
    let target = new Uint8Array(source.length + 16);
    let length = 0;
    encodeEach(source, (bytes) => {
      if (length + 4 > target.length) {
        const larger = new Uint8Array(target.length * 2);
        larger.set(target);
        target = larger;
      }
      for (let i = 0; i < bytes.length; i++) target[length++] = bytes[i];
      return true;
    });
    return target.slice(0, length);
  }

  encodeInto(text, target) {
    let read = 0;
    let written = 0;
    encodeEach(String(text), (bytes, units) => {
      if (written + bytes.length > target.length) return false;
      target.set(bytes, written);
      written += bytes.length;
      read += units;
      return true;
    });
    return { read, written };
  }
}

class TextDecoder {
  #kind;
  #fatal;
  #ignoresMark;
  /** Bytes of a character that goes on in the next part. */
  #rest = [];
  #isFirst = true;

  constructor(label = 'utf-8', options = undefined) {
    const name = String(label).trim().toLowerCase();
    if (UTF8.includes(name)) this.#kind = 'utf-8';
    else if (UTF16.includes(name)) this.#kind = 'utf-16le';
    else if (UTF16_BIG.includes(name)) this.#kind = 'utf-16be';
    else if (LATIN1.includes(name)) this.#kind = 'windows-1252';
    else {
      const error = new RangeError(`The "${label}" encoding is not supported`);
      error.code = 'ERR_ENCODING_NOT_SUPPORTED';
      throw error;
    }
    this.#fatal = Boolean(options?.fatal);
    this.#ignoresMark = Boolean(options?.ignoreBOM);
  }

  get encoding() {
    return this.#kind;
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#ignoresMark;
  }

  decode(input = new Uint8Array(0), options = undefined) {
    const view = ArrayBuffer.isView(input)
      ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
      : new Uint8Array(input);
    const bytes = this.#rest.length === 0 ? view : Uint8Array.from([...this.#rest, ...view]);
    this.#rest = [];
    const isLast = !options?.stream;
    const units = [];
    let text = '';
    const add = (unit) => {
      units.push(unit);
      if (units.length === CHUNK) text += String.fromCharCode(...units.splice(0));
    };
    if (this.#kind === 'utf-8') this.#readUtf8(bytes, isLast, add);
    else if (this.#kind !== 'windows-1252') this.#readUtf16(bytes, isLast, add);
    else for (const byte of bytes) add(byte >= 0x80 && byte < 0xa0 ? WINDOWS.charCodeAt(byte - 0x80) : byte);
    text += String.fromCharCode(...units);
    if (this.#isFirst && !this.#ignoresMark && text.charCodeAt(0) === 0xfeff && this.#kind !== 'windows-1252') {
      text = text.slice(1);
    }
    if (text !== '') this.#isFirst = false;
    if (isLast) this.#isFirst = true;
    return text;
  }

  #wrong(add) {
    if (this.#fatal) {
      const error = new TypeError(`The encoded data was not valid for encoding ${this.#kind}`);
      error.code = 'ERR_ENCODING_INVALID_ENCODED_DATA';
      throw error;
    }
    add(0xfffd);
  }

  #readUtf8(bytes, isLast, add) {
    for (let i = 0; i < bytes.length; ) {
      const first = bytes[i];
      if (first < 0x80) {
        add(first);
        i++;
        continue;
      }
      const more =
        first >= 0xc2 && first <= 0xdf
          ? 1
          : first >= 0xe0 && first <= 0xef
            ? 2
            : first >= 0xf0 && first <= 0xf4
              ? 3
              : 0;
      if (more === 0) {
        this.#wrong(add);
        i++;
        continue;
      }
      let point = first & (0x3f >> more);
      let found = 0;
      while (found < more && i + found + 1 < bytes.length) {
        const next = bytes[i + found + 1];
        // The second byte has narrower bounds: no overlong forms, no halves of pairs, nothing beyond U+10FFFF.
        const least = found > 0 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
        const most = found > 0 ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
        if (next < least || next > most) break;
        point = (point << 6) | (next & 0x3f);
        found++;
      }
      if (found === more) {
        if (point > 0xffff) {
          add(0xd800 + ((point - 0x10000) >> 10));
          add(0xdc00 + ((point - 0x10000) & 0x3ff));
        } else {
          add(point);
        }
      } else if (i + found + 1 >= bytes.length && !isLast) {
        this.#rest = [...bytes.subarray(i)];
        return;
      } else {
        this.#wrong(add);
      }
      i += found + 1;
    }
  }

  #readUtf16(bytes, isLast, add) {
    const pairs = bytes.length & ~1;
    const low = this.#kind === 'utf-16le' ? 0 : 1;
    for (let i = 0; i < pairs; i += 2) add(bytes[i + low] | (bytes[i + 1 - low] << 8));
    if (pairs === bytes.length) return;
    if (isLast) this.#wrong(add);
    else this.#rest = [bytes[pairs]];
  }
}

module.exports = { TextDecoder, TextEncoder };
