'use strict';

// `Blob` and `File`, in memory. They cannot be sent to other tasks; their bytes can.

const { markOpaque } = require('hertzscript:surroundings');
const { invalid } = require('../util/invalid.js');
const { TextDecoder, TextEncoder } = require('../encoding.js');

/** How many bytes a stream gives at once, as Node does. */
const PART = 65536;

/** Types are ASCII in lower case. */
const normal = (type) => (/[^\x20-\x7e]/.test(String(type)) ? '' : String(type).toLowerCase());

class Blob {
  #bytes;
  #type;

  constructor(parts = [], options = {}) {
    if (typeof parts !== 'object' || parts === null || typeof parts[Symbol.iterator] !== 'function') {
      throw invalid('sources', 'a sequence', parts);
    }
    const list = Array.from(parts, (part) => this.#read(part, options?.endings === 'native'));
    this.#bytes = new Uint8Array(list.reduce((size, bytes) => size + bytes.length, 0));
    let at = 0;
    for (const bytes of list) {
      this.#bytes.set(bytes, at);
      at += bytes.length;
    }
    this.#type = normal(options?.type ?? '');
  }

  #read(part, isNative) {
    if (typeof part === 'object' && part !== null) {
      if (#bytes in part) return part.#bytes;
      if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
      if (part instanceof ArrayBuffer || part instanceof SharedArrayBuffer) return new Uint8Array(part);
    }
    const text = String(part);
    return new TextEncoder().encode(isNative ? text.replace(/\r\n?|\n/g, require('node:os').EOL) : text);
  }

  get size() {
    return this.#bytes.length;
  }

  get type() {
    return this.#type;
  }

  slice(start = 0, end = this.size, type = '') {
    return new Blob([this.#bytes.subarray(start, end)], { type });
  }

  async arrayBuffer() {
    return this.#bytes.slice().buffer;
  }

  async bytes() {
    return this.#bytes.slice();
  }

  async text() {
    return new TextDecoder().decode(this.#bytes);
  }

  stream() {
    const bytes = this.#bytes;
    let at = 0;
    return new ReadableStream({
      type: 'bytes',
      pull(controller) {
        // Whoever reads may change what it gets.
        const part = bytes.slice(at, at + PART);
        at += part.length;
        if (part.length > 0) controller.enqueue(part);
        if (at < bytes.length) return;
        controller.close();
        controller.byobRequest?.respond(0);
      },
    });
  }

  get [Symbol.toStringTag]() {
    return 'Blob';
  }
}

class File extends Blob {
  #name;
  #lastModified;

  constructor(parts, name, options) {
    super(parts, options);
    this.#name = String(name).toWellFormed();
    this.#lastModified = Number(options?.lastModified ?? Date.now());
  }

  get name() {
    return this.#name;
  }

  get lastModified() {
    return this.#lastModified;
  }

  get [Symbol.toStringTag]() {
    return 'File';
  }
}
markOpaque(Blob.prototype);

module.exports = { Blob, File };
