'use strict';

const { platform } = require('node:process');

/** They are other numbers on each system. */
const constants = platform === 'linux' ? require('../constants/fs-linux.json') : undefined;

// The four that are always the same.
const access = { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 };

module.exports = constants === undefined ? access : { ...access, constants };
