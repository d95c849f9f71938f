'use strict';

// Replaces the builtins that call user functions by versions in JavaScript. A task suspends by unwinding its frames,
// and a native builtin's frame cannot be unwound and entered again; these can, once compiled as user code is.
//
// Function.prototype.call and bind stay native: V8 leaves no frame of them, and they run nothing but the function.

const {
  defineProperty,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  IteratorHelperPrototype,
  ownKeys,
} = require('primordials');
const application = require('builtins/application');
const construction = require('builtins/construction');
const array = require('builtins/array');
const collections = require('builtins/collections');
const iterator = require('builtins/iterator');
const iteratorHelper = require('builtins/iterator-helper');
const { parse } = require('builtins/json-parse');
const createStringify = require('builtins/json-stringify');
const { put } = require('builtins/operations');
const regExp = require('builtins/regexp');
const setMethods = require('builtins/set-methods');
const string = require('builtins/string');
const typedArray = require('builtins/typed-array');

/**
 * @param {object} global the realm's global object
 * @param {{ brandOf?: (object: object) => number }} [natives] the kernel's native functions; `connect` fills them later
 * @returns {Function[]} the new methods: Function.prototype.toString must not show their source
 */
function install(global, natives = {}) {
  const methods = [];

  function replace(target, replacements) {
    const keys = ownKeys(replacements);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      const native = getOwnPropertyDescriptor(target, key);
      // A V8 without the method shall not seem to have it.
      if (native === undefined) continue;
      native.value = replacements[key];
      defineProperty(target, key, native);
      put(methods, methods.length, native.value);
    }
  }

  const TypedArray = getPrototypeOf(global.Uint8Array);
  replace(global.Function.prototype, application.functionPrototype);
  replace(global.Reflect, application.reflect);
  replace(global.Reflect, construction.reflect);
  replace(global.Array, array.statics);
  replace(global.Array.prototype, array.prototype);
  replace(TypedArray, typedArray.statics);
  replace(TypedArray.prototype, typedArray.prototype);
  replace(global.Map, collections.mapStatics);
  replace(global.Map.prototype, collections.map);
  replace(global.WeakMap.prototype, collections.weakMap);
  replace(global.Object, collections.objectStatics);
  replace(global.Set.prototype, collections.set);
  replace(global.Set.prototype, setMethods);
  replace(global.String.prototype, string);
  replace(global.RegExp.prototype, regExp);
  replace(global.JSON, { parse, stringify: createStringify(natives) });
  replace(global.Iterator.prototype, iterator.prototype);
  replace(global.Iterator.prototype, iteratorHelper.prototype);
  replace(IteratorHelperPrototype, iteratorHelper.iteratorHelper);
  return methods;
}

module.exports = { install };
