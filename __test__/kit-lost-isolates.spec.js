'use strict';

const assert = require('node:assert/strict');
const { afterEach, describe, it } = require('node:test');
const {
  Cond,
  Isolate,
  Mutex,
  Once,
  PoisonedError,
  RWMutex,
  Semaphore,
  chan,
  shutdown,
  spawn,
} = require('../lib/index.js');

// Each of these would wait for ever if what a dead isolate has left undone were not made good.
describe('the kit, where an isolate ends in which somebody waits or holds', () => {
  afterEach(() => shutdown());

  /** Runs a function in an isolate until it sends the first of two messages, and then ends the isolate. */
  async function lost(fn, ...args) {
    const isolate = new Isolate();
    const begun = chan();
    const task = isolate.spawn(fn, begun, ...args);
    task.catch(() => {});
    await begun.recv();
    // What it does next is a wait, which its thread is at when it has nothing else to do.
    await isolate.spawn(() => sleep(20));
    await isolate.dispose();
  }

  /** The same in a way that it gets what it waits for while it ends. */
  async function losing(fn, give, ...args) {
    const isolate = new Isolate();
    const begun = chan();
    isolate.spawn(fn, begun, ...args).catch(() => {});
    await begun.recv();
    await isolate.spawn(() => sleep(20));
    const ended = isolate.dispose();
    give();
    await ended;
  }

  const locks = {
    Mutex: { make: () => new Mutex(), take: (lock) => lock.lock() },
    Semaphore: { make: () => new Semaphore(1), take: (lock) => lock.acquire() },
    'RWMutex for writing': { make: () => new RWMutex(), take: (lock) => lock.lock() },
  };
  const waitFor = {
    Mutex: (begun, lock) => {
      begun.send(1);
      lock.lock();
    },
    Semaphore: (begun, lock) => {
      begun.send(1);
      lock.acquire();
    },
    'RWMutex for writing': (begun, lock) => {
      begun.send(1);
      lock.lock();
    },
  };

  for (const [name, { make, take }] of Object.entries(locks)) {
    it(`who waits for a ${name} is passed over`, async () => {
      const lock = make();
      const guard = await take(lock);
      await lost(waitFor[name], lock);
      const next = take(lock);
      guard.release();
      (await next).release();
      const other = await spawn(take, lock).catch((error) => error.name);
      assert.notEqual(other, 'PoisonedError');
    });

    it(`who gets a ${name} in that moment keeps nobody waiting`, async () => {
      const lock = make();
      const guard = await take(lock);
      const outcomes = [];
      await losing(
        waitFor[name],
        () => {
          const next = take(lock).then(
            (given) => given.release(),
            (error) => assert.ok(error instanceof PoisonedError),
          );
          outcomes.push(next);
          guard.release();
        },
        lock,
      );
      await Promise.all(outcomes);
    });
  }

  it('readers are let in behind a writer that is gone', async () => {
    const lock = new RWMutex();
    const guard = await lock.rlock();
    await lost(waitFor['RWMutex for writing'], lock);
    (await lock.rlock()).release();
    guard.release();
  });

  it('a signal of a Cond goes to who still waits', async () => {
    const mutex = new Mutex();
    const cond = new Cond(mutex);
    await lost((begun, cond) => {
      const guard = cond.mutex.lock();
      begun.send(1);
      cond.wait(guard);
    }, cond);
    const guard = await mutex.lock();
    const woken = cond.wait(guard);
    while (mutex.isLocked) await new Promise((resolve) => setImmediate(resolve));
    cond.signal();
    await woken;
    guard.release();
  });

  it('permits of a Semaphore come back', async () => {
    const semaphore = new Semaphore(3);
    await semaphore.acquire();
    const isolate = new Isolate();
    await isolate.spawn((semaphore) => void semaphore.acquire(2), semaphore);
    assert.equal(semaphore.available, 0);
    const inTask = spawn((semaphore) => {
      semaphore.acquire();
      return 'in';
    }, semaphore);
    const waiting = semaphore.acquire();
    await isolate.dispose();
    (await waiting).release();
    assert.equal(await inTask, 'in');
    assert.equal(semaphore.size, 3);
  });

  it("a Once whose caller is gone calls the next one's function", async () => {
    const once = new Once();
    await lost((begun, once) => {
      once.do(() => {
        begun.send(1);
        sleep(1e6);
      });
    }, once);
    assert.equal(await once.do(() => 'mine'), 'mine');
    assert.equal(await spawn((once) => once.do(() => 'other'), once), 'mine');
  });

  it('who waits for a Once does so until the next one has done it', async () => {
    const once = new Once();
    const isolate = new Isolate();
    const begun = chan();
    isolate
      .spawn(
        (begun, once) => {
          once.do(() => {
            begun.send(1);
            sleep(1e6);
          });
        },
        begun,
        once,
      )
      .catch(() => {});
    await begun.recv();
    const others = [once.do(() => 1), spawn((once) => once.do(() => 1), once), once.do(() => 1)];
    await isolate.dispose();
    assert.deepEqual(await Promise.all(others), [1, 1, 1]);
  });

  it('whatever its task is at, others go on, or are told', async () => {
    for (let round = 0; round < 20; round++) {
      const lock = round % 2 === 0 ? new Mutex() : new RWMutex();
      const guard = await lock.lock();
      const isolate = new Isolate();
      const begun = chan();
      isolate.spawn(waitFor.Mutex, begun, lock).catch(() => {});
      await begun.recv();
      const others = [lock.lock().then((given) => given.release()), spawn((lock) => lock.lock().release(), lock)].map(
        (other) => other.catch((error) => assert.equal(error.name, 'PoisonedError')),
      );
      const ended = isolate.dispose();
      guard.release();
      await ended;
      await Promise.all(others);
    }
  });
});
