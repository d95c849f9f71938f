'use strict';

// The part of `process` that is true in a task. What would act on the host's process is not there.

const EventEmitter = require('node:events');

const { arch, cwd, env, nanoseconds, pid, platform, version } = require('hertzscript:surroundings');

const process = new EventEmitter();

function refuse(name) {
  return () => {
    throw new Error(`process.${name}() is not available in tasks: use it on the host`);
  };
}

function hrtime(since) {
  const now = nanoseconds();
  const time = [Number(now / 1_000_000_000n), Number(now % 1_000_000_000n)];
  if (since === undefined) return time;
  const seconds = time[0] - since[0];
  const rest = time[1] - since[1];
  return rest < 0 ? [seconds - 1, rest + 1_000_000_000] : [seconds, rest];
}
hrtime.bigint = nanoseconds;

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
  execArgv: [],
  execPath: 'node',
  env,
  exitCode: undefined,
  stdout: writer('log'),
  stderr: writer('error'),
  cwd,
  hrtime,
  uptime: () => performance.now() / 1000,
  memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
  nextTick(callback, ...args) {
    if (typeof callback !== 'function') throw new TypeError('process.nextTick takes a function');
    queueMicrotask(args.length === 0 ? callback : () => callback(...args));
  },
  emitWarning: (warning) => console.warn(String(warning)),
  umask: () => 0o22,
  chdir: refuse('chdir'),
  exit: refuse('exit'),
  abort: refuse('abort'),
  kill: refuse('kill'),
  binding: refuse('binding'),
});
Object.defineProperty(process, Symbol.toStringTag, { value: 'process', configurable: true });
