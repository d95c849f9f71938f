'use strict';

// Kinds of records that a realm posts; `src/message/record.rs` and `lib/inbox.js` have the same numbers.

module.exports = { RESULT: 0, THROWN: 1, FAILURE: 2, UNCAUGHT: 3, STACK: 5, GONE: 8 };
