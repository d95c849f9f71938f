'use strict';

// What the kit says of wrong use, and that it works afterwards.

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
  scope,
  sleep,
  spawn,
  task,
} = require('../lib/index.js');

const LIMITS = { timeout: 10_000 };

/** Wrong options: what is called with the kit, the error's class, and what it says. */
const WRONG = [
  [({ Context }) => new Context({ deadline: null }), 'TypeError', /deadline must be a Date/],
  [({ Context }) => new Context({ deadline: '' }), 'TypeError', /deadline must be a Date/],
  [({ Context }) => new Context({ deadline: [] }), 'TypeError', /deadline must be a Date/],
  [({ Context }) => new Context({ deadline: true }), 'TypeError', /deadline must be a Date/],
  [({ Context }) => new Context({ deadline: 1n }), 'TypeError', /deadline must be a Date/],
  [({ Context }) => new Context({ deadline: new Date(NaN) }), 'RangeError', /deadline must be a valid Date/],
  [({ Context }) => new Context({ deadline: -1 }), 'RangeError', /deadline must be/],
  [({ Context }) => new Context({ timeout: '5' }), 'TypeError', /timeout must be a number of milliseconds, not string/],
  [({ Context }) => new Context({ timeout: -5 }), 'RangeError', /timeout must be a number of milliseconds from 0/],
  [({ Context }) => new Context({ values: 5 }), 'TypeError', /values must be an object/],
  [({ Context }) => new Context({ values: { f: Symbol('x') } }), 'DataCloneError', /f: a symbol/],
  [({ Context }) => new Context(null), 'TypeError', /takes an object/],
  [({ Context }) => new Context().child(null), 'TypeError', /child takes an object/],
  [({ Context }) => new Context().child(5), 'TypeError', /child takes an object/],
  [({ Context }) => new Context().child('x'), 'TypeError', /child takes an object/],
  [({ ErrGroup }) => new ErrGroup(5), 'TypeError', /new ErrGroup: the options must be an object/],
  [({ ErrGroup }) => new ErrGroup('x'), 'TypeError', /new ErrGroup: the options must be an object/],
  [({ ErrGroup }) => new ErrGroup(() => {}), 'TypeError', /new ErrGroup: the options must be an object/],
  [({ ErrGroup }) => new ErrGroup(null), 'TypeError', /new ErrGroup: the options must be an object/],
  [({ ErrGroup }) => new ErrGroup({ limit: 'x' }), 'TypeError', /new ErrGroup: limit must be .* not string/],
  [({ ErrGroup }) => new ErrGroup({ limit: Symbol('x') }), 'TypeError', /new ErrGroup: limit must be .* not symbol/],
  [({ ErrGroup }) => new ErrGroup({ limit: 0 }), 'RangeError', /new ErrGroup: limit must be .* not 0/],
  [({ task }) => task(() => {}, 5), 'TypeError', /task: the options must be an object/],
  [({ task }) => task(() => {}, null), 'TypeError', /task: the options must be an object/],
  [({ task }) => task(() => {}, { limit: 'x' }), 'TypeError', /task: limit must be .* not string/],
  [({ task }) => task(() => {}, { limit: 1.5 }), 'RangeError', /task: limit must be .* not 1.5/],
  [({ Semaphore }) => new Semaphore(Symbol('x')), 'TypeError', /permits must be a number, not symbol/],
  [({ Semaphore }) => new Semaphore(0), 'RangeError', /permits must be a whole number/],
  [({ WaitGroup }) => new WaitGroup().add(Symbol('x')), 'TypeError', /whole number, not symbol/],
];

