'use strict';

const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

module.exports = { setTimeout: later, setImmediate: (value) => later(0, value) };
