'use strict';

// Node's own modules that tasks do not have.

const { Error, ObjectCreate, Proxy, WeakSet, WeakSetPrototypeAdd, WeakSetPrototypeHas } = require('primordials');

/** Modules that are nothing but JavaScript; lib/node has a file for each. */
const PURE = ObjectCreate(null);
for (const name of [
  'assert',
  'assert/strict',
  'buffer',
  'constants',
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
  'stream/promises',
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
  'console crypto dgram dns dns/promises domain fs fs/promises http http2 https inspector',
  'inspector/promises net readline readline/promises repl sea sqlite stream/consumers stream/web test test/reporters tls',
  'trace_events v8 vm wasi worker_threads zlib',
]) {
  for (const one of name.split(' ')) OTHERS[one] = true;
}

function failure(name, member) {
  const error = new Error(
    `Node's module '${name}' is not available in tasks (${name}.${member}): use it on the host, and pass what the task needs as ` +
      "arguments or over channels (a later version's option 'host' lets tasks call functions of the host)",
  );
  error.code = 'ERR_MODULE_UNAVAILABLE';
  return error;
}

const stubs = ObjectCreate(null);

/**
 * What stands for a module that tasks do not have. Many packages ask for such modules without using them, so that is no error;
 * calling their functions is.
 */
function stubOf(name) {
  if (stubs[name] !== undefined) return stubs[name];
  const members = ObjectCreate(null);
  const member = (key) => {
    members[key] ??= () => {
      throw failure(name, key);
    };
    return members[key];
  };
  const stub = new Proxy(
    {},
    {
      __proto__: null,
      get(_, key) {
        if (typeof key === 'symbol' || key === 'then' || key === '__esModule' || key === 'toJSON') return undefined;
        return key === 'default' ? stub : member(key);
      },
      has: (_, key) => typeof key === 'string' && key !== 'then' && key !== '__esModule',
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

module.exports = { LIBRARY, available: Object.keys(PURE), isAvailable, stubOf, stubValues };
