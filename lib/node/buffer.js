'use strict';

const { Buffer, SlowBuffer, INSPECT_MAX_BYTES, kMaxLength } = require('buffer/');

const atob = (data) => Buffer.from(String(data), 'base64').toString('latin1');

function btoa(data) {
  const text = String(data);
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 255) {
      const message = 'The string to be encoded contains characters outside of the Latin1 range';
      throw new DOMException(message, 'InvalidCharacterError');
    }
  }
  return Buffer.from(text, 'latin1').toString('base64');
}

module.exports = {
  Buffer,
  SlowBuffer,
  INSPECT_MAX_BYTES,
  kMaxLength,
  constants: { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: 536870888 },
  atob,
  btoa,
};
