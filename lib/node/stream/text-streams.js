'use strict';

// TextEncoderStream and TextDecoderStream, in the words of the Encoding standard.

const { markOpaque } = require('hertzscript:surroundings');
const { TransformStream } = require('web-streams-polyfill');
const { TextDecoder, TextEncoder } = require('../encoding.js');

const isFirstHalf = (unit) => unit >= 0xd800 && unit < 0xdc00;

class TextEncoderStream {
  #transform;
  /** The first half of a pair, whose other half may come with the next part. */
  #half = '';

  constructor() {
    const encoder = new TextEncoder();
    this.#transform = new TransformStream({
      transform: (chunk, controller) => {
        const text = this.#half + String(chunk);
        const isSplit = isFirstHalf(text.charCodeAt(text.length - 1));
        this.#half = isSplit ? text[text.length - 1] : '';
        const bytes = encoder.encode(isSplit ? text.slice(0, -1) : text);
        if (bytes.length > 0) controller.enqueue(bytes);
      },
      flush: (controller) => {
        if (this.#half !== '') controller.enqueue(encoder.encode(this.#half));
      },
    });
  }

  get encoding() {
    return 'utf-8';
  }

  get readable() {
    return this.#transform.readable;
  }

  get writable() {
    return this.#transform.writable;
  }

  get [Symbol.toStringTag]() {
    return 'TextEncoderStream';
  }
}

class TextDecoderStream {
  #decoder;
  #transform;

  constructor(label, options) {
    const decoder = new TextDecoder(label, options);
    this.#decoder = decoder;
    this.#transform = new TransformStream({
      transform(chunk, controller) {
        const text = decoder.decode(chunk, { stream: true });
        if (text !== '') controller.enqueue(text);
      },
      flush(controller) {
        const text = decoder.decode();
        if (text !== '') controller.enqueue(text);
      },
    });
  }

  get encoding() {
    return this.#decoder.encoding;
  }

  get fatal() {
    return this.#decoder.fatal;
  }

  get ignoreBOM() {
    return this.#decoder.ignoreBOM;
  }

  get readable() {
    return this.#transform.readable;
  }

  get writable() {
    return this.#transform.writable;
  }

  get [Symbol.toStringTag]() {
    return 'TextDecoderStream';
  }
}
markOpaque(TextDecoderStream.prototype);
markOpaque(TextEncoderStream.prototype);

module.exports = { TextDecoderStream, TextEncoderStream };
