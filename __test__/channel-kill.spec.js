'use strict';

// Operations that end otherwise than by their counterpart: killed, aborted, or with their isolate. Nothing is lost, nothing comes
// twice, and nobody is woken for nothing.

const assert = require('node:assert/strict');
const { after, describe, it: test } = require('node:test');
const { Isolate, MemoryLimitError, chan, select, shutdown, sleep, spawn } = require('../lib/index.js');
const { inAllPlacements } = require('./channels/placements.js');

after(() => shutdown());

/** One that is killed before it begins has taken nothing: where isolates come slowly, none ever would. */
const begun = async (task) => {
  while (task.status === 'queued') await sleep(1);
};

const ended = async (task) => {
  try {
    return await task;
  } catch (error) {
    return error.name;
  }
};
const failure = async (operate) => {
  try {
    await operate();
    return 'it did not fail';
  } catch (error) {
    return error.message;
  }
};

/** Ends what a role waits for; the host's roles watch the channel `stop` for it. */
const aborting = (ms) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('aborted')), ms);
  return controller.signal;
};

inAllPlacements('an aborted operation', (it) => {
  it(
    'to receive gives its place up',
    async ({ go }) => {
      const c = chan();
      const messages = await go(async (x) => {
        const first = await failure(() => x.recv({ signal: aborting(2) }));
        const second = await failure(() => x.next({ signal: aborting(2) }));
        return [first, second, x.trySend(1)];
      }, c);
      return [messages, c.trySend(1)];
    },
    [['aborted', 'aborted', false], false],
  );

  it(
    'to send takes its value back',
    async ({ go }) => {
      const c = chan(1);
      const message = await go(async (x) => {
        await x.send('kept');
        return await failure(() => x.send('aborted', { signal: aborting(2) }));
      }, c);
      return [message, c.tryRecv().value, c.tryRecv().ok];
    },
    ['aborted', 'kept', false],
  );

  it(
    'of a select gives up all places',
    async ({ go }) => {
      const c = chan();
      const d = chan();
      const message = await go(
        async (x, y) => await failure(() => select([x, y, [x, 1], [y, 2]], { signal: aborting(2) })),
        c,
        d,
      );
      return [message, c.trySend(1), d.trySend(1), c.tryRecv().ok, d.tryRecv().ok];
    },
    ['aborted', false, false, false, false],
  );

  it(
    'does not begin where the signal is aborted already',
    async ({ go }) => {
      const c = chan(2);
      return await go(async (x) => {
        await x.send('there');
        const controller = new AbortController();
        controller.abort(new Error('already'));
        const { signal } = controller;
        const messages = [];
        for (const operate of [
          () => x.recv({ signal }),
          () => x.next({ signal }),
          () => x.send(1, { signal }),
          () => x.trySend(1, { signal }),
          () => select([x], { signal }),
          () => select([x], { signal, default: 1 }),
        ]) {
          messages.push(await failure(operate));
        }
        return [messages, x.length];
      }, c);
    },
    [Array(6).fill('already'), 1],
  );

  it(
    'that has ended hears no more of its signal',
    async ({ go, blocked }) => {
      const c = chan();
      const task = go(async (x) => {
        const controller = new AbortController();
        const got = await x.recv({ signal: controller.signal });
        controller.abort(new Error('too late'));
        return [got, await x.recv()];
      }, c);
      await blocked(task);
      await c.send(1);
      await c.send(2);
      return await task;
    },
    [1, 2],
  );

  it(
    'leaves the places of others as they are',
    async ({ go, blocked }) => {
      const c = chan();
      const stop = chan();
      const tasks = [];
      for (let i = 0; i < 5; i++) {
        const task = go(
          async (x, end, leaves) => {
            if (!leaves) return await x.recv();
            const controller = new AbortController();
            const got = failureOf(x.recv({ signal: controller.signal }));
            await end.recv();
            controller.abort(new Error('left'));
            return await got;
            async function failureOf(promise) {
              try {
                return await promise;
              } catch (error) {
                return error.message;
              }
            }
          },
          c,
          stop,
          false,
        );
        await blocked(task);
        tasks.push(task);
      }
      for (let i = 0; i < 5; i++) await c.send(i);
      const got = [];
      for (const task of tasks) got.push(await task);
      return got;
    },
    [0, 1, 2, 3, 4],
  );

  it(
    'races with its counterpart, and one of both wins',
    async ({ go }) => {
      const c = chan();
      const ROUNDS = 150;
      const sender = go(
        async (x, rounds) => {
          let sent = 0;
          for (let i = 0; i < rounds; i++) {
            const controller = new AbortController();
            setTimeout(() => controller.abort(new Error('aborted')), i % 3);
            try {
              await x.send(i, { signal: controller.signal });
              sent++;
            } catch {}
          }
          x.close();
          return sent;
        },
        c,
        ROUNDS,
      );
      let received = 0;
      let last = -1;
      let inOrder = true;
      for (;;) {
        const controller = new AbortController();
        setTimeout(() => controller.abort(new Error('aborted')), received % 2);
        try {
          const { value, done } = await c.next({ signal: controller.signal });
          if (done) break;
          if (value <= last) inOrder = false;
          last = value;
          received++;
        } catch {}
      }
      const sent = await sender;
      return [sent === received, inOrder];
    },
    [true, true],
  );
});

