'use strict';

// The sources that isolates know by number. A function is shipped once, however often it is spawned.

const { isStrict, sourceOf, tellsStrictness } = require('./function-source.js');

/** Sources that are kept; beyond that the one that was used least recently is forgotten. */
const CAPACITY = 4096;

/** Length from which the text of a function is not looked at again at every spawn of the same function. */
const LONG_TEXT = 400;

/** Kinds of `NativePool.defineCode`. */
const KINDS = { sloppy: 0, strict: 1, script: 2, module: 3, detect: 4 };

/** What is added to a kind for a form. */
const FORMS = { plain: 0, coroutine: 16, storm: 32 };

/** The name that a source has inside isolates; `stack.js` puts the user's file in its place. */
const nameOf = (id) => `hertzscript:code/${id}`;

class Codes {
  #native;
  #beforeRemoval;
  #lastId = 0;
  #byFunction = new WeakMap();
  /** The functions that were first shipped with a text, by number. */
  #functions = new Map();
  // By kind and form; in order of last use, which is the order of a Map's keys when they are put in anew.
  #tables = new Map();

  /**
   * @param {object} native the NativePool
   * @param {() => void} beforeRemoval called before a source is forgotten: what names it must have been submitted
   */
  constructor(native, beforeRemoval) {
    this.#native = native;
    this.#beforeRemoval = beforeRemoval;
  }

  /** The number of a function's source; a TypeError where it has none. */
  ofFunction(where, fn, form = 'coroutine') {
    const known = typeof fn === 'function' ? this.#byFunction.get(fn) : undefined;
    if (known?.alive && known.form === form) return known.id;
    const text = sourceOf(where, fn);
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
      entry = { id: ++this.#lastId, alive: true, form };
      this.#native.defineCode(entry.id, kind, nameOf(entry.id), text);
      table.set(text, entry);
      this.#functions.set(entry.id, new WeakRef(fn));
      if (table.size > CAPACITY) this.#forgetOldest(table);
    }
    // Most functions are made anew at every spawn and short; remembering those would cost more than reading them.
    if (text.length >= LONG_TEXT) this.#byFunction.set(fn, entry);
    return entry.id;
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
    this.#beforeRemoval();
    const [text, entry] = table.entries().next().value;
    table.delete(text);
    entry.alive = false;
    this.#functions.delete(entry.id);
    this.#native.removeCode(entry.id);
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
