'use strict';

// GetSubstitution: what `$1`, `$&` and their like stand for in a replacement string.

const { StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice } = require('primordials');

const DOLLAR = 0x24;
const AMPERSAND = 0x26;
const QUOTE = 0x27;
const LESS = 0x3c;
const BACKTICK = 0x60;

/** The digit at `index`, or -1. */
function digitAt(text, index) {
  if (index >= text.length) return -1;
  const digit = StringPrototypeCharCodeAt(text, index) - 0x30;
  return digit >= 0 && digit <= 9 ? digit : -1;
}

/**
 * @param {string} matched
 * @param {string} string in which it was found
 * @param {number} position where
 * @param {(string | undefined)[]} captures
 * @param {object | undefined} groups the named captures
 * @param {string} template
 */
module.exports = function substitute(matched, string, position, captures, groups, template) {
  const count = captures.length;
  let result = '';
  let from = 0;
  for (;;) {
    const dollar = StringPrototypeIndexOf(template, '$', from);
    if (dollar < 0 || dollar + 1 >= template.length) return result + StringPrototypeSlice(template, from);
    result += StringPrototypeSlice(template, from, dollar);
    const code = StringPrototypeCharCodeAt(template, dollar + 1);
    from = dollar + 2;
    if (code === DOLLAR) {
      result += '$';
    } else if (code === AMPERSAND) {
      result += matched;
    } else if (code === BACKTICK) {
      result += StringPrototypeSlice(string, 0, position);
    } else if (code === QUOTE) {
      result += StringPrototypeSlice(string, position + matched.length);
    } else if (code === LESS && groups !== undefined) {
      const end = StringPrototypeIndexOf(template, '>', from);
      if (end < 0) {
        result += '$<';
      } else {
        const capture = groups[StringPrototypeSlice(template, from, end)];
        if (capture !== undefined) result += `${capture}`;
        from = end + 1;
      }
    } else {
      const first = digitAt(template, dollar + 1);
      const second = first < 0 ? -1 : digitAt(template, dollar + 2);
      let index = first;
      // Two digits where there are so many captures, else one.
      if (second >= 0 && first * 10 + second >= 1 && first * 10 + second <= count) {
        index = first * 10 + second;
        from = dollar + 3;
      }
      if (index < 1 || index > count) {
        result += '$';
        from = dollar + 1;
      } else if (captures[index - 1] !== undefined) {
        result += captures[index - 1];
      }
    }
  }
};
