'use strict';

// Modules in `run`, `runFile` and tasks: each rule in all three forms. What can be asked of Node itself is compared with it.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');
const { describe, it, after } = require('node:test');
const { pathToFileURL } = require('node:url');
const { Isolate, run, runFile, shutdown, spawn } = require('../lib/index.js');

const FORMS = ['coroutine', 'storm', 'plain'];
const root = realpathSync(mkdtempSync(join(tmpdir(), 'hertzscript-modules-')));
after(() => {
  rmSync(root, { recursive: true });
  return shutdown();
});

let projects = 0;

/** Writes files into a folder of their own. */
function project(files) {
  const folder = join(root, `p${++projects}`);
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'object' && !Buffer.isBuffer(content) ? JSON.stringify(content) : content);
  }
  return folder;
}

const failure = (task) => task.then(assert.fail, (error) => error);

/** What the main file of a project exports, in every form. */
function rule(name, files, expected, main = 'main.mjs', forms = FORMS) {
  describe(name, () => {
    for (const form of forms) {
      it(form, async () => {
        const folder = project(files);
        const wanted = typeof expected === 'function' ? expected(folder) : expected;
        assert.deepEqual(await runFile(join(folder, main), { form }), wanted);
      });
    }
  });
}

/** How the main file of a project fails, in every form. */
function failing(name, files, check, main = 'main.mjs') {
  describe(name, () => {
    for (const form of FORMS) {
      it(form, async () => {
        const folder = project(files);
        check(await failure(runFile(join(folder, main), { form })), folder);
      });
    }
  });
}

