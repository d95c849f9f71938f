'use strict';

// Captured variables are read wherever the library was loaded: test runners such as Jest load each module in a context of `node:vm`.

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { createRequire, isBuiltin } = require('node:module');
const { dirname, extname, join } = require('node:path');
const { after, describe, it } = require('node:test');
const vm = require('node:vm');
const { shutdown, spawn } = require('../lib/index.js');

const SLOT = Symbol.for('hertzscript.scopes');

/** Loads CommonJS modules in a context of their own, as test runners do. */
function sandbox() {
  const names = [
    'console',
    'process',
    'Buffer',
    'URL',
    'AbortSignal',
    'AbortController',
    'DOMException',
    'performance',
  ];
  const timers = { setTimeout, clearTimeout, setImmediate, clearImmediate, queueMicrotask, structuredClone };
  const globals = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
  const context = vm.createContext({ ...globals, ...timers });
  const cache = { __proto__: null };
  const load = (file) => {
    if (cache[file] !== undefined) return cache[file].exports;
    const outer = createRequire(file);
    if (extname(file) !== '.js') return outer(file);
    const module = { exports: {}, filename: file };
    cache[file] = module;
    const inner = (name) => (isBuiltin(name) ? outer(name) : load(outer.resolve(name)));
    Object.assign(inner, { cache, main: undefined, resolve: outer.resolve });
    const parameters = ['module', 'exports', 'require', '__filename', '__dirname'];
    const options = { parsingContext: context, filename: file };
    const run = vm.compileFunction(readFileSync(file, 'utf8'), parameters, options);
    run.call(module.exports, module, module.exports, inner, file, dirname(file));
    return module.exports;
  };
  const evaluate = (source) => vm.compileFunction(source, ['library'], { parsingContext: context });
  return { context, library: load(join(__dirname, '..', 'lib', 'index.js')), evaluate };
}

describe('a copy of the library in a context of its own', () => {
  const { library, evaluate } = sandbox();
  after(() => Promise.all([library.shutdown(), shutdown()]));
  const make = evaluate(`
    const { spawn } = library;
    const factor = 3;
    const scale = (x) => x * factor;
    class Base { value() { return scale(factor); } }
    class Derived extends Base { value() { return super.value() + 1; } }
    return {
      scaled: (x) => spawn((y) => scale(y), x),
      derived: () => spawn(() => new Derived().value()),
      data: (local) => spawn(() => local),
    };
  `);
  const functions = make(library);

  it('reads what functions capture', async () => {
    assert.equal(await functions.scaled(4), 12);
    assert.equal(await functions.derived(), 10);
    const data = { list: [1, { two: 2 }] };
    assert.deepEqual(JSON.stringify(await functions.data(data)), JSON.stringify(data));
  });

  it('does so in turn with another one', async () => {
    const here = { of: 'the main context' };
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(await spawn(() => here), here);
      assert.equal(await functions.scaled(round), round * 3);
    }
  });

  it('does so without a trace', async () => {
    assert.equal(await functions.scaled(1), 3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(SLOT in globalThis, false);
  });
});
