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
  getOwnPropertyDescriptor,
  getPrototypeOf,
  ObjectHasOwn,
  setPrototypeOf,
  StringPrototypeIndexOf,
  SymbolToStringTag,
} = require('primordials');
const { markIn } = require('source-marks');

const AsyncFunctionPrototype = getPrototypeOf(async () => {});
const AsyncGeneratorFunctionPrototype = getPrototypeOf(async function* () {});
const FunctionPrototype = getPrototypeOf(() => {});

/**
 * The letter of a function's mark: `a` for an async function, `g` for an async generator in which names are looked up at run time.
 * Most texts have none, which is found out faster than the mark is read.
 */
function letterOf(text) {
  const hasNone = StringPrototypeIndexOf(text, 'a*/') < 0 && StringPrototypeIndexOf(text, 'g*/') < 0;
  return hasNone ? undefined : markIn(text)?.[4];
}

const isAsync = (prototype) => prototype === AsyncFunctionPrototype || prototype === AsyncGeneratorFunctionPrototype;

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

  // V8's own `Object.prototype.toString` stays, since V8's messages call objects `#<Object>` only as long as it is there. It asks for this.
  const tagged = {
    get [SymbolToStringTag]() {
      if (typeof this !== 'function') return undefined;
      settle(this);
      const prototype = getPrototypeOf(this);
      return isAsync(prototype) ? prototype[SymbolToStringTag] : undefined;
    },
  };
  const tag = getOwnPropertyDescriptor(tagged, SymbolToStringTag);
  defineProperty(FunctionPrototype, SymbolToStringTag, tag);
  methods[methods.length] = tag.get;

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
