'use strict';

// Where the source of a place is that was compiled before Node got it. Node knows the maps of files while it follows them itself
// (`--enable-source-maps`, `process.setSourceMapsEnabled`): then all positions of a stack are of sources.

const { findSourceMap } = require('node:module');
const { fileURLToPath } = require('node:url');

/** A place as stacks and messages show it. */
const PLACE = /^(.*):(\d+):(\d+)$/s;

/** A frame of a stack, with its place. */
const FRAME = /^(\s+at (?:.* \()?)(.*:\d+:\d+)(\)?)$/s;

/**
 * A place in a file, in the file's source where Node knows that.
 * @param {string} place a path or URL, line and column from 1
 * @returns {string}
 */
function placeInSource(place) {
  const [, file, line, column] = PLACE.exec(place) ?? [];
  const entry = file === undefined ? undefined : findSourceMap(file)?.findEntry(Number(line) - 1, Number(column) - 1);
  if (entry?.originalSource === undefined) return place;
  const { originalSource, originalLine, originalColumn } = entry;
  const source = originalSource.startsWith('file:') ? fileURLToPath(originalSource) : originalSource;
  return `${source}:${originalLine + 1}:${originalColumn + 1}`;
}

/**
 * The same for a line of a stack.
 * @param {string} line
 * @returns {string}
 */
function frameInSource(line) {
  const [, before, place, after] = FRAME.exec(line) ?? [];
  return place === undefined ? line : `${before}${placeInSource(place)}${after}`;
}

module.exports = { frameInSource, placeInSource };
