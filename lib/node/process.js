'use strict';

// The part of `process` that is true in a task. What would act on the host's process is not there.

const EventEmitter = require('node:events');

const { arch, cwd, env, nanoseconds, pid, platform, version } = require('hertzscript:surroundings');
const { invalid } = require('./util/invalid.js');
const { refuseAll } = require('./unavailable/refuse.js');
// A program's own script may have a variable of the name.
const { queueMicrotask } = globalThis;

const process = new EventEmitter();

function hrtime(since) {
  const now = nanoseconds();
  const time = [Number(now / 1_000_000_000n), Number(now % 1_000_000_000n)];
  if (since === undefined) return time;
  const seconds = time[0] - since[0];
  const rest = time[1] - since[1];
  return rest < 0 ? [seconds - 1, rest + 1_000_000_000] : [seconds, rest];
}
hrtime.bigint = nanoseconds;

const memoryUsage = () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 });
memoryUsage.rss = () => 0;

/** A module of Node's own, or `undefined` where there is none. */
function getBuiltinModule(id) {
  if (typeof id !== 'string') throw invalid('id', 'string', id);
  try {
    return require(`node:${id.replace(/^node:/, '')}`);
  } catch (error) {
    if (error.code === 'ERR_UNKNOWN_BUILTIN_MODULE') return undefined;
    throw error;
  }
}

function writer(method) {
  let rest = '';
  return {
    isTTY: false,
    fd: method === 'log' ? 1 : 2,
    write(text) {
      // A console writes whole lines.
      const lines = (rest + String(text)).split('\n');
      rest = lines.pop();
      for (const line of lines) console[method]('%s', line);
      return true;
    },
    on() {
      return this;
    },
    once() {
      return this;
    },
    emit: () => false,
    end() {},
  };
}

module.exports = Object.assign(process, {
  title: 'node',
  arch,
  platform,
  pid,
  ppid: 0,
  version,
  versions: { node: version.slice(1) },
  release: { name: 'node' },
  argv: ['node'],
  argv0: 'node',
  execArgv: [],
  execPath: 'node',
  env,
  exitCode: undefined,
  stdout: writer('log'),
  stderr: writer('error'),
  cwd,
  hrtime,
  uptime: () => performance.now() / 1000,
  memoryUsage,
  nextTick(callback, ...args) {
    if (typeof callback !== 'function') throw new TypeError('process.nextTick takes a function');
    queueMicrotask(args.length === 0 ? callback : () => callback(...args));
  },
  emitWarning: (warning) => console.warn(String(warning)),
  umask: () => 0o22,
  config: { target_defaults: {}, variables: {} },
  features: {
    inspector: false,
    debug: false,
    uv: false,
    ipv6: false,
    tls_alpn: false,
    tls_sni: false,
    tls_ocsp: false,
    tls: false,
  },
  allowedNodeEnvironmentFlags: new Set(),
  debugPort: 9229,
  domain: null,
  sourceMapsEnabled: false,
  setSourceMapsEnabled() {},
  hasUncaughtExceptionCaptureCallback: () => false,
  getActiveResourcesInfo: () => [],
  getBuiltinModule,
  ...refuseAll('process', [
    'abort',
    'assert',
    'availableMemory',
    'binding',
    'chdir',
    'constrainedMemory',
    'cpuUsage',
    'dlopen',
    'exit',
    'kill',
    'loadEnvFile',
    'openStdin',
    'reallyExit',
    'resourceUsage',
    'setUncaughtExceptionCaptureCallback',
  ]),
});
Object.defineProperty(process, Symbol.toStringTag, { value: 'process', configurable: true });
