'use strict';

// Functions that tasks send, return and give to tasks: where they arrive, they can be called, whichever isolate that is.

const assert = require('node:assert/strict');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, describe, it } = require('node:test');
const { Isolate, chan, run, shutdown, spawn } = require('../lib/index.js');

after(() => shutdown());

/** Runs a task in an isolate of its own, beside another one that answers with what the functions give that it receives. */
async function elsewhere(task) {
  const isolates = [new Isolate(), new Isolate()];
  const there = chan();
  const back = chan();
  const other = isolates[1].spawn(
    (from, to) => {
      for (const use of from) to.send(use.call === undefined ? use.list[0].deep(20) : use(20));
    },
    there,
    back,
  );
  const result = await isolates[0].spawn(task, there, back);
  await other;
  await Promise.all(isolates.map((isolate) => isolate.dispose()));
  return result;
}

/** The error of what a task does. */
async function failure(task, ...args) {
  try {
    await spawn(task, ...args);
    return 'it did not fail';
  } catch (error) {
    return `${error.name} ${error.message}`;
  }
}

for (const form of ['coroutine', 'storm']) {
  const go = spawn.with({ form });

  describe(`functions that tasks send (${form})`, () => {
    it('go to tasks of the same isolate, also within objects', async () => {
      const out = await go(() => {
        const c = chan(3);
        const k = 3;
        const triple = (x) => x * k;
        const table = {
          add: (a, b) => a + b + k,
          list: [
            triple,
            function named(x) {
              return named.length + x;
            },
          ],
        };
        c.send((x) => x + k);
        c.send({ triple, table });
        c.send(table);
        const first = c.recv();
        const second = c.recv();
        const { add, list } = c.recv();
        return [
          first(1),
          second.triple(2),
          second.table.add(1, 2),
          add.name,
          add.length,
          second.triple.name,
          list[1](4),
          list[0](5),
        ];
      });
      assert.deepEqual(out, [4, 6, 6, 'add', 2, 'triple', 5, 15]);
    });

    it('are returned, by functions and by tasks', async () => {
      const out = await go(() => {
        const scale = (k) => (x) => x * k;
        function adder(n) {
          return { add: (x) => x + n };
        }
        const c = chan(2);
        c.send(scale(2));
        c.send(adder(3));
        const make = (i) => () => i * 10;
        const tasks = [1, 2].map((i) => spawn(make, i));
        return [c.recv()(21), c.recv().add(4), ...tasks.map((task) => task.join()())];
      });
      assert.deepEqual(out, [42, 7, 10, 20]);
    });

    it('are arguments of tasks, which stay where the functions share something', async () => {
      const out = await go(() => {
        let count = 0;
        const twice = { run: (f) => f() + f() };
        const tasks = [];
        for (let i = 0; i < 4; i++) {
          tasks.push(
            spawn(
              ({ run }, f) => run(f),
              twice,
              () => i,
            ),
          );
          tasks.push(spawn(({ bump }) => bump(), { bump: () => ++count }));
        }
        const results = tasks.map((task) => task.join());
        return [results.filter((_, index) => index % 2 === 0), count];
      });
      assert.deepEqual(out, [[0, 2, 4, 6], 4]);
    });

    it('come through parameters and variables, and as methods', async () => {
      const out = await go(async () => {
        const k = 3;
        const c = chan(20);
        function submit(job) {
          c.send(job);
        }
        class Pool {
          #queue = c;
          constructor(first) {
            this.#queue.send(first);
          }
          add(name, { job }) {
            this.#queue.send({ name, job });
          }
        }
        const inner = (work) => c.send(() => work() * 2);
        const pool = new Pool(() => k);
        submit((x) => x + k);
        pool.add('mul', { job: (x) => x * k });
        inner(() => k + 1);
        for (const step of [() => k, () => k + 5]) c.send(step);
        [(x) => x - k].map((f) => c.send(f));
        const table = { plus: (x) => x + k, deep: { minus: (x) => x - k } };
        const { plus } = table;
        c.send(plus);
        c.send(table.deep.minus);
        c.send({
          base: 10,
          add(x) {
            return this.base + x + k;
          },
          async 'later on'(x) {
            return (await this.add(x)) * 2;
          },
        });
        const results = [c.recv()(), c.recv()(1), c.recv().job(2), c.recv()()];
        for (let i = 0; i < 2; i++) results.push(c.recv()());
        for (let i = 0; i < 3; i++) results.push(c.recv()(10));
        const object = c.recv();
        results.push(object.add(1), object.add.name, object.add.length, await object['later on'](1));
        return results;
      });
      assert.deepEqual(out, [3, 4, 6, 8, 3, 8, 7, 13, 7, 14, 'add', 1, 28]);
    });

    it('stand behind words without a space between, as minifiers write them', async () => {
      const source = `var k=2,c=chan(4),f=k=>{return(x)=>x*k};function g(){return(f).constructor.name}
        c.send(f(3));c.send({*f(){for(const q of[1])yield(x)=>x+q},m(x){return x+1}});
        var a=c.recv(),b=c.recv();[a(2),[...b.f()][0](4),b.m(5),g()].join()`;
      assert.equal(await run(source, { form }), '6,5,6,Function');
    });

    it('suspend where they have arrived', async () => {
      const out = await go(() => {
        const jobs = chan();
        const worker = spawn(() => {
          let sum = 0;
          for (const job of jobs) sum += job();
          return sum;
        });
        for (let i = 0; i < 5; i++) {
          jobs.send(() => {
            const c = chan();
            spawn(() => c.send(i));
            return c.recv() * 2;
          });
        }
        jobs.close();
        return worker.join();
      });
      assert.equal(out, 20);
    });
  });
}

