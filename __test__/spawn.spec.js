'use strict';

const assert = require('node:assert/strict');
const { mkdtempSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { describe, it, after } = require('node:test');
const { spawn, stats, shutdown, chan, Isolate, Task, TaskKilledError, configure } = require('../lib/index.js');

after(() => shutdown());

describe('spawn', () => {
  it('runs a function elsewhere and gives its result', async () => {
    assert.equal(await spawn((a, b) => a + b, 20, 22), 42);
    assert.equal(await spawn(() => {}), undefined);
  });

  it('takes every kind of function that has a text', async () => {
    const object = {
      method(a) {
        return a + 1;
      },
      async later(a) {
        return a + 2;
      },
      get answer() {
        return 42;
      },
      ['com' + 'puted']: (a) => a + 3,
      'odd name'(a) {
        return a + 4;
      },
    };
    assert.equal(await spawn(object.method, 1), 2);
    assert.equal(await spawn(object.later, 1), 3);
    assert.equal(await spawn(Object.getOwnPropertyDescriptor(object, 'answer').get), 42);
    assert.equal(await spawn(object.computed, 1), 4);
    assert.equal(await spawn(object['odd name'], 1), 5);
    assert.equal(
      await spawn(function named(n) {
        return n < 2 ? n : named(n - 1) + named(n - 2);
      }, 15),
      610,
    );
    assert.equal(await spawn(async (a) => a * 2, 4), 8);
    assert.equal(await spawn(new Function('a', 'return a * 3'), 4), 12);
    assert.equal(await spawn((a, ...rest) => a + rest.length, 1, 2, 3), 3);
    // biome-ignore format: the line break is what is tested
    assert.equal(await spawn( // comment
      a => a, 9), 9);
  });

  it('keeps sloppy and strict code what they are', async () => {
    const sloppy = new Function('return function () { return typeof this; }')();
    const strict = new Function('"use strict"; return function () { return typeof this; }')();
    assert.equal(await spawn(sloppy), 'object');
    assert.equal(await spawn(strict), 'undefined');
  });

  it('keeps methods and arrow functions what their file and their class make of them', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'isolate-')), 'kinds.js');
    const kinds = `class A {
        static method() { return 'class ' + typeof this; }
        async later() { return 'later ' + typeof this; }
      }
      const object = { method() { return 'object ' + typeof this; } };
      const arrow = () => 'arrow ' + (function () { return typeof this; })();
      module.exports = [A.method, A.prototype.later, object.method, arrow];`;
    const run = (fns) => Promise.all(fns.map((fn) => spawn(fn)));
    writeFileSync(file, kinds);
    const sloppy = ['class undefined', 'later undefined', 'object object', 'arrow object'];
    assert.deepEqual(await run(require(file)), sloppy);
    // Other texts: what was found out for one is what all functions of the same text are.
    writeFileSync(`${file}.cjs`, `'use strict'; /* é */\n${kinds.replaceAll("' +", "strict ' +")}`);
    const strict = [
      'class strict undefined',
      'later strict undefined',
      'object strict undefined',
      'arrow strict undefined',
    ];
    assert.deepEqual(await run(require(`${file}.cjs`)), strict);
    writeFileSync(`${file}.mjs`, kinds.replace('module.exports =', 'export default').replaceAll("' +", "module ' +"));
    const { default: fns } = await import(`${file}.mjs`);
    const module = [
      'class module undefined',
      'later module undefined',
      'object module undefined',
      'arrow module undefined',
    ];
    assert.deepEqual(await run(fns), module);
  });

  for (const form of ['plain', 'coroutine', 'storm']) {
    it(`runs timers behind microtasks, however late they are (${form})`, async () => {
      const log = await spawn.with({ form })(async () => {
        const log = [];
        const later = (name) => {
          log.push(name);
          Promise.resolve().then(() => log.push(`${name}, then`));
        };
        setTimeout(later, 1, 'first');
        setTimeout(later, 2, 'second');
        const end = performance.now() + 60;
        while (performance.now() < end);
        Promise.resolve().then(() => log.push('microtask'));
        await null;
        log.push('after await');
        while (log.length < 6) await new Promise((resolve) => setTimeout(resolve, 1));
        return log;
      });
      assert.deepEqual(log, ['microtask', 'after await', 'first', 'first, then', 'second', 'second, then']);
    });
  }

  it('awaits thenables, and timers and promises work inside', async () => {
    const waited = await spawn(
      () =>
        new Promise((resolve) => {
          const start = performance.now();
          setTimeout(() => Promise.resolve().then(() => resolve(performance.now() - start)), 20);
        }),
    );
    assert.ok(waited >= 19, `${waited}`);
    assert.equal(await spawn(() => ({ then: (resolve) => resolve('thenable') })), 'thenable');
    const order = await spawn(async () => {
      const log = [];
      setTimeout(() => log.push('timeout 2'), 60);
      setTimeout(() => log.push('timeout 1'), 1);
      queueMicrotask(() => log.push('microtask'));
      await null;
      log.push('after await');
      const interval = setInterval(() => log.push('tick') > 5 && clearInterval(interval), 80);
      const cancelled = setTimeout(() => log.push('never'), 4);
      clearTimeout(cancelled);
      while (log.length < 6) await new Promise((resolve) => setTimeout(resolve, 10));
      return log;
    });
    assert.deepEqual(order.slice(0, 4), ['microtask', 'after await', 'timeout 1', 'timeout 2']);
    assert.equal(order.includes('never'), false);
    assert.equal(order.filter((entry) => entry === 'tick').length, 2);
  });

  it('runs many at once, on all threads, each result to its own task', async () => {
    const results = await Promise.all(Array.from({ length: 3000 }, (_, i) => spawn((n) => n * 2, i)));
    assert.deepEqual(
      results,
      Array.from({ length: 3000 }, (_, i) => i * 2),
    );
    const { isolates, threads, tasks } = stats();
    assert.equal(isolates.filter(({ kind }) => kind === 'shared').length, threads);
    assert.equal(tasks.pending, 0);
  });

  it('runs in parallel while the event loop goes on', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const spin = () => {
      const end = Date.now() + 150;
      while (Date.now() < end);
    };
    await Promise.all([spawn(spin), spawn(spin)]);
    clearInterval(timer);
    assert.ok(ticks >= 8, `${ticks} ticks in 150 ms`);
  });

  it('leaves turns to the event loop where one short task follows the other', async () => {
    const turns = { timer: 0, immediate: 0 };
    const timer = setInterval(() => turns.timer++, 1);
    let isOver = false;
    const next = () => {
      turns.immediate++;
      if (!isOver) setImmediate(next);
    };
    setImmediate(next);
    let tasks = 0;
    for (const begin = performance.now(); performance.now() - begin < 300; tasks++) {
      assert.equal(await spawn((n) => n, tasks), tasks);
    }
    isOver = true;
    clearInterval(timer);
    assert.ok(turns.timer >= 10 && turns.immediate >= 30, `${JSON.stringify(turns)} in ${tasks} tasks`);
  });

  it('tells of one short failure after the other', async () => {
    const fail = (n) => {
      throw new RangeError(`no ${n}`);
    };
    for (let n = 0; n < 300; n++) await assert.rejects(spawn(fail, n), { name: 'RangeError', message: `no ${n}` });
  });

  it('starts a task at once, also when its caller then blocks', async () => {
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const task = spawn((flag) => void Atomics.store(flag, 0, 1), shared);
    const end = Date.now() + 5000;
    while (Atomics.load(shared, 0) === 0) assert.ok(Date.now() < end, 'it did not start');
    await task;
  });
});

