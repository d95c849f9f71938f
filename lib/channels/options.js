'use strict';

// The options of operations on channels.

const { isSignal } = require('../signals.js');

/** `options.signal`, checked; throws its reason if it is aborted already. */
function signalOf(options, verb) {
  if (options === undefined) return undefined;
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${verb}: the options must be an object such as {signal}`);
  const { signal } = options;
  if (signal === undefined) return undefined;
  if (!isSignal(signal)) throw new TypeError(`${verb}: signal must be an AbortSignal`);
  if (signal.aborted) throw signal.reason;
  return signal;
}

/** `options.transfer`, checked. */
function transferOf(options) {
  const transfer = options?.transfer;
  if (transfer !== undefined && !Array.isArray(transfer))
    throw new TypeError('send: transfer must be an array of ArrayBuffers');
  return transfer;
}

module.exports = { signalOf, transferOf };
