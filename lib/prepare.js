'use strict';

// Prepares files for the loader and for bundlers' plugins; see `src/compiler/prepare/mod.rs`.

const { readFileSync } = require('node:fs');
const { fileURLToPath, pathToFileURL } = require('node:url');
const addon = require('./addon.js');
const { HOST_GLOBALS } = require('./names.js');

const KINDS = { commonjs: 2, module: 3, detect: 4 };
const HOST_NAMES = [...HOST_GLOBALS];

/** What the comment at the end of a file begins with that says where its source map is, and the comment from there. */
const BEGIN = '# sourceMappingURL=';
const LINE = /# sourceMappingURL=([^\s'"]+).*/y;
const BLOCK = /# sourceMappingURL=([^\s*'"]+)[^\n]*?\*\//y;
const DATA = /^data:application\/json[^,]*?(;base64)?,(.*)$/;

/** Other tools' comments may follow, and nothing else. */
const REST = /^(?:\s|\/\/.*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*$/;

/** The comment of a file that says where its source map is. */
function findComment(source) {
  const at = source.lastIndexOf(BEGIN);
  const opening = source.slice(Math.max(at - 2, 0), Math.max(at, 0));
  if (opening !== '//' && opening !== '/*') return null;
  const comment = opening === '//' ? LINE : BLOCK;
  comment.lastIndex = at;
  const found = comment.exec(source);
  if (found === null || !REST.test(source.slice(comment.lastIndex))) return null;
  return { url: found[1], before: source.slice(0, at - 2), after: source.slice(comment.lastIndex) };
}

/** A source map whose sources are named as from where it lies, whoever asks for them from elsewhere. */
function rebased(json, url) {
  const map = JSON.parse(json);
  if (!Array.isArray(map.sources)) return json;
  // As Node does it.
  const absolute = (source) => new URL(`${map.sourceRoot ?? ''}${source}`, url).href;
  const sources = map.sources.map((source) => (source === null ? null : absolute(source)));
  return JSON.stringify({ ...map, sources, sourceRoot: undefined });
}

/** What a URL in a file names as that one's source map. */
function readMap(url, filename) {
  const data = DATA.exec(url);
  if (data !== null)
    return Buffer.from(decodeURIComponent(data[2]), data[1] === undefined ? 'utf8' : 'base64').toString();
  const file = pathToFileURL(filename);
  const place = new URL(url, file);
  const json = readFileSync(fileURLToPath(place), 'utf8');
  return new URL('.', place).href === new URL('.', file).href ? json : rebased(json, place);
}

/**
 * The source map of a file as it says itself, and the file without the comment that says so.
 * @param {string} source
 * @param {string} filename
 * @returns {{text: string, map: string | undefined}}
 */
function ownMap(source, filename) {
  const comment = findComment(source);
  if (comment === null) return { text: source, map: undefined };
  try {
    return { text: comment.before + comment.after, map: readMap(comment.url, filename) };
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
