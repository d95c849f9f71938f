'use strict';

// What becomes of values that go through channels: copied, moved or shared; and channels as values.

const assert = require('node:assert/strict');
const { after, describe, it: test } = require('node:test');
const { Isolate, chan, select, shutdown, sleep, spawn } = require('../lib/index.js');
const { inAllPlacements } = require('./channels/placements.js');

after(() => shutdown());

async function failure(operate) {
  try {
    await operate();
    return 'it did not fail';
  } catch (error) {
    return [error.name, error.message];
  }
}

const echo = async (from, to) => {
  for await (const value of from) await to.send(value);
  to.close();
};

inAllPlacements('values', (it) => {
  for (const capacity of [0, 2]) {
    it(
      `are copied when they are sent (capacity ${capacity})`,
      async ({ go, blocked }) => {
        const c = chan(capacity);
        const sender = go(async (x) => {
          const value = { list: [1], inner: { n: 1 } };
          value.self = value;
          const sent = x.send(value);
          value.list.push(2);
          value.inner.n = 2;
          await sent;
          return value.list.length;
        }, c);
        await blocked(sender).catch(() => {});
        const got = await c.recv();
        return [got.list, got.inner, got.self === got, await sender];
      },
      [[1], { n: 1 }, true, 2],
    );
  }

  it(
    'keep their identity within one message and not beyond',
    async ({ go }) => {
      const c = chan(2);
      await go(async (x) => {
        const o = {};
        await x.send([o, o]);
        await x.send(o);
      }, c);
      const [a, b] = await c.recv();
      return [a === b, a === (await c.recv())];
    },
    [true, false],
  );

  it(
    'are moved by transfer',
    async ({ go }) => {
      const c = chan(4);
      const there = await go(async (x) => {
        const buffer = new ArrayBuffer(8);
        const view = new Uint8Array(buffer);
        view[0] = 7;
        await x.send({ buffer, view }, { transfer: [buffer] });
        const other = new ArrayBuffer(4);
        const went = x.trySend(other, { transfer: [other] });
        const kept = new Uint8Array([5]);
        await x.send(kept);
        return [buffer.byteLength, view.length, went, other.byteLength, kept.length];
      }, c);
      const { buffer, view } = await c.recv();
      return [there, view.buffer === buffer, view[0], (await c.recv()).byteLength, [...(await c.recv())]];
    },
    [[0, 0, true, 0, 1], true, 7, 4, [5]],
  );

  it(
    'that were moved to who waits arrive',
    async ({ go, blocked }) => {
      const c = chan();
      const receiver = go(async (x) => {
        const buffer = await x.recv();
        new Uint8Array(buffer)[1]++;
        await x.send(buffer, { transfer: [buffer] });
        return buffer.byteLength;
      }, c);
      await blocked(receiver);
      const mine = new Uint8Array([1, 2, 3]).buffer;
      await c.send(mine, { transfer: [mine] });
      const got = await c.recv();
      return [mine.byteLength, [...new Uint8Array(got)], await receiver];
    },
    [0, [1, 3, 3], 0],
  );

  it(
    'that have nothing to do with what is moved are sent with it, and what cannot be moved is told',
    async ({ go }) => {
      const c = chan(4);
      return await go(async (x) => {
        const buffer = new ArrayBuffer(8);
        await x.send(1, { transfer: [buffer] });
        const other = new ArrayBuffer(8);
        const names = [];
        for (const transfer of [[5], [other, other]]) {
          names.push((await failure(() => x.send('text', { transfer })))[0]);
          names.push((await failure(() => x.trySend(null, { transfer })))[0]);
        }
        return [buffer.byteLength, other.byteLength, names, x.length, Object.is(chan(-0).capacity, 0)];
      }, c);
    },
    [0, 8, Array(4).fill('DataCloneError'), 1, true],
  );

  it(
    'that are large arrive whole',
    async ({ go }) => {
      const c = chan(1);
      const d = chan(1);
      const task = go(echo, c, d);
      const text = 'ab'.repeat(200_000);
      await c.send({ text, bytes: new Uint8Array(300_000).fill(3) });
      const got = await d.recv();
      c.close();
      await task;
      return [got.text === text, got.bytes.length, got.bytes.every((byte) => byte === 3)];
    },
    [true, 300_000, true],
  );

  it(
    'that cannot be copied fail at the sender, who may go on',
    async ({ go }) => {
      const c = chan(1);
      const failures = await go(async (x) => {
        const names = [];
        for (const value of [
          { a: { b: [1, Symbol('s')] } },
          new WeakMap(),
          Promise.resolve(1),
          [(async () => 1)()],
          Symbol('s'),
        ]) {
          const [name, message] = await failure(() => x.send(value));
          names.push(name, message.includes('value'));
          names.push((await failure(() => x.trySend(value)))[0]);
        }
        names.push((await failure(() => x.send({ a: { b: [1, Symbol('s')] } })))[1].includes('a.b[1]'));
        const thrown = await failure(() =>
          x.send({
            get it() {
              throw new RangeError('by a getter');
            },
          }),
        );
        names.push(thrown[1]);
        names.push(x.length);
        await x.send('fine');
        return names;
      }, c);
      return [failures, await c.recv(), c.tryRecv().ok];
    },
    [[...Array(5).fill(['DataCloneError', true, 'DataCloneError']).flat(), true, 'by a getter', 0], 'fine', false],
  );

  it(
    'may close the channel, and send on it, while they are copied',
    async ({ go }) => {
      const closing = chan(1);
      const sending = chan(2);
      return await go(
        async (x, y) => {
          const first = await failure(() =>
            x.send({
              get it() {
                x.close();
                return 1;
              },
            }),
          );
          await y.send({
            get it() {
              y.trySend('inner');
              return 'outer';
            },
          });
          const got = [first[0], await y.recv(), await y.recv()];
          const full = {
            get it() {
              y.trySend(1);
              y.trySend(2);
              return 3;
            },
          };
          const closes = {
            get it() {
              y.close();
              return 4;
            },
          };
          got.push(y.trySend(full), y.length, await y.recv(), (await failure(() => y.trySend(closes)))[0]);
          return got;
        },
        closing,
        sending,
      );
    },
    ['ChannelClosedError', 'inner', { it: 'outer' }, false, 2, 1, 'ChannelClosedError'],
  );

  it(
    'wrong as options are told',
    async ({ go }) => {
      return await go(async () => {
        const c = chan(1);
        const names = [];
        for (const options of [null, 5, { signal: {} }, { signal: 1 }]) {
          names.push((await failure(() => c.send(1, options)))[0], (await failure(() => c.recv(options)))[0]);
        }
        names.push((await failure(() => c.send(1, { transfer: 5 })))[0], c.length);
        return names;
      });
    },
    [...Array(9).fill('TypeError'), 0],
  );
});

