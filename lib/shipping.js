'use strict';

// Functions on their way into a message: the source that isolates know by number, and what they capture.

const { types } = require('node:util');
const brand = require('./channels/brand.js');
const { CaptureError, DataCloneError } = require('./errors.js');
const { isNativeText, textOf } = require('./function-source.js');
const { classOf, membersOf, stay } = require('./members.js');
const storages = require('./storages.js');

const hasOwn = (object, key) => Object.hasOwn(object, key);

/** Loaded when something is captured. */
let captures;
let known;
let makers;

const NONE = [];
const NOTHING = Object.freeze({});

/** What is being encoded: one at a time, but a getter among the values may spawn. */
class Message {
  /** Numbers of the sources that it names. */
  codes = NONE;
  /** The function of the task itself, where it captures something, and what is known of it already. */
  main;
  shipped;
  /** AsyncLocalStorages that its functions capture. */
  storages;
  /** Whether what these hold goes along with the arguments. */
  isWrapped = false;
  /** What is known of the function of the task. */
  entry;
  /** Whether what `looksInside` needs is up to date. */
  isFresh = false;

  /**
   * @param {string} form
   * @param {object | false | undefined} capture the option
   * @param {Function} [until] the public function that was called
   */
  constructor(form, capture, until) {
    this.form = form;
    this.capture = capture;
    this.until = until;
  }

  /** The file that has called it. */
  caller() {
    return require('./places.js').callerOf(this.until);
  }
}

class Shipping {
  #codes;
  #message;

  /** @param {import('./codes.js').Codes} codes */
  constructor(codes) {
    this.#codes = codes;
  }

  /** Begins a message; returns the one that is under way, to go on with after it. */
  begin(message) {
    const outer = this.#message;
    this.#message = message;
    return outer;
  }

  /**
   * Looks at what the function of a task captures.
   * @param {Message} message
   * @param {Function} fn
   * @param {import('./codes.js').Entry} entry
   * @returns {number} the number of its source, or of what makes it where it captures something
   */
  prepare(message, fn, entry) {
    const { facts } = entry;
    message.entry = entry;
    if (facts === undefined) return this.#codes.plainOf(fn, entry);
    const isClosed = message.capture === undefined ? facts.isClosed : message.capture === false && !facts.requires;
    const variables = isClosed ? NONE : this.#captures(message, fn, entry);
    if (variables.length === 0 && facts.reassigned === undefined)
      return this.#codes.plainOf(fn, entry, this.#fileOf(message, fn, entry));
    message.main = fn;
    message.shipped = this.#ship(message, fn, entry, variables);
    return message.shipped.code;
  }

  /**
   * How a function crosses; see `Shipped` in `src/message/codec/index.js`. Or what is in the way, and what to do instead.
   * @param {Function} fn
   */
  ship(fn) {
    const message = this.#message;
    if (fn === message.main) return message.shipped;
    const text = textOf(fn);
    const name = ownName(fn);
    if (types.isProxy(fn)) return ['a Proxy', 'pass the function itself'];
    known ??= require('./known.js');
    const foreign = brand.describeStaying?.(fn) ?? known.describeForeign(fn);
    if (foreign !== undefined) return foreign;
    if (isNativeText(text)) {
      if (name.startsWith('bound ')) {
        const shipped = this.#shipBound(message, fn);
        return shipped ?? [`the bound function ${name.slice(6)}`, 'write an arrow function that calls it'];
      }
      return [`the native function ${name}`, 'call it on the host'];
    }
    const entry = this.#codes.entryOf(fn, text, message.form);
    if (entry.facts === undefined)
      return [`the function ${name}, which is a private method,`, 'write an ordinary function'];
    return this.#ship(message, fn, entry, this.#captures(message, fn, entry));
  }

  #shipBound(message, fn) {
    const unbound = require('./bound.js').unbind(fn);
    if (unbound === undefined) return undefined;
    const { model, variables } = unbound;
    const entry = this.#codes.entryOf(model, textOf(model), message.form);
    const { keys, members } = membersOf(fn, '', undefined, this);
    return { ...this.#ship(message, model, entry, variables), name: ownName(fn), keys, members };
  }

