'use strict';

// kill, pause, resume, timeout, signal.

const assert = require('node:assert/strict');
const { mkdtempSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, before, describe, it } = require('node:test');
const { setTimeout: delay } = require('node:timers/promises');
const {
  chan,
  Isolate,
  TaskKilledError,
  TimeoutError,
  configure,
  run,
  shutdown,
  spawn,
  stats,
} = require('../lib/index.js');
const { runProgram } = require('./program.js');

const library = JSON.stringify(join(__dirname, '..', 'lib', 'index.js'));

const failure = (promise) =>
  promise.then(
    () => assert.fail('it did not fail'),
    (error) => error,
  );

/** Two numbers that a task and the test share. */
const shared = () => new Int32Array(new SharedArrayBuffer(16));

const until = async (condition) => {
  const end = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < end, 'it took too long');
    await delay(1);
  }
};

describe('kill', () => {
  before(() => configure({ killGrace: 200 }));
  after(() => shutdown());

  const bodies = {
    'in a loop': (state) => {
      try {
        Atomics.store(state, 0, 1);
        for (;;);
      } finally {
        Atomics.store(state, 1, 1);
      }
    },
    'in recursion': (state) => {
      const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
      try {
        Atomics.store(state, 0, 1);
        fib(60);
      } finally {
        Atomics.store(state, 1, 1);
      }
    },
    'in sleep': (state) => {
      try {
        Atomics.store(state, 0, 1);
        sleep(1e6);
      } finally {
        Atomics.store(state, 1, 1);
      }
    },
    'in a receive': (state) => {
      try {
        Atomics.store(state, 0, 1);
        chan().recv();
      } finally {
        Atomics.store(state, 1, 1);
      }
    },
    'in a join': (state) => {
      const child = globalThis.spawn(() => chan().recv());
      try {
        Atomics.store(state, 0, 1);
        child.join();
      } finally {
        Atomics.store(state, 1, 1);
      }
    },
    'in await of a promise that never settles': async (state) => {
      try {
        Atomics.store(state, 0, 1);
        await new Promise(() => {});
      } finally {
        Atomics.store(state, 1, 1);
      }
    },
    'in await within awaits': async (state) => {
      async function inner() {
        try {
          Atomics.store(state, 0, 1);
          await new Promise((resolve) => setTimeout(resolve, 1e6));
        } finally {
          Atomics.add(state, 1, 1);
        }
      }
      async function outer() {
        try {
          await inner();
        } catch {
          Atomics.add(state, 1, 100);
        } finally {
          await null;
          Atomics.add(state, 1, 1);
        }
      }
      try {
        await outer();
      } finally {
        Atomics.add(state, 1, -1);
      }
    },
    'in a job of a promise': async (state) => {
      await null;
      try {
        Atomics.store(state, 0, 1);
        for (;;);
      } finally {
        Atomics.store(state, 1, 1);
      }
    },
    'under a native frame': (state) => {
      const object = {
        valueOf() {
          Atomics.store(state, 0, 1);
          sleep(1e6);
          return 1;
        },
      };
      try {
        return object + 1;
      } finally {
        Atomics.store(state, 1, 1);
      }
    },
    'in a generator': (state) => {
      function* numbers() {
        try {
          Atomics.store(state, 0, 1);
          for (;;) yield 1;
        } finally {
          Atomics.store(state, 1, 1);
        }
      }
      for (const _ of numbers());
    },
  };
  for (const form of ['coroutine', 'storm']) {
    for (const [where, body] of Object.entries(bodies)) {
      it(`runs finally and no catch: ${where} (${form})`, { timeout: 20_000 }, async () => {
        const state = shared();
        const task = spawn.with({ form })(body, state);
        await until(() => Atomics.load(state, 0) === 1);
        await delay(5);
        task.kill(new RangeError('enough'));
        const error = await failure(task);
        assert.ok(error instanceof TaskKilledError, String(error));
        assert.equal(error.message, 'the task was killed: enough');
        assert.ok(error.cause instanceof RangeError);
        assert.match(error.stack, /control\.spec\.js/);
        assert.equal(task.status, 'killed');
        assert.equal(Atomics.load(state, 1), 1);
        assert.equal(await spawn(() => 'alive'), 'alive');
      });
    }
  }

  it('lets finally block, for as long as the grace', async () => {
    const state = shared();
    const task = spawn((s) => {
      try {
        Atomics.store(s, 0, 1);
        chan().recv();
      } finally {
        sleep(30);
        Atomics.store(s, 1, 1);
        try {
          sleep(1e6);
        } finally {
          Atomics.store(s, 2, 1);
        }
      }
    }, state);
    await until(() => Atomics.load(state, 0) === 1);
    const begun = performance.now();
    task.kill();
    assert.ok((await failure(task)) instanceof TaskKilledError);
    const took = performance.now() - begun;
    assert.ok(took > 150 && took < 3000, `${took} ms`);
    assert.deepEqual([...state.slice(1, 3)], [1, 0]);
  });

  it('finds tasks of which nothing is left but the call in tail position that blocks', async () => {
    const program = `
      const ch = chan();
      const reader = spawn(() => ch.recv());
      const failing = spawn(() => spawn(() => { sleep(1); throw new RangeError('inner'); }).join());
      sleep(1);
      ch.send(5);
      let name;
      try { failing.join(); } catch (error) { name = error.name; }
      [reader.join(), name]`;
    for (const form of ['coroutine', 'storm']) assert.deepEqual(await run(program, { form }), [5, 'RangeError']);
  });

  it('loses no message', async () => {
    const program = `
      const ch = chan();
      const killed = spawn(() => ch.recv());
      sleep(1);
      killed.kill('no more');
      let error;
      try { killed.join(); } catch (e) { error = e; }
      const reader = spawn(() => ch.recv());
      ch.send('kept');
      [error instanceof TaskKilledError, error.message, killed.status, reader.join(), ch.length]`;
    for (const form of ['coroutine', 'storm']) {
      assert.deepEqual(await run(program, { form }), [true, 'the task was killed: no more', 'killed', 'kept', 0]);
    }
  });

  it('ends the wait for a module that another task loads', { timeout: 20_000 }, async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'isolate-')), 'slow.js');
    writeFileSync(file, 'sleep(1e6);');
    const program = `
      let cleaned = false;
      const loading = spawn(() => require(${JSON.stringify(file)}));
      sleep(5);
      const waiting = spawn(() => {
        try { return require(${JSON.stringify(file)}); } finally { cleaned = true; }
      });
      sleep(5);
      waiting.kill();
      let name;
      try { waiting.join(); } catch (error) { name = error.name; }
      loading.kill();
      [name, cleaned]`;
    for (const form of ['coroutine', 'storm']) {
      assert.deepEqual(await run(program, { form }), ['TaskKilledError', true], form);
    }
  });

  it('takes the tasks along that the task has started', async () => {
    const state = shared();
    const task = spawn((s) => {
      globalThis.spawn(() => {
        try {
          Atomics.store(s, 0, 1);
          for (;;) sleep(1);
        } finally {
          Atomics.store(s, 1, 1);
        }
      });
      sleep(1e6);
    }, state);
    await until(() => Atomics.load(state, 0) === 1);
    task.kill();
    await failure(task);
    await until(() => Atomics.load(state, 1) === 1);
  });

  it('takes the tasks along that the task has started before it awaits something', async () => {
    const state = shared();
    const task = spawn(async (s) => {
      globalThis.spawn(() => {
        try {
          Atomics.store(s, 0, 1);
          sleep(1e6);
        } finally {
          Atomics.store(s, 1, 1);
        }
      });
      await new Promise(() => {});
    }, state);
    await until(() => Atomics.load(state, 0) === 1);
    task.kill();
    await failure(task);
    await until(() => Atomics.load(state, 1) === 1);
  });

  it('is heard of by who awaits the task, and who awaits its promises goes on', { timeout: 10_000 }, async () => {
    for (const form of ['coroutine', 'storm']) {
      const names = await spawn.with({ form })(async () => {
        const task = globalThis.spawn(async () => await new Promise(() => {}));
        await sleep(1);
        task.kill();
        let name;
        try {
          await task;
        } catch (error) {
          name = error.name;
        }
        let resolve;
        const promise = new Promise((given) => {
          resolve = given;
        });
        const other = globalThis.spawn(() => {
          try {
            sleep(1e6);
          } finally {
            resolve('from a task that is killed right after');
          }
        });
        sleep(1);
        other.kill();
        return [name, await promise];
      });
      assert.deepEqual(names, ['TaskKilledError', 'from a task that is killed right after'], form);
    }
  });

  it('ends tasks that are about to begin', { timeout: 30_000 }, async () => {
    // Each of them would write for ever, were it forgotten by the host alone.
    const state = shared();
    const isolates = [];
    for (let i = 0; i < 60; i++) {
      const isolate = new Isolate();
      isolates.push(isolate);
      const task = isolate.spawn(async (s) => {
        for (;;) {
          Atomics.add(s, 0, 1);
          await null;
          sleep(1);
        }
      }, state);
      await delay(i % 4);
      task.kill();
      assert.ok((await failure(task)) instanceof TaskKilledError);
    }
    const before = Atomics.load(state, 0);
    await delay(30);
    assert.equal(Atomics.load(state, 0), before);
    await Promise.all(isolates.map((isolate) => isolate.dispose()));
  });

  it('forgets a task whose grace is over, whatever V8 was doing when it terminated it', {
    timeout: 60_000,
  }, async () => {
    // With no grace, and more isolates than processors, terminations meet the kernel while it begins or kills a task.
    const { out } = await runProgram(
      `const { Isolate, configure } = require(${library});
      const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      configure({ killGrace: 0 });
      (async () => {
        const counts = new Int32Array(new SharedArrayBuffer(4 * 60));
        const isolates = Array.from({ length: 60 }, () => new Isolate());
        const tasks = isolates.map((isolate, index) =>
          isolate.spawn(async (counts, index) => {
            for (;;) {
              Atomics.add(counts, index, 1);
              for (let i = 0; i < 20000 * (index % 3); i++);
              await null;
              sleep(1);
            }
          }, counts, index));
        await delay(300);
        for (const task of tasks) task.kill();
        await Promise.allSettled(tasks);
        const before = [...counts];
        await delay(100);
        console.log(before.filter((count, index) => count !== counts[index]).length, 'go on');
        for (const isolate of isolates) isolate.dispose();
      })();`,
      40_000,
    );
    assert.equal(out, '0 go on');
  });

  it('drops tasks that have not begun, and those whose source is being read', async () => {
    const isolate = new Isolate();
    const state = shared();
    const plain = isolate.spawn.with({ form: 'plain' })((s) => {
      while (Atomics.load(s, 0) === 0);
      return 'done';
    }, state);
    const queued = isolate.spawn((s) => Atomics.store(s, 1, 1), state);
    queued.kill();
    assert.ok((await failure(queued)) instanceof TaskKilledError);
    const file = isolate.runFile(__filename);
    file.kill();
    assert.ok((await failure(file)) instanceof TaskKilledError);
    Atomics.store(state, 0, 1);
    assert.equal(await plain, 'done');
    assert.equal(await isolate.spawn(() => 2), 2);
    assert.equal(Atomics.load(state, 1), 0);
    await isolate.dispose();
  });

  it('terminates what never looks, and nothing beside it', { timeout: 30_000 }, async () => {
    const isolate = new Isolate();
    const state = shared();
    const neighbours = [
      isolate.spawn((s) => {
        while (Atomics.load(s, 1) === 0) sleep(5);
        return 'neighbour';
      }, state),
      isolate.spawn(async (s) => {
        while (Atomics.load(s, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        return 'async neighbour';
      }, state),
    ];
    await delay(20);
    const stuck = isolate.spawn((s) => {
      Atomics.store(s, 0, 1);
      return /^(a+)+$/.test(`${'a'.repeat(60)}b`);
    }, state);
    await until(() => Atomics.load(state, 0) === 1);
    stuck.kill();
    assert.ok((await failure(stuck)) instanceof TaskKilledError);
    Atomics.store(state, 1, 1);
    assert.deepEqual(await Promise.all(neighbours), ['neighbour', 'async neighbour']);
    const plain = isolate.spawn.with({ form: 'plain' })(() => {
      for (;;);
    });
    await delay(20);
    plain.kill();
    assert.ok((await failure(plain)) instanceof TaskKilledError);
    assert.equal(await isolate.spawn(() => 'alive'), 'alive');
    await isolate.dispose();
  });

  it('terminates code in plain form also where its isolate is still being made', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 5; round++) {
      const isolates = Array.from({ length: 16 }, () => new Isolate());
      const errors = isolates.map(async (isolate, i) => {
        const task = isolate.spawn.with({ form: 'plain' })(() => {
          for (;;);
        });
        await delay(i % 8);
        task.kill();
        return await failure(task);
      });
      for (const error of await Promise.all(errors)) assert.ok(error instanceof TaskKilledError, String(error));
      await Promise.all(isolates.map((isolate) => isolate.dispose()));
    }
  });

  it('meets no task that begins where the killed one has just ended', { timeout: 60_000 }, async () => {
    // Where no grace is left, V8 may be told about the one that is over while the next one begins.
    const { out } = await runProgram(
      `const { spawn, configure } = require(${library});
      configure({ killGrace: 1, threads: 1 });
      (async () => {
        const killed = (task) => task.then(() => 'not killed', (error) => error.code);
        const outcomes = new Set();
        for (let i = 0; i < 150; i++) {
          const stuck = spawn(() => { for (;;); });
          await new Promise((resolve) => setTimeout(resolve, i % 4));
          stuck.kill();
          outcomes.add(await killed(stuck));
          const until = performance.now() + 15;
          while (performance.now() < until) await spawn(() => 1);
        }
        console.log([...outcomes].join());
      })();`,
      40_000,
    );
    assert.equal(out, 'ERR_TASK_KILLED');
  });

  it('does nothing to what has settled, and twice is once', async () => {
    const task = spawn(() => 1);
    assert.equal(await task, 1);
    task.kill();
    assert.equal(task.status, 'done');
    const killed = spawn(() => chan().recv());
    killed.kill('first');
    killed.kill('second');
    assert.equal((await failure(killed)).message, 'the task was killed: first');
  });

  it('is no failure that is reported', async () => {
    let reported;
    const onReport = (error) => {
      reported = error;
    };
    process.on('unhandledRejection', onReport);
    spawn(async () => {
      await chan().recv();
    }).kill();
    await delay(100);
    process.off('unhandledRejection', onReport);
    assert.equal(reported, undefined);
  });

  it('has no rejection reported that was on its way up from a deep recursion', { timeout: 120_000 }, async () => {
    const reported = [];
    const onReport = (error) => reported.push(error);
    process.on('unhandledRejection', onReport);
    const task = spawn.with({ isolate: 'private', memoryLimit: 256 * 2 ** 20 })(() => {
      const rejecting = [];
      const deeper = async (n) => {
        rejecting.push(Promise.reject(new RangeError(`at ${n}`)));
        try {
          await deeper(n + 1);
        } finally {
          await Promise.allSettled(rejecting);
        }
      };
      return deeper(0);
    });
    await delay(500);
    task.kill();
    assert.equal((await failure(task)).code, 'ERR_TASK_KILLED');
    await delay(200);
    process.off('unhandledRejection', onReport);
    assert.deepEqual(reported, []);
  });

  it('ends a crowd of tasks at random moments; each is accounted for', { timeout: 60_000 }, async () => {
    const tasks = Array.from({ length: 300 }, (_, i) =>
      spawn((n) => {
        const ch = chan(1);
        const helper = globalThis.spawn(() => {
          let sum = 0;
          for (const value of ch) sum += value;
          return sum;
        });
        for (let i = 0; i < n; i++) {
          ch.send(1);
          if (i % 7 === 0) sleep(1);
        }
        ch.close();
        return helper.join();
      }, i),
    );
    const outcomes = tasks.map((task) => task.then((value) => value, (error) => error)); // biome-ignore format: short
    for (const task of tasks) {
      if (Math.random() < 0.5) {
        await delay(Math.random() < 0.1 ? 1 : 0);
        task.kill();
      }
    }
    const settled = await Promise.all(outcomes);
    settled.forEach((outcome, i) => {
      if (typeof outcome === 'number') assert.equal(outcome, i);
      else assert.ok(outcome instanceof TaskKilledError, String(outcome));
    });
    await until(() => stats().isolates.every((one) => one.tasksBlocked === 0));
  });
});

