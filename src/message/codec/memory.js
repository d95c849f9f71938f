'use strict';

// Memory to write to, and to read from.

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createMemory(codec) {
  const { ArrayBufferCtor, DataViewCtor, defineProperty, getOwnPropertyDescriptor, typedArraySet, Uint8ArrayCtor } =
    codec;

  /**
   * A DataView whose methods nobody can replace. Unlike a captured method that is applied to a
   * view, a call of its own method is compiled to a plain memory access.
   */
  class View extends DataViewCtor {
    #own;

    // biome-ignore lint/complexity/noUselessConstructor: the default one may iterate over an array
    constructor(buffer, offset, length) {
      super(buffer, offset, length);
    }

    /** Whether a view is one of these. To ask for its prototype would be a call of the engine's runtime. */
    static isOwn(view) {
      return #own in view;
    }
  }

  for (const key of Reflect.ownKeys(DataView.prototype)) {
    if (key === 'constructor') continue;
    defineProperty(View.prototype, key, getOwnPropertyDescriptor(DataView.prototype, key));
  }

  Object.setPrototypeOf(View.prototype, null);

  const { isOwn: isOwnView } = View;
  const NO_BYTES = new Uint8ArrayCtor(0);
  const NO_VIEW = new View(new ArrayBufferCtor(0));
  const NO_KEYS = [];

  /** Doubles, so that appending is linear; the memory is fresh, so readers keep what they had. */
  function grow(target, need) {
    const least = target.pos + need;
    const doubled = target.capacity * 2;
    const capacity = doubled >= least ? doubled : least + 1024;
    const buffer = new ArrayBufferCtor(capacity);
    const bytes = new Uint8ArrayCtor(buffer);
    typedArraySet(bytes, target.bytes, 0);
    const view = new View(buffer);
    target.bytes = bytes;
    target.view = view;
    target.capacity = capacity;
  }

  /** Memory that messages are appended to. `bytes` and `view` are replaced when it grows. */
  class Writer {
    /** @param {number} [capacity] In bytes, to start with. */
    constructor(capacity = 1024) {
      const buffer = new ArrayBufferCtor(capacity);
      this.bytes = new Uint8ArrayCtor(buffer);
      this.view = new View(buffer);
      this.pos = 0;
      this.capacity = capacity;
    }

    /**
     * Makes room for `n` more bytes.
     * @param {number} n
     */
    reserve(n) {
      if (this.capacity - this.pos < n) grow(this, n);
    }
  }

  Object.assign(codec, { grow, NO_BYTES, NO_KEYS, isOwnView, NO_VIEW, View, Writer });
};