describe('functions that tasks send elsewhere', () => {
  it('arrive with what they capture', async () => {
    const out = await elsewhere((there, back) => {
      const k = 2;
      const shared = new Int32Array(new SharedArrayBuffer(8));
      const inner = (x) => x * k;
      const results = [];
      const ask = (value) => {
        there.send(value);
        results.push(back.recv());
      };
      there.send((x) => inner(x) + 1);
      results.push(back.recv());
      there.send({ list: [{ deep: (x) => x - k }] });
      results.push(back.recv());
      there.send((x) => {
        shared[0] = x;
        return x;
      });
      results.push(back.recv(), shared[0]);
      const name = 'made';
      there.send(() => `${name} ${chan.name}`);
      results.push(back.recv());
      there.close();
      return [results, typeof ask];
    });
    assert.deepEqual(out, [[41, 18, 20, 20, 'made chan'], 'function']);
  });

  it('arrive from parameters, from variables and as methods', async () => {
    const out = await elsewhere((there, back) => {
      const k = 2;
      const results = [];
      const ask = (job) => {
        there.send(job);
        results.push(back.recv());
      };
      ask((x) => x + k);
      for (const step of [(x) => x - k]) ask(step);
      const around = (work) => ask(() => work() + 1);
      around(() => k);
      ask({
        list: [
          {
            base: k,
            deep(x) {
              return this.base * x;
            },
          },
        ],
      });
      there.close();
      return results;
    });
    assert.deepEqual(out, [22, 18, 3, 40]);
  });

  it('lie in channels that leave their isolate', async () => {
    const out = await elsewhere((there, back) => {
      const k = 5;
      const c = chan(2);
      c.send((x) => x + k);
      c.send({ f: (x) => x - k });
      const open = (value) => [value.recv()(1), value.recv().f(1)].join();
      there.send(() => open(c));
      const result = back.recv();
      there.close();
      return result;
    });
    assert.equal(out, '6,-4');
  });

  it('are sent on from there', async () => {
    const out = await elsewhere((there, back) => {
      const k = 5;
      const f = (x) => x + k;
      const reply = chan();
      there.send(() => {
        reply.send({ f });
        return 'sent';
      });
      const { f: same } = reply.recv();
      const result = [same(1), same.name, back.recv()];
      there.close();
      return result;
    });
    assert.deepEqual(out, [6, 'f', 'sent']);
  });
});