const KILLED = 'TaskKilledError';

/** Each case with all in one isolate, and with each task in its own. */
const places = {
  'in one isolate': (form) => async (body) =>
    await spawn.with({ form })(async (play) => {
      const go = (role, ...args) => {
        const task = spawn(role, ...args);
        task.catch(() => {});
        return task;
      };
      return await play({
        go,
        blocked: async () => {
          for (let i = 0; i < 3; i++) await sleep(1);
        },
      });
    }, body),
  'across isolates': (form) => async (body) => {
    const isolates = [];
    const go = (role, ...args) => {
      const isolate = new Isolate();
      isolates.push(isolate);
      const task = isolate.spawn.with({ form })(role, ...args);
      task.catch(() => {});
      return task;
    };
    const blocked = async (task) => {
      while (task.status !== 'blocked') await sleep(1);
    };
    try {
      return await body({ go, blocked });
    } finally {
      await Promise.all(isolates.map((isolate) => isolate.dispose()));
    }
  },
  'in one isolate, on channels of the host': (form) => async (body) => {
    const isolate = new Isolate();
    const go = (role, ...args) => {
      const task = isolate.spawn.with({ form })(role, ...args);
      task.catch(() => {});
      return task;
    };
    const blocked = async (task) => {
      while (task.status !== 'blocked') await sleep(1);
    };
    try {
      return await body({ go, blocked });
    } finally {
      await isolate.dispose();
    }
  },
};

