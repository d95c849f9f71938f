'use strict';

// What an ArrayBuffer or a SharedArrayBuffer is.

const { BRAND } = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createBuffers(codec) {
  const {
    platform,
    ArrayBufferPrototype,
    bufferByteLength,
    bufferDetached,
    bufferResizable,
    getPrototypeOf,
    SharedArrayBufferPrototype,
    sharedGrowable,
    Uint8ArrayCtor,
  } = codec;

  function isDetached(buffer) {
    if (bufferDetached !== null) return bufferDetached(buffer);
    if (bufferByteLength(buffer) !== 0) return false;
    try {
      return new Uint8ArrayCtor(buffer) === null;
    } catch {
      return true;
    }
  }

  function isResizable(buffer) {
    return bufferResizable?.(buffer) === true;
  }

  function canGrow(buffer, shared) {
    return shared ? sharedGrowable?.(buffer) === true : isResizable(buffer);
  }

  function isShared(buffer) {
    const prototype = getPrototypeOf(buffer);
    if (prototype === ArrayBufferPrototype) return false;
    if (prototype !== null && prototype === SharedArrayBufferPrototype) return true;
    return platform.brandOf(buffer) === BRAND.SHARED_ARRAY_BUFFER;
  }

  Object.assign(codec, { canGrow, isDetached, isResizable, isShared });
};
