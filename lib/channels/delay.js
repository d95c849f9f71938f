'use strict';

const { LONGEST } = require('../alarm.js');
const { show } = require('../options.js');

/** The milliseconds that a function was given. */
function checked(name, ms) {
  if (typeof ms === 'number' && ms >= 0 && ms <= LONGEST) return ms;
  const Class = typeof ms === 'number' ? RangeError : TypeError;
  throw new Class(`${name} takes a number of milliseconds from 0 to ${LONGEST}, not ${show(ms)}`);
}

module.exports = { checked };
