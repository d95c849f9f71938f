'use strict';

// The sources that isolates know by number. A function is shipped once, however often it is spawned.

const { isStrict, sourceOf, tellsStrictness } = require('./function-source.js');
const { surroundings } = require('./native.js');
const { keyOf, startOf, writtenOf } = require('./writing.js');

/** Sources that are kept; beyond that the one that was used least recently is forgotten. */
const CAPACITY = 4096;

/** Places that one text may have; functions with the same text elsewhere are shown without a place. */
const MOST_PLACES = 64;

/** Length from which the text of a function is not looked at again at every spawn of the same function. */
const LONG_TEXT = 400;

/** Kinds of `NativePool.defineCode`. */
const KINDS = { sloppy: 0, strict: 1, script: 2, module: 3, detect: 4 };

/** What is added to a kind for a form. */
const FORMS = { plain: 0, coroutine: 16, storm: 32 };

/**
 * The name that a source has inside isolates; `stack.js` puts the user's file in its place.
 * @param {number} id
 * @param {number} [before] how much stands before the function's own text in its first line
 */
const nameOf = (id, before = 0) => `hertzscript:code/${id}${before === 0 ? '' : `+${before}`}`;

/**
 * What a text takes from around it; `src/compiler/captures.rs` finds that out.
 * @typedef {object} Facts
 * @property {'function' | 'class' | 'method'} shape
 * @property {{name: string, assigned: boolean, early: boolean}[]} names that it does not declare
 * @property {string} [outer] `this` and the like of the code around it
 * @property {number} [knownStart] where an expression stands that is not looked at in the task: a method's computed key, or what
 *   a class extends, unless that is a name
 * @property {number} [knownEnd]
 * @property {string} [parent] the name of what a class extends
 * @property {boolean} isClosed whether it takes nothing but globals of tasks
 * @property {boolean} requires whether it uses `require` for more than modules of Node's own
 * @property {boolean} imports the same of `import()`
 * @property {string} [reassigned] the name of a function that assigns it
 * @property {string[]} made static properties of a class that may hold instances as soon as it comes into being
 * @property {boolean} runs whether a class may call something when it comes into being
 * @property {Map<string, boolean>} [constants] what was found out about names that the text assigns
 * @property {number} [readings] how often scopes of functions with the text were read
 * @property {Set<string>} [stable] variables that nothing assigns after their declarations, once that was found out
 */

/**
 * What is known of a text, by strictness and form.
 * @typedef {object} Entry
 * @property {string} text
 * @property {string} form
 * @property {number} kind
 * @property {boolean} alive whether it is not forgotten yet
 * @property {Map<string, object | null>} [plans] how captures are read that were prepared, by what was written about them
 * @property {Facts | undefined} facts nothing where the text is that of no function, as those of private methods
 * @property {number} id the number of the function itself, 0 until somebody needs it
 * @property {Map<string, number>} [placed] the same where it is known or matters where it is written, by that
 * @property {Map<string, number> | undefined} makers numbers of its makers, by that and what they set
 */

/** Where the text of a function begins, where that is known and not too many functions have it. */
function placeOf(fn, entry) {
  const count = (entry.placed?.size ?? 0) + (entry.makers?.size ?? 0);
  return count < MOST_PLACES ? startOf(fn, entry.text) : undefined;
}

class Codes {
  #native;
  #remove;
  #lastId = 0;
  #byFunction = new WeakMap();
  /** The functions that were first shipped with a text, by number. */
  #functions = new Map();
  // By kind and form; in order of last use, which is the order of a Map's keys when they are put in anew.
  #tables = new Map();

  /**
   * @param {object} native the NativePool
   * @param {(id: number) => void} remove removes a source from the pool, once what names it was submitted
   */
  constructor(native, remove) {
    this.#native = native;
    this.#remove = remove;
  }

  /**
   * What is known of a function that is to be called; a TypeError where it has no text.
   * @returns {Entry}
   */
  ofFunction(where, fn, form = 'coroutine') {
    const known = typeof fn === 'function' ? this.#byFunction.get(fn) : undefined;
    if (known?.alive && known.form === form) return known;
    return this.entryOf(fn, sourceOf(where, fn), form);
  }