describe('ECMAScript modules', () => {
  rule(
    'are imported by name, by default, as a whole and for their effects',
    {
      'main.mjs': `
        import first, { a, b as c, default as again } from './lib.mjs';
        import * as all from './lib.mjs';
        import other, * as rest from './lib.mjs';
        import './effect.mjs';
        export const result = [first, a, c, again, all.a, Object.keys(all), other === rest.default, globalThis.effect];
      `,
      'lib.mjs': `export const a = 1; export let b = 2; export default 'd'; export { a as 'a-b' };`,
      'effect.mjs': `globalThis.effect = 'seen';`,
    },
    { result: ['d', 1, 2, 'd', 1, ['a', 'a-b', 'b', 'default'], true, 'seen'] },
  );

  rule(
    'bind names, not values',
    {
      'main.mjs': `
        import { n, add, late, Box, swap } from './lib.mjs';
        const seen = [n]; add(); seen.push(n); add(); seen.push(n);
        const read = () => n;
        for (let i = 0; i < 3; i++) { add(); seen.push(read()); }
        seen.push(late()); swap(); seen.push(late(), new Box(3).v, { n }.n, typeof n, \`\${n}\`, tag\`x\`);
        function tag(strings) { return strings[0] + n; }
        export { seen };
      `,
      'lib.mjs': `
        export let n = 0; export function add() { n++; }
        export let late = () => 'before'; export function swap() { late = function () { return this === undefined; }; }
        export class Box { constructor(v) { this.v = v; } }
      `,
    },
    { seen: [0, 1, 2, 3, 4, 5, 'before', true, 3, 5, 'number', '5', 'x5'] },
  );

  rule(
    'cannot assign what they import',
    {
      'main.mjs': `
        import { a } from './a.mjs'; import * as ns from './a.mjs';
        const names = [];
        for (const f of [() => { a = 2; }, () => { a++; }, () => { ns.a = 2; }, () => { ns.b = 2; }, () => { delete ns.a; }]) {
          try { f(); names.push('nothing'); } catch (error) { names.push(error.name); }
        }
        export { names, a };
      `,
      'a.mjs': 'export let a = 1;',
    },
    { names: ['TypeError', 'TypeError', 'TypeError', 'TypeError', 'TypeError'], a: 1 },
  );

  rule(
    'export again what others export',
    {
      'main.mjs': `
        export { x as y, default as z } from './a.mjs'; export * from './a.mjs'; export * as all from './b.mjs';
        import { w } from './b.mjs'; export { w as v };
        import * as self from './main.mjs';
        export const keys = Reflect.ownKeys(self).slice(0, -1);
        export const inner = Object.keys(self.all);
        export let isDead = 'no'; try { Object.keys(await import('./late.mjs')); } catch (error) { isDead = error.name; }
      `,
      'a.mjs': `export const x = 1; export default 'd'; export * from './b.mjs'; export const own = 'a';`,
      'b.mjs': `export const w = 'w'; export const own = 'b';`,
      'late.mjs': `import * as self from './late.mjs'; Object.keys(self); export const x = 1;`,
    },
    {
      isDead: 'ReferenceError',
      y: 1,
      z: 'd',
      x: 1,
      w: 'w',
      own: 'a',
      v: 'w',
      keys: ['all', 'inner', 'isDead', 'keys', 'own', 'v', 'w', 'x', 'y', 'z'],
      inner: ['own', 'w'],
    },
  );

  rule(
    'have namespaces like those of V8',
    {
      'main.mjs': `
        import * as ns from './lib.mjs';
        const seen = [];
        seen.push(Object.getPrototypeOf(ns) === null, Object.prototype.toString.call(ns), Object.isExtensible(ns));
        seen.push(Reflect.ownKeys(ns).map(String), 'b' in ns, 'x' in ns, ns.x === undefined);
        seen.push(Object.getOwnPropertyDescriptor(ns, 'b'), Object.getOwnPropertyDescriptor(ns, Symbol.toStringTag));
        seen.push(Reflect.set(ns, 'b', 3), Reflect.deleteProperty(ns, 'b'), Reflect.deleteProperty(ns, 'x'));
        seen.push(Reflect.defineProperty(ns, 'b', { value: 2 }), Reflect.defineProperty(ns, 'b', { value: 4 }));
        seen.push(Reflect.setPrototypeOf(ns, null), Reflect.setPrototypeOf(ns, {}), Object.isFrozen(ns), JSON.stringify(ns));
        seen.push({ ...ns }, Object.entries(ns));
        export { seen };
      `,
      'lib.mjs': 'export const b = 2; export const a = 1; export default 0;',
    },
    (folder) => nodeSays(join(folder, 'main.mjs')),
  );

  rule(
    'may depend on each other',
    {
      'main.mjs': `
        import { odd } from './odd.mjs'; import { even, isDead } from './even.mjs';
        export const result = [odd(7), even(7), isDead];
      `,
      'odd.mjs': `import { even } from './even.mjs'; export function odd(n) { return n === 0 ? false : even(n - 1); } export const K = 1;`,
      'even.mjs': `
        import { odd, K } from './odd.mjs'; export function even(n) { return n === 0 ? true : odd(n - 1); }
        let name = 'none'; try { K; } catch (error) { name = error.name; }
        export const isDead = [name, odd(3)];
      `,
    },
    { result: [true, false, ['ReferenceError', true]] },
  );

  rule(
    'have dead zones that functions called early meet',
    {
      'main.mjs': `export { seen } from './a.mjs';`,
      'a.mjs': `
        import { seen } from './b.mjs'; export { seen };
        const secret = 1; let other = 2; class C {} export default 5;
        export function early() { return secret; } export function later() { return other; } export const make = () => new C();
      `,
      'b.mjs': `
        import value, { early, later, make } from './a.mjs'; import * as ns from './a.mjs';
        export const seen = [() => early(), () => later(), () => make(), () => value, () => ns.default, () => ns.make].map((f) => {
          try { return f(); } catch (error) { return error.name; }
        });
      `,
    },
    {
      seen: Array(6).fill('ReferenceError'),
    },
  );

  rule(
    'name their default exports',
    {
      'main.mjs': `
        import f from './f.mjs'; import g from './g.mjs'; import c from './c.mjs'; import a from './a.mjs'; import n from './n.mjs';
        import s from './s.mjs'; import p from './p.mjs';
        export const names = [f.name, g.name, c.name, a.name, n.name, f(1), [...g(2)], new c().x, a(3), s.name, await s(), p];
        export const texts = [f, c, a].map(String);
      `,
      'f.mjs': 'export default function (x) { return x; }',
      'g.mjs': 'export default function* (x) { yield x; }',
      'c.mjs': 'export default class { x = 1 }\n[1].at(0)',
      'a.mjs': 'export default (x) => x',
      'n.mjs': 'export default function named() {}',
      's.mjs': 'export default async function () { return 4; }',
      'p.mjs': 'export default 1 + 1\n;[1].at(0)',
    },
    {
      names: ['default', 'default', 'default', 'default', 'named', 1, [2], 1, 3, 'default', 4, 2],
      texts: ['function (x) { return x; }', 'class { x = 1 }', '(x) => x'],
    },
  );

  rule(
    'await at their top level, and run in the right order',
    {
      'main.mjs': `
        import './a.mjs'; import { order } from './order.mjs'; import './b.mjs'; import './sync.mjs';
        order.push('main'); export { order };
      `,
      'order.mjs': 'export const order = [];',
      'a.mjs': `import { order } from './order.mjs'; order.push('a1'); await new Promise((r) => setTimeout(r, 20)); order.push('a2');`,
      'b.mjs': `import { order } from './order.mjs'; order.push('b1'); await null; order.push('b2');`,
      'sync.mjs': `import { order } from './order.mjs'; import './a.mjs'; order.push('sync');`,
    },
    (folder) => nodeSays(join(folder, 'main.mjs')),
  );

  rule(
    'know where they are',
    {
      'main.mjs': `
        import { meta } from './sub/x y.mjs?q=1';
        export const missing = ['./none.mjs', '../none.mjs?a#b', '/none', './sub'].map((at) => import.meta.resolve(at));
        export const bare = (() => { try { return import.meta.resolve('no-such-package'); } catch (error) { return error.code; } })();
        export const here = [import.meta.url, import.meta.filename, import.meta.dirname, import.meta.resolve('./other.mjs')];
        export { meta };
      `,
      'other.mjs': '',
      'sub/x y.mjs':
        'export const meta = [import.meta.url, import.meta.filename, import.meta.dirname, import.meta === import.meta];',
    },
    (folder) => ({
      missing: ['none.mjs', '../none.mjs?a#b', '/none', 'sub'].map(
        (at) => new URL(at, pathToFileURL(join(folder, 'main.mjs'))).href,
      ),
      bare: 'ERR_MODULE_NOT_FOUND',
      here: [
        pathToFileURL(join(folder, 'main.mjs')).href,
        join(folder, 'main.mjs'),
        folder,
        pathToFileURL(join(folder, 'other.mjs')).href,
      ],
      meta: [
        `${pathToFileURL(join(folder, 'sub/x y.mjs')).href}?q=1`,
        join(folder, 'sub/x y.mjs'),
        join(folder, 'sub'),
        true,
      ],
    }),
  );

  // In plain form modules are V8's, which see what the realm has for functions that come from CommonJS.
  rule(
    'have nothing that belongs to CommonJS',
    {
      'main.mjs': `
        const isCommonJs = typeof require !== 'undefined' || typeof module === 'object' || typeof exports !== 'undefined';
        const inside = () => [typeof require, typeof __filename, typeof __dirname].join();
        export const found = [isCommonJs, inside()];
      `,
    },
    { found: [false, 'undefined,undefined,undefined'] },
    'main.mjs',
    ['coroutine', 'storm'],
  );

  rule(
    'are there once, and once more for each query',
    {
      'main.mjs': `
        import * as a from './count.mjs'; import * as b from './x/../count.mjs'; import * as c from './count.mjs?2';
        const d = await import('./count.mjs'); const e = await import(import.meta.url.replace('main', 'count'));
        export const same = [a === b, a === c, a === d, a === e, globalThis.count];
      `,
      'count.mjs': 'globalThis.count = (globalThis.count ?? 0) + 1;',
    },
    { same: [true, false, true, true, 2] },
  );

  rule(
    'are imported dynamically, from functions and from evaluated code',
    {
      'main.mjs': `
        const load = (name) => import(name);
        const a = await load('./a.mjs');
        const b = await eval("import('./a.mjs')");
        const c = await new Function("return import('./a.mjs')")();
        const failed = await import('./none.mjs').catch((error) => error.code);
        const thrown = await import('./throws.mjs').catch((error) => error.message);
        const again = await import('./throws.mjs').catch((error) => error.message);
        const json = await import('./d.json', { with: { type: 'json' } });
        let bad; try { bad = await import({ toString() { throw new Error('no name'); } }); } catch (error) { bad = error.message; }
        export const result = [a.x, a === b, a === c, failed, thrown, again, json.default.n, bad];
      `,
      'a.mjs': 'export const x = 1;',
      'throws.mjs': `throw new Error('mine ' + (globalThis.times = (globalThis.times ?? 0) + 1));`,
      'd.json': { n: 7 },
    },
    { result: [1, true, true, 'ERR_MODULE_NOT_FOUND', 'mine 1', 'mine 1', 7, 'no name'] },
  );

  rule(
    'work where names are looked up at run time',
    {
      'main.mjs': `
        import { a, add } from './a.mjs';
        let local = 1; function f() { return local; }
        eval('local = 5'); add();
        export const result = [f(), a, await Promise.resolve(3)]; export { f };
      `,
      'a.mjs': `export let a = 1; export function add() { eval('a++'); }`,
    },
    { result: [5, 2, 3] },
  );

  rule(
    'suspend like all code',
    {
      'main.mjs': `
        import { wait } from './wait.mjs';
        const order = [];
        const done = chan();
        const other = spawn(() => { for (let i = 0; i < 3; i++) { order.push(i); sleep(1); } done.close(); });
        wait(order, done); other.join();
        export { order };
      `,
      'wait.mjs': `sleep(2); export function wait(order, done) { done.recv(); order.push('waited'); }`,
    },
    { order: [0, 1, 2, 'waited'] },
    'main.mjs',
    ['coroutine', 'storm'],
  );
});

