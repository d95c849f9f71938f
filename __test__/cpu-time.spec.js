'use strict';

// The option cpuTime: how much a task may compute.

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { Isolate, TimeoutError, run, shutdown, spawn } = require('../lib/index.js');

const failure = (promise) =>
  promise.then(
    () => assert.fail('it did not fail'),
    (error) => error,
  );

const check = (error) => {
  assert.ok(error instanceof TimeoutError, String(error));
  assert.match(error.message, /^the task used more than 30 ms of processor time$/);
  assert.match(error.stack, /cpu-time\.spec\.js/);
};

const options = { cpuTime: 30 };

describe('cpuTime', () => {
  after(() => shutdown());

  for (const form of ['coroutine', 'storm', 'plain']) {
    it(`ends what computes for longer, with a TimeoutError (${form})`, { timeout: 20_000 }, async () => {
      const error = await failure(
        spawn.with({ form, ...options })(() => {
          for (;;);
        }),
      );
      check(error);
      assert.equal(await spawn.with({ form, cpuTime: 10_000 })(() => 1), 1);
    });
  }

  for (const form of ['coroutine', 'storm']) {
    it(`counts no waiting (${form})`, async () => {
      const task = spawn.with({ form, ...options })(() => {
        sleep(150);
        return 'slept';
      });
      assert.equal(await task, 'slept');
    });

    it(`counts jobs, timers, and the tasks that a task starts (${form})`, { timeout: 20_000 }, async () => {
      check(
        await failure(
          spawn.with({ form, ...options })(async () => {
            await null;
            for (;;);
          }),
        ),
      );
      check(
        await failure(
          spawn.with({ form, ...options })(() => {
            const turn = () => {
              const end = performance.now() + 2;
              while (performance.now() < end);
              setTimeout(turn, 0);
            };
            turn();
            return new Promise(() => {});
          }),
        ),
      );
      check(
        await failure(
          spawn.with({ form, ...options })(() => {
            globalThis.spawn(() => {
              for (;;);
            });
            chan().recv();
          }),
        ),
      );
    });
  }

  it('counts nothing of the tasks beside it', { timeout: 20_000 }, async () => {
    const isolate = new Isolate();
    const hog = isolate.spawn(() => {
      const end = performance.now() + 300;
      let turns = 0;
      while (performance.now() < end) turns++;
      return turns > 0;
    });
    const light = isolate.spawn.with({ cpuTime: 60 })(() => {
      for (let turn = 0; turn < 12; turn++) sleep(10);
      return 'light';
    });
    assert.equal(await light, 'light');
    assert.equal(await hog, true);
    await isolate.dispose();
  });

  it('runs finally, and ends what does not look', { timeout: 20_000 }, async () => {
    const state = new Int32Array(new SharedArrayBuffer(4));
    check(
      await failure(
        spawn.with(options)((cell) => {
          try {
            for (;;);
          } finally {
            Atomics.store(cell, 0, 1);
          }
        }, state),
      ),
    );
    assert.equal(state[0], 1);
    check(await failure(spawn.with({ isolate: 'private', ...options })(() => /^(a+)+$/.test(`${'a'.repeat(50)}b`))));
  });

  it('is an option of programs, too, and is checked', { timeout: 20_000 }, async () => {
    check(await failure(run('for (;;);', options)));
    assert.throws(() => spawn.with({ cpuTime: 0 }), RangeError);
    assert.throws(() => spawn.with({ cpuTime: '1' }), TypeError);
  });
});
