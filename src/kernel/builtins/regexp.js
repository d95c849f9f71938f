'use strict';

// RegExp.prototype[Symbol.replace]. Where no program has changed how expressions match, V8 does the matching: for a
// function as the replacement it only collects the matches, since the specification too finds them all before the
// first call.

const {
  apply,
  call,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  MathMax,
  MathMin,
  ObjectHasOwn,
  Object,
  RegExp,
  RegExpPrototypeExec,
  RegExpPrototypeGetGlobal,
  RegExpPrototypeReplace,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  SymbolReplace,
  TypeError,
} = require('primordials');
const { describe, isObject, lengthOfArrayLike, put, toIntegerOrInfinity, toLength } = require('builtins/operations');
const substitute = require('builtins/substitution');

const RegExpPrototype = RegExp.prototype;
const intrinsicExec = RegExpPrototype.exec;

/** Whether matching calls no `exec` of a program. Reads nothing that a program could notice. */
function isPristine(value) {
  try {
    if (RegExpPrototypeGetGlobal(value) === undefined) return false;
  } catch {
    return false;
  }
  return (
    getPrototypeOf(value) === RegExpPrototype &&
    !ObjectHasOwn(value, 'exec') &&
    getOwnPropertyDescriptor(RegExpPrototype, 'exec')?.value === intrinsicExec
  );
}

/** RegExpExec */
function regExpExec(regExp, string) {
  const { exec } = regExp;
  if (typeof exec !== 'function') return RegExpPrototypeExec(regExp, string);
  const result = exec === intrinsicExec ? RegExpPrototypeExec(regExp, string) : call(exec, regExp, string);
  if (result !== null && !isObject(result)) throw new TypeError(`${describe(result)} is not an object or null`);
  return result;
}

/** AdvanceStringIndex */
function advance(string, index, fullUnicode) {
  if (!fullUnicode || index + 1 >= string.length) return index + 1;
  const first = StringPrototypeCharCodeAt(string, index);
  if (first < 0xd800 || first > 0xdbff) return index + 1;
  const second = StringPrototypeCharCodeAt(string, index + 1);
  return second < 0xdc00 || second > 0xdfff ? index + 1 : index + 2;
}

/** Replaces as V8 finds the matches, and calls the function after that. */
function replaceFound(regExp, string, callback) {
  const calls = [];
  let count = 0;
  RegExpPrototypeReplace(regExp, string, (...args) => {
    put(calls, count++, args);
    return '';
  });
  let result = '';
  let end = 0;
  for (let i = 0; i < count; i++) {
    const args = calls[i];
    const { length } = args;
    // Last comes an object of the named captures, if there are any; before it the string and the position.
    const position = args[length - (typeof args[length - 1] === 'string' ? 2 : 3)];
    const matched = args[0];
    const replacement = `${length === 3 ? callback(matched, position, string) : apply(callback, undefined, args)}`;
    result += StringPrototypeSlice(string, end, position) + replacement;
    end = position + matched.length;
  }
  return result + StringPrototypeSlice(string, end);
}

/** All that `exec` finds. */
function findAll(regExp, string) {
  const flags = `${regExp.flags}`;
  const isGlobal = StringPrototypeIndexOf(flags, 'g') >= 0;
  const fullUnicode = StringPrototypeIndexOf(flags, 'u') >= 0 || StringPrototypeIndexOf(flags, 'v') >= 0;
  if (isGlobal) regExp.lastIndex = 0;
  const results = [];
  for (;;) {
    const result = regExpExec(regExp, string);
    if (result === null) return results;
    put(results, results.length, result);
    if (!isGlobal) return results;
    if (`${result[0]}` === '') regExp.lastIndex = advance(string, toLength(regExp.lastIndex), fullUnicode);
  }
}

function replacementFor(matched, string, position, captures, groups, replacement) {
  if (typeof replacement === 'function') {
    const args = [matched];
    for (let i = 0; i < captures.length; i++) put(args, args.length, captures[i]);
    put(args, args.length, position);
    put(args, args.length, string);
    if (groups !== undefined) put(args, args.length, groups);
    return `${apply(replacement, undefined, args)}`;
  }
  if (groups === null) throw new TypeError('Cannot convert null to object');
  const named = groups === undefined ? undefined : Object(groups);
  return substitute(matched, string, position, captures, named, replacement);
}

module.exports = {
  [SymbolReplace](string, replacement) {
    if (!isObject(this)) {
      throw new TypeError(`Method RegExp.prototype.@@replace called on incompatible receiver ${describe(this)}`);
    }
    if (isPristine(this)) {
      if (typeof replacement !== 'function') return RegExpPrototypeReplace(this, string, replacement);
      return replaceFound(this, `${string}`, replacement);
    }
    string = `${string}`;
    if (typeof replacement !== 'function') replacement = `${replacement}`;
    const results = findAll(this, string);
    const { length } = string;
    let accumulated = '';
    let next = 0;
    for (let i = 0; i < results.length; i++) {
      const result = results[i];
      const count = MathMax(lengthOfArrayLike(result) - 1, 0);
      const matched = `${result[0]}`;
      const position = MathMax(MathMin(toIntegerOrInfinity(result.index), length), 0);
      const captures = [];
      for (let n = 1; n <= count; n++) {
        const capture = result[n];
        put(captures, n - 1, capture === undefined ? undefined : `${capture}`);
      }
      const replaced = replacementFor(matched, string, position, captures, result.groups, replacement);
      if (position >= next) {
        accumulated += StringPrototypeSlice(string, next, position) + replaced;
        next = position + matched.length;
      }
    }
    return next >= length ? accumulated : accumulated + StringPrototypeSlice(string, next);
  },
};
