'use strict';

// What ES modules import from packages. A task imports it itself, since packages are loaded there as well as here, and their code
// is more than what can be shipped.

/** Stands for a captured value that is imported anew; `known` is how `nameKnown` names it. */
class Imported {
  /** @param {{from: string, specifier: string, name: string}} about */
  constructor(about) {
    this.known = `module:${JSON.stringify(about)}`;
  }
}

/** Imports of scripts by V8's numbers, which it never uses twice: for each name where it comes from. */
const scripts = new Map();

/**
 * Where a module has a variable from.
 * @param {Function} fn a function of the module
 * @param {string | undefined} script the module by V8's number
 * @param {string} name
 * @returns {{from: string, specifier: string, name: string} | undefined} nothing for a variable that is not imported from a package
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

/** Values by where they come from: a message names each once. */
const stands = new Map();

/**
 * What is sent instead of a value. What tasks have themselves is named by what it is.
 * @param {{imported: {from: string, specifier: string, name: string}}} variable
 * @param {unknown} value
 */
function stand({ imported }, value) {
  if (typeof value !== 'symbol') {
    const { describeForeign, nameKnown } = require('./known.js');
    if (nameKnown(value) !== undefined || describeForeign(value) !== undefined) return value;
  }
  const made = new Imported(imported);
  const known = stands.get(made.known);
  if (known !== undefined) return known;
  stands.set(made.known, made);
  return made;
}

module.exports = { Imported, importOf, stand };