describe('functions of modules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hertzscript-functions-'));
  after(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, 'work.mjs'),
    `const k = 3;
    export function triple(x) { return x * k; }
    export const add = (x, y) => x + y;
    let calls = 0;
    export const counted = () => ++calls;
    export let changing = (x) => x;
    changing = (x) => -x;
    export const five = 5;`,
  );
  writeFileSync(
    join(folder, 'main.mjs'),
    `import { add as sum, changing, counted, five, triple } from './work.mjs';
    const both = (x) => sum(triple(x), 1);
    export const functions = () => [triple, both, (x) => both(x) + 1, { f: (x) => triple(triple(x)) }];
    export const shared = () => [(x) => counted(x), (x) => changing(x), (x) => x + five];`,
  );
  const main = join(folder, 'main.mjs');

  for (const form of ['coroutine', 'storm']) {
    it(`can be sent, and captured in what is sent (${form})`, async () => {
      const out = await spawn.with({ form })(async (main) => {
        const { functions, shared } = await import(main);
        const c = chan(1);
        const results = [];
        for (const value of functions()) {
          c.send(value);
          const came = c.recv();
          results.push((came.f ?? came)(2));
        }
        for (const value of shared()) {
          try {
            c.send(value);
            c.recv();
            results.push('sent');
          } catch (error) {
            results.push(/\((.*?)[:)]/.exec(error.message)[1]);
          }
        }
        return results;
      }, main);
      assert.deepEqual(out.slice(0, 4), [6, 7, 8, 18]);
      // Whoever gets it in another isolate imports what it captures there.
      assert.equal(out[4], 'sent');
      assert.match(out[5], /it captures `changing`, which the module that exports it assigns again/);
      assert.equal(out[6], 'sent');
    });
  }

  it('arrive in other isolates', async () => {
    const isolates = [new Isolate(), new Isolate()];
    const there = chan();
    const back = chan();
    const other = isolates[1].spawn(
      (from, to) => {
        for (const use of from) to.send((use.f ?? use)(2));
      },
      there,
      back,
    );
    const results = await isolates[0].spawn(
      async (main, there, back) => {
        const { functions } = await import(main);
        const results = functions().map((use) => {
          there.send(use);
          return back.recv();
        });
        there.close();
        return results;
      },
      main,
      there,
      back,
    );
    assert.deepEqual(results, [6, 7, 8, 18]);
    await other;
    await Promise.all(isolates.map((isolate) => isolate.dispose()));
  });
});

describe('functions that share something', () => {
  it('are an error of the sender that names the path and the variable, and the channel goes on', async () => {
    const task = (c) => {
      let count = 0;
      const config = { retries: 3 };
      const errors = [];
      const attempt = (send) => {
        try {
          send();
          errors.push('sent');
        } catch (error) {
          errors.push(`${error.name} ${error.message}`);
        }
      };
      const log = () => count;
      attempt(() => c.send({ handlers: [(x) => x, () => count++] }));
      attempt(() => c.send({ read: () => config.retries }));
      attempt(() => c.send(log));
      attempt(() => c.trySend([[() => log()]]));
      attempt(() => select([[c, { f: () => count }]]));
      c.send((x) => x + 1);
      const left = c.recv();
      return [errors, c.length, left(1)];
    };
    const local = await spawn((task) => task(chan(2)), task);
    const shared = chan(2);
    assert.deepEqual(await spawn(task, shared), local);
    const [errors, length, result] = local;
    assert.deepEqual([length, result], [0, 2]);
    const expected = [
      /^DataCloneError value\.handlers\[1\]: a function cannot be cloned \(`count` is reassigned: pass data/,
      /^DataCloneError value\.read: function read cannot be cloned \(it captures `config`, an object/,
      /^DataCloneError value: function log cannot be cloned \(`count` is reassigned/,
      /^DataCloneError value\[0\]\[0\]: a function cannot be cloned \(`count` is reassigned/,
      /^DataCloneError value\.f: function f cannot be cloned \(`count` is reassigned/,
    ];
    for (const [index, pattern] of expected.entries()) assert.match(errors[index], pattern);
  });

  it('cannot be the result of a task either', async () => {
    const error = await failure(() => {
      return spawn(() => {
        let n = 0;
        return { next: () => ++n };
      }).join();
    });
    assert.match(error, /^DataCloneError \w+\.next: function next cannot be cloned \(`n` is reassigned/);
  });

  it('and those of which nothing is known are told from each other', async () => {
    const error = await failure(() => {
      const c = chan(1);
      const made = new Map([['f', (x) => x]]);
      c.send([made.get('f')]);
    });
    assert.match(error, /value\[0\]: a function cannot be cloned \(what it captures is not known/);
    const bound = await failure(() => {
      const c = chan(1);
      c.send([Math.max.bind(null, 1)]);
    });
    assert.match(bound, /value\[0\]: function bound max cannot be cloned \(it is a bound or built-in function/);
  });
});

describe('functions on their way to the host', () => {
  it('are an error of the task that returns them, which says what to do', async () => {
    assert.match(
      await failure(() => ({ f: (x) => x })),
      /^DataCloneError result\.f: function f cannot be cloned \(functions go to tasks only/,
    );
    assert.match(await failure(() => structuredClone([() => 1])), /^DataCloneError value\[0\]: a function cannot/);
  });

  it('are an error of who receives them from a channel, which goes on', async () => {
    const c = chan(3);
    await spawn((c) => {
      const k = 1;
      c.send(() => k);
      c.send(sleep);
      c.send('next');
    }, c);
    for (let i = 0; i < 2; i++) await assert.rejects(c.recv(), { name: 'DataCloneError', message: /tasks only/ });
    assert.equal(await c.recv(), 'next');
  });
});
