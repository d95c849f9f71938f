'use strict';

// Sending, receiving and closing: the meaning of Go's channels, in all placements.

const { ChannelClosedError, chan, sleep } = require('../lib/index.js');
const { inAllPlacements } = require('./channels/placements.js');

/** How a promise or a blocking operation failed. */
async function failure(operate) {
  try {
    await operate();
    return 'it did not fail';
  } catch (error) {
    return [error.name, error.code, error.message, error instanceof ChannelClosedError];
  }
}

const drain = async (channel) => {
  const out = [];
  for await (const value of channel) out.push(value);
  return out;
};
const sendAll = async (channel, values) => {
  for (const value of values) await channel.send(value);
};
const count = async (channel, from, to) => {
  for (let i = from; i < to; i++) await channel.send(i);
};
const closedError = (message) => ['ChannelClosedError', 'ERR_CHANNEL_CLOSED', message, true];

inAllPlacements('channels', (it) => {
  it(
    'hand values over in order',
    async ({ go }) => {
      const channel = chan();
      const receiver = go(drain, channel);
      await count(channel, 0, 50);
      channel.close();
      return await receiver;
    },
    [...Array(50).keys()],
  );

  it(
    'carry values of every kind',
    async ({ go }) => {
      const channel = chan();
      const values = [
        undefined,
        null,
        true,
        false,
        0,
        -0,
        1.5,
        NaN,
        -Infinity,
        '',
        'text',
        'é',
        '☃',
        'x'.repeat(1000),
        12n,
      ];
      const sender = go(
        async (c, list) => {
          for (const value of list) await c.send(value);
          await c.send({ list, date: new Date(5), map: new Map([[1, new Set([2])]]), bytes: new Uint8Array([1, 2]) });
          c.close();
        },
        channel,
        values,
      );
      const got = await drain(channel);
      await sender;
      const last = got.pop();
      return [got, last];
    },
    [
      [undefined, null, true, false, 0, -0, 1.5, NaN, -Infinity, '', 'text', 'é', '☃', 'x'.repeat(1000), 12n],
      {
        list: [undefined, null, true, false, 0, -0, 1.5, NaN, -Infinity, '', 'text', 'é', '☃', 'x'.repeat(1000), 12n],
        date: new Date(5),
        map: new Map([[1, new Set([2])]]),
        bytes: new Uint8Array([1, 2]),
      },
    ],
  );

  it(
    'without a buffer have sender and receiver meet',
    async ({ go, blocked }) => {
      const channel = chan();
      const log = chan(10);
      const sender = go(
        async (c, l) => {
          await c.send('value');
          await l.send('sent');
        },
        channel,
        log,
      );
      await blocked(sender);
      const before = [channel.length, log.length, channel.capacity];
      const value = await channel.recv();
      await sender;
      return [before, value, await log.recv()];
    },
    [[0, 0, 0], 'value', 'sent'],
  );

  it('block a receiver until there is something', async ({ go, blocked }) => {
    const channel = chan();
    const receiver = go(async (c) => await c.recv(), channel);
    await blocked(receiver);
    await channel.send(5);
    return await receiver;
  }, 5);

  it(
    'buffer as many values as they have room for',
    async ({ go, blocked }) => {
      const channel = chan(3);
      const log = chan(10);
      const sender = go(
        async (c, l) => {
          for (let i = 0; i < 5; i++) {
            await c.send(i);
            await l.send(i);
          }
        },
        channel,
        log,
      );
      await blocked(sender);
      const full = [log.length, channel.length];
      const got = [
        await channel.recv(),
        await channel.recv(),
        await channel.recv(),
        await channel.recv(),
        await channel.recv(),
      ];
      await sender;
      return [full, got, log.length, channel.length];
    },
    [[3, 3], [0, 1, 2, 3, 4], 5, 0],
  );

  it(
    'of capacity Infinity always have room',
    async ({ go }) => {
      const channel = chan(Infinity);
      await go(count, channel, 0, 500);
      channel.close();
      return [channel.capacity, channel.length, (await drain(channel)).length];
    },
    [Infinity, 500, 500],
  );

  it(
    'serve receivers in the order in which they came',
    async ({ go, blocked }) => {
      const channel = chan();
      const receivers = [];
      for (let i = 0; i < 5; i++) {
        const receiver = go(async (c) => await c.recv(), channel);
        await blocked(receiver);
        receivers.push(receiver);
      }
      for (let i = 0; i < 5; i++) await channel.send(i);
      const got = [];
      for (const receiver of receivers) got.push(await receiver);
      return got;
    },
    [0, 1, 2, 3, 4],
  );

  for (const capacity of [0, 2]) {
    it(
      `serve senders in the order in which they came (capacity ${capacity})`,
      async ({ go, blocked }) => {
        const channel = chan(capacity);
        const senders = [];
        for (let i = 0; i < 6; i++) {
          const sender = go(async (c, value) => await c.send(value), channel, i);
          if (i >= capacity) await blocked(sender);
          else await sender;
          senders.push(sender);
        }
        const got = [];
        for (let i = 0; i < 6; i++) got.push(await channel.recv());
        for (const sender of senders) await sender;
        return got;
      },
      [0, 1, 2, 3, 4, 5],
    );
  }

  it(
    'give what is buffered after they were closed, then nothing',
    async ({ go }) => {
      const channel = chan(5);
      await go(sendAll, channel, ['a', 'b']);
      channel.close();
      return await go(
        async (c) => [
          c.tryRecv(),
          await c.next(),
          await c.recv(),
          await c.next(),
          c.tryRecv(),
          await c.recv(),
          c.length,
        ],
        channel,
      );
    },
    [
      { ok: true, value: 'a', closed: false },
      { value: 'b', done: false },
      undefined,
      { value: undefined, done: true },
      { ok: false, value: undefined, closed: true },
      undefined,
      0,
    ],
  );

  it(
    'tell undefined that was sent from the end',
    async ({ go }) => {
      const channel = chan(1);
      const sender = go(async (c) => {
        await c.send(undefined);
        c.close();
      }, channel);
      const got = [await channel.next(), await channel.next()];
      await sender;
      return got;
    },
    [
      { value: undefined, done: false },
      { value: undefined, done: true },
    ],
  );

  it(
    'cannot be sent on once they are closed',
    async ({ go }) => {
      const channel = chan(1);
      channel.close();
      return await go(
        async (c) => [
          await failure(() => c.send(1)),
          await failure(() => c.trySend(1)),
          await failure(() => c.send({})),
        ],
        channel,
      );
    },
    Array(3).fill(closedError('send on a closed channel')),
  );

  it(
    'cannot be closed twice',
    async ({ go }) => {
      const channel = chan(1);
      await go((c) => c.close(), channel);
      return [await failure(() => channel.close()), await go(async (c) => await failure(() => c.close()), channel)];
    },
    Array(2).fill(closedError('the channel is closed already')),
  );

  it(
    'wake all who receive when they are closed',
    async ({ go, blocked }) => {
      const channel = chan();
      const waiting = [
        go(async (c) => await c.recv(), channel),
        go(async (c) => await c.next(), channel),
        go(async (c) => await drain(c), channel),
      ];
      for (const task of waiting) await blocked(task);
      channel.close();
      const got = [];
      for (const task of waiting) got.push(await task);
      return got;
    },
    [undefined, { value: undefined, done: true }, []],
  );

  for (const capacity of [0, 1]) {
    it(
      `wake all who send when they are closed (capacity ${capacity})`,
      async ({ go, blocked }) => {
        const channel = chan(capacity);
        if (capacity > 0) await channel.send('kept');
        const waiting = [];
        for (let i = 0; i < 3; i++) {
          const task = go(async (c, value) => await failure(() => c.send(value)), channel, i);
          await blocked(task);
          waiting.push(task);
        }
        channel.close();
        const got = [];
        for (const task of waiting) got.push((await task)[2]);
        return [got, await drain(channel)];
      },
      [Array(3).fill('the channel was closed during send'), capacity > 0 ? ['kept'] : []],
    );
  }

  it('are closed by one of several who try', async ({ go }) => {
    const channel = chan();
    const tasks = [];
    for (let i = 0; i < 4; i++) tasks.push(go(async (c) => typeof (await failure(() => c.close())), channel));
    let closers = 0;
    for (const task of tasks) if ((await task) === 'string') closers++;
    return closers;
  }, 1);

  it(
    'try to send and to receive without waiting',
    async ({ go, blocked }) => {
      const channel = chan();
      const buffered = chan(1);
      const first = await go(
        (c, b) => [c.trySend(1), c.tryRecv(), b.trySend({ n: 2 }), b.trySend(3), b.length, b.tryRecv(), b.tryRecv()],
        channel,
        buffered,
      );
      const receiver = go(async (c) => await c.recv(), channel);
      await blocked(receiver);
      const second = [channel.trySend('to who waits'), channel.trySend('to nobody'), await receiver];
      const sender = go(async (c) => await c.send('from who waits'), channel);
      await blocked(sender);
      const third = [channel.tryRecv(), channel.tryRecv()];
      await sender;
      return [first, second, third];
    },
    [
      [
        false,
        { ok: false, value: undefined, closed: false },
        true,
        false,
        1,
        { ok: true, value: { n: 2 }, closed: false },
        { ok: false, value: undefined, closed: false },
      ],
      [true, false, 'to who waits'],
      [
        { ok: true, value: 'from who waits', closed: false },
        { ok: false, value: undefined, closed: false },
      ],
    ],
  );

  it(
    'can be left by a loop and used on',
    async ({ go }) => {
      const channel = chan();
      const sender = go(count, channel, 0, 6);
      const got = [];
      for await (const value of channel) {
        got.push(value);
        if (value === 2) break;
      }
      try {
        for await (const value of channel) {
          got.push(value);
          throw new Error('left');
        }
      } catch (error) {
        got.push(error.message);
      }
      got.push(await channel.recv(), await channel.recv());
      await sender;
      return got;
    },
    [0, 1, 2, 3, 'left', 4, 5],
  );

  it('pass a token through a long chain', async ({ go }) => {
    const first = chan();
    let left = first;
    const links = [];
    for (let i = 0; i < 12; i++) {
      const right = chan();
      links.push(go(async (from, to) => await to.send((await from.recv()) + 1), left, right));
      left = right;
    }
    await first.send(0);
    const end = await left.recv();
    for (const link of links) await link;
    return end;
  }, 12);

  for (const capacity of [0, 1, 7]) {
    it(
      `lose nothing and double nothing with many on both sides (capacity ${capacity})`,
      async ({ go }) => {
        const channel = chan(capacity);
        const results = chan(100);
        const producers = [];
        const consumers = [];
        for (let i = 0; i < 3; i++) producers.push(go(count, channel, i * 40, i * 40 + 40));
        for (let i = 0; i < 3; i++) {
          consumers.push(
            go(
              async (from, to) => {
                for await (const value of from) await to.send(value);
              },
              channel,
              results,
            ),
          );
        }
        const all = [];
        for (let i = 0; i < 120; i++) all.push(await results.recv());
        for (const producer of producers) await producer;
        channel.close();
        for (const consumer of consumers) await consumer;
        const sorted = [...all].sort((a, b) => a - b);
        return [sorted.every((value, index) => value === index), results.length];
      },
      [true, 0],
    );
  }

  it(
    'keep the order of one sender for one receiver among others',
    async ({ go }) => {
      const channel = chan(2);
      const senders = [];
      for (let i = 0; i < 3; i++) {
        senders.push(
          go(
            async (c, id) => {
              for (let n = 0; n < 60; n++) await c.send([id, n]);
            },
            channel,
            i,
          ),
        );
      }
      const last = [-1, -1, -1];
      let inOrder = true;
      for (let i = 0; i < 180; i++) {
        const [id, n] = await channel.recv();
        if (n !== last[id] + 1) inOrder = false;
        last[id] = n;
      }
      for (const sender of senders) await sender;
      return [inOrder, last];
    },
    [true, [59, 59, 59]],
  );

  it('say who may go on when a race with try operations ends', async ({ go }) => {
    // Go's TestNonblockRecvRace: a value that is there before the other side closes is received.
    let failures = 0;
    for (let i = 0; i < 30; i++) {
      const channel = chan(1);
      await channel.send(1);
      const receiver = go((c) => c.tryRecv().ok, channel);
      channel.close();
      if (!(await receiver)) failures++;
    }
    return failures;
  }, 0);

  it(
    'reject what is no capacity',
    async ({ go }) => {
      return await go(async () => {
        const names = [];
        for (const capacity of [-1, 1.5, NaN, -Infinity]) names.push((await failure(() => chan(capacity)))[0]);
        for (const capacity of ['1', null, {}, 1n]) names.push((await failure(() => chan(capacity)))[0]);
        return [names, chan().capacity, chan(undefined).capacity, chan(3).capacity];
      });
    },
    [[...Array(4).fill('RangeError'), ...Array(4).fill('TypeError')], 0, 0, 3],
  );

  it(
    'say what they are',
    async ({ go }) => {
      const channel = chan();
      return await go((c) => [Object.prototype.toString.call(c), typeof c, Object.keys(c)], channel);
    },
    ['[object Chan]', 'object', []],
  );

  it(
    'let timers and sleeping tasks go on meanwhile',
    async ({ go }) => {
      const channel = chan();
      const sleeper = go(async (c) => {
        await sleep(5);
        await c.send('slept');
      }, channel);
      const value = await channel.recv();
      await sleeper;
      return value;
    },
    'slept',
  );
});
