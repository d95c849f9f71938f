'use strict';

// Where the source of a place is that was compiled before Node got it. Node knows the maps of files while it follows them itself
// (`--enable-source-maps`, `process.setSourceMapsEnabled`): then all positions of a stack are of sources.

const { findSourceMap } = require('node:module');
const { fileURLToPath } = require('node:url');

/** A frame of a stack, with its place, and what `util.inspect` writes behind an error's last one. */
const FRAME = /^(\s+at (?:async )?(?:.* \()?)(.*):(\d+):(\d+)(\)?(?: \{|,)?)$/s;

/** Whether Node follows source maps; older Nodes do not say. */
const areFollowed = () => process.sourceMapsEnabled !== false;

/** A script's name or URL, or that of a source, as the path of a file where it is one. */
function pathOf(name) {
  if (!name.startsWith('file:')) return name;
  try {
    return fileURLToPath(name);
  } catch {
    return name;
  }
}

/**
 * Where something is in the source of a file; nothing where Node does not know that.
 * @param {string} file a path or URL
 * @param {number} line from 1, as the column
 * @param {number} column
 * @returns {{source: string, line: number, column: number} | undefined}
 */
function find(file, line, column) {
  // Asking takes several times what this does, and is done for each function whose place is told.
  if (!areFollowed()) return undefined;
  const entry = findSourceMap(file)?.findEntry(line - 1, column - 1);
  if (entry?.originalSource === undefined) return undefined;
  const { originalSource, originalLine, originalColumn } = entry;
  return { source: pathOf(originalSource), line: originalLine + 1, column: originalColumn + 1 };
}

/**
 * A place in a file, in the file's source where Node knows that.
 * @param {{file: string, line: number, column: number, loadedColumn?: number}} place a path or URL, line and column from 1; and
 *   the column in what Node has loaded, where the loader has put something into the line
 * @returns {string}
 */
function placeInSource({ file, line, column, loadedColumn = column }) {
  const found = find(file, line, loadedColumn);
  return found === undefined ? `${file}:${line}:${column}` : `${found.source}:${found.line}:${found.column}`;
}

/**
 * Whether the source of a place has the name of its file, as with what the loader has prepared, and with packages that compile files
 * while they are loaded: then a place does not tell by itself in which of the two it is.
 */
function isOfOneName({ file, line, column }) {
  return find(file, line, column)?.source === pathOf(file);
}

/**
 * A line of a stack that an isolate has told, in the sources of files. Those that it has loaded itself are in sources already.
 * @param {string} frame
 * @returns {string}
 */
function frameInSource(frame) {
  const [, before, file, line, column, after] = FRAME.exec(frame) ?? [];
  if (file === undefined) return frame;
  const found = find(file, Number(line), Number(column));
  if (found === undefined || found.source === pathOf(file)) return frame;
  return `${before}${found.source}:${found.line}:${found.column}${after}`;
}

module.exports = { areFollowed, frameInSource, isOfOneName, placeInSource };
