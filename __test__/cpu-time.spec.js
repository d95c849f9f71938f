'use strict';

// The option cpuTime: how much a task may compute.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { Isolate, TimeoutError, chan, configure, run, shutdown, spawn, stats } = require('../lib/index.js');
const { busy, share, untilSome, warm } = require('./sharing.js');

configure({ threads: 3, quantum: 4 });

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

/** Milliseconds of processor time that the process has used. */
const used = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/**
 * The error of a task that was killed since it and its children have used so much; checks that they have, and not much more: three that were
 * counted each by itself would use three times as much.
 */
async function expires(cpuTime, start) {
  const before = used();
  const error = await failure(start());
  const total = used() - before;
  assert.ok(error instanceof TimeoutError, String(error));
  assert.match(error.message, new RegExp(`more than ${cpuTime} ms of processor time`));
  assert.ok(total >= cpuTime && total < 2.5 * cpuTime, `${total} ms`);
}

describe('cpuTime, of tasks that were sent to other isolates', () => {
  before(warm);
  after(() => shutdown());

  for (const form of ['coroutine', 'storm']) {
    for (const depth of [1, 2, 3]) {
      it(`counts together what they compute, ${depth} deep (${form})`, { timeout: 20_000 }, async () => {
        const start = () =>
          spawn.with({ form, cpuTime: 500 })((depth) => {
            /** Starts tasks that start tasks, of which the last ones compute for ever. */
            const grow = (depth) => {
              if (depth === 0) for (;;);
              const tasks = [];
              share(() => {
                for (let i = 0; i < 3; i++) tasks.push(spawn(() => grow(depth - 1)));
              });
              for (const task of tasks) task.join();
            };
            grow(depth);
          }, depth);
        await untilSome(() => expires(500, start));
        // The kill has reached all of them: what computes for ever would be seen each time. An isolate may run for a moment still, for a message.
        const end = performance.now() + 5000;
        const idle = () => stats().isolates.every(({ running, childrenLiving }) => !running && childrenLiving === 0);
        for (let seen = 0; seen < 5; seen = idle() ? seen + 1 : 0) {
          assert.ok(performance.now() < end, JSON.stringify(stats()));
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      });
    }

    it(`counts those that have ended (${form})`, { timeout: 20_000 }, async () => {
      const ended = new Int32Array(new SharedArrayBuffer(4));
      const start = () =>
        spawn.with({ form, cpuTime: 400 })((ended) => {
          for (;;) {
            const tasks = [];
            share(() => {
              for (let i = 0; i < 6; i++) {
                tasks.push(
                  spawn(() => {
                    busy(10);
                    Atomics.add(ended, 0, 1);
                  }),
                );
              }
            });
            for (const task of tasks) task.join();
          }
        }, ended);
      await untilSome(() => expires(400, start));
      assert.ok(ended[0] >= 12, String(ended[0]));
    });

    it(`lets them end that use less (${form})`, { timeout: 20_000 }, async () => {
      await untilSome(async () => {
        const sum = await spawn.with({ form, cpuTime: 60_000 })(() => {
          const tasks = [];
          share(() => {
            for (let i = 0; i < 9; i++) {
              tasks.push(
                spawn(() => {
                  busy(30);
                  return i;
                }),
              );
            }
          });
          return tasks.reduce((sum, task) => sum + task.join(), 0);
        });
        assert.equal(sum, 36);
      });
    });
  }

  it('counts what a task that was sent has started and left behind', { timeout: 20_000 }, async () => {
    const start = (stop) =>
      spawn.with({ cpuTime: 200 })((stop) => {
        share(() => {
          for (let i = 0; i < 3; i++) {
            spawn(() => {
              let turns = 0;
              // It stays where that is counted.
              spawn(() => {
                while (Atomics.load(stop, 0) === 0) turns++;
                return turns;
              });
            });
          }
        });
        chan().recv();
      }, stop);
    await untilSome(async () => {
      const stop = new Int32Array(new SharedArrayBuffer(4));
      const error = await failure(start(stop));
      Atomics.store(stop, 0, 1);
      assert.match(error.message, /more than 200 ms of processor time/);
    });
  });

  it('is that of programs, too', { timeout: 20_000 }, async () => {
    const source = `
      const tasks = [];
      for (let i = 0; i < 6; i++) tasks.push(spawn(() => { for (;;); }));
      for (const task of tasks) task.join();`;
    await untilSome(() => expires(400, () => run(source, { cpuTime: 400 })));
  });
});
