'use strict';

// The error of what cannot be captured, with all that helps: which variable, where it is declared, what to do.

const { CaptureError } = require('./errors.js');
const { isNativeText, textOf } = require('./function-source.js');
const { placeInSource } = require('./source-maps.js');

/** What functions of Node's own are that cannot be sent, by the errors which say so. */
const foreign = new WeakMap();

/**
 * What a function is where it is Node's own. What such a one captures is nobody's business.
 * @param {Function} fn
 * @returns {[string, string] | undefined} and what to do instead
 */
function describeOwn(fn) {
  const file = require('./location.js').locate(fn)?.file;
  if (file === undefined || !file.startsWith('node:')) return undefined;
  const name = file.replace(/^node:(?:internal\/)?/, '');
  const from = require('node:module').builtinModules.includes(name) ? ` (node:${name})` : '';
  const what = `a function of Node's own${from}, which tasks do not have,`;
  return [fn.name ? `${fn.name}, ${what}` : what, 'call it on the host'];
}

/** An error about what a function captures; another one where the function is Node's own. */
function about(fn, make) {
  const own = describeOwn(fn);
  if (own === undefined) return make();
  const error = new CaptureError(`${own[0]} cannot be captured (${own[1]})`);
  foreign.set(error, own);
  return error;
}

/** The name of a bound function's target: what it was made of is no variable. */
const boundName = (fn) => (isNativeText(textOf(fn)) ? /^(?:bound )+(.*)/s.exec(fn.name)?.[1] : undefined);

/**
 * The same error as those see it who capture the function that it is about.
 * @param {Error} error
 * @param {Function} fn
 * @param {string} variable
 */
function retell(error, fn, variable) {
  const what = foreign.get(error);
  if (what === undefined || boundName(fn) !== undefined) return error;
  return uncloneable({ fn, variable, path: variable, what: what[0], fix: what[1] });
}

/** How a function is called in a message. */
const nameOf = (fn) => (typeof fn.name === 'string' && fn.name !== '' ? `function ${fn.name}` : 'the function');

/** Where a variable is declared, where that can be told. */
function declaredAt(fn, variable) {
  const place = require('./location.js').declarationsOf(fn, [variable])[0]?.place;
  return place === undefined ? '' : `, declared at ${placeInSource(place)}`;
}

/** Where a function stands, where that can be told. */
function standsAt(fn) {
  const place = require('./location.js').locate(fn);
  return place === null ? '' : ` at ${placeInSource(place)}`;
}

function waysOut(variable) {
  return (
    `Pass it as an argument, or give a value that can be copied with spawn.with({ capture: { ${variable}: value } }); ` +
    `what has to stay on the host can be asked for through a channel`
  );
}

/**
 * A captured value cannot be shipped.
 * @param {{fn: Function, variable: string, path: string, what: string, fix: string}} problem
 */
function uncloneable(problem) {
  return about(problem.fn, () => makeUncloneable(problem));
}

function makeUncloneable({ fn, variable, path, what, fix }) {
  // What it inherits from is no variable, and nobody else can give it.
  if (variable === 'extends') {
    const where = path === variable ? '' : ` (${path})`;
    return new CaptureError(`${nameOf(fn)} extends ${what}${where}, which cannot be captured (${fix})`);
  }
  const where = path === variable ? `'${variable}'` : `'${variable}' (${path})`;
  return new CaptureError(
    `${nameOf(fn)} captures ${where}${declaredAt(fn, variable)}: ${what} cannot be captured (${fix}). ${waysOut(variable)}`,
  );
}

/** Reading a captured value threw. */
function failed(fn, variable, cause) {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const text = () =>
    `captures '${variable}'${declaredAt(fn, variable)}: reading it threw: ${reason}. ${waysOut(variable)}`;
  return about(fn, () => new CaptureError(`${nameOf(fn)} ${text()}`, { cause }));
}

const OUTER = {
  this: 'copy what it needs into variables first: const { size } = this',
  super: 'call an ordinary function',
  arguments: 'take rest parameters: (...args)',
  'new.target': 'store it in a variable first',
};

/** The function uses something of the code around it that has no name, or only a private one. */
function outer(fn, thing) {
  const fix = OUTER[thing] ?? 'read the private member into a variable first';
  const make = () =>
    new CaptureError(
      `${nameOf(fn)}${standsAt(fn)} captures '${thing}' of the code around it, which cannot be shipped (${fix}). ` +
        'Pass it as an argument, or turn capturing off with spawn.with({ capture: false }); ' +
        'what has to stay on the host can be asked for through a channel',
    );
  return about(fn, make);
}

/** A class needs a variable to come into being that V8 has not kept, since no function uses it. */
function unreadable(fn, variable) {
  return new CaptureError(
    `${nameOf(fn)} captures '${variable}'${declaredAt(fn, variable)}: its value cannot be read, since only a computed key needs ` +
      `it. ${waysOut(variable)}`,
  );
}

/** The variable's declaration comes later than the spawn. */
function unreached(fn, variable) {
  return new CaptureError(
    `${nameOf(fn)} captures '${variable}'${declaredAt(fn, variable)}: its declaration is not reached yet. Spawn after it; or: ` +
      waysOut(variable),
  );
}

/** The inspector does not tell the values. */
function unavailable(fn, names, cause) {
  return new CaptureError(
    `${nameOf(fn)}${standsAt(fn)} captures ${names.join(', ')}, and their values cannot be read, since node:inspector is not ` +
      `available here (${cause.message}). Pass them as arguments, or give them with ` +
      `spawn.with({ capture: { ${names.join(', ')} } })`,
    { cause },
  );
}

module.exports = { failed, outer, retell, unavailable, uncloneable, unreached, unreadable };
