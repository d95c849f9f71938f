'use strict';

// What V8 cannot survive, the process must. Each case runs in a process of its own, so that a crash is seen as one.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { describe, it } = require('node:test');

const library = JSON.stringify(join(__dirname, '..', 'lib', 'index.js'));

/** Runs a script with the library's names in scope; it prints JSON. */
function inProcess(body) {
  const script = `const { spawn, run, Isolate, chan, stats, configure, shutdown } = require(${library});
    const failure = (task) => task.then((value) => ({ value }), (error) => ({ name: error.name, code: error.code, message: error.message }));
    (async () => { ${body} })().then((value) => console.log(JSON.stringify(value)), (error) => { console.error(error); process.exit(1); });`;
  const result = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 120_000 });
  assert.equal(result.signal, null, `killed by ${result.signal}: ${result.stderr}`);
  assert.equal(result.status, 0, result.stderr);
  assert.equal(result.stderr, '', 'what V8 says of its end is no use to the user');
  return JSON.parse(result.stdout);
}

const LEAKS = {
  arrays: '() => { const a = []; for (;;) a.push(new Array(100).fill(1)); }',
  objects: '() => { let o = null; for (;;) o = { o, x: {} }; }',
  maps: '() => { const m = new Map(); for (let i = 0; ; i++) m.set(i, { i }); }',
  strings: "() => { const a = []; for (let i = 0; ; i++) a.push('text ' + i + 'x'.repeat(50)); }",
  'in a promise': '() => new Promise(() => { const a = []; setTimeout(() => { for (;;) a.push([1, 2, 3]); }, 1); })',
};

