'use strict';

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');
const {
  chan,
  Cond,
  Context,
  ErrGroup,
  Isolate,
  Mutex,
  Once,
  RWMutex,
  Semaphore,
  WaitGroup,
  run,
  scope,
  select,
  sleep,
  spawn,
  task,
} = require('../lib/index.js');

/** Waits until a task blocks. */
async function untilBlocked(running) {
  while (running.status !== 'blocked') await sleep(1);
}

/** The same in a task. */
function comesToWait(other) {
  while (!/: blocked in/.test(other.stack())) sleep(0);
}

for (const form of ['coroutine', 'storm']) {
  describe(`the kit within one isolate, in form ${form}`, () => {
    const start = spawn.with({ form });

    it('Mutex: one at a time, in order', async () => {
      const result = await start(() => {
        const mutex = new Mutex();
        const order = [];
        let inside = 0;
        let most = 0;
        const first = mutex.lock();
        const tasks = [];
        for (let i = 0; i < 8; i++) {
          tasks.push(
            spawn(() => {
              const guard = mutex.lock();
              most = Math.max(most, ++inside);
              order.push(i);
              sleep(0);
              inside--;
              guard.release();
            }),
          );
          // It waits.
          while (!/: blocked in/.test(tasks[i].stack())) sleep(0);
        }
        first.release();
        for (const one of tasks) one.join();
        return { order, most, isLocked: mutex.isLocked };
      });
      assert.deepEqual(result, { order: [0, 1, 2, 3, 4, 5, 6, 7], most: 1, isLocked: false });
    });

    it('Mutex: tryLock, unlock, and unlocking what is not locked', async () => {
      const result = await start(() => {
        const mutex = new Mutex();
        const guard = mutex.tryLock();
        const second = mutex.tryLock();
        mutex.unlock();
        // It was released already; the next holder keeps it.
        const third = mutex.tryLock();
        guard.release();
        const stays = mutex.isLocked;
        third.release();
        let message;
        try {
          mutex.unlock();
        } catch (error) {
          message = error.message;
        }
        return [second === undefined, stays, message];
      });
      assert.deepEqual(result, [true, true, 'unlock of a Mutex that is not locked']);
    });

    it('RWMutex: many read, one writes, writers are not overtaken', async () => {
      const result = await start(() => {
        const lock = new RWMutex();
        const log = [];
        const a = lock.rlock();
        const b = lock.tryRLock();
        const writer = spawn(() => {
          const guard = lock.lock();
          log.push('w');
          guard.release();
        });
        comesToWait(writer);
        const reader = spawn(() => {
          const guard = lock.rlock();
          log.push('r');
          guard.release();
        });
        comesToWait(reader);
        const during = [b !== undefined, lock.tryRLock() === undefined, lock.tryLock() === undefined, log.length];
        a.release();
        b.release();
        writer.join();
        reader.join();
        return [during, log];
      });
      assert.deepEqual(result, [
        [true, true, true, 0],
        ['w', 'r'],
      ]);
    });

    it('Semaphore: so many at once; who wants many is not starved', async () => {
      const result = await start(() => {
        const permits = new Semaphore(3);
        const log = [];
        const first = permits.acquire(2);
        const big = spawn(() => {
          const guard = permits.acquire(3);
          log.push('big');
          guard.release();
        });
        comesToWait(big);
        const small = spawn(() => {
          const guard = permits.acquire();
          log.push('small');
          guard.release();
        });
        comesToWait(small);
        const before = [permits.available, permits.tryAcquire() === undefined];
        first.release();
        big.join();
        small.join();
        const errors = [];
        for (const wrong of [() => permits.release(), () => permits.acquire(4), () => new Semaphore(0)]) {
          try {
            wrong();
          } catch (error) {
            errors.push(error.name);
          }
        }
        return [before, log, permits.available, errors];
      });
      assert.deepEqual(result, [[1, true], ['big', 'small'], 3, ['RangeError', 'RangeError', 'RangeError']]);
    });

    it('WaitGroup: waits for tasks however they end', async () => {
      const result = await start(() => {
        const group = new WaitGroup();
        let ended = 0;
        group.wait();
        for (let i = 0; i < 5; i++) {
          group.go((n) => {
            sleep(n);
            ended++;
          }, i);
        }
        const failing = group.go(() => {
          throw new Error('x');
        });
        group.wait();
        let message;
        try {
          failing.join();
        } catch (error) {
          message = error.message;
        }
        let tooMany;
        try {
          group.done();
        } catch (error) {
          tooMany = error.name;
        }
        return [ended, group.count, message, tooMany];
      });
      assert.deepEqual(result, [5, 0, 'x', 'RangeError']);
    });

    it('Cond: signal wakes one, broadcast all', async () => {
      const result = await start(() => {
        const mutex = new Mutex();
        const changed = new Cond(mutex);
        let items = 0;
        const got = [];
        const tasks = [];
        for (let i = 0; i < 4; i++) {
          tasks.push(
            spawn(() => {
              const guard = mutex.lock();
              while (items === 0) changed.wait(guard);
              items--;
              got.push(i);
              guard.release();
            }),
          );
        }
        for (const one of tasks) comesToWait(one);
        const give = (count, how) => {
          const guard = mutex.lock();
          items += count;
          changed[how]();
          guard.release();
        };
        give(1, 'signal');
        // However long that takes; and then nobody else.
        while (got.length === 0) sleep(1);
        sleep(1);
        const afterOne = got.length;
        give(3, 'broadcast');
        for (const one of tasks) one.join();
        return [afterOne, got.length, mutex.isLocked];
      });
      assert.deepEqual(result, [1, 4, false]);
    });

    it('Once: one call, whose value all get; after a failure the next one calls', async () => {
      const result = await start(() => {
        const once = new Once();
        let calls = 0;
        const failing = spawn(() =>
          once.do(() => {
            calls++;
            sleep(1);
            throw new Error('first');
          }),
        );
        while (calls === 0) sleep(0);
        const others = [1, 2, 3].map((n) =>
          spawn(() =>
            once.do(() => {
              calls++;
              sleep(1);
              return n;
            }),
          ),
        );
        let message;
        try {
          failing.join();
        } catch (error) {
          message = error.message;
        }
        // Which of them is first is up to the system.
        const [value, ...same] = others.map((one) => one.join());
        return [message, [1, 2, 3].includes(value) && same.every((other) => other === value), calls, once.isDone];
      });
      assert.deepEqual(result, ['first', true, 2, true]);
    });

    it('Context: cancels children, by hand and by a deadline; has values', async () => {
      const result = await start(() => {
        const root = new Context({ values: { user: 'u', depth: 0 } });
        const child = root.child({ values: { depth: 1 } });
        const timed = child.child({ timeout: 3 });
        const { index } = select([timed.done, child.done]);
        const first = [index, timed.error.name, child.error];
        root.cancel('enough');
        child.done.recv();
        let thrown;
        try {
          child.check();
        } catch (error) {
          thrown = error.message;
        }
        const late = child.child();
        return [
          first,
          thrown,
          late.error.name,
          [child.get('user'), child.get('depth'), root.get('depth'), root.get('x')],
        ];
      });
      assert.deepEqual(result, [
        [0, 'TimeoutError', undefined],
        'the context was cancelled: enough',
        'TaskKilledError',
        ['u', 1, 0, undefined],
      ]);
    });

    it('ErrGroup: the first failure ends the others; a limit', async () => {
      const result = await start(() => {
        const group = new ErrGroup({ limit: 2 });
        let most = 0;
        let running = 0;
        const entered = chan(6);
        const leave = chan();
        // Lets one go whenever two are in, so that none is ever too early or too late.
        spawn(() => {
          entered.recv();
          for (let i = 1; i < 6; i++) {
            entered.recv();
            leave.send(i);
          }
          leave.send(6);
        });
        for (let i = 0; i < 6; i++) {
          group.go(() => {
            most = Math.max(most, ++running);
            entered.send(true);
            leave.recv();
            running--;
          });
        }
        group.wait();
        const failing = new ErrGroup();
        let wasKilled = false;
        const begun = chan();
        failing.go(() => {
          try {
            begun.send(true);
            sleep(10_000);
          } finally {
            wasKilled = true;
          }
        });
        failing.go(() => {
          begun.recv();
          throw new RangeError('bad');
        });
        let message;
        try {
          failing.wait();
        } catch (error) {
          message = error.message;
        }
        return [most, message, wasKilled, failing.tryGo(() => 1)];
      });
      assert.deepEqual(result, [2, 'bad', true, false]);
    });

    it('scope: is over when all its tasks are', async () => {
      const result = await start(() => {
        const log = [];
        const value = scope((s) => {
          s.spawn(() => {
            sleep(2);
            log.push('child');
          });
          return 'value';
        });
        log.push(value);
        let message;
        try {
          scope((s) => {
            const begun = chan(1);
            s.spawn(() => {
              try {
                begun.send(true);
                sleep(10_000);
              } finally {
                log.push('killed');
              }
            });
            begun.recv();
            throw new Error('own');
          });
        } catch (error) {
          message = error.message;
        }
        let other;
        try {
          scope((s) => {
            s.spawn(() => {
              throw new Error('of a child');
            });
            sleep(5);
            return 1;
          });
        } catch (error) {
          other = error.message;
        }
        return [log, message, other];
      });
      assert.deepEqual(result, [['child', 'value', 'killed'], 'own', 'of a child']);
    });

    it('scope: the first failure is thrown, and the signal ends its tasks, whatever its function waits for', async () => {
      const result = await start(async () => {
        const caught = async (call) => {
          try {
            return await call();
          } catch (error) {
            return `${error.name}: ${error.message}`;
          }
        };
        const failing = (s) =>
          s.spawn(() => {
            sleep(2);
            throw new RangeError('first');
          });
        const waits = await caught(() =>
          scope((s) => {
            failing(s);
            s.spawn(() => sleep(60_000)).join();
          }),
        );
        const throws = await caught(() =>
          scope(async (s) => {
            await failing(s).catch(() => {});
            throw new Error('own');
          }),
        );
        const aborted = [];
        for (const wait of [(task) => task.join(), (task) => task]) {
          const controller = new AbortController();
          const { signal } = controller;
          setTimeout(() => controller.abort(new TypeError('aborted')), 2);
          const call = () => scope((s) => wait(s.spawn(() => sleep(60_000))), { signal });
          aborted.push(await caught(call));
        }
        return [waits, throws, aborted];
      });
      const aborted = 'TypeError: aborted';
      assert.deepEqual(result, ['RangeError: first', 'RangeError: first', [aborted, aborted]]);
    });

    it('task: a function with a limit', async () => {
      const result = await start(() => {
        let running = 0;
        let most = 0;
        const work = task(
          (n) => {
            most = Math.max(most, ++running);
            while (most < 2) sleep(0);
            running--;
            return n * 2;
          },
          { limit: 2 },
        );
        const unlimited = task((n) => n + 1, { limit: Infinity });
        if (unlimited(1) !== 2) throw new Error('it has a limit');
        const calls = [1, 2, 3, 4].map((n) => spawn(() => work(n)));
        return [calls.map((call) => call.join()), most];
      });
      assert.deepEqual(result, [[2, 4, 6, 8], 2]);
    });

    it('a holder that is killed or fails poisons its locks; what a guard releases is not poisoned', async () => {
      const result = await start(() => {
        const outcomes = [];
        for (const way of ['killed', 'failed', 'guarded']) {
          const mutex = new Mutex();
          // The holder may begin on another isolate, at any time.
          const holds = chan(1);
          const mayFail = chan();
          const holder = spawn(() => {
            const guard = mutex.lock();
            if (way === 'guarded') {
              try {
                holds.send(true);
                sleep(10_000);
              } finally {
                guard[Symbol.dispose]();
              }
            }
            holds.send(true);
            if (way === 'failed') {
              mayFail.recv();
              throw new Error('x');
            }
            sleep(10_000);
          });
          holds.recv();
          const waiter = spawn(() => {
            try {
              mutex.lock().release();
              return 'got it';
            } catch (error) {
              return error.code;
            }
          });
          comesToWait(waiter);
          if (way === 'failed') mayFail.close();
          else holder.kill();
          try {
            holder.join();
          } catch {}
          outcomes.push(waiter.join());
        }
        const permits = new Semaphore(1);
        const holder = spawn(() => {
          permits.acquire();
          sleep(10_000);
        });
        comesToWait(holder);
        holder.kill();
        outcomes.push(permits.acquire() !== undefined);
        return outcomes;
      });
      assert.deepEqual(result, ['ERR_POISONED', 'ERR_POISONED', 'got it', true]);
    });

    it('guards are disposed of by `using`', async () => {
      const source = `
        const mutex = new Mutex();
        const seen = [];
        {
          using guard = mutex.lock();
          seen.push(mutex.isLocked);
        }
        const held = chan();
        const holder = spawn(() => {
          using guard = mutex.lock();
          held.send();
          sleep(10000);
        });
        // Before it has the guard, to kill it would poison the lock.
        held.recv();
        holder.kill();
        {
          using again = mutex.lock();
          seen.push('ours');
        }
        seen;`;
      assert.deepEqual(await run(source, { form }), [true, 'ours']);
    });

    it('who is killed while it waits leaves the queue', async () => {
      const result = await start(() => {
        const mutex = new Mutex();
        const guard = mutex.lock();
        const first = spawn(() => mutex.lock());
        comesToWait(first);
        const second = spawn(() => {
          mutex.lock().release();
          return 'second';
        });
        comesToWait(second);
        first.kill();
        guard.release();
        return second.join();
      });
      assert.equal(result, 'second');
    });
  });
}