  /**
   * What is known of a function with this text.
   * @returns {Entry}
   */
  entryOf(fn, text, form) {
    let kind = FORMS[form] + KINDS.sloppy;
    let table;
    let entry;
    if (tellsStrictness(text)) {
      if (isStrict(fn, text)) kind = FORMS[form] + KINDS.strict;
      table = this.#table(kind);
      entry = table.get(text);
    } else {
      // Looking into files takes long: what one function was is what all of the same text are.
      table = this.#table(kind);
      entry = table.get(text) ?? this.#tables.get(FORMS[form] + KINDS.strict)?.get(text);
      if (entry === undefined && isStrict(fn, text)) {
        kind = FORMS[form] + KINDS.strict;
        table = this.#table(kind);
      }
    }
    if (entry === undefined) {
      entry = { text, form, kind, alive: true, facts: surroundings(text) ?? undefined, id: 0, makers: undefined };
      table.set(text, entry);
      if (table.size > CAPACITY) this.#forgetOldest(table);
    }
    // Most functions are made anew at every spawn and short; remembering those would cost more than reading them.
    if (text.length >= LONG_TEXT) this.#byFunction.set(fn, entry);
    return entry;
  }

  /**
   * The number of a function as it is.
   * @param {string} [file] what its specifiers are relative to
   */
  plainOf(fn, entry, file) {
    const start = placeOf(fn, entry);
    const key = keyOf(start, file);
    if (key !== '') return this.#placedOf(fn, entry, { file, start, key });
    if (entry.id === 0) {
      entry.id = ++this.#lastId;
      this.#native.defineCode(
        entry.id,
        entry.kind,
        nameOf(entry.id),
        entry.text,
        undefined,
        writtenOf(fn, undefined, 0),
      );
      this.#functions.set(entry.id, new WeakRef(fn));
    }
    return entry.id;
  }

  #placedOf(fn, entry, { file, start, key }) {
    entry.placed ??= new Map();
    let id = entry.placed.get(key);
    if (id === undefined) {
      id = ++this.#lastId;
      this.#native.defineCode(id, entry.kind, nameOf(id), entry.text, file, writtenOf(fn, start, 0));
      entry.placed.set(key, id);
      this.#functions.set(id, new WeakRef(fn));
    }
    return id;
  }

  /**
   * The number of what makes a function with these variables.
   * @param {Function} fn
   * @param {Entry} entry
   * @param {{name: string, mode: string}[]} captures
   * @param {string} [file] what its specifiers are relative to
   */
  makerOf(fn, entry, captures, file) {
    const start = placeOf(fn, entry);
    let key = keyOf(start, file);
    for (const { name, mode } of captures) key += `${mode} ${name},`;
    entry.makers ??= new Map();
    let id = entry.makers.get(key);
    if (id === undefined) {
      id = ++this.#lastId;
      const { source, before } = require('./makers.js').makerOf(entry.text, entry.facts, captures);
      this.#native.defineCode(id, entry.kind, nameOf(id, before), source, file, writtenOf(fn, start, before));
      entry.makers.set(key, id);
    }
    // Mostly the function with the same text as before; where it is gone another one knows the place as well.
    if (this.#functions.get(id)?.deref() === undefined) this.#functions.set(id, new WeakRef(fn));
    return id;
  }

  #table(kind) {
    let table = this.#tables.get(kind);
    if (table === undefined) {
      table = new Map();
      this.#tables.set(kind, table);
    }
    return table;
  }

  #forgetOldest(table) {
    const [text, entry] = table.entries().next().value;
    table.delete(text);
    entry.alive = false;
    for (const id of [entry.id, ...(entry.placed?.values() ?? []), ...(entry.makers?.values() ?? [])]) {
      if (id === 0) continue;
      this.#functions.delete(id);
      this.#remove(id);
    }
  }

  /** A function with this number, if the first of them still exists. */
  functionOf(id) {
    return this.#functions.get(id)?.deref();
  }

  /** Adds a whole program, which is kept until `remove`; `file` is where it was read from. */
  addProgram(filename, source, type, form = 'coroutine', file = undefined) {
    const id = ++this.#lastId;
    const kind = FORMS[form] + (type === undefined ? KINDS.detect : KINDS[type]);
    this.#native.defineCode(id, kind, filename, source, file);
    return id;
  }

  /** Forgets a program. */
  remove(id) {
    this.#native.removeCode(id);
  }
}

module.exports = { Codes };
