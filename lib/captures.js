'use strict';

// What a function captures: which variables, and their values at the time of the spawn.

const { types } = require('node:util');
const { setImmediate } = require('./event-loop.js');
const { isNativeText, textOf } = require('./function-source.js');
const { CONSTANT, EARLY, HEIR, LATE, PARENT, PROTOTYPE, STATICS, heritageOf } = require('./makers.js');
const { HOST_GLOBALS, REALM_NAMES } = require('./names.js');
const prepared = require('./prepared.js');
const vite = require('./vite.js');
const writing = require('./writing.js');

const { getPrototypeOf } = Object;
const hasOwn = (object, key) => Object.hasOwn(object, key);

/** Loaded when they are read. */
let scopes;

function scopesOf(facts, fn) {
  try {
    scopes ??= require('./scopes.js');
    return scopes.scopesOf(fn);
  } catch (error) {
    const names = facts.names.map(({ name }) => name).filter((name) => !REALM_NAMES.has(name));
    if (names.length === 0) return { list: [], place: undefined };
    throw require('./capture-error.js').unavailable(fn, names, error);
  }
}

/** Whether a scope has a variable; in a `with` block that is a property of any object. */
function has({ description, object }, name) {
  if (description !== 'With Block') return hasOwn(object, name);
  return name in object && !object[Symbol.unscopables]?.[name];
}

/** Loaded where a function uses `require` for more than modules of Node's own. */
let places;

/**
 * The variables of a function with a `require` of its own, which looks where the function is written; without one where any does.
 * @param {import('./codes.js').Facts} facts
 * @param {Function} fn
 * @param {Variable[]} variables what was read
 * @param {() => string | undefined} caller the file that has called this library
 */
function withRequire(facts, fn, variables, caller) {
  const at = variables.findIndex(({ name }) => name === 'require');
  if (at === -1 && !facts.requires) return variables;
  places ??= require('./places.js');
  if (at !== -1 && !places.isRequire(variables[at].value)) return variables;
  const others = variables.filter((_, index) => index !== at);
  if (!facts.requires) return others;
  const base = (at === -1 ? places.fileOf(fn) : places.baseOfRequire(variables[at].value, fn)) ?? caller();
  return withBase(facts, others, base);
}

function withBase(facts, variables, base) {
  if (base === undefined) return variables;
  const free = facts.names.find(({ name }) => name === 'require');
  return [...variables, { ...free, value: require('./imports.js').requireFrom(base), constant: false }];
}

/** A text whose scopes were read so often is worth knowing more about: it takes milliseconds, once. */
const HOT = 64;

/** Scripts that are longer are not looked at for that, in UTF-16 units. */
const LONGEST_SCRIPT = 1e6;

/**
 * What functions capture whose variables all keep their values.
 * @type {WeakMap<Function, Variable[]>}
 */
const settled = new WeakMap();

/**
 * @typedef {object} Variable
 * @property {string} name
 * @property {boolean} assigned whether the function assigns it
 * @property {boolean} early whether a class needs it to come into being
 * @property {unknown} value
 * @property {{from: string, specifier: string, name: string}} [imported] where a module has it from
 * @property {boolean} [constant] whether assigning it throws, where that is known already
 */

/**
 * The variables that are captured, with their values.
 * @param {import('./codes.js').Entry} entry
 * @param {Function} fn
 * @param {object | undefined} given the option `capture`: nothing is read then
 * @param {() => string | undefined} caller the file that has called this library
 * @returns {Variable[]}
 */
