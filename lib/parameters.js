'use strict';

// Where the parameters of a function begin in its text: the only place of a function that V8's inspector tells. Before them may stand
// whatever a key can be made of, so this reads as far as it has to; no more than that, since it is done for each function whose place
// is asked for.

const BLANK = /\s/;
const LINE_END = /[\n\r\u2028\u2029]/g;

/** What an operand ends with, so that a slash behind it divides. */
const OPERAND = /[\w$\u0080-\uffff)\]}'"`]$/;

/** Words that are no operands though they look like one. */
const OPERATOR =
  /(?:^|[^\w$.\u0080-\uffff])(?:await|case|delete|do|else|in|instanceof|new|of|return|throw|typeof|void|yield)$/;

/** As much of a text as shows whether one of them is its end. */
const LONGEST = 12;

const CLOSING = { '(': ')', '[': ']', '{': '}' };

/** Behind the next occurrence of a text, or at the end. */
function behind(text, wanted, from) {
  const at = text.indexOf(wanted, from);
  return at < 0 ? text.length : at + wanted.length;
}

/** Behind a comment that begins here; `at` where there is none. */
function behindComment(text, at) {
  if (text.startsWith('/*', at)) return behind(text, '*/', at + 2);
  if (!text.startsWith('//', at)) return at;
  LINE_END.lastIndex = at;
  return LINE_END.exec(text)?.index ?? text.length;
}

/** Behind a string, a template or a regular expression that begins here. */
function behindLiteral(text, start) {
  const quote = text[start];
  let isClass = false;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (quote === '/' && character === '[') isClass = true;
    else if (isClass) isClass = character !== ']';
    else if (character === quote) return at + 1;
    else if (quote === '`' && text.startsWith('${', at)) at = behindBrackets(text, at + 1) - 1;
  }
  return text.length;
}

/** Behind an expression in brackets that begins here. */
function behindBrackets(text, start) {
  const closing = CLOSING[text[start]];
  let at = start + 1;
  /** Where something stood last that is neither blank nor a comment. */
  let end = at;
  while (at < text.length) {
    const character = text[at];
    const next = behindComment(text, at);
    if (next > at || BLANK.test(character)) {
      at = Math.max(next, at + 1);
      continue;
    }
    if (character === closing) return at + 1;
    if (CLOSING[character] !== undefined) at = behindBrackets(text, at);
    else if (character === "'" || character === '"' || character === '`') at = behindLiteral(text, at);
    else if (character === '/' && !isOperand(text.slice(Math.max(start + 1, end - LONGEST), end)))
      at = behindLiteral(text, at);
    else at++;
    end = at;
  }
  return text.length;
}

const isOperand = (before) => OPERAND.test(before) && !OPERATOR.test(before);

/** Whether an arrow comes next. */
function isArrow(text, from) {
  let at = from;
  for (;;) {
    const next = behindComment(text, at);
    if (next > at) at = next;
    else if (at < text.length && BLANK.test(text[at])) at++;
    else return text.startsWith('=>', at);
  }
}

/**
 * How far into the text of a function the position lies that the inspector gives: for an arrow function that is the start, for others
 * the parenthesis before the parameters.
 * @param {string} text
 */
function parametersOf(text) {
  /** What stands before the parameters, without blanks and comments. */
  let head = '';
  let at = 0;
  while (at < text.length) {
    const character = text[at];
    const next = behindComment(text, at);
    if (next > at) {
      at = next;
      continue;
    }
    if (character === '(') {
      // `async (x) => x`, or a method that is called `async`.
      return head === '' || (head === 'async' && isArrow(text, behindBrackets(text, at))) ? 0 : at;
    }
    if (character === '=') return 0;
    if (character === '[') at = behindBrackets(text, at);
    else if (character === "'" || character === '"') at = behindLiteral(text, at);
    else at++;
    if (!BLANK.test(character)) head += character;
  }
  return 0;
}

module.exports = { parametersOf };
