'use strict';

const querystring = require('querystring-es3');

/** Text that may not be well-formed, as bytes. */
function unescapeBuffer(text) {
  const bytes = String(text).replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return require('node:buffer').Buffer.from(bytes, 'latin1');
}

module.exports = {
  ...querystring,
  escape: encodeURIComponent,
  unescape(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return unescapeBuffer(text).toString();
    }
  },
  unescapeBuffer,
};
