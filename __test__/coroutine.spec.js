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
      const source = readFileSync(join(FIXTURES, name), 'utf8');
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
      await assert.rejects(run('import x from "y"', { form, type: 'module' }), /imports .* not supported .* bundle/);
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
});
