'use strict';

// String.prototype.replace and replaceAll: they call a function given as the replacement, or a pattern's own
// `Symbol.replace`.

const {
  call,
  MathMax,
  RegExpPrototypeGetGlobal,
  StringPrototypeIndexOf,
  StringPrototypeReplace,
  StringPrototypeReplaceAll,
  StringPrototypeSlice,
  SymbolMatch,
  SymbolReplace,
  TypeError,
} = require('primordials');
const { getMethod } = require('builtins/iteration');
const { isObject, requireCoercible } = require('builtins/operations');

/** Whether the value has a RegExp's internal slots; the getter takes those and RegExp.prototype, and nothing else. */
function isRegExpObject(value) {
  try {
    return RegExpPrototypeGetGlobal(value) !== undefined;
  } catch {
    return false;
  }
}

/** IsRegExp */
function isRegExp(value) {
  const matcher = value[SymbolMatch];
  return matcher === undefined ? isRegExpObject(value) : !!matcher;
}

module.exports = {
  replace(pattern, replacement) {
    requireCoercible(this, 'String.prototype.replace');
    if (isObject(pattern)) {
      const replacer = getMethod(pattern, SymbolReplace);
      if (replacer !== undefined) return call(replacer, pattern, this, replacement);
    }
    const string = `${this}`;
    pattern = `${pattern}`;
    // Of strings alone the native method runs no user code.
    if (typeof replacement !== 'function') return StringPrototypeReplace(string, pattern, `${replacement}`);
    const position = StringPrototypeIndexOf(string, pattern);
    if (position < 0) return string;
    const before = StringPrototypeSlice(string, 0, position);
    const after = StringPrototypeSlice(string, position + pattern.length);
    return `${before}${replacement(pattern, position, string)}${after}`;
  },

  replaceAll(pattern, replacement) {
    requireCoercible(this, 'String.prototype.replaceAll');
    if (isObject(pattern)) {
      if (isRegExp(pattern)) {
        const { flags } = pattern;
        requireCoercible(flags, 'String.prototype.replaceAll');
        if (StringPrototypeIndexOf(`${flags}`, 'g') < 0) {
          throw new TypeError('String.prototype.replaceAll called with a non-global RegExp argument');
        }
      }
      const replacer = getMethod(pattern, SymbolReplace);
      if (replacer !== undefined) return call(replacer, pattern, this, replacement);
    }
    const string = `${this}`;
    pattern = `${pattern}`;
    if (typeof replacement !== 'function') return StringPrototypeReplaceAll(string, pattern, `${replacement}`);
    const advance = MathMax(1, pattern.length);
    let result = '';
    let end = 0;
    let position = StringPrototypeIndexOf(string, pattern, 0);
    while (position >= 0) {
      result += `${StringPrototypeSlice(string, end, position)}${replacement(pattern, position, string)}`;
      end = position + pattern.length;
      // Past its end a string still holds an empty pattern, at that end again.
      position = position + advance > string.length ? -1 : StringPrototypeIndexOf(string, pattern, position + advance);
    }
    return result + StringPrototypeSlice(string, end);
  },
};
