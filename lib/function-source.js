'use strict';

// The text of a function, by which it is shipped to an isolate.

const { strictnessOf, withoutMarks } = require('./prepared.js');

const toString = Function.prototype.call.bind(Function.prototype.toString);
const hasOwn = Object.prototype.hasOwnProperty;

/** How V8 prints functions that have no text of their own. */
const NATIVE = /\{\s*\[native code\]\s*\}\s*$/;

/** What starts the text of a function that is made by the keyword, whose strictness can be seen from outside. */
const KEYWORD = /^function\b(?!\s*\*)/;

/**
 * The text of `fn`, or a TypeError that says why it cannot be shipped and what to do.
 * @param {string} where the function that was called, for messages
 * @param {unknown} fn
 * @returns {string}
 */
function sourceOf(where, fn) {
  if (typeof fn !== 'function') {
    const { show } = require('./options.js');
    throw new TypeError(`${where}: the first argument must be a function, not ${show(fn)}`);
  }
  const text = textOf(fn);
  if (isClassText(text)) {
    throw new TypeError(
      `${where}: ${fn.name || 'the argument'} is a class, which cannot be called: pass a function that constructs it`,
    );
  }
  if (isNativeText(text)) {
    const what = fn.name.startsWith('bound ') ? 'a bound function' : 'a native function, or a Proxy of one';
    throw new TypeError(
      `${where}: the source of ${fn.name || 'the function'} cannot be recovered, since it is ${what}: ` +
        'wrap it in an arrow function, with what it needs as arguments',
    );
  }
  return text;
}

/** The text of a function or a class, as it was written. */
const textOf = (fn) => withoutMarks(toString(fn));

/** Whether a text is that of a class. */
function isClassText(text) {
  return text.startsWith('class') && /^class\b/.test(text);
}

/** Whether V8 has no text of the function. */
function isNativeText(text) {
  return text.length < 200 && text.includes('[native code]') && NATIVE.test(text);
}

/** Words without which strict and sloppy code hardly differ. */
const DIFFERS = /\b(?:this|arguments|eval)\b/;

/** Whether `isStrict` is answered by the function at once. Others are strict or not by their text, as far as that is known. */
function tellsStrictness(text) {
  return KEYWORD.test(text);
}

/**
 * Whether the function is strict code because of its surroundings. Its text does not show that, but `caller` does: older
 * versions of V8 give it to sloppy functions only, newer ones throw where it is read from a strict one. Arrow functions and
 * methods do not tell. Their file does, which takes so long to look at that it is done only where it matters most.
 */
function isStrict(fn, text) {
  // Classes are strict by themselves.
  if (isClassText(text)) return false;
  if (!tellsStrictness(text)) {
    return DIFFERS.test(text) && (strictnessOf(fn, text) ?? require('./location.js').isStrictCode(fn));
  }
  if (hasOwn.call(fn, 'caller')) return false;
  try {
    fn.caller;
    return false;
  } catch {
    return true;
  }
}

module.exports = { isClassText, isNativeText, isStrict, sourceOf, tellsStrictness, textOf };
