'use strict';

// What makes a function with captured variables inside an isolate. It is compiled once for a text, and called whenever such a
// function arrives:
//
//   text    (x) => table[x] ?? missing(x)
//   maker   ()=>{var missing,table;return[(TEXT
//           ),(_0,_1)=>{missing=_0;table=_1;}];}
//
// The first result is the function, the second one sets its variables: so a function exists before the values that refer to it.
// A class gets as arguments what it needs to come into being, and so do constants that the text assigns, which has to throw.
// The text begins in the maker's first line, and all that stands before it is taken off from columns.

/** How a variable gets its value. */
const LATE = 'late';
const EARLY = 'early';
const CONSTANT = 'constant';
/** Not a variable but what a class extends. */
const PARENT = 'parent';

/**
 * @param {string} text
 * @param {import('./codes.js').Facts} facts
 * @param {{name: string, mode: string}[]} variables those that are not late first
 * @returns {{source: string, before: number}} the text, and how many UTF-16 units of it stand before the function's own
 */
function makerOf(text, { shape, knownStart, knownEnd }, variables) {
  const mark = unused(text);
  const parameters = (list) => list.map((_, index) => `${mark}${index}`).join();
  const late = variables.filter(({ mode }) => mode === LATE);
  const early = variables.filter(({ mode }) => mode !== LATE);
  const declared = variables.filter(({ mode }) => mode === LATE || mode === EARLY);
  let declarations = declared.length === 0 ? '' : `var ${declared.map(({ name }) => name).join()};`;
  for (const [index, { name, mode }] of early.entries()) {
    if (mode === PARENT) continue;
    declarations += mode === CONSTANT ? `const ${name}=${mark}${index};` : `${name}=${mark}${index};`;
  }
  const setters = late.map(({ name }, index) => `${name}=${mark}${index};`).join('');
  const isMethod = shape === 'method';
  let source = text;
  if (typeof knownStart === 'number') {
    const parent = early.findIndex(({ mode }) => mode === PARENT);
    // Whatever the key of a method is, the function's own `name` says it.
    const stand = parent === -1 ? '0' : `${mark}${parent}`;
    if (isMethod || parent !== -1) source = replace(text, knownStart, knownEnd, stand);
  }
  const before = `(${parameters(early)})=>{${declarations}return[${isMethod ? '{' : '('}`;
  const after = `\n${isMethod ? '}' : ')'},(${parameters(late)})=>{${setters}}];}`;
  return { source: before + source + after, before: before.length };
}

/** A character that may begin a name, and that the text does not have. */
function unused(text) {
  // From U+2C80 on there are a hundred letters that hardly anybody uses.
  for (let code = 0x5f; code < 0x2ce4; code = code === 0x5f ? 0x2c80 : code + 1) {
    const letter = String.fromCharCode(code);
    if (!text.includes(letter)) return letter;
  }
  let mark = '__';
  while (text.includes(mark)) mark += '_';
  return mark;
}

/** Puts something else into the place of an expression, so that everything after it stays where it is. */
function replace(text, start, end, stand) {
  const rest = text.slice(start, end).replace(/[^\n\r\u2028\u2029]/g, ' ');
  return text.slice(0, start) + stand + rest.slice(Math.min(stand.length, rest.length)) + text.slice(end);
}

module.exports = { CONSTANT, EARLY, LATE, PARENT, makerOf };
