'use strict';

// `transpile`: what the coroutine compiler makes of a program, for whoever wants to see it.

const native = require('./native.js');
const { check, show } = require('./options.js');

const KINDS = { function: 0, script: 2, module: 3, detect: 4 };

/**
 * Compiles a program, or the text of a function, to coroutine form.
 * @param {string} source
 * @param {{filename?: string, type?: 'script' | 'module' | 'function'}} [options]
 */
function transpile(source, options) {
  if (typeof source !== 'string') throw new TypeError(`transpile: the source must be a string, not ${show(source)}`);
  const { filename = 'program.js', type = 'detect' } = check('transpile', options, ['filename', 'type']);
  let shown;
  try {
    shown = native.transpile(filename, source, KINDS[type]);
  } catch ({ message }) {
    throw new SyntaxError(message);
  }
  return { code: shown.code, map: JSON.parse(shown.map), analysis: shown.analysis };
}

module.exports = { transpile };
