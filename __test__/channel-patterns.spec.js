'use strict';

// What programs build of channels, in all placements.

const { chan, select, sleep, ticker } = require('../lib/index.js');
const { inAllPlacements } = require('./channels/placements.js');

inAllPlacements('a program of channels', (it) => {
  it('is a pipeline', async ({ go }) => {
    const stages = [chan(), chan(2), chan()];
    const map = async (from, to, add, times) => {
      for await (const value of from) await to.send((value + add) * times);
      to.close();
    };
    go(map, stages[0], stages[1], 1, 2);
    go(map, stages[1], stages[2], 3, 10);
    const source = go(async (to) => {
      for (let i = 0; i < 20; i++) await to.send(i);
      to.close();
    }, stages[0]);
    const got = [];
    for await (const value of stages[2]) got.push(value);
    await source;
    return got.every((value, i) => value === ((i + 1) * 2 + 3) * 10) && got.length;
  }, 20);

  it(
    'is a pool of workers',
    async ({ go }) => {
      const jobs = chan();
      const results = chan(3);
      const workers = [];
      for (let w = 0; w < 3; w++) {
        workers.push(
          go(
            async (from, to) => {
              let done = 0;
              for await (const { id, n } of from) {
                await to.send({ id, square: n * n });
                done++;
              }
              return done;
            },
            jobs,
            results,
          ),
        );
      }
      const feeder = go(async (to) => {
        for (let id = 0; id < 60; id++) await to.send({ id, n: id + 1 });
        to.close();
      }, jobs);
      const squares = [];
      for (let i = 0; i < 60; i++) {
        const { id, square } = await results.recv();
        squares[id] = square;
      }
      await feeder;
      let done = 0;
      for (const worker of workers) done += await worker;
      return [done, squares.every((square, id) => square === (id + 1) ** 2)];
    },
    [60, true],
  );

  it(
    'is a broadcast to all who subscribe, until they leave',
    async ({ go }) => {
      const subscribe = chan();
      const publish = chan();
      const hub = go(
        async (joins, news) => {
          const members = [];
          for (;;) {
            const { index, value, ok } = await select([joins, news]);
            if (index === 0) members.push(value);
            else if (ok) for (const member of members) await member.send(value);
            else {
              for (const member of members) member.close();
              return members.length;
            }
          }
        },
        subscribe,
        publish,
      );
      const readers = [];
      for (let i = 0; i < 3; i++) {
        const inbox = chan(4);
        await subscribe.send(inbox);
        readers.push(
          go(async (from) => {
            const seen = [];
            for await (const value of from) seen.push(value);
            return seen;
          }, inbox),
        );
      }
      for (const word of ['a', 'b', 'c']) await publish.send(word);
      publish.close();
      const seen = [];
      for (const reader of readers) seen.push((await reader).join(''));
      return [await hub, seen];
    },
    [3, ['abc', 'abc', 'abc']],
  );

  it(
    'is a rate limiter',
    async ({ go }) => {
      return await go(async () => {
        const tick = ticker(4);
        const begin = Date.now();
        for (let i = 0; i < 5; i++) await tick.recv();
        const took = Date.now() - begin;
        tick.close();
        return took >= 14;
      });
    },
    true,
  );

  it(
    'is a semaphore of tokens',
    async ({ go }) => {
      const tokens = chan(2);
      const log = chan(100);
      const users = [];
      for (let i = 0; i < 4; i++) {
        users.push(
          go(
            async (room, notes) => {
              for (let k = 0; k < 3; k++) {
                await room.send(0);
                await notes.send(1);
                await sleep(1);
                await notes.send(-1);
                await room.recv();
              }
            },
            tokens,
            log,
          ),
        );
      }
      for (const user of users) await user;
      log.close();
      let inside = 0;
      let most = 0;
      for await (const change of log) {
        inside += change;
        most = Math.max(most, inside);
      }
      return [inside, most <= 2];
    },
    [0, true],
  );

  it(
    'is a prime sieve',
    async ({ go }) => {
      const numbers = chan();
      const stop = chan();
      go(
        async (to, end) => {
          for (let i = 2; ; i++) if ((await select([[to, i], end])).index === 1) return;
        },
        numbers,
        stop,
      );
      let source = numbers;
      const primes = [];
      for (let i = 0; i < 12; i++) {
        const prime = await source.recv();
        primes.push(prime);
        const next = chan();
        go(
          async (from, to, p, end) => {
            for (;;) {
              const { index, value } = await select([from, end]);
              if (index === 1) return;
              if (value % p !== 0 && (await select([[to, value], end])).index === 1) return;
            }
          },
          source,
          next,
          prime,
          stop,
        );
        source = next;
      }
      stop.close();
      return primes;
    },
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37],
  );

  it(
    'is a tree whose leaves are summed',
    async ({ go }) => {
      const total = chan();
      const node = async (to, number, size) => {
        if (size === 1) return await to.send(number);
        // In tasks a call of `node` blocks its caller where it sends, so there is room for all.
        const from = chan(10);
        const parts = [];
        for (let i = 0; i < 10; i++) parts.push(node(from, number + i * (size / 10), size / 10));
        let sum = 0;
        for (let i = 0; i < 10; i++) sum += await from.recv();
        await Promise.all(parts);
        await to.send(sum);
      };
      const tasks = [0, 1, 2].map((i) => go(node, total, i * 100, 100));
      const sum = (await total.recv()) + (await total.recv()) + (await total.recv());
      for (const task of tasks) await task;
      return sum;
    },
    (299 * 300) / 2,
  );
});