describe('the kit across isolates and the host', () => {
  const isolates = [];
  before(() => {
    for (let i = 0; i < 3; i++) isolates.push(new Isolate());
  });
  after(() => Promise.all(isolates.map((isolate) => isolate.dispose())));

  it('Mutex, WaitGroup, and what was written before a release', async () => {
    const mutex = new Mutex();
    const group = new WaitGroup();
    const shared = new Int32Array(new SharedArrayBuffer(4));
    group.add(3);
    for (const isolate of isolates) {
      isolate.spawn(
        (mutex, group, shared) => {
          for (let i = 0; i < 200; i++) {
            const guard = mutex.lock();
            shared[0] = shared[0] + 1;
            guard.release();
          }
          group.done();
        },
        mutex,
        group,
        shared,
      );
    }
    for (let i = 0; i < 50; i++) {
      const guard = await mutex.lock();
      shared[0] += 1;
      guard.release();
    }
    await group.wait();
    assert.equal(shared[0], 650);
  });

  it('are captured, sent and returned, and stay the same object', async () => {
    const once = new Once();
    const calls = chan(10);
    const values = await Promise.all(
      isolates.map((isolate, index) =>
        isolate.spawn(
          (once, calls, index) =>
            once.do(() => {
              calls.send(1);
              return index;
            }),
          once,
          calls,
          index,
        ),
      ),
    );
    assert.equal(new Set(values).size, 1);
    assert.equal(calls.length, 1);
    const there = await isolates[0].spawn(() => {
      const permits = new Semaphore(2);
      permits.acquire();
      return { permits, again: permits };
    });
    assert.ok(there.permits instanceof Semaphore);
    assert.equal(there.permits, there.again);
    assert.equal(there.permits.available, 1);
    assert.equal(await isolates[1].spawn(() => there.permits.tryAcquire() !== undefined), true);
    assert.equal(there.permits.available, 0);
  });

  it('are the first thing that an isolate returns', async () => {
    const isolate = new Isolate();
    const mutex = await isolate.spawn(() => new Mutex());
    assert.ok(mutex instanceof Mutex);
    await isolate.dispose();
  });

  it('RWMutex and Cond between the host and a task', async () => {
    const lock = new RWMutex();
    const guard = await lock.rlock();
    const reader = await isolates[0].spawn((lock) => lock.tryRLock() !== undefined, lock);
    assert.equal(reader, true);
    const writer = isolates[1].spawn((lock) => {
      lock.lock().release();
      return 'wrote';
    }, lock);
    await untilBlocked(writer);
    guard.release();
    lock.runlock();
    assert.equal(await writer, 'wrote');

    const mutex = new Mutex();
    const changed = new Cond(mutex);
    const ready = new Int32Array(new SharedArrayBuffer(4));
    const waiting = isolates[2].spawn(
      (mutex, changed, ready) => {
        const guard = mutex.lock();
        while (ready[0] === 0) changed.wait(guard);
        guard.release();
        return ready[0];
      },
      mutex,
      changed,
      ready,
    );
    await untilBlocked(waiting);
    const held = await mutex.lock();
    ready[0] = 5;
    changed.broadcast();
    held.release();
    assert.equal(await waiting, 5);
    await assert.rejects(changed.wait({}), TypeError);
  });

  it('Context: tasks hear of it wherever they are', async () => {
    const context = new Context({ values: { user: { name: 'u' } } });
    const waiting = isolates.map((isolate) =>
      isolate.spawn((context) => {
        const child = context.child();
        select([child.done]);
        return [child.error.message, context.get('user').name];
      }, context),
    );
    await Promise.all(waiting.map(untilBlocked));
    context.cancel(new Error('enough'));
    assert.deepEqual(await Promise.all(waiting), Array(3).fill(['the context was cancelled: enough', 'u']));
    const timed = new Context({ timeout: 5 });
    const error = await isolates[0].spawn((context) => {
      context.done.recv();
      return context.error;
    }, timed);
    assert.equal(error.name, 'TimeoutError');
    assert.throws(() => timed.check(), { code: 'ERR_TIMEOUT' });
  });

  it('a lock is poisoned when its holder is killed, and when its isolate ends', async () => {
    const mutex = new Mutex();
    const holder = isolates[0].spawn((mutex) => {
      mutex.lock();
      chan().recv();
    }, mutex);
    await untilBlocked(holder);
    const waiting = [mutex.lock(), isolates[1].spawn((mutex) => mutex.lock(), mutex)].map((one) =>
      one.catch((error) => error.code),
    );
    await sleep(5);
    holder.kill();
    await assert.rejects(holder, { code: 'ERR_TASK_KILLED' });
    assert.deepEqual(await Promise.all(waiting), ['ERR_POISONED', 'ERR_POISONED']);
    await assert.rejects(mutex.lock(), { code: 'ERR_POISONED' });

    const other = new Mutex();
    const isolate = new Isolate();
    const second = isolate.spawn((mutex) => {
      mutex.lock();
      chan().recv();
    }, other);
    await untilBlocked(second);
    const late = other.lock().catch((error) => error.code);
    second.catch(() => {});
    await isolate.dispose();
    assert.equal(await late, 'ERR_POISONED');
  });

  it('waits end by a signal, and leave the queue', async () => {
    const mutex = new Mutex();
    const guard = await mutex.lock();
    const controller = new AbortController();
    const waiting = mutex.lock({ signal: controller.signal });
    setTimeout(() => controller.abort(new Error('given up')), 2);
    await assert.rejects(waiting, /given up/);
    guard.release();
    assert.equal(mutex.isLocked, false);
    await assert.rejects(mutex.lock({ signal: 5 }), TypeError);
  });

  it('ErrGroup, scope and task on the host', async () => {
    const group = new ErrGroup();
    await group.go(() => sleep(10_000));
    await group.go(() => {
      throw new RangeError('bad');
    });
    await assert.rejects(group.wait(), { name: 'RangeError', message: 'bad' });
    assert.equal(await scope(async (s) => (await s.spawn((n) => n + 1, 1)) * 10), 20);
    await assert.rejects(
      scope(async (s) => {
        s.spawn(() => sleep(10_000));
        throw new Error('own');
      }),
      /own/,
    );
    const double = task((n) => n * 2, { limit: 1 });
    assert.deepEqual(await Promise.all([1, 2, 3].map((n) => double(n))), [2, 4, 6]);
    const groups = new WaitGroup();
    const running = groups.go((n) => n, 3);
    await groups.wait();
    assert.equal(await running, 3);
  });
});