describe('an isolate that runs out of memory', () => {
  for (const [what, fn] of Object.entries(LEAKS)) {
    it(`bit by bit (${what}) fails with MemoryLimitError, and is replaced`, () => {
      const { error, after, replaced } = inProcess(`
        configure({ threads: 1, heapLimit: 64 << 20 });
        const error = await failure(spawn(${fn}));
        const after = await spawn(() => 'alive');
        return { error, after, replaced: stats().isolates[0].replaced };`);
      assert.equal(error.name, 'MemoryLimitError');
      assert.equal(error.code, 'ERR_MEMORY_LIMIT');
      assert.match(error.message, /64 MB/);
      assert.equal(after, 'alive');
      assert.equal(replaced, 1);
    });
  }

  it('fails every task that was in it, and no other', () => {
    const { inside, other, after } = inProcess(`
      configure({ threads: 1, heapLimit: 64 << 20 });
      const isolate = new Isolate();
      const other = isolate.spawn(() => new Promise((resolve) => setTimeout(() => resolve('other isolate'), 300)));
      const waiting = failure(spawn(() => new Promise(() => {})));
      const leak = failure(spawn(() => { const a = []; for (;;) a.push([1, 2, 3]); }));
      const queued = spawn(() => 'queued');
      return { inside: [await waiting, await leak], other: await other, after: await queued };`);
    assert.deepEqual(
      inside.map(({ name }) => name),
      ['MemoryLimitError', 'MemoryLimitError'],
    );
    assert.equal(other, 'other isolate');
    assert.equal(after, 'queued');
  });

  it('again and again leaves the process well', () => {
    const names = inProcess(`
      configure({ threads: 2, heapLimit: 32 << 20 });
      const names = [];
      for (let i = 0; i < 10; i++) names.push((await failure(spawn(() => { const a = []; for (;;) a.push({}); }))).name);
      return names;`);
    assert.deepEqual(names, Array(10).fill('MemoryLimitError'));
  });

  it('by memoryLimit ends only the private isolate of the task', () => {
    const { error, after } = inProcess(`
      const error = await failure(spawn.with({ memoryLimit: 32 << 20 })(() => { const a = []; for (;;) a.push({}); }));
      return { error, after: await spawn(() => 1) };`);
    assert.equal(error.name, 'MemoryLimitError');
    assert.match(error.message, /32 MB/);
    assert.equal(after, 1);
  });

  it('with ArrayBuffers, of which memoryLimit allows as many bytes again, fails likewise', () => {
    const { leak, large, within, freed } = inProcess(`
      const limited = spawn.with({ memoryLimit: 64 << 20 });
      const leak = await failure(limited(() => { const all = []; for (;;) all.push(new Uint8Array(1 << 20)); }));
      const large = await failure(limited(() => new ArrayBuffer(65 << 20).byteLength));
      const within = await limited(() => new ArrayBuffer(63 << 20).byteLength >> 20);
      const freed = await limited(() => { let sum = 0; for (let i = 0; i < 500; i++) sum += new Uint8Array(1 << 20).length; return sum >> 20; });
      return { leak, large, within, freed };`);
    for (const error of [leak, large]) {
      assert.equal(error.name, 'MemoryLimitError');
      assert.match(error.message, /ArrayBuffers to 64 MB/);
    }
    assert.equal(within, 63);
    assert.equal(freed, 500);
  });

  it('is not one that ran many programs, also while a task of another one waits', () => {
    const { waiting, sum, used } = inProcess(`
      configure({ threads: 1, heapLimit: 64 << 20 });
      const waiting = spawn(() => new Promise((resolve) => setTimeout(() => resolve('still here'), 3000)));
      let sum = 0;
      for (let i = 0; i < 500; i++) {
        sum += await run('new Promise((resolve) => setTimeout(() => resolve(1), 1))');
        sum += await run('sleep(1); 1', { form: 'coroutine' });
      }
      return { waiting: await waiting, sum, used: stats().isolates[0].heapUsed };`);
    assert.equal(waiting, 'still here');
    assert.equal(sum, 1000);
    assert.ok(used < 48 << 20, used);
  });

  it('with WebAssembly.Memory, which memoryLimit bounds likewise, fails likewise', () => {
    const { within, memory, small, instruction } = inProcess(`
      const limited = spawn.with({ memoryLimit: 64 << 20 });
      const within = await limited(() => {
        const buffer = new ArrayBuffer(8, { maxByteLength: 256 << 20 });
        for (let i = 0; i < 100; i++) { buffer.resize(32 << 20); buffer.resize(0); new ArrayBuffer(16 << 20); }
        return 'within';
      });
      const memory = await failure(limited(() => new Uint8Array(new WebAssembly.Memory({ initial: 4000 }).buffer).fill(1).length));
      const small = await limited(() => {
        for (let i = 0; i < 20; i++) new Uint8Array(new WebAssembly.Memory({ initial: 500 }).buffer).fill(1);
        return 'within';
      });
      // (func (export "g") (param i32) (result i32) local.get 0 memory.grow), with a memory of one page and no maximum.
      const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 103, 0, 0, 10, 8, 1, 6, 0, 32,
        0, 64, 0, 11];
      const instruction = await failure(limited((bytes) => {
        const { g } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports;
        for (let i = 0; i < 300; i++) g(160);
        sleep(1);
      }, bytes));
      return { within, memory, small, instruction };`);
    assert.equal(memory.name, 'MemoryLimitError');
    assert.equal(small, 'within');
    assert.equal(within, 'within');
    assert.equal(instruction.name, 'MemoryLimitError');
  });

  for (const form of ['coroutine', 'plain']) {
    it(`is not one whose buffers would grow beyond memoryLimit: that is a RangeError (${form})`, () => {
      const { steps, step, memory, shared, kept, converted } = inProcess(`
        const isolate = new Isolate({ memoryLimit: 64 << 20 });
        const kept = isolate.spawn.with({ form: 'coroutine' })((go) => go.recv(), globalThis.go = chan());
        const limited = isolate.spawn.with({ form: '${form}' });
        const steps = await limited(() => {
          const buffer = new ArrayBuffer(8, { maxByteLength: 256 << 20 });
          try {
            for (let size = 8; size < 256 << 20; size += 1 << 20) { buffer.resize(size); new Uint8Array(buffer).fill(1); }
          } catch (error) { return [error.name, error.message, buffer.byteLength]; }
        });
        const step = await limited(() => {
          const buffer = new ArrayBuffer(8, { maxByteLength: 256 << 20 });
          try { buffer.resize(256 << 20); } catch (error) { return [error.name, buffer.byteLength]; }
        });
        const memory = await limited(() => {
          const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
          let calls = 0;
          try {
            for (;;) { memory.grow(160); new Uint8Array(memory.buffer).fill(1); calls++; }
          } catch (error) { return [error.name, calls, memory.buffer.byteLength]; }
        });
        const shared = await limited(() => {
          const outcomes = [];
          const buffer = new SharedArrayBuffer(8, { maxByteLength: 256 << 20 });
          buffer.grow(16);
          try { buffer.grow(256 << 20); } catch (error) { outcomes.push(error.name, buffer.byteLength); }
          const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
          try { memory.grow(60000); } catch (error) { outcomes.push(error.name, memory.buffer.byteLength); }
          return outcomes;
        });
        const converted = await limited(() => {
          const buffer = new ArrayBuffer(8, { maxByteLength: 64 });
          let calls = 0;
          buffer.resize({ valueOf: () => 16 + calls++ });
          const { resize } = ArrayBuffer.prototype;
          const names = [resize.name, resize.length, Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'resize').enumerable];
          const failures = [() => resize.call({}, 1), () => buffer.resize(65), () => buffer.resize(-1), () => buffer.resize(1n), () => new resize(1)].map((call) => {
            try { call(); } catch (error) { return error.name; }
          });
          const memory = new WebAssembly.Memory({ initial: 1 });
          return [buffer.byteLength, calls, names, failures, memory.grow('1'), memory.buffer.byteLength];
        });
        go.send('still here');
        return { steps, step, memory, shared, converted, kept: await kept };`);
      assert.equal(steps[0], 'RangeError');
      assert.equal(steps[1], 'ArrayBuffer.prototype.resize: the isolate may not have so much memory');
      assert.ok(steps[2] > 32 << 20 && steps[2] <= 64 << 20, steps[2]);
      assert.deepEqual(step, ['RangeError', 8]);
      assert.equal(memory[0], 'RangeError');
      assert.ok(memory[1] > 0 && memory[2] <= 64 << 20, String(memory));
      assert.deepEqual(shared, ['RangeError', 16, 'RangeError', 65536]);
      const failures = ['TypeError', 'RangeError', 'RangeError', 'TypeError', 'TypeError'];
      assert.deepEqual(converted, [16, 1, ['resize', 1, false], failures, 1, 2 * 65536]);
      assert.equal(kept, 'still here');
    });
  }

  it('is not one that lets a buffer grow to what no system has: that is a RangeError', () => {
    const { caught, other } = inProcess(`
      configure({ threads: 1 });
      const other = spawn(() => new Promise((resolve) => setTimeout(() => resolve('not disturbed'), 1)));
      const caught = await spawn(() => {
        const names = [];
        const attempt = (grow) => { try { grow(); } catch (error) { names.push(error.name); } };
        attempt(() => new ArrayBuffer(8, { maxByteLength: 2 ** 40 }).resize(2 ** 40));
        attempt(() => new SharedArrayBuffer(8, { maxByteLength: 2 ** 40 }).grow(2 ** 40));
        attempt(() => new WebAssembly.Memory({ initial: 1, maximum: 65536 }).grow(65536));
        return names;
      });
      return { caught, other: await other };`);
    assert.deepEqual(caught, ['RangeError', 'RangeError', 'RangeError']);
    assert.equal(other, 'not disturbed');
  });

  it('is not one that asks for a buffer that no system has: that is a RangeError', () => {
    const { caught, message, other, after } = inProcess(`
      configure({ threads: 1, heapLimit: 64 << 20 });
      const other = spawn(() => new Promise((resolve) => setTimeout(() => resolve('not disturbed'), 1)));
      const caught = await spawn(() => {
        const names = [];
        for (let i = 0; i < 6; i++) {
          try { new ArrayBuffer(8, { maxByteLength: 2 ** 47 }); } catch (error) { names.push(error.name); }
        }
        for (const size of [2 ** 45, 2 ** 45, 2 ** 46]) {
          try { new ArrayBuffer(size); } catch (error) { names.push(error.name); }
        }
        return names;
      });
      const value = await other;
      const { message } = await failure(spawn(() => new ArrayBuffer(2 ** 45)));
      const error = await failure(spawn(() => { const a = []; for (;;) a.push([{}, {}]); }));
      return { caught, message, other: value, after: error.name };`);
    assert.deepEqual(caught, Array(9).fill('RangeError'));
    assert.equal(message, 'Array buffer allocation failed');
    assert.equal(other, 'not disturbed');
    assert.equal(after, 'MemoryLimitError');
  });

  it('in one step loses its thread, and the pool goes on', () => {
    const { error, after, threads } = inProcess(`
      configure({ threads: 1, heapLimit: 128 << 20 });
      const error = await failure(spawn(() => new Array(1e9).fill(0).length));
      return { error, after: await spawn(() => 'alive'), threads: stats().isolates.length };`);
    assert.equal(error.name, 'MemoryLimitError');
    assert.equal(after, 'alive');
    assert.equal(threads, 1);
  });

  it("in one of V8's own checks loses its thread, and the pool goes on", () => {
    const { error, after, kept } = inProcess(`
      configure({ threads: 1, heapLimit: 128 << 20 });
      const kept = await spawn(() => 'before');
      const error = await failure(spawn(() => 'x'.repeat(2 ** 29 - 24).split('').length));
      const isolate = new Isolate();
      const gone = await failure(isolate.spawn(() => 'x'.repeat(2 ** 29 - 24).split('').length));
      return { error, after: await spawn(() => 'alive'), kept, gone };`);
    assert.equal(kept, 'before');
    assert.equal(error.name, 'MemoryLimitError');
    assert.equal(after, 'alive');
  });

  it('signals that V8 did not raise end the process as they always did', () => {
    const script = `require(${library}).spawn(() => 1).then(() => process.abort())`;
    const { signal } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    assert.equal(signal, 'SIGABRT');
  });

  it('source text that nests without end is a value or an error, in every form', () => {
    const shapes = {
      parentheses: (n) => `${'('.repeat(n)}1${')'.repeat(n)}`,
      arrays: (n) => '['.repeat(n) + ']'.repeat(n),
      blocks: (n) => '{'.repeat(n) + '}'.repeat(n),
      functions: (n) => `${'(function () { return '.repeat(n)}1${'})'.repeat(n)}; 1`,
      classes: (n) => `${'(class { a() { '.repeat(n) + '} })'.repeat(n)}; 1`,
      templates: (n) => `${'`${'.repeat(n)}1${'}`'.repeat(n)}`,
      sums: (n) => `1${'+1'.repeat(n)}`,
      calls: (n) => `({ a() { return this; } })${'.a()'.repeat(n)}; 1`,
      'else if': (n) => `if (0);${'else if (0);'.repeat(n)} 1`,
    };
    const typed = {
      JSX: (n) => `const React = { createElement() {} };${'<a>'.repeat(n)}${'</a>'.repeat(n)}; 1`,
      types: (n) => `type A = ${'B<1, '.repeat(n)}1${'>'.repeat(n)}; 1`,
    };
    for (const [name, shape] of Object.entries({ ...shapes, ...typed })) {
      const outcomes = inProcess(`
        const outcomes = [];
        for (const count of [3000, 100_000]) {
          const source = (${shape})(count);
          for (const options of ${name in typed ? "[{ filename: 'a.tsx' }]" : "[{}, { filename: 'a.ts' }, { form: 'coroutine' }]"}) {
            outcomes.push((await failure(run(source, options))).name ?? 'value');
          }
        }
        return [...outcomes, await run('"alive"')];`);
      assert.equal(outcomes.pop(), 'alive', name);
      for (const outcome of outcomes) assert.match(outcome, /^(value|RangeError|SyntaxError)$/, name);
    }
  });

  it('too deep recursion is a RangeError, and nothing more', () => {
    const { deep, after } = inProcess(`
      const deep = await failure(spawn(() => (function f() { return f() + 1; })()));
      return { deep, after: await spawn(() => 1) };`);
    assert.equal(deep.name, 'RangeError');
    assert.equal(after, 1);
  });
});

