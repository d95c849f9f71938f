'use strict';

// Streams of the Web, by the package that follows the standard's reference implementation.

const { markOpaque } = require('hertzscript:surroundings');
const streams = require('web-streams-polyfill');
const { TextDecoderStream, TextEncoderStream } = require('./text-streams.js');
const { refuseAll } = require('../unavailable/refuse.js');

for (const { prototype } of Object.values(streams)) markOpaque(prototype);

module.exports = {
  ...streams,
  TextDecoderStream,
  TextEncoderStream,
  ...refuseAll('stream/web', ['CompressionStream', 'DecompressionStream']),
};
