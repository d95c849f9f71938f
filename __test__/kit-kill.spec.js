'use strict';

// A task that is killed in the middle of an operation of the kit has done it, or has not begun it. Here tasks do nothing but such operations,
// with slices so short that they are over anywhere in them; then they are killed where they stand.

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
  configure,
  shutdown,
  sleep,
  spawn,
} = require('../lib/index.js');

const ROUNDS = 100;

/** What a task does that is killed; what others find afterwards; and what they may find. */
const OPERATIONS = {
  'Semaphore: its permits come back': {
    right: [2],
    make: () => new Semaphore(2),
    victim(permits) {
      for (;;) permits.acquire(2).release();
    },
    look: (permits) => permits.available,
  },
  'Semaphore: what tryAcquire took comes back': {
    right: [2],
    make: () => new Semaphore(2),
    victim(permits) {
      for (;;) permits.tryAcquire(2).release();
    },
    look: (permits) => permits.available,
  },
  'Mutex: released in finally, it is free': {
    right: [true],
    make: () => new Mutex(),
    victim(mutex) {
      for (;;) {
        const guard = mutex.lock();
        try {
          for (let i = 0; i < 100; i++);
        } finally {
          guard.release();
        }
      }
    },
    look: (mutex) => mutex.tryLock() !== undefined,
  },
  'Mutex: released in finally after tryLock, it is free': {
    right: [true],
    make: () => new Mutex(),
    victim(mutex) {
      for (;;) {
        const guard = mutex.tryLock();
        try {
          for (let i = 0; i < 100; i++);
        } finally {
          guard.release();
        }
      }
    },
    look: (mutex) => mutex.tryLock() !== undefined,
  },
  'RWMutex: released in finally, it is free': {
    right: [true],
    make: () => new RWMutex(),
    victim(lock) {
      for (let i = 0; ; i++) {
        const guard = i % 2 === 0 ? lock.lock() : lock.rlock();
        try {
          for (let i = 0; i < 100; i++);
        } finally {
          guard.release();
        }
      }
    },
    look: (lock) => lock.tryLock() !== undefined,
  },
  'Mutex: it is free or poisoned': {
    right: [true, 'ERR_POISONED'],
    make: () => new Mutex(),
    victim(mutex) {
      for (;;) mutex.lock().release();
    },
    look: (mutex) => mutex.tryLock() !== undefined,
  },
  'Mutex: unlocked by itself, it is free or poisoned': {
    right: [true, 'ERR_POISONED'],
    make: () => new Mutex(),
    victim(mutex) {
      for (;;) {
        mutex.lock();
        mutex.unlock();
      }
    },
    look: (mutex) => mutex.tryLock() !== undefined,
  },
  'Mutex: who has it by then is not disturbed': {
    right: ['held', 'mine'],
    make: () => new Mutex(),
    victim(mutex) {
      for (;;) {
        mutex.lock();
        mutex.unlock();
      }
    },
    meanwhile: (mutex) => mutex.tryLock() !== undefined,
    look: (mutex, isMine) => (isMine && mutex.isLocked ? 'mine' : 'held'),
  },
  'RWMutex: who has it by then is not disturbed': {
    right: ['held', 'mine'],
    make: () => new RWMutex(),
    victim(mutex) {
      for (;;) {
        mutex.lock();
        mutex.unlock();
        mutex.rlock().release();
      }
    },
    meanwhile: (mutex) => mutex.tryLock() !== undefined,
    look(mutex, isMine) {
      if (isMine) mutex.unlock();
      return isMine ? 'mine' : 'held';
    },
  },
  'Once: it is done, or done by the next one': {
    right: ['done'],
    make: () => Array.from({ length: 5000 }, () => new Once()),
    victim(all) {
      for (const once of all) once.do(() => 1);
      sleep(1e6);
    },
    look(all) {
      for (const once of all) once.do(() => 2);
      return 'done';
    },
  },
  'WaitGroup: what was not started is not waited for': {
    right: ['all done'],
    make: () => new WaitGroup(),
    victim(group) {
      for (;;) {
        for (let i = 0; i < 5; i++) group.go(() => {});
        group.wait();
      }
    },
    look(group) {
      group.wait();
      return 'all done';
    },
  },
  'ErrGroup: the same': {
    right: ['all done'],
    make: () => new ErrGroup({ limit: 2 }),
    victim(group) {
      for (;;) group.go(() => {});
    },
    look(group) {
      group.go(() => {});
      group.wait();
      return 'all done';
    },
  },
  'Cond: the next one is told': {
    right: ['told', 'ERR_POISONED'],
    make() {
      const mutex = new Mutex();
      return { mutex, cond: new Cond(mutex) };
    },
    victim({ mutex, cond }) {
      const stop = chan();
      const teller = spawn(() => {
        while (!stop.tryRecv().closed) {
          const inner = mutex.lock();
          cond.signal();
          inner.release();
        }
      });
      const guard = mutex.lock();
      try {
        for (;;) cond.wait(guard);
      } finally {
        guard.release();
        stop.close();
        teller.join();
      }
    },
    look({ mutex, cond }) {
      const guard = mutex.lock();
      const teller = spawn(() => {
        const inner = mutex.lock();
        cond.signal();
        inner.release();
      });
      cond.wait(guard);
      guard.release();
      teller.join();
      return 'told';
    },
  },
  'Context: all children are cancelled, or none': {
    right: ['all or none'],
    make: () =>
      Array.from({ length: 600 }, () => {
        const context = new Context();
        return { context, children: [context.child(), context.child(), context.child()] };
      }),
    victim(all) {
      for (const { context } of all) context.cancel();
      sleep(1e6);
    },
    look(all) {
      for (const { children } of all) {
        const cancelled = children.filter((child) => child.error !== undefined).length;
        if (cancelled === 1 || cancelled === 2) return `${cancelled} of 3`;
      }
      return 'all or none';
    },
  },
};

describe('the kit, where a task is killed in the middle of an operation', () => {
  let isolate;
  before(() => {
    configure({ quantum: 1 });
    isolate = new Isolate();
  });
  after(() => shutdown());

  for (const [name, { right, make, victim, meanwhile = () => {}, look }] of Object.entries(OPERATIONS)) {
    it(name, { timeout: 60_000 }, async () => {
      const outcomes = await isolate.spawn(
        (rounds, make, victim, meanwhile, look) => {
          const outcomes = [];
          for (let round = 0; round < rounds; round++) {
            const object = make();
            const task = spawn(() => victim(object));
            sleep(2);
            const mine = meanwhile(object);
            task.kill();
            try {
              task.join();
            } catch {}
            const looks = spawn(() => look(object, mine));
            const watch = spawn(() => {
              sleep(5000);
              looks.kill();
            });
            try {
              outcomes.push(looks.join());
            } catch (error) {
              outcomes.push(error.code ?? error.message);
              if (error.code === 'ERR_TASK_KILLED') break;
            }
            watch.kill();
          }
          return outcomes;
        },
        ROUNDS,
        make,
        victim,
        meanwhile,
        look,
      );
      const wrong = outcomes.filter((outcome) => !right.includes(outcome));
      assert.deepEqual(wrong, [], `after ${outcomes.length} rounds`);
    });
  }
});