for (const form of ['coroutine', 'storm']) {
  for (const [name, place] of Object.entries(places)) {
    const play = place(form);
    // Some cases begin a hundred isolates: on a busy machine that takes its time.
    const it = (what, body, expected) =>
      test(what, { timeout: 60_000 }, async () => assert.deepEqual(await play(body), expected));

    describe(`a killed task ${name}${form === 'storm' ? ', in storm form' : ''}`, () => {
      it(
        'that receives leaves the value to the next one',
        async ({ go, blocked }) => {
          const c = chan();
          const tasks = [];
          for (let i = 0; i < 3; i++) {
            const task = go(async (x) => await x.recv(), c);
            await blocked(task);
            tasks.push(task);
          }
          tasks[0].kill();
          tasks[1].kill();
          const killed = [await ended(tasks[0]), await ended(tasks[1])];
          await c.send('value');
          return [killed, await tasks[2], c.trySend(1)];
        },
        [[KILLED, KILLED], 'value', false],
      );

      it(
        'that sends takes its value along',
        async ({ go, blocked }) => {
          const c = chan();
          const tasks = [];
          for (let i = 0; i < 3; i++) {
            const task = go(async (x, n) => await x.send(n), c, i);
            await blocked(task);
            tasks.push(task);
          }
          tasks[1].kill();
          const killed = await ended(tasks[1]);
          const got = [await c.recv(), await c.recv()];
          await tasks[0];
          await tasks[2];
          return [killed, got, c.tryRecv().ok];
        },
        [KILLED, [0, 2], false],
      );

      it(
        'that selects leaves all its places',
        async ({ go, blocked }) => {
          const c = chan();
          const d = chan();
          const task = go(async (x, y) => await select([x, y, [x, 1], [y, 2]]), c, d);
          await blocked(task);
          task.kill();
          const killed = await ended(task);
          return [killed, c.trySend(1), d.trySend(1), c.tryRecv().ok, d.tryRecv().ok];
        },
        [KILLED, false, false, false, false],
      );

      it(
        'that loops over a channel leaves it open',
        async ({ go, blocked }) => {
          const c = chan();
          const task = go(async (x) => {
            for await (const value of x) if (value === 'never') break;
          }, c);
          await blocked(task);
          await c.send(1);
          await blocked(task);
          task.kill();
          const killed = await ended(task);
          return [killed, c.trySend(1), c.tryRecv().closed];
        },
        [KILLED, false, false],
      );

      it(
        'can use channels in its finally',
        async ({ go, blocked }) => {
          const c = chan();
          const last = chan();
          const task = go(
            async (x, y) => {
              try {
                await x.recv();
              } finally {
                await y.send('last words');
              }
            },
            c,
            last,
          );
          await blocked(task);
          task.kill();
          return [await last.recv(), await ended(task)];
        },
        ['last words', KILLED],
      );

      it(
        'gives back what it was given and has not seen',
        async ({ go, blocked }) => {
          const lost = [];
          for (let round = 0; round < 30; round++) {
            const c = chan(round % 3);
            const task = go(async (x) => {
              for (;;) await x.recv();
            }, c);
            await blocked(task);
            await c.send('first');
            // It may have it, or not; either way one of both sees each value.
            task.kill();
            await ended(task);
            const sent = c.trySend('second');
            const rest = [];
            for (let got = c.tryRecv(); got.ok; got = c.tryRecv()) rest.push(got.value);
            if (sent && !rest.includes('second')) lost.push(round);
          }
          return lost;
        },
        [],
      );

      it(
        'gives values back in their order, before those that came later',
        async ({ go, blocked }) => {
          const c = chan();
          const log = chan(1000);
          const receiver = (n) =>
            go(
              async (x, l) => {
                for (;;) {
                  const value = await x.recv();
                  // From here on it is seen.
                  await l.send(value);
                }
              },
              c,
              log,
              n,
            );
          let current = receiver(0);
          const sender = go(async (x) => {
            for (let i = 0; i < 100; i++) await x.send(i);
          }, c);
          let isDone = false;
          sender.then(() => {
            isDone = true;
          });
          let lives = 1;
          for (; !isDone; lives++) {
            await sleep(1);
            await begun(current);
            current.kill();
            await ended(current);
            current = receiver(lives);
          }
          await sender;
          await blocked(current);
          current.kill();
          await ended(current);
          const seen = [];
          log.close();
          for await (const value of log) seen.push(value);
          // A receiver that is killed between its receive and its log has seen a value of which nothing is known.
          return [seen.every((value, index) => index === 0 || value > seen[index - 1]), seen.length >= 100 - lives];
        },
        [true, true],
      );

      it(
        'wakes nobody when it is killed while it waits',
        async ({ go, blocked }) => {
          const c = chan();
          const victim = go(async (x) => await x.recv(), c);
          await blocked(victim);
          const other = go(async (x) => await select([x, null]), c);
          await blocked(other);
          victim.kill();
          await ended(victim);
          await sleep(3);
          const isWaiting = other.status;
          await c.send(7);
          return [isWaiting === 'blocked' || isWaiting === 'running', (await other).value];
        },
        [true, 7],
      );

      it(
        'loses no message to another of the kind under kills at random',
        async ({ go }) => {
          const c = chan(2);
          const results = chan(1000);
          const total = 400;
          // Values are taken by a select that hands them on in the same turn, so that a kill cannot come between.
          const worker = () =>
            go(
              async (x, y) => {
                for (;;) {
                  const { value, ok } = await select([x]);
                  y.trySend(value);
                  if (!ok) return;
                }
              },
              c,
              results,
            );
          const sender = go(
            async (x, n) => {
              for (let i = 0; i < n; i++) await x.send(i);
            },
            c,
            total,
          );
          const workers = [worker(), worker()];
          let isDone = false;
          const end = sender.then(() => {
            isDone = true;
          });
          let kills = 0;
          while (!isDone) {
            await sleep(1);
            const victim = workers.shift();
            await begun(victim);
            victim.kill();
            kills++;
            workers.push(worker());
          }
          await end;
          c.close();
          const got = new Map();
          for (const task of workers) await ended(task);
          for (let r = results.tryRecv(); r.ok; r = results.tryRecv()) {
            if (r.value !== undefined) got.set(r.value, (got.get(r.value) ?? 0) + 1);
          }
          for (let r = c.tryRecv(); r.ok; r = c.tryRecv()) got.set(r.value, (got.get(r.value) ?? 0) + 1);
          // A kill can meet a worker at the one point between select and trySend.
          const twice = [...got.values()].filter((n) => n > 1).length;
          return [twice, total - got.size <= kills];
        },
        [0, true],
      );
    });

    describe(`a paused task ${name}${form === 'storm' ? ', in storm form' : ''}`, () => {
      it(
        'keeps its place in the queue, and is committed to',
        async ({ go, blocked }) => {
          const c = chan();
          const first = go(async (x) => await x.recv(), c);
          await blocked(first);
          const second = go(async (x) => (await select([x])).value, c);
          await blocked(second);
          first.pause();
          second.pause();
          await sleep(3);
          await c.send(1);
          await c.send(2);
          await sleep(3);
          const before = [first.status, second.status];
          first.resume();
          second.resume();
          return [before, await first, await second];
        },
        [['paused', 'paused'], 1, 2],
      );

      it(
        'that has a value and is killed gives it back',
        async ({ go, blocked }) => {
          const c = chan(1);
          const task = go(async (x) => await x.recv(), c);
          await blocked(task);
          task.pause();
          await sleep(3);
          await c.send('value');
          await c.send('later');
          task.kill();
          await ended(task);
          return [await c.recv(), await c.recv(), c.tryRecv().ok];
        },
        ['value', 'later', false],
      );

      it(
        'that has a value of a select and is killed gives it back',
        async ({ go, blocked }) => {
          const c = chan();
          const d = chan();
          const task = go(async (x, y) => (await select([y, x])).value, c, d);
          await blocked(task);
          task.pause();
          await sleep(3);
          await c.send({ n: 1 });
          const next = go(async (x) => (await x.recv()).n, c);
          await blocked(next);
          task.kill();
          await ended(task);
          return [await next, d.trySend(1), c.trySend(1)];
        },
        [1, false, false],
      );
    });
  }
}

