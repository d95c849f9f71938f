'use strict';

// The addon, for whoever is going to run something.

const native = require('./addon.js');
// V8 starts on a thread of its own, and a first isolate is made, while the rest of the library loads.
native.prepare();

module.exports = native;
