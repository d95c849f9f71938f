'use strict';

// Captured values that a task imports itself instead of being sent them.
//
// What ES modules import from packages is always one: packages are loaded in tasks as well as here, and their code is more than
// what can be shipped. (Exports of CommonJS modules are known by their values, see known.js.) What the program's own modules export
// is sent, so that they are not run again for one function of theirs. Only where that turns out to be impossible, the
// task imports it, from then on.

const { pathToFileURL } = require('node:url');

/** @typedef {{from: string, specifier: string, name: string}} Import */

/** Stands for a captured value; `known` is how `nameKnown` names it. */
class Imported {
  /** @param {string} known */
  constructor(known) {
    this.known = known;
  }
}

const nameOf = (about) => `module:${JSON.stringify(about)}`;

/** Imports of scripts by V8's numbers, which it never uses twice: for each name where it comes from. */
const scripts = new Map();

/**
 * Where a module has a variable from.
 * @param {Function} fn a function of the module
 * @param {string | undefined} script the module by V8's number
 * @param {string} name
 * @returns {Import | undefined} nothing for a variable that is not imported
 */
function importOf(fn, script, name) {
  if (script === undefined) return undefined;
  let imports = scripts.get(script);
  if (imports === undefined) {
    imports = require('./location.js').importsAround(fn);
    scripts.set(script, imports);
  }
  return imports.get(name);
}

const isPackage = ({ specifier }) => !/^[./#]|:/.test(specifier);

/** What stands for values, by their names: a message names each once. Of the program's own modules only what has to be imported. */
const stands = new Map();

/** Variables of functions that were imported from the program's own modules, until it turns out that they cannot be sent. */
const own = new WeakMap();

/**
 * What is sent instead of a value. What tasks have themselves is named by what it is.
 * @param {Function} fn
 * @param {{name: string, imported: Import}} variable
 * @param {unknown} value
 */
function stand(fn, { name: variable, imported }, value) {
  const name = nameOf(imported);
  const known = stands.get(name);
  if (known !== undefined) return known;
  if (!isPackage(imported)) {
    const variables = own.get(fn) ?? new Map();
    variables.set(variable, imported);
    own.set(fn, variables);
    return value;
  }
  if (typeof value !== 'symbol') {
    const { describeForeign, nameKnown } = require('./known.js');
    if (nameKnown(value) !== undefined || describeForeign(value) !== undefined) return value;
  }
  return makeStand(name);
}

function makeStand(name) {
  const made = new Imported(name);
  stands.set(name, made);
  return made;
}

/**
 * What is sent for the `require` of a function.
 * @param {string} base the file in which it is written, or a folder with a slash at its end
 */
function requireFrom(base) {
  const name = nameOf({ requireFrom: base });
  return stands.get(name) ?? makeStand(name);
}

/**
 * What is sent for the namespace that `import *` gives of a CommonJS module, or of one of Node's that tasks have.
 * @param {{file: string} | {node: string}} module
 */
function namespaceOf({ file, node }) {
  const { isPure } = require('./known.js');
  // It is told by its name what is wrong with it.
  if (node !== undefined && !isPure(node)) return require(`node:${node}`);
  const specifier = node === undefined ? pathToFileURL(file).href : `node:${node}`;
  const name = nameOf({ from: `${process.cwd()}/`, specifier, name: '*' });
  return stands.get(name) ?? makeStand(name);
}

/** What is sent for all that a CommonJS module exports. */
function exportsOf(file) {
  const name = nameOf({ file, path: [] });
  return stands.get(name) ?? makeStand(name);
}

/** Exports of the program's own CommonJS modules that are imported, with their names. */
const named = new WeakMap();

/** How `nameKnown` names a value that is imported. */
function importedAs(value) {
  return value instanceof Imported ? value.known : named.get(value);
}

/** Errors that are gone when what is imported now is imported. */
const helped = new WeakSet();

/** Whether something will be imported by now that could not be sent. */
const helps = (error) => helped.has(error);

/** What could not be sent will be named by now, or found to be imported. */
const help = (error) => {
  helped.add(error);
};

/**
 * A value cannot be sent: if it is an export of a module of the program, it is imported from now on.
 * @param {Error} error
 * @param {Function} fn
 * @param {string} variable
 * @param {unknown} value
 */
function importNextTime(error, fn, variable, value) {
  if (helps(error)) return;
  const imported = own.get(fn)?.get(variable);
  if (imported !== undefined) {
    if (isMain(imported)) return;
    makeStand(nameOf(imported));
    helped.add(error);
    return;
  }
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || named.has(value)) return;
  const exported = require('./known.js').ownExportOf(value);
  if (exported === undefined) return;
  named.set(value, nameOf(exported));
  helped.add(error);
}

/** Whether it is the program's main module: to run it again is not what anybody wants. */
function isMain({ from, specifier }) {
  const main = process.argv[1];
  if (main === undefined || specifier.startsWith('#')) return false;
  return new URL(specifier, from).href === pathToFileURL(main).href;
}

module.exports = { exportsOf, help, helps, importNextTime, importOf, importedAs, namespaceOf, requireFrom, stand };
