'use strict';

// Async functions inherit from AsyncFunction.prototype. Compiled ones are methods or arrow functions to V8 (see
// src/compiler/coroutine/asynchronous.rs), and to change the prototype of each when it is made would take longer than
// calling it. So it is changed when somebody looks: compiled code asks here before it reads `constructor` or
// `Symbol.toStringTag`, and so do the built-ins that show an object's prototype.
//
// What is not seen: these properties under a key that the compiler does not know (`f[key]`, `const { constructor } = f`).

const {
  call,
  defineProperty,
  FunctionPrototypeToString,
  getPrototypeOf,
  ObjectHasOwn,
  RegExpPrototypeExec,
  setPrototypeOf,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
} = require('primordials');

const AsyncFunctionPrototype = getPrototypeOf(async () => {});
const AsyncGeneratorFunctionPrototype = getPrototypeOf(async function* () {});
const FunctionPrototype = getPrototypeOf(() => {});

/**
 * An async function's text bears this mark with an `a`, that of an async generator in which names are looked up at run time one
 * with a `g`; `origin_of` in the compiler writes it.
 */
const MARK = '/*\u{fe}';
const MARKED = /^\d+:\d+,\d+([ag])\*/;

/** The letter of a function's mark, if it has one. */
function letterOf(text) {
  const at = StringPrototypeIndexOf(text, MARK);
  return at < 0 ? undefined : RegExpPrototypeExec(MARKED, StringPrototypeSlice(text, at + MARK.length, at + 60))?.[1];
}

function settle(fn) {
  if (getPrototypeOf(fn) !== FunctionPrototype) return;
  const letter = letterOf(FunctionPrototypeToString(fn));
  if (letter === 'g') setPrototypeOf(fn, AsyncGeneratorFunctionPrototype);
  else if (letter === 'a' && !ObjectHasOwn(fn, 'prototype')) setPrototypeOf(fn, AsyncFunctionPrototype);
}

/** The value itself, its prototype put right if it is an async function. */
function seen(value) {
  if (typeof value === 'function') settle(value);
  return value;
}

/**
 * Gives the built-ins of a realm that show prototypes versions that look first.
 * @returns {Function[]} them
 */
function install(global) {
  const { Object: GlobalObject, Reflect: GlobalReflect } = global;
  const ObjectPrototype = GlobalObject.prototype;
  const methods = [];

  function replace(target, name, make) {
    const descriptor = global.Object.getOwnPropertyDescriptor(target, name);
    const key = descriptor.get === undefined ? 'value' : 'get';
    descriptor[key] = make(descriptor[key]);
    defineProperty(target, name, descriptor);
    methods[methods.length] = descriptor[key];
  }

  const onValue = (native) =>
    ({
      getPrototypeOf(object) {
        return native(seen(object));
      },
    }).getPrototypeOf;
  replace(GlobalObject, 'getPrototypeOf', onValue);
  replace(GlobalReflect, 'getPrototypeOf', onValue);
  replace(
    ObjectPrototype,
    'toString',
    (native) =>
      ({
        toString() {
          return call(native, seen(this));
        },
      }).toString,
  );
  replace(
    ObjectPrototype,
    'isPrototypeOf',
    (native) =>
      ({
        isPrototypeOf(value) {
          return call(native, this, seen(value));
        },
      }).isPrototypeOf,
  );
  replace(ObjectPrototype, '__proto__', (native) => {
    const getter = {
      proto() {
        return call(native, seen(this));
      },
    }.proto;
    defineProperty(getter, 'name', { value: 'get __proto__', configurable: true });
    return getter;
  });

  // `f instanceof AsyncFunction` asks the constructor first.
  const { constructor } = AsyncFunctionPrototype;
  const ordinary = global.Function.prototype[global.Symbol.hasInstance];
  const hasInstance = {
    [global.Symbol.hasInstance](value) {
      return call(ordinary, this, seen(value));
    },
  }[global.Symbol.hasInstance];
  defineProperty(constructor, global.Symbol.hasInstance, { value: hasInstance, configurable: true });
  methods[methods.length] = hasInstance;
  return methods;
}

module.exports = { seen, install };
