'use strict';

// The host's codec: values to messages for isolates, and back.

const createCodec = require('../src/message/codec.js');
const { createPlatform } = require('./clone-platform.js');
const errors = require('./errors.js');
const { Task } = require('./task.js');

/** Objects of this library, which look plain and are not. */
function describeUncloneable(object) {
  return object instanceof Task ? ['a Task', 'await it first and pass its result'] : undefined;
}

/**
 * Makes the codec of one pool.
 * @param {{attach: (buffer: ArrayBufferLike, shared: boolean) => number, take: (index: number) => ArrayBufferLike}} memory
 * @param {(error: Error) => void} foundError told of every error that is decoded
 */
function createHostCodec({ attach, take }, foundError) {
  const makeError = (message) => new errors.DataCloneError(message);
  return createCodec(
    createPlatform({
      makeError,
      attach,
      take,
      errorClasses: errors,
      foundError,
      describeUncloneable,
      // Node-API shows of such memory how long it is, and nothing else.
      sharesFixedLengths: true,
    }),
  );
}

module.exports = { createHostCodec };
