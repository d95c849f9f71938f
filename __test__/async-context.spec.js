'use strict';

// What AsyncLocalStorage holds follows whatever comes of the code that has set it: in tasks, from task to task, and from the host.

const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const { after, describe, it } = require('node:test');
const { Isolate, chan, run, shutdown, sleep, spawn } = require('../lib/index.js');

after(() => shutdown());

const storage = new AsyncLocalStorage();
const limit = 1;

for (const form of ['plain', 'coroutine', 'storm']) {
  const start = spawn.with({ form });

  describe(`AsyncLocalStorage in form ${form}`, () => {
    it('follows calls, promises, await, timers and microtasks', async () => {
      const seen = await start(async () => {
        const { AsyncLocalStorage } = require('node:async_hooks');
        const storage = new AsyncLocalStorage();
        const other = new AsyncLocalStorage({ defaultValue: 'default' });
        const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
        const one = async (name) => {
          const list = [storage.getStore()];
          await null;
          list.push(storage.getStore());
          await pause();
          list.push(storage.getStore());
          await new Promise((resolve) => setTimeout(() => resolve(list.push(storage.getStore())), 1));
          await new Promise((resolve) => queueMicrotask(() => resolve(list.push(storage.getStore()))));
          await new Promise((resolve) => setImmediate(() => resolve(list.push(storage.getStore()))));
          await pause().then(() => list.push(storage.getStore()));
          for await (const _ of (async function* () {
            await null;
            yield list.push(storage.getStore());
          })());
          try {
            await Promise.reject(new Error('x'));
          } catch {
            list.push(storage.getStore());
          }
          return list.every((value) => value === name) && list.length;
        };
        const results = await Promise.all([storage.run('a', one, 'a'), storage.run('b', one, 'b'), one(undefined)]);
        return [results, storage.getStore(), other.getStore(), other.run('set', () => other.getStore())];
      });
      assert.deepEqual(seen, [[9, 9, 9], undefined, 'default', 'set']);
    });

    it('nests, is left, entered and bound', async () => {
      const seen = await start(() => {
        const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
        const [a, b] = [new AsyncLocalStorage(), new AsyncLocalStorage()];
        const both = () => `${a.getStore()}${b.getStore()}`;
        const list = [];
        a.run(1, () => {
          list.push(both());
          b.run(2, () => {
            list.push(both());
            a.run(3, () => list.push(both()));
            a.exit(() => list.push(both()));
            list.push(both());
          });
          const bound = AsyncLocalStorage.bind(both);
          const snapshot = AsyncLocalStorage.snapshot();
          const resource = new AsyncResource('test');
          a.run(4, () => list.push(bound(), snapshot(both), resource.runInAsyncScope(both), both()));
          b.enterWith(5);
          list.push(both());
          a.disable();
          list.push(both());
          try {
            a.run(6, () => {
              throw new Error('out');
            });
          } catch {
            list.push(both());
          }
        });
        list.push(both());
        return list.join();
      });
      const plain =
        '1undefined,12,32,undefined2,12,1undefined,1undefined,1undefined,4undefined,15,undefined5,undefined5,undefinedundefined';
      assert.equal(seen, plain);
    });

    it('has in a task what the host had at the spawn, as a copy', async () => {
      const request = { id: 7, list: [1] };
      const read = () => storage.getStore();
      const [own, nested, changed] = await storage.run(request, () =>
        Promise.all([
          start(async () => {
            await null;
            return storage.getStore();
          }),
          start(() => read()),
          start(() => {
            storage.getStore().list.push(2);
            return storage.run('inner', () => storage.getStore());
          }),
        ]),
      );
      assert.deepEqual([own, nested, changed], [request, request, 'inner']);
      assert.deepEqual(request.list, [1]);
      assert.equal(await start(() => storage.getStore()), undefined);
    });
  });
}

for (const form of ['coroutine', 'storm']) {
  const start = spawn.with({ form });

  describe(`AsyncLocalStorage of tasks in form ${form}`, () => {
    it('stays with each task, whoever runs in between, and goes on to those that it starts', async () => {
      const seen = await start(() => {
        const { AsyncLocalStorage } = require('node:async_hooks');
        const storage = new AsyncLocalStorage();
        const c = chan();
        const tasks = [];
        for (let i = 0; i < 5; i++) {
          tasks.push(
            storage.run(i, () =>
              spawn(() => {
                const list = [storage.getStore()];
                sleep(1);
                list.push(storage.getStore(), spawn(() => storage.getStore()).join());
                const end = performance.now() + 15;
                while (performance.now() < end);
                list.push(storage.getStore());
                if (i % 2) c.send(i);
                else list.push(c.recv() >= 0 ? storage.getStore() : 'nothing');
                return new Set(list).size === 1 && list[0] === i;
              }),
            ),
          );
        }
        c.send(9);
        return [tasks.map((task) => task.join()), storage.getStore()];
      });
      assert.deepEqual(seen, [Array(5).fill(true), undefined]);
    });

    it('is there under native frames', async () => {
      const seen = await start(() => {
        const { AsyncLocalStorage } = require('node:async_hooks');
        const storage = new AsyncLocalStorage();
        return storage.run('x', () =>
          [3, 1, 2].toSorted((a, b) => {
            sleep(1);
            return storage.getStore() === 'x' ? a - b : 0;
          }),
        );
      });
      assert.deepEqual(seen, [1, 2, 3]);
    });
  });
}

describe('AsyncLocalStorage', () => {
  it('crosses to private isolates and with what is transferred', async () => {
    const isolate = new Isolate();
    const buffer = new ArrayBuffer(8);
    const read = () => storage.getStore();
    const task = storage.run('far', () =>
      isolate.spawn.with({ transfer: [buffer] })((b) => [read(), b.byteLength], buffer),
    );
    assert.deepEqual(await task, ['far', 8]);
    await isolate.dispose();
  });

  it('of which the value cannot be copied fails the spawn', () => {
    assert.throws(() => storage.run({ f: Symbol('s') }, () => spawn(() => storage.getStore())), {
      code: 'ERR_DATA_CLONE',
      message: /^store\.f of an AsyncLocalStorage: /,
    });
    const named = new AsyncLocalStorage({ name: 'request' });
    const whose = named.name === 'request' ? 'the AsyncLocalStorage request' : 'an AsyncLocalStorage';
    assert.throws(() => named.run([new WeakMap()], () => spawn(() => [limit, named.getStore()])), {
      code: 'ERR_DATA_CLONE',
      message: new RegExp(`^store\\[0\\] of ${whose}: `),
    });
  });

  it('works in programs', async () => {
    const source = `import { AsyncLocalStorage } from 'node:async_hooks';
      const s = new AsyncLocalStorage();
      export const value = await s.run(5, async () => { await null; return s.getStore(); });`;
    assert.deepEqual(await run(source, { type: 'module' }), { value: 5 });
    assert.equal(typeof chan, typeof sleep);
  });
});