describe('pause', () => {
  after(() => shutdown());

  it('stops a task until it is resumed', async () => {
    for (const form of ['coroutine', 'storm']) {
      const state = shared();
      const task = spawn.with({ form })((s) => {
        while (Atomics.load(s, 1) === 0) Atomics.add(s, 0, 1);
        return 'done';
      }, state);
      await until(() => Atomics.load(state, 0) > 0);
      task.pause();
      assert.equal(task.status, 'paused');
      await delay(60);
      const seen = Atomics.load(state, 0);
      await delay(40);
      assert.equal(Atomics.load(state, 0), seen);
      Atomics.store(state, 1, 1);
      task.resume();
      assert.equal(await task, 'done');
    }
  });

  it('holds tasks that sleep, wait or have not begun', async () => {
    const state = shared();
    const sleeping = spawn((s) => {
      sleep(20);
      return Atomics.add(s, 0, 1);
    }, state);
    const waiting = spawn(async (s) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return Atomics.add(s, 0, 1);
    }, state);
    const fresh = spawn((s) => Atomics.add(s, 0, 1), state);
    for (const task of [sleeping, waiting, fresh]) task.pause();
    await delay(100);
    const begun = Atomics.load(state, 0);
    // The last may have begun before it was paused.
    assert.ok(begun <= 1, `${begun}`);
    for (const task of [sleeping, waiting, fresh]) task.resume();
    await Promise.all([sleeping, waiting, fresh]);
    assert.equal(Atomics.load(state, 0), 3);
  });

  it('keeps places in queues; a paused task can be killed', async () => {
    const program = `
      const ch = chan();
      const first = spawn(() => ch.recv());
      while (!/: blocked in/.test(first.stack())) sleep(0);
      const second = spawn(() => ch.recv());
      while (!/: blocked in/.test(second.stack())) sleep(0);
      first.pause();
      ch.send('a');
      ch.send('b');
      const early = [first.status, second.join()];
      first.resume();
      const value = first.join();
      const third = spawn(() => { for (;;) sleep(1); });
      third.pause();
      sleep(5);
      third.kill();
      let name;
      try { third.join(); } catch (error) { name = error.name; }
      [early, value, name]`;
    assert.deepEqual(await run(program), [['paused', 'b'], 'a', 'TaskKilledError']);
    const paused = spawn(() => {
      for (;;);
    });
    await delay(20);
    paused.pause();
    await delay(30);
    paused.kill();
    assert.ok((await failure(paused)) instanceof TaskKilledError);
  });

  it('is refused for plain form', async () => {
    const task = spawn.with({ form: 'plain' })(() => 1);
    assert.throws(() => task.pause(), /'plain'/);
    assert.equal(await task, 1);
  });
});

