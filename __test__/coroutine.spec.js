'use strict';

// Code in coroutine form: the same results as written, whether it is suspended nowhere, now and then, or everywhere.

const assert = require('node:assert/strict');
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { after, describe, it } = require('node:test');
const { generate } = require('../fuzz/generate.js');
const { Isolate, run, shutdown, spawn } = require('../lib/index.js');

const FORMS = ['plain', 'coroutine', 'storm'];
const FIXTURES = join(__dirname, 'fixtures', 'coroutine');
const coroutine = spawn.with({ form: 'coroutine' });

/** A fixture, behind what it says that it begins with. */
function programOf(name) {
  const text = readFileSync(join(FIXTURES, name), 'utf8');
  const shared = /^\/\/ Begins with: (.*)$/m.exec(text)?.[1];
  return shared === undefined ? text : readFileSync(join(FIXTURES, '..', shared), 'utf8') + text;
}

async function outcome(source, form) {
  try {
    return await run(source, { form, type: 'script' });
  } catch (error) {
    return `threw ${error.name}: ${error.message}`;
  }
}

describe('coroutine form', () => {
  after(() => shutdown());

  for (const name of readdirSync(FIXTURES)) {
    it(`does the same as plain and storm: ${name}`, async () => {
      const source = programOf(name);
      const plain = await outcome(source, 'plain');
      assert.doesNotMatch(plain, /^threw/);
      for (const form of FORMS) assert.equal(await outcome(source, form), plain, form);
    });
  }

  it('does the same for generated programs', async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const source = generate(seed, {});
      const plain = await outcome(source, 'plain');
      for (const form of FORMS) assert.deepEqual(await outcome(source, form), plain, `seed ${seed} in form ${form}`);
    }
  });

  it('says nothing of its own variables in the messages of errors', async () => {
    const source = `
      const slow = (value) => { for (let i = 0; i < 3; i++); return value; };
      const asked = [() => slow({}).none(), () => slow({}).none.call(slow(1)), () => slow({}).none\`\`, () => slow({})['a b'](),
        () => [...slow({})], () => slow([1]).map((x) => x).none(), () => slow({ a: {} }).a.none(1)];
      const messageOf = (f) => { try { f(); } catch (error) { return error.message; } };
      const later = async () => { try { (await slow({})).none(); } catch (error) { return error.message; } };
      Promise.all([...asked.map(messageOf), later()])`;
    for (const form of FORMS) {
      for (const message of await run(source, { form, type: 'script' })) assert.match(message, /^[^þ]+$/, form);
    }
  });

  it('asks the object of `with` for the names of the program only', async () => {
    const source = `
      const asked = [];
      const box = new Proxy({ asked, n: 2, list: [] }, {
        has(target, key) { asked.push(key); return true; },
        get(target, key) { return key === Symbol.unscopables ? undefined : key in target ? target[key] : globalThis[key]; },
      });
      async function f() {
        with (box) {
          const g = async () => n + (await 1)
          import('no such module').catch(() => {})
          async function* h() { yield n; yield* [await g()] }
          for await (const x of h()) list[list.length] = x;
          list[list.length] = h.constructor.name;
          return await (async function () { return list })();
        }
      }
      f().then((list) => [...list, ...asked]);`;
    const plain = await run(source, { form: 'plain' });
    assert.deepEqual(plain.slice(0, 3), [2, 3, 'AsyncGeneratorFunction']);
    for (const form of ['coroutine', 'storm']) assert.deepEqual(await run(source, { form }), plain, form);
  });

  it('iterates channels as their iterators do', async () => {
    for (const form of ['coroutine', 'storm']) {
      // Tasks of a private isolate stay there, so the channels do.
      const isolate = new Isolate();
      const out = await isolate.spawn.with({ form })(() => {
        const results = [];
        const fill = (c, list) =>
          spawn(() => {
            for (const value of list) c.send(value);
            c.close();
          });
        const all = (c) => {
          const got = [];
          for (const value of c) got.push(value);
          return got;
        };
        // Whether they wait or not, and values that are what the end gives.
        for (const capacity of [0, 1, 10]) {
          const c = chan(capacity);
          const sender = fill(c, [1, undefined, { done: true }, undefined]);
          results.push(all(c), all(c));
          sender.join();
        }
        // Closed while two wait, one of them under a native frame.
        const idle = chan();
        const under = {
          get got() {
            return all(idle);
          },
        };
        const waiting = [spawn(() => all(idle)), spawn(() => under.got)];
        for (const task of waiting) while (!/: blocked in/.test(task.stack())) sleep(0);
        idle.close();
        results.push(waiting.map((task) => task.join()));
        // Killed while it waits, and left early: nothing is lost, and the channel goes on.
        const kept = chan();
        const killed = spawn(() => all(kept));
        while (!/: blocked in/.test(killed.stack())) sleep(0);
        killed.kill();
        try {
          killed.join();
        } catch (error) {
          if (error.name !== 'TaskKilledError') throw error;
        }
        const sender = fill(kept, [1, 2, 3]);
        for (const value of kept) {
          results.push(value);
          if (value === 2) break;
        }
        results.push(all(kept));
        sender.join();
        // One iterator for two loops, and one whose methods are the program's.
        const shared = chan(3);
        for (let i = 0; i < 3; i++) shared.send(i);
        const iterator = shared[Symbol.iterator]();
        const both = { [Symbol.iterator]: () => iterator };
        for (const value of both) {
          results.push(value);
          break;
        }
        const prototype = Object.getPrototypeOf(iterator);
        const { next } = prototype;
        prototype.next = function () {
          const { value, done } = next.call(this);
          return { value: value * 10, done };
        };
        shared.close();
        for (const value of both) results.push(value);
        prototype.next = next;
        return results;
      });
      const values = [1, undefined, { done: true }, undefined];
      assert.deepEqual(out, [values, [], values, [], values, [], [[], []], 1, 2, [3], 0, 10, 20], form);
      await isolate.dispose();
    }
  });

  it('keeps async functions and generators with eval what they are', async () => {
    const source = `async function* g(p = eval('1')) { yield eval('p') }
      async function f() { return eval('2') }
      const made = (C) => { try { new C(); return 'made'; } catch (error) { return error.name; } };
      [g.constructor.name, f.constructor.name, made(g), made(f)]`;
    for (const form of FORMS) {
      const expected = ['AsyncGeneratorFunction', 'AsyncFunction', 'TypeError', 'TypeError'];
      assert.deepEqual(await run(source, { form, type: 'script' }), expected, form);
    }
  });

  it('blocks the task in sleep, and nothing else', async () => {
    const waited = await coroutine(() => {
      const begun = performance.now();
      sleep(20);
      return performance.now() - begun;
    });
    assert.ok(waited >= 19, `slept ${waited} ms`);
  });

  it('blocks under callbacks of built-ins and of promises', async () => {
    const value = await coroutine(() => {
      const doubled = [1, 2, 3].map((x) => {
        sleep(1);
        return x * 2;
      });
      return Promise.resolve(4).then((x) => {
        sleep(1);
        return [...doubled, x];
      });
    });
    assert.deepEqual(value, [2, 4, 6, 4]);
  });

  it('blocks under a native frame, too', async () => {
    const value = await coroutine(() => {
      const object = {
        valueOf() {
          sleep(2);
          return 41;
        },
      };
      return object + 1;
    });
    assert.equal(value, 42);
  });

  it('blocks in default values and patterns of parameters without a native frame', async () => {
    const isolate = new Isolate();
    const ends = [];
    const start = isolate.spawn.with({ form: 'coroutine' });
    const wait = start((ms) => {
      const nap = (value) => {
        sleep(ms);
        return value;
      };
      class Base {
        constructor(a, { b = nap(2), ...c } = { d: 3 }) {
          this.list = [a, b, c.d];
        }
      }
      function late(x = nap(1), y = new Base(x).list, ...z) {
        return [...y, z.length];
      }
      return late(undefined, undefined, 5);
    }, 10);
    const longer = start((ms) => ((x = sleep(ms)) => x ?? 'slept')(), 300);
    const [list, slept] = await Promise.all([
      wait.then((value) => {
        ends.push('short');
        return value;
      }),
      longer.then((value) => {
        ends.push('long');
        return value;
      }),
    ]);
    assert.deepEqual(list, [1, 2, 3, 1]);
    assert.equal(slept, 'slept');
    // A native frame under the longer wait would hold the shorter one up.
    assert.deepEqual(ends, ['short', 'long']);
    await isolate.dispose();
  });

  it('preempts a loop, so that other tasks of the isolate get their turns', async () => {
    const isolate = new Isolate();
    const start = isolate.spawn.with({ form: 'coroutine' });
    const busy = start(() => {
      const end = performance.now() + 400;
      let turns = 0;
      while (performance.now() < end) turns++;
      return [turns, performance.now()];
    });
    const ticking = start(() => {
      for (let i = 0; i < 5; i++) sleep(5);
      return performance.now();
    });
    const [[turns, busyEnd], tickEnd] = await Promise.all([busy, ticking]);
    assert.ok(turns > 0);
    assert.ok(tickEnd < busyEnd, 'the ticking task ended while the busy one still ran');
    await isolate.dispose();
  });

  it('preempts a long computation many times without changing its result', async () => {
    const isolate = new Isolate();
    const start = isolate.spawn.with({ form: 'coroutine' });
    const compute = (seconds) => {
      const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
      const end = performance.now() + seconds;
      let sum = 0;
      let turns = 0;
      while (performance.now() < end) {
        sum += fib(15) * 0.5;
        turns++;
      }
      return sum / turns;
    };
    const results = await Promise.all([start(compute, 200), start(compute, 200), start(compute, 200)]);
    assert.deepEqual(results, [305, 305, 305]);
    await isolate.dispose();
  });

  it('shows the source of functions as it was written', async () => {
    const text = await coroutine(() => {
      const add = (a, b) => Math.max(a, b);
      return [add.toString(), String(class A { m() { return 1; } }), [].map.toString()]; // biome-ignore format: as it is
    });
    assert.equal(text[0], '(a, b) => Math.max(a, b)');
    assert.match(text[1], /^class A \{[^þ]*m\(\)[^þ]*\}$/);
    assert.match(text[2], /\[native code\]/);
  });

  it('shows the source behind text that is not ASCII, too', async () => {
    const source = `/* ${'é😀'.repeat(600)} */ const f = (x) => { /* ü */ return [x].map((y) => y + 1); };\n// ${'ß'.repeat(900)}
      function last(g) { g(); }
      [String(f), String(last)]`;
    for (const form of FORMS) {
      const expected = ['(x) => { /* ü */ return [x].map((y) => y + 1); }', 'function last(g) { g(); }'];
      assert.deepEqual(await run(source, { form, type: 'script' }), expected, form);
    }
  });

  it('passes errors with their class, and says where syntax errors are', async () => {
    await assert.rejects(
      coroutine(() => {
        throw new RangeError('far');
      }),
      (error) => error instanceof RangeError && error.message === 'far',
    );
    await assert.rejects(run('let ok = 1;\nlet = = 2', { form: 'coroutine', type: 'script' }), {
      name: 'SyntaxError',
      message: /:2:/,
    });
  });

  it('catches what a call returned from within try throws after it was suspended', async () => {
    const source = `
      globalThis.g = function () { for (let i = 0; i < 3; i++) Math.random(); throw new Error('x'); };
      function f() { return g(); }
      function caught() { try { return f(); } catch (error) { return error.message; } }
      function nested() { try { try { return f(); } finally { g = 0; } } catch (error) { return error.message; } }
      function after() { try { f(); } catch { return h(); } }
      function h() { return 'h'; }
      [caught(), after(), [() => g()].map((call) => { try { return call(); } catch (error) { return error.message; } }), nested()]
    `;
    for (const form of FORMS) assert.deepEqual(await run(source, { form }), ['x', 'h', ['x'], 'x'], form);
  });

  it('writes long functions once, though they see variables of blocks', async () => {
    const long = (name) =>
      `function () { const args = arguments; args[0] = args[0][0]; return ${name}.apply(this, args); }`;
    const blocks = [
      `for (let key in { get: 1 }) { let fn = (x) => x + key; all[key] = ${long('fn')}; }`,
      `for (const key of ['get']) { const fn = (x) => x + key; all[key] = ${long('fn')}; }`,
      `{ let fn = (x) => x + 'get'; all.get = ${long('fn')}; }`,
      `{ let fn; all.get = ${long('fn')}; fn = (x) => x + 'get'; }`,
      `{ all.get = ${long('fn')}; const fn = (x) => x + 'get'; }`,
      `if (all) { class C { static apply(_, [x]) { return x + 'get'; } } all.get = ${long('C')}; }`,
      `try { throw (x) => x + 'get'; } catch (fn) { all.get = ${long('fn')}; }`,
      `for (let fn = (x) => x + 'get', i = 0; i < 1; i++) { all.get = ${long('fn')}; }`,
    ];
    for (const form of FORMS) {
      for (const block of blocks) {
        const source = `var all = {}; ${block} all.get([[5]])`;
        assert.equal(await run(source, { form }), '5get', `${form}: ${block}`);
        const inside = `function f(all) { ${block} return all.get([[5]]); } f({})`;
        assert.equal(await run(inside, { form }), '5get', `${form}: ${block}`);
      }
    }
  });

  it('runs modules: exports of every kind, top-level await, TypeScript', async () => {
    const source = `
      export const a: number = await Promise.resolve(1);
      export let b = 2;
      export function f() { return b; }
      export default function () { return 3; }
      const list = [1, 2].map((x) => x * 2);
      export { list as 'my list' };
      b = f() + 40;
      for (let i = 0; i < 3; i++) b += i;
      export const own = this === undefined && typeof import.meta === 'object';
      export const evaluated = eval('b + 1');
    `;
    for (const form of FORMS) {
      const exports = await run(source, { form, filename: 'exports.ts', type: 'module' });
      assert.deepEqual(exports, { a: 1, b: 45, evaluated: 46, 'my list': [2, 4], own: true }, form);
      await assert.rejects(run('export const x = 1; throw new RangeError("late")', { form, type: 'module' }), {
        name: 'RangeError',
        message: 'late',
      });
    }
  });

  it('compiles what eval and new Function are given', async () => {
    const source = `
      const out = [];
      const n = 7;
      out.push(new Function('a', 'b', 'return [a, b].map((x) => x * 2).join()')(1, 2));
      out.push(eval('[1, 2].map((y) => y + n).join()'), (0, eval)('typeof n'), eval({ x: 1 }).x);
      out.push(String(new Function('x', 'return x * 2')));
      (async () => {
        const promise = eval('(async (x) => { await null; return x })(5)');
        out.push(promise instanceof Promise, await promise);
        return out.join(' | ');
      })()
    `;
    const [plain, ...others] = await Promise.all(FORMS.map((form) => outcome(source, form)));
    assert.match(plain, /^2,4 \| 8,9 \| number \| 1 \| function anonymous/);
    for (const other of others) assert.equal(other, plain);
  });

  it('disposes of what using holds, in order, also where a task is suspended', async () => {
    const source = `
      const log = [];
      const open = (name) => ({ [Symbol.dispose]() { log.push('close ' + name); if (name === 'b') throw new Error('b') } });
      const later = (name) => ({ async [Symbol.asyncDispose]() { await null; log.push('closed ' + name); } });
      (async () => {
        try {
          using a = open('a');
          using b = open('b');
          await using c = later('c');
          log.push('work');
          throw new Error('work');
        } catch (error) {
          log.push(error.constructor.name, error.error.message, error.suppressed.message);
        }
        for (using x of [open('x'), null]) log.push('turn');
        return log.join();
      })()
    `;
    for (const form of FORMS) {
      const expected = 'work,closed c,close b,close a,SuppressedError,b,work,turn,close x,turn';
      assert.equal(await outcome(source, form), expected, form);
    }
  });

  it('shows the source in stacks, whether a function goes on or began anew', async () => {
    const source = [
      'function inner(x) {',
      "  if (x > 2) throw new TypeError('deep ' + x);",
      '  return inner(x + 1) + 1;',
      '}',
      'async function later(list) {',
      '  await null;',
      '  return list.map((y) => inner(y));',
      '}',
      'later([1])',
    ].join('\n');
    for (const form of ['coroutine', 'storm']) {
      const error = await run(source, { form, type: 'script', filename: '/x/program.js' }).catch((thrown) => thrown);
      assert.ok(error instanceof TypeError);
      assert.match(error.stack, /^TypeError: deep 3\n {4}at inner \(\/x\/program\.js:2:20\)/, form);
      assert.match(error.stack, /at inner \(\/x\/program\.js:3:10\)/, form);
      assert.doesNotMatch(error.stack, /hertzscript:|þ/, form);
    }
    const error = await coroutine(function outer(a) {
      const fail = () => null.x;
      for (let i = 0; i < 2; i++) fail.toString();
      return fail() + a;
    }, 1).catch((thrown) => thrown);
    assert.match(error.stack, /at fail \(.*coroutine\.spec\.js:\d+:\d+\)\n {4}at outer \(.*coroutine\.spec\.js/);
  });
});