/** What went wrong that way. */
function errorsOf(calls, kit) {
  return calls.map((call) => {
    try {
      call(kit);
      return 'nothing';
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
  });
}

function check(said) {
  for (const [index, [call, name, message]] of WRONG.entries()) {
    assert.ok(said[index].startsWith(`${name}: `), `${call}: ${said[index]}`);
    assert.match(said[index], message);
  }
}

describe('the kit on the host', () => {
  it('says which option is wrong', () => {
    check(
      errorsOf(
        WRONG.map(([call]) => call),
        { Context, ErrGroup, Semaphore, WaitGroup, task },
      ),
    );
  });

  it('Once: what cannot be copied is an error, as if the function had thrown', LIMITS, async () => {
    for (const [value, message] of [
      [new URL('http://x'), /value: a URL/],
      [Symbol('x'), /value: a symbol/],
      [{ a: [Symbol('x')] }, /value\.a\[0\]: a symbol/],
      [(x) => x, /function/],
    ]) {
      const once = new Once();
      const began = performance.now();
      const first = once.do(async () => {
        await sleep(1);
        return value;
      });
      const waiting = once.do(() => 'second');
      await assert.rejects(first, { name: 'DataCloneError', message });
      assert.equal(await waiting, 'second');
      assert.equal(await once.do(() => 'third'), 'second');
      assert.equal(once.isDone, true);
      assert.ok(performance.now() - began < 1500);
    }
    const once = new Once();
    assert.equal(await once.do(() => undefined), undefined);
    assert.equal(await once.do(() => 1), undefined);
  });

  it('Context: values that the host cannot read are refused', () => {
    assert.throws(() => new Context({ values: { f: (x) => x } }), { name: 'DataCloneError', message: /function/ });
  });

  it('what only tasks can read does no harm to the object', LIMITS, async () => {
    const [once, context] = await spawn(
      (square) => {
        const once = new Once();
        once.do(() => square);
        return [once, new Context({ values: { square, n: 1 } })];
      },
      (x) => x * x,
    );
    assert.equal(once.isDone, true);
    await assert.rejects(
      once.do(() => 1),
      { name: 'DataCloneError' },
    );
    assert.equal(once.isDone, true);
    assert.throws(() => context.get('square'), { name: 'DataCloneError' });
    assert.equal(await spawn((context) => context.get('square')(3), context), 9);
    context.cancel('enough');
    assert.equal(context.error.message, 'the context was cancelled: enough');
  });

  it('Cond: takes no guard that was released, or of another lock', LIMITS, async () => {
    const mutex = new Mutex();
    const changed = new Cond(mutex);
    const guard = await mutex.lock();
    guard.release();
    await assert.rejects(changed.wait(guard), { name: 'TypeError', message: /guard/ });
    const other = await new RWMutex().lock();
    await assert.rejects(changed.wait(other), { name: 'TypeError', message: /guard/ });
    assert.equal(mutex.isLocked, false);
  });

  it('ErrGroup: who waits for its turn counts', LIMITS, async () => {
    const group = new ErrGroup({ limit: 2 });
    for (let i = 0; i < 4; i++) {
      group.go((i) => {
        if (i === 3) throw new Error('third');
      }, i);
    }
    await assert.rejects(group.wait(), /third/);
    const cancelled = new ErrGroup({ limit: 1 });
    const started = new Int32Array(new SharedArrayBuffer(4));
    const all = [];
    for (let i = 0; i < 3; i++) {
      all.push(
        cancelled.go((started) => {
          Atomics.add(started, 0, 1);
          chan().recv();
        }, started),
      );
    }
    while (started[0] === 0) await sleep(1);
    cancelled.cancel();
    await cancelled.wait();
    await Promise.all(all);
    assert.deepEqual([started[0], cancelled.tryGo(() => 1)], [1, false]);
  });

  it(
    'scope: ends while its function waits: by its signal, by a failure, and nothing is started later',
    LIMITS,
    async () => {
      await assert.rejects(
        scope(
          async (s) => {
            await s.spawn(() => sleep(1e6));
          },
          { signal: AbortSignal.timeout(20) },
        ),
        { name: 'TimeoutError' },
      );
      const never = chan();
      let late;
      const alive = setInterval(() => {}, 1000);
      await assert.rejects(
        scope((s) => {
          late = s;
          s.spawn(() => {
            throw new Error('boom');
          });
          return never.recv();
        }),
        /boom/,
      );
      clearInterval(alive);
      assert.throws(() => late.spawn(() => 1), /scope has ended/);
      assert.equal(await scope(async (s) => s.spawn(() => 1), { signal: new AbortController().signal }), 1);
    },
  );
});

for (const form of ['coroutine', 'storm']) {
  describe(`the kit in tasks, in form ${form}`, () => {
    let isolate;
    before(() => {
      isolate = new Isolate();
    });
    after(() => isolate.dispose());
    const start = (...args) => isolate.spawn.with({ form })(...args);

    it('says which option is wrong', LIMITS, async () => {
      check(
        await start(
          (calls, errorsOf) => errorsOf(calls, { Context, ErrGroup, Semaphore, WaitGroup, task }),
          WRONG.map(([call]) => call),
          errorsOf,
        ),
      );
    });

    it('Once of the host: what cannot be copied is an error, as if the function had thrown', LIMITS, async () => {
      const result = await start((once) => {
        let said;
        try {
          once.do(() => ({ a: Symbol('x') }));
        } catch (error) {
          said = `${error.name}: ${error.message}`;
        }
        return [said, once.isDone, once.do(() => 2), once.do(() => 3), once.isDone];
      }, new Once());
      assert.match(result[0], /DataCloneError: .*a: a symbol/);
      assert.deepEqual(result.slice(1), [false, 2, 2, true]);
    });

    it('Once that only one isolate knows: the value stays what it is, and cannot leave', LIMITS, async () => {
      const result = await start(() => {
        const once = new Once();
        const value = once.do(() => Symbol('x'));
        return [once.do(() => 2) === value, once.isDone];
      });
      assert.deepEqual(result, [true, true]);
      await assert.rejects(
        start(() => {
          const once = new Once();
          once.do(() => Symbol('x'));
          return once;
        }),
        { name: 'DataCloneError' },
      );
    });

    it('Cond, ErrGroup and scope', LIMITS, async () => {
      const result = await start(() => {
        const said = [];
        const attempt = (what) => {
          try {
            what();
            said.push('nothing');
          } catch (error) {
            said.push(error.name);
          }
        };
        const mutex = new Mutex();
        const changed = new Cond(mutex);
        const guard = mutex.lock();
        guard.release();
        attempt(() => changed.wait(guard));
        attempt(() => changed.wait(new Mutex().lock()));
        const group = new ErrGroup({ limit: 1 });
        let started = 0;
        const work = () => {
          started++;
          chan().recv();
        };
        group.go(work);
        const second = spawn(() => group.go(work));
        while (!/: blocked in acquire/.test(second.stack()) || started === 0) sleep(0);
        group.cancel();
        second.join();
        group.wait();
        let late;
        scope((s) => {
          late = s;
        });
        attempt(() => late.spawn(() => 1));
        return [said, started, group.tryGo(work)];
      });
      assert.deepEqual(result, [['TypeError', 'TypeError', 'Error'], 1, false]);
    });

    it('who waits says for what', LIMITS, async () => {
      const result = await start(() => {
        const mutex = new Mutex();
        mutex.lock();
        const group = new WaitGroup();
        group.add();
        const waiting = [spawn(() => mutex.lock()), spawn(() => group.wait())];
        const said = waiting.map((one) => {
          for (;;) {
            const [what] = /blocked in \w+/.exec(one.stack()) ?? [];
            if (what !== undefined) return what;
            sleep(0);
          }
        });
        for (const one of waiting) one.kill();
        mutex.unlock();
        return said;
      });
      assert.deepEqual(result, ['blocked in lock', 'blocked in wait']);
    });
  });
}