describe("the host's memory", () => {
  it('is released by isolates that no longer use it, also when they have nothing to do', () => {
    const { shared, moved } = inProcess(`
      configure({ threads: 1 });
      require('node:v8').setFlagsFromString('--expose-gc');
      const collect = require('node:vm').runInNewContext('gc');
      const all = { shared: [], moved: [] };
      for (let i = 0; i < 50; i++) {
        const shared = new SharedArrayBuffer(4 << 20);
        all.shared.push(new WeakRef(shared));
        await spawn((buffer) => buffer.byteLength, shared);
        const moved = new ArrayBuffer(4 << 20);
        await spawn.with({ transfer: [moved] })((buffer) => buffer.byteLength, moved);
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
      collect();
      await new Promise((resolve) => setTimeout(resolve, 50));
      const left = (list) => list.filter((ref) => ref.deref() !== undefined).length;
      return { shared: left(all.shared), moved: process.memoryUsage().arrayBuffers >> 20 };`);
    assert.ok(shared < 10, `${shared} SharedArrayBuffers are left`);
    assert.ok(moved < 40, `${moved} MB of ArrayBuffers are left`);
  });
});

describe('what nobody has any more', () => {
  it('is not kept: functions that were made from text', () => {
    for (const form of ['plain', 'coroutine']) {
      const made = inProcess(`
        return await spawn.with({ memoryLimit: 48 << 20, form: '${form}' })(() => {
          for (let i = 0; i < 50000; i++) new Function('return ' + i)();
          return 'all';
        });`);
      assert.equal(made, 'all', form);
    }
  });

  it('is not kept: signals that depend on one that lives for long', () => {
    const made = inProcess(`
      return await spawn.with({ memoryLimit: 32 << 20 })(() => {
        const server = new AbortController();
        let heard = 0;
        for (let i = 0; i < 100000; i++) {
          const signal = AbortSignal.any([server.signal, AbortSignal.any([server.signal])]);
          const listener = () => heard++;
          signal.addEventListener('abort', listener);
          if (i % 10000 !== 0) signal.removeEventListener('abort', listener);
          // Until a task waits, what it has made weak references of is kept.
          if (i % 1000 === 0) sleep(1);
        }
        let own = 0;
        AbortSignal.any([server.signal]).onabort = () => own++;
        for (let i = 0; i < 20; i++) globalThis.garbage = new Array(1e5).fill(i);
        server.abort(new Error('over'));
        return [heard, own, AbortSignal.any([AbortSignal.any([server.signal])]).reason.message];
      });`);
    assert.deepEqual(made, [10, 1, 'over']);
  });
});
