'use strict';

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { configure, shutdown, spawn } = require('../lib/index.js');

describe('Atomics.wait in tasks', () => {
  // With one thread, whoever blocked the isolate would wait for ever.
  before(() => shutdown().then(() => configure({ threads: 1 })));
  after(async () => {
    await shutdown();
    configure({ threads: undefined });
  });

  const cell = () => new Int32Array(new SharedArrayBuffer(8));
  const wait = (shared, time) => Atomics.wait(shared, 0, 0, time);
  const settled = (task) => task.then(String, (error) => error.name);

  it('blocks the task, and others run on', async () => {
    const shared = cell();
    const waiter = spawn(wait, shared);
    const other = spawn((shared) => {
      for (let sent = 0; sent === 0; sleep(1)) sent = Atomics.notify(shared, 0);
      return 'sent';
    }, shared);
    assert.deepEqual(await Promise.all([waiter, other]), ['ok', 'sent']);
  });

  it('says at once what V8 says at once, and the rest in time', async () => {
    const shared = cell();
    const answers = await spawn((shared) => {
      const failures = [];
      for (const array of [new Int32Array(2), new Uint8Array(shared.buffer)]) {
        try {
          Atomics.wait(array, 0, 0, 1);
        } catch (error) {
          failures.push(error.name);
        }
      }
      const sorted = [2, 1].sort((a, b) => (Atomics.wait(shared, 0, 0, 1) === 'timed-out' ? a - b : 0));
      return [
        Atomics.wait(shared, 0, 1),
        Atomics.wait(shared, 0, 0, 0),
        Atomics.wait(shared, 0, 0, 5),
        sorted,
        failures,
      ];
    }, shared);
    assert.deepEqual(answers, ['not-equal', 'timed-out', 'timed-out', [1, 2], ['TypeError', 'TypeError']]);
  });

  it('a killed waiter is gone at once, and takes nobody else the call that wakes one', async () => {
    const shared = cell();
    const killed = spawn(wait, shared);
    const started = spawn((shared) => {
      const inner = spawn((shared) => {
        Atomics.store(shared, 1, 1);
        return Atomics.wait(shared, 0, 0);
      }, shared);
      while (Atomics.load(shared, 1) === 0) sleep(1);
      return inner.join();
    }, shared);
    while (Atomics.load(shared, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    killed.kill();
    assert.equal(await settled(killed), 'TaskKilledError');
    const notified = spawn((shared) => {
      for (let sent = 0; sent === 0; sleep(1)) sent = Atomics.notify(shared, 0, 1);
    }, shared);
    assert.equal(await started, 'ok');
    await notified;
  });

  it('two tasks take turns', async () => {
    const shared = cell();
    const turns = (shared, mine) => {
      let seen = 0;
      for (let round = 0; round < 200; round++) {
        while (Atomics.load(shared, 0) % 2 !== mine)
          Atomics.wait(shared, 0, 1 - mine + 2 * round - (mine === 0 ? 2 : 0));
        seen++;
        Atomics.add(shared, 0, 1);
        Atomics.notify(shared, 0);
      }
      return seen;
    };
    const seen = await Promise.all([spawn(turns, shared, 0), spawn(turns, shared, 1)]);
    assert.deepEqual(seen, [200, 200]);
    assert.equal(shared[0], 400);
  });
});