inAllPlacements('channels as values', (it) => {
  it(
    'answer through a channel that came with the question',
    async ({ go }) => {
      const questions = chan();
      const server = go(async (requests) => {
        for await (const { reply, n } of requests) await reply.send(n * n);
      }, questions);
      const answers = [];
      for (let i = 0; i < 10; i++) {
        const reply = chan();
        await questions.send({ reply, n: i });
        answers.push(await reply.recv());
      }
      questions.close();
      await server;
      return answers;
    },
    [0, 1, 4, 9, 16, 25, 36, 49, 64, 81],
  );

  it(
    'are the same object in a realm wherever they come from',
    async ({ go }) => {
      const outer = chan(3);
      return await go(
        async (x, { same }, list) => {
          await x.send(x);
          await x.send([x]);
          await x.send({ deep: new Map([[x, x]]) });
          const first = await x.recv();
          const [second] = await x.recv();
          const { deep } = await x.recv();
          const made = chan(1);
          await made.send({ made });
          const back = await made.recv();
          return [same === x, list[0] === x, first === x, second === x, deep.get(x) === x, back.made === made];
        },
        outer,
        { same: outer },
        [outer],
      );
    },
    Array(6).fill(true),
  );

  it(
    'go through arguments, closures and results',
    async ({ go }) => {
      const captured = chan(1);
      const made = await go(
        async (argument) => {
          await captured.send('captured');
          await argument.send('argument');
          const result = chan(2);
          await result.send('result');
          return { result, argument };
        },
        captured.capacity === 1 ? chan(1) : captured,
      );
      return [await captured.recv(), await made.argument.recv(), await made.result.recv(), made.result.capacity];
    },
    ['captured', 'argument', 'result', 2],
  );

  it(
    'go through each other, several deep',
    async ({ go }) => {
      const top = chan(1);
      await go(async (x) => {
        const b = chan(1);
        const c = chan(1);
        await c.send('deep');
        await b.send(c);
        await x.send(b);
      }, top);
      const b = await top.recv();
      const c = await b.recv();
      return await c.recv();
    },
    'deep',
  );

  it(
    'are passed on by who has no use for them',
    async ({ go }) => {
      const a = chan();
      const b = chan();
      const end = chan();
      const passer = go(async (from, to) => await to.send(await from.recv()), a, b);
      const user = go(async (from) => {
        const c = await from.recv();
        await c.send('found');
      }, b);
      await a.send(end);
      const got = await end.recv();
      await passer;
      await user;
      return got;
    },
    'found',
  );

  it(
    'of several isolates are chosen among by one select',
    async ({ go }) => {
      const outputs = chan(3);
      const makers = [];
      for (let i = 0; i < 3; i++) {
        makers.push(
          go(
            async (to, n) => {
              const mine = chan();
              await to.send(mine);
              for (let k = 0; k < 5; k++) await mine.send(n);
              mine.close();
            },
            outputs,
            i,
          ),
        );
      }
      const open = [await outputs.recv(), await outputs.recv(), await outputs.recv()];
      const counts = [0, 0, 0];
      while (open.some((c) => c !== null)) {
        const { index, value, ok } = await select(open);
        if (ok) counts[value]++;
        else open[index] = null;
      }
      for (const maker of makers) await maker;
      return counts;
    },
    [5, 5, 5],
  );
});

