'use strict';

module.exports = { constants: require('../constants/zlib.json') };
