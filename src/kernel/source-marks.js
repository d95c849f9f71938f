'use strict';

// Compiled code says in a comment where a function was written: its source's number, begin and end. The functions in it have
// such marks, too, and those in its parameters, or in what a class extends, come before its own. The function's own is the one
// that begins first.

const { RegExpPrototypeExec, StringPrototypeIndexOf, StringPrototypeSlice } = require('primordials');

/** How marks begin; `origin` and `origin_of` in the compiler write them. */
const MARK = '/*\u{fe}';
/** The source's number; begin and end in it, in UTF-16 units; and a letter for what `identity.js` puts right. */
const PARTS = /^(\d+):(\d+),(\d+)([ag]?)\*\//;
/** No mark is longer. */
const LONGEST = 60;

/**
 * What the mark of a function says.
 * @param {string} text the function's compiled text
 * @returns {RegExpExecArray | null} number, begin, end and letter behind the whole match; null if there is no mark
 */
function markIn(text) {
  let mark = null;
  for (let at = StringPrototypeIndexOf(text, MARK); at >= 0; at = StringPrototypeIndexOf(text, MARK, at + 1)) {
    const from = at + MARK.length;
    const found = RegExpPrototypeExec(PARTS, StringPrototypeSlice(text, from, from + LONGEST));
    if (found !== null && (mark === null || +found[2] < +mark[2])) mark = found;
  }
  return mark;
}

module.exports = { markIn };
