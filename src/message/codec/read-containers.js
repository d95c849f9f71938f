'use strict';

// Decoder: what arrays, maps and sets hold; properties by their keys.

const { ABSENT, ARRAY_NAMED, DOUBLE_RUN, HOLE_RUN, HOLES, INT_RUN, SMALL_ARRAY, SPARSE } = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createReadContainers(codec) {
  const {
    damaged,
    defineProperty,
    deleteProperty,
    mapSet,
    mapSize,
    readBoundedCount,
    readByte,
    readKey,
    readUint32,
    readValue,
    setAdd,
    setSize,
    skip,
    viewOf,
  } = codec;

  function define(object, key, value, enumerable) {
    defineProperty(object, key, {
      __proto__: null,
      value,
      writable: true,
      enumerable,
      configurable: true,
    });
  }

  function readKeyedProperties(d, object, enumerable) {
    const length = readBoundedCount(d);
    const keys = [];
    for (let i = 0; i < length; i++) keys[i] = readKey(d, true);
    for (let i = 0; i < length; i++) {
      if (d.bytes[d.pos] === ABSENT) skip(d, 1);
      else define(object, keys[i], readValue(d), enumerable);
    }
  }

  function readSmallArrayInto(d, length, array) {
    if (length > SMALL_ARRAY) throw damaged('a bad length');
    for (let i = 0; i < length; i++) {
      if (d.bytes[d.pos] === HOLES) {
        readHoles(d);
        array.length = i + 1;
      } else {
        array[i] = readValue(d);
      }
    }
  }

  function readArrayInto(d, tag, length, array) {
    if (length > 0xffffffff) throw damaged('a bad length');
    readElements(d, array, length);
    const present = array.length;
    if (length - present > 1024 && length > present * 4) {
      // An element far out makes the engine store the array as a dictionary, where it would
      // allocate the whole length if that were set.
      array[length - 1] = undefined;
      deleteProperty(array, length - 1);
    } else if (length !== present) {
      array.length = length;
    }
    if (tag === ARRAY_NAMED) readKeyedProperties(d, array, true);
  }

  function readHoles(d) {
    d.pos++;
    const count = readByte(d);
    if (count === 0 || count > HOLE_RUN) throw damaged('bad holes');
    return count;
  }

  function readElements(d, array, length) {
    for (let i = 0; i < length; ) {
      const tag = d.bytes[d.pos];
      if (tag === DOUBLE_RUN || tag === INT_RUN) {
        i = readNumbers(d, tag, array, i, length);
      } else if (tag === HOLES) {
        i += readHoles(d);
      } else if (tag === SPARSE) {
        readSparse(d, array, i, length);
        return;
      } else {
        array[i++] = readValue(d);
      }
    }
  }

  function readNumbers(d, tag, array, index, length) {
    d.pos++;
    const count = readUint32(d);
    if (count === 0 || count > length - index) throw damaged('a bad run');
    const view = viewOf(d);
    const end = index + count;
    if (tag === INT_RUN) {
      let pos = skip(d, count * 4);
      for (let i = index; i < end; i++, pos += 4) array[i] = view.getInt32(pos, true);
    } else {
      let pos = skip(d, count * 8);
      for (let i = index; i < end; i++, pos += 8) array[i] = view.getFloat64(pos, true);
    }
    return end;
  }

  function readSparse(d, array, start, length) {
    d.pos++;
    let count = readUint32(d);
    for (let next = start; count > 0; count--) {
      const index = readUint32(d);
      if (index < next || index >= length) throw damaged('a bad index');
      array[index] = readValue(d);
      next = index + 1;
    }
  }

  function readMapInto(d, map) {
    const length = readBoundedCount(d);
    for (let i = 0; i < length; i++) {
      const key = readValue(d);
      mapSet(map, key, readValue(d));
    }
    if (mapSize(map) !== length) throw damaged('a key occurs twice');
  }

  function readSetInto(d, set) {
    const length = readBoundedCount(d);
    for (let i = 0; i < length; i++) setAdd(set, readValue(d));
    if (setSize(set) !== length) throw damaged('an item occurs twice');
  }

  Object.assign(codec, {
    define,
    readArrayInto,
    readKeyedProperties,
    readMapInto,
    readSetInto,
    readSmallArrayInto,
  });
};
