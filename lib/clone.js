'use strict';

// The host's codec: values to messages for isolates, and back.

const createCodec = require('../src/message/codec/index.js');
const brand = require('./channels/brand.js');
const { createPlatform } = require('./clone-platform.js');
const errors = require('./errors.js');
const { Task } = require('./task.js');

/**
 * Makes the codec of one pool.
 * @param {{attach: (buffer: ArrayBufferLike, shared: boolean) => number, attachChannel: (slot: number) => number, take: (index: number) => object}} memory
 * @param {(error: Error) => void} foundError told of every error that is decoded
 * @param {import('./shipping.js').Shipping} shipping
 */
function createHostCodec({ attach, attachChannel, take }, foundError, shipping) {
  const makeError = (message, path) => new errors.DataCloneError(shipping.explain(message, path));
  const platform = createPlatform({
    makeError,
    attach,
    take,
    errorClasses: errors,
    foundError,
    describeUncloneable: (object) => brand.describeStaying?.(object),
    // Node-API shows of such memory how long it is, and nothing else.
    sharesFixedLengths: true,
  });
  platform.encodeHandle = (object) => {
    let slot = brand.slotOf === undefined ? -1 : brand.slotOf(object);
    if (slot < 0) {
      // The kit gives tasks references.
      if (brand.cellOf === undefined && object instanceof Task) require('./channels/kit.js');
      if (brand.cellOf !== undefined) slot = brand.cellOf(object);
    }
    return slot < 0 ? -1 : attachChannel(slot);
  };
  platform.decodeHandle = take;
  const refuse = () => {
    throw makeError('a function was sent where the host has received it: functions go to tasks only');
  };
  platform.makeFunction = refuse;
  platform.known = refuse;
  platform.shipFunction = (fn) => shipping.ship(fn);
  // Loaded when something is captured.
  let known;
  const knowledge = () => {
    known ??= require('./known.js');
    return known;
  };
  platform.nameKnown = (value) => shipping.nameKnown(value);
  platform.describeCaptured = (value) => knowledge().describeForeign(value);
  platform.captureError = (problem) => require('./capture-error.js').uncloneable(problem);
  platform.captureFailed = (fn, variable, error, value) => {
    if (error instanceof errors.CaptureError || error instanceof errors.DataCloneError) {
      const told = require('./capture-error.js').retell(error, fn, variable);
      require('./imports.js').importNextTime(told, fn, variable, value);
      return told;
    }
    return require('./capture-error.js').failed(fn, variable, error);
  };
  return createCodec(platform);
}

module.exports = { createHostCodec };
