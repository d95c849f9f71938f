'use strict';

// ECMAScript modules in plain form: V8's own. What they import is loaded here before V8 links them; CommonJS modules run at that
// time, since V8 must know the names that they export.

const {
  ObjectCreate,
  ObjectHasOwn,
  ObjectKeys,
  Promise,
  PromisePrototypeThen,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeError,
} = require('primordials');
const { coded } = require('errors');
const { awaits } = require('modules/failures');
const { createNamespace } = require('modules/namespace');
const { valuesOf } = require('modules/synthetic');

module.exports = function createPlain(natives, commonjs) {
  /** Keys of modules that V8 has; and of those, which are JSON. */
  const known = ObjectCreate(null);
  const facades = ObjectCreate(null);

  function pathOf(key) {
    const at = StringPrototypeIndexOf(key, '\0');
    return at < 0 ? key : StringPrototypeSlice(key, 0, at);
  }

  function check(isJson, kind, key) {
    if (isJson === (kind === 'json') && (isJson || kind === '')) return;
    const url = natives.toUrl(pathOf(key));
    throw coded(
      TypeError,
      isJson ? 'ERR_IMPORT_ATTRIBUTE_MISSING' : 'ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE',
      isJson ? `Module "${url}" needs an import attribute of "type: json"` : `Module "${url}" is not of type "${kind}"`,
    );
  }

  /** @param {string[]} [more] names besides the keys: V8 must know all before it links who imports them, and a stand-in has any. */
  function synthetic(key, values, more) {
    const names = ObjectKeys(values);
    for (let i = 0; more !== undefined && i < more.length; i++)
      if (!ObjectHasOwn(values, more[i])) names[names.length] = more[i];
    const list = [];
    for (let i = 0; i < names.length; i++) list[i] = values[names[i]];
    natives.syntheticPlain(key, names, list);
  }

  function obtain(key, kind, loaded) {
    if (known[key] !== undefined) {
      check(known[key] === 'json', kind, key);
      return;
    }
    if (StringPrototypeStartsWith(key, 'node:')) {
      const exports = commonjs.loadKey(key, undefined);
      synthetic(key, valuesOf(exports), commonjs.namesOfStub(StringPrototypeSlice(key, 5)));
      known[key] = 'other';
      return;
    }
    const path = pathOf(key);
    const info = loaded ?? natives.loadModule(key, true);
    if (info.format === 'module') {
      check(false, kind, key);
      known[key] = 'module';
      link(key, path, info.requests);
      return;
    }
    commonjs.checkFormat(info, path);
    check(info.format === 'json', kind, key);
    const exports = commonjs.loadKey(path, undefined);
    if (info.format === 'json') synthetic(key, { __proto__: null, default: exports });
    else synthetic(key, valuesOf(exports));
    known[key] = info.format === 'json' ? 'json' : 'other';
  }

  function link(key, path, requests) {
    try {
      for (let i = 0; i < requests.length; i += 2) {
        const target = natives.resolveModule(requests[i], path, true);
        obtain(target, requests[i + 1]);
        natives.bindPlain(key, requests[i], requests[i + 1], target);
      }
    } catch (error) {
      delete known[key];
      throw error;
    }
  }

  function importDynamically(specifier, base, kind) {
    try {
      natives.forgetFiles();
      const key = natives.resolveModule(specifier, base, true);
      obtain(key, kind);
      natives.instantiatePlain(key);
      return PromisePrototypeThen(natives.evaluatePlain(key), () => natives.namespacePlain(key));
    } catch (error) {
      return new Promise((_, reject) => reject(error));
    }
  }

  function requireModule(key, info) {
    obtain(key, '', info);
    natives.instantiatePlain(key);
    if (natives.isAsyncPlain(key)) {
      throw awaits(key);
    }
    const promise = natives.evaluatePlain(key);
    const [state, result] = natives.promiseDetails(promise);
    if (state === 2) {
      // It is handled here.
      PromisePrototypeThen(promise, undefined, () => {});
      throw result;
    }
    const namespace = natives.namespacePlain(key);
    if ('module.exports' in namespace) return namespace['module.exports'];
    if (!('default' in namespace) || '__esModule' in namespace) return namespace;
    if (facades[key] === undefined) {
      const reads = ObjectCreate(null);
      for (const name of ObjectKeys(namespace)) reads[name] = () => namespace[name];
      reads.__esModule = () => true;
      facades[key] = createNamespace(reads);
    }
    return facades[key];
  }

  /** Links a program's own module; returns its promise. */
  function evaluateMain(key, base) {
    known[key] = 'module';
    link(key, base, natives.requestsOf(key));
    natives.instantiatePlain(key);
    return natives.evaluatePlain(key);
  }

  const isModule = (key) => known[key] === 'module';

  return { isModule, importDynamically, requireModule, evaluateMain };
};