function nodeSays(main) {
  const script = `import(${JSON.stringify(pathToFileURL(main).href)}).then((ns) => console.log(JSON.stringify(ns)))`;
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
}

describe('CommonJS modules', () => {
  rule(
    'have require, module, exports and where they are',
    {
      'main.cjs': `
        const a = require('./a'); const again = require('./a.js'); const json = require('./data'); const dir = require('./folder');
        exports.result = [a.n, a === again, json.x, dir, require.main === module, a.isMain, a.where, a.self];
        exports.here = [__filename, __dirname, module.id, module.loaded, module.children.length, a.loaded()];
        exports.resolved = [require.resolve('./a'), Object.keys(require.cache).length, require.cache[require.resolve('./a')].exports === a];
        exports.kinds = [typeof require, typeof module, this === globalThis, typeof require.resolve];
      `,
      'a.js': `
        exports.n = 1; exports.isMain = require.main === module; exports.where = [__filename, __dirname];
        exports.self = [this === module.exports, module.exports === exports, arguments.length, module.parent.id, module.filename === __filename];
        exports.loaded = () => module.loaded;
      `,
      'data.json': { x: 2 },
      'folder/index.js': `module.exports = 'index'; return; throw new Error('not reached')`,
    },
    (folder) => ({
      result: [1, true, 2, 'index', true, false, [join(folder, 'a.js'), folder], [true, true, 5, '.', true]],
      here: [join(folder, 'main.cjs'), folder, '.', false, 3, true],
      resolved: [join(folder, 'a.js'), 4, true],
      kinds: ['function', 'object', true, 'function'],
    }),
    'main.cjs',
  );

  rule(
    'see each other half done in a cycle',
    {
      'main.cjs': `const a = require('./a.cjs'); exports.seen = [a.done, a.b.sawA, a.b.done]; exports.later = a.b.later();`,
      'a.cjs': `exports.done = false; const b = require('./b.cjs'); exports.b = b; exports.done = true;`,
      'b.cjs': `const a = require('./a.cjs'); exports.sawA = a.done; exports.later = () => a.done; exports.done = true;`,
    },
    { seen: [true, false, true], later: true },
    'main.cjs',
  );

  rule(
    'that throw are not kept, and can be loaded anew',
    {
      'main.cjs': `
        const tries = [];
        for (let i = 0; i < 2; i++) try { require('./t.cjs'); } catch (error) { tries.push(error.message); }
        require('./c.cjs'); delete require.cache[require.resolve('./c.cjs')]; tries.push(require('./c.cjs'));
        exports.tries = tries;
      `,
      't.cjs': `globalThis.n = (globalThis.n ?? 0) + 1; throw new Error('no ' + n);`,
      'c.cjs': `globalThis.m = (globalThis.m ?? 0) + 1; module.exports = m;`,
    },
    { tries: ['no 1', 'no 2', 2] },
    'main.cjs',
  );

  rule(
    'are the value of a file that exports nothing, and of a script',
    {
      'main.cjs': `'use strict'; const { n } = require('./n.cjs'); n + 1;`,
      'n.cjs': '#!/usr/bin/env node\nexports.n = 1',
    },
    2,
    'main.cjs',
  );

  rule(
    'are sloppy unless they say otherwise',
    {
      'main.cjs': `exports.kinds = [require('./sloppy.cjs'), require('./strict.cjs')]`,
      'sloppy.cjs': `module.exports = (function () { return this === globalThis; })(); with ({ x: 1 }) { x; }`,
      'strict.cjs': `'use strict'; module.exports = (function () { return this === undefined; })();`,
    },
    { kinds: [true, true] },
    'main.cjs',
  );

  failing(
    "that are missing are an error like Node's",
    { 'main.cjs': `require('./dep.cjs')`, 'dep.cjs': `require('nowhere/x')` },
    (error, folder) => {
      assert.equal(error.code, 'MODULE_NOT_FOUND');
      assert.equal(error.message, `Cannot find module 'nowhere/x'\nRequire stack:\n- ${join(folder, 'dep.cjs')}`);
      assert.deepEqual(error.requireStack, [join(folder, 'dep.cjs')]);
    },
    'main.cjs',
  );

  failing(
    "of Node's that need the host say so",
    { 'main.cjs': `const fs = require('fs'); const { join } = require('path'); fs.readFileSync(join('a', 'b'))` },
    (error) => {
      assert.equal(error.code, 'ERR_MODULE_UNAVAILABLE');
      assert.match(error.message, /'fs' is not available in tasks \(fs\.readFileSync\): use it on the host.*'host'/);
    },
    'main.cjs',
  );

  failing(
    'with wrong arguments are a TypeError',
    { 'main.cjs': 'require(5)' },
    (error) => {
      assert.equal(error.code, 'ERR_INVALID_ARG_TYPE');
      assert.ok(error instanceof TypeError);
    },
    'main.cjs',
  );
});

