'use strict';

// Decoder: what is added to objects once all of them are there.

const { ADDED, ATTRIBUTES } = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createReadAdditions(codec) {
  const {
    damaged,
    defineProperty,
    deleteProperty,
    getOwnPropertyDescriptor,
    readBodies,
    readByte,
    readCount,
    readValue,
    setPrototypeOf,
    weakMapSet,
    weakSetAdd,
  } = codec;

  function readAdditions(d) {
    for (let kind = readByte(d); kind !== ADDED.END; kind = readByte(d)) {
      const object = readObject(d);
      if (kind === ADDED.OWN) readProperty(d, object);
      else if (kind === ADDED.OF_PROTOTYPE) readProperty(d, object.prototype);
      else if (kind === ADDED.MAP_ENTRY) readEntry(d, object);
      else if (kind === ADDED.SET_ENTRY) weakSetAdd(object, readObject(d));
      else if (kind === ADDED.VALUE) readAdded(d);
      else if (kind === ADDED.CLASS || kind === ADDED.CLASS_OF_ERROR) readClass(d, object, kind);
      else throw damaged('an unknown addition');
    }
  }

  function readObject(d) {
    const number = readCount(d);
    const object = number < d.count ? d.objects[number] : undefined;
    if (object === undefined) throw damaged('a bad reference');
    return object;
  }

  function readClass(d, object, kind) {
    const { prototype } = readObject(d);
    // What stands for a class that is missing here has none.
    if (typeof prototype !== 'object' || prototype === null) return;
    setPrototypeOf(object, prototype);
    // One that tells what class it was; one of its own comes next.
    if (kind === ADDED.CLASS_OF_ERROR) deleteProperty(object, 'name');
  }

  function readProperty(d, object) {
    const attributes = readByte(d);
    d.depth = 1;
    const key = readValue(d);
    const descriptor = {
      __proto__: null,
      enumerable: (attributes & ATTRIBUTES.ENUMERABLE) !== 0,
      configurable: (attributes & ATTRIBUTES.CONFIGURABLE) !== 0,
    };
    if (attributes & ATTRIBUTES.ACCESSOR) {
      descriptor.get = readValue(d);
      descriptor.set = readValue(d);
    } else {
      descriptor.writable = (attributes & ATTRIBUTES.WRITABLE) !== 0;
      descriptor.value = readValue(d);
    }
    readBodies(d);
    // What a class has defined itself for good is there already.
    if (getOwnPropertyDescriptor(object, key)?.configurable !== false) defineProperty(object, key, descriptor);
  }

  function readEntry(d, map) {
    const key = readObject(d);
    weakMapSet(map, key, readAdded(d));
  }

  function readAdded(d) {
    d.depth = 1;
    const value = readValue(d);
    readBodies(d);
    return value;
  }

  Object.assign(codec, { readAdditions });
};
