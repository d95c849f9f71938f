'use strict';

module.exports = { constants: require('../constants/http2.json') };