describe('both kinds of modules together', () => {
  rule(
    'import takes CommonJS by default and by name',
    {
      'main.mjs': `
        import lib, { a, b as c, 'module.exports' as whole } from './lib.cjs'; import * as ns from './lib.cjs';
        import fn, { extra } from './fn.cjs'; import es, { x } from './es.cjs';
        export { y } from './star.mjs';
        export const result = [lib.a, a, c, lib === whole, Object.keys(ns), ns.default === lib, fn(), extra, es.default, x];
      `,
      'lib.cjs': 'exports.a = 1; exports.b = 2; exports.default = 3;',
      'fn.cjs': `module.exports = () => 'called'; module.exports.extra = 'e';`,
      'es.cjs': `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'd'; exports.x = 'x';`,
      'star.mjs': `export * from './y.cjs';`,
      'y.cjs': 'exports.y = 9;',
    },
    {
      y: 9,
      result: [1, 1, 2, true, ['a', 'b', 'default', 'module.exports'], true, 'called', 'e', 'd', 'x'],
    },
  );

  rule(
    'CommonJS runs when it is its turn',
    {
      'main.mjs': `import './first.mjs'; import order from './second.cjs'; import './third.mjs'; export const seen = [...order, ...globalThis.order];`,
      'first.mjs': `globalThis.order = ['first'];`,
      'second.cjs': `globalThis.order.push('second'); module.exports = ['exports'];`,
      'third.mjs': `globalThis.order.push('third');`,
    },
    { seen: ['exports', 'first', 'second', 'third'] },
    'main.mjs',
    // In plain form V8 has to know the names that a CommonJS module exports before anything runs.
    ['coroutine', 'storm'],
  );

  rule(
    'require takes ECMAScript modules that do not await',
    {
      'main.cjs': `
        const ns = require('./es.mjs'); const named = require('./named.mjs');
        let code; try { require('./late.mjs'); } catch (error) { code = error.code; }
        exports.result = [ns.default, ns.__esModule, ns.x, '__esModule' in named, named.y, require('./whole.mjs'), code, require('./es.mjs') === ns];
      `,
      'es.mjs': 'export default 1; export const x = 2;',
      'named.mjs': 'export const y = 3;',
      'whole.mjs': `export default 1; const all = 'all'; export { all as 'module.exports' };`,
      'late.mjs': 'await null;',
    },
    { result: [1, true, 2, false, 3, 'all', 'ERR_REQUIRE_ASYNC_MODULE', true] },
    'main.cjs',
  );

  rule(
    'JSON needs its attribute',
    {
      'main.mjs': `
        import data from './d.json' with { type: 'json' };
        const codes = [];
        for (const load of [() => import('./d.json'), () => import('./main.mjs', { with: { type: 'json' } })])
          await load().catch((error) => codes.push(error.code));
        export const result = [data.n, ...codes];
      `,
      'd.json': { n: 1 },
    },
    { result: [1, 'ERR_IMPORT_ATTRIBUTE_MISSING', 'ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE'] },
  );

  failing(
    'a name that a module does not export is a SyntaxError',
    { 'main.mjs': `import { nothing } from './a.mjs';`, 'a.mjs': 'export const a = 1;' },
    (error) => {
      assert.ok(error instanceof SyntaxError, error.stack);
      assert.match(error.message, /The requested module '\.\/a\.mjs' does not provide an export named 'nothing'/);
    },
  );

  failing(
    'so is one that a CommonJS module does not have',
    { 'main.mjs': `import { nothing } from './a.cjs'; nothing;`, 'a.cjs': 'exports.a = 1;' },
    (error) => {
      assert.ok(error instanceof SyntaxError, error.stack);
      assert.match(error.message, /'nothing'/);
    },
  );

  failing(
    'and one for which stars conflict',
    {
      'main.mjs': `import { x } from './s.mjs'; x;`,
      's.mjs': `export * from './a.mjs'; export * from './b.mjs';`,
      'a.mjs': 'export const x = 1;',
      'b.mjs': 'export const x = 2;',
    },
    (error) => {
      assert.ok(error instanceof SyntaxError, error.stack);
      assert.match(error.message, /conflicting star exports for name 'x'/);
    },
  );
});

describe('what a file is', () => {
  rule(
    'is said by its package, else by its syntax',
    {
      'main.mjs': `
        import a from './esm/a.js'; import b from './cjs/b.js'; import c from './none/c.js'; import { d } from './none/d.js';
        export const kinds = [a, b, c, d];
      `,
      'esm/package.json': { type: 'module' },
      'esm/a.js': 'export default typeof module',
      'cjs/package.json': { type: 'commonjs' },
      'cjs/b.js': 'module.exports = typeof module',
      'none/package.json': { name: 'x' },
      'none/c.js': 'module.exports = typeof module',
      'none/d.js': 'export const d = typeof module',
    },
    { kinds: ['undefined', 'object', 'object', 'undefined'] },
  );

  rule(
    'holds for the file that is run',
    { 'package.json': { type: 'module' }, 'main.js': 'export const t = [typeof module, this === undefined];' },
    { t: ['undefined', true] },
    'main.js',
  );

  rule(
    'can be TypeScript and JSX',
    {
      'main.ts': `
        import { add, type Num } from './add.ts'; import { E } from './e.mts'; import view from './view.tsx'; import old from './old.cts';
        const n: Num = add(1, 2); export const result: unknown[] = [n, E.B, view, old.n];
      `,
      'add.ts': 'export type Num = number; export function add(a: Num, b: Num): Num { return a + b; }',
      'e.mts': 'export enum E { A, B = 5 }',
      'old.cts': 'const n: number = 4; exports.n = n;',
      'view.tsx': `const React = { createElement: (tag: string, props: any, ...rest: any[]) => [tag, ...rest] }; export default <div>x</div>;`,
    },
    { result: [3, 5, ['div', 'x'], 4] },
    'main.ts',
  );
});

