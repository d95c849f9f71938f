'use strict';

// A kill reaches what tasks have left behind that have ended: their children are those of whoever has started them, wherever all of these run.

const assert = require('node:assert/strict');
const { afterEach, beforeEach, describe, it } = require('node:test');
const {
  Isolate,
  TaskKilledError,
  TimeoutError,
  chan,
  configure,
  run,
  shutdown,
  spawn,
  stats,
} = require('../lib/index.js');
const { busy, share, untilSome, warm } = require('./sharing.js');

configure({ threads: 3, quantum: 4 });

/** How long what has to happen may take. */
const PATIENCE = 15_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition, what) {
  const end = performance.now() + PATIENCE;
  while (!condition()) {
    assert.ok(performance.now() < end, what());
    await pause(5);
  }
}

/** So many tasks were left behind. */
const left = (beats, count) =>
  until(
    () => beats[0] === count,
    () => `${beats[0]} have begun`,
  );

/** They all have ended. */
async function over(beats) {
  await until(
    () => beats[1] === beats[0],
    () => `${beats[0]} have begun, ${beats[1]} have ended`,
  );
  const before = beats[2];
  await pause(20);
  assert.equal(beats[2], before);
  assert.equal(beats[1], beats[0]);
}

const failure = (promise) =>
  promise.then(
    () => assert.fail('it did not fail'),
    (error) => error,
  );

/** What tasks do that are left behind. `beats`: how many have begun, how many have ended, and how often they have done something. */
const HABITS = {
  computes(beats) {
    Atomics.add(beats, 0, 1);
    try {
      for (;;) Atomics.add(beats, 2, 1);
    } finally {
      Atomics.add(beats, 1, 1);
    }
  },
  sleeps(beats) {
    Atomics.add(beats, 0, 1);
    try {
      for (;;) {
        Atomics.add(beats, 2, 1);
        sleep(1);
      }
    } finally {
      Atomics.add(beats, 1, 1);
    }
  },
  waits(beats) {
    Atomics.add(beats, 0, 1);
    try {
      chan().recv();
    } finally {
      Atomics.add(beats, 1, 1);
    }
  },
  async awaits(beats) {
    Atomics.add(beats, 0, 1);
    try {
      await new Promise(() => {});
    } finally {
      Atomics.add(beats, 1, 1);
    }
  },
};

const CHILDREN = 6;

/** Starts tasks that start tasks, `depth` deep; all but the last have ended when it returns. */
function plant(depth, beats, habit) {
  const tasks = [];
  share(() => {
    for (let i = 0; i < CHILDREN; i++) {
      tasks.push(
        spawn(() => {
          busy(4);
          if (depth > 1) plant(depth - 1, beats, habit);
          else spawn(() => habit(beats));
        }),
      );
    }
  });
  for (const task of tasks) task.join();
}

/** Starts a task whose children have ended and left others behind. `ready` is told when that is so. */
const begin = (options, depth, habit, where = spawn) => {
  const beats = new Int32Array(new SharedArrayBuffer(12));
  const ready = chan();
  const task = where.with(options)(
    (depth, beats, ready) => {
      plant(depth, beats, habit);
      ready.send(true);
      chan().recv();
    },
    depth,
    beats,
    ready,
  );
  return { task, beats, ready };
};

