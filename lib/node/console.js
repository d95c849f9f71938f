'use strict';

const { refuseAll } = require('./unavailable/refuse.js');
// A program's own script may have a variable of the name.
const { console } = globalThis;

// What a task's console does not have, it has from now on.
for (const [name, value] of Object.entries(
  refuseAll('console', ['Console', 'context', 'createTask', 'profile', 'profileEnd', 'timeStamp']),
)) {
  console[name] ??= value;
}

module.exports = console;
