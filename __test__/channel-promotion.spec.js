'use strict';

// A channel lives in its isolate until a reference to it leaves that; then everything in it and everyone who waits at it moves to
// the shared core. Whatever it is in the middle of, nobody notices.

const assert = require('node:assert/strict');
const { after, describe, it: test } = require('node:test');
const { Isolate, chan, select, shutdown, sleep, spawn } = require('../lib/index.js');

after(() => shutdown());

const forms = ['coroutine', 'storm'];

/** The ways in which a channel leaves its isolate. */
const WAYS = {
  'through a channel of the host': (out, value) => out.send(value),
  'deep in a value': (out, value) => out.send({ deep: [new Map([[1, { value }]])] }),
  'by a select': (out, value) => select([out, [out, value]].slice(1)),
  'by trySend': (out, value) => {
    if (!out.trySend(value)) throw new Error('no room');
  },
  'in another channel': (out, value) => {
    const carrier = chan(1);
    carrier.send(value);
    out.send({ carrier });
  },
  'in a value that waits to be sent': (out, value) => {
    const carrier = chan();
    spawn(() => carrier.send({ value }));
    sleep(1);
    out.send({ carrier });
  },
};

/** Gets it out of what came. */
async function unpack(came) {
  let value = came;
  if (value.deep !== undefined) [{ value }] = value.deep[0].values();
  if (value.carrier !== undefined) value = await value.carrier.recv();
  return value.value ?? value;
}

