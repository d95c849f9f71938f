'use strict';

// Timers of contexts. By themselves they do not keep Node alive, as those of `AbortSignal.timeout` do not; but where tasks wait and nothing
// else can wake them, what such a timer does may be what they wait for.

const { useAlarms } = require('../pool.js');

/** The longest time that `setTimeout` knows, in milliseconds. */
const LONGEST = 2147483647;

/** Those that have not rung, by what they belong to. */
const timers = new Map();

/** Whether tasks wait for nothing else. */
let isNeeded = false;

/** Calls `action` after so many milliseconds. An owner has one timer. */
function set(ms, action, owner) {
  const ring = () => {
    timers.delete(owner);
    action();
  };
  const timer = setTimeout(ring, Math.min(Math.max(ms, 1), LONGEST));
  if (!isNeeded) timer.unref();
  timers.set(owner, timer);
}

function clear(owner) {
  clearTimeout(timers.get(owner));
  timers.delete(owner);
}

/** Says whether tasks wait for nothing else. */
function setNeeded(needed) {
  isNeeded = needed;
  for (const timer of timers.values()) {
    if (needed) timer.ref();
    else timer.unref();
  }
}

useAlarms({ setNeeded });

module.exports = { clear, set };