describe('what tasks have left behind that have ended', () => {
  beforeEach(warm);
  afterEach(() => shutdown());

  for (const form of ['coroutine', 'storm']) {
    for (const place of ['several isolates', 'one']) {
      for (const [name, habit] of Object.entries(HABITS)) {
        it(`is killed with who has started them: it ${name} (${form}, ${place})`, { timeout: 30_000 }, async () => {
          const round = async (where) => {
            const { task, beats, ready } = begin({ form }, 1, habit, where);
            await ready.recv();
            await left(beats, CHILDREN);
            task.kill('enough');
            assert.ok((await failure(task)) instanceof TaskKilledError);
            await over(beats);
          };
          if (place === 'one') await round(new Isolate().spawn);
          else await untilSome(() => round(spawn));
        });
      }
    }
  }

  it('is killed where several have ended one within the other', { timeout: 30_000 }, async () => {
    const { task, beats, ready } = begin({}, 3, HABITS.sleeps);
    await ready.recv();
    await left(beats, CHILDREN ** 3);
    task.kill();
    await failure(task);
    await over(beats);
  });

  for (const [what, options] of Object.entries({ timeout: { timeout: 1500 }, cpuTime: { cpuTime: 1500 } })) {
    it(`ends by ${what}`, { timeout: 30_000 }, async () => {
      const { task, beats, ready } = begin(options, 1, HABITS.computes);
      await ready.recv();
      assert.ok((await failure(task)) instanceof TimeoutError);
      await over(beats);
    });
  }

  it('ends by a signal', { timeout: 30_000 }, async () => {
    const controller = new AbortController();
    const { task, beats, ready } = begin({ signal: controller.signal }, 2, HABITS.sleeps);
    await ready.recv();
    const reason = new Error('aborted');
    controller.abort(reason);
    assert.equal(await failure(task), reason);
    await over(beats);
  });

  it('is killed by a task that kills its parent, which may have been sent, too', { timeout: 30_000 }, async () => {
    await untilSome(async () => {
      const beats = new Int32Array(new SharedArrayBuffer(12));
      const outcomes = await spawn((beats) => {
        const ready = chan(CHILDREN);
        const { sleeps } = HABITS;
        const parents = [];
        share(() => {
          for (let i = 0; i < 3; i++) {
            parents.push(
              spawn(() => {
                plant(1, beats, sleeps);
                ready.send(true);
                chan().recv();
              }),
            );
          }
        });
        for (const _ of parents) ready.recv();
        for (const parent of parents) parent.kill('enough');
        return parents.map((parent) => {
          try {
            return parent.join();
          } catch (error) {
            return error.code;
          }
        });
      }, beats);
      assert.deepEqual(outcomes, ['ERR_TASK_KILLED', 'ERR_TASK_KILLED', 'ERR_TASK_KILLED']);
      await over(beats);
    });
  });

  it('goes on when who has started them ends by itself', { timeout: 30_000 }, async () => {
    const beats = new Int32Array(new SharedArrayBuffer(12));
    await spawn((beats) => {
      const tasks = [];
      share(() => {
        for (let i = 0; i < CHILDREN; i++) {
          tasks.push(
            spawn(() => {
              busy(4);
              spawn(() => {
                Atomics.add(beats, 0, 1);
                while (Atomics.load(beats, 2) === 0) sleep(1);
                Atomics.add(beats, 1, 1);
              });
            }),
          );
        }
      });
      for (const task of tasks) task.join();
    }, beats);
    await left(beats, CHILDREN);
    assert.equal(beats[1], 0);
    Atomics.store(beats, 2, 1);
    await over(beats);
  });

  it('is over when it has ended itself, many times over', { timeout: 30_000 }, async () => {
    const { steals } = stats();
    const sum = await spawn(() => {
      let sum = 0;
      for (let round = 0; round < 20; round++) {
        const tasks = [];
        share(() => {
          for (let i = 0; i < CHILDREN; i++) {
            tasks.push(
              spawn(() => {
                busy(2);
                spawn(() => sleep(1));
                return i;
              }),
            );
          }
        });
        for (const task of tasks) sum += task.join();
      }
      return sum;
    });
    assert.equal(sum, 20 * 15);
    assert.ok(stats().steals > steals);
  });

  it('is part of the deadlocks of programs', { timeout: 30_000 }, async () => {
    const source = (end) => `
      const tasks = [];
      for (let i = 0; i < 6; i++) tasks.push(spawn(() => { spawn(() => { sleep(100); ${end} }); }));
      for (const task of tasks) task.join();
      chan().recv();`;
    assert.equal((await failure(run(source('')))).code, 'ERR_DEADLOCK');
    assert.equal((await failure(run(source('chan().recv();')))).code, 'ERR_DEADLOCK');
  });
});
