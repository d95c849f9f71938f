'use strict';

// Encoder: what is added to objects once all of them are there. That are properties which are more than names and values, entries of weak
// collections, and the classes of instances. Only what functions capture has such.

const { ADDED, BRAND, isIndex } = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createAdditions(codec) {
  const {
    getOwnPropertyDescriptor,
    getOwnPropertySymbols,
    hasOwn,
    lookupGetter,
    lookupSetter,
    objectKeys,
    StringCtor,
    uncloneable,
    weakMapHas,
    weakSetHas,
  } = codec;

  /** Takes note of a property that is defined with these attributes. */
  function addProperty(e, kind, number, key, descriptor, brings = false) {
    const { within } = e;
    if (e.additions === null) e.additions = [];
    e.additions[e.additions.length] = { kind, number, key, descriptor, brings, within };
  }

  /** Whether there is an accessor among own properties. Descriptors would say so, too, and take five times as long. */
  function hasAccessor(object, keys) {
    for (let i = 0; i < keys.length; i++) {
      if (lookupGetter(object, keys[i]) !== undefined || lookupSetter(object, keys[i]) !== undefined) return true;
    }
    return false;
  }

  /** Takes note of an accessor of a captured object; whether it is one. */
  function addAccessor(e, object, number, key) {
    const descriptor = getOwnPropertyDescriptor(object, key);
    if (descriptor === undefined || hasOwn(descriptor, 'value') || isExport(descriptor)) return false;
    addProperty(e, ADDED.OWN, number, key, descriptor);
    return true;
  }

  /** Whether an accessor is there for good: so compilers and bundlers define what a module exports, of which the value is meant. */
  const isExport = ({ configurable, set }) => !configurable && set === undefined;

  /** Takes note of what a captured object has under symbols. */
  function addSymbols(e, object, number) {
    const symbols = getOwnPropertySymbols(object);
    for (let i = 0; i < symbols.length; i++) addSymbol(e, object, number, symbols[i]);
  }

  function addSymbol(e, object, number, key) {
    let descriptor = getOwnPropertyDescriptor(object, key);
    // A getter may have deleted it.
    if (descriptor === undefined) return;
    const isData = hasOwn(descriptor, 'value');
    if (e.within.symbolName(key) === undefined) {
      // No code that arrives can name it, so that data is not missed. A method is what somebody counts on.
      if (isData && typeof descriptor.value !== 'function') return;
      const fix = 'take one that all realms have, as Symbol.for gives it, or a name';
      throw uncloneable(e, number, StringCtor(key), "a member under a symbol of the program's own", fix);
    }
    if (!isData && isExport(descriptor)) {
      const { configurable, enumerable } = descriptor;
      descriptor = { __proto__: null, value: object[key], configurable, enumerable, writable: false };
    }
    addProperty(e, ADDED.OWN, number, key, descriptor);
  }

  const ANY_KEY = {};

  /** What a weak collection is called; nothing for a reference. */
  function weakName(object) {
    try {
      weakMapHas(object, ANY_KEY);
      return 'WeakMap';
    } catch {
      // It may be the other one.
    }
    try {
      weakSetHas(object, ANY_KEY);
      return 'WeakSet';
    } catch {
      return undefined;
    }
  }

  /** Takes note of a weak collection. */
  function addWeak(e, object, number, name) {
    if (e.weak === null) e.weak = [];
    e.weak[e.weak.length] = { object, number, isMap: name === 'WeakMap', within: e.within, seen: 0 };
  }

  /** Takes note of an instance of a class that may be captured as well; `brand` says what it is without it. */
  function addInstance(e, object, number, brand) {
    const { within } = e;
    const made = within.classOf(object);
    if (made === undefined) return;
    if (e.instances === null) e.instances = [];
    e.instances[e.instances.length] = { made, object, number, brand, within };
  }

  /** Takes note of what an instance has itself that is not written with what it is without its class. */
  function addFields(e, object, number, brand) {
    if (brand === BRAND.PLAIN || brand === BRAND.ARRAY) return;
    if (brand === BRAND.ERROR) addField(e, object, number, 'name');
    else {
      const keys = objectKeys(object);
      for (let i = 0; i < keys.length; i++) if (!isIndex(keys[i])) addField(e, object, number, keys[i]);
    }
    addSymbols(e, object, number);
  }

  function addField(e, object, number, key) {
    const descriptor = getOwnPropertyDescriptor(object, key);
    if (descriptor !== undefined) addProperty(e, ADDED.OWN, number, key, descriptor);
  }

  const hasAdditions = (e) => e.additions !== null || e.weak !== null || e.instances !== null;

  Object.assign(codec, {
    addAccessor,
    addFields,
    addInstance,
    addProperty,
    addSymbols,
    addWeak,
    hasAccessor,
    hasAdditions,
    weakName,
  });
};
