'use strict';

const { ObjectFreeze } = require('primordials');

/** What compiled code yields natively while its task is suspended; no user code ever holds it. */
module.exports = { SUSPENDED: ObjectFreeze({ __proto__: null }) };
