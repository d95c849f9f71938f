'use strict';

// Decoder: a whole message.

const { HAS_ADDITIONS, HAS_REFS, VERSION } = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createDecode(codec) {
  const { acquireDecoder, damaged, readAdditions, readBodies, readByte, readValue, releaseDecoder } = codec;

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
    if ((header & ~(HAS_REFS | HAS_ADDITIONS)) !== VERSION) throw damaged('another version of the format');
    if (header !== VERSION) d.objects = [];
    const value = readValue(d);
    if (d.deferred !== null) readBodies(d);
    if (header & HAS_ADDITIONS) readAdditions(d);
    if (d.pos !== end) throw damaged('it does not end where it should');
    releaseDecoder(d);
    return value;
  }

  Object.assign(codec, { decode });
};
