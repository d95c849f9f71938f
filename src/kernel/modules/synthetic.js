'use strict';

// What ECMAScript modules see of modules of other kinds: CommonJS, JSON and Node's own.

const { ObjectCreate, ObjectKeys, ArrayIsArray } = require('primordials');
const { stubValues } = require('modules/unavailable');

/**
 * The names that `import` finds in the exports of a CommonJS module. Node guesses them from the text of the module, before it
 * runs; here it has run, so they are the keys that its exports have.
 */
function valuesOf(exports) {
  const stub = stubValues(exports);
  if (stub !== undefined) return stub;
  const values = ObjectCreate(null);
  const isObject = (typeof exports === 'object' && exports !== null) || typeof exports === 'function';
  if (isObject && !ArrayIsArray(exports)) {
    const keys = ObjectKeys(exports);
    for (let i = 0; i < keys.length; i++) {
      try {
        values[keys[i]] = exports[keys[i]];
      } catch {
        values[keys[i]] = undefined;
      }
    }
  }
  values.default = exports;
  values['module.exports'] = exports;
  return values;
}

module.exports = { valuesOf };
