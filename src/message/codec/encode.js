'use strict';

// Encoder: a whole message.

const { ARRAY_SMALL, HAS_ADDITIONS, HAS_REFS, VERSION } = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createEncode(codec) {
  const {
    platform,
    acquireEncoder,
    addObject,
    attachAll,
    getPrototypeOf,
    hasAdditions,
    ownData,
    prepareTransfer,
    RangeErrorCtor,
    RangeErrorPrototype,
    releaseEncoder,
    writeAdditions,
    writeBodies,
    writeFunction,
    writeList,
    writeTag,
    writeValue,
  } = codec;

  function isStackOverflow(error) {
    return (
      typeof error === 'object' &&
      error !== null &&
      !platform.isProxy(error) &&
      getPrototypeOf(error) === RangeErrorPrototype &&
      ownData(error, 'message') === 'Maximum call stack size exceeded'
    );
  }

  /**
   * Appends a value to what the writer holds. If the value cannot be cloned, this throws, the
   * writer is as before, and no buffer is detached.
   *
   * @param {unknown} value
   * @param {Writer} writer
   * @param {string} rootName What paths in error messages start with.
   * @param {ArrayBuffer[]} [transfer] Buffers to move instead of copying them.
   * @param {Function} [fn] The message is to be an array of this function and the value.
   */
  function encode(value, writer, rootName, transfer, fn) {
    encodeWith(value, writer, rootName, transfer, fn, false);
  }

  /**
   * The same for a list of the caller's own: an array without holes and other properties, which nobody else knows.
   *
   * @param {unknown[]} list
   * @param {Writer} writer
   * @param {string} rootName
   * @param {ArrayBuffer[]} [transfer]
   * @param {Function} [fn] The message is to be an array of this function and the list.
   */
  function encodeList(list, writer, rootName, transfer, fn) {
    encodeWith(list, writer, rootName, transfer, fn, true);
  }

  function encodeWith(value, writer, rootName, transfer, fn, isList) {
    let e;
    try {
      e = acquireEncoder();
      const start = writer.pos;
      e.bytes = writer.bytes;
      e.view = writer.view;
      e.pos = start;
      e.capacity = writer.capacity;
      e.rootName = rootName;
      e.depth = 0;
      if (transfer !== undefined && transfer !== null) prepareTransfer(e, transfer);
      writeTag(e, VERSION);
      if (fn !== undefined) {
        writeTag(e, ARRAY_SMALL + 2);
        addObject(e, { __proto__: null }, -1, null);
        // Both are within that array.
        e.depth = 1;
        writeFunction(e, fn, -1, null);
      }
      if (isList) writeList(e, value);
      else writeValue(e, value, -1, null);
      if (e.deferred !== null) writeBodies(e);
      if (hasAdditions(e)) {
        writeAdditions(e);
        e.bytes[start] = VERSION | HAS_REFS | HAS_ADDITIONS;
      } else if (e.hasRefs) e.bytes[start] = VERSION | HAS_REFS;
      if (e.attachments !== null || e.transfer !== null) attachAll(e);
    } catch (error) {
      if (isStackOverflow(error)) {
        throw new RangeErrorCtor(
          `${rootName}: the value is nested too deeply for what is left ` +
            'of the call stack (pass it from a shallower call, or flatten it)',
        );
      }
      throw error;
    }
    writer.bytes = e.bytes;
    writer.view = e.view;
    writer.capacity = e.capacity;
    writer.pos = e.pos;
    releaseEncoder(e);
  }

  Object.assign(codec, { encode, encodeList });
};
