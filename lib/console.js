'use strict';

// Writes what tasks print with the host's console. The text is formatted already.

/** Methods by the numbers of `src/kernel/console.js`. */
const METHODS = ['log', 'info', 'debug', 'warn', 'error'];

/** @param {{method: number, text: string}[]} lines */
function print(lines) {
  for (const { method, text } of lines) {
    // A single string is written as it is, without another round of formatting.
    globalThis.console[METHODS[method]](text);
  }
}

/** Whether the terminal that the console writes to shows colours. */
function wantsColors() {
  const { stdout } = process;
  return typeof stdout.getColorDepth !== 'function' || stdout.getColorDepth() > 2;
}

module.exports = { print, wantsColors };
