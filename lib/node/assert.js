'use strict';

const assert = require('assert/');
const { refuse } = require('./unavailable/refuse.js');

module.exports = assert;
// For `assert.strict` as well, which is what has been made of the exports before.
assert.CallTracker = refuse('assert', 'CallTracker');
assert.strict.CallTracker = assert.CallTracker;
