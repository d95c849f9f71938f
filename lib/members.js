'use strict';

// What functions and classes have as properties, and their `prototype`: which of it goes along, and how.

const { types } = require('node:util');
const { isClassText, isNativeText, textOf } = require('./function-source.js');

const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
const { ownKeys } = Reflect;

/** What functions have by themselves. */
const OF_FUNCTIONS = new Set(['length', 'name', 'prototype', 'arguments', 'caller']);

const NONE = [];

/**
 * @typedef {object} Member a property that is defined with its attributes
 * @property {boolean} isOfPrototype
 * @property {string | symbol} key
 * @property {PropertyDescriptor} descriptor
 * @property {boolean} [brings] whether an instance that is its value brings its class
 */

/**
 * The properties of a function, and of its `prototype`, that go along: by name where they are enumerable data.
 * @param {Function} fn
 * @param {string} text
 * @param {import('./codes.js').Facts | undefined} facts those of a class
 * @param {{symbolName: (symbol: symbol) => string | undefined}} names which symbols tasks have
 * @returns {{keys: string[], prototypeKeys: string[], members: Member[] | undefined}}
 */
function membersOf(fn, text, facts, names) {
  const isClass = facts !== undefined;
  let members;
  const collect = (holder, isOfPrototype) => {
    const keys = [];
    for (const key of ownKeys(holder)) {
      if (!isOfPrototype && OF_FUNCTIONS.has(key)) continue;
      const descriptor = getOwnPropertyDescriptor(holder, key);
      if (isOfPrototype && key === 'constructor' && descriptor.value === fn) continue;
      const isData = 'value' in descriptor;
      if (isData && descriptor.enumerable && typeof key === 'string') {
        if (!isClass || isOfPrototype || !isInstance(descriptor.value)) keys.push(key);
        else if (brings(key, descriptor.value, facts)) {
          members ??= [];
          // Its place among the others; its value comes later.
          keys.push(key);
          members.push({ isOfPrototype, key, descriptor, brings: true });
        }
        continue;
      }
      if (isClass && isWritten(descriptor, text, isOfPrototype)) continue;
      if (typeof key === 'symbol' && names.symbolName(key) === undefined) continue;
      members ??= [];
      members.push({ isOfPrototype, key, descriptor });
    }
    return keys;
  };
  const keys = collect(fn, false);
  const prototype = Object.hasOwn(fn, 'prototype') ? fn.prototype : undefined;
  const hasPrototype = typeof prototype === 'object' && prototype !== null && !types.isProxy(prototype);
  return { keys, prototypeKeys: hasPrototype ? collect(prototype, true) : NONE, members };
}

/** Whether a value is an instance of a class that is not built-in. */
function isInstance(value) {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  const prototype = getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return false;
  return !textOf(prototype.constructor ?? Object).includes('[native code]');
}

/** Instances of which it turned out that they cannot be sent. */
const staying = new WeakSet();

/**
 * Whether an instance that a class holds goes along, with its own class. Others are what the class makes of them when it comes
 * into being in the task: it does that with those which its text makes, of which nobody knows whether they are still the same, and
 * those which cannot be made again are often only kept for the next who asks.
 */
function brings(key, value, { made }) {
  return !made.includes(key) && !staying.has(value) && classOf(value) !== undefined;
}

/** An instance that a class holds cannot be sent, and does not go along from now on. */
function stay(value) {
  staying.add(value);
}

/** Members that are known to be written in their class, with its text. */
const written = new WeakMap();

/** Whether a class has a member since its text says so, and not because somebody gave it to it later. */
function isWritten({ value, get, set, enumerable }, text, isOfPrototype) {
  const functions = [value, get, set].filter((one) => one !== undefined);
  if (functions.some((one) => typeof one !== 'function')) return enumerable && !isOfPrototype;
  return functions.every((one) => {
    if (written.get(one) === text) return true;
    const isOfText = !types.isProxy(one) && text.includes(textOf(one));
    if (isOfText) written.set(one, text);
    return isOfText;
  });
}

/** Private names in the text of a class, or what looks so. */
const PRIVATE = /(?:^|[^\w$'"`#])#[\p{ID_Start}$_]/u;

/** Classes by their `prototype`; `null` where instances cannot be made again. */
const classes = new WeakMap();

/**
 * The class of an instance. Nothing for one with private members, which nobody can read: it stays the data that it is.
 * @param {object} object
 * @returns {Function | undefined}
 */
function classOf(object) {
  const prototype = getPrototypeOf(object);
  if (prototype === null || types.isProxy(prototype)) return undefined;
  let found = classes.get(prototype);
  if (found === undefined) {
    found = findClass(prototype) ?? null;
    classes.set(prototype, found);
  }
  return found ?? undefined;
}

function findClass(prototype) {
  const made = getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof made !== 'function' || types.isProxy(made)) return undefined;
  // Instances of built-in classes are theirs without further ado.
  if (isNativeText(textOf(made))) return undefined;
  if (getOwnPropertyDescriptor(made, 'prototype')?.value !== prototype) return undefined;
  for (let above = made; typeof above === 'function' && !types.isProxy(above); above = getPrototypeOf(above)) {
    const text = textOf(above);
    if (isClassText(text) && PRIVATE.test(text)) return undefined;
  }
  return made;
}

module.exports = { classOf, membersOf, stay };
