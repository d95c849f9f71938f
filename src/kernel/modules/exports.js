'use strict';

// Which export of a module a value is: what cannot be sent itself is imported where it is received, from the same module. The names are those
// of `known` in realm.js. The program's main module is none of them: to run it again is not what anybody wants.

const {
  getOwnPropertyDescriptor,
  JSONStringify,
  Map,
  MapPrototypeGet,
  MapPrototypeHas,
  MapPrototypeSet,
  ObjectKeys,
  StringPrototypeIndexOf,
  WeakMap,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} = require('primordials');
const { isObject } = require('promise-operations');

/**
 * @param {{cache: object, state: {main: object | undefined}, placeOfRequire: (fn: Function) => string | undefined}} commonjs
 * @param {{forEachExport: Function}} records
 * @param {{isProxy: (value: unknown) => boolean}} natives
 */
module.exports = function createExports(commonjs, records, natives) {
  /** Names of what was asked for before, by value. */
  const names = new WeakMap();

  function index() {
    const found = new Map();
    const see = (file, name, value) => {
      // A query is no part of a file's name.
      if (!isObject(value) || MapPrototypeHas(found, value) || StringPrototypeIndexOf(file, '\0') >= 0) return;
      MapPrototypeSet(found, value, { file, path: name === undefined ? [] : [name] });
    };
    records.forEachExport(see);
    const { cache, state } = commonjs;
    const files = ObjectKeys(cache);
    for (let i = 0; i < files.length; i++) {
      const module = cache[files[i]];
      if (module === state.main || !module.loaded) continue;
      const { exports } = module;
      see(files[i], undefined, exports);
      if (!isObject(exports) || natives.isProxy(exports)) continue;
      const keys = ObjectKeys(exports);
      for (let j = 0; j < keys.length; j++) {
        // A getter may do anything.
        const { value } = getOwnPropertyDescriptor(exports, keys[j]);
        see(files[i], keys[j], value);
      }
    }
    return found;
  }

  /** What an export is called; nothing for what is none. */
  return function nameOfExport(value) {
    const known = WeakMapPrototypeGet(names, value);
    if (known !== undefined) return known;
    const requireFrom = typeof value === 'function' ? commonjs.placeOfRequire(value) : undefined;
    const found = requireFrom === undefined ? MapPrototypeGet(index(), value) : { requireFrom };
    if (found === undefined) return undefined;
    const name = `module:${JSONStringify(found)}`;
    WeakMapPrototypeSet(names, value, name);
    return name;
  };
};