describe('references to tasks', () => {
  const isolates = [];
  before(() => {
    for (let i = 0; i < 2; i++) isolates.push(new Isolate());
  });
  after(() => Promise.all(isolates.map((isolate) => isolate.dispose())));

  it('of the host: a task joins, awaits and kills them; on the host they are the task itself', async () => {
    const [a, b] = isolates;
    const gate = chan();
    const task = a.spawn((gate) => {
      gate.recv();
      return { x: 1 };
    }, gate);
    const seen = await b.spawn(
      (task, gate) => {
        const before = task.status;
        gate.close();
        return [before, task.join().x, task.status, typeof task.id, Object.prototype.toString.call(task)];
      },
      task,
      gate,
    );
    assert.deepEqual(seen, ['running', 1, 'done', 'number', '[object Task]']);
    assert.equal(await b.spawn(async (task) => (await task).x, task), 1);
    assert.equal((await b.spawn((task) => ({ task }), task)).task, task);
    const failing = a.spawn(() => {
      throw new RangeError('bad');
    });
    assert.equal(
      await b.spawn((task) => {
        try {
          task.join();
        } catch (error) {
          return `${error.constructor.name}: ${error.message}`;
        }
      }, failing),
      'RangeError: bad',
    );
    const endless = a.spawn(() => chan().recv());
    const killing = b.spawn((task) => {
      task.kill('enough');
      try {
        task.join();
      } catch (error) {
        return error.code;
      }
    }, endless);
    await assert.rejects(endless, { code: 'ERR_TASK_KILLED', message: 'the task was killed: enough' });
    assert.equal(await killing, 'ERR_TASK_KILLED');
  });

  it('of tasks that tasks have started leave their isolate, and are adopted by promises', async () => {
    const [a, b] = isolates;
    const out = chan();
    const parent = a.spawn((out) => {
      const child = spawn(() => {
        sleep(10);
        return 'child';
      });
      out.send(child);
      out.send([child]);
      return { child };
    }, out);
    assert.equal(await out.recv(), 'child');
    const [reference] = await out.recv();
    assert.equal(reference.status, 'done');
    assert.equal((await parent).child, reference);
    assert.equal(await b.spawn((child) => child.join(), reference), 'child');
  });

  it('stay what they are as long as the task is there, whatever is collected', { timeout: 60_000 }, async () => {
    const [a, b] = isolates;
    const task = a.spawn(() => 7);
    assert.equal(await b.spawn((task) => task.join(), task), 7);
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc');
    for (let i = 0; i < 5; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // Its slot would be another channel's now.
    const other = chan(1);
    other.trySend('another');
    assert.equal(await b.spawn((task) => task.join(), task), 7);
    assert.equal(await other.recv(), 'another');
  });

  it('learn of the end of the isolate', async () => {
    const isolate = new Isolate();
    const { child } = await isolate.spawn(() => ({ child: spawn(() => chan().recv()) }));
    assert.equal(child.status, 'running');
    const waiting = child.catch((error) => error.code);
    await isolate.dispose();
    assert.equal(await waiting, 'ERR_TASK_KILLED');
    assert.equal(child.status, 'killed');
  });
});
