'use strict';

// Values that a task has itself, so that they are named instead of being sent: functions of this library, built-ins of the
// language, and exports of modules.
//
// Exports are those of npm packages, and of Node's modules that tasks have: an isolate imports them anew. The name is `module:` with
// the JSON of `{file}` or `{node}` and `path`. What the program's own modules export is sent as code, so that they are not run
// again in each isolate for one function of theirs.

const { existsSync } = require('node:fs');
const { join, sep } = require('node:path');
const { types } = require('node:util');
const { HOST_GLOBALS, REALM_NAMES } = require('./names.js');
const { importedAs } = require('./imports.js');
const { isPrepared } = require('./prepared.js');

/** For names of Node's modules whether tasks have them. */
const pure = new Map();

function isPure(name) {
  let found = pure.get(name);
  if (found === undefined) {
    found = existsSync(join(__dirname, 'node', `${name}.js`));
    pure.set(name, found);
  }
  return found;
}

/** Objects of the language that are no functions; Node's `console` stands for that of tasks. */
const NAMESPACES = ['Math', 'JSON', 'Reflect', 'Atomics', 'Intl', 'WebAssembly', 'globalThis', 'console'];

/** Built-ins of the language by value: the JSON of the names that lead to them. */
let builtins;

function indexBuiltins() {
  builtins = new Map();
  const add = (value, path) => {
    if (!isReference(value) || builtins.has(value)) return;
    builtins.set(value, JSON.stringify(path));
    if (path[0] === 'globalThis') return;
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
      if (key === 'constructor' || path.length > 3) continue;
      if (typeof descriptor.value === 'function' || key === 'prototype') add(descriptor.value, [...path, key]);
    }
  };
  // What Node has replaced, such as timers and `structuredClone`, has the same name in tasks and the same meaning.
  for (const name of NAMESPACES) add(globalThis[name], [name]);
  for (const name of REALM_NAMES) if (typeof globalThis[name] === 'function') add(globalThis[name], [name]);
}

/** Well-known symbols with their names. */
let symbols;

/**
 * The name of a symbol that is the same in every realm; nothing for all others.
 * @param {symbol} symbol
 * @returns {string | undefined}
 */
function symbolName(symbol) {
  const key = Symbol.keyFor(symbol);
  if (key !== undefined) return `symbol:${key}`;
  symbols ??= new Map(Object.getOwnPropertyNames(Symbol).map((name) => [Symbol[name], name]));
  const name = symbols.get(symbol);
  return name === undefined ? undefined : `global:${JSON.stringify(['Symbol', name])}`;
}

let library;
let names;

/** The library's exports that have been loaded. Asking for the others would load them. */
function exportOfLibrary(value) {
  library ??= require('./index.js');
  if (value === library) return '';
  if (types.isModuleNamespaceObject(value)) {
    return value.default === library ? '' : undefined;
  }
  names ??= Object.keys(library);
  if (typeof value === 'object') return isView(value) ? '' : undefined;
  return names.find((name) => Object.getOwnPropertyDescriptor(library, name).value === value);
}

/** Whether an object stands for the library, as those of bundlers do: with getters for the exports that are used. */
function isView(value) {
  if (types.isProxy(value)) return false;
  const keys = Object.keys(value);
  if (keys.length === 0 || !keys.every((key) => names.includes(key))) return false;
  return keys.every((key) => value[key] === library[key]);
}

/** Exports of Node's modules that are loaded, and how many were when that was found out. */
let nodeExports = new Map();
let nodeModules = -1;

function indexNodeModules() {
  const loaded = process.moduleLoadList;
  if (loaded.length === nodeModules) return;
  nodeModules = loaded.length;
  nodeExports = new Map();
  indexExports(nodeExports, { node: 'process' }, process);
  const isPublic = require('node:module').builtinModules;
  const names = loaded
    .map((entry) => entry.replace(/^NativeModule /, ''))
    .filter((name) => !name.startsWith('_') && isPublic.includes(name) && name !== 'sys' && name !== 'punycode');
  const index = (name) => {
    const exports = require(`node:${name}`);
    indexExports(nodeExports, { node: name }, exports);
    // It is behind a getter, which is the global's, too.
    if (name === 'crypto') nodeExports.set(exports.webcrypto, { node: name, path: ['webcrypto'] });
  };
  if (loaded.includes('NativeModule internal/perf/performance')) indexPerformance();
  // What a module exports that tasks have says itself if it is not there; most of it is.
  names.filter(isPure).forEach(index);
  for (const name of HOST_GLOBALS) {
    // It is what `globalThis` is, which tasks have.
    if (name === 'global') continue;
    const value = Object.getOwnPropertyDescriptor(globalThis, name)?.value;
    if (isReference(value) && !nodeExports.has(value)) nodeExports.set(value, { node: name, path: [] });
  }
  names.forEach(index);
  // It is behind a getter, too, and its file has another name than what exports it.
  if (loaded.includes('NativeModule internal/fs/promises'))
    indexExports(nodeExports, { node: 'fs/promises' }, require('node:fs').promises);
}

/** Adds `performance` with its methods, which are called without it as often as with it. */
function indexPerformance() {
  const { performance } = globalThis;
  if (!isReference(performance)) return;
  const from = { node: 'perf_hooks' };
  nodeExports.set(performance, { ...from, path: ['performance'] });
  const methods = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(performance));
  for (const [key, { value }] of Object.entries(methods)) {
    if (typeof value === 'function' && key !== 'constructor')
      nodeExports.set(value, { ...from, path: ['performance', key] });
  }
}

