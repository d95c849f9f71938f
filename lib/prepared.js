'use strict';

// Functions whose captures were prepared when their file was compiled, by the loader or by a bundler's plugin. What these write
// is told in `src/compiler/prepare/mod.rs`; here it is read, and taken out of functions' texts.

/** Where prepared files keep their table: a WeakMap from functions to what `variablesOf` reads. */
const TABLE = Symbol.for('@hertzscript/isolate.prepared');

const OPEN = '/*@hz*/';
const WRITTEN = /\/\*@hz\*\/.*?\/\*hz@\*\//g;

/** A text as the user wrote it. */
function withoutMarks(text) {
  return text.includes(OPEN) ? text.replace(WRITTEN, '') : text;
}

/** The column (from 0) in a line as it was loaded, for one in the line as the user wrote it. */
function loadedColumn(line, column) {
  let loaded = column;
  for (const { 0: written, index } of line.matchAll(WRITTEN)) {
    if (index > loaded) break;
    loaded += written.length;
  }
  return loaded;
}

/** Whether any file of this realm was prepared. */
const isUsed = () => globalThis[TABLE] instanceof WeakMap;

function find(fn) {
  const table = globalThis[TABLE];
  return table instanceof WeakMap ? table.get(fn) : undefined;
}

/** The file of a function, as a path or a URL, where its file was prepared and says so. */
const fileOf = (fn) => find(fn)?.[2]?.[0];

/** Whether a value is a function of a prepared file. */
const isPrepared = (value) => typeof value === 'function' && find(value) !== undefined;

/** Whether a value is what prepared files enter functions with. A tool that takes comments out leaves it in functions' texts. */
function isMark(value) {
  const found = find(value);
  return found !== undefined && found[0] === undefined;
}

/** What takes its place in tasks. */
const mark = (fn) => fn;

/** The length of a text and a hash of it, as `fingerprint` in `src/compiler/prepare/marks.rs` makes it. */
function fingerprint(text) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return `${text.length}.${(hash >>> 0).toString(16)}`;
}

/** Parts of what was written about a function: its text's fingerprint, whether it is strict, and the names. */
function read(written) {
  const [head, ...names] = written.split(' ');
  const [length, hash, strict] = head.split('.');
  return { fingerprint: `${length}.${hash}`, isStrict: strict === 's', names };
}

/**
 * Whether a function is strict code, where that was written for a function of this text.
 * @returns {boolean | undefined}
 */
function strictnessOf(fn, text) {
  const written = find(fn)?.[0];
  if (typeof written !== 'string') return undefined;
  const { fingerprint: expected, isStrict } = read(written);
  return expected === fingerprint(text) ? isStrict : undefined;
}

/**
 * How the captures of functions with one text are read.
 * @typedef {{free: object, index: number, constant: boolean, isImported: boolean, isGlobal: boolean}[]} Plan
 */

/**
 * @param {string} written
 * @param {import('./codes.js').Entry} entry
 * @returns {Plan | undefined} nothing where something else was prepared than this text
 */
function planFor(written, { text, facts }) {
  const { fingerprint: expected, names } = read(written);
  if (expected !== fingerprint(text)) return undefined;
  const { HOST_GLOBALS, REALM_NAMES } = require('./names.js');
  const indexes = new Map(names.map((name, index) => [name.replace(/^[=@?]/, ''), index]));
  const plan = [];
  for (const free of facts.names) {
    const index = indexes.get(free.name);
    if (index === undefined) {
      if (!REALM_NAMES.has(free.name) && !HOST_GLOBALS.has(free.name)) return undefined;
      continue;
    }
    const sign = names[index][0];
    const isImported = sign === '@';
    plan.push({ free, index, constant: isImported || sign === '=', isImported, isGlobal: sign === '?' });
  }
  return plan;
}

/**
 * The variables that a function captures, with their values, where that was prepared.
 * @param {import('./codes.js').Entry} entry
 * @param {Function} fn
 * @returns {import('./captures.js').Variable[] | undefined} nothing where the inspector has to be asked
 */
function variablesOf(entry, fn) {
  const found = find(fn);
  if (found === undefined || typeof found[0] !== 'string') return undefined;
  entry.plans ??= new Map();
  let plan = entry.plans.get(found[0]);
  if (plan === undefined) {
    plan = planFor(found[0], entry) ?? null;
    entry.plans.set(found[0], plan);
  }
  if (plan === null) return undefined;
  let values;
  try {
    values = found[1]();
  } catch {
    // A variable is not declared yet, or a getter of a global throws: the inspector tells which.
    return undefined;
  }
  const variables = [];
  for (let place = 0; place < plan.length; place++) {
    const { free, index, constant, isImported, isGlobal } = plan[place];
    const { name, assigned, early } = free;
    let value = values[index];
    if (isGlobal && isMark(value)) {
      // It is not declared, or its value is `undefined`.
      if (!Object.hasOwn(globalThis, name)) {
        if (early && name !== entry.facts.parent) return undefined;
        continue;
      }
      value = undefined;
    }
    // Other variables may have the name of what the file imports.
    const from = isImported ? found[2]?.[1][name] : undefined;
    const imported = from === undefined ? undefined : { from: found[2][0], specifier: from[0], name: from[1] };
    variables.push({ name, assigned, early, value, constant, imported });
  }
  return variables;
}

module.exports = {
  OPEN,
  fileOf,
  isMark,
  isPrepared,
  isUsed,
  loadedColumn,
  mark,
  strictnessOf,
  variablesOf,
  withoutMarks,
};
