'use strict';

// Encoder: arrays, with runs of numbers, and holes.

const {
  ARRAY,
  ARRAY_NAMED,
  ARRAY_SMALL,
  DOUBLE_RUN,
  HOLE_RUN,
  HOLES,
  INT_RUN,
  isIndex,
  namedOf,
  NUMBER_RUN,
  NUMBERS_BEFORE_RUN,
  SMALL_ARRAY,
  SPARSE,
} = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createWriteArrays(codec) {
  const {
    platform,
    addObject,
    grow,
    hasOwn,
    isInt32,
    LAST_INDEX,
    NO_KEYS,
    objectKeys,
    writeCount,
    writeKeyedProperties,
    writeNumber,
    writeTag,
    writeValue,
  } = codec;

  function writeArray(e, array, number) {
    const length = array.length;
    let named = null;
    const isBare = platform.isBare?.(array) === true;
    if (length <= SMALL_ARRAY) {
      const keys = isBare ? NO_KEYS : objectKeys(array);
      // So many keys that end in the last index can only be all the indices.
      if (isBare || (keys.length === length && (length === 0 || keys[length - 1] === LAST_INDEX[length]))) {
        writeTag(e, ARRAY_SMALL + length);
        for (let i = 0; i < length; i++) writeElement(e, array, i, array[i], number);
        return;
      }
      named = namedOf(keys);
    } else if (!isBare) {
      named = platform.namedKeys === undefined ? namedOf(objectKeys(array)) : platform.namedKeys(array);
    }
    writeTag(e, named === null ? ARRAY : ARRAY_NAMED);
    writeCount(e, length);
    writeElements(e, array, length, number);
    if (named !== null) writeKeyedProperties(e, array, number, named);
  }

  /** An array that has nothing but elements, as the root of a message. */
  function writeList(e, list) {
    const length = list.length;
    const number = addObject(e, list, -1, null);
    if (length <= SMALL_ARRAY) writeTag(e, ARRAY_SMALL + length);
    else {
      writeTag(e, ARRAY);
      writeCount(e, length);
    }
    e.depth++;
    if (length <= SMALL_ARRAY) for (let i = 0; i < length; i++) writeValue(e, list[i], number, i);
    else writeElements(e, list, length, number);
    e.depth--;
  }

  function writeElement(e, array, index, value, number) {
    if (value === undefined && !hasOwn(array, index)) {
      if (e.capacity - e.pos < 2) grow(e, 2);
      e.bytes[e.pos] = HOLES;
      e.bytes[e.pos + 1] = 1;
      e.pos += 2;
    } else {
      writeValue(e, value, number, index);
    }
  }

  function writeElements(e, array, length, number) {
    let numbers = NUMBERS_BEFORE_RUN;
    for (let i = 0; i < length; ) {
      const value = array[i];
      if (typeof value === 'number') {
        if (numbers === NUMBERS_BEFORE_RUN) {
          i = writeNumbers(e, array, i, length, value, number);
          numbers = 0;
        } else {
          writeNumber(e, value);
          numbers++;
          i++;
        }
        continue;
      }
      numbers = 0;
      if (value !== undefined || hasOwn(array, i)) {
        writeValue(e, value, number, i);
        i++;
        continue;
      }
      const start = i++;
      while (i < length && i - start < HOLE_RUN && !hasOwn(array, i)) i++;
      if (i - start === HOLE_RUN) {
        writeSparse(e, array, start, number);
        return;
      }
      writeTag(e, HOLES);
      writeTag(e, i - start);
    }
  }

  /**
   * Writes a run of numbers that starts with `value` at `index`, and the element that ends it: no
   * element may be read twice, since it may be a getter. Returns the index after that.
   */
  function writeNumbers(e, array, index, length, value, number) {
    const limit = length - index > NUMBER_RUN ? index + NUMBER_RUN : length;
    if (e.capacity - e.pos < 5 + (limit - index) * 8) grow(e, 5 + (limit - index) * 8);
    const { bytes, view, pos: start } = e;
    const first = start + 5;
    let i = index;
    let pos = first;
    bytes[start] = INT_RUN;
    while (typeof value === 'number' && isInt32(value)) {
      view.setInt32(pos, value, true);
      pos += 4;
      if (++i === limit) break;
      value = array[i];
    }
    if (i < limit && typeof value === 'number') {
      // A double after all: the integers become doubles, from the last one on, in place.
      bytes[start] = DOUBLE_RUN;
      for (let k = i - index - 1; k >= 0; k--) {
        view.setFloat64(first + k * 8, view.getInt32(first + k * 4, true), true);
      }
      pos = first + (i - index) * 8;
      do {
        view.setFloat64(pos, value, true);
        pos += 8;
        if (++i === limit) break;
        value = array[i];
      } while (typeof value === 'number');
    }
    view.setUint32(start + 1, i - index, true);
    e.pos = pos;
    if (i === limit) return i;
    writeElement(e, array, i, value, number);
    return i + 1;
  }

  function writeSparse(e, array, start, number) {
    const keys = objectKeys(array);
    if (e.capacity - e.pos < 5) grow(e, 5);
    e.bytes[e.pos] = SPARSE;
    const countAt = e.pos + 1;
    e.pos += 5;
    let count = 0;
    for (let i = 0; i < keys.length && isIndex(keys[i]); i++) {
      const index = keys[i] >>> 0;
      if (index < start) continue;
      const value = array[index];
      if (value === undefined && !hasOwn(array, index)) continue;
      if (e.capacity - e.pos < 4) grow(e, 4);
      e.view.setUint32(e.pos, index, true);
      e.pos += 4;
      writeValue(e, value, number, index);
      count++;
    }
    e.view.setUint32(countAt, count, true);
  }

  Object.assign(codec, { writeArray, writeList });
};
