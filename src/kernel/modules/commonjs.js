'use strict';

// CommonJS modules: `require` and what belongs to it. This file is compiled as users' code is (in realms for coroutine form),
// so that a module's code can be suspended like any other.

const {
  BigInt,
  call,
  defineProperty,
  Error,
  JSONParse,
  MathTrunc,
  ObjectCreate,
  ObjectHasOwn,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeError,
  WeakMap,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} = require('primordials');
const { LIBRARY, available, hasData, isAvailable, stubOf } = require('modules/unavailable');

/**
 * @param {object} natives
 * @param {{
 *   wait: (module: object) => void,
 *   begin: (module: object) => void,
 *   end: (module: object) => void,
 *   isModule: (key: string) => boolean,
 *   requireModule: (key: string, info: object | undefined) => unknown,
 *   library: object,
 *   getContext: () => unknown,
 *   setContext: (context: unknown) => void,
 *   markOpaque: (prototype: object) => void,
 * }} host `wait` blocks while another task loads a module
 */
const SURROUNDINGS = 'hertzscript:surroundings';

module.exports = function createCommonJs(natives, host) {
  /** Modules by file name; what programs see as `require.cache`. */
  const cache = ObjectCreate(null);
  /** Keys of what was found before, by the file that asked and the specifier. */
  const resolved = ObjectCreate(null);
  const state = { main: undefined, depth: 0 };
  /** From where each `require` looks. */
  const places = new WeakMap();
  let nodeFolder;

  function Module(id, parent) {
    this.id = id;
    this.path = dirname(id);
    this.exports = {};
    this.filename = id;
    this.loaded = false;
    this.children = [];
    this.paths = [];
    defineProperty(this, 'parent', { value: parent, writable: true, enumerable: false, configurable: true });
    if (parent !== undefined && parent !== null) adopt(parent, this);
  }
  Module.prototype.require = function (specifier) {
    return loadFrom(specifier, this, this.filename);
  };

  function adopt(parent, child) {
    const list = parent.children;
    for (let i = 0; i < list.length; i++) if (list[i] === child) return;
    list[list.length] = child;
  }

  function dirname(path) {
    const at = StringPrototypeLastIndexOf(path, '/');
    return at > 0 ? StringPrototypeSlice(path, 0, at) : '/';
  }

  function checkSpecifier(specifier) {
    if (typeof specifier === 'string' && specifier !== '') return;
    const isText = typeof specifier === 'string';
    const error = new TypeError(
      isText
        ? "The argument 'id' must be a non-empty string. Received ''"
        : `The "id" argument must be of type string. Received ${specifier === null ? 'null' : `type ${typeof specifier}`}`,
    );
    error.code = isText ? 'ERR_INVALID_ARG_VALUE' : 'ERR_INVALID_ARG_TYPE';
    throw error;
  }

  function resolve(specifier, from) {
    checkSpecifier(specifier);
    const mark = `${from}\0${specifier}`;
    const known = resolved[mark];
    if (known !== undefined && cache[known] !== undefined) return known;
    if (state.depth === 0) natives.forgetFiles();
    try {
      const key = natives.resolveModule(specifier, from, false);
      resolved[mark] = key;
      return key;
    } catch (error) {
      if (error.code === 'MODULE_NOT_FOUND') {
        error.requireStack = from[from.length - 1] === '/' ? [] : [from];
      }
      throw error;
    }
  }

  let found;

  /** What the files in lib/node ask for: things of the addon's that no package has. */
  function surroundings() {
    found ??= findSurroundings();
    return found;
  }

  function findSurroundings() {
    const { arch, env, pid, platform, version } = natives.surroundings();
    return {
      arch,
      env,
      pid,
      platform,
      version,
      cwd: () => StringPrototypeSlice(natives.baseOf(0), 0, -1) || '/',
      nanoseconds: () => BigInt(MathTrunc(natives.now() * 1e6)),
      builtinModules: [...available],
      getContext: host.getContext,
      setContext: host.setContext,
      markOpaque: host.markOpaque,
      fillRandom: (bytes) => natives.fillRandom(bytes),
      requireFrom: (path) => makeRequire(new Module(path, undefined), path),
    };
  }

  function loadFrom(specifier, parent, from) {
    if (specifier === SURROUNDINGS && StringPrototypeStartsWith(from, `${nodeFolder}/`)) return surroundings();
    return loadKey(resolve(specifier, from), parent);
  }

  /** The exports of a module of Node's own. */
  function loadBuiltin(name) {
    if (name === LIBRARY) return host.library;
    nodeFolder ??= natives.surroundings().nodeFolder;
    if (!isAvailable(name)) {
      return stubOf(name, hasData(name) ? loadKey(`${nodeFolder}/unavailable/${name}.js`, undefined) : undefined);
    }
    return loadKey(`${nodeFolder}/${name}.js`, undefined);
  }

  /** The names that one of Node's modules exports which tasks do not have; nothing for the others. */
  function namesOfStub(name) {
    if (name === LIBRARY || isAvailable(name)) return undefined;
    return loadKey(`${nodeFolder}/unavailable/names.json`, undefined)[name];
  }

  function loadKey(key, parent) {
    if (StringPrototypeStartsWith(key, 'node:')) return loadBuiltin(StringPrototypeSlice(key, 5));
    const known = cache[key];
    if (known !== undefined) {
      if (parent !== undefined) adopt(parent, known);
      host.wait(known);
      // It may have failed meanwhile.
      return cache[key] === known ? known.exports : loadKey(key, parent);
    }
    if (host.isModule(key)) return host.requireModule(key, undefined);
    const info = natives.loadModule(key, false);
    if (info.format === 'module') return host.requireModule(key, info);
    checkFormat(info, key);
    host.register(info);
    const module = new Module(key, undefined);
    host.begin(module);
    // Any call may have let another task go on, which has begun with it. There is none between this look and the next line.
    if (cache[key] !== undefined) {
      host.end(module);
      return loadKey(key, parent);
    }
    cache[key] = module;
    let failed = true;
    state.depth++;
    try {
      if (parent !== undefined) {
        module.parent = parent;
        adopt(parent, module);
      }
      if (info.format === 'json') module.exports = parseJson(info.text, key);
      else call(info.main, module.exports, module.exports, makeRequire(module, key), module, key, module.path);
      module.loaded = true;
      failed = false;
    } finally {
      state.depth--;
      if (failed) delete cache[key];
      host.end(module);
    }
    return module.exports;
  }

  function parseJson(text, key) {
    try {
      return JSONParse(text);
    } catch (error) {
      error.message = `${key}: ${error.message}`;
      throw error;
    }
  }

  function checkFormat(info, key) {
    if (info.format === 'commonjs' || info.format === 'json') return;
    const what =
      info.format === 'addon' ? 'a native addon' : info.format === 'wasm' ? 'WebAssembly' : 'of an unknown type';
    const fix =
      info.format === 'wasm'
        ? 'pass its bytes to the task and use WebAssembly.instantiate there'
        : 'use it on the host, and pass what the task needs as arguments or over channels';
    const error = new TypeError(
      info.format === 'unknown'
        ? `Unknown file extension "${StringPrototypeSlice(key, StringPrototypeLastIndexOf(key, '.'))}" for ${key}`
        : `${key} is ${what}, which cannot be loaded into a task: ${fix}`,
    );
    error.code = info.format === 'addon' ? 'ERR_DLOPEN_FAILED' : 'ERR_UNKNOWN_FILE_EXTENSION';
    throw error;
  }

  /** A module's `require`. `from` is a file, or a folder with a slash at its end. */
  function makeRequire(module, from) {
    function require(id) {
      return loadFrom(id, module, from);
    }
    require.resolve = function resolveId(request, options) {
      const paths = options === undefined || options === null ? undefined : options.paths;
      if (paths === undefined) return shownKey(resolve(request, from));
      let failure;
      for (let i = 0; i < paths.length; i++) {
        try {
          return shownKey(resolve(request, `${paths[i]}/`));
        } catch (error) {
          failure = error;
        }
      }
      throw failure ?? new Error(`Cannot find module '${request}'`);
    };
    defineProperty(require.resolve, 'name', { value: 'resolve', configurable: true });
    require.main = state.main;
    require.extensions = ObjectCreate(null);
    require.cache = cache;
    WeakMapPrototypeSet(places, require, from);
    return require;
  }

  /** `require.resolve` gives a module of Node's own as it was asked for. */
  function shownKey(key) {
    return key;
  }

  /** The module that a program's own script is, with its `require`. */
  function makeMain(base, isFile) {
    const isFolder = base[base.length - 1] === '/';
    const module = new Module(isFolder ? `${base}[eval]` : base, null);
    module.id = isFile ? '.' : '[eval]';
    state.main = module;
    if (isFile) cache[base] = module;
    const require = makeRequire(module, base);
    return { module, require };
  }

  return {
    cache,
    state,
    dirname,
    loadKey,
    loadFrom,
    namesOfStub,
    checkFormat,
    makeMain,
    makeRequire: (from) => makeRequire(new Module(from, undefined), from),
    parseJson,
    isModule: (key) => host.isModule(key),
    placeOfRequire: (value) => WeakMapPrototypeGet(places, value),
    isLoaded: (key) => ObjectHasOwn(cache, key),
  };
};