describe('timeout and signal', () => {
  after(() => shutdown());

  it('end a task with a TimeoutError', async () => {
    for (const options of [{ timeout: 30 }, { timeout: 30, form: 'plain' }, { timeout: 30, isolate: 'private' }]) {
      const error = await failure(
        spawn.with(options)(() => {
          for (;;);
        }),
      );
      assert.ok(error instanceof TimeoutError, String(error));
      assert.equal(error.code, 'ERR_TIMEOUT');
      assert.match(error.message, /30 ms/);
    }
    assert.equal(await spawn.with({ timeout: 10_000 })(() => 1), 1);
    assert.ok((await failure(run('for (;;);', { timeout: 20 }))) instanceof TimeoutError);
  });

  it('take one signal for any number of tasks and waits', async () => {
    const warnings = [];
    const warn = (warning) => warnings.push(warning.name);
    process.on('warning', warn);
    const { signal } = new AbortController();
    const { getEventListeners } = require('node:events');
    const ended = new AbortController();
    const c = chan();
    const waits = Array.from({ length: 20 }, () => c.recv({ signal }));
    const tasks = Array.from({ length: 20 }, () => spawn.with({ signal })(() => 1));
    const killed = Array.from({ length: 20 }, () => spawn.with({ signal: ended.signal })((c) => c.recv(), chan()));
    ended.abort();
    for (const task of killed) assert.equal(await failure(task), ended.signal.reason);
    c.close();
    await Promise.all([...waits, ...tasks]);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warn);
    assert.deepEqual([warnings, getEventListeners(signal, 'abort').length], [[], 0]);
  });

  it('take what is like an AbortSignal, at channels, too', async () => {
    let abort;
    const signal = {
      aborted: false,
      reason: 'enough',
      addEventListener: (_, listener) => {
        abort = listener;
      },
      removeEventListener() {},
    };
    const wait = chan(1).recv({ signal });
    abort();
    assert.equal(await wait.catch((reason) => reason), 'enough');
  });

  it('end a task with the reason of the signal', async () => {
    const controller = new AbortController();
    const task = spawn.with({ signal: controller.signal })(() => chan().recv());
    await delay(10);
    controller.abort();
    assert.equal((await failure(task)).name, 'AbortError');
    assert.equal(task.status, 'killed');
    const late = spawn.with({ signal: controller.signal })(() => 1);
    assert.equal(await failure(late), controller.signal.reason);
    assert.equal(late.status, 'killed');
    assert.equal(await spawn.with({ signal: new AbortController().signal })(() => 1), 1);
  });

  it('are checked', () => {
    assert.throws(() => spawn.with({ timeout: -1 }), RangeError);
    assert.throws(() => spawn.with({ timeout: '1' }), TypeError);
    assert.throws(() => spawn.with({ signal: {} }), /AbortSignal/);
  });
});