describe('values between isolates and the host', () => {
  const form = 'coroutine';

  test('are shared where they are SharedArrayBuffers, and written before they are seen', async () => {
    const isolates = [new Isolate(), new Isolate()];
    const memory = new Int32Array(new SharedArrayBuffer(4096));
    const go = chan();
    const back = chan(1);
    const writer = isolates[0].spawn(
      (array, to, from) => {
        for (let round = 1; round <= 2000; round++) {
          // Plain stores: only the channel orders them.
          for (let i = 0; i < 64; i++) array[i * 16] = round;
          to.send(round);
          from.recv();
        }
      },
      memory,
      go,
      back,
    );
    const reader = isolates[1].spawn(
      (array, from, to) => {
        let wrong = 0;
        for (let round = 1; round <= 2000; round++) {
          from.recv();
          for (let i = 0; i < 64; i++) if (array[i * 16] !== round) wrong++;
          to.send(0);
        }
        return wrong;
      },
      memory,
      go,
      back,
    );
    await writer;
    assert.equal(await reader, 0);
    const through = chan(1);
    await through.send(memory.buffer);
    await isolates[0].spawn((c) => {
      new Int32Array(c.recv())[5] = 42;
    }, through);
    assert.equal(memory[5], 42);
    await Promise.all(isolates.map((isolate) => isolate.dispose()));
  });

  test('are shared where tasks have made them, also across isolates', async () => {
    const isolates = [new Isolate(), new Isolate()];
    const c = chan();
    const d = chan();
    const maker = isolates[0].spawn(
      (x, y) => {
        const memory = new Int32Array(new SharedArrayBuffer(16));
        x.send(memory);
        y.recv();
        return memory[1];
      },
      c,
      d,
    );
    await isolates[1].spawn(
      (x, y) => {
        x.recv()[1] = 11;
        y.send(0);
      },
      c,
      d,
    );
    assert.equal(await maker, 11);
    await Promise.all(isolates.map((isolate) => isolate.dispose()));
  });

  test('are functions with what they capture, from the host to tasks', async () => {
    const jobs = chan(4);
    const results = chan(4);
    const factor = 3;
    const worker = spawn.with({ form })(
      (from, to) => {
        for (const job of from) to.send(job(2));
      },
      jobs,
      results,
    );
    await jobs.send((x) => x * factor);
    await jobs.send((x) => {
      const c = chan(1);
      c.send(x + factor);
      return c.recv();
    });
    jobs.close();
    assert.deepEqual([await results.recv(), await results.recv()], [6, 5]);
    await worker;
  });

  test('are functions that lie in a buffer and move between isolates', async () => {
    const isolates = [new Isolate(), new Isolate()];
    const c = chan(2);
    const d = chan(2);
    await c.send({ call: (x) => x + 1 });
    const passed = isolates[0].spawn(
      async (from, to) => {
        const value = from.recv();
        try {
          to.send(value);
          return 'sent';
        } catch (error) {
          return [error.name, value.call(1)];
        }
      },
      c,
      d,
    );
    // Whether tasks may pass functions on, or are told that they may not: nothing is lost and nobody hangs.
    const outcome = await passed;
    if (outcome === 'sent') assert.equal(await isolates[1].spawn((from) => from.recv().call(1), d), 2);
    else assert.deepEqual(outcome, ['DataCloneError', 2]);
    await Promise.all(isolates.map((isolate) => isolate.dispose()));
  });

  test('are the same channel on the host, whoever sends it', async () => {
    const c = chan(3);
    const d = chan(3);
    await c.send(d);
    await spawn(async (x) => {
      const y = x.recv();
      y.send(x);
      y.send({ y });
    }, c);
    assert.equal(await d.recv(), c);
    assert.equal((await d.recv()).y, d);
    assert.equal(await spawn((x) => x, c), c);
  });

  test('stay in the channel of an isolate that has ended', async () => {
    const isolate = new Isolate();
    const c = await isolate.spawn(() => {
      const made = chan(5);
      made.send({ big: 'x'.repeat(100_000) });
      made.send(new Uint8Array([1, 2, 3]));
      made.send(made);
      return made;
    });
    await isolate.dispose();
    assert.equal((await c.recv()).big.length, 100_000);
    assert.deepEqual([...(await c.recv())], [1, 2, 3]);
    assert.equal(await c.recv(), c);
    await c.send(1);
    assert.equal(await c.recv(), 1);
  });

  test('that cannot be read on the other side fail there, and the channel goes on', async () => {
    const c = chan(3);
    await spawn((x) => {
      x.send(new SharedArrayBuffer(8));
      x.send('next');
    }, c);
    await assert.rejects(async () => c.recv(), /SharedArrayBuffer/);
    assert.equal(await c.recv(), 'next');
    await sleep(1);
  });
});
