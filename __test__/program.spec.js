'use strict';

const assert = require('node:assert/strict');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { describe, it, after } = require('node:test');
const { pathToFileURL } = require('node:url');
const { Isolate, run, runFile, shutdown, spawn } = require('../lib/index.js');

const folder = mkdtempSync(join(tmpdir(), 'hertzscript-'));
after(() => {
  rmSync(folder, { recursive: true });
  return shutdown();
});

function file(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const failure = (task) => task.then(assert.fail, (error) => error);

describe('run', () => {
  it('settles with the string of a script that has only directives', async () => {
    for (const form of ['plain', 'coroutine', 'storm']) {
      assert.equal(await run('"use strict"; "alive"', { form }), 'alive', form);
      assert.equal(await run('"use strict"; 1', { form }), 1, form);
    }
  });

  it('settles with the completion value of a script, awaited', async () => {
    assert.equal(await run('1 + 1'), 2);
    assert.equal(await run('let x = 3; if (x > 2) { x * 2 } else { 0 }'), 6);
    assert.equal(await run('Promise.resolve("later")'), 'later');
    assert.equal(await run('var undefinedHere'), undefined);
  });

  it('gives a script what the files of CommonJS have, also where it declares that itself', async () => {
    for (const form of ['plain', 'coroutine', 'storm']) {
      const types = 'typeof module + typeof exports + typeof require + typeof __filename';
      assert.equal(
        await run(`var module, exports, require, __filename; ${types}`, { form }),
        'objectobjectfunctionstring',
      );
      const old = 'var exports = exports || {}; exports.x = 1; var module = module || {}; module.exports.x';
      assert.equal(await run(old, { form }), 1, form);
    }
  });

  it('lets a script have variables that are called like globals which the modules of Node use', async () => {
    for (const form of ['coroutine', 'storm']) {
      const source = `const { performance } = require('perf_hooks');
        const { setTimeout, setImmediate } = require('timers');
        const console = require('console');
        const { nextTick } = require('process');
        let queueMicrotask = null;
        nextTick(() => { queueMicrotask = 'still'; });
        [performance.mark('a').name, typeof setTimeout, typeof setImmediate, typeof console.log, queueMicrotask].join()`;
      assert.equal(await run(source, { form }), 'a,function,function,function,', form);
    }
  });

  it('settles with the exports of a module, less what cannot be copied', async () => {
    const exports = await run(`
      export const a = 1;
      export let list = [a, { b: 2 }];
      export function f() {}
      export const socket = { handler() {} };
      export default await Promise.resolve('main');
    `);
    assert.deepEqual(exports, { a: 1, list: [1, { b: 2 }], default: 'main' });
  });

  it('gives every program a realm of its own', async () => {
    await run('globalThis.leak = 1; Array.prototype.extra = 1;');
    assert.equal(await run('typeof leak + typeof [].extra'), 'undefinedundefined');
    assert.deepEqual(await Promise.all([run('var mine = 1; mine'), run('typeof mine')]), [1, 'undefined']);
  });

  it('finds out what a program is, unless it is told', async () => {
    assert.equal(await run('this === globalThis'), true);
    assert.deepEqual(await run('export const t = this', { type: 'module' }), { t: undefined });
    assert.deepEqual(await run('1', { type: 'module' }), {});
    assert.ok((await failure(run('export const x = 1', { type: 'script' }))) instanceof SyntaxError);
    assert.equal(await run('export {}; 1', { filename: 'x.cjs' }).catch((e) => e.name), 'SyntaxError');
  });

  it('compiles TypeScript and JSX by the ending of the name', async () => {
    assert.equal(await run('enum E { A = 40 } const n: number = E.A; n + 2', { filename: 'a.ts' }), 42);
    assert.deepEqual(await run('export const x: number = 1; export type T = string;', { filename: 'b.mts' }), { x: 1 });
    const jsx = '/** @jsxRuntime classic */ const React = { createElement: (...all) => all }; <b id="x">hi</b>';
    assert.deepEqual(await run(jsx, { filename: 'c.jsx' }), ['b', { id: 'x' }, 'hi']);
  });

  it('makes JSX calls of React.createElement or of what @jsx names, and knows the decorators of TypeScript', async () => {
    const react = 'const React = { createElement: (...all) => all };';
    assert.deepEqual(await run(`${react} <b id="x">hi</b>`, { filename: 'a.jsx' }), ['b', { id: 'x' }, 'hi']);
    const pragma = '/** @jsx h */ function h(...all: any[]) { return all; } <b>{1}</b>';
    assert.deepEqual(await run(pragma, { filename: 'a.tsx' }), ['b', null, 1]);
    const without = await failure(run('<b/>', { filename: 'a.jsx' }));
    assert.equal(without.name, 'ReferenceError');
    assert.match(without.message, /React is not defined/);
    const decorated = `
      const seen: string[] = [];
      const mark = (target: any, key?: string, at?: any) => { seen.push(key ?? target.name); return at?.value ? at : undefined; };
      const place = (target: any, key: string, index: number) => { seen.push(key + index); };
      @mark class A { @mark field = 1; @mark method(@place x: number) { return x; } }
      [seen, new A().field, new A().method(2)]`;
    assert.deepEqual(await run(decorated, { filename: 'a.ts' }), [['field', 'method0', 'method', 'A'], 1, 2]);
    const place = await failure(
      run('const d: any = () => {};\n@d class A {}\nfunction f(): void { null!.x; }\nf();', { filename: 'b.ts' }),
    );
    assert.match(place.stack, /at f \(b\.ts:3:\d+\)/);
    const accessor = await failure(run('class A {\n  accessor x = 1;\n}', { filename: 'c.ts' }));
    assert.equal(accessor.name, 'SyntaxError');
    assert.match(accessor.message, /write a getter and a setter \(c\.ts:2:3\)/);
  });

  it('errors point into the source, also through TypeScript', async () => {
    const js = await failure(run('\n\n  null.x', { filename: 'plain.js' }));
    assert.ok(js instanceof TypeError);
    assert.match(js.stack, /plain\.js:3:8/);
    assert.ok(js.stack.includes('at run in'), js.stack);
    assert.ok(js.stack.includes(__filename), js.stack);
    const ts = await failure(
      run('interface A { a: number }\n\ntype B = string;\nfunction f(v: any): void {\n  v.x.y;\n}\nf({});', {
        filename: 'typed.ts',
      }),
    );
    assert.match(ts.stack, /at f \(typed\.ts:5:\d+\)/);
    const syntax = await failure(run('let a: number = 1;\nlet b: = 2;', { filename: 'wrong.ts' }));
    assert.ok(syntax instanceof SyntaxError);
    assert.match(syntax.message, /wrong\.ts:2:8/);
    const reference = await failure(run('nowhere', { filename: 'missing.js' }));
    assert.match(reference.stack, /nowhere is not defined[\s\S]*missing\.js:1:1/);
  });

  it('takes any text: halves of surrogate pairs, a byte order mark before a hashbang', async () => {
    const text = '"a\ud800b\udfff" + `\ue100\udc00`';
    const forms = [{}, { form: 'coroutine' }, { filename: 'a.ts' }, { filename: 'a.ts', form: 'coroutine' }];
    for (const options of forms) assert.equal(await run(text, options), 'a\ud800b\udfff\ue100\udc00');
    assert.deepEqual(await run(`export const a = ${text}`), { a: 'a\ud800b\udfff\ue100\udc00' });
    assert.equal(await run('(function () { return "\ud800"; }).toString().length', { form: 'coroutine' }), 27);
    // biome-ignore lint/security/noGlobalEval: the source is to have half a pair in it
    const half = eval('() => "\ud800"');
    assert.equal(await spawn(half), '\ud800');
    assert.equal(await spawn.with({ form: 'coroutine' })(half), '\ud800');
    assert.equal(await run('\ufeff#!/usr/bin/env node\n1 + 1'), 2);
    assert.deepEqual(await run('\ufeff#!/usr/bin/env node\nexport const a = 1'), { a: 1 });
    assert.equal(await run('\ufeff#!/usr/bin/env node\nconst a: number = 1; a', { filename: 'a.ts' }), 1);
    assert.equal(await runFile(file('marked.js', '\ufeff#!/usr/bin/env node\n3')), 3);
  });

  it('keeps timers of a program going until its task is done', async () => {
    assert.equal(
      await run(
        'new Promise((resolve) => { let n = 0; const t = setInterval(() => { if (++n === 3) { clearInterval(t); resolve(n); } }, 2); })',
      ),
      3,
    );
  });

  it('leaves tasks behind that go on when others let them', async () => {
    const isolate = new Isolate();
    for (const form of ['coroutine', 'storm']) {
      const { question, answer } = await isolate.run(
        `const [question, answer] = [chan(), chan()];
         spawn((question, answer) => { for (const value of question) answer.send(value * 2); }, question, answer);
         ({ question, answer });`,
        { form },
      );
      for (const value of [1, 2]) {
        // What it does next is a wait, at which its thread is when it has nothing else to do.
        await isolate.spawn(() => sleep(20));
        await question.send(value);
        assert.equal(await answer.recv(), value * 2);
      }
    }
    await isolate.dispose();
  });

  it('goes on when V8 has done its part: WebAssembly and Atomics.waitAsync, in every form and isolate', async () => {
    const compile = 'WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(() => 1)';
    const wait = 'Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(8)), 0, 0, 20).value';
    for (const options of [{}, { isolate: 'private' }, { form: 'coroutine' }, { form: 'storm' }]) {
      assert.equal(await run(compile, options), 1);
      assert.equal(await run(wait, options), 'timed-out');
    }
    const isolate = new Isolate();
    assert.equal(await isolate.run(compile), 1);
    const flags = new Int32Array(new SharedArrayBuffer(8));
    const woken = isolate.spawn((shared) => Atomics.waitAsync(shared, 0, 0).value, flags);
    while ((await spawn((shared) => Atomics.notify(shared, 0), flags)) === 0);
    assert.equal(await woken, 'ok');
    isolate.dispose();
    const broken = await failure(run('WebAssembly.compile(new Uint8Array([0, 97]))'));
    assert.match(broken.message, /WebAssembly\.compile/);
  });

  it('has a name, and errors of long programs do not mix', async () => {
    assert.equal(run('1', { filename: 'a.js' }).name, 'a.js');
    assert.equal(run('1', { name: 'n' }).name, 'n');
    const program = (i) => run(`${'\n'.repeat(i)}throw new Error("${i}")`, { filename: `p${i}.js` });
    const errors = await Promise.all(Array.from({ length: 100 }, (_, i) => failure(program(i))));
    for (const [i, error] of errors.entries()) {
      assert.equal(error.message, `${i}`);
      assert.ok(error.stack.includes(`p${i}.js:${i + 1}:7`), error.stack);
    }
  });
});

describe('runFile', () => {
  it('runs files of every ending', async () => {
    assert.equal(await runFile(file('script.js', 'var a = 20; a * 2')), 40);
    assert.deepEqual(await runFile(file('module.mjs', 'export const a = 1')), { a: 1 });
    for (const form of ['plain', 'coroutine', 'storm']) {
      const exported = (text) => runFile(file('exports.cjs', `module.exports = ${text}`), { form });
      assert.deepEqual(await exported('[1, [2]]'), [1, [2]]);
      assert.deepEqual(await exported('new Map([[1, 2]])'), new Map([[1, 2]]));
      assert.deepEqual(await exported('new Date(7)'), new Date(7));
      assert.equal((await exported('new RangeError("far")')).message, 'far');
      assert.deepEqual(await exported('new Uint8Array([1, 2])'), new Uint8Array([1, 2]));
      assert.equal(await exported('Promise.resolve(5)'), 5);
      assert.deepEqual(await exported('{ a: 1, f() {} }'), { a: 1 });
      assert.deepEqual(await exported('Object.assign(() => {}, { b: 2 })'), { b: 2 });
    }
    assert.deepEqual(await runFile(file('typed.ts', 'export const a: number = 1')), { a: 1 });
    assert.equal(await runFile(pathToFileURL(file('url.cjs', '"by url"'))), 'by url');
  });

  it('points into the file', async () => {
    const path = file('throws.js', 'function f() {\n  throw new RangeError("there");\n}\nf();');
    const error = await failure(runFile(path));
    assert.ok(error instanceof RangeError);
    assert.ok(error.stack.includes(`${path}:2:9`), error.stack);
  });
});
