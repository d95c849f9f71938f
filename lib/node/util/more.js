'use strict';

// What of Node's `util` is seldom wanted.

const { inspect } = require('node-inspect-extracted');
const { platform } = require('node:process');
const { refuse } = require('../unavailable/refuse.js');
const { invalid, outOfRange } = require('./invalid.js');

/** A promise that is kept when a signal is aborted. */
async function aborted(signal, resource) {
  if (typeof signal?.aborted !== 'boolean') throw invalid('signal', 'AbortSignal', signal);
  if ((typeof resource !== 'object' && typeof resource !== 'function') || resource === null) {
    throw invalid('resource', 'object', resource);
  }
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** Whether what is written to a stream has colours. Those of tasks are no terminals. */
function hasColors(stream) {
  const { env } = process;
  return env.FORCE_COLOR === undefined ? stream?.isTTY === true && env.NO_COLOR === undefined : env.FORCE_COLOR !== '0';
}

function styleText(format, text, { validateStream = true, stream = process.stdout } = {}) {
  if (typeof text !== 'string') throw invalid('text', 'string', text);
  let before = '';
  let after = '';
  for (const name of Array.isArray(format) ? format : [format]) {
    const codes = inspect.colors[name];
    if (codes === undefined) {
      const known = Object.keys(inspect.colors).map((key) => `'${key}'`);
      const error = new TypeError(
        `The argument 'format' must be one of: ${known.join(', ')}. Received ${inspect(name)}`,
      );
      error.code = 'ERR_INVALID_ARG_VALUE';
      throw error;
    }
    before += `\u001b[${codes[0]}m`;
    after = `\u001b[${codes[1]}m${after}`;
  }
  return validateStream && !hasColors(stream) ? text : before + text + after;
}

const refuseErrors = refuse('util', 'getSystemErrorMap');
let systemErrors;

/** Names and descriptions of the system's errors, which are other numbers on each system. */
function getSystemErrorMap() {
  if (platform !== 'linux') refuseErrors();
  systemErrors ??= Object.entries(require('../constants/errors-linux.json')).map(([number, entry]) => [
    Number(number),
    entry,
  ]);
  return new Map(systemErrors);
}

function getSystemErrorName(number) {
  if (typeof number !== 'number') throw invalid('err', 'number', number);
  if (number >= 0 || !Number.isSafeInteger(number)) throw outOfRange('err', 'a negative integer', number);
  return getSystemErrorMap().get(number)?.[0] ?? `Unknown system error ${number}`;
}

module.exports = { aborted, getSystemErrorMap, getSystemErrorName, styleText };
