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
// What a function inherits from is set with the variables, since it may refer to the function:
//
//   maker   ()=>{var _;return _=[(TEXT
//           ),(_0)=>{_[0].prototype.__proto__=_0.prototype;}];}
//
// (An assignment calls nothing, so that no form suspends there.) A function that assigns its own name is a declaration, not an expression:
//
//   text    function get() { get = () => made; return made = make(); }
//   maker   ()=>{var made,make;TEXT
//           ;return[get,(_0,_1)=>{made=_0;make=_1;}];}
//
// The text begins in the maker's first line, and all that stands before it is taken off from columns.

/** How a variable gets its value. */
const LATE = 'late';
const EARLY = 'early';
const CONSTANT = 'constant';
/** Not a variable but what a class extends. */
const PARENT = 'parent';
/** Not a variable but what the function itself inherits from. */
const STATICS = 'statics';
/** Not a variable but what the function's `prototype` inherits from; of several each is what the one before it inherits from. */
const PROTOTYPE = 'prototype';
/** The same, where that is the `prototype` of a function, which is sent. */
const HEIR = 'heir';

/** Whether it is set once the function is there. */
const isLate = (mode) => mode !== EARLY && mode !== CONSTANT && mode !== PARENT;

/**
 * @param {string} text
 * @param {import('./codes.js').Facts} facts
 * @param {{name: string, mode: string}[]} variables those that are not late first
 * @returns {{source: string, before: number}} the text, and how many UTF-16 units of it stand before the function's own
 */
function makerOf(text, { shape, knownStart, knownEnd, parent, reassigned }, variables) {
  const mark = unused(text);
  const parameters = (list) => list.map((_, index) => `${mark}${index}`).join();
  const late = variables.filter(({ mode }) => isLate(mode));
  const early = variables.filter(({ mode }) => !isLate(mode));
  const declared = variables.filter(({ mode }) => mode === LATE || mode === EARLY).map(({ name }) => name);
  const isHeir = late.some(({ mode }) => mode !== LATE);
  if (isHeir) declared.push(mark);
  let declarations = declared.length === 0 ? '' : `var ${declared.join()};`;
  for (const [index, { name, mode }] of early.entries()) {
    if (mode === PARENT) continue;
    declarations += mode === CONSTANT ? `const ${name}=${mark}${index};` : `${name}=${mark}${index};`;
  }
  const setters = late.map((_, index) => setterOf(late, index, mark)).join('');
  const isMethod = shape === 'method';
  let source = text;
  const extended = early.findIndex(({ mode }) => mode === PARENT);
  if (isMethod && typeof knownStart === 'number') {
    // Whatever the key of a method is, the function's own `name` says it.
    source = replace(text, knownStart, knownEnd, '0');
  } else if (extended !== -1) {
    const [start, end] = typeof knownStart === 'number' ? [knownStart, knownEnd] : heritageOf(text, parent);
    source = replace(text, start, end, `${mark}${extended}`);
  }
  const result = `return${isHeir ? ` ${mark}=` : ''}[`;
  const [open, close] = isMethod ? ['{', '}'] : ['(', ')'];
  const isDeclaration = reassigned !== undefined;
  const before = `(${parameters(early)})=>{${declarations}${isDeclaration ? '' : result + open}`;
  const made = isDeclaration ? `;${result}${reassigned}` : close;
  return { source: `${before}${source}\n${made},(${parameters(late)})=>{${setters}}];}`, before: before.length };
}

/** What sets a late variable, or what the function inherits from. */
function setterOf(late, index, mark) {
  const { name, mode } = late[index];
  const value = `${mark}${index}`;
  if (mode === LATE) return `${name}=${value};`;
  if (mode === STATICS) return `${mark}[0].__proto__=${value};`;
  const heir = late[index - 1]?.mode === PROTOTYPE ? `${mark}${index - 1}` : `${mark}[0].prototype`;
  return `${heir}.__proto__=${value}${mode === HEIR ? '.prototype' : ''};`;
}

const GAP = String.raw`(?:\s|\/\*[^]*?\*\/|\/\/.*)`;
/** The head of a class that extends what a name stands for. */
const HEAD = new RegExp(`^class(?:${GAP}+(?!extends\\b)[^\\s/]+)?${GAP}+extends${GAP}+`);

/**
 * Where the name of what a class extends stands in its text.
 * @param {string} text
 * @param {string} name
 * @returns {[number, number] | undefined} nothing where the name is written in another way
 */
function heritageOf(text, name) {
  const start = HEAD.exec(text)?.[0].length;
  return start !== undefined && text.startsWith(name, start) ? [start, start + name.length] : undefined;
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

module.exports = { CONSTANT, EARLY, HEIR, LATE, PARENT, PROTOTYPE, STATICS, heritageOf, isLate, makerOf };
