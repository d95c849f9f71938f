'use strict';

// `select`: exactly one of several sends and receives, in all placements.

const { ChannelClosedError, after, chan, select, sleep, ticker } = require('../lib/index.js');
const { inAllPlacements } = require('./channels/placements.js');

async function failure(operate) {
  try {
    await operate();
    return 'it did not fail';
  } catch (error) {
    return [error.name, error.message];
  }
}

const CLOSED = ['ChannelClosedError', 'send on a closed channel'];

const drain = async (channel) => {
  const out = [];
  for await (const value of channel) out.push(value);
  return out;
};

inAllPlacements('select', (it) => {
  it(
    'receives from the channel that has something',
    async ({ go }) => {
      const a = chan(1);
      const b = chan(1);
      return await go(
        async (x, y) => {
          await y.send('b');
          const { index, channel, value, ok } = await select([x, y]);
          return [index, channel === y, value, ok];
        },
        a,
        b,
      );
    },
    [1, true, 'b', true],
  );

  it(
    'waits until one of its channels has something',
    async ({ go, blocked }) => {
      const a = chan();
      const b = chan();
      const task = go(
        async (x, y) => {
          const { index, channel, value, ok } = await select([x, null, y]);
          return [index, channel === y, value, ok];
        },
        a,
        b,
      );
      await blocked(task);
      await b.send({ n: 1 });
      return [await task, a.trySend(1), b.trySend(1)];
    },
    [[2, true, { n: 1 }, true], false, false],
  );

  it(
    'sends to the channel that has room or a receiver',
    async ({ go, blocked }) => {
      const a = chan();
      const b = chan(1);
      const c = chan();
      const first = await go(
        async (x, y) => {
          const { index, channel, value, ok } = await select([
            [x, 'to a'],
            [y, 'to b'],
          ]);
          return [index, channel === y, value, ok];
        },
        a,
        b,
      );
      const task = go(
        async (x, y) => {
          const { index } = await select([
            [x, 'x'],
            [y, 'y'],
          ]);
          return index;
        },
        a,
        c,
      );
      await blocked(task);
      return [first, await b.recv(), await c.recv(), await task, a.tryRecv().ok];
    },
    [[1, true, undefined, true], 'to b', 'y', 1, false],
  );

  it('commits one of several sends and no other', async ({ go }) => {
    // Go's doubleselect: no value may appear twice, whatever cases there are.
    const channels = [chan(), chan(), chan(), chan()];
    const done = chan();
    const sender = go(
      async (list, end) => {
        for (let i = 0; i < 200; i++) await select(list.map((channel) => [channel, i]));
        for (const channel of list) channel.close();
        await end.recv();
      },
      channels,
      done,
    );
    const collected = chan(1000);
    const receivers = [];
    for (const channel of channels) {
      receivers.push(
        go(
          async (from, to) => {
            for await (const value of from) await to.send(value);
          },
          channel,
          collected,
        ),
      );
    }
    for (const receiver of receivers) await receiver;
    await done.send(0);
    await sender;
    collected.close();
    const got = await drain(collected);
    return got.sort((a, b) => a - b).every((value, index) => value === index) && got.length;
  }, 200);

  it(
    'commits one case where the same channel stands in several',
    async ({ go, blocked }) => {
      // Go's TestSelectDuplicateChannel.
      const c = chan();
      const d = chan();
      const e = chan();
      const task = go(
        async (x, y, z) => {
          const first = await select([x, x, y]);
          await z.send([first.index < 2, first.value]);
        },
        c,
        d,
        e,
      );
      await blocked(task);
      const other = go(async (x) => {
        return await x.recv();
      }, c);
      await blocked(other);
      await c.send(1);
      const got = await e.recv();
      await c.send(2);
      await task;
      return [got, await other, d.trySend(1)];
    },
    [[true, 1], 2, false],
  );

  it(
    'never matches itself',
    async ({ go, blocked }) => {
      // Go's TestSelfSelect.
      const c = chan();
      const task = go(async (x) => (await select([[x, 'own'], x])).value, c);
      await blocked(task);
      const before = [c.length, task.status === 'done'];
      await c.send('other');
      return [before, await task];
    },
    [[0, false], 'other'],
  );

  for (const capacity of [0, 10]) {
    it(
      `of two tasks on both sides of one channel go on with each other (capacity ${capacity})`,
      async ({ go }) => {
        const c = chan(capacity);
        const players = [];
        for (let p = 0; p < 2; p++) {
          players.push(
            go(
              async (x, me, room) => {
                for (let i = 0; i < 100; i++) {
                  const cases = me === 0 ? [[x, me], x] : [x, [x, me]];
                  const { value, ok } = await select(cases);
                  if (!ok) throw new Error('closed');
                  if (room === 0 && value === me) throw new Error('it received its own value');
                }
                return 'played';
              },
              c,
              p,
              capacity,
            ),
          );
        }
        // Who is left alone cannot go on: the host of the game plays along until both are through.
        const results = [];
        for (const player of players) {
          let isDone = false;
          const watch = player.then((value) => {
            isDone = true;
            results.push(value);
          });
          while (!isDone) {
            c.tryRecv();
            c.trySend(-1);
            await sleep(0);
          }
          await watch;
        }
        return results;
      },
      ['played', 'played'],
    );
  }

  it(
    'gives the default where nothing is ready',
    async ({ go }) => {
      const a = chan();
      return await go(async (x) => {
        const { index, value } = await select([x, [x, 1], null, [null, 2]], { default: 'none' });
        const empty = await select([], { default: undefined });
        const own = await select([x], { default: x });
        return [index, value, empty.index, empty.value, own.value === x];
      }, a);
    },
    [-1, 'none', -1, undefined, true],
  );

  it(
    'does not give the default where something is ready',
    async ({ go, blocked }) => {
      const a = chan();
      const b = chan(1);
      const waiting = go(async (x) => await x.recv(), a);
      await blocked(waiting);
      const first = (await select([[a, 'value']], { default: 0 })).index;
      await b.send(1);
      const second = (await select([a, b], { default: 0 })).index;
      b.close();
      const third = await select([b], { default: 0 });
      return [first, await waiting, second, third.index, third.ok];
    },
    [0, 'value', 1, 0, false],
  );

  it(
    'finds a closed channel ready',
    async ({ go }) => {
      const a = chan();
      const b = chan();
      b.close();
      return await go(
        async (x, y) => {
          const { index, channel, value, ok } = await select([x, y]);
          return [
            index,
            channel === y,
            value,
            ok,
            await failure(() => select([x, [y, 1]])),
            await failure(() => select([[y, 1]], { default: 1 })),
          ];
        },
        a,
        b,
      );
    },
    [1, true, undefined, false, CLOSED, CLOSED],
  );

  it(
    'is woken by the close of one of its channels',
    async ({ go, blocked }) => {
      const a = chan();
      const b = chan();
      const c = chan();
      const receiver = go(
        async (x, y) => {
          const { index, value, ok } = await select([x, y]);
          return [index, value, ok];
        },
        a,
        b,
      );
      await blocked(receiver);
      const sender = go(async (x, y) => await failure(() => select([x, [y, 1]])), a, c);
      await blocked(sender);
      b.close();
      c.close();
      return [await receiver, (await sender)[0], a.trySend(1)];
    },
    [[1, undefined, false], 'ChannelClosedError', false],
  );

  it(
    'drains a closed channel before it finds it closed',
    async ({ go }) => {
      const a = chan(2);
      await a.send(1);
      await a.send(2);
      a.close();
      return await go(async (x) => {
        const got = [];
        for (;;) {
          const { value, ok } = await select([x]);
          if (!ok) return got;
          got.push(value);
        }
      }, a);
    },
    [1, 2],
  );

  it('never chooses null channels', async ({ go, blocked }) => {
    const a = chan();
    const task = go(async (x) => (await select([null, [null, 1], x, null])).index, a);
    await blocked(task);
    await a.send(1);
    return await task;
  }, 2);

  it(
    'serves in the order in which others came, too',
    async ({ go, blocked }) => {
      const c = chan();
      const d = chan();
      const tasks = [];
      for (let i = 0; i < 4; i++) {
        const task = go(async (x, y, way) => (way % 2 === 0 ? await x.recv() : (await select([y, x])).value), c, d, i);
        await blocked(task);
        tasks.push(task);
      }
      for (let i = 0; i < 4; i++) await c.send(i);
      const got = [];
      for (const task of tasks) got.push(await task);
      return got;
    },
    [0, 1, 2, 3],
  );

  it(
    'loses nothing where selects meet selects',
    async ({ go }) => {
      // Go's TestSelectStress: plain and selecting senders and receivers on channels with and without buffers.
      const channels = [chan(), chan(), chan(2), chan(3)];
      const N = 60;
      const tasks = [];
      for (let k = 0; k < 4; k++) {
        tasks.push(
          go(
            async (c, n) => {
              for (let i = 0; i < n; i++) await c.send(1);
              return n;
            },
            channels[k],
            N,
          ),
        );
        tasks.push(
          go(
            async (c, n) => {
              for (let i = 0; i < n; i++) await c.recv();
              return n;
            },
            channels[k],
            N,
          ),
        );
      }
      const choosy = async (list, n, isSender) => {
        const left = list.map(() => n);
        const open = [...list];
        let total = 0;
        while (total < n * list.length) {
          const { index } = await select(open.map((c) => (isSender ? [c, 2] : c)));
          total++;
          if (--left[index] === 0) open[index] = null;
        }
        return total;
      };
      tasks.push(go(choosy, channels, N, true), go(choosy, channels, N, false));
      let sum = 0;
      for (const task of tasks) sum += await task;
      return [sum, channels.map((c) => c.length)];
    },
    [8 * 60 + 8 * 60, [0, 0, 0, 0]],
  );

  it(
    'is fair among ready cases',
    async ({ go }) => {
      // Go's TestSelectFairness and TestPseudoRandomSend.
      const a = chan(1);
      const b = chan(1);
      const counts = await go(
        async (x, y) => {
          const received = [0, 0];
          const sent = [0, 0];
          await x.send(1);
          await y.send(1);
          for (let i = 0; i < 400; i++) {
            const { index, channel } = await select([x, y]);
            received[index]++;
            await channel.send(1);
          }
          await x.recv();
          await y.recv();
          for (let i = 0; i < 400; i++) {
            const { index, channel } = await select([
              [x, 1],
              [y, 1],
            ]);
            sent[index]++;
            await channel.recv();
          }
          return [received, sent];
        },
        a,
        b,
      );
      // The chance that fair draws give less than 120 of 400 is below 1e-15.
      return counts.map((pair) => pair.every((n) => n > 120));
    },
    [true, true],
  );

  it(
    'does not let a flood starve its other channel',
    async ({ go }) => {
      const flood = chan();
      const rare = chan();
      const stop = chan();
      const flooder = go(
        async (c, end) => {
          for (let i = 0; ; i++) if ((await select([[c, i], end])).index === 1) return true;
        },
        flood,
        stop,
      );
      const other = go(async (c) => await c.send('rare'), rare);
      let turns = 0;
      for (; turns < 100_000; turns++) if ((await select([flood, rare])).value === 'rare') break;
      await other;
      await stop.send(0);
      return [await flooder, turns < 100_000];
    },
    [true, true],
  );

  it(
    'reads its cases once, in order, and copies what it sends then',
    async ({ go, blocked }) => {
      const a = chan();
      const b = chan();
      const log = chan(20);
      const task = go(
        async (x, y, l) => {
          const note = (text, value) => {
            l.trySend(text);
            return value;
          };
          const value = {
            get text() {
              l.trySend('getter');
              return 'first';
            },
          };
          const changed = { text: 'before' };
          const cases = [
            [note('x', x), note('value', value)],
            [note('y', y), note('second', changed)],
          ];
          const choice = select(cases);
          return (await choice).index;
        },
        a,
        b,
        log,
      );
      await blocked(task);
      const got = await b.recv();
      const index = await task;
      log.close();
      return [got, index, await drain(log)];
    },
    [{ text: 'before' }, 1, ['x', 'value', 'y', 'second', 'getter']],
  );

  it(
    'takes nothing else for a case',
    async ({ go }) => {
      return await go(async () => {
        const c = chan();
        const messages = [];
        for (const cases of [
          [1],
          [undefined],
          [[c]],
          [[c, 1, 2]],
          [{}],
          [[1, 2]],
          ['x'],
          [() => 1],
          [c, [undefined, 1]],
        ]) {
          const [name, message] = await failure(() => select(cases));
          messages.push(name, message.startsWith('select: case '));
        }
        for (const cases of [undefined, null, c, 5]) messages.push((await failure(() => select(cases)))[0]);
        return messages;
      });
    },
    [...Array(9).fill(['TypeError', true]).flat(), ...Array(4).fill('TypeError')],
  );

  it(
    'with a value that cannot be copied fails and leaves its channels as they were',
    async ({ go }) => {
      const a = chan(1);
      const b = chan(1);
      return await go(
        async (x, y) => {
          const [name] = await failure(() =>
            select([
              [x, 1],
              [y, { deep: [Symbol('s')] }],
            ]),
          );
          return [name, x.length, y.length, (await select([[x, 2]])).index, await x.recv()];
        },
        a,
        b,
      );
    },
    ['DataCloneError', 0, 0, 0, 2],
  );

  it(
    'with after gives up in time',
    async ({ go }) => {
      return await go(async () => {
        const never = chan();
        const { index, value, ok } = await select([never, after(5)]);
        return [index, Math.abs(Date.now() - value) < 20_000, ok];
      });
    },
    [1, true, true],
  );

  it(
    'with a ticker goes on at each tick',
    async ({ go }) => {
      return await go(async () => {
        const tick = ticker(2);
        const never = chan();
        let ticks = 0;
        while (ticks < 3) if ((await select([tick, never])).index === 0) ticks++;
        tick.close();
        const { ok } = await select([tick]);
        return [ticks, ok || (await select([tick])).ok];
      });
    },
    [3, false],
  );

  it(
    'receives channels, and goes on with them',
    async ({ go, blocked }) => {
      const c = chan();
      const task = go(async (x) => {
        const { value } = await select([x]);
        await value.reply.send(value.question * 2);
        return value.same[0] === value.reply;
      }, c);
      await blocked(task);
      const reply = chan(1);
      await c.send({ reply, question: 21, same: [reply] });
      return [await reply.recv(), await task];
    },
    [42, true],
  );

  it(
    'blocks a task for ever where there are no cases',
    async ({ go, blocked }) => {
      const task = go(async () => {
        await select([]);
      });
      await blocked(task);
      await sleep(5);
      const before = task.status === 'done' || task.status === 'failed';
      // The host's promise just stays pending.
      if (typeof task.kill !== 'function') return [before, 'TaskKilledError'];
      task.kill();
      return [before, (await failure(() => task))[0]];
    },
    [false, 'TaskKilledError'],
  );

  it(
    'of null channels alone blocks a task for ever',
    async ({ go, blocked }) => {
      const task = go(async () => {
        try {
          await select([null, [null, 1]]);
        } finally {
          await sleep(1);
        }
      });
      await blocked(task);
      if (typeof task.kill !== 'function') return 'TaskKilledError';
      task.kill();
      return (await failure(() => task))[0];
    },
    'TaskKilledError',
  );

  it(
    'takes as many cases as there are channels',
    async ({ go, blocked }) => {
      const channels = [];
      for (let i = 0; i < 300; i++) channels.push(chan());
      const task = go(async (list) => {
        const order = [];
        for (let i = 0; i < 3; i++) order.push((await select(list)).index);
        return order;
      }, channels);
      await blocked(task);
      await channels[299].send(0);
      await channels[0].send(0);
      await channels[150].send(0);
      return await task;
    },
    [299, 0, 150],
  );

  it(
    'throws for what is aborted',
    async ({ go }) => {
      const c = chan();
      const task = go(async (x) => {
        const already = new AbortController();
        already.abort(new Error('already'));
        const first = (await failure(() => select([x], { signal: already.signal })))[1];
        const later = new AbortController();
        setTimeout(() => later.abort(new Error('later')), 5);
        const second = (await failure(() => select([x, [x, 1]], { signal: later.signal })))[1];
        return [first, second];
      }, c);
      const got = await task;
      return [got, c.trySend(1), c.tryRecv().ok];
    },
    [['already', 'later'], false, false],
  );

  it(
    'reports its errors as ChannelClosedError',
    async ({ go }) => {
      const c = chan();
      c.close();
      return await go(async (x) => {
        try {
          await select([[x, 1]]);
        } catch (error) {
          return [error instanceof ChannelClosedError, error.code];
        }
      }, c);
    },
    [true, 'ERR_CHANNEL_CLOSED'],
  );
});
