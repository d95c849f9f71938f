'use strict';

const posix = require('path-browserify');

// Both modules are of one kind, so that paths of the host's system are right in tasks as well.
module.exports = posix;
posix.posix = posix;
