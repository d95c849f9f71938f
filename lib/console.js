'use strict';

// Writes what tasks print with the host's console. The text is formatted already.

const { queueMicrotask } = require('./event-loop.js');

/** Methods by the numbers of `src/kernel/console.js`, and where the host's console writes what they are given. */
const METHODS = ['log', 'info', 'debug', 'warn', 'error'];
const STREAMS = ['stdout', 'stdout', 'stdout', 'stderr', 'stderr'];

/** Streams that were written to. Asking `process` for one that nobody uses would open it. */
const used = new Set();

/** Called when what was printed has left this process. */
let waiting = null;

/**
 * Prints lines. A task may print more once `written` was called, which waits for the readers of stdout and stderr: what they
 * do not read would pile up in this process.
 * @param {{method: number, text: string}[]} lines
 * @param {(text: string) => string} readable makes stacks in a text readable
 * @param {() => void} written
 */
function print(lines, readable, written) {
  let problem;
  for (const { method, text } of lines) {
    used.add(STREAMS[method]);
    try {
      // A single string is written as it is, without another round of formatting.
      globalThis.console[METHODS[method]](readable(text));
    } catch (error) {
      problem ??= { error };
    }
  }
  if (problem !== undefined) {
    // A console that somebody replaced throws. That is an uncaught exception, but no reason to lose other lines or results.
    queueMicrotask(() => {
      throw problem.error;
    });
  }
  whenWritten(written);
}

function whenWritten(written) {
  if (waiting !== null) {
    waiting.add(written);
    return;
  }
  const stream = [...used].map((name) => process[name]).find((candidate) => candidate?.writableNeedDrain === true);
  if (stream === undefined) {
    written();
    return;
  }
  waiting = new Set([written]);
  const proceed = (next) => {
    stream.off('drain', drained);
    stream.off('close', closed);
    const callbacks = waiting;
    waiting = null;
    for (const callback of callbacks) next(callback);
  };
  const drained = () => proceed(whenWritten);
  // The reader went away. Node keeps stdout and stderr open all the same and leaves the mark that they need to drain.
  const closed = () => proceed((callback) => callback());
  stream.on('drain', drained);
  stream.on('close', closed);
}

/** Whether the terminal that the console writes to shows colours. */
function wantsColors() {
  const { stdout } = process;
  return typeof stdout.getColorDepth !== 'function' || stdout.getColorDepth() > 2;
}

module.exports = { print, wantsColors };
