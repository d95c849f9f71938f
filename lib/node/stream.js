'use strict';

// The package exports `Readable`. Node's module is what came before, of which packages inherit that bring streams of their own.
const { Stream } = require('readable-stream');

require('./stream/adapters.js');

module.exports = Object.assign(Stream, {
  duplexPair: require('./stream/duplex-pair.js'),
  _isArrayBufferView: ArrayBuffer.isView,
});
