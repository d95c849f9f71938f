'use strict';

// Bound functions: they have no text, so that functions which do the same are sent instead.

const { LATE } = require('./makers.js');

/** Only its text is used: the variables are given with it. */
const model = makeModel();

function makeModel(target, self, given) {
  return function (...rest) {
    const all = [...given, ...rest];
    return new.target === undefined ? Reflect.apply(target, self, all) : Reflect.construct(target, all);
  };
}

/**
 * What is sent for a bound function.
 * @param {Function} fn
 * @returns {{model: Function, variables: {name: string, mode: string, value: unknown}[]} | undefined} nothing where nobody tells what it was
 *   made of
 */
function unbind(fn) {
  let bound;
  try {
    bound = require('./scopes.js').boundOf(fn);
  } catch {
    // The inspector is not available.
  }
  if (bound === undefined) return undefined;
  const values = { given: Array.from(bound.args), self: bound.self, target: bound.target };
  return { model, variables: Object.entries(values).map(([name, value]) => ({ name, mode: LATE, value })) };
}

module.exports = { unbind };