describe('methods with names that are keywords', () => {
  const keywords =
    'break case catch class const continue debugger default delete do else enum export extends false finally for function if ' +
    'import in instanceof new null return super switch this throw true try typeof var void while with let static async await ' +
    'yield get set of using accessor implements interface package private protected public arguments eval';

  for (const name of keywords.split(' ')) {
    it(`are suspended as all others: ${name}`, async () => {
      // Under a native frame the second task would have to end before the first one could go on.
      const source = `
        const object = { ${name}(f) { return f(); } };
        const [a, b] = [chan(), chan()];
        const first = spawn(() => [object.${name}(() => a.recv())]);
        const second = spawn(() => [object.${name}(() => b.recv())]);
        sleep(0);
        a.send(1);
        const one = first.join();
        b.send(2);
        [one[0], second.join()[0]];`;
      assert.deepEqual(await run(source), [1, 2]);
    });
  }
});

describe('fields and static blocks', () => {
  after(() => shutdown());

  const classes = {
    'a static field': 'class { static value = f(); }',
    'a static field with a computed key': 'class { static ["val" + "ue"] = f(); }',
    'a static block': 'class { static { this.value = f(); } }',
    'a field': 'new class { value = f(); }',
    'a field before a constructor': 'new class { value = f(); constructor() { this.other = 1; } }',
    'a field before parameters': 'new class { value = f(); constructor(other = this.value) {} }',
    'a field of a derived class': 'new class extends Object { value = f(); }',
    'a field after super()': 'new class extends Object { value = f(); constructor() { super(); this.other = 1; } }',
  };

  for (const [name, made] of Object.entries(classes)) {
    it(`are suspended as other code: ${name}`, async () => {
      // Under a native frame the second task would have to end before the first one could go on.
      const source = `
        const [a, b] = [chan(), chan()];
        const make = (f) => (${made}).value;
        const first = spawn(() => make(() => a.recv()));
        const second = spawn(() => make(() => b.recv()));
        sleep(0);
        a.send(1);
        const one = first.join();
        b.send(2);
        [one, second.join()];`;
      for (const form of ['coroutine', 'storm']) assert.deepEqual(await run(source, { form }), [1, 2], form);
    });
  }

  it('are preempted', async () => {
    const source = `
      const turns = [];
      const other = spawn(() => { for (let i = 0; i < 3; i++) { turns.push(i); sleep(1); } });
      class Busy {
        static { until(() => turns.includes(0)); turns.push('static'); }
        field = (() => { until(() => turns.includes(2)); return turns.push('field'); })();
      }
      // Computes, for as long as it takes the other one to have its turns.
      function until(isSo) {
        for (const end = performance.now() + 10_000; performance.now() < end && !isSo(); );
      }
      new Busy();
      other.join();
      turns`;
    const turns = await run(source);
    assert.ok(turns.indexOf(0) < turns.indexOf('static'), turns.join());
    assert.ok(turns.indexOf(2) < turns.indexOf('field'), turns.join());
  });

  it('are killed with their task', async () => {
    const task = coroutine(() => {
      class Never {
        field = sleep(1e6);
      }
      return new Never();
    });
    setTimeout(() => task.kill(), 50);
    await assert.rejects(task, { name: 'TaskKilledError' });
  });
});

