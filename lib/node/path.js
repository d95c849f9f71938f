'use strict';

const posix = require('path-browserify');
const { refuse } = require('./unavailable/refuse.js');

// Both modules are of one kind, so that paths of the host's system are right in tasks as well.
module.exports = posix;
posix.posix = posix;
posix.toNamespacedPath = (path) => path;
posix._makeLong = posix.toNamespacedPath;
posix.matchesGlob = refuse('path', 'matchesGlob');
