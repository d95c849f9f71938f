'use strict';

// Tasks have no terminal.
module.exports = { isatty: () => false };