describe('tasks in tasks', () => {
  after(() => shutdown());

  /** Runs a script in coroutine and in storm form; it gives the same. */
  async function both(source, expected) {
    for (const form of ['coroutine', 'storm'])
      assert.deepEqual(await run(source, { form, type: 'script' }), expected, form);
  }

  it('are spawned, joined and awaited; arguments and results are copied', () =>
    both(
      `
      const log = [];
      const input = { n: 20 };
      const task = spawn((data, add) => { data.n += add; return { sum: data.n }; }, input, 2);
      log.push(['running', 'done'].includes(task.status), task.join().sum, task.join() === task.join(), task.status, input.n);
      try { spawn(() => { throw new RangeError('no') }).join(); } catch (error) { log.push(error.name + error.message); }
      (async () => {
        log.push(await spawn(async (x) => { await null; sleep(1); return x + 1; }, 4));
        await spawn(() => { throw 5 }).catch((reason) => log.push(reason));
        return log;
      })()
      `,
      [true, 22, true, 'done', 20, 'RangeErrorno', 5, 5],
    ));

  it('talk through channels: rendezvous, buffers, iteration, closing', () =>
    both(
      `
      const log = [];
      const there = chan(), back = chan(2);
      const sum = spawn(() => { let s = 0; for (const { x } of there) back.send((s += x)); return s; });
      for (let i = 1; i < 4; i++) { there.send({ x: i }); log.push(back.recv()); }
      there.close();
      log.push(sum.join(), there.recv(), there.tryRecv().closed);
      for (const wrong of [() => there.send(1), () => there.close(), () => chan(-1), () => chan('1')]) {
        try { wrong(); } catch (error) { log.push(error.name); }
      }
      const two = chan(2);
      log.push(two.trySend(1), two.trySend(2), two.trySend(3), two.length, two.capacity, two.tryRecv().value);
      const blocked = spawn(() => { two.send(4); two.send(5); });
      try { sleep(1); two.close(); blocked.join(); } catch (error) { log.push(error.code); }
      log.push([...two].join());
      log;
      `,
      // biome-ignore format: a line for each part of the program
      [1, 3, 6, 6, undefined, true,
       'ChannelClosedError', 'ChannelClosedError', 'RangeError', 'TypeError',
       true, true, false, 2, 2, 1,
       'ERR_CHANNEL_CLOSED', '2,4'],
    ));

  it('sieve primes', () =>
    both(
      `
      const generate = (out, n) => { for (let i = 2; i < n; i++) out.send(i); out.close(); };
      const filter = (inn, out, p) => { for (const v of inn) if (v % p) out.send(v); out.close(); };
      let source = chan();
      spawn(generate, source, 200);
      const primes = [];
      for (let p = source.recv(); p !== undefined; p = source.recv()) {
        primes.push(p);
        const next = chan();
        spawn(filter, source, next, p);
        source = next;
      }
      [primes.length, primes.at(-1)]
      `,
      [46, 199],
    ));

  it('block where built-ins and getters stand between, too', () =>
    both(
      `
      const ch = chan();
      spawn(() => { for (let i = 0; i < 3; i++) { sleep(1); ch.send(i); } ch.close(); });
      const object = { get first() { return ch.recv(); }, valueOf: () => ch.recv() };
      const got = [object.first, object + 0];
      got.push([0].map(() => ch.recv())[0], String(ch.recv()));
      got
      `,
      [0, 1, 2, 'undefined'],
    ));

  it('may call functions of their own by the names of operations', () =>
    both(
      `
      const ch = chan(1);
      const main = () => {
        const got = [];
        sleep(1);
        {
          const sleep = (n) => { spawn(() => ch.send(n)); return 0 + { valueOf: () => ch.recv() }; };
          for (let i = 0; i < 3; i++) got.push(sleep(i));
        }
        const o = { join: (x) => x + 1, recv() { return this.join(1); } };
        for (let i = 0; i < 2; i++) { sleep(1); got.push(o.join(i), o.recv(), [1, i].join('-')); }
        return got;
      };
      main()
      `,
      [0, 1, 2, 1, 2, '1-0', 2, 2, '1-1'],
    ));

  it('that fail unheard are reported when their parent ends', async () => {
    const { stderr } = await new Promise((resolve) => {
      const { execFile } = require('node:child_process');
      const program = `
        const { run } = require(${JSON.stringify(require.resolve('../lib/index.js'))});
        run("const t = spawn(() => { throw new RangeError('unheard') }); while (t.status !== 'failed') sleep(5)", { form: 'coroutine' });
      `;
      execFile(process.execPath, ['-e', program], (error, stdout, stderr) => resolve({ error, stdout, stderr }));
    });
    assert.match(stderr, /RangeError: unheard/);
  });
});
