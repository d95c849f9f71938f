'use strict';

// The objects that stand for all exports of a module. They look like V8's: no prototype, sorted names, values that are read
// when they are asked for and can be neither assigned nor taken away.

const {
  ArrayPrototypeSort,
  defineProperty,
  getOwnPropertyDescriptor,
  ObjectCreate,
  ObjectIs,
  ObjectKeys,
  ObjectPreventExtensions,
  Proxy,
  ReflectGet,
  SymbolToStringTag,
} = require('primordials');

/** @param {Record<string, () => unknown>} reads without prototype */
function createNamespace(reads) {
  const target = ObjectCreate(null);
  const names = ArrayPrototypeSort(ObjectKeys(reads));
  for (let i = 0; i < names.length; i++) {
    defineProperty(target, names[i], {
      __proto__: null,
      value: undefined,
      writable: true,
      enumerable: true,
      configurable: false,
    });
  }
  defineProperty(target, SymbolToStringTag, {
    __proto__: null,
    value: 'Module',
    writable: false,
    enumerable: false,
    configurable: false,
  });
  ObjectPreventExtensions(target);
  const describe = (key) => {
    const read = reads[key];
    if (read === undefined) return undefined;
    return { __proto__: null, value: read(), writable: true, enumerable: true, configurable: false };
  };
  return new Proxy(target, {
    __proto__: null,
    get(_, key) {
      if (typeof key === 'symbol') return ReflectGet(target, key);
      const read = reads[key];
      return read === undefined ? undefined : read();
    },
    getOwnPropertyDescriptor: (_, key) =>
      typeof key === 'symbol' ? getOwnPropertyDescriptor(target, key) : describe(key),
    set: () => false,
    defineProperty(_, key, wanted) {
      const known = typeof key === 'symbol' ? getOwnPropertyDescriptor(target, key) : describe(key);
      if (known === undefined || wanted.get !== undefined || wanted.set !== undefined) return false;
      if (wanted.configurable === true || (wanted.enumerable ?? known.enumerable) !== known.enumerable) return false;
      if ((wanted.writable ?? known.writable) !== known.writable) return false;
      return !('value' in wanted) || ObjectIs(wanted.value, known.value);
    },
    setPrototypeOf: (_, prototype) => prototype === null,
  });
}

module.exports = { createNamespace };