function variablesOf(entry, fn, given, caller) {
  const { facts } = entry;
  if (given !== undefined) {
    const captured = facts.names.filter(({ name }) => hasOwn(given, name));
    const variables = captured.map((free) => ({ ...free, value: given[free.name] }));
    if (!facts.requires || hasOwn(given, 'require')) return variables;
    places ??= require('./places.js');
    return withBase(facts, variables, places.fileOf(fn, false) ?? caller());
  }
  if (facts.isClosed) return [];
  const known = settled.get(fn);
  if (known !== undefined) return known;
  const read = prepared.variablesOf(entry, fn);
  if (read !== undefined) return withRequire(facts, fn, read, caller);
  if (!facts.requires || facts.names.some(({ name }) => !REALM_NAMES.has(name)))
    return readVariables(facts, fn, caller);
  // Nothing else is captured, so that the variables of all functions from one place are the same.
  places ??= require('./places.js');
  return places.inJob(
    entry,
    () => readVariables(facts, fn, caller),
    (variables) => variables[0]?.value,
  );
}

/** The same, of what the inspector tells. */
function readVariables(facts, fn, caller) {
  const { list: around, place } = scopesOf(facts, fn);
  const script = place?.scriptId;
  if (place !== undefined) writing.note(fn, place);
  const captured = [];
  let isSettled = facts.stable !== undefined;
  for (const free of facts.names) {
    const { name } = free;
    const scope = scopeOf(around, name);
    if (scope === undefined) {
      const isOwn = REALM_NAMES.has(name) || HOST_GLOBALS.has(name);
      if (!isOwn) isSettled = false;
      if (!isOwn && free.early && name !== facts.parent) throw require('./capture-error.js').unreadable(fn, name);
      continue;
    }
    const value = valueIn(scope, name, fn);
    const mayBeImported = scope.description === 'Module' && name !== 'require';
    const imported = mayBeImported ? importOf(fn, script, name, value) : undefined;
    captured.push({ ...free, value, imported });
    // One that is undefined may be yet to be declared, and other scripts may assign those that they share.
    if (isSettled) isSettled = value !== undefined && facts.stable.has(name) && !SHARED.has(scope.description);
  }
  facts.readings = (facts.readings ?? 0) + 1;
  if (facts.readings === HOT) setImmediate(learn, facts, fn);
  const variables = withRequire(facts, fn, captured, caller);
  if (isSettled) settled.set(fn, variables);
  return variables;
}

/** Whether a value cannot simply be copied. */
const isReference = (value) => ['object', 'function', 'symbol'].includes(typeof value) && value !== null;

/** Loaded where what a module imports may be captured. */
let imports;

/** Where a variable of a module is imported from. */
function importOf(fn, script, name, value) {
  if (!isReference(value)) return undefined;
  imports ??= require('./imports.js');
  return imports.importOf(fn, script, name);
}

/** The value of a variable. Newer versions of V8 throw where its declaration is not reached yet; in older ones it is undefined. */
function valueIn({ description, object }, name, fn) {
  try {
    return object[name];
  } catch (error) {
    const { failed, unreached } = require('./capture-error.js');
    throw description === 'With Block' ? failed(fn, name, error) : unreached(fn, name);
  }
}

/** Scopes that code elsewhere may change. */
const SHARED = new Set(['Script', 'Global', 'With Block']);

/** The innermost scope that has a variable; nothing for the globals of tasks and of Node. */
function scopeOf(scopes, name) {
  for (let index = 0; index < scopes.length; index++) {
    const scope = scopes[index];
    if (scope.description === 'Global' && (REALM_NAMES.has(name) || HOST_GLOBALS.has(name))) return undefined;
    if (has(scope, name)) return scope;
  }
  return undefined;
}

/** Finds out which variables of a function keep their values, so that they need not be read again. */
function learn(facts, fn) {
  const names = facts.names.map(({ name }) => name);
  const declared = require('./location.js').declarationsOf(fn, names, LONGEST_SCRIPT);
  facts.stable = new Set(names.filter((_, index) => declared[index]?.stable));
}

/** How each variable gets its value; see `makers.js`. */
function modeOf(facts, fn, { name, assigned, early, value, constant }, given) {
  // What refers to itself exists before it is asked for, in all sensible programs.
  if (value === fn) return LATE;
  if (assigned && given === undefined && (constant ?? isConstant(facts, fn, name))) return CONSTANT;
  return early ? EARLY : LATE;
}

