'use strict';

// Node's own modules that tasks do not have.

const {
  defineProperty,
  Error,
  ObjectCreate,
  ObjectHasOwn,
  Proxy,
  ReflectGet,
  WeakSet,
  WeakSetPrototypeAdd,
  WeakSetPrototypeHas,
} = require('primordials');

/** Modules that are nothing but JavaScript; lib/node has a file for each. */
const PURE = ObjectCreate(null);
for (const name of [
  'assert',
  'assert/strict',
  'buffer',
  'console',
  'constants',
  'crypto',
  'diagnostics_channel',
  'events',
  'module',
  'os',
  'path',
  'path/posix',
  'perf_hooks',
  'process',
  'punycode',
  'querystring',
  'stream',
  'stream/consumers',
  'stream/promises',
  'stream/web',
  'string_decoder',
  'sys',
  'timers',
  'timers/promises',
  'async_hooks',
  'tty',
  'url',
  'util',
  'util/types',
]) {
  PURE[name] = true;
}

/** Modules that need what only the host has. */
const OTHERS = ObjectCreate(null);
for (const name of [
  '_http_agent _http_client _http_common _http_incoming _http_outgoing _http_server _stream_duplex _stream_passthrough',
  '_stream_readable _stream_transform _stream_wrap _stream_writable _tls_common _tls_wrap child_process cluster',
  'dgram dns dns/promises domain fs fs/promises http http2 https inspector',
  'inspector/promises net readline readline/promises repl sea sqlite test test/reporters tls',
  'trace_events v8 vm wasi worker_threads zlib',
]) {
  for (const one of name.split(' ')) OTHERS[one] = true;
}

/** Of those, which have data besides; lib/node/unavailable has a file for each. */
const WITH_DATA = ObjectCreate(null);
for (const name of ['cluster', 'fs', 'fs/promises', 'http', 'http2', 'worker_threads', 'zlib']) {
  WITH_DATA[name] = true;
}

/** Whether something of a module that tasks do not have is nothing but data, which they have. */
const hasData = (name) => WITH_DATA[name] === true;

function failure(name, member) {
  const error = new Error(
    `Node's module '${name}' is not available in tasks (${name}.${member}): use it on the host, and pass what the task needs as ` +
      "arguments or over channels (a later version's option 'host' lets tasks call functions of the host)",
  );
  error.code = 'ERR_MODULE_UNAVAILABLE';
  return error;
}

const stubs = ObjectCreate(null);

/** What nobody may take for a promise, a module's namespace, or something with a text of its own. */
const isNoMember = (key) => typeof key === 'symbol' || key === 'then' || key === '__esModule' || key === 'toJSON';

/**
 * What stands for a function, class or object of such a module. It can be taken apart and be inherited from, as packages do while
 * they are loaded; to call it, or make something of it, is an error.
 */
function createMember(name, path) {
  const members = ObjectCreate(null);
  function unavailable() {
    throw failure(name, path);
  }
  defineProperty(unavailable, 'name', { value: path, writable: false, enumerable: false, configurable: true });
  return new Proxy(unavailable, {
    __proto__: null,
    get(target, key, receiver) {
      // What functions have themselves, such as `prototype` and `call`, and what a package has put there.
      if (key in target || isNoMember(key) || key === 'default') return ReflectGet(target, key, receiver);
      members[key] ??= createMember(name, `${path}.${key}`);
      return members[key];
    },
  });
}

/**
 * What stands for a module that tasks do not have. Many packages ask for such modules without using them, so that is no error;
 * calling their functions is.
 * @param {string} name
 * @param {Record<string, unknown>} [data] what of it is there
 */
function stubOf(name, data) {
  if (stubs[name] !== undefined) return stubs[name];
  const members = ObjectCreate(null);
  const stub = new Proxy(
    { ...data },
    {
      __proto__: null,
      get(target, key) {
        // Data, and what packages have put there.
        if (ObjectHasOwn(target, key) || isNoMember(key)) return target[key];
        if (key === 'default') return stub;
        members[key] ??= createMember(name, key);
        return members[key];
      },
      has: (target, key) => (typeof key === 'string' ? key !== 'then' && key !== '__esModule' : key in target),
    },
  );
  stubs[name] = stub;
  WeakSetPrototypeAdd(isStub, stub);
  return stub;
}

const isStub = new WeakSet();

/** The names that `import` finds in a stub: all of them. */
function stubValues(exports) {
  if (typeof exports !== 'object' || exports === null || !WeakSetPrototypeHas(isStub, exports)) return undefined;
  return new Proxy(
    { __proto__: null, default: exports, 'module.exports': exports },
    {
      __proto__: null,
      get: (target, key) => (key in target ? target[key] : exports[key]),
      has: (target, key) => key in target || key in exports,
    },
  );
}

/** Whether tasks have a module; an error for one that Node does not have either. */
function isAvailable(name) {
  if (PURE[name] === true || name === LIBRARY) return true;
  if (OTHERS[name] === true) return false;
  const error = new Error(`No such built-in module: node:${name}`);
  error.code = 'ERR_UNKNOWN_BUILTIN_MODULE';
  throw error;
}

/** This library, which every realm has, whatever is installed. */
const LIBRARY = '@hertzscript/isolate';

module.exports = { LIBRARY, available: Object.keys(PURE), hasData, isAvailable, stubOf, stubValues };