/** Adds a module's exports and their properties to an index. */
function indexExports(index, from, exports) {
  if (!index.has(exports)) index.set(exports, { ...from, path: [] });
  for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(exports))) {
    if (isReference(value) && !index.has(value)) index.set(value, { ...from, path: [key] });
  }
}

function isReference(value) {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

/**
 * Which export of a module a value is.
 * @param {object | Function} value
 * @returns {{node: string, path: string[]} | {file: string, path: string[]} | undefined}
 */
function moduleExportOf(value) {
  indexNodeModules();
  // The namespace of an ES module holds the exports of a CommonJS one as its default.
  const exports = types.isModuleNamespaceObject(value) && nodeExports.has(value.default) ? value.default : value;
  const found = nodeExports.get(exports);
  if (found !== undefined) return found;
  if (isPlainData(exports)) return undefined;
  indexPackages();
  return packageExports.get(exports);
}

/** Objects with more keys are not looked through. */
const FEW = 32;

/**
 * Whether a value is a plain object or an array that holds no function itself. Whoever exports it, a copy does as well, and
 * looking through all modules that are loaded takes time.
 */
function isPlainData(value) {
  if (typeof value === 'function' || types.isProxy(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return false;
  const keys = Object.keys(value);
  if (keys.length > FEW) return false;
  return keys.every((key) => {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    return 'value' in descriptor && typeof descriptor.value !== 'function';
  });
}

/** Exports of the CommonJS modules of npm packages that are loaded: the values, with where they come from. */
let packageExports = new Map();
let packageModules = -1;

const PACKAGES = `${sep}node_modules${sep}`;

function indexPackages() {
  const files = Object.keys(require.cache);
  if (files.length === packageModules) return;
  packageModules = files.length;
  packageExports = new Map();
  for (const file of files) {
    const exports = file.includes(PACKAGES) ? require.cache[file]?.exports : undefined;
    if (isReference(exports)) indexExports(packageExports, { file }, exports);
  }
}

/**
 * Which export of a CommonJS module of the program itself a value is. The program's main module is none: to run it is the task of
 * the host.
 * @param {unknown} value
 * @returns {{file: string, path: string[]} | undefined}
 */
function ownExportOf(value) {
  const exports = new Map();
  for (const file of Object.keys(require.cache)) {
    if (file.includes(PACKAGES) || file.startsWith(__dirname) || file === require.main?.filename) continue;
    const own = require.cache[file]?.exports;
    if (isReference(own)) indexExports(exports, { file }, own);
  }
  return exports.get(value);
}

/**
 * The name by which a task has a value itself; nothing where the value has to be sent.
 * @param {object | Function} value
 * @returns {string | undefined}
 */
function nameKnown(value) {
  const imported = importedAs(value);
  if (imported !== undefined) return imported;
  // It is the program's own.
  if (isPrepared(value)) return undefined;
  const exported = exportOfLibrary(value);
  // What only the host can do is a function that says so when it is called: whoever captures it may never call it.
  if (exported !== undefined) return `lib:${exported}`;
  if (builtins === undefined) indexBuiltins();
  const builtin = builtins.get(value);
  if (builtin !== undefined) return `global:${builtin}`;
  const from = moduleExportOf(value);
  if (from !== undefined && (from.node === undefined || isPure(from.node))) return `module:${JSON.stringify(from)}`;
  return undefined;
}

/** Of larger ones it is not found out what they hold. */
const MANY = 1e4;

/**
 * Whether an object is data through and through, so that a copy does as well. Other than `isPlainData` it looks into what the object
 * holds, as it is asked of few.
 */
function isData(value) {
  const found = new Set([value]);
  for (const object of found) {
    const prototype = types.isProxy(object) ? undefined : Object.getPrototypeOf(object);
    if (prototype !== null && prototype !== Object.prototype && prototype !== Array.prototype) return false;
    for (const descriptor of Object.values(Object.getOwnPropertyDescriptors(object))) {
      if (!('value' in descriptor) || typeof descriptor.value === 'function') return false;
      if (isReference(descriptor.value)) found.add(descriptor.value);
    }
    if (found.size > MANY) return true;
  }
  return true;
}

/** Brings up to date what `nestedName` finds. */
function refresh() {
  library ??= require('./index.js');
  if (builtins === undefined) indexBuiltins();
  indexNodeModules();
  indexPackages();
}

/**
 * The same for an object within a captured value. There may be many of them, and hardly any has a name: so this finds what was loaded
 * at the last `refresh`.
 * @param {object} value
 * @returns {string | [string, string] | undefined} also what it is that no task can have, and what to do
 */
function nestedName(value) {
  const builtin = builtins.get(value);
  if (builtin !== undefined) return `global:${builtin}`;
  if (value === library) return 'lib:';
  const from = nodeExports.get(value) ?? packageExports.get(value);
  if (from === undefined || isData(value)) return undefined;
  return from.node === undefined || isPure(from.node) ? `module:${JSON.stringify(from)}` : foreign(from);
}

/**
 * What a value is that no task can have, and what to do; nothing for all others.
 * @param {object | Function} value
 * @returns {[string, string] | undefined}
 */
function describeForeign(value) {
  if (isPrepared(value)) return undefined;
  const from = moduleExportOf(value);
  return from?.node === undefined || isPure(from.node) ? undefined : foreign(from);
}

function foreign(from) {
  const path = from.path.map((key) => `.${key}`).join('');
  return [`${from.node}${path}, a built-in of Node that tasks do not have,`, 'use its result'];
}

module.exports = { describeForeign, isPure, moduleExportOf, nameKnown, nestedName, ownExportOf, refresh, symbolName };
