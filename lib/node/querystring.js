'use strict';

module.exports = require('querystring-es3');