describe('isolates that end', () => {
  test('leave the places of their tasks', { timeout: 20_000 }, async () => {
    const isolate = new Isolate();
    const c = chan();
    const d = chan(1);
    await d.send('full');
    const tasks = [
      isolate.spawn((x) => x.recv(), c),
      isolate.spawn((x) => x.send('of the dead'), d),
      isolate.spawn((x, y) => select([x, [y, 'of the dead']]), c, d),
    ];
    for (const task of tasks) while (task.status !== 'blocked') await sleep(1);
    await isolate.dispose();
    for (const task of tasks) assert.equal(await ended(task), KILLED);
    assert.equal(c.trySend(1), false);
    assert.equal(await d.recv(), 'full');
    assert.equal(d.tryRecv().ok, false);
  });

  test('give back what had come for their tasks', { timeout: 30_000 }, async () => {
    for (let round = 0; round < 20; round++) {
      const isolate = new Isolate();
      const c = chan();
      const task = isolate.spawn((x) => {
        for (;;) x.recv();
      }, c);
      task.catch(() => {});
      while (task.status !== 'blocked') await sleep(1);
      const busy = isolate.spawn(() => {
        const end = Date.now() + 20;
        while (Date.now() < end);
      });
      busy.catch(() => {});
      task.pause();
      await sleep(2);
      await c.send(round);
      await isolate.dispose();
      const { ok, value } = c.tryRecv();
      assert.deepEqual([ok, value], [true, round]);
    }
  });

  for (const [what, waste] of Object.entries({
    'run out of memory bit by bit': () => {
      const list = [];
      for (;;) list.push(new Array(1000).fill(1.5));
    },
    'meet what V8 cannot survive': () => 'x'.repeat(2 ** 29 - 24).split('').length,
  })) {
    test(`that ${what} leave the places of their tasks`, { timeout: 60_000 }, async () => {
      const isolate = new Isolate({ memoryLimit: 32 * 1024 * 1024 });
      const c = chan();
      const d = chan();
      const waiting = [isolate.spawn((x) => x.recv(), c), isolate.spawn((x) => x.send('of the dead'), d)];
      for (const task of waiting) task.catch(() => {});
      for (const task of waiting) while (task.status !== 'blocked') await sleep(1);
      const other = new Isolate();
      const survivor = other.spawn((x) => x.recv(), c);
      while (survivor.status !== 'blocked') await sleep(1);
      await assert.rejects(isolate.spawn(waste), MemoryLimitError);
      for (const task of waiting) assert.match(await ended(task), /TaskKilledError|MemoryLimitError/);
      await c.send('for the living');
      assert.equal(await survivor, 'for the living');
      assert.equal(d.tryRecv().ok, false);
      await Promise.all([isolate.dispose(), other.dispose()]);
    });
  }

  test('of a task with an isolate of its own leave its places', { timeout: 20_000 }, async () => {
    const c = chan();
    const task = spawn.with({ isolate: 'private' })((x) => x.recv(), c);
    while (task.status !== 'blocked') await sleep(1);
    task.kill();
    assert.equal(await ended(task), KILLED);
    assert.equal(c.trySend(1), false);
  });

  test('with the pool leave the places of all tasks, and channels live on', { timeout: 20_000 }, async () => {
    const c = chan(1);
    const tasks = [0, 1, 2].map(() =>
      spawn((x) => {
        for (;;) x.recv();
      }, c),
    );
    for (const task of tasks) task.catch(() => {});
    for (const task of tasks) while (task.status !== 'blocked') await sleep(1);
    await shutdown();
    assert.equal(c.trySend('kept'), true);
    assert.equal(c.trySend('no room'), false);
    // The next pool serves the same channel.
    assert.equal(await spawn((x) => x.recv(), c), 'kept');
    const waiting = c.recv();
    await spawn((x) => x.send('of the next pool'), c);
    assert.equal(await waiting, 'of the next pool');
    const pending = c.recv();
    await shutdown();
    await c.send('without a pool');
    assert.equal(await pending, 'without a pool');
  });
});
