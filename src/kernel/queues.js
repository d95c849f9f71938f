'use strict';

// The queues of the scheduler: rings that grow.

const {
  Array,
  ArrayFrom,
  ArrayIteratorPrototype,
  ArrayIteratorPrototypeNext,
  ArrayPrototype,
  ArrayPrototypeValues,
  call,
  construct,
  getOwnPropertyDescriptor,
  MathClz32,
  ObjectHasOwn,
  SymbolIterator,
} = require('primordials');
const { slice } = require('slice');

/** What rings have that are empty yet. */
const NOTHING = [];

const four = () => [undefined, undefined, undefined, undefined];

const sixteen = () => {
  const u = undefined;
  return [u, u, u, u, u, u, u, u, u, u, u, u, u, u, u, u];
};

/** How long a ring may be to be kept while it is empty; see `trim`. */
const ROOM = 1024;

/** Longer arrays than this cannot be made of so many arguments on every stack. */
const MOST_ARGUMENTS = 4096;

/** Longer arrays than this are not kept to be copied. */
const MOST_KEPT = 2 ** 18;

/** An array of `undefined` for each power of two up to `MOST_KEPT`, once it was needed. */
const templates = [...sixteen(), undefined];

/** An array of `undefined`. Those of up to `MOST_ARGUMENTS` are to V8 of one kind with the literals above. */
function made(length) {
  const like = { __proto__: null, length };
  return length <= MOST_ARGUMENTS ? construct(Array, like) : call(ArrayFrom, Array, like);
}

const has = (object, key, value) => {
  const property = getOwnPropertyDescriptor(object, key);
  return property !== undefined && ObjectHasOwn(property, 'value') && property.value === value;
};

/**
 * The same, its length a power of two. V8 takes ten times as long to make one as to copy it, which it does where iterating arrays is still
 * the language's own.
 */
function filled(length) {
  if (length > MOST_KEPT) return made(length);
  const at = 31 - MathClz32(length);
  templates[at] ??= made(length);
  const isCopied =
    has(ArrayPrototype, SymbolIterator, ArrayPrototypeValues) &&
    has(ArrayIteratorPrototype, 'next', ArrayIteratorPrototypeNext);
  return isCopied ? [...templates[at]] : made(length);
}

/** A ring that grows; its size is a power of two, or nothing. */
class Ring {
  constructor() {
    this.items = NOTHING;
    this.first = 0;
    this.length = 0;
    /** The slice in which it got its array. */
    this.madeIn = 0;
  }

  /**
   * Room for one more. An empty ring gets another array once in a slice, which is as young as what will stand in it; see slice.js. A long
   * one becomes short by that.
   * @param {() => unknown[]} least makes what it is where there was nothing
   */
  makeRoom(least) {
    const { items, length } = this;
    if (length === 0 && items !== NOTHING && this.madeIn !== slice.number) {
      this.madeIn = slice.number;
      this.first = 0;
      this.items = items.length === 4 ? four() : sixteen();
    } else if (length === items.length) this.grow(least);
  }

  /** Without holes: what is put into one goes to a setter, where a program has given `Array.prototype` some. */
  grow(least) {
    const { items, first, length } = this;
    const grown = length === 0 ? least() : filled(length * 2);
    for (let i = 0; i < length; i++) grown[i] = items[(first + i) & (length - 1)];
    this.items = grown;
    this.first = 0;
  }
}

class Queue extends Ring {
  push(item) {
    this.makeRoom(sixteen);
    this.items[(this.first + this.length++) & (this.items.length - 1)] = item;
  }

  shift() {
    const item = this.items[this.first];
    this.items[this.first] = undefined;
    this.first = (this.first + 1) & (this.items.length - 1);
    this.length--;
    return item;
  }

  /** Puts an item before all others. */
  unshift(item) {
    this.makeRoom(sixteen);
    this.first = (this.first - 1) & (this.items.length - 1);
    this.items[this.first] = item;
    this.length++;
  }

  /** Takes the last item. */
  pop() {
    const at = (this.first + --this.length) & (this.items.length - 1);
    const item = this.items[at];
    this.items[at] = undefined;
    return item;
  }

  /** The oldest item. */
  peek() {
    return this.items[this.first];
  }

  /** The newest item. */
  peekLast() {
    return this.items[(this.first + this.length - 1) & (this.items.length - 1)];
  }

  each(action) {
    const { items, length, first } = this;
    for (let i = 0; i < length; i++) action(items[(first + i) & (items.length - 1)]);
  }

  clear() {
    while (this.length > 0) this.shift();
  }

  /** Gives the memory of an empty one away, if that is long: for those that mostly are short. */
  trim() {
    if (this.items.length > ROOM) this.items = NOTHING;
    this.first = 0;
  }
}

/** In the place of a job's function: its context, the function, and a list of its arguments follow. */
const IN_CONTEXT = () => {};

/**
 * What a task has to do, in order: calls that are yet to be made (a function and three arguments), and fibers that go on,
 * with `null` in the place of the function. A call becomes a fiber only if it is suspended, since most never are.
 */
class Jobs extends Ring {
  push(fn, a, b, c) {
    this.makeRoom(four);
    const { items } = this;
    const at = (this.first + this.length) & (items.length - 1);
    items[at] = fn;
    items[at + 1] = a;
    items[at + 2] = b;
    items[at + 3] = c;
    this.length += 4;
  }

  /** Lets the call that was to be given `second` as its second argument be one of `fn` with that alone. */
  replace(second, fn) {
    const { items, first, length } = this;
    for (let i = 0; i < length; i += 4) {
      const at = (first + i) & (items.length - 1);
      if (items[at] === IN_CONTEXT && items[at + 3][1] === second) {
        items[at + 2] = fn;
        items[at + 3] = [second];
        return;
      }
      if (items[at] !== null && items[at + 2] === second) {
        items[at] = fn;
        items[at + 1] = second;
        items[at + 2] = undefined;
        return;
      }
    }
  }

  /** Has a fiber go on before all else. */
  unshift(fiber) {
    this.makeRoom(four);
    this.first = (this.first - 4) & (this.items.length - 1);
    this.items[this.first] = null;
    this.items[this.first + 1] = fiber;
    this.length += 4;
  }

  /** Drops the oldest entry, which has been read. */
  drop() {
    const { items, first } = this;
    items[first] = items[first + 1] = items[first + 2] = items[first + 3] = undefined;
    this.first = (first + 4) & (items.length - 1);
    this.length -= 4;
  }
}

module.exports = { IN_CONTEXT, Jobs, Queue };
