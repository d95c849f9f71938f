'use strict';

// Deep recursion, calls in tail position, and what both have to do with being preempted.

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { Isolate, run, shutdown } = require('../lib/index.js');

const SUM = 'function sum(n) { return n === 0 ? 0 : n + sum(n - 1); }';

describe('recursion', () => {
  after(() => shutdown());

  for (const form of ['plain', 'coroutine', 'storm']) {
    it(`goes a million calls deep in form ${form}`, async () => {
      assert.equal(await run(`${SUM} sum(1_000_000)`, { form }), 500000500000);
    });
  }

  it('is a RangeError where the memory limit ends it, and the isolate goes on', async () => {
    const isolate = new Isolate({ memoryLimit: 64 << 20 });
    const [name, after] = await isolate.run(`
      function endless(n) { return endless(n + 1) + 1; }
      let name;
      try { endless(0); } catch (error) { name = error.name; }
      ${SUM}
      [name, sum(10_000)]`);
    assert.equal(name, 'RangeError');
    assert.equal(after, 50005000);
    await isolate.dispose();
  });

  it('costs the same at any depth where it cannot be suspended', async () => {
    // A getter is called natively, so every turn of the loop asks in vain whether it may be suspended.
    const program = `
      let depth = 0;
      const leaf = () => { for (let i = 0; i < 3; i++); };
      const nested = { get inner() { return ++depth < 8000 ? (leaf(), nested.inner) : 0; } };
      nested.inner;
      depth`;
    assert.equal(await run(program, { form: 'storm' }), 8000);
  });

  it('is suspended at any depth', async () => {
    const isolate = new Isolate();
    const options = { form: 'coroutine' };
    const deep = isolate.run(`${SUM} sum(200_000)`, options);
    const others = Array.from({ length: 4 }, (_, i) =>
      isolate.run(
        `function down(n) { if (n === 0) sleep(5); else down(n - 1); return n; } down(${20000 * i})`,
        options,
      ),
    );
    assert.deepEqual(await Promise.all([deep, ...others]), [20000100000, 0, 20000, 40000, 60000]);
    await isolate.dispose();
  });
});

describe('calls in tail position', () => {
  after(() => shutdown());

  const programs = {
    'to itself': [
      '"use strict"; function loop(n, sum) { return n === 0 ? sum : loop(n - 1, sum + n); } loop(N, 0)',
      (n) => (n * (n + 1)) / 2,
    ],
    'to one another': [
      `"use strict"; const even = (n) => n === 0 || odd(n - 1);
       function odd(n) { if (n === 0) return false; return even(n - 1); } even(N)`,
      () => true,
    ],
    'of methods, behind && and comma': [
      '"use strict"; class A { go(n) { return n && (0, this.go(n - 1)); } } new A().go(N)',
      () => 0,
    ],
    'with continuations that are passed': [
      '"use strict"; const f = (n, k) => (n === 0 ? k(0) : f(n - 1, (v) => k(v + 1))); f(N / 10, (v) => v)',
      (n) => n / 10,
    ],
    'behind ??': ['"use strict"; const o = { f(n) { return (n > 0 ? null : n) ?? this.f(n - 1); } }; o.f(N)', () => 0],
  };
  for (const [name, [program, expected]] of Object.entries(programs)) {
    it(`take no room: ${name}`, async () => {
      // The stack of such an isolate ends after some hundred thousand calls.
      const isolate = new Isolate({ memoryLimit: 64 << 20 });
      const source = (n) => program.replace('N', `${n}`);
      assert.equal(await isolate.run(source(1_000_000), { form: 'coroutine' }), expected(1_000_000));
      assert.equal(await isolate.run(source(10_000), { form: 'storm' }), expected(10_000));
      await isolate.dispose();
    });
  }

  it('are none in try, in constructors, and where the value is used', async () => {
    const source = `'use strict';
      const log = [];
      function fail() { throw new Error('x'); }
      function caught() { try { return fail(); } catch (error) { return error.message; } finally { log.push('finally'); } }
      function Made() { return (0, give()); }
      function give() { return 1; }
      const one = (f) => f() + 0;
      [caught(), new Made() instanceof Made, one(give), log.join()]`;
    for (const form of ['plain', 'coroutine', 'storm']) {
      assert.deepEqual(await run(source, { form }), ['x', true, 1, 'finally'], form);
    }
  });
});

describe('functions that are called with new', () => {
  after(() => shutdown());

  for (const form of ['plain', 'coroutine', 'storm']) {
    it(`give their object, whatever a call in tail position gives (${form})`, async () => {
      const source = `
        function set(point, x) { for (let i = 0; i < 3; i++) if (i === 1) sleep(1); point.x = x; }
        function other() { sleep(1); return { x: 'other' }; }
        function Point(x) { if (x < 0) return other(); return set(this, x); }
        const make = (x) => new Point(x);
        JSON.stringify([new Point(1), make(2), new Point(-1), [3, 4].map((x) => new Point(x)), new Point(5) instanceof Point])`;
      const text = form === 'plain' ? source.replaceAll('sleep(1)', '0') : source;
      assert.equal(await run(text, { form }), '[{"x":1},{"x":2},{"x":"other"},[{"x":3},{"x":4}],true]');
    });
  }
});

describe('preemption', () => {
  after(() => shutdown());

  /** Runs a program that spins until its isolate has run another one, which it can only if the first is suspended. */
  async function isPreempted(program) {
    const isolate = new Isolate();
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const start = isolate.spawn.with({ form: 'coroutine' });
    const spinning = start(program, gate);
    const opening = start((g) => {
      Atomics.store(g, 0, 1);
    }, gate);
    await Promise.all([spinning, opening]);
    await isolate.dispose();
  }

  it('goes on after a look at which nobody else was waiting', { timeout: 20_000 }, () =>
    isPreempted((gate) => {
      const spin = () => {
        while (Atomics.load(gate, 0) === 0);
      };
      // So many calls in tail position that the stack is looked at, not so many that it is deep.
      const down = (n) => (n === 0 ? spin() : down(n - 1));
      return down(1500);
    }),
  );

  it('reaches loops of scripts and of modules', { timeout: 20_000 }, async () => {
    const spin = 'let turns = 0; while (!globalThis.isOpen) turns++;';
    for (const [source, options] of [
      [`${spin} turns > 0`, { type: 'script' }],
      [`(function () { ${spin} return turns > 0; })()`, { type: 'script' }],
      [`${spin} export default turns > 0;`, { type: 'module' }],
      [`await null; ${spin} export default turns > 0;`, { type: 'module' }],
    ]) {
      // A task of the program ends it, which runs only if the loop is left.
      const opening = source.replace('let turns', 'spawn(() => { globalThis.isOpen = true; }); let turns');
      const value = await run(opening, options);
      assert.equal(value.default ?? value, true, source);
    }
  });

  it('reaches loops behind calls of functions that are declared later', { timeout: 20_000 }, () =>
    isPreempted((gate) => {
      function outer() {
        inner(1);
        return 1;
      }
      const inner = (x) => {
        while (Atomics.load(gate, 0) === 0);
        return x;
      };
      return outer();
    }),
  );
});
