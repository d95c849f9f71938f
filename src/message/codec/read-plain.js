'use strict';

// Decoder: plain objects, see `shapes.js`.

const { ABSENT, KEY_IS_VALUE, OBJECT_SMALL, SHAPE, SHAPE_MAX_KEYS, SHAPE_SLOTS } = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createReadPlain(codec) {
  const {
    damaged,
    define,
    deleteProperty,
    enter,
    keep,
    NO_SHAPE,
    ObjectPrototype,
    readBoundedCount,
    readKey,
    readValue,
    Shape,
    shapesRead,
    skip,
  } = codec;

  /** What stands for the value of a property that was deleted, until it is deleted here. */
  const ABSENCE = { __proto__: null };

  function readPlain(d, tag) {
    const shape = readShape(d, tag);
    // A function of the shape's makes the object after its values, which could not refer to it then.
    if (shape.run !== null && d.objects === null) {
      enter(d);
      const object = make(d, shape);
      d.depth--;
      return object;
    }
    const object = {};
    keep(d, object);
    enter(d);
    readMembersInto(d, shape, object);
    d.depth--;
    return object;
  }

  function readPlainInto(d, tag, object) {
    readMembersInto(d, readShape(d, tag), object);
  }

  /** Reads which keys an object has; its values are next. */
  function readShape(d, tag) {
    if (tag >= OBJECT_SMALL) return tag === OBJECT_SMALL ? NO_SHAPE : readKeys(d, tag - OBJECT_SMALL);
    if (tag < SHAPE) return readKeys(d, readBoundedCount(d));
    const slot = tag - SHAPE;
    if (slot >= d.shapeCount) throw damaged('an unknown shape');
    const shape = d.shapes[slot];
    shapesRead.meet(shape);
    return shape;
  }

  function readKeys(d, count) {
    if (count > SHAPE_MAX_KEYS || count === 0) return newShape(d, count);
    let shape = recognize(d, count);
    if (shape !== null) {
      shapesRead.meet(shape);
      if (shape.run === null) shape.assignable = isAssignable(shape.keys);
    } else {
      const start = d.pos;
      shape = newShape(d, count);
      if (hash !== -1) shapesRead.add(shape, hash, d.bytes, start, d.pos);
    }
    d.shapes[d.shapeCount++ & (SHAPE_SLOTS - 1)] = shape;
    return shape;
  }

  function newShape(d, count) {
    const keys = [];
    for (let i = 0; i < count; i++) keys[i] = readKey(d, count <= SHAPE_MAX_KEYS);
    const shape = new Shape(keys);
    shape.assignable = isAssignable(keys);
    return shape;
  }

  /** Whether there is neither `__proto__` nor the name of a setter that someone has put on Object.prototype. */
  function isAssignable(keys) {
    for (let i = 0; i < keys.length; i++) if (keys[i] in ObjectPrototype) return false;
    return true;
  }

  /** The hash of the keys that `recognize` has looked at; -1 where they are not to be remembered. */
  let hash = -1;

  /** The shape with the keys that are next, if it is known; they are read then. */
  function recognize(d, count) {
    const { bytes, end, pos: start } = d;
    let pos = start;
    let sum = count;
    hash = -1;
    for (let i = 0; i < count; i++) {
      // A value follows at least.
      if (pos >= end) return null;
      const length = bytes[pos];
      const last = pos + length;
      if (length >= KEY_IS_VALUE || last + 1 >= end) return null;
      sum = (sum * 31 + length + (bytes[pos + 1] << 4) + (bytes[last] << 10)) & 0xfffffff;
      pos = last + 1;
    }
    hash = sum;
    const shape = shapesRead.find(sum);
    const known = shape.bytes;
    if (shape.keys.length !== count || known.length !== pos - start) return null;
    for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return null;
    d.pos = pos;
    return shape;
  }

  function make(d, shape) {
    const outer = d.absent;
    d.absent = 0;
    const object = shape.run(d, readMember);
    if (d.absent > 0) removeAbsent(object, shape.keys);
    d.absent = outer;
    return object;
  }

  function readMember(d) {
    if (d.bytes[d.pos] !== ABSENT) return readValue(d);
    skip(d, 1);
    d.absent++;
    return ABSENCE;
  }

  function removeAbsent(object, keys) {
    for (let i = 0; i < keys.length; i++) if (object[keys[i]] === ABSENCE) deleteProperty(object, keys[i]);
  }

  function readMembersInto(d, { keys, assignable }, object) {
    const bytes = d.bytes;
    for (let i = 0; i < keys.length; i++) {
      if (bytes[d.pos] === ABSENT) skip(d, 1);
      else if (assignable) object[keys[i]] = readValue(d);
      else define(object, keys[i], readValue(d), true);
    }
  }

  Object.assign(codec, { readPlain, readPlainInto });
};
