'use strict';

const { constants } = require('../fs.js');

module.exports = constants === undefined ? {} : { constants };