describe('packages', () => {
  const files = {
    'node_modules/old/package.json': { main: './lib/start' },
    'node_modules/old/lib/start.js': `module.exports = 'old'`,
    'node_modules/old/sub/x.js': `exports.x = 'sub'`,
    'node_modules/dual/package.json': {
      exports: {
        '.': { import: './i.mjs', require: './r.cjs' },
        './feature/*': './f/*.js',
        './closed': null,
        './cond': { browser: './no.js', node: { default: './f/node.js' } },
        './package.json': './package.json',
      },
    },
    'node_modules/dual/i.mjs': `export default 'import'`,
    'node_modules/dual/r.cjs': `module.exports = 'require'`,
    'node_modules/dual/f/a.js': `module.exports = 'feature a'`,
    'node_modules/dual/f/node.js': `module.exports = 'node'`,
    'node_modules/@scope/name/package.json': { name: '@scope/name', type: 'module', exports: './index.js' },
    'node_modules/@scope/name/index.js': `export { default } from '#inner'; export * as self from '@scope/name/package.json' with { type: 'json' };`,
  };

  rule(
    'are found as Node finds them',
    {
      ...files,
      'node_modules/@scope/name/package.json': {
        name: '@scope/name',
        type: 'module',
        exports: { '.': './index.js' },
        imports: { '#inner': { default: './inner.js' } },
      },
      'node_modules/@scope/name/index.js': `export { default } from '#inner'; export { where } from './where.js';`,
      'node_modules/@scope/name/inner.js': `export default 'inner'`,
      'node_modules/@scope/name/where.js': 'export const where = import.meta.filename.slice(-8);',
      'node_modules/old/node_modules/nested/index.js': `module.exports = 'nested'`,
      'package.json': { name: 'me', exports: { './self': './self.cjs' }, imports: { '#here': './self.cjs' } },
      'self.cjs': `module.exports = 'self'`,
      'main.mjs': `
        import { createRequire } from 'node:module';
        import old from 'old'; import dual from 'dual'; import feature from 'dual/feature/a'; import cond from 'dual/cond';
        import scoped, { where } from '@scope/name'; import sub from 'old/sub/x.js'; import self from 'me/self'; import here from '#here';
        const require = createRequire(import.meta.url);
        export const result = [old, dual, feature, cond, scoped, where, sub.x, self, here, require('dual'), require('old/sub/x').x];
        export const codes = [];
        for (const name of ['dual/closed', 'dual/none', 'dual/feature/zz', 'old/sub/x', 'old/sub', 'nested', '#none', './folder', './main', 'http://x/y', 'node:nope']) {
          await import(name).then(() => codes.push('found'), (error) => codes.push(error.code));
        }
        export const required = [];
        for (const name of ['dual/closed', 'old/sub', 'nested', '#none', './main', 'node:nope']) {
          try { require(name); required.push('found'); } catch (error) { required.push(error.code); }
        }
      `,
      'folder/index.js': '',
    },
    (folder) => nodeSays(join(folder, 'main.mjs')),
  );

  for (const form of FORMS) {
    it(`that are links are where they really are (${form})`, async () => {
      const folder = project({
        'real/package.json': { name: 'linked', main: 'index.js' },
        'real/index.js': `module.exports = [__filename, require('friend')]`,
        'real/node_modules/friend/index.js': `module.exports = 'friend'`,
        'app/main.mjs': `import found from 'linked'; export { found };`,
      });
      mkdirSync(join(folder, 'app/node_modules'));
      symlinkSync(join(folder, 'real'), join(folder, 'app/node_modules/linked'));
      const { found } = await runFile(join(folder, 'app/main.mjs'), { form });
      assert.deepEqual(found, [join(folder, 'real/index.js'), 'friend']);
    });
  }

  failing("that are missing are an error like Node's", { 'main.mjs': `import 'nowhere/x';` }, (error, folder) => {
    assert.equal(error.code, 'ERR_MODULE_NOT_FOUND');
    assert.equal(error.message, `Cannot find package 'nowhere' imported from ${join(folder, 'main.mjs')}`);
  });

  failing('that have no such path say so', { ...files, 'main.mjs': `import 'dual/none';` }, (error, folder) => {
    assert.equal(error.code, 'ERR_PACKAGE_PATH_NOT_EXPORTED');
    const place = `${join(folder, 'node_modules/dual/package.json')} imported from ${join(folder, 'main.mjs')}`;
    assert.equal(error.message, `Package subpath './none' is not defined by "exports" in ${place}`);
  });
});

describe('files that are no modules', () => {
  failing('a missing file', { 'main.mjs': `import './none.mjs';` }, (error, folder) => {
    assert.equal(error.code, 'ERR_MODULE_NOT_FOUND');
    assert.equal(
      error.message,
      `Cannot find module '${join(folder, 'none.mjs')}' imported from ${join(folder, 'main.mjs')}`,
    );
  });

  failing('a folder', { 'main.mjs': `import './lib';`, 'lib/index.js': '' }, (error, folder) => {
    assert.equal(error.code, 'ERR_UNSUPPORTED_DIR_IMPORT');
    assert.match(error.message, /^Directory import '/);
    assert.ok(error.message.includes(join(folder, 'lib')));
  });

  failing(
    'bytes that are no UTF-8',
    { 'main.mjs': `import './bad.mjs';`, 'bad.mjs': Buffer.from([0x31, 0x3b, 0xff, 0xfe]) },
    (error) => {
      assert.equal(error.code, 'ERR_INVALID_MODULE_ENCODING');
      assert.match(error.message, /bad\.mjs is not UTF-8 \(at byte 2\): save it as UTF-8/);
    },
  );

  failing(
    'a native addon',
    { 'main.cjs': `require('./x.node');`, 'x.node': 'x' },
    (error) => {
      assert.match(error.message, /x\.node is a native addon, which cannot be loaded into a task: use it on the host/);
    },
    'main.cjs',
  );

  failing(
    'broken JSON',
    { 'main.cjs': `require('./x.json');`, 'x.json': '{ "a": }' },
    (error, folder) => {
      assert.ok(error instanceof SyntaxError);
      assert.ok(error.message.startsWith(`${join(folder, 'x.json')}: `), error.message);
    },
    'main.cjs',
  );

  for (const [kind, name, main] of [
    ['an ECMAScript module', 'bad.mjs', `import './bad.mjs';`],
    ['a CommonJS module', 'bad.cjs', `import './bad.cjs';`],
    ['TypeScript', 'bad.ts', `import './bad.ts';`],
  ]) {
    failing(
      `a syntax error in ${kind}`,
      { 'main.mjs': main, [name]: 'let fine = 1;\nlet wrong = = 2;\nexport {};' },
      (error) => {
        assert.ok(error instanceof SyntaxError, error.stack);
        const text = `${error.message}\n${error.stack}`;
        assert.ok(text.includes(`${name}:2:13`), text);
      },
    );
  }
});

describe('stacks', () => {
  for (const form of ['coroutine', 'storm', 'plain']) {
    it(`show places in the modules' own files (${form})`, async () => {
      const folder = project({
        'main.mjs': `import { a } from './a.mjs';\na();`,
        'a.mjs': `import b from './b.cjs';\nexport function a() {\n  return [b.fail()];\n}`,
        'b.cjs': `exports.fail = function fail() {\n  throw new Error('deep');\n};`,
      });
      const { stack } = await failure(runFile(join(folder, 'main.mjs'), { form }));
      const lines = stack.split('\n');
      assert.match(lines[1], /fail .*b\.cjs:2:9\)/);
      assert.match(lines[2], /a .*a\.mjs:3:13\)/);
      assert.match(lines[3], /main\.mjs:2:1/);
      assert.doesNotMatch(stack, /hertzscript:/);
    });
  }

  for (const form of ['coroutine', 'storm']) {
    it(`show places in TypeScript (${form})`, async () => {
      const folder = project({
        'main.mjs': `import { a } from './a.ts';\na();`,
        'a.ts': `interface A {\n  x: number;\n}\n\nexport function a(): A {\n  throw new Error('typed');\n}`,
      });
      const { stack } = await failure(runFile(join(folder, 'main.mjs'), { form }));
      assert.match(stack.split('\n')[1], /a\.ts:6:9\)/);
    });
  }
});

