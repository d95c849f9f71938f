'use strict';

// Makes random JavaScript programs for differential tests.
//
// A program records what it does by `log(x)` into `trace`, which is its completion value, or what a promise that is its
// completion value settles with. Calls of `log` stand everywhere in operands, so that the order of evaluation shows.
//
// Expressions are made by kind, because a program that dies of "x is not a function" in its first line tests little.
// The kinds are `val` (anything without symbols and bigints, good as operand), `obj`, `inst` (object of a generated
// class), `arr`, `iter`, `fn`, `cls`, `gen` (generator function), `prom`, `afn` (async function) and `agen`.
//
// Every production has a name. `without` turns productions off by these names, and `explain` counts them.

const { Generator } = require('./generate/generator.js');
const { ARRAYS, FUNCTIONS, ITERABLES, OBJECTS, PROMISES, STATEMENTS, VALUES } = require('./generate/productions.js');

/**
 * Makes a program and tells what is in it.
 * @param {number} seed
 * @param {{size?: number, strict?: boolean, async?: boolean, without?: string[]}} options
 *   `size`: about how many expressions and statements; `without`: names of productions that must not occur
 */
function explain(seed, options = {}) {
  const generator = new Generator(seed, options);
  const source = generator.program();
  return { source, strict: generator.strict, async: generator.async, features: generator.features };
}

/** Makes a program: the same for the same seed and options. */
function generate(seed, options) {
  return explain(seed, options).source;
}

const features = [VALUES, OBJECTS, ARRAYS, ITERABLES, FUNCTIONS, PROMISES, STATEMENTS].flatMap((table) =>
  table.map(([name]) => name),
);

module.exports = { generate, explain, features };
