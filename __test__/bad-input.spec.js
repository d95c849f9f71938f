'use strict';

const assert = require('node:assert/strict');
const { describe, it, after } = require('node:test');
const { after: clockAfter, sleep, spawn, run, runFile, Isolate, configure, shutdown } = require('../lib/index.js');

after(() => shutdown());

const refuses = (call, Class, pattern) =>
  assert.throws(call, (error) => {
    assert.equal(error.constructor, Class, error.stack);
    assert.match(error.message, pattern);
    return true;
  });

describe('bad input', () => {
  it('spawn refuses what it cannot ship, and says what to do', () => {
    for (const value of [undefined, null, 1, 'text', {}, [], Symbol('s'), 1n]) {
      refuses(() => spawn(value), TypeError, /must be a function/);
    }
    refuses(() => spawn(Math.max), TypeError, /native.*wrap it in an arrow function/);
    refuses(() => spawn(function f() {}.bind(null)), TypeError, /bound function.*wrap it in an arrow function/);
    refuses(() => spawn(new Proxy(() => {}, {})), TypeError, /cannot be recovered/);
    refuses(() => spawn(class Thing {}), TypeError, /Thing is a class.*pass a function that constructs it/);
    refuses(() => spawn((...all) => all.length, ...Array(65536)), RangeError, /65535.*pass one array/);
  });

  it('spawn takes as many arguments as fit', async () => {
    assert.equal(await spawn((...all) => all.length, ...Array(65535).fill(1)), 65535);
  });

  it('spawn.with names the wrong option', () => {
    refuses(() => spawn.with(1), TypeError, /takes an object/);
    refuses(() => spawn.with({ nmae: 'x' }), TypeError, /no option 'nmae'.*it takes name/);
    refuses(() => spawn.with({ name: 1 }), TypeError, /name must be a string/);
    refuses(() => spawn.with({ memoryLimit: '1' }), TypeError, /memoryLimit must be a number of bytes/);
    refuses(() => spawn.with({ memoryLimit: -1 }), RangeError, /memoryLimit must be .* from 16777216/);
    refuses(() => spawn.with({ memoryLimit: 1.5e8 + 0.5 }), RangeError, /whole number/);
    refuses(() => spawn.with({ isolate: 'own' }), TypeError, /'shared' or 'private'/);
    refuses(() => spawn.with({ isolate: 'shared', memoryLimit: 1e8 }), TypeError, /isolate of its own/);
    refuses(() => spawn.with({ transfer: 1 }), TypeError, /array of ArrayBuffers/);
    refuses(() => spawn.with({ form: 'fast' }), TypeError, /form must be/);
    refuses(() => spawn.with({ host: {} }), TypeError, /'host' is not supported by this version/);
    refuses(() => spawn.with({ isolate: 'shared', form: 'plain' }), TypeError, /isolate of its own/);
  });

  it('configure, run, runFile and Isolate check what they get', async () => {
    refuses(() => configure({ threads: -1 }), RangeError, /threads must be a whole number of threads from 1/);
    refuses(() => configure({ threads: 0 }), RangeError, /from 1 to 1024/);
    refuses(() => configure({ threads: '2' }), TypeError, /threads must be a number/);
    refuses(() => configure({ heapLimit: 1 }), RangeError, /heapLimit/);
    refuses(() => configure(null), TypeError, /takes an object/);
    refuses(() => run(1), TypeError, /source must be a string/);
    refuses(() => run('1', { type: 'esm' }), TypeError, /'script' or 'module'/);
    refuses(() => runFile(1), TypeError, /path must be a string/);
    refuses(() => new Isolate({ memoryLimit: -5 }), RangeError, /memoryLimit/);
    const { href, protocol, pathname } = require('node:url').pathToFileURL(__filename);
    const missing = { href: `${href}.none`, protocol, pathname: `${pathname}.none` };
    for (const ms of ['x', {}, 1n, undefined]) await assert.rejects(sleep(ms), TypeError);
    for (const ms of [-1, Number.NaN, Infinity, 2 ** 31]) {
      await assert.rejects(sleep(ms), { name: 'RangeError', message: /^sleep takes a number of milliseconds from 0/ });
      refuses(() => clockAfter(ms), RangeError, /after takes/);
    }
    const inTask = await spawn(() => {
      const nameOf = (wait, ms) => {
        try {
          wait(ms);
          return 'waits';
        } catch (error) {
          return error.name;
        }
      };
      const odd = ['x', {}, 1n, undefined, Symbol('s'), -1, Number.NaN, Infinity, 2 ** 31, 0];
      return odd.map((ms) => `${nameOf(globalThis.sleep, ms)} ${nameOf(globalThis.after, ms)}`);
    });
    assert.deepEqual(inTask, [
      ...Array(5).fill('TypeError TypeError'),
      ...Array(4).fill('RangeError RangeError'),
      'waits waits',
    ]);
    await assert.rejects(runFile(missing), { code: 'ENOENT' });
    await assert.rejects(runFile('/does/not/exist.js'), { code: 'ENOENT' });
  });

  it('a failed spawn leaves nothing behind', async () => {
    for (let i = 0; i < 100; i++) {
      assert.throws(() => spawn((a) => a, { deep: { fn: require('node:dns').lookup } }), /args\[0\]\.deep\.fn/);
    }
    assert.equal(await spawn((a) => a, 'fine'), 'fine');
  });
});
