'use strict';

// ECMAScript modules in coroutine form: loading a module with all that it imports, and linking them (the specification's
// Cyclic Module Records, up to their evaluation, which evaluation.js does). Nothing here can be suspended.

const {
  defineProperty,
  getOwnPropertyDescriptor,
  JSONParse,
  ObjectCreate,
  ObjectKeys,
  ReferenceError,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  SyntaxError,
  TypeError,
  WeakSet,
  WeakSetPrototypeAdd,
  WeakSetPrototypeHas,
} = require('primordials');
const { coded } = require('errors');
const { createNamespace } = require('modules/namespace');
const { valuesOf } = require('modules/synthetic');
const { isAvailable } = require('modules/unavailable');

/** How far the evaluation of a module is. */
const LINKED = 0;
const EVALUATING = 1;
const WAITING = 2;
const EVALUATED = 3;

const AMBIGUOUS = { __proto__: null };

/**
 * @param {object} natives
 * @param {object} commonjs
 * @param {{register: Function, fillMeta: Function}} host
 */
module.exports = function createRecords(natives, commonjs, host) {
  /** Modules by key: a path, or a path with what follows it in a URL. */
  const registry = ObjectCreate(null);

  /** Getters of exports that keep their first value. */
  const settled = new WeakSet();

  /** Splits a key. */
  function pathOf(key) {
    const at = StringPrototypeIndexOf(key, '\0');
    return at < 0 ? [key, ''] : [StringPrototypeSlice(key, 0, at), StringPrototypeSlice(key, at + 1)];
  }

  function urlOf(key) {
    if (StringPrototypeStartsWith(key, 'node:')) return key;
    const [path, suffix] = pathOf(key);
    return natives.toUrl(path) + suffix;
  }

  function source(key, path, url, shape, main) {
    const indirect = ObjectCreate(null);
    for (let i = 0; i < shape.indirect.length; i++) indirect[shape.indirect[i][0]] = shape.indirect[i];
    return {
      __proto__: null,
      key,
      path,
      url,
      isSource: true,
      /** Whether it is the program itself. */
      isMain: false,
      shape,
      main,
      indirect,
      /** What the code imports: accessors, or values that do not change any more. */
      imports: ObjectCreate(null),
      /** Local exports: an object with a getter for each. */
      getters: undefined,
      body: undefined,
      requests: [],
      late: [],
      namespace: undefined,
      /** For `require`, where there is a default export. */
      facade: undefined,
      status: LINKED,
      isLinked: false,
      isAsync: shape.isAsync,
      /** What its evaluation threw, in an object. */
      failure: undefined,
      index: 0,
      ancestor: 0,
      cycleRoot: undefined,
      /** Its place in the order of modules that wait for others; 0 for none. */
      order: 0,
      pending: 0,
      parents: [],
      promise: undefined,
    };
  }

  /** A module of another kind; `evaluate` gives its exports. */
  function synthetic(key, evaluate) {
    return {
      __proto__: null,
      key,
      url: urlOf(key),
      isSource: false,
      evaluate,
      values: undefined,
      namespace: undefined,
    };
  }

  function obtain(key, kind, added, info) {
    const known = registry[key];
    if (known !== undefined) {
      checkKind(known.isJson === true, kind, known.url);
      return known;
    }
    const record = make(key, kind, info);
    registry[key] = record;
    added[added.length] = record;
    return record;
  }

  function checkKind(isJson, kind, url) {
    if (isJson && kind !== 'json') {
      throw coded(
        TypeError,
        'ERR_IMPORT_ATTRIBUTE_MISSING',
        `Module "${url}" needs an import attribute of "type: json"`,
      );
    }
    if (kind === null || (isJson && kind === 'json')) return;
    if (kind !== 'json') {
      throw coded(
        TypeError,
        'ERR_IMPORT_ATTRIBUTE_UNSUPPORTED',
        `Import attribute "type" with value "${kind}" is not supported`,
      );
    }
    throw coded(TypeError, 'ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE', `Module "${url}" is not of type "json"`);
  }

  function make(key, kind, known) {
    if (StringPrototypeStartsWith(key, 'node:')) {
      checkKind(false, kind, key);
      isAvailable(StringPrototypeSlice(key, 5));
      return synthetic(key, () => commonjs.loadKey(key, undefined));
    }
    const [path] = pathOf(key);
    const info = known ?? natives.loadModule(key, true);
    if (info.format === 'module') {
      checkKind(false, kind, urlOf(key));
      host.register(info);
      return source(key, path, urlOf(key), JSONParse(info.shape), info.main);
    }
    commonjs.checkFormat(info, path);
    checkKind(info.format === 'json', kind, urlOf(key));
    const record = synthetic(key, () => commonjs.loadKey(path, undefined));
    record.isJson = info.format === 'json';
    return record;
  }

  /** Loads a module and what it imports. */
  function load(specifier, from, kind) {
    if (commonjs.state.depth === 0) natives.forgetFiles();
    return loadKey(natives.resolveModule(specifier, from, true), kind);
  }

  /** `known`: what was loaded already. */
  function loadKey(key, kind, known) {
    const added = [];
    return complete(() => obtain(key, kind, added, known), added);
  }

  /** A program's own module. */
  function loadMain(key, path, url, info) {
    const added = [];
    return complete(() => {
      const record = source(key, path, url, JSONParse(info.shape), info.main);
      record.isMain = true;
      registry[key] = record;
      added[0] = record;
      return record;
    }, added);
  }

  /** What cannot be linked is not kept, so that it can be tried again. */
  function complete(begin, added) {
    try {
      const record = begin();
      for (let i = 0; i < added.length; i++) request(added[i], added);
      link(added);
      return record;
    } catch (error) {
      for (let i = 0; i < added.length; i++) delete registry[added[i].key];
      throw error;
    }
  }

  function request(record, added) {
    if (!record.isSource) return;
    const { requests } = record.shape;
    for (let i = 0; i < requests.length; i++) {
      const [specifier, kind] = requests[i];
      record.requests[i] = obtain(natives.resolveModule(specifier, record.path, true), kind, added);
    }
  }

  function link(added) {
    for (let i = 0; i < added.length; i++) if (added[i].isSource) instantiate(added[i]);
    // The names of what is exported with a star must be known now.
    for (let i = 0; i < added.length; i++) {
      if (!added[i].isSource) continue;
      const { stars } = added[i].shape;
      for (let j = 0; j < stars.length; j++) {
        const target = added[i].requests[stars[j]];
        if (!target.isSource) evaluateSynthetic(target);
      }
    }
    for (let i = 0; i < added.length; i++) if (added[i].isSource) bindAll(added[i]);
  }

  function instantiate(record) {
    const meta = ObjectCreate(null);
    host.fillMeta(meta, record.url, record.path);
    const { main } = record;
    record.body = main(record.imports, meta, (getters, constants) => {
      record.getters = getters;
      for (let i = 0; i < constants.length; i++)
        WeakSetPrototypeAdd(settled, getOwnPropertyDescriptor(getters, constants[i]).get);
    });
    nameDefault(record);
  }

  /** A default export without a name has one in the compiled text. */
  function nameDefault(record) {
    const getter = getOwnPropertyDescriptor(record.getters, 'default');
    if (getter === undefined) return;
    try {
      const value = getter.get();
      if (typeof value !== 'function') return;
      const name = getOwnPropertyDescriptor(value, 'name');
      if (name === undefined || name.value !== record.shape.default) return;
      defineProperty(value, 'name', { value: 'default', writable: false, enumerable: false, configurable: true });
    } catch {
      // It has no value yet.
    }
  }

  function missing(specifier, name, target) {
    if (target.isSource) {
      return new SyntaxError(`The requested module '${specifier}' does not provide an export named '${name}'`);
    }
    return new SyntaxError(
      `Named export '${name}' not found. The requested module '${specifier}' is a CommonJS module, which may not support ` +
        `all module.exports as named exports: use its default export`,
    );
  }

  function conflicting(specifier, name) {
    return new SyntaxError(`The requested module '${specifier}' contains conflicting star exports for name '${name}'`);
  }

  function place(record, error) {
    const { stack } = error;
    const end = StringPrototypeIndexOf(stack, '\n    at ');
    const head = end < 0 ? stack : StringPrototypeSlice(stack, 0, end);
    error.stack = `${head}\n    at ${record.url}`;
    return error;
  }

  function resolveIn(record, index, name) {
    const target = record.requests[index];
    const found = resolve(target, name, []);
    const [specifier] = record.shape.requests[index];
    if (found === null) throw place(record, missing(specifier, name, target));
    if (found === AMBIGUOUS) throw place(record, conflicting(specifier, name));
    return found;
  }

  function bindAll(record) {
    const { imports, indirect } = record.shape;
    for (let i = 0; i < indirect.length; i++) {
      const [, index, name] = indirect[i];
      if (name !== null) resolveIn(record, index, name);
    }
    for (let i = 0; i < imports.length; i++) {
      const [local, index, name] = imports[i];
      const target = record.requests[index];
      const found = name === null ? { record: target, name: undefined } : resolveIn(record, index, name);
      if (found.record.isSource && found.name !== undefined) {
        bind(record.imports, local, { get: found.get });
      } else if (found.record.isSource) {
        bind(record.imports, local, { value: namespaceOf(found.record) });
      } else {
        bind(record.imports, local, { get: reader(found) });
        record.late[record.late.length] = { local, found, specifier: record.shape.requests[index][0] };
      }
    }
  }

  function bind(imports, local, property) {
    defineProperty(imports, local, { __proto__: null, enumerable: true, configurable: true, ...property });
  }

  /** Reads what a module of another kind exports. */
  function reader({ record, name }) {
    return () => {
      if (record.values === undefined) throw new ReferenceError(`Cannot access '${name ?? '*'}' before initialization`);
      return name === undefined ? namespaceOf(record) : record.values[name];
    };
  }

  /** Before a module runs: the modules of other kinds that it imports have run, and their exports do not change any more. */
  function bindLate(record) {
    const { late } = record;
    for (let i = 0; i < late.length; i++) {
      const { local, found, specifier } = late[i];
      const { values } = found.record;
      // In a cycle it may not have run.
      if (values === undefined) continue;
      if (found.name !== undefined && !(found.name in values))
        throw place(record, missing(specifier, found.name, found.record));
      bind(record.imports, local, { value: found.name === undefined ? namespaceOf(found.record) : values[found.name] });
    }
    record.late = [];
  }

  function evaluateSynthetic(record) {
    if (record.values === undefined) setValues(record, record.evaluate());
  }

  function setValues(record, exports) {
    if (record.isJson) {
      record.values = ObjectCreate(null);
      record.values.default = exports;
    } else {
      record.values = valuesOf(exports);
    }
  }

  /** ResolveExport: the module that has a name, and the getter of its value. */
  function resolve(record, name, seen) {
    if (!record.isSource) {
      return record.values === undefined || name in record.values ? { record, name, get: undefined } : null;
    }
    for (let i = 0; i < seen.length; i++) if (seen[i].record === record && seen[i].name === name) return null;
    seen[seen.length] = { record, name };
    const local = getOwnPropertyDescriptor(record.getters, name);
    if (local !== undefined) return { record, name, get: local.get };
    const indirect = record.indirect[name];
    if (indirect !== undefined) {
      const target = record.requests[indirect[1]];
      return indirect[2] === null ? { record: target, name: undefined } : resolve(target, indirect[2], seen);
    }
    if (name === 'default') return null;
    let found = null;
    const { stars } = record.shape;
    for (let i = 0; i < stars.length; i++) {
      const one = resolve(record.requests[stars[i]], name, seen);
      if (one === AMBIGUOUS) return one;
      if (one === null) continue;
      if (found === null) found = one;
      else if (found.record !== one.record || found.name !== one.name) return AMBIGUOUS;
    }
    return found;
  }

  /** GetExportedNames. */
  function collect(record, names, seen) {
    for (let i = 0; i < seen.length; i++) if (seen[i] === record) return;
    seen[seen.length] = record;
    const isFirst = seen.length === 1;
    const add = (list) => {
      for (let i = 0; i < list.length; i++) if (isFirst || list[i] !== 'default') names[list[i]] = true;
    };
    if (!record.isSource) {
      add(ObjectKeys(record.values));
      return;
    }
    add(ObjectKeys(record.getters));
    add(ObjectKeys(record.indirect));
    const { stars } = record.shape;
    for (let i = 0; i < stars.length; i++) collect(record.requests[stars[i]], names, seen);
  }

  function readsOf(record) {
    const names = ObjectCreate(null);
    collect(record, names, []);
    const reads = ObjectCreate(null);
    const list = ObjectKeys(names);
    for (let i = 0; i < list.length; i++) {
      const found = resolve(record, list[i], []);
      if (found === null || found === AMBIGUOUS) continue;
      if (!found.record.isSource) reads[list[i]] = reader(found);
      else if (found.name === undefined) reads[list[i]] = () => namespaceOf(found.record);
      else reads[list[i]] = found.get;
    }
    return reads;
  }

  function namespaceOf(record) {
    record.namespace ??= createNamespace(readsOf(record));
    return record.namespace;
  }

  /** What `require` gives of an ECMAScript module: bundlers' interop looks for `__esModule`. */
  function requiredOf(record) {
    const reads = readsOf(record);
    if ('module.exports' in reads) return reads['module.exports']();
    if (!('default' in reads) || '__esModule' in reads) return namespaceOf(record);
    if (record.facade === undefined) {
      reads.__esModule = () => true;
      record.facade = createNamespace(reads);
    }
    return record.facade;
  }

  /** Whether what a module imports under a name keeps its value, as far as that is known. */
  function isSettled(imports, name) {
    const { get } = getOwnPropertyDescriptor(imports, name);
    return get === undefined || WeakSetPrototypeHas(settled, get);
  }

  /** Calls `see` with the key, the name and the value of each local export of each module that has run. */
  function forEachExport(see) {
    const keys = ObjectKeys(registry);
    for (let i = 0; i < keys.length; i++) {
      const record = registry[keys[i]];
      if (!record.isSource || record.isMain || record.status !== EVALUATED || record.failure !== undefined) continue;
      const names = ObjectKeys(record.getters);
      for (let j = 0; j < names.length; j++) see(keys[i], names[j], record.getters[names[j]]);
      if (record.namespace !== undefined) see(keys[i], undefined, record.namespace);
    }
  }

  const isModule = (key) => registry[key]?.isSource === true;

  return {
    load,
    loadKey,
    loadMain,
    forEachExport,
    isModule,
    isSettled,
    bindLate,
    setValues,
    nameDefault,
    namespaceOf,
    requiredOf,
  };
};

module.exports.LINKED = LINKED;
module.exports.EVALUATING = EVALUATING;
module.exports.WAITING = WAITING;
module.exports.EVALUATED = EVALUATED;
