'use strict';

// Memory that programs make larger: V8 takes it from the system without asking whether the isolate may have it, and gives the isolate up
// where it grows by very much in one step. So the isolate is asked first (`src/isolate/outside.rs`); what it may not have is a RangeError.
//
// Memory that threads share is V8's own for all isolates: each piece is bounded by itself, not their sum. What an instance of WebAssembly
// begins with, and its instruction `memory.grow`, nobody is asked about: where these go beyond the limit, the isolate is given up.

const { BRAND } = require('codec');
const {
  ArrayBuffer,
  call,
  defineProperty,
  getOwnPropertyDescriptor,
  globalThis,
  Number,
  RangeError,
  uncurryThis,
} = require('primordials');

/** Bytes of a page of WebAssembly. */
const PAGE = 65536;

module.exports = function createGrowth(natives) {
  /** V8's own. */
  const native = { resize: undefined, growShared: undefined, growMemory: undefined };
  const getters = { length: undefined, sharedLength: undefined, buffer: undefined };

  function check(bytes, what) {
    if (bytes > 0 && !natives.mayGrow(bytes)) throw new RangeError(`${what}: the isolate may not have so much memory`);
  }

  // What programs see in place of V8's own. Numbers are converted once, since programs may see that.
  const { resize } = {
    resize(newLength) {
      if (natives.brandOf(this) !== BRAND.ARRAY_BUFFER) return call(native.resize, this, newLength);
      const length = +newLength;
      check(length - getters.length(this), 'ArrayBuffer.prototype.resize');
      return call(native.resize, this, length);
    },
  };
  const { grow: growShared } = {
    grow(newLength) {
      if (natives.brandOf(this) !== BRAND.SHARED_ARRAY_BUFFER) return call(native.growShared, this, newLength);
      const length = +newLength;
      if (length > getters.sharedLength(this)) check(length, 'SharedArrayBuffer.prototype.grow');
      return call(native.growShared, this, length);
    },
  };
  const { grow: growMemory } = {
    grow(delta) {
      const buffer = getters.buffer(this);
      // Of a memory with 64 bits it is a BigInt.
      const pages = typeof delta === 'bigint' ? delta : +delta;
      const more = Number(pages) * PAGE;
      const isShared = natives.brandOf(buffer) === BRAND.SHARED_ARRAY_BUFFER;
      if (more > 0) check(isShared ? getters.sharedLength(buffer) + more : more, 'WebAssembly.Memory.grow()');
      return call(native.growMemory, this, pages);
    },
  };

  function replace(prototype, name, method) {
    const descriptor = getOwnPropertyDescriptor(prototype, name);
    const { value } = descriptor;
    defineProperty(prototype, name, { ...descriptor, value: method });
    return value;
  }

  const getter = (prototype, name) => uncurryThis(getOwnPropertyDescriptor(prototype, name).get);

  getters.length = getter(ArrayBuffer.prototype, 'byteLength');
  native.resize = replace(ArrayBuffer.prototype, 'resize', resize);

  return {
    functions: [resize, growShared, growMemory],
    /** Puts those in their places that V8 has not made before it makes a realm, as in the rehearsal for the snapshot. */
    install() {
      const { SharedArrayBuffer, WebAssembly } = globalThis;
      if (SharedArrayBuffer === undefined) return;
      getters.sharedLength = getter(SharedArrayBuffer.prototype, 'byteLength');
      native.growShared = replace(SharedArrayBuffer.prototype, 'grow', growShared);
      getters.buffer = getter(WebAssembly.Memory.prototype, 'buffer');
      native.growMemory = replace(WebAssembly.Memory.prototype, 'grow', growMemory);
    },
  };
};
