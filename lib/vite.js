'use strict';

// What Vite and Vitest make of imports, in functions that are spawned from the modules that they run:
//
//   import { join } from 'node:path';      __vite_ssr_import_0__.join, or __vi_import_0__.join
//   import('./other.js')                   __vite_ssr_dynamic_import__('./other.js')
//   import.meta.url                        __vite_ssr_import_meta__.url
//
// So what functions capture are objects of Vite's. Those of packages and of Node's modules are Proxies.

const { types } = require('node:util');

const MODULE = /^__(?:vite_ssr|vi)_import_\d+__$/;
const IMPORTER = '__vite_ssr_dynamic_import__';
const META = '__vite_ssr_import_meta__';

/** Whether a variable is one of Vite's. */
const isOfVite = (name) => name.startsWith('__vi') && (name === IMPORTER || name === META || MODULE.test(name));

/**
 * What is sent for the value of a variable of Vite's.
 * @param {Function} fn
 * @param {string} name
 * @param {unknown} value
 * @param {() => string | undefined} caller the file that has called this library
 */
function sentFor(fn, name, value, caller) {
  if (name === IMPORTER) {
    return importerFrom(require('./places.js').fileOf(fn) ?? caller());
  }
  if (name === META) {
    const { url, filename, dirname } = value;
    return { url, filename, dirname };
  }
  return types.isProxy(value) ? moduleFor(value) : value;
}

/** Functions that import what a file would, by the file. */
const importers = new Map();

/** @param {string | undefined} file */
function importerFrom(file) {
  let importer = importers.get(file);
  if (importer === undefined) {
    importer = makeImporter(globalThis.__vitest_worker__?.config?.root ?? process.cwd());
    require('./places.js').place(importer, file);
    importers.set(file, importer);
  }
  return importer;
}

/** What Vite has made of specifiers begins with a slash, and is relative to its root, or to that of the file system. */
const makeImporter = (root) => (specifier, options) => {
  let id = `${specifier}`;
  if (id.startsWith('/@fs/')) id = id.slice(4);
  else if (id.startsWith('/') && !id.startsWith(`${root}/`)) id = root + id;
  return import(id, options);
};

/**
 * A module for what stands for it. Traps are Vite's own, and only read the module; those of mocks throw where something is asked for that a
 * mock does not have.
 */
function moduleFor(value) {
  if (!('default' in value)) return { ...value };
  const exports = value.default;
  if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) return copyOf(value);
  const from = require('./known.js').moduleExportOf(exports);
  // It is all that a CommonJS module, or one of Node's, exports; or what one exports that was an ES module once.
  if (from !== undefined && from.path.length === 0) return require('./imports.js').namespaceOf(from);
  if (from?.file !== undefined && from.path.length === 1 && from.path[0] === 'default') {
    return require('./imports.js').exportsOf(from.file);
  }
  return copyOf(value);
}

const copyOf = (value) => ({ ...value, default: value.default });

module.exports = { isOfVite, sentFor };
