'use strict';

const { AbortError } = require('../util/invalid.js');

/** A promise that a timer keeps, unless a signal is aborted before. */
function wait(begin, cancel, value, signal) {
  if (signal?.aborted) return Promise.reject(new AbortError(signal));
  return new Promise((resolve, reject) => {
    const timer = begin(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    });
    function abort() {
      cancel(timer);
      reject(new AbortError(signal));
    }
    signal?.addEventListener('abort', abort, { once: true });
  });
}

const after = (ms, value, options) =>
  wait((callback) => setTimeout(callback, ms), clearTimeout, value, options?.signal);
const soon = (value, options) => wait(setImmediate, clearImmediate, value, options?.signal);

async function* every(ms, value, options) {
  const signal = options?.signal;
  if (signal?.aborted) throw new AbortError(signal);
  let due = 0;
  let wake;
  const interval = setInterval(() => {
    due++;
    wake?.();
  }, ms);
  const abort = () => wake?.();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    while (!signal?.aborted) {
      if (due === 0) {
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
      for (; due > 0; due--) yield value;
    }
    throw new AbortError(signal);
  } finally {
    clearInterval(interval);
    signal?.removeEventListener('abort', abort);
  }
}

module.exports = {
  setTimeout: after,
  setImmediate: soon,
  setInterval: every,
  scheduler: { wait: (ms, options) => after(ms, undefined, options), yield: () => soon() },
};
