'use strict';

const { describe } = require('promise-operations');
const { RangeError, TypeError } = require('primordials');

/** Longest delay in milliseconds, as of all timers. */
const MAX_DELAY = 2147483647;

/** The milliseconds that a function was given; the same rule as on the host (lib/channels/delay.js). */
function checked(name, ms) {
  if (typeof ms === 'number' && ms >= 0 && ms <= MAX_DELAY) return ms;
  const Class = typeof ms === 'number' ? RangeError : TypeError;
  throw new Class(`${name} takes a number of milliseconds from 0 to ${MAX_DELAY}, not ${describe(ms)}`);
}

module.exports = { MAX_DELAY, checked };