describe('tasks', () => {
  const folder = project({
    'node_modules/count/index.js': `globalThis.loads = (globalThis.loads ?? 0) + 1; sleep(5); exports.loads = () => globalThis.loads;`,
    'node_modules/es/package.json': { type: 'module', exports: './index.js' },
    'node_modules/es/index.js': `sleep(5); export const value = 'es'; globalThis.esLoads = (globalThis.esLoads ?? 0) + 1;`,
    'a.cjs': `exports.b = require('./b.cjs'); exports.name = 'a'; sleep(3);`,
    'b.cjs': `sleep(3); const a = require('./a.cjs'); exports.sees = a.name;`,
  });

  it('require and import from the file of the function', async () => {
    const task = spawn(() => [require.resolve('../package.json'), typeof require('../package.json').name]);
    assert.deepEqual(await task, [join(dirname(__dirname), 'package.json'), 'string']);
    const imported = spawn(async () => (await import('../package.json', { with: { type: 'json' } })).default.name);
    assert.equal(await imported, '@hertzscript/isolate');
  });

  for (const form of ['plain', 'coroutine', 'storm']) {
    it(`have this library by its name and by its path (${form})`, async () => {
      const library = join(__dirname, '..', 'lib');
      const names = await spawn.with({ form })((path) => {
        const L = require('@hertzscript/isolate');
        const same = require(path) === L && require(`${path}/index.js`) === L;
        return [same, typeof L.transfer, typeof L.Isolate, L.CaptureError.name];
      }, library);
      assert.deepEqual(names, [true, 'function', 'function', 'CaptureError']);
      const module = `import L, { transfer, stats, DataCloneError } from '@hertzscript/isolate';
        import * as all from '${library}/index.mjs';
        export const seen = [L.transfer === transfer, all.transfer === transfer, typeof DataCloneError];
        export let message;
        try { stats(); } catch (error) { ({ message } = error); }`;
      assert.deepEqual(await run(module, { form, type: 'module' }), {
        seen: [true, true, 'function'],
        message: 'stats of @hertzscript/isolate is for the host: tasks cannot use it',
      });
    });
  }

  it('have its operations, which block, when they import them', async () => {
    const source = `import { chan, spawn, sleep, Mutex, select } from '@hertzscript/isolate';
      const c = chan();
      const task = spawn(() => { sleep(1); c.send(new Mutex() instanceof Mutex); return select([null], { default: 3 }).value; });
      export const got = [c.recv(), task.join()];`;
    assert.deepEqual(await run(source, { type: 'module' }), { got: [true, 3] });
  });

  it('find modules by absolute paths, and relative to where a script says that it is', async () => {
    const path = join(folder, 'node_modules/es/index.js');
    assert.equal(await spawn(async (file) => (await import(file)).value, path), 'es');
    const options = { filename: join(folder, 'script.js') };
    assert.equal(await run(`require('es').value`, options), 'es');
    assert.equal(await run(`import('es').then(({ value }) => value)`, options), 'es');
    assert.deepEqual(await run(`import { value } from 'es'; export { value };`, options), { value: 'es' });
    assert.deepEqual(await run('[typeof require, typeof module, __filename]', options), [
      'function',
      'object',
      options.filename,
    ]);
  });

  for (const form of ['coroutine', 'storm']) {
    it(`share one instance, also when several want it at once (${form})`, async () => {
      const isolate = new Isolate();
      const tasks = Array.from({ length: 6 }, () =>
        isolate.spawn.with({ form })((file) => require(file).loads(), join(folder, 'node_modules/count')),
      );
      assert.deepEqual(await Promise.all(tasks), [1, 1, 1, 1, 1, 1]);
      const imports = Array.from({ length: 6 }, () =>
        isolate.spawn.with({ form })(
          async (file) => {
            const { value } = await import(file);
            return [value, globalThis.esLoads];
          },
          join(folder, 'node_modules/es/index.js'),
        ),
      );
      assert.deepEqual(await Promise.all(imports), Array(6).fill(['es', 1]));
      await isolate.dispose();
      // The first module of an isolate takes longest to begin.
      for (let i = 0; i < 10; i++) {
        const fresh = new Isolate();
        const loads = Array.from({ length: 6 }, () =>
          fresh.spawn.with({ form })((file) => require(file).loads(), join(folder, 'node_modules/count')),
        );
        assert.deepEqual(await Promise.all(loads), [1, 1, 1, 1, 1, 1]);
        await fresh.dispose();
      }
    });

    it(`do not wait for each other in a circle (${form})`, async () => {
      const isolate = new Isolate();
      const [a, b] = await Promise.all([
        isolate.spawn.with({ form })((file) => require(file).name, join(folder, 'a.cjs')),
        isolate.spawn.with({ form })((file) => typeof require(file), join(folder, 'b.cjs')),
      ]);
      assert.deepEqual([a, b], ['a', 'object']);
      await isolate.dispose();
    });
  }

  it('get the file anew when it has changed', async () => {
    const path = join(folder, 'changing.cjs');
    writeFileSync(path, 'module.exports = 1');
    assert.equal(await run(`require(${JSON.stringify(path)})`), 1);
    writeFileSync(path, 'module.exports = "two"');
    assert.equal(await run(`require(${JSON.stringify(path)})`), 'two');
    assert.match((await failure(run(`require('./late.cjs')`, { filename: path }))).message, /Cannot find module/);
    writeFileSync(join(folder, 'late.cjs'), 'module.exports = "late"');
    assert.equal(await run(`require('./late.cjs')`, { filename: path }), 'late');
  });
});

