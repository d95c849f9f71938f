'use strict';

// Thousands who wait for one object of the kit: what each of them costs does not grow with their number. Where it does, these take minutes.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const {
  Cond,
  Context,
  ErrGroup,
  Isolate,
  Mutex,
  Once,
  RWMutex,
  Semaphore,
  WaitGroup,
  chan,
  sleep,
  spawn,
  task,
} = require('../lib/index.js');

const MANY = 3000;
const LIMITS = { timeout: 40_000 };
const times = (make) => Promise.all(Array.from({ length: MANY }, (_, index) => make(index)));

describe('thousands wait on the host', () => {
  it('for a Mutex, in order, also where some give up', LIMITS, async () => {
    const mutex = new Mutex();
    const first = await mutex.lock();
    const order = [];
    const givesUp = (index) => index % 3 !== 0;
    const controller = new AbortController();
    const ends = times(async (index) => {
      try {
        const guard = await mutex.lock(givesUp(index) ? { signal: AbortSignal.any([controller.signal]) } : undefined);
        order.push(index);
        guard.release();
      } catch (error) {
        assert.equal(error.message, 'given up');
      }
    });
    controller.abort(new Error('given up'));
    await sleep(1);
    first.release();
    await ends;
    assert.deepEqual(
      order,
      Array.from({ length: MANY }, (_, index) => index).filter((index) => !givesUp(index)),
    );
    assert.equal(mutex.isLocked, false);
  });

  it('for the turn of a task with a limit, and of an ErrGroup', LIMITS, async () => {
    const same = task((n) => n, { limit: 4 });
    assert.deepEqual(
      await times(same),
      Array.from({ length: MANY }, (_, index) => index),
    );
    const group = new ErrGroup({ limit: 4 });
    const done = new Int32Array(new SharedArrayBuffer(4));
    times(() => group.go((done) => Atomics.add(done, 0, 1), done));
    await group.wait();
    assert.equal(done[0], MANY);
  });

  it('for a WaitGroup, a Once, a Cond, and to read', LIMITS, async () => {
    const group = new WaitGroup();
    group.add(1);
    const waiting = times(() => group.wait());
    group.done();
    await waiting;
    const once = new Once();
    let calls = 0;
    const values = await times(() =>
      once.do(async () => {
        calls++;
        await sleep(1);
        return 'value';
      }),
    );
    assert.deepEqual([calls, new Set(values).size], [1, 1]);
    const mutex = new Mutex();
    const changed = new Cond(mutex);
    let isReady = false;
    let waits = 0;
    const told = times(async () => {
      const guard = await mutex.lock();
      waits++;
      while (!isReady) await changed.wait(guard);
      guard.release();
    });
    while (waits < MANY || mutex.isLocked) await sleep(1);
    isReady = true;
    changed.broadcast();
    await told;
    const lock = new RWMutex();
    const writer = await lock.lock();
    const reading = times(() => lock.rlock());
    writer.release();
    for (const guard of await reading) guard.release();
    assert.notEqual(lock.tryLock(), undefined);
  });

  it('a Once whose functions throw: each is called, one after the other', LIMITS, async () => {
    const once = new Once();
    let calls = 0;
    const ends = await Promise.allSettled(
      Array.from({ length: 500 }, () =>
        once.do(async () => {
          calls++;
          await sleep(0);
          throw new Error('x');
        }),
      ),
    );
    assert.equal(calls, 500);
    assert.ok(ends.every(({ reason }) => reason.message === 'x'));
    assert.equal(await once.do(() => 1), 1);
  });

  it('contexts: children that are alive, that are cancelled, and that nobody has', LIMITS, async () => {
    const root = new Context();
    const children = Array.from({ length: MANY }, () => root.child());
    for (let i = 0; i < MANY; i++) root.child().cancel();
    for (let i = 0; i < MANY; i++) root.child();
    const inner = children[MANY - 1].child().child();
    root.cancel('enough');
    assert.ok(children.every((child) => child.error.message === 'the context was cancelled: enough'));
    assert.ok(children.every((child) => child.done.tryRecv().closed));
    assert.deepEqual([inner.error.name, inner.done.tryRecv().closed], ['TaskKilledError', true]);
  });
});

