'use strict';

// The kernel's part in a realm whose code runs as it is written: whole programs, and modules.

const realm = require('realm');
const createCommonJs = require('modules/plain-commonjs');
const createPlain = require('modules/plain');
const { installGlobals, defineMain, fillMeta } = require('modules/globals');
const { ObjectKeys, PromisePrototypeThen, StringPrototypeIndexOf, StringPrototypeSlice } = require('primordials');

const { begins, cloneableExports, compiling, fail, holdsExports, library, markOpaque, natives, settle, succeed } =
  realm.internals;

const nothing = () => {};
const commonjs = createCommonJs(natives, {
  wait: nothing,
  begin: nothing,
  end: nothing,
  register: nothing,
  library,
  getContext: () => natives.getContext(),
  setContext: (context) => natives.setContext(context),
  markOpaque,
  isModule: (key) => plain.isModule(key),
  requireModule: (key, info) => plain.requireModule(key, info),
});
const plain = createPlain(natives, commonjs);
installGlobals(natives, commonjs, compiling);

/**
 * Runs a whole program: a script settles with its completion value, or what its file exports, a module with a plain object of
 * its exports.
 * @param {number} task its id
 * @param {number} code id of the program's source
 */
function evaluate(task, code) {
  begins(task);
  let promise;
  let namespace;
  try {
    const { run, key, base, isFile } = natives.compileProgram(code);
    if (run !== undefined) {
      const module = defineMain(commonjs, base, isFile);
      const { exports } = module;
      const value = run();
      const now = module.exports;
      if (!isFile || (now === exports && ObjectKeys(now).length === 0)) settle(task, value);
      else if (!holdsExports(now)) settle(task, now);
      else succeed(task, cloneableExports(now));
      return;
    }
    promise = plain.evaluateMain(key, base);
    namespace = natives.namespacePlain(key);
  } catch (error) {
    fail(task, error);
    return;
  }
  natives.park(task, false);
  PromisePrototypeThen(
    promise,
    () => succeed(task, cloneableExports(namespace)),
    (error) => fail(task, error),
  );
}

/** Gives `import.meta` its properties. */
function describeMeta(meta, key, base) {
  const at = StringPrototypeIndexOf(key, '\0');
  const path = at < 0 ? key : StringPrototypeSlice(key, 0, at);
  const url = natives.toUrl(path) + (at < 0 ? '' : StringPrototypeSlice(key, at + 1));
  fillMeta(natives, commonjs, meta, url, base);
}

module.exports = { ...realm, evaluate, importDynamically: plain.importDynamically, fillMeta: describeMeta };
