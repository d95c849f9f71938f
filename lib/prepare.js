'use strict';

// Prepares files for the loader and for bundlers' plugins; see `src/compiler/prepare/mod.rs`.

const { readFileSync } = require('node:fs');
const { dirname, resolve } = require('node:path');
const addon = require('./addon.js');
const { HOST_GLOBALS } = require('./names.js');

const KINDS = { commonjs: 2, module: 3, detect: 4 };
const HOST_NAMES = [...HOST_GLOBALS];

/** The comment at the end of a file that says where its source map is. */
const COMMENT = /(?:\/\/|\/\*)# sourceMappingURL=([^\s*'"]+)[^\n]*\s*$/;
const DATA = /^data:application\/json[^,]*?(;base64)?,(.*)$/;

/**
 * The source map of a file as it says itself, and the file without the comment that says so.
 * @param {string} source
 * @param {string} filename
 * @returns {{text: string, map: string | undefined}}
 */
function ownMap(source, filename) {
  const found = source.includes('# sourceMappingURL=') ? COMMENT.exec(source) : null;
  if (found === null) return { text: source, map: undefined };
  const text = source.slice(0, found.index);
  const data = DATA.exec(found[1]);
  try {
    const map =
      data !== null
        ? Buffer.from(decodeURIComponent(data[2]), data[1] === undefined ? 'utf8' : 'base64').toString()
        : readFileSync(resolve(dirname(filename), decodeURIComponent(found[1])), 'utf8');
    return { text, map };
  } catch {
    return { text: source, map: undefined };
  }
}

/**
 * Prepares a file.
 * @param {string} source
 * @param {{filename: string, type?: 'commonjs' | 'module' | 'detect', map?: string, wantsMap?: boolean}} about
 * @returns {{code: string, map: string | undefined} | undefined} nothing where the file can be used as it is
 */
function prepare(source, { filename, type = 'detect', map, wantsMap = false }) {
  const prepared = addon.prepareFile(filename, source, KINDS[type], HOST_NAMES, map, wantsMap);
  return prepared === null ? undefined : { code: prepared.code, map: prepared.map ?? undefined };
}

/**
 * Prepares a file that may bring its source map along, as the comment at its end; the result does, too.
 * @param {string} source
 * @param {{filename: string, type?: 'commonjs' | 'module' | 'detect', wantsMap?: boolean}} about
 * @returns {string} the file as it was where there is nothing to prepare
 */
function prepareText(source, about) {
  const { text, map } = ownMap(source, about.filename);
  const prepared = prepare(text, { ...about, map });
  if (prepared === undefined) return source;
  if (prepared.map === undefined) return prepared.code;
  const data = Buffer.from(prepared.map).toString('base64');
  return `${prepared.code.replace(/\n*$/, '\n')}//# sourceMappingURL=data:application/json;base64,${data}\n`;
}

module.exports = { prepare, prepareText };