/** Whether assigning a variable throws. V8 does not tell; the file of the function does, which takes milliseconds. */
function isConstant(facts, fn, name) {
  facts.constants ??= new Map();
  let constant = facts.constants.get(name);
  if (constant === undefined) {
    constant = require('./location.js').declarationsOf(fn, [name])[0]?.constant ?? false;
    facts.constants.set(name, constant);
  }
  return constant;
}

/**
 * What is to be shipped with a function.
 * @param {import('./codes.js').Entry} entry
 * @param {Function} fn
 * @param {object | undefined} given
 * @param {() => string | undefined} caller the file that has called this library
 * @returns {{name: string, mode: string, value: unknown}[]} those that are not late first
 */
function capturesOf(entry, fn, given, caller) {
  const { facts } = entry;
  const variables = variablesOf(entry, fn, given, caller);
  const late = [];
  const early = [];
  const hidden = facts.shape === 'class' ? addParent(early, entry, fn, variables, given) : undefined;
  for (const variable of variables) {
    if (variable.name === hidden) continue;
    const mode = modeOf(facts, fn, variable, given);
    (mode === LATE ? late : early).push({ name: variable.name, mode, value: valueOf(fn, variable, caller) });
  }
  if (inherits(fn)) addAncestors(late, facts, fn, variables, caller);
  return early.length === 0 ? late : [...early, ...late];
}

/** Whether a value is the `require` of a module, under whatever name, as `createRequire` gives it. */
function isOtherRequire(value) {
  if (!hasOwn(value, 'resolve')) return false;
  places ??= require('./places.js');
  return places.isRequire(value);
}

/** What is sent for it. */
function requireOf(fn, value) {
  return require('./imports.js').requireFrom(places.baseOfRequire(value, fn) ?? places.fileOf(fn));
}

/** What is sent for the value of a variable. */
function valueOf(fn, variable, caller) {
  let { value } = variable;
  if (isReference(value) && vite.isOfVite(variable.name)) value = vite.sentFor(fn, variable.name, value, caller);
  if (typeof value === 'function' && isOtherRequire(value)) return requireOf(fn, value);
  if (variable.imported !== undefined && isReference(value)) {
    imports ??= require('./imports.js');
    value = imports.stand(fn, variable, value);
  }
  // As long as modules are not imported again, their namespaces are copied like other objects.
  if (types.isModuleNamespaceObject(value) && !isElsewhere(value)) value = { ...value };
  return typeof value === 'function' && prepared.isMark(value) ? prepared.mark : value;
}

/**
 * Adds what a class extends, where no variable says it: the code around a class needs none of its own variables for that, so V8
 * need not keep it for the class. A variable of that name may be another one then, further outside.
 * @param {{name: string, mode: string, value: unknown}[]} early
 * @returns {string | undefined} the name of a variable that the class does not see
 */
function addParent(early, { facts, text }, fn, variables, given) {
  const value = getPrototypeOf(fn);
  if (value === null || value === Function.prototype) return undefined;
  const { parent, knownStart } = facts;
  if (typeof knownStart === 'number') {
    early.push({ name: 'extends', mode: PARENT, value });
    return undefined;
  }
  if (!parent) return undefined;
  const variable = variables.find(({ name }) => name === parent);
  if (variable !== undefined && (given !== undefined || variable.value === value)) return undefined;
  const isOfTasks = variable === undefined && REALM_NAMES.has(parent);
  if (isOfTasks && globalThis[parent] === value) return undefined;
  const place = heritageOf(text, parent);
  if (place === undefined || (variable === undefined && !isOfTasks)) {
    early.push({ name: parent, mode: EARLY, value });
    return parent;
  }
  early.push({ name: 'extends', mode: PARENT, value });
  // Where its methods use the name, V8 has kept what they see.
  return text.includes(parent, place[1]) || text.includes('\\u', place[1]) ? undefined : parent;
}

