'use strict';

const util = require('util/');
const inspection = require('node-inspect-extracted');
const { TextDecoder, TextEncoder } = require('./encoding.js');

function stripVTControlCharacters(text) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return String(text).replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g, '');
}

module.exports = {
  ...util,
  inspect: inspection.inspect,
  format: inspection.format,
  formatWithOptions: inspection.formatWithOptions,
  isDeepStrictEqual(a, b) {
    try {
      require('node:assert').deepStrictEqual(a, b);
      return true;
    } catch {
      return false;
    }
  },
  stripVTControlCharacters,
  toUSVString: (text) => String(text).toWellFormed(),
  TextDecoder,
  TextEncoder,
};
