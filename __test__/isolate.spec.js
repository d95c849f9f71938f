'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { describe, it, after } = require('node:test');
const { run, runFile, spawn, Isolate, stats, shutdown, TaskKilledError } = require('../lib/index.js');

after(() => shutdown());

describe('Isolate', () => {
  it('keeps its globals between tasks, apart from everybody else', async () => {
    const one = new Isolate({ name: 'one' });
    const two = new Isolate();
    await one.spawn((v) => {
      globalThis.kept = v;
    }, 'of one');
    assert.equal(await one.spawn(() => globalThis.kept), 'of one');
    assert.equal(await two.spawn(() => typeof globalThis.kept), 'undefined');
    assert.equal(await spawn(() => typeof globalThis.kept), 'undefined');
    assert.equal(one.name, 'one');
    await Promise.all([one.dispose(), two.dispose()]);
  });

  it('runs its tasks one after the other, on a thread of its own', async () => {
    const isolate = new Isolate();
    const order = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        isolate.spawn((n) => {
          globalThis.order = [...(globalThis.order ?? []), n];
          return globalThis.order.length;
        }, i),
      ),
    );
    assert.deepEqual(
      order,
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
    await isolate.dispose();
  });

  it('runs programs, takes options, and has figures', async () => {
    const isolate = new Isolate();
    assert.equal(await isolate.run('6 * 7'), 42);
    const buffer = new ArrayBuffer(8);
    assert.equal(await isolate.spawn.with({ transfer: [buffer] })((b) => b.byteLength, buffer), 8);
    assert.equal(buffer.byteLength, 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const figures = isolate.stats();
    assert.equal(figures.tasksStarted, 2);
    assert.ok(figures.heapUsed > 100_000 && figures.heapTotal >= figures.heapUsed, JSON.stringify(figures));
    // The kernel's sources belong to all isolates and to none.
    assert.ok(figures.external < 100_000, JSON.stringify(figures));
    assert.equal(stats().isolates.filter(({ kind }) => kind === 'private').length, 1);
    await isolate.dispose();
    assert.equal(isolate.stats().disposed, true);
    assert.equal(stats().isolates.filter(({ kind }) => kind === 'private').length, 0);
  });

  it('dispose kills what has not settled, and later use is a clear error', async () => {
    const isolate = new Isolate({ name: 'short' });
    // Plain, so that it holds the isolate.
    const running = isolate.spawn.with({ form: 'plain' })(() => {
      for (;;);
    });
    const queued = isolate.spawn(() => 1);
    const settled = Promise.allSettled([running, queued]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await isolate.dispose();
    for (const { reason } of await settled) assert.ok(reason instanceof TaskKilledError, String(reason));
    assert.throws(() => isolate.spawn(() => 1), /short was disposed of: make a new Isolate/);
    assert.throws(() => isolate.run('1'), { code: 'ERR_ISOLATE_DISPOSED' });
    await isolate.dispose();
  });

  it('dispose ends optimized loops that do nothing but allocate', async () => {
    // V8's loop unrolling took the check for interrupts away from these: the inner loop, which fills the array, has none.
    const bodies = [
      () => {
        for (;;) globalThis.last = new Array(100);
      },
      () => {
        const list = [];
        for (;;) {
          list.push(new Array(100));
          if (list.length > 1000) list.length = 0;
        }
      },
    ];
    for (const form of ['plain', 'coroutine']) {
      for (const body of bodies) {
        const isolate = new Isolate();
        const task = isolate.spawn.with({ form })(body);
        const settled = Promise.allSettled([task]);
        await new Promise((resolve) => setTimeout(resolve, 300));
        await isolate.dispose();
        assert.ok((await settled)[0].reason instanceof TaskKilledError, `${form}: ${body}`);
      }
    }
  });

  it('is an async disposable', async () => {
    const isolate = new Isolate();
    const dispose = isolate[Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')];
    await dispose.call(isolate);
    assert.equal(isolate.stats().disposed, true);
  });

  it('a task can have an isolate of its own, which ends with it', async () => {
    assert.equal(await spawn.with({ isolate: 'private' })((a) => a + 1, 1), 2);
    await spawn.with({ isolate: 'private' })(() => {
      globalThis.left = 1;
    });
    assert.equal(
      await spawn.with({ isolate: 'private', memoryLimit: 64 << 20 })(() => typeof globalThis.left),
      'undefined',
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(stats().isolates.filter(({ kind }) => kind === 'private').length, 0);
  });

  it('many can live at once', async () => {
    const isolates = Array.from({ length: 20 }, () => new Isolate());
    const results = await Promise.all(isolates.map((isolate, i) => isolate.spawn((n) => n, i)));
    assert.deepEqual(
      results,
      isolates.map((_, i) => i),
    );
    await Promise.all(isolates.map((isolate) => isolate.dispose()));
  });

  it('ends when the object is collected', async (t) => {
    if (globalThis.gc === undefined) {
      const { setFlagsFromString } = require('node:v8');
      setFlagsFromString('--expose-gc');
      globalThis.gc = require('node:vm').runInNewContext('gc');
    }
    const count = () => stats().isolates.filter(({ kind }) => kind === 'private').length;
    (() => {
      for (let i = 0; i < 5; i++) new Isolate();
    })();
    assert.equal(count(), 5);
    for (let i = 0; i < 100 && count() > 0; i++) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(count(), 0, t.name);
  });

  it('lives as long as a task in it has not settled, held or not', async () => {
    if (globalThis.gc === undefined) {
      require('node:v8').setFlagsFromString('--expose-gc');
      globalThis.gc = require('node:vm').runInNewContext('gc');
    }
    const tasks = (() => [
      new Isolate().spawn(() => new Promise((resolve) => setTimeout(resolve, 200, 'of spawn'))),
      new Isolate().run("new Promise((resolve) => setTimeout(resolve, 200, 'of run'))"),
    ])();
    const timer = setInterval(() => globalThis.gc(), 10);
    assert.deepEqual(await Promise.all(tasks), ['of spawn', 'of run']);
    clearInterval(timer);
  });

  it('dispose kills what it has not begun to run, too', async () => {
    const isolate = new Isolate();
    const task = isolate.runFile(__filename);
    const settled = Promise.allSettled([task]);
    await isolate.dispose();
    assert.ok((await settled)[0].reason instanceof TaskKilledError, String((await settled)[0].reason));
    assert.equal(task.status, 'killed');
    assert.throws(() => isolate.runFile(__filename), { code: 'ERR_ISOLATE_DISPOSED' });
  });

  it('is not made while everything ends', async () => {
    const isolate = new Isolate({ name: 'mine' });
    await isolate.spawn(() => 1);
    const ending = shutdown();
    assert.throws(() => new Isolate(), { code: 'ERR_SHUTTING_DOWN', message: /await/ });
    const task = spawn.with({ isolate: 'private' })(() => 1);
    await assert.rejects(task, TaskKilledError);
    await ending;
    assert.throws(() => isolate.spawn(() => 1), /mine ended with shutdown\(\): make a new Isolate/);
    assert.equal(await spawn(() => 2), 2);
  });
});

describe('a pool whose threads have ended before shutdown looks', () => {
  it('kills what is spawned until the caller goes on', async () => {
    const isolate = new Isolate({ name: 'mine' });
    await isolate.spawn(() => 1);
    // Once in a thousand times they end so soon by themselves. No public function tells when they have.
    const { native } = require('../lib/pool.js').currentPool();
    const beginStop = native.beginStop.bind(native);
    native.beginStop = () => {
      beginStop();
      while (native.alive() > 0);
    };
    const ending = shutdown();
    const tasks = [spawn(() => 1), spawn.with({ isolate: 'private' })(() => 1), runFile(__filename), run('1')];
    for (const task of tasks) await assert.rejects(task, TaskKilledError);
    await isolate.dispose();
    await ending;
    assert.equal(await spawn(() => 2), 2);
  });
});

describe('kills are no failures', () => {
  const endings = {
    'shutdown()': 'spawn(() => { for (;;); }); setTimeout(() => shutdown(), 50);',
    'dispose()': 'const i = new Isolate(); i.spawn(() => { for (;;); }); setTimeout(() => i.dispose(), 50);',
    'shutdown() while a file is read':
      'spawn(() => 1).then(async () => { runFile(FILE); await shutdown(); console.log("down"); });',
    'shutdown() once a file is read':
      'spawn(() => 1).then(async () => { runFile(FILE); await new Promise(setImmediate); await shutdown(); });',
  };
  for (const [what, script] of Object.entries(endings)) {
    it(`${what} with tasks that nobody awaits ends the process as usual`, () => {
      const library = JSON.stringify(require.resolve('../lib/index.js'));
      const text = `const { spawn, shutdown, Isolate, runFile } = require(${library});
        ${script.replace('FILE', JSON.stringify(__filename))}`;
      const { status, stderr } = spawnSync(process.execPath, ['-e', text], { encoding: 'utf8', timeout: 20000 });
      assert.equal(stderr, '');
      assert.equal(status, 0);
    });
  }
});
