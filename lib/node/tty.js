'use strict';

const { refuseAll } = require('./unavailable/refuse.js');

// Tasks have no terminal.
module.exports = { isatty: () => false, ...refuseAll('tty', ['ReadStream', 'WriteStream']) };
