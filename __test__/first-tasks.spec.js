'use strict';

// The first tasks of a pool, which do without the codec, and isolates that were made ahead.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const { AsyncLocalStorage } = require('node:async_hooks');
const { describe, it, afterEach } = require('node:test');
const { promisify } = require('node:util');
const { spawn, shutdown, stats, Isolate } = require('../lib/index.js');

describe("a pool's first tasks", () => {
  afterEach(shutdown);

  const RESULTS = [
    () => undefined,
    () => null,
    () => true,
    () => false,
    () => 0,
    () => 127,
    () => 128,
    () => -1,
    () => -16,
    () => -17,
    () => 2 ** 31 - 1,
    () => -(2 ** 31),
    () => 2 ** 31,
    () => -0,
    () => 1.5,
    () => Number.NaN,
    () => '',
    () => 'a',
    () => 'abcdefgh',
    () => '\u{1f600}',
    () => 10n,
    () => [],
    () => [1, 2],
    () => ({ a: 1 }),
    () => new Map([[1, 2]]),
  ];
  for (const fn of RESULTS) {
    it(`give their results: ${fn}`, async () => {
      assert.deepEqual(await spawn(fn), fn());
    });
  }

  it('throw their errors', async () => {
    await assert.rejects(
      spawn(() => {
        throw new RangeError('first');
      }),
      { name: 'RangeError', message: 'first' },
    );
  });

  it('keep their order and their arguments when one of them needs the codec', async () => {
    const tasks = [];
    for (let index = 0; index < 200; index++) {
      tasks.push(index === 70 ? spawn((a, b) => a.concat(b), [1], [2]) : spawn(() => 7));
    }
    const results = await Promise.all(tasks);
    assert.deepEqual(results[70], [1, 2]);
    results.splice(70, 1);
    assert.ok(results.every((result) => result === 7));
  });

  it('are as many as one likes', async () => {
    const results = await Promise.all(Array.from({ length: 5000 }, () => spawn(() => 1)));
    assert.equal(results.length, 5000);
  });

  it('may be started by a getter of an argument', async () => {
    let inner;
    const argument = {
      get value() {
        inner = spawn(() => 'inner');
        return 'outer';
      },
    };
    assert.equal(await spawn(({ value }) => value, argument), 'outer');
    assert.equal(await inner, 'inner');
  });

  it('may capture, and have an AsyncLocalStorage', async () => {
    const base = 40;
    assert.equal(await spawn(() => base + 2), 42);
    const storage = new AsyncLocalStorage();
    assert.equal(await storage.run('in', () => spawn(() => storage.getStore())), 'in');
  });

  it('may move memory', async () => {
    const buffer = new ArrayBuffer(1000);
    assert.equal(await spawn.with({ transfer: [buffer] })((b) => b.byteLength, buffer), 1000);
    assert.equal(buffer.byteLength, 0);
  });
});

describe('isolates that were made ahead', () => {
  afterEach(shutdown);

  it('are nowhere to be seen', async () => {
    await spawn(() => 1);
    const before = stats().isolates.length;
    for (let round = 0; round < 5; round++) {
      const isolate = new Isolate();
      assert.equal(await isolate.spawn(() => 1), 1);
      await isolate.dispose();
    }
    assert.equal(stats().isolates.length, before);
  });

  it('share nothing with those before them', async () => {
    for (let round = 0; round < 5; round++) {
      const isolate = new Isolate();
      const seen = await isolate.spawn(() => {
        const { mark } = globalThis;
        globalThis.mark = true;
        Array.prototype.extra = 1;
        return [mark, Object.keys(Array.prototype)];
      });
      assert.deepEqual(seen, [undefined, ['extra']]);
      await isolate.dispose();
    }
  });

  it('have the limits that were asked for', async () => {
    const fill = () => {
      const all = [];
      for (;;) all.push(new Array(10_000).fill(0));
    };
    for (const memoryLimit of [32, 64, 64, 32].map((megabytes) => megabytes << 20)) {
      const isolate = new Isolate({ memoryLimit });
      await assert.rejects(isolate.spawn(fill), { name: 'MemoryLimitError' });
      await isolate.dispose();
      const roomy = new Isolate();
      assert.equal(await roomy.spawn(() => new Array(20_000_000).fill(0).length), 20_000_000);
      await roomy.dispose();
    }
  });

  it('are made in any number at once', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const isolate = new Isolate(index % 2 === 0 ? {} : { memoryLimit: 64 << 20 });
        const result = await isolate.spawn((value) => value, index);
        await isolate.dispose();
        return result;
      }),
    );
    assert.deepEqual(
      results,
      Array.from({ length: 20 }, (_, index) => index),
    );
  });

  it('run code in plain form', async () => {
    for (let round = 0; round < 3; round++) {
      const isolate = new Isolate();
      assert.equal(await isolate.spawn.with({ form: 'plain' })(() => 1), 1);
      assert.equal(await isolate.spawn(() => 2), 2);
      await isolate.dispose();
    }
  });

  const ends = (name, source) =>
    it(`do not keep the process alive: ${name}`, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', source], { cwd: __dirname, timeout: 60e3 });
      assert.equal(stdout, 'end');
    });
  const library = "const { spawn, Isolate, shutdown } = require('../lib/index.js');";
  const print = "process.on('exit', () => process.stdout.write('end'));";
  ends('nothing was started', `${library}${print}`);
  ends('one waits for the next private isolate', `${library}${print}new Isolate().spawn(() => 1);`);
  ends('the process exits while it is made', `${library}${print}new Isolate().spawn(() => 1); process.exit();`);
  ends(
    'workers have made them',
    `const { Worker } = require('node:worker_threads');${print}
     for (let i = 0; i < 4; i++) new Worker(\`${library}new Isolate().spawn(() => 1).then(() => process.exit())\`, { eval: true });`,
  );
});
