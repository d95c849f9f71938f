'use strict';

// stats(): tasks by state, turns, waits, heaps; the time slice, and who goes first.

const assert = require('node:assert/strict');
const { after, afterEach, describe, it } = require('node:test');
const { setTimeout: delay } = require('node:timers/promises');
const { Isolate, configure, shutdown, spawn, stats } = require('../lib/index.js');

const until = async (condition) => {
  const end = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < end, JSON.stringify(stats()));
    await delay(1);
  }
};

const spin = () => {
  for (;;);
};

describe('stats()', () => {
  afterEach(() => shutdown());

  it('counts tasks by state', async () => {
    const blocked = spawn(() => chan().recv());
    await until(() => stats().tasks.blocked === 1);
    const running = spawn(spin);
    await until(() => stats().tasks.running === 1);
    const { tasks } = stats();
    assert.deepEqual(tasks, {
      pending: 2,
      queued: 0,
      running: 1,
      blocked: 1,
      paused: 0,
      done: 0,
      failed: 0,
      killed: 0,
    });
    running.pause();
    assert.equal(stats().tasks.paused, 1);
    await spawn(() => 1);
    await spawn(() => {
      throw new Error('expected');
    }).catch(() => {});
    blocked.kill();
    running.kill();
    await Promise.allSettled([blocked, running]);
    const { done, failed, killed, pending } = stats().tasks;
    assert.deepEqual({ done, failed, killed, pending }, { done: 1, failed: 1, killed: 2, pending: 0 });
  });

  it('counts turns, and what waits for one', async () => {
    const isolate = new Isolate();
    await isolate.spawn(() => {
      for (let i = 0; i < 100; i++) globalThis.spawn(() => i).join();
    });
    const before = isolate.stats();
    assert.deepEqual([before.tasksStarted, before.children, before.childrenLiving], [1, 100, 0]);
    assert.ok(before.slices >= 200 && before.slices < 1000, `${before.slices} turns`);
    await until(() => isolate.stats().tasksReady === 0);
    assert.ok(before.startWait > 0 && before.startWait <= before.longestStartWait);
    const tasks = [spin, spin, spin].map((fn) => isolate.spawn(fn));
    for (const task of tasks) task.catch(() => {});
    await until(() => isolate.stats().preemptions > before.preemptions + 10);
    await until(() => isolate.stats().running && isolate.stats().tasksReady === 2);
    const { sliceWait } = isolate.stats();
    assert.ok(sliceWait > 0.1, `${sliceWait} ms`);
    await isolate.dispose();
  });

  it('shows the heap of an isolate that is never idle', async () => {
    const isolate = new Isolate();
    isolate
      .spawn(() => {
        globalThis.kept = [];
        for (let i = 0; i < 2e6; i++) globalThis.kept.push({ i });
        for (;;) sleep(1);
      })
      .catch(() => {});
    isolate.spawn(spin).catch(() => {});
    await until(() => isolate.stats().heapUsed > 40e6);
    await isolate.dispose();
  });
});

describe('the time slice', () => {
  after(() => shutdown());

  it('can be configured', async () => {
    assert.throws(() => configure({ quantum: 0 }), /quantum must be a whole number of milliseconds from 1/);
    /** Preemptions of two tasks that compute, and the time in ms, once `isOver(preemptions, time)`. */
    const preemptions = async (quantum, isOver) => {
      configure({ threads: 1, quantum });
      const tasks = [spawn(spin), spawn(spin)];
      for (const task of tasks) task.catch(() => {});
      const begin = performance.now();
      for (;;) {
        await delay(5);
        const count = stats().isolates[0].preemptions;
        const time = performance.now() - begin;
        if (!isOver(count, time)) continue;
        await shutdown();
        return { count, time };
      }
    };
    const often = await preemptions(2, (count) => count >= 60);
    // However slow the machine is just now, it has as much time for the long slices.
    const seldom = await preemptions(100, (_, time) => time >= often.time);
    configure({ quantum: 10 });
    assert.ok(seldom.count <= 1 + often.time / 100, `${seldom.count} slices of 100 ms in ${often.time} ms`);
    assert.ok(often.count > 2 * seldom.count, `${often.count} slices of 2 ms, ${seldom.count} of 100`);
  });

  for (const form of ['coroutine', 'storm']) {
    it(`goes to those that wake up before those that compute (${form})`, { timeout: 60_000 }, async () => {
      const isolate = new Isolate();
      const compute = isolate.spawn;
      for (let i = 0; i < 100; i++) compute(spin).catch(() => {});
      // One after the other they would be back after a second.
      const late = await isolate.spawn.with({ form })(() => {
        const list = [];
        for (let i = 0; i < 30; i++) {
          const due = performance.now() + 10;
          sleep(10);
          list.push(performance.now() - due);
        }
        return list.sort((a, b) => a - b);
      });
      assert.ok(late[15] < 100, `${late[15]} ms late in the median`);
      // New tasks do not wait for them either.
      const begun = performance.now();
      await isolate.spawn(() => 1);
      assert.ok(performance.now() - begun < 500);
      await isolate.dispose();
    });
  }

  it('is left to those that compute, too, where others wake each other without end', { timeout: 60_000 }, async () => {
    const isolate = new Isolate();
    const count = await isolate.spawn(() => {
      const there = chan();
      const back = chan();
      globalThis.spawn(() => {
        for (;;) back.send(there.recv());
      });
      globalThis.spawn(() => {
        for (;;) {
          there.send(1);
          back.recv();
        }
      });
      let turns = 0;
      const end = performance.now() + 300;
      while (performance.now() < end) turns++;
      return turns;
    });
    assert.ok(count > 0);
    const { preemptions } = isolate.stats();
    assert.ok(preemptions > 2, `${preemptions}`);
    await isolate.dispose();
  });

  it('is left to a task that is alone, also where it awaits what has happened already', {
    timeout: 60_000,
  }, async () => {
    const isolate = new Isolate();
    await isolate.spawn(async () => {
      for (let i = 0; i < 10; i++) {
        await undefined;
        // Longer than a quantum.
        const end = performance.now() + 30;
        while (performance.now() < end);
      }
    });
    assert.strictEqual(isolate.stats().preemptions, 0);
    await isolate.dispose();
  });

  it('is not taken from a task that is killed while others compute', { timeout: 60_000 }, async () => {
    const isolate = new Isolate();
    const tasks = [];
    for (let i = 0; i < 100; i++) tasks[i] = isolate.spawn(spin);
    for (const task of tasks) task.catch(() => {});
    // Each has had a turn.
    await until(() => isolate.stats().preemptions >= 100);
    const begun = performance.now();
    for (let i = 0; i < 50; i++) tasks[i].kill();
    await Promise.allSettled(tasks.slice(0, 50));
    // In order all of them together would take a second.
    assert.ok(performance.now() - begun < 600, `${performance.now() - begun} ms`);
    await until(() => isolate.stats().tasksReady === 49);
    await isolate.dispose();
  });
});
