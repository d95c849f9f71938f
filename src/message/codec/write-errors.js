'use strict';

// Encoder: errors.

const {
  BRAND,
  defer,
  ERROR,
  ERROR_DEFERRED,
  ERROR_MESSAGE,
  ERROR_NAME,
  ERROR_NAMES,
  ERROR_STACK,
  MAX_DEPTH,
} = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createWriteErrors(codec) {
  const {
    platform,
    ERROR_CODES,
    getOwnPropertyDescriptor,
    getPrototypeOf,
    hasOwn,
    objectKeys,
    ownData,
    StringCtor,
    writeKeyedProperties,
    writeString,
    writeTag,
  } = codec;

  /**
   * ERROR, code of the nearest built-in class, flags, name of the class; the name, message and
   * stack that the flags announce; the body, unless it is deferred.
   */
  function writeError(e, error, number) {
    let className = '';
    let code = 0;
    for (let p = getPrototypeOf(error); p !== null; p = getPrototypeOf(p)) {
      if (platform.isProxy(p)) break;
      const ctor = ownData(p, 'constructor');
      const ctorName = typeof ctor === 'function' ? ownData(ctor, 'name') : undefined;
      if (typeof ctorName !== 'string' || ctorName === '') continue;
      if (className === '') className = ctorName;
      if (ERROR_CODES[ctorName] !== undefined) {
        code = ERROR_CODES[ctorName];
        break;
      }
    }
    if (className === '') className = ERROR_NAMES[code];

    const name = error.name;
    const hasName = typeof name === 'string' && name !== ERROR_NAMES[code];
    const descriptor = getOwnPropertyDescriptor(error, 'message');
    let message =
      descriptor !== undefined && hasOwn(descriptor, 'value') ? StringCtor(descriptor.value) : error.message;
    if (typeof message !== 'string' || (message === '' && descriptor === undefined)) message = null;
    const stack = error.stack;
    const deferred = e.depth === MAX_DEPTH;

    writeTag(e, ERROR);
    writeTag(e, code);
    writeTag(
      e,
      (hasName ? ERROR_NAME : 0) |
        (message !== null ? ERROR_MESSAGE : 0) |
        (typeof stack === 'string' ? ERROR_STACK : 0) |
        (deferred ? ERROR_DEFERRED : 0),
    );
    writeString(e, className);
    if (hasName) writeString(e, name);
    if (message !== null) writeString(e, message);
    if (typeof stack === 'string') writeString(e, stack);
    if (deferred) {
      defer(e, error, number, BRAND.ERROR);
    } else {
      e.depth++;
      writeErrorBody(e, error, number);
      e.depth--;
    }
  }

  /** The hidden properties that the error has, each by its key, then the enumerable ones. */
  function writeErrorBody(e, error, number) {
    const hidden = [];
    if (hasOwn(error, 'cause')) hidden[0] = 'cause';
    // They differ from other properties only in that they are hidden, so any error may have them.
    if (isHidden(error, 'errors')) hidden[hidden.length] = 'errors';
    if (isHidden(error, 'error')) hidden[hidden.length] = 'error';
    if (isHidden(error, 'suppressed')) hidden[hidden.length] = 'suppressed';
    writeKeyedProperties(e, error, number, hidden);

    const keys = objectKeys(error);
    const others = [];
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (key !== 'name' && key !== 'message' && key !== 'stack' && key !== 'cause') {
        others[others.length] = key;
      }
    }
    writeKeyedProperties(e, error, number, others);
  }

  function isHidden(error, key) {
    const descriptor = getOwnPropertyDescriptor(error, key);
    return descriptor !== undefined && !descriptor.enumerable;
  }

  Object.assign(codec, { writeError, writeErrorBody });
};
