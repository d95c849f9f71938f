'use strict';

// Which files the loader prepares when Node loads them: those of the program, not those of packages.

const Module = require('node:module');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { OPEN } = require('./prepared.js');

/** Where this library lies, which may be a checkout. */
const OWN = pathToFileURL(`${__dirname}/`).href;

/** Files with these words may have something to prepare. */
const MAY_CAPTURE = /=>|\bfunction\b|\bclass\b|\bspawn\b/;

/** Loaded with the first file. */
let prepareText;

/**
 * The text of a file as it is to be compiled.
 * @param {string} source
 * @param {string} url
 * @param {'module' | 'commonjs'} type
 * @param {boolean} [wantsMap] whether Node shows positions by source maps
 */
function prepareLoaded(source, url, type, wantsMap = process.sourceMapsEnabled === true) {
  if (!isPrepared(url) || source.includes(OPEN) || !MAY_CAPTURE.test(source)) return source;
  prepareText ??= require('./prepare.js').prepareText;
  return prepareText(source, { filename: fileURLToPath(url), type, wantsMap });
}

function isPrepared(url) {
  return url.startsWith('file:') && !url.includes('/node_modules/') && !url.startsWith(OWN);
}

/**
 * What a loader's hook returns instead of what Node has loaded.
 * @param {string} url
 * @param {{format?: string | null, source?: string | ArrayBufferView | ArrayBuffer | null}} result
 * @param {boolean} [wantsMap]
 */
function loaded(url, result, wantsMap) {
  const { source, format } = result;
  // Where CommonJS modules come without a text, `require` reads it.
  if (source === null || source === undefined || !isPrepared(url)) return result;
  const language = /^(module|commonjs)(-typescript)?$/.exec(format ?? '');
  if (language === null) return result;
  let text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  if (language[2] !== undefined) {
    try {
      // Types become blanks, so positions stay; only then is the text that of JavaScript.
      text = Module.stripTypeScriptTypes(text);
    } catch {
      return result;
    }
  }
  const prepared = prepareLoaded(text, url, language[1], wantsMap);
  return prepared === text ? result : { ...result, format: language[1], source: prepared };
}

module.exports = { loaded, prepareLoaded };