describe("Node's own pure modules", () => {
  const programs = {
    diagnostics_channel: `const d = require('diagnostics_channel'); const seen = []; const c = d.channel('a'); const f = (m, n) => seen.push([m, n]); seen.push(c.hasSubscribers); d.subscribe('a', f); c.publish(1); seen.push(d.hasSubscribers('a'), d.unsubscribe('a', f), d.unsubscribe('a', f)); c.publish(2); const t = d.tracingChannel('t'); const log = (k) => (m) => seen.push([k, m.x, m.result, m.error?.message]); t.subscribe({ start: log('start'), end: log('end'), asyncStart: log('asyncStart'), asyncEnd: log('asyncEnd'), error: log('error') }); seen.push(t.traceSync((a) => a * 2, { x: 1 }, undefined, 4)); try { t.traceSync(() => { throw new Error('no') }, { x: 2 }) } catch (e) { seen.push(e.message) } const p = t.tracePromise(async (a) => a + 1, { x: 3 }, undefined, 5); t.traceCallback((a, done) => done(null, a), -1, { x: 4 }, undefined, 6, (e, r) => seen.push(['called', r])); p.then((v) => [v, seen, c.name, c === d.channel('a')])`,
    events: `const E = require('events'); const e = new E(); const seen = []; e.on('x', (v) => seen.push(v)); e.once('x', (v) => seen.push(-v)); e.emit('x', 1); e.emit('x', 2); [seen, E.EventEmitter === E, e.listenerCount('x')]`,
    util: `const util = require('node:util'); [util.format('%s %d %j', 'a', 1, { b: 2 }), util.inspect({ a: [1, new Map([[1, 2]])] }), util.types.isDate(new Date()), util.isDeepStrictEqual({ a: [1] }, { a: [1] }), typeof util.promisify((cb) => cb(null, 1))]`,
    utilFunctions: `const util = require('util'); const seen = []; function A() {} function B() {} util.inherits(A, B); seen.push(A.super_ === B, new A() instanceof B, Object.keys(A)); for (const bad of [() => util.inherits(1, B), () => util.inherits(null, B), () => util.inherits(A, undefined), () => util.inherits(A, {}), () => util.promisify(1), () => util.callbackify('x'), () => util.callbackify(async () => 1)()]) try { bad(); } catch (e) { seen.push(e.name, e.code, e.message); } const custom = () => {}; custom[util.promisify.custom] = () => Promise.resolve('custom'); const back = util.callbackify(async function named(v) { if (v === undefined) throw null; return v + 1; }); seen.push(back.name, back.length, util.promisify(custom) === custom[util.promisify.custom], util.debuglog('x').enabled, Object.keys(util).includes('inspect'), typeof util.TextEncoder); const old = util.deprecate(function (v) { return [this.w, v]; }, 'old', 'X1'); class C { constructor(v) { this.v = v; } } const D = util.deprecate(C, 'old', 'X1'); seen.push(new D(5).v, new D(5) instanceof C); Promise.all([util.promisify(custom)(), util.promisify((a, f) => f(null, a * 2))(21), util.promisify((f) => f(new Error('no')))().catch((e) => e.message), new Promise((r) => back(1, (e, v) => r([e, v]))), new Promise((r) => back(undefined, (e) => r([e.code, e.reason])))]).then((v) => [seen, v, old.call({ w: 3 }, 4)])`,
    types: `const { types } = require('node:util'); const names = 'AnyArrayBuffer ArgumentsObject ArrayBuffer ArrayBufferView AsyncFunction BigInt64Array BigIntObject BigUint64Array BooleanObject BoxedPrimitive DataView Date External Float32Array Float64Array GeneratorFunction GeneratorObject Int16Array Int32Array Int8Array Map MapIterator ModuleNamespaceObject NativeError NumberObject Promise RegExp Set SetIterator SharedArrayBuffer StringObject SymbolObject TypedArray Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet'.split(' ').map((name) => 'is' + name); const A = [Uint8Array, Uint8ClampedArray, Int16Array, Float32Array, Float64Array, BigInt64Array].map((T) => new T(1)); const samples = [new Date(), /a/, new Map(), new Set(), new WeakMap(), new WeakSet(), new Map().entries(), new Set().values(), new ArrayBuffer(1), new SharedArrayBuffer(1), new DataView(new ArrayBuffer(1)), ...A, Promise.resolve(), (function* () {})(), function* () {}, async () => {}, async function* () {}, () => {}, new RangeError('a'), Object(1), Object('a'), Object(true), Object(1n), Object(Symbol('a')), (function () { return arguments; })(), {}, [], null, undefined, 1, 'a', 1n, Symbol('b'), { then() {}, catch() {} }, Object.create(Date.prototype), RegExp.prototype, Map.prototype, { [Symbol.toStringTag]: 'Map' }, { [Symbol.toStringTag]: 'Uint8Array' }, Object.create(null), class {}]; [samples.map((sample) => names.filter((name) => types[name](sample))), require('util/types') === types]`,
    path: `const path = require('path'); [path.join('/a', '../b', 'c.js'), path.basename('/x/y.js', '.js'), path.relative('/a/b', '/a/c/d'), path.parse('/x/y.tar.gz'), path.isAbsolute('x'), path.resolve('/a', 'b'), path.sep, path.posix === path]`,
    buffer: `const { Buffer: B } = require('buffer'); [Buffer.from('héllo').toString('hex'), Buffer.from('aGk=', 'base64').toString(), Buffer.concat([Buffer.alloc(2, 1), B.from([255])]).readUInt16BE(1), Buffer.isBuffer(B.from('')), Buffer.byteLength('€'), btoa('hi'), atob('aGk=')]`,
    url: `const u = new URL('../x?a=1&b=2#h', 'https://me:pw@example.com:8080/p/q'); u.searchParams.append('c', 'ü'); [u.href, u.host, u.pathname, [...u.searchParams.keys()], new URLSearchParams({ z: '1 2' }).toString(), require('url').fileURLToPath('file:///a%20b'), require('url').pathToFileURL('/a b').href, require('url').parse('http://a/b?c=d').query]`,
    querystring: `const q = require('querystring'); [q.parse('a=1&b=2&a=3').a, q.stringify({ x: [1, 2], y: 'z w' }), q.escape('&')]`,
    assert: `const assert = require('assert'); const names = []; for (const f of [() => assert(0), () => assert.deepStrictEqual({ a: 1 }, { a: 2 }), () => assert.throws(() => {}), () => assert.equal(1, 1)]) try { f(); names.push('fine'); } catch (e) { names.push(e.code); } names`,
    string_decoder: `const { StringDecoder } = require('string_decoder'); const d = new StringDecoder('utf8'); [d.write(Buffer.from([0xe2, 0x82])), d.write(Buffer.from([0xac])), d.end()]`,
    stream: `const { Readable, Transform, pipeline } = require('stream'); new Promise((resolve, reject) => { const seen = []; pipeline(Readable.from(['a', 'b', 'c']), new Transform({ objectMode: true, transform(c, _, done) { done(null, String(c).toUpperCase()); } }), async function* (source) { for await (const c of source) seen.push(String(c)); }, (error) => (error ? reject(error) : resolve(seen))); })`,
    punycode: `const p = require('punycode/'); [p.encode('mañana'), p.toASCII('mañana.com')]`,
    process: `const order = []; process.nextTick((v) => order.push(v), 'tick'); [typeof process.env.PATH, process.platform, process.cwd(), process.version, Array.isArray(process.hrtime()), typeof process.hrtime.bigint(), process === require('process')]`,
    text: `[[...new TextEncoder().encode('€')], new TextDecoder().decode(new Uint8Array([0xe2, 0x82, 0xac, 0xff])), new TextDecoder('utf-16le').decode(new Uint8Array([65, 0])), new TextEncoder().encodeInto('ab', new Uint8Array(1)).written]`,
    timers: `const { setTimeout: later } = require('timers/promises'); later(1, 'v').then((v) => [v, typeof require('os').EOL, require('tty').isatty(1)])`,
    reasons: `const c = new AbortController(); const seen = []; c.signal.onabort = (e) => seen.push(e.type, c.signal.reason.message); const any = AbortSignal.any([new AbortController().signal, c.signal]); any.addEventListener('abort', () => seen.push('any'), { once: true }); c.abort(new Error('why')); c.abort(new Error('again')); const d = new AbortController(); d.abort(); try { d.signal.throwIfAborted(); } catch (e) { seen.push(e.name); } try { new AbortSignal(); } catch (e) { seen.push(e.name); } const t = AbortSignal.timeout(1); setTimeout(() => {}, 100); new Promise((r) => t.addEventListener('abort', r)).then(() => [seen, any.reason.message, AbortSignal.abort(5).reason, AbortSignal.any([AbortSignal.abort(6)]).reason, t.reason.name, String(t), String(c)])`,
    targets: `const seen = []; const target = new EventTarget(); target.addEventListener('x', (e) => { seen.push(e instanceof Event, e.target === target, e.cancelable); e.preventDefault(); }); class Own extends Event { constructor(detail) { super('own'); this.detail = detail; } } target.addEventListener('own', (e) => seen.push(e.detail, e instanceof Own), { once: true }); const event = new Event('x', { cancelable: true }); const went = target.dispatchEvent(event); target.dispatchEvent(new Own(7)); target.dispatchEvent(new Own(8)); const c = new AbortController(); c.signal.addEventListener('abort', (e) => seen.push(e instanceof Event, e.target === c.signal, c.signal instanceof EventTarget)); c.abort(); [seen, went, event.defaultPrevented, event.type, new Event('y').bubbles]`,
    abort: `const c = new AbortController(); const seen = []; c.signal.addEventListener('abort', () => seen.push('aborted')); c.abort(); [seen, c.signal.aborted]`,
  };
  for (const [name, program] of Object.entries(programs)) {
    for (const form of FORMS) {
      it(`${name} does what Node's does (${form})`, async () => {
        const script = `Promise.resolve(eval(${JSON.stringify(program)})).then((v) => console.log(JSON.stringify(v)))`;
        const options = { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '--no-deprecation' } };
        const expected = JSON.parse(execFileSync(process.execPath, ['-e', script], options));
        assert.deepEqual(JSON.parse(JSON.stringify(await run(program, { form }))), expected);
      });
    }
  }

  it('are made when they are touched', async () => {
    const source = `const kind = (name) => typeof Object.getOwnPropertyDescriptor(globalThis, name).get; const before = kind('Buffer'); void Buffer; [before, kind('Buffer'), global === globalThis]`;
    assert.deepEqual(await run(source), ['function', 'undefined', true]);
  });
});