describe('Task', () => {
  it('has an id, a name and a status', async () => {
    const first = spawn(function work() {
      return 1;
    });
    const second = spawn.with({ name: 'other' })(() => 2);
    assert.ok(first instanceof Task);
    assert.ok(second.id > first.id);
    assert.equal(first.name, 'work');
    assert.equal(second.name, 'other');
    await first;
    assert.equal(first.status, 'done');
    await assert.rejects(
      spawn(() => {
        throw new Error('no');
      }),
    );
    assert.equal(Object.prototype.toString.call(first), '[object Task]');
    assert.throws(() => new Task(), /made by spawn/);
  });

  it('says where it stands while it lives', { timeout: 60_000 }, async () => {
    // Isolates that are not preempted hold what comes after.
    const isolate = new Isolate();
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const hold = (g) => {
      while (Atomics.load(g, 0) === 0);
    };
    const plain = isolate.spawn.with({ form: 'plain' })(hold, gate);
    const waiting = isolate.spawn(() => 1);
    // The others take turns.
    const holders = Array.from({ length: 6 * stats().threads }, () => spawn(hold, gate));
    const all = [plain, ...holders];
    while (all.some(({ status }) => status === 'queued')) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(plain.status, 'running');
    assert.equal(waiting.status, 'queued');
    assert.deepEqual(
      holders.map(({ status }) => status),
      holders.map(() => 'running'),
    );
    Atomics.store(gate, 0, 1);
    await Promise.all([plain, waiting, ...holders]);
    assert.equal(waiting.status, 'done');
    await isolate.dispose();
    const blocked = spawn(() => new Promise((resolve) => setTimeout(resolve, 60)));
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(blocked.status, 'blocked');
    await blocked;
  });

  it('is blocked where its slice was over under a native frame just before', async () => {
    const isolate = new Isolate();
    const other = isolate.spawn.with({ form: 'coroutine' })(() => {
      for (;;);
    });
    const never = chan();
    const task = isolate.spawn.with({ form: 'coroutine' })(async (channel) => {
      const compute = (ms) => {
        const end = Date.now() + ms;
        while (Date.now() < end);
      };
      // Long enough to be preempted, which it is said to be.
      compute(50);
      // A trap is called by V8 itself: what is to be suspended in it goes on.
      new Proxy({}, { get: () => compute(40) }).property;
      await channel.recv();
    }, never);
    const end = Date.now() + 10_000;
    while (task.status !== 'blocked' && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(task.status, 'blocked');
    for (const each of [task, other]) {
      each.kill();
      await assert.rejects(each, TaskKilledError);
    }
    await isolate.dispose();
  });

  it('is a full promise: then, catch, finally', async () => {
    let finished = 0;
    const value = await spawn(() => 1)
      .finally(() => finished++)
      .then((v) => v + 1);
    assert.equal(value, 2);
    assert.equal(
      await spawn(() => {
        throw new TypeError('x');
      }).catch((error) => error.message),
      'x',
    );
    assert.equal(finished, 1);
  });

  it('lets go of what the function of a settled task has closed over', async () => {
    require('node:v8').setFlagsFromString('--expose-gc');
    const gc = require('node:vm').runInNewContext('gc');
    const reference = await (async () => {
      const closedOver = { large: true };
      const fn = (n) => (n > 0 ? n : closedOver);
      await spawn(fn, 1);
      return new WeakRef(closedOver);
    })();
    for (let i = 0; i < 100 && reference.deref() !== undefined; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      gc();
    }
    assert.equal(reference.deref(), undefined);
  });
});

describe('configure', () => {
  it('is refused once the pool runs, and honoured after shutdown', async () => {
    await spawn(() => 1);
    assert.throws(() => configure({ threads: 1 }), /before the first spawn/);
    await shutdown();
    configure({ threads: 1 });
    await spawn(() => 1);
    assert.equal(stats().threads, 1);
    assert.equal(stats().isolates.length, 1);
    await shutdown();
    configure({ threads: 3 });
    assert.equal(await spawn(() => 5), 5);
    assert.equal(stats().threads, 3);
  });
});

describe('shutdown', () => {
  it('kills what has not settled, and a fresh start follows', async () => {
    const endless = spawn(() => {
      for (;;);
    });
    const waiting = spawn(() => new Promise(() => {}));
    const queued = Array.from({ length: 50 }, () => spawn(() => new Promise(() => {})));
    await new Promise((resolve) => setTimeout(resolve, 30));
    const settled = Promise.allSettled([endless, waiting, ...queued]);
    await shutdown();
    for (const { status, reason } of await settled) {
      assert.equal(status, 'rejected');
      assert.equal(reason.name, 'TaskKilledError');
      assert.equal(reason.code, 'ERR_TASK_KILLED');
    }
    assert.equal(endless.status, 'killed');
    assert.equal(await spawn(() => 'again'), 'again');
    await shutdown();
    await shutdown();
  });

  it('status is up to date before the result is delivered', async () => {
    await spawn(() => 1);
    const task = spawn(() => 1);
    const end = Date.now() + 5000;
    while (task.status !== 'done' && Date.now() < end);
    assert.equal(task.status, 'done');
    assert.equal(await task, 1);
    const failed = spawn(() => {
      throw new Error('early');
    });
    while (failed.status !== 'failed' && Date.now() < end);
    assert.equal(failed.status, 'failed');
    await assert.rejects(failed, /early/);
  });

  it('starts several tasks of a job while the job goes on', async () => {
    await spawn(() => 1);
    const flags = new Int32Array(new SharedArrayBuffer(16));
    const mark = (array, index) => {
      array[index] = 1;
    };
    const tasks = [0, 1, 2, 3].map((index) => spawn(mark, flags, index));
    const end = Date.now() + 5000;
    while (flags.includes(0) && Date.now() < end);
    assert.deepEqual([...flags], [1, 1, 1, 1]);
    await Promise.all(tasks);
  });
});