for (const form of forms) {
  describe(`a channel that leaves its isolate, in ${form} form`, () => {
    for (const [way, leave] of Object.entries(WAYS)) {
      const it = (what, task, check) =>
        test(`${way}: ${what}`, { timeout: 20_000 }, async () => {
          const isolate = new Isolate();
          const out = chan(10);
          const running = isolate.spawn.with({ form })(task, out, leave);
          running.catch(() => {});
          await check(running, async () => unpack(await out.recv()), out);
          await isolate.dispose();
        });

      it(
        'takes along what is buffered, in order',
        (out, go) => {
          const c = chan(10);
          for (let i = 0; i < 5; i++) c.send(i % 2 === 0 ? i : { i });
          go(out, c);
          c.send('later');
          return [c.length, c.capacity];
        },
        async (running, arrive) => {
          const c = await arrive();
          assert.deepEqual(await running, [6, 10]);
          const got = [];
          for (let i = 0; i < 6; i++) got.push(await c.recv());
          assert.deepEqual(got, [0, { i: 1 }, 2, { i: 3 }, 4, 'later']);
          assert.equal(c.tryRecv().ok, false);
        },
      );

      it(
        'takes along who receives, in order',
        (out, go) => {
          const c = chan();
          const got = [];
          const tasks = [];
          for (let i = 0; i < 6; i++) {
            tasks.push(
              spawn(async (n) => {
                const kind = n % 3;
                if (kind === 0) got.push([n, c.recv()]);
                else if (kind === 1) got.push([n, c.next().value]);
                else got.push([n, select([c, null]).value]);
              }, i),
            );
            // It waits.
            while (!/: blocked in/.test(tasks[i].stack())) sleep(0);
          }
          go(out, c);
          for (const task of tasks) task.join();
          return got.sort((a, b) => a[0] - b[0]);
        },
        async (running, arrive) => {
          const c = await arrive();
          for (let i = 0; i < 6; i++) await c.send(i * 10);
          assert.deepEqual(
            await running,
            [0, 1, 2, 3, 4, 5].map((n) => [n, n * 10]),
          );
          assert.equal(c.trySend(1), false);
        },
      );

      it(
        'takes along who iterates',
        (out, go) => {
          const c = chan();
          const loop = spawn(() => {
            const got = [];
            for (const value of c) got.push(value);
            return got;
          });
          while (!/: blocked in/.test(loop.stack())) sleep(0);
          go(out, c);
          return loop.join();
        },
        async (running, arrive) => {
          const c = await arrive();
          for (const value of [1, undefined, { x: 1 }]) await c.send(value);
          c.close();
          assert.deepEqual(await running, [1, undefined, { x: 1 }]);
        },
      );

      it(
        'takes along who sends, in order',
        (out, go) => {
          const c = chan(2);
          const tasks = [];
          for (let i = 0; i < 7; i++) {
            tasks.push(
              spawn((n) => {
                if (n % 3 === 2) return select([[c, { n }], null]).index;
                c.send({ n });
                return 0;
              }, i),
            );
            // It has sent, or waits for that.
            while (!/: (done|blocked)/.test(tasks[i].stack())) sleep(0);
          }
          go(out, c);
          return tasks.map((task) => task.join());
        },
        async (running, arrive) => {
          const c = await arrive();
          assert.equal(c.length, 2);
          for (let n = 0; n < 7; n++) assert.deepEqual(await c.recv(), { n });
          assert.deepEqual(await running, Array(7).fill(0));
          assert.equal(c.tryRecv().ok, false);
        },
      );

      it(
        'takes along all channels of a select that waits, and exactly one of its cases happens',
        (out, go) => {
          const a = chan();
          const b = chan();
          const d = chan(1);
          d.send('full');
          const choosing = spawn(() => {
            const { index, value, ok } = select([a, b, null, [d, 'sent'], a]);
            return [index, value, ok];
          });
          sleep(1);
          go(out, b);
          const result = choosing.join();
          return [result, a.trySend(1), b.trySend(1), d.tryRecv().value, d.tryRecv().ok];
        },
        async (running, arrive) => {
          const b = await arrive();
          await b.send('by the host');
          assert.deepEqual(await running, [[1, 'by the host', true], false, false, 'full', false]);
        },
      );

      it(
        'is used on by those who have not left',
        (out, go) => {
          const c = chan();
          const d = chan();
          const echo = spawn(() => {
            for (const value of c) d.send(value);
            d.close();
          });
          c.send(1);
          const first = d.recv();
          go(out, c);
          c.send(2);
          const second = d.recv();
          out.send('your turn');
          const rest = [];
          for (const value of d) rest.push(value);
          echo.join();
          return [first, second, rest];
        },
        async (running, arrive, out) => {
          const c = await arrive();
          assert.equal(await out.recv(), 'your turn');
          await c.send(3);
          await c.send({ four: 4 });
          c.close();
          assert.deepEqual(await running, [1, 2, [3, { four: 4 }]]);
        },
      );

      it(
        'is closed where it was closed',
        (out, go) => {
          const c = chan(2);
          c.send('last');
          c.close();
          go(out, c);
          try {
            c.send(1);
          } catch (error) {
            return [error.code, c.length];
          }
        },
        async (running, arrive) => {
          const c = await arrive();
          assert.deepEqual(await running, ['ERR_CHANNEL_CLOSED', 1]);
          assert.deepEqual(
            [await c.next(), await c.next()],
            [
              { value: 'last', done: false },
              { value: undefined, done: true },
            ],
          );
          await assert.rejects(c.send(1), { code: 'ERR_CHANNEL_CLOSED' });
        },
      );

      it(
        'lets signals and kills end waits that moved',
        (out, go) => {
          const c = chan();
          const controller = new AbortController();
          const aborted = spawn(() => {
            try {
              c.recv({ signal: controller.signal });
            } catch (error) {
              return error.message;
            }
          });
          sleep(0);
          const abortedChoice = spawn(() => {
            try {
              select([c], { signal: controller.signal });
            } catch (error) {
              return error.message;
            }
          });
          sleep(0);
          const killed = spawn(() => c.recv());
          sleep(0);
          const killedChoice = spawn(() => select([c, null]));
          sleep(1);
          go(out, c);
          sleep(1);
          controller.abort(new Error('aborted'));
          killed.kill();
          killedChoice.kill();
          const names = [];
          for (const task of [killed, killedChoice]) {
            try {
              task.join();
            } catch (error) {
              names.push(error.name);
            }
          }
          return [aborted.join(), abortedChoice.join(), names, c.trySend(1)];
        },
        async (running, arrive) => {
          const c = await arrive();
          assert.deepEqual(await running, ['aborted', 'aborted', ['TaskKilledError', 'TaskKilledError'], false]);
          assert.equal(c.trySend(1), false);
        },
      );
    }

    test('leaves in the message that promotes it, while values lie in it that hold it', {
      timeout: 20_000,
    }, async () => {
      const isolate = new Isolate();
      const c = await isolate.spawn.with({ form })(() => {
        const a = chan(3);
        const b = chan(3);
        a.send({ a, b });
        b.send([a, b, 'text']);
        a.send('second');
        return a;
      });
      const first = await c.recv();
      assert.equal(first.a, c);
      const [a, b, text] = await first.b.recv();
      assert.deepEqual([a === c, b === first.b, text, await a.recv()], [true, true, 'text', 'second']);
      await isolate.dispose();
    });

    test('stays where it was if something in it cannot leave', { timeout: 20_000 }, async () => {
      const isolate = new Isolate();
      const out = chan(5);
      const result = await isolate.spawn.with({ form })((host) => {
        const failures = [];
        const attempt = (value) => {
          try {
            host.send(value);
            failures.push('it did not fail');
          } catch (error) {
            failures.push(error.name);
          }
        };
        // Functions that can be sent on no more, since they have got properties.
        const task = () => 'a function';
        const late = () => 'another one';
        const withHandle = chan(2);
        withHandle.send('before');
        withHandle.send(task);
        task.property = 1;
        attempt(withHandle);
        attempt({ deep: [withHandle] });
        // A good one in the same message stays as well.
        const good = chan(2);
        good.send('good');
        attempt([good, withHandle]);
        const receiver = spawn(() => good.recv() + good.recv());
        while (good.length > 0) sleep(0);
        good.send('still here');
        // A sender that waits with what cannot leave.
        const waiting = chan();
        const sender = spawn(() => waiting.send(late));
        while (!/: blocked in/.test(sender.stack())) sleep(0);
        late.property = 1;
        attempt(waiting);
        const same = waiting.recv() === late;
        sender.join();
        // All go on as they were, and the good one can leave by itself.
        const rest = [withHandle.recv(), withHandle.recv() === task, withHandle.length];
        host.send(good);
        host.send(withHandle);
        withHandle.send('now it can');
        return [failures, receiver.join(), same, rest];
      }, out);
      assert.deepEqual(result, [Array(4).fill('DataCloneError'), 'goodstill here', true, ['before', true, 0]]);
      const good = await out.recv();
      await good.send(1);
      assert.equal(await good.recv(), 1);
      assert.equal(await (await out.recv()).recv(), 'now it can');
      assert.equal(out.tryRecv().ok, false);
      await isolate.dispose();
    });

    test('stays if the value around it cannot be sent', { timeout: 20_000 }, async () => {
      const isolate = new Isolate();
      const out = chan(5);
      const result = await isolate.spawn.with({ form })((host) => {
        const c = chan(1);
        c.send('kept');
        let name;
        try {
          host.send({ c, bad: Symbol('s') });
        } catch (error) {
          name = error.name;
        }
        const receiver = spawn(() => [c.recv(), c.recv()]);
        sleep(1);
        c.send('more');
        return [name, receiver.join(), host.length];
      }, out);
      assert.deepEqual(result, ['DataCloneError', ['kept', 'more'], 0]);
      await isolate.dispose();
    });

    test('may be used by getters of the value in which it leaves', { timeout: 20_000 }, async () => {
      const isolate = new Isolate();
      const out = chan(5);
      const result = await isolate.spawn.with({ form })((host) => {
        const c = chan(5);
        c.send('a');
        host.send({
          c,
          get used() {
            c.send('b');
            return c.recv();
          },
          get sent() {
            host.send(c);
            return c.length;
          },
        });
        return c.length;
      }, out);
      const inner = await out.recv();
      const outer = await out.recv();
      assert.equal(outer.c, inner);
      assert.deepEqual([outer.used, outer.sent, result, await inner.recv()], ['a', 1, 1, 'b']);
      await isolate.dispose();
    });

    test('leaves while many use it, and nothing is lost', { timeout: 60_000 }, async () => {
      const isolate = new Isolate();
      const helper = new Isolate();
      for (let round = 0; round < 12; round++) {
        const out = chan(1);
        const closing = chan();
        const running = isolate.spawn.with({ form })(
          (host, end, capacity) => {
            const c = chan(capacity);
            const other = chan();
            const got = [];
            const tasks = [];
            for (let k = 0; k < 3; k++) {
              tasks.push(
                spawn((id) => {
                  for (let i = 0; i < 50; i++) {
                    if (i % 3 === 0) select([[c, [id, i]], other]);
                    else c.send([id, i]);
                  }
                }, k),
              );
            }
            const receivers = [];
            for (let k = 0; k < 2; k++) {
              receivers.push(
                spawn(async () => {
                  for (;;) {
                    const { value, done } = k === 0 ? c.next() : await c.next();
                    if (done) return;
                    got.push(value);
                  }
                }),
              );
            }
            sleep(round0());
            host.send(c);
            for (const task of tasks) task.join();
            end.recv();
            c.close();
            for (const receiver of receivers) receiver.join();
            return got;
            function round0() {
              return 1;
            }
          },
          out,
          closing,
          round % 4,
        );
        const c = await out.recv();
        const outside = helper.spawn.with({ form })((x) => {
          for (let i = 0; i < 50; i++) x.send(['out', i]);
        }, c);
        await outside;
        await closing.send('close it');
        const got = await running;
        const key = ([id, i]) => `${id}:${i}`;
        assert.equal(got.length, 200);
        assert.equal(new Set(got.map(key)).size, 200);
      }
      await Promise.all([isolate.dispose(), helper.dispose()]);
    });

    test('leaves when its isolate ends, with those who waited gone', { timeout: 20_000 }, async () => {
      const isolate = new Isolate();
      const out = chan(1);
      const running = isolate.spawn.with({ form })((host) => {
        const c = chan();
        spawn(() => c.recv());
        spawn(() => select([c, null]));
        sleep(1);
        host.send(c);
        sleep(1e6);
      }, out);
      running.catch(() => {});
      const c = await out.recv();
      await isolate.dispose();
      assert.equal(c.trySend('to nobody'), false);
    });
  });
}
