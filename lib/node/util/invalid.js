'use strict';

// Errors in Node's words, of arguments that are not what they should be.

/** Of a wrong type. */
function invalid(name, kind, value) {
  const what = name.endsWith(' argument') ? name : `"${name}" ${name.includes('.') ? 'property' : 'argument'}`;
  const error = new TypeError(`The ${what} must be of type ${kind}. Received ${describe(value)}`);
  error.code = 'ERR_INVALID_ARG_TYPE';
  return error;
}

function describe(value) {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') return `an instance of ${value.constructor?.name ?? 'Object'}`;
  return `type ${typeof value} (${typeof value === 'string' ? `'${value}'` : String(value)})`;
}

/** A number that is too small or too large. */
function outOfRange(name, range, value) {
  const error = new RangeError(
    `The value of "${name}" is out of range. It must be ${range}. Received ${String(value)}`,
  );
  error.code = 'ERR_OUT_OF_RANGE';
  return error;
}

/** What a signal ends with, and what ended before its time. */
class AbortError extends Error {
  constructor(signal) {
    super('The operation was aborted', signal === undefined ? undefined : { cause: signal.reason });
    this.name = 'AbortError';
    this.code = 'ABORT_ERR';
  }
}

module.exports = { AbortError, invalid, outOfRange };
