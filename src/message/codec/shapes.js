'use strict';

/**
 * Shapes: lists of keys that many objects have, in one message and from message to message.
 *
 * To store properties one by one under names that differ from object to object is the dearest part of making an object (25 ns each), and so
 * is to read them that way. So of a shape that is met often either side makes a function that has the names in its text:
 *
 *     Input     the keys 'id' and 'name'
 *     decoder   (d, member) => ({"id": member(d),"name": member(d)})
 *     encoder   (e, object, number, member) => {member(e, object, object["id"], number, "id"); and so on}
 *
 * An engine gives such an object its last map and room for all of its properties at once. The bytes of the keys are kept as well: the
 * encoder copies them and the decoder compares them, so neither looks at each key.
 *
 * Nothing else depends on it: where the platform compiles nothing, or `__proto__` is among the keys, which means something else in a literal,
 * properties are stored and read by their names.
 */

/** Shapes that each side remembers. A power of two. */
const SHAPES = 256;

/** A shape that was met so often gets its function: to make one costs as much as it saves in about so many objects. */
const OFTEN = 64;

/** A shape is forgotten when so many others would have had its place since it was met last. */
const CREDIT = 16;

/** Keys that take more bytes are not remembered. */
const LONGEST = 512;

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createShapes(codec) {
  const { platform, NO_BYTES, NO_KEYS, stringify, Uint8ArrayCtor } = codec;

  class Shape {
    constructor(keys) {
      this.keys = keys;
      /** How the keys stand in messages; nothing of a shape that is not remembered. */
      this.bytes = NO_BYTES;
      this.times = 0;
      this.credit = 0;
      /** The function that was made for it. */
      this.run = null;
      /** Whether assigning defines the properties; the decoder finds it out in each message anew. */
      this.assignable = true;
    }
  }

  const NO_SHAPE = new Shape(NO_KEYS);

  const slotOf = (hash) => (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (SHAPES - 1);

  /** The shapes that one side remembers, by a hash. */
  class Shapes {
    /** @param {(keys: string[]) => string} textOf the text of the function for a shape */
    constructor(textOf) {
      this.textOf = textOf;
      // Made at the first use, so that it is no part of a startup snapshot.
      this.table = null;
    }

    /** The shape that may be meant; the caller compares. */
    find(hash) {
      return this.table === null ? NO_SHAPE : this.table[slotOf(hash)];
    }

    /** Remembers a shape, whose keys stand in `bytes`, unless its place is taken. */
    add(shape, hash, bytes, start, end) {
      if (end - start > LONGEST) return;
      if (this.table === null) {
        this.table = [];
        for (let i = 0; i < SHAPES; i++) this.table[i] = NO_SHAPE;
      }
      const slot = slotOf(hash);
      const there = this.table[slot];
      if (there !== NO_SHAPE && there.credit-- > 0) return;
      shape.bytes = new Uint8ArrayCtor(end - start);
      for (let i = start; i < end; i++) shape.bytes[i - start] = bytes[i];
      this.table[slot] = shape;
    }

    /** A shape was met. */
    meet(shape) {
      shape.credit = CREDIT;
      if (++shape.times === OFTEN && shape.bytes !== NO_BYTES) shape.run = this.compile(shape.keys);
    }

    compile(keys) {
      if (platform.compile === undefined) return null;
      for (let i = 0; i < keys.length; i++) if (keys[i] === '__proto__') return null;
      return platform.compile(this.textOf(keys));
    }
  }

  const textOfReader = (keys) => {
    let text = '(d, member) => ({';
    for (let i = 0; i < keys.length; i++) text += `${stringify(keys[i])}: member(d),`;
    return `${text}})`;
  };

  const textOfWriter = (keys) => {
    let text = '(e, object, number, member) => {';
    for (let i = 0; i < keys.length; i++) {
      const key = stringify(keys[i]);
      text += `member(e, object, object[${key}], number, ${key});`;
    }
    return `${text}}`;
  };

  Object.assign(codec, {
    NO_SHAPE,
    Shape,
    shapesRead: new Shapes(textOfReader),
    shapesWritten: new Shapes(textOfWriter),
  });
};