describe('thousands of tasks wait', () => {
  let isolate;
  before(() => {
    isolate = new Isolate();
  });
  after(() => isolate.dispose());

  for (const place of ['that lives in their isolate', 'of the host']) {
    it(`for a Mutex ${place}, in order, also where some are killed`, LIMITS, async () => {
      const result = await isolate.spawn(
        (shared, many) => {
          const mutex = shared ?? new Mutex();
          const first = mutex.lock();
          const order = [];
          const tasks = [];
          let begun = 0;
          for (let i = 0; i < many; i++) {
            tasks.push(
              spawn(() => {
                begun++;
                const guard = mutex.lock();
                order.push(i);
                guard.release();
              }),
            );
            // They come one after the other.
            while (begun <= i) sleep(0);
          }
          for (let i = 0; i < many; i++) if (i % 3 !== 0) tasks[i].kill();
          for (let i = 0; i < many; i++) {
            if (i % 3 === 0) continue;
            try {
              tasks[i].join();
            } catch {}
          }
          first.release();
          for (let i = 0; i < many; i += 3) tasks[i].join();
          return [order.length, order.every((one, index) => one === index * 3), mutex.isLocked];
        },
        place === 'of the host' ? new Mutex() : undefined,
        MANY,
      );
      assert.deepEqual(result, [MANY / 3, true, false]);
    });
  }

  it('for objects that live in their isolate', LIMITS, async () => {
    const result = await isolate.spawn((many) => {
      const permits = new Semaphore(2);
      const group = new WaitGroup();
      const once = new Once();
      const lock = new RWMutex();
      let calls = 0;
      for (let i = 0; i < many; i++) {
        group.go(() => {
          once.do(() => {
            sleep(1);
            return ++calls;
          });
          const guard = permits.acquire();
          const other = i % 100 === 0 ? lock.lock() : lock.rlock();
          other.release();
          guard.release();
        });
      }
      group.wait();
      const root = new Context();
      const children = [];
      for (let i = 0; i < many; i++) children.push(root.child());
      for (let i = 0; i < many; i++) root.child().cancel();
      root.cancel();
      return [
        calls,
        permits.available,
        children.every((child) => child.done.tryRecv().closed && child.error !== undefined),
      ];
    }, MANY);
    assert.deepEqual(result, [1, 2, true]);
  });

  it('children of a context in another isolate, and in the host, end with it', LIMITS, async () => {
    const root = new Context();
    const ready = chan(1);
    const running = isolate.spawn(
      (root, ready) => {
        const own = new Context();
        const children = [root.child(), root.child().child(), own.child()];
        ready.send({ own, child: children[1], last: children[2] });
        for (const child of children) child.done.recv();
        return children.map((child) => child.error.message);
      },
      root,
      ready,
    );
    const { own, child, last } = await ready.recv();
    root.cancel('a');
    assert.equal(child.error.message, 'the context was cancelled: a');
    assert.equal(last.error, undefined);
    own.cancel('b');
    assert.ok(last.done.tryRecv().closed);
    assert.deepEqual(await running, [
      'the context was cancelled: a',
      'the context was cancelled: a',
      'the context was cancelled: b',
    ]);
  });

  it('all learn that a lock is poisoned: its holder is killed, or its isolate ends', LIMITS, async () => {
    for (const way of ['kill', 'end']) {
      const mutex = new Mutex();
      const other = new Isolate();
      const holder = other.spawn((mutex) => {
        mutex.lock();
        chan().recv();
      }, mutex);
      holder.catch(() => {});
      while (holder.status !== 'blocked') await sleep(1);
      const code = (error) => error.code;
      const waiting = Array.from({ length: 20 }, () => mutex.lock().catch(code));
      const inTasks = Array.from({ length: 20 }, () => isolate.spawn((mutex) => mutex.lock(), mutex).catch(code));
      await sleep(20);
      if (way === 'kill') holder.kill();
      else await other.dispose();
      assert.deepEqual(new Set(await Promise.all([...waiting, ...inTasks])), new Set(['ERR_POISONED']));
      if (way === 'kill') await other.dispose();
    }
  });
});
