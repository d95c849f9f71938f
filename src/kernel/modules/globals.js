'use strict';

// Globals of Node that are made when somebody touches them, and `import.meta`.

const {
  defineProperty,
  globalThis,
  JSONStringify,
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  WeakMap,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} = require('primordials');
const { valuesOf } = require('modules/synthetic');

/** Names, with the module of Node's own that has them; nothing for the module itself. */
const LAZY = [
  ['process', 'process', undefined],
  ['Buffer', 'buffer', 'Buffer'],
  ['atob', 'buffer', 'atob'],
  ['btoa', 'buffer', 'btoa'],
  ['URL', 'url', 'URL'],
  ['URLSearchParams', 'url', 'URLSearchParams'],
  ['TextEncoder', 'util', 'TextEncoder'],
  ['TextDecoder', 'util', 'TextDecoder'],
  ['Blob', 'buffer', 'Blob'],
  ['File', 'buffer', 'File'],
  ['Event', 'events', 'Event'],
  ['EventTarget', 'events', 'EventTarget'],
  ['AbortController', 'events', 'AbortController'],
  ['AbortSignal', 'events', 'AbortSignal'],
  ['CustomEvent', 'events', 'CustomEvent'],
  ['MessageChannel', 'worker_threads', 'MessageChannel'],
  ['MessageEvent', 'worker_threads', 'MessageEvent'],
  ['MessagePort', 'worker_threads', 'MessagePort'],
  ['crypto', 'crypto', 'webcrypto'],
];

/** Streams of the Web, all of one module. What compresses is not among them: who looks for that finds that there is none. */
const STREAMS = [
  'ByteLengthQueuingStrategy',
  'CountQueuingStrategy',
  'ReadableByteStreamController',
  'ReadableStream',
  'ReadableStreamBYOBReader',
  'ReadableStreamBYOBRequest',
  'ReadableStreamDefaultController',
  'ReadableStreamDefaultReader',
  'TextDecoderStream',
  'TextEncoderStream',
  'TransformStream',
  'TransformStreamDefaultController',
  'WritableStream',
  'WritableStreamDefaultController',
  'WritableStreamDefaultWriter',
];
for (let i = 0; i < STREAMS.length; i++) LAZY[LAZY.length] = [STREAMS[i], 'stream/web', STREAMS[i]];

/** What `performance` gets of the module that keeps notes. */
const NOTES = [
  'clearMarks',
  'clearMeasures',
  'clearResourceTimings',
  'eventLoopUtilization',
  'getEntries',
  'getEntriesByName',
  'getEntriesByType',
  'mark',
  'markResourceTiming',
  'measure',
  'setResourceTimingBufferSize',
  'timerify',
  'toJSON',
];

function defineLazily(name, make, home = globalThis) {
  const settle = (value) =>
    defineProperty(home, name, { value, writable: true, enumerable: false, configurable: true });
  let isMaking = false;
  defineProperty(home, name, {
    get() {
      // Who makes it may look whether it is there.
      if (isMaking) return undefined;
      isMaking = true;
      try {
        const value = make();
        // The module that has it looks for it, too, and is not through.
        if (value !== undefined) settle(value);
        return value;
      } finally {
        isMaking = false;
      }
    },
    set: settle,
    enumerable: false,
    configurable: true,
  });
}

/** What a module that a closure comes from has imported. */
function importName(natives, commonjs, from, specifier, name) {
  const key = natives.resolveModule(specifier, from, true);
  const exports = commonjs.loadKey(key, undefined);
  const values = commonjs.isModule(key) ? exports : valuesOf(exports);
  return name === '*' ? values : values[name];
}

function installGlobals(natives, commonjs, compiling) {
  // What a closure has captured of a module.
  const storages = { __proto__: null };
  const names = new WeakMap();
  compiling.storageOf = (id) => {
    if (storages[id] === undefined) {
      storages[id] = new (commonjs.loadKey('node:async_hooks', undefined).AsyncLocalStorage)();
      WeakMapPrototypeSet(names, storages[id], `storage:${id}`);
    }
    return storages[id];
  };
  compiling.nameStorage = (value) => WeakMapPrototypeGet(names, value);
  // A `require` for each file whose functions were sent, and where each of them looks.
  const requires = { __proto__: null };
  const placed = new WeakMap();
  const requireOf = (from) => {
    if (requires[from] === undefined) {
      requires[from] = commonjs.makeRequire(from);
      WeakMapPrototypeSet(placed, requires[from], from);
    }
    return requires[from];
  };
  compiling.nameOfRequire = (value) => {
    const from = WeakMapPrototypeGet(placed, value);
    return from === undefined ? undefined : `module:${JSONStringify({ requireFrom: from })}`;
  };
  compiling.importExport = ({ file, node, path, from, specifier, name, requireFrom }) => {
    if (requireFrom !== undefined) return requireOf(requireFrom);
    if (specifier !== undefined) return importName(natives, commonjs, from, specifier, name);
    let value = commonjs.loadKey(file ?? `node:${node}`, undefined);
    for (let i = 0; i < path.length; i++) value = value[path[i]];
    return value;
  };
  for (let i = 0; i < LAZY.length; i++) {
    const [name, module, key] = LAZY[i];
    defineLazily(name, () => {
      const exports = commonjs.loadKey(`node:${module}`, undefined);
      return key === undefined ? exports : exports[key];
    });
  }
  const { performance } = globalThis;
  for (let i = 0; i < NOTES.length; i++) {
    const name = NOTES[i];
    const take = () => {
      commonjs.loadKey('node:perf_hooks', undefined);
      return performance[name];
    };
    defineLazily(name, take, performance);
  }
  defineLazily('require', () => commonjs.makeRequire(natives.baseOf(0)));
  defineProperty(globalThis, 'global', { value: globalThis, writable: true, enumerable: false, configurable: true });
}

/** What a program's own script finds besides, as in `node -e`. */
function defineMain(commonjs, base, isFile) {
  const { module, require } = commonjs.makeMain(base, isFile);
  const values = { require, module, exports: module.exports, __filename: module.filename, __dirname: module.path };
  for (const name of ['require', 'module', 'exports', '__filename', '__dirname']) {
    defineProperty(globalThis, name, { value: values[name], writable: true, enumerable: false, configurable: true });
  }
  return module;
}

/** Gives `import.meta` its properties. `path` ends with a slash where the module is no file. */
function fillMeta(natives, commonjs, meta, url, path) {
  if (path[path.length - 1] !== '/') {
    meta.dirname = commonjs.dirname(path);
    meta.filename = path;
  }
  meta.resolve = (value) => {
    const specifier = `${value}`;
    let key;
    try {
      key = natives.resolveModule(specifier, path, true);
    } catch (error) {
      // Nobody asks whether there is a file where the URL alone says where it is.
      const isMissing = error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'ERR_UNSUPPORTED_DIR_IMPORT';
      if (!isMissing || RegExpPrototypeExec(/^(?:\.{0,2}\/|file:)/, specifier) === null) throw error;
      const { URL } = commonjs.loadKey('node:url', undefined);
      return new URL(specifier, url).href;
    }
    if (StringPrototypeIndexOf(key, 'node:') === 0) return key;
    const at = StringPrototypeIndexOf(key, '\0');
    if (at < 0) return natives.toUrl(key);
    return natives.toUrl(StringPrototypeSlice(key, 0, at)) + StringPrototypeSlice(key, at + 1);
  };
  meta.url = url;
}

module.exports = { installGlobals, defineMain, fillMeta };
