'use strict';

// Node's own modules that tasks do not have.

const { Error, ObjectCreate } = require('primordials');

/** Modules that are nothing but JavaScript; lib/node has a file for each. */
const PURE = ObjectCreate(null);
for (const name of [
  'assert',
  'assert/strict',
  'buffer',
  'constants',
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
  '_stream_readable _stream_transform _stream_wrap _stream_writable _tls_common _tls_wrap async_hooks child_process cluster',
  'console crypto dgram diagnostics_channel dns dns/promises domain fs fs/promises http http2 https inspector',
  'inspector/promises net readline readline/promises repl sea sqlite stream/consumers stream/web test test/reporters tls',
  'trace_events v8 vm wasi worker_threads zlib',
]) {
  for (const one of name.split(' ')) OTHERS[one] = true;
}

/** The error for a module that tasks do not have; nothing for one that they have. */
function unavailable(name) {
  if (PURE[name] === true) return undefined;
  const error = new Error(
    OTHERS[name] === true
      ? `Node's module '${name}' is not available in tasks: use it on the host, and pass what the task needs as arguments or ` +
        "over channels (a later version's option 'host' lets tasks call functions of the host)"
      : `No such built-in module: node:${name}`,
  );
  error.code = OTHERS[name] === true ? 'ERR_MODULE_UNAVAILABLE' : 'ERR_UNKNOWN_BUILTIN_MODULE';
  return error;
}

module.exports = { unavailable, available: Object.keys(PURE) };