  /** What to say of a value of the message that cannot be cloned. */
  explain(text, path) {
    if (this.#message?.isWrapped !== true || !text.startsWith(path)) return text;
    return storages.pathIn(path, this.#message) + text.slice(path.length);
  }

  /** The name by which a task has a captured value itself; see `known.js`. */
  nameKnown(value) {
    const storage = storages.nameOf(value);
    if (storage === undefined) {
      known ??= require('./known.js');
      return known.nameKnown(value);
    }
    const message = this.#message;
    message.storages ??= [];
    if (!message.storages.includes(value)) message.storages.push(value);
    return storage;
  }

  /**
   * The name by which a task has an object within a captured value itself; or what it is that cannot cross, and what to do instead.
   * Modules are looked for only where there is a sign of one: else each spawn would have to find out which were loaded.
   * @param {object} value
   */
  nestedName(value) {
    const message = this.#message;
    if (message.entry !== undefined && message.entry.looksInside !== true) return undefined;
    known ??= require('./known.js');
    if (!message.isFresh) {
      message.isFresh = true;
      known.refresh();
    }
    return known.nestedName(value);
  }

  /** The name of a captured symbol that tasks have, too. */
  symbolName(symbol) {
    known ??= require('./known.js');
    return known.symbolName(symbol);
  }

  /** The class of a captured instance, which it keeps where both arrive. */
  classOf(object) {
    return classOf(object);
  }

  /** An object within a captured value holds a function that is named so: it may be a module. */
  foundNested(name) {
    const { entry } = this.#message;
    if (!name.startsWith('module:') || entry === undefined || entry.looksInside === true) return;
    const error = new CaptureError('a captured object may be a module');
    this.failed(error);
    throw error;
  }

  /** What is captured cannot be sent: perhaps since it has a module somewhere inside. */
  failed(error) {
    const { entry } = this.#message;
    if (entry === undefined || entry.looksInside === true || !(error instanceof CaptureError)) return;
    entry.looksInside = true;
    require('./imports.js').help(error);
  }

  /** An instance that a class holds cannot be sent: from now on it stays behind. */
  leaveBehind(value, error) {
    const { help, helps } = require('./imports.js');
    // Something else may help.
    if (helps(error)) return;
    stay(value);
    help(error);
  }

  #captures(message, fn, entry) {
    const { facts } = entry;
    // Nothing is given then.
    const given = message.capture === false ? NOTHING : message.capture;
    if (given === undefined && facts.outer) throw require('./capture-error.js').outer(fn, facts.outer);
    const isClosed = facts.isClosed && given === undefined && facts.shape !== 'class';
    if (isClosed && !hasOwn(fn, 'prototype') && Object.getPrototypeOf(fn) === Function.prototype) return [];
    captures ??= require('./captures.js');
    if (isClosed && !captures.inherits(fn)) return [];
    return captures.capturesOf(entry, fn, given, () => message.caller());
  }

  /** The file of a function that imports something. */
  #fileOf(message, fn, entry) {
    if (!entry.facts.imports) return undefined;
    const { fileOf, inJob } = require('./places.js');
    if (message.capture !== undefined) return fileOf(fn, false) ?? message.caller();
    return inJob(
      entry,
      () => fileOf(fn) ?? message.caller(),
      (file) => file,
    );
  }

  #ship(message, fn, entry, variables) {
    const code = this.#codes.makerOf(fn, entry, variables, this.#fileOf(message, fn, entry));
    if (message.codes === NONE) message.codes = [];
    if (!message.codes.includes(code)) message.codes.push(code);
    const ofClass = entry.facts.shape === 'class' ? entry.facts : undefined;
    const { keys, prototypeKeys, members } = membersOf(fn, entry.text, ofClass, this);
    makers ??= require('./makers.js');
    const early = variables.findIndex(({ mode }) => makers.isLate(mode));
    return {
      code,
      names: variables.map(({ name }) => name),
      values: variables.map(({ value }) => value),
      early: early === -1 ? variables.length : early,
      runs: entry.facts.runs,
      name: ownName(fn),
      keys,
      prototypeKeys,
      members,
      within: this,
    };
  }
}

/** The name, unless a static method is called so. */
function ownName(fn) {
  const value = Object.getOwnPropertyDescriptor(fn, 'name')?.value;
  return typeof value === 'string' ? value : '';
}

/** Whether what could not be sent can be at the next attempt, since something was found out. */
function mayTryAgain(error) {
  return (error instanceof CaptureError || error instanceof DataCloneError) && require('./imports.js').helps(error);
}

module.exports = { mayTryAgain, Message, Shipping };