describe('large files that a module asks for', () => {
  // What V8 has read of them ahead is used here: all but the first are there before anybody asks for them.
  const FILES = 6;
  const LENGTH = 1500;

  function large(index) {
    const lines = ["'use strict';", '(function (global, factory) { factory(exports); })(this, (function (exports) {'];
    for (let i = 0; i < LENGTH; i++) {
      const next = (i + 1) % LENGTH;
      lines.push(
        `function f${i}(n, g) { if (n === 0) return g(${index}, ${i}); const r = f${next}(n - 1, g); return r; }`,
      );
    }
    lines.push('exports.start = f0; exports.fail = function fail() { throw new Error("here"); };', '}));');
    return lines.join('\n');
  }

  for (const form of FORMS) {
    it(`do what they say, at the places where it stands (${form})`, async () => {
      const files = { 'package.json': { type: 'commonjs' } };
      for (let i = 0; i < FILES; i++) files[`large${i}.js`] = large(i);
      const requests = Array.from({ length: FILES }, (_, i) => `require('./large${i}.js')`);
      files['main.js'] = `exports.parts = [${requests.join(', ')}];`;
      const folder = project(files);
      const work = async (file) => {
        const seen = [];
        for (const part of require(file).parts) {
          seen.push(part.start(700, (index, i) => sleep(0) ?? [index, i]));
          try {
            part.fail();
          } catch (error) {
            seen.push(error.stack.split('\n')[1]);
          }
        }
        return seen;
      };
      const text = form === 'plain' ? `(${String(work).replace('sleep(0) ?? ', '')})` : `(${work})`;
      const program = `${text}(${JSON.stringify(join(folder, 'main.js'))})`;
      // A second isolate finds what the first one has left.
      for (const isolate of [new Isolate(), new Isolate()]) {
        const seen = await isolate.run(program, { form });
        for (let i = 0; i < FILES; i++) {
          assert.deepEqual(seen[2 * i], [i, 700]);
          assert.match(seen[2 * i + 1], new RegExp(`fail \\(.*large${i}\\.js:${LENGTH + 3}:\\d+\\)`));
        }
        await isolate.dispose();
      }
    });
  }
});
