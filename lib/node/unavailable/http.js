'use strict';

module.exports = { ...require('../constants/http.json'), maxHeaderSize: 16384 };
