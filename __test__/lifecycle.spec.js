'use strict';

// How processes end. Each case is a process of its own; together they are 214.

const assert = require('node:assert/strict');
const { spawn: start } = require('node:child_process');
const { join } = require('node:path');
const { describe, it } = require('node:test');

const library = JSON.stringify(join(__dirname, '..', 'lib', 'index.js'));

/** Longest time in milliseconds that a process may take to end by itself. A hang takes for ever. */
const PATIENCE = 60_000;

/** Runs a script to its end; `during` may send it signals. */
function endOf(script, during = () => {}) {
  return new Promise((resolve, reject) => {
    const child = start(process.execPath, [
      '-e',
      `const { spawn, run, Isolate, Mutex, shutdown } = require(${library});\n${script}`,
    ]);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
      during(child, stdout);
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`a process did not end:\n${script}\n${stderr}`));
    }, PATIENCE);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

const BUSY = `
  for (let i = 0; i < 6; i++) spawn(() => { for (;;); }).catch(() => {});
  spawn(() => new Promise(() => {})).catch(() => {});
  spawn(() => { setInterval(() => {}, 1); return new Promise(() => {}); }).catch(() => {});
  spawn(() => { let s = ''; for (;;) s = ('x' + s).slice(0, 1000); }).catch(() => {});
  new Isolate().spawn(() => { const a = []; for (;;) { a.push(new Uint8Array(1000)); if (a.length > 1000) a.length = 0; } }).catch(() => {});
`;

/** [what, how often, script, expected, during] */
const ENDINGS = [
  ['nothing pending: it ends by itself', 20, 'spawn(() => 1).then((v) => console.log(v));', { code: 0, stdout: '1\n' }],
  [
    'a task pending: it waits for it',
    10,
    'spawn(() => new Promise((r) => setTimeout(r, 100, 5))).then((v) => console.log(v));',
    { code: 0, stdout: '5\n' },
  ],
  ['loaded and never used', 5, '', { code: 0 }],
  [
    'an isolate that was not disposed of',
    10,
    'new Isolate().spawn(() => { setInterval(() => {}, 5); return 1; }).then((v) => console.log(v));',
    { code: 0, stdout: '1\n' },
  ],
  [
    'tasks of one isolate that go on since another one has ended',
    4,
    `
      let isIdle = false;
      process.on('beforeExit', () => { isIdle = true; });
      (async () => {
        const isolate = new Isolate();
        for (let round = 0; round < 60; round++) {
          const mutex = new Mutex();
          const other = new Isolate();
          const holder = other.spawn((mutex) => { mutex.lock(); chan().recv(); }, mutex);
          holder.catch(() => {});
          while (holder.status !== 'blocked') await new Promise((resolve) => setTimeout(resolve, 1));
          const waiting = Array.from({ length: 20 }, () => isolate.spawn((mutex) => mutex.lock(), mutex).catch((e) => e.code));
          await new Promise((resolve) => setTimeout(resolve, 15));
          await other.dispose();
          await Promise.all(waiting);
        }
        console.log(isIdle);
      })();`,
    { code: 0, stdout: 'false\n' },
  ],
  ['process.exit() with tasks running', 30, `${BUSY} setTimeout(() => process.exit(7), 30);`, { code: 7 }],
  [
    'process.exit() while packages are read ahead',
    10,
    `spawn((file) => void require(file), ${JSON.stringify(join(__dirname, 'fixtures', 'packages.js'))}).catch(() => {});
     setTimeout(() => process.exit(9), 40 + 80 * Math.random());`,
    { code: 9 },
  ],
  ['process.exit() at once', 20, `${BUSY} process.exit(8);`, { code: 8 }],
  [
    'an uncaught exception with tasks running',
    20,
    `${BUSY} setTimeout(() => { throw new Error('uncaught'); }, 20);`,
    { code: 1 },
  ],
  [
    'a failed task that nobody handles',
    10,
    'spawn(() => { throw new TypeError("unhandled"); });',
    { code: 1, stderr: /TypeError: unhandled/ },
  ],
  [
    'shutdown() with tasks running',
    15,
    `${BUSY} setTimeout(() => shutdown().then(() => console.log('down')), 20);`,
    { code: 0, stdout: 'down\n' },
  ],
  [
    'SIGINT with tasks running',
    15,
    `${BUSY} console.log('ready'); setInterval(() => {}, 1000);`,
    { signal: 'SIGINT' },
    (child) => child.kill('SIGINT'),
  ],
  [
    'SIGTERM that is handled by process.exit()',
    10,
    `${BUSY} process.on('SIGTERM', () => process.exit(9)); console.log('ready'); setInterval(() => {}, 1000);`,
    { code: 9 },
    (child) => child.kill('SIGTERM'),
  ],
  [
    'a Worker that ends first',
    15,
    `
    const { Worker } = require('node:worker_threads');
    const worker = new Worker(\`require(${library.replaceAll('\\', '\\\\')}).spawn(() => 2).then((v) => require('node:worker_threads').parentPort.postMessage(v))\`, { eval: true });
    worker.on('message', (v) => console.log(v));
    worker.on('exit', () => spawn(() => 3).then((v) => console.log(v)));`,
    { code: 0, stdout: '2\n3\n' },
  ],
  [
    'a Worker that loads it first and alone',
    10,
    `
    const { Worker } = require('node:worker_threads');
    new Worker(\`require(${library.replaceAll('\\', '\\\\')}).spawn(() => { for (;;); })\`, { eval: true });
    setTimeout(() => process.exit(4), 150);`,
    { code: 4 },
  ],
  [
    'process.exit() in a handler of exit',
    5,
    `${BUSY} process.on('exit', () => process.exit(6)); setTimeout(() => process.exit(5), 20);`,
    { code: 6 },
  ],
  [
    'what was printed before the end is written',
    5,
    `spawn(() => { console.log('printed'); for (;;); }).catch(() => {}); setTimeout(() => process.exit(0), 300);`,
    { code: 0, stdout: 'printed\n' },
  ],
];

describe('214 processes end as they should', () => {
  it('are 214', () => {
    assert.equal(
      ENDINGS.reduce((sum, [, times]) => sum + times, 0),
      214,
    );
  });

  for (const [what, times, script, expected, during] of ENDINGS) {
    it(`${what} (${times})`, async () => {
      for (let done = 0; done < times; done += 2) {
        const batch = Math.min(2, times - done);
        for (const end of await Promise.all(Array.from({ length: batch }, () => endOf(script, during)))) {
          const report = JSON.stringify(end);
          assert.equal(end.code, expected.code ?? null, report);
          assert.equal(end.signal, expected.signal ?? null, report);
          if (expected.stdout !== undefined) assert.equal(end.stdout, expected.stdout, report);
          if (expected.stderr instanceof RegExp) assert.match(end.stderr, expected.stderr);
        }
      }
    });
  }
});

describe('shutdown', () => {
  it('ends the threads, however often', {
    skip: process.platform !== 'linux' && 'counts threads in /proc',
  }, async () => {
    const { code, stdout, stderr } = await endOf(`
      const threads = () => require('node:fs').readdirSync('/proc/self/task').length;
      (async () => {
        let first;
        for (let i = 0; i < 50; i++) {
          await spawn.with({ form: 'coroutine' })(() => 1);
          await new Isolate().spawn(() => 1);
          await shutdown();
          first ??= threads();
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
        console.log(threads() <= first);
      })();`);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'true\n');
  });
});
