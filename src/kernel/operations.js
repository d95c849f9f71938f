'use strict';

// What compiled code uses of the kernel (src/compiler/coroutine/mod.rs has the list). `snapshot.rs` makes these properties
// constants of the realm before anything compiled is loaded.

const realm = require('realm');
const { createSuppression, resourceOf } = require('disposables');
const { KILL, leave, RETURN } = require('leaving');
const createScheduler = require('scheduler');
const { SUSPENDED } = require('suspended');
const {
  call,
  defineProperty,
  getOwnPropertyDescriptor,
  ownKeys,
  uncurryThis,
  ArrayIsArray,
  ArrayIteratorPrototype,
  ArrayIteratorPrototypeNext,
  ArrayPrototype,
  ArrayPrototypeValues,
  IteratorPrototypeIterator,
  MapPrototypeIterator,
  Object,
  Proxy,
  ReferenceError,
  SetPrototypeIterator,
  String,
  SymbolIterator,
  TypeError,
} = require('primordials');

const { natives } = realm.internals;
const scheduler = createScheduler(natives, realm.internals.settings);

/** Defines a property, where an assignment would find setters that a program gave to the prototypes. */
function define(object, key, value) {
  defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

/** Iterates an array as the language does, whatever a program has made of that. */
function elements() {
  let index = 0;
  const next = () => (index < this.length ? { value: this[index++], done: false } : { value: undefined, done: true });
  return { __proto__: null, next };
}

/** In V8's words. */
function notIterable(value) {
  const what = typeof value === 'object' || typeof value === 'function' ? '' : ` ${String(value)}`;
  return new TypeError(`${typeof value}${what} is not iterable (cannot read property Symbol(Symbol.iterator))`);
}

/** What stands for something that is called and cannot be (src/compiler/coroutine/said.rs). */
const noCall = (text) => () => {
  throw new TypeError(`${text} is not a function`);
};

/**
 * What is hardly ever needed. Code reads it as a property: where V8 has never seen that happen, its compilers leave the path out
 * from the beginning, while one that calls a constant stays for long enough to spoil what they know of the values at its end.
 */
const rare = {
  call,
  noCall,
  /** The same for `new`. */
  noNew: (text) =>
    class {
      constructor() {
        throw new TypeError(`${text} is not a constructor`);
      }
    },
  /** What calls a method as V8's `Reflect.apply` is called: with its receiver, then the arguments. */
  applier: (method, text) => (typeof method === 'function' ? uncurryThis(method) : noCall(text)),
  spread: (value) => compiled.spread(value),
  /** The index with which a loop over an array begins. */
  first: 0,
};

const suppress = createSuppression(scheduler.KILLED);

const push = (list, item) => define(list, list.length, item);

const compiled = {
  S: SUSPENDED,
  K: scheduler.KILLED,
  f: scheduler.flags,
  G: scheduler.gate,
  b: scheduler.budget,
  s: scheduler.save,
  saved: scheduler.saveFrame,
  k: scheduler.saveAgain,
  n: scheduler.saveConstruct,
  x: scheduler.receive,
  stepped(mode, value, iterator) {
    if (mode === KILL) {
      // The task was killed right here, before it did anything with the value: the iterator is closed as in the loop's body.
      try {
        const method = iterator.return;
        if (typeof method === 'function') call(method, iterator);
      } catch {
        // The kill goes on.
      }
    }
    return scheduler.receive(mode, value);
  },
  c: call,
  y: call,
  i: SymbolIterator,
  d(value, receiver) {
    if (value === undefined) return receiver();
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') return value;
    throw new TypeError('Derived constructors may only return object or undefined');
  },
  e(key) {
    if (typeof key === 'symbol' || typeof key === 'string' || typeof key === 'number') return key;
    return Reflect.ownKeys({ [key]: 0 })[0];
  },
  /** Whether iterating a value with this method is reading its elements one by one. A proxy of an array sees the same. */
  a(value, method) {
    if (typeof method !== 'function') throw notIterable(value);
    return (
      method === ArrayPrototypeValues &&
      ArrayIteratorPrototype.next === ArrayIteratorPrototypeNext &&
      ArrayIsArray(value)
    );
  },
  j(value) {
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') return value;
    throw new TypeError(`Iterator result ${String(value)} is not an object`);
  },
  z(iterator, kind) {
    try {
      const method = iterator.return;
      if (method === undefined || method === null) return undefined;
      if (typeof method !== 'function') throw new TypeError(`${String(method)} is not a function`);
      return method;
    } catch (error) {
      if (kind === 1) return undefined;
      throw error;
    }
  },
  o(object) {
    const keys = [];
    if (object === null || object === undefined) return keys;
    let length = 0;
    for (const key in object) keys[length++] = key;
    return keys;
  },
  h: (key, object) => key in Object(object),
  leave,
  /** The method of a delegate for `throw` (1) or `return` (3). */
  method(iterator, mode) {
    const method = mode === RETURN ? iterator.return : iterator.throw;
    return method === null ? undefined : method;
  },
  rare,
  notNew(target) {
    throw new TypeError(`${target.name} is not a constructor`);
  },
  noThrow() {
    throw new TypeError("The iterator does not provide a 'throw' method.");
  },
  /** What a block has to dispose of, the newest last, and whether it has to await something for that. */
  disposal: () => ({ __proto__: null, list: [], mustWait: false, hasWaited: false }),
  /** AddDisposableResource. */
  use(stack, value, isAsync) {
    if (isAsync || (value !== undefined && value !== null)) push(stack.list, resourceOf(value, isAsync));
    return value;
  },
  disposable(stack) {
    const { list } = stack;
    const entry = list[list.length - 1];
    list.length--;
    return entry;
  },
  suppress: (kind, held, error) => suppress(kind === 1, held, error),
  coercible(value) {
    if (value === undefined || value === null) {
      throw new TypeError(`Cannot destructure '${value}' as it is ${value}.`);
    }
    return value;
  },
  /** CopyDataProperties without some keys. */
  rest(value, keys) {
    if (keys.length === 0) return { ...value };
    const object = Object(value);
    const excluded = { __proto__: null };
    for (let i = 0; i < keys.length; i++) excluded[keys[i]] = true;
    const rest = {};
    const names = ownKeys(object);
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      if (excluded[name] === true || !getOwnPropertyDescriptor(object, name)?.enumerable) continue;
      define(rest, name, object[name]);
    }
    return rest;
  },
  add: push,
  arrays: ArrayPrototype,
  values: ArrayPrototypeValues,
  iterators: ArrayIteratorPrototype,
  nextValue: ArrayIteratorPrototypeNext,
  list: (...values) => values,
  /** The elements of a spread: the array itself where iterating it calls nothing, else a copy. */
  spread(value) {
    const method = value?.[SymbolIterator];
    if (compiled.a(value, method)) return value;
    // Users' methods are read once: a getter would see it. V8 copies its own collections faster where it reads them itself.
    const isOwn =
      method === MapPrototypeIterator ||
      method === SetPrototypeIterator ||
      method === IteratorPrototypeIterator ||
      typeof value === 'string';
    return compiled.copy(isOwn ? value : { __proto__: null, [SymbolIterator]: () => call(method, value) });
  },
  /** A copy that is spread once more, later. */
  copy(value) {
    return compiled.rested([...value]);
  },
  /** An array that nobody else has, which is spread as the language does it, whatever a program has made of iterating. */
  rested(list) {
    if (list[SymbolIterator] !== ArrayPrototypeValues || ArrayIteratorPrototype.next !== ArrayIteratorPrototypeNext) {
      defineProperty(list, SymbolIterator, { __proto__: null, value: elements });
    }
    return list;
  },
  w: (strings) => strings,
  T: { __proto__: null },
  Q: {
    get constant() {
      return undefined;
    },
    set constant(_) {
      throw new TypeError('Assignment to constant variable.');
    },
  },
  D: new Proxy(
    { __proto__: null },
    {
      __proto__: null,
      get: (_, name) => compiled.U(name),
      set: (_, name) => compiled.U(name),
    },
  ),
  V(value, name) {
    return value === compiled.T ? compiled.U(name) : value;
  },
  W(assigned, value, name) {
    return value === compiled.T ? compiled.U(name) : assigned;
  },
  U(name) {
    throw new ReferenceError(`Cannot access '${name}' before initialization`);
  },
};

module.exports = { scheduler, compiled };
