'use strict';

// Encoder: plain objects, see `shapes.js`.

const { ABSENT, OBJECT, OBJECT_SMALL, SHAPE, SHAPE_MAX_KEYS, SHAPE_SLOTS, UNDEFINED } = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createWritePlain(codec) {
  const {
    addAccessor,
    charCodeAt,
    grow,
    hasAccessor,
    hasOwn,
    objectKeys,
    Shape,
    shapesWritten,
    writeCount,
    writeKey,
    writeTag,
    writeValue,
  } = codec;

  function writePlain(e, object, number) {
    const keys = objectKeys(object);
    const count = keys.length;
    if (count === 0 || count > SHAPE_MAX_KEYS) {
      writeHead(e, count);
      writeKeys(e, keys);
      if (keepsAccessors(e, object, keys)) writeCaptured(e, object, number, keys);
      else writeProperties(e, object, number, keys);
      return;
    }
    let shape;
    const slot = slotOf(e, keys, count);
    if (slot !== -1) {
      shape = e.shapes[slot];
      writeTag(e, SHAPE + slot);
    } else {
      writeHead(e, count);
      shape = writeShape(e, keys, count);
      e.shapes[e.shapeCount++ & (SHAPE_SLOTS - 1)] = shape;
    }
    shapesWritten.meet(shape);
    if (keepsAccessors(e, object, keys)) writeCaptured(e, object, number, keys);
    else if (shape.run !== null) shape.run(e, object, number, writeMember);
    else writeProperties(e, object, number, keys);
  }

  /** Whether accessors of an object are more than their values. */
  const keepsAccessors = (e, object, keys) => e.within !== null && hasAccessor(object, keys);

  /** The same for a captured object with accessors. One is defined at the end, in the place that it has here. */
  function writeCaptured(e, object, number, keys) {
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (addAccessor(e, object, number, key)) writeTag(e, UNDEFINED);
      else writeMember(e, object, object[key], number, key);
    }
  }

  /** The slot of an earlier object's equal list of keys, else -1. */
  function slotOf(e, keys, count) {
    const { shapes } = e;
    for (let slot = 0; slot < SHAPE_SLOTS && slot < e.shapeCount; slot++) {
      if (isSame(shapes[slot].keys, keys, count)) return slot;
    }
    return -1;
  }

  function isSame(known, keys, count) {
    if (known.length !== count) return false;
    for (let i = 0; i < count; i++) if (known[i] !== keys[i]) return false;
    return true;
  }

  function writeHead(e, count) {
    if (count < 16) writeTag(e, OBJECT_SMALL + count);
    else {
      writeTag(e, OBJECT);
      writeCount(e, count);
    }
  }

  /** Writes keys that are the first of their kind in the message. */
  function writeShape(e, keys, count) {
    const hash = hashOf(keys, count);
    const known = shapesWritten.find(hash);
    if (isSame(known.keys, keys, count)) {
      writeBytes(e, known.bytes);
      return known;
    }
    const shape = new Shape(keys);
    const start = e.pos;
    writeKeys(e, keys);
    shapesWritten.add(shape, hash, e.bytes, start, e.pos);
    return shape;
  }

  /** All characters would take longer than the comparison that follows. */
  function hashOf(keys, count) {
    let hash = count;
    for (let i = 0; i < count; i++) hash = (hash * 31 + keys[i].length) & 0xfffffff;
    const first = keys[0];
    const last = keys[count - 1];
    if (first.length > 0) hash += charCodeAt(first, 0) << 4;
    return last.length > 0 ? hash + (charCodeAt(last, last.length - 1) << 10) : hash;
  }

  function writeBytes(e, known) {
    const { length } = known;
    if (e.capacity - e.pos < length) grow(e, length);
    const { bytes, pos } = e;
    for (let i = 0; i < length; i++) bytes[pos + i] = known[i];
    e.pos = pos + length;
  }

  function writeKeys(e, keys) {
    for (let i = 0; i < keys.length; i++) writeKey(e, keys[i]);
  }

  /** The values of properties whose keys were written. */
  function writeProperties(e, object, number, keys) {
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      writeMember(e, object, object[key], number, key);
    }
  }

  function writeMember(e, object, value, number, key) {
    // A getter may have deleted what comes after it, and then this is the prototype's.
    if ((value === undefined || typeof value === 'function') && !hasOwn(object, key)) writeTag(e, ABSENT);
    else writeValue(e, value, number, key);
  }

  function writeKeyedProperties(e, object, number, keys) {
    writeCount(e, keys.length);
    writeKeys(e, keys);
    writeProperties(e, object, number, keys);
  }

  Object.assign(codec, { writeKeyedProperties, writePlain, writeProperties });
};