/** Whether what a function, or its `prototype`, inherits from is not what it was made with. */
function inherits(fn) {
  const parent = getPrototypeOf(fn);
  if (parent !== Function.prototype && !isFirstOfFunctions(parent)) return true;
  const prototype = prototypeOf(fn);
  return prototype !== undefined && !isFirst(getPrototypeOf(prototype));
}

/** The object that instances of a function inherit from; generators are no instances. */
function prototypeOf(fn) {
  if (!hasOwn(fn, 'prototype') || types.isGeneratorFunction(fn)) return undefined;
  const { prototype } = fn;
  return typeof prototype === 'object' && prototype !== null && !types.isProxy(prototype) ? prototype : undefined;
}

/** Whether functions inherit from an object by themselves; in another realm it is another one. */
function isFirstOfFunctions(parent) {
  if (parent === null || parent === Function.prototype) return true;
  if (types.isProxy(parent)) return false;
  // Those of asynchronous functions and of generators say what they are.
  if (typeof parent !== 'function') return hasOwn(parent, Symbol.toStringTag);
  return !hasOwn(parent, 'prototype') && isNativeText(textOf(parent));
}

/** The same of `prototype` objects. */
function isFirst(parent) {
  if (parent === Object.prototype) return true;
  if (parent === null || types.isProxy(parent) || getPrototypeOf(parent) !== null) return false;
  const { constructor } = parent;
  return typeof constructor === 'function' && constructor.prototype === parent && isNativeText(textOf(constructor));
}

/**
 * Adds what a function and its `prototype` inherit from, where its text does not say it: as with `util.inherits`, `Object.create`,
 * and what compilers make of classes.
 * @param {{name: string, mode: string, value: unknown}[]} late
 */
function addAncestors(late, { shape, parent, knownStart }, fn, variables, caller) {
  const above = getPrototypeOf(fn);
  const extended = isFirstOfFunctions(above) ? undefined : above;
  const isDerived = shape === 'class' && (parent !== undefined || knownStart !== undefined);
  const add = (mode, value) => late.push({ name: 'extends', mode, value });
  const sent = (value) =>
    valueOf(fn, variables.find((variable) => variable.value === value) ?? { name: '', value }, caller);
  if (extended !== undefined && !isDerived) add(STATICS, sent(extended));
  const prototype = prototypeOf(fn);
  if (prototype === undefined) return;
  const known = [extended, ...variables.map(({ value }) => value)];
  for (let up = getPrototypeOf(prototype); !isFirst(up); up = getPrototypeOf(up)) {
    if (up === null) {
      // Only `extends null` makes a class so.
      if (shape !== 'class') add(PROTOTYPE, null);
      return;
    }
    // The function that was replaced by another `prototype` is found among the variables.
    const owner = [ownerOf(up), ...known].find((value) => isPrototypeOf(up, value));
    if (owner !== undefined) {
      if (!isDerived || owner !== extended) add(HEIR, sent(owner));
      return;
    }
    add(PROTOTYPE, up);
    if (types.isProxy(up) || isElsewhere(up)) return;
  }
}

/** What an object says that it is the `prototype` of. */
function ownerOf(object) {
  return types.isProxy(object) ? undefined : Object.getOwnPropertyDescriptor(object, 'constructor')?.value;
}

/** Whether an object is what instances of a function inherit from. */
function isPrototypeOf(object, fn) {
  if (typeof fn !== 'function' || types.isProxy(fn)) return false;
  return Object.getOwnPropertyDescriptor(fn, 'prototype')?.value === object;
}

/** Whether tasks have a value themselves, or never can. */
function isElsewhere(value) {
  const { describeForeign, nameKnown } = require('./known.js');
  return nameKnown(value) !== undefined || describeForeign(value) !== undefined;
}

module.exports = { capturesOf, inherits };
