'use strict';

// What programs mean with the loader, and as bundles: the same as without it.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, before, describe, it } = require('node:test');

const ROOT = join(__dirname, '..');
const REGISTER = '@hertzscript/isolate/register';

/** A project that has the library and another package. */
let project;

before(() => {
  project = mkdtempSync(join(tmpdir(), 'loader-meanings-'));
  mkdirSync(join(project, 'node_modules', '@hertzscript'), { recursive: true });
  symlinkSync(ROOT, join(project, 'node_modules', '@hertzscript', 'isolate'), 'dir');
  mkdirSync(join(project, 'node_modules', 'words'));
  write('node_modules/words/package.json', '{ "type": "module", "exports": "./index.js" }');
  write(
    'node_modules/words/index.js',
    `const seen = new WeakSet();
     export const say = (x) => seen.add({}) && 'package ' + x;
     export class Word { text = 'package'; }
     export default { text: 'package' };`,
  );
});
after(() => rmSync(project, { recursive: true, force: true }));

function write(name, source) {
  writeFileSync(join(project, name), source);
}

/** Runs Node in the project; what it prints. */
function node(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  assert.equal(status, 0, `${args.join(' ')}\n${stdout}${stderr}`);
  return stdout.trim();
}

/** A program prints the same without the loader and with it. */
function assertPrints(file, source, expected) {
  write(file, source);
  assert.equal(node(file), expected, 'without the loader');
  assert.equal(node('--import', REGISTER, file), expected, 'with the loader');
}

describe('variables that are called like imports', () => {
  const SPAWN = "import { spawn } from '@hertzscript/isolate';";

  it('are their own, whatever they are', () => {
    assertPrints(
      'shadowed.mjs',
      `${SPAWN}
       import { say, Word } from 'words';
       import * as all from 'words';
       import words from 'words';
       console.log(await spawn(() => [say('x'), new Word().text, all.say('y'), words.text].join()));
       const run = (say) => spawn((x) => say(x), 'x');
       console.log(await run((x) => 'mine ' + x));
       {
         class Word { text = 'mine'; }
         console.log(await spawn(() => new Word().text));
       }
       for (const all of [{ say: (x) => 'mine ' + x }]) console.log(await spawn(() => all.say('y')));
       try { throw { text: 'mine' } } catch (words) { console.log(await spawn(() => words.text)); }`,
      'package x,package,package y,package\nmine x\nmine\nmine y\nmine',
    );
  });

  it('are their own in a function of the same text as one that captures the import', () => {
    assertPrints(
      'twice.mjs',
      `${SPAWN}
       import { say } from 'words';
       const run = (say) => spawn((x) => say(x), 'x');
       console.log(await spawn((x) => say(x), 'x'));
       console.log(await run((x) => 'mine ' + x));
       console.log(await spawn((x) => say(x), 'x'));`,
      'package x\nmine x\npackage x',
    );
  });
});

/** Two modules that import each other; `later` is called before its module has run. */
const CIRCLE = {
  'a.mjs': `import { spawn } from '@hertzscript/isolate';
    import { early } from './b.mjs';
    export function later(k) {
      return spawn((x) => x + k, 1);
    }
    export function named(k) {
      const add = (x) => x + k, object = { add };
      return spawn(() => object.add(2) + (typeof missing === 'undefined' ? 0.5 : missing));
    }
    console.log(await Promise.all(early), await later(5), await named(5));`,
  'b.mjs': `import { later, named } from './a.mjs';
    export const early = [later(1), named(1)];`,
};

describe('modules that import each other', () => {
  const expected = '[ 2, 3.5 ] 6 7.5';

  it('call functions before their file has run', () => {
    write('b.mjs', CIRCLE['b.mjs']);
    assertPrints('a.mjs', CIRCLE['a.mjs'], expected);
  });

  it('do so as files that Rollup has made', async () => {
    const { rollup } = await import('rollup');
    const plugin = require('../lib/bundler.js').rollup();
    for (const [name, source] of Object.entries(CIRCLE)) write(name, source);
    const bundle = await rollup({ input: join(project, 'a.mjs'), plugins: [plugin] });
    const output = { format: 'es', preserveModules: true, entryFileNames: '[name].mjs' };
    await bundle.write({ dir: join(project, 'rolled'), ...output });
    assert.equal(node('rolled/a.mjs'), expected);
  });
});

describe('scripts of a bundle', () => {
  it('can run twice in one context', async () => {
    const { rollup } = await import('rollup');
    const plugin = require('../lib/bundler.js').rollup();
    write(
      'script.mjs',
      "import { spawn } from '@hertzscript/isolate'; const k = 2; globalThis.started = spawn(() => k);",
    );
    const bundle = await rollup({ input: join(project, 'script.mjs'), plugins: [plugin] });
    const globals = { '@hertzscript/isolate': 'isolate' };
    await bundle.write({ file: join(project, 'script.js'), format: 'iife', globals });
    write(
      'scripts.cjs',
      `const { readFileSync } = require('node:fs');
       const { runInThisContext } = require('node:vm');
       const inspector = require('node:inspector');
       let asked = 0;
       inspector.Session = class extends inspector.Session { constructor() { super(); asked++; } };
       globalThis.isolate = require('@hertzscript/isolate');
       (async () => {
         for (let turn = 0; turn < 2; turn++) {
           runInThisContext(readFileSync('script.js', 'utf8'));
           console.log(await started, asked);
         }
       })();`,
    );
    assert.equal(node('scripts.cjs'), '2 0\n2 0');
  });
});

describe('what is written into files', () => {
  const REQUIRE = "const { spawn } = require('@hertzscript/isolate');";

  it('evaluates nothing again that functions are assigned to', () => {
    assertPrints(
      'targets.cjs',
      `const hooks = [];
       exports.hooks = hooks;
       let id = 0, calls = 0;
       const tag = 'h', others = {};
       exports.hooks[id++] = (x) => tag + x;
       exports.hooks[id++] = (x) => tag + x + x;
       exports.get = () => (calls++, others);
       exports.get().other = () => tag;
       exports.get().nested = { other: () => tag };
       Object.defineProperty(exports, 'watched', { get() { calls += 10; }, set() {} });
       exports.watched = () => tag;
       exports.watched = { of: () => tag };
       module.exports.hooks[id++] = function () { return tag; }
       exports.last = () => { return tag; }
       (0, console.log)(id, hooks.length, hooks.filter(Boolean).length, calls);`,
      '3 3 3 2',
    );
  });

  it('calls no proxy that a module exports', () => {
    assertPrints(
      'watcher.cjs',
      `const seen = [], k = 1;
       const traps = ['get', 'set', 'has', 'getOwnPropertyDescriptor', 'defineProperty'];
       const note = (trap) => (...args) => { seen.push(trap); return Reflect[trap](...args); };
       module.exports = new Proxy({}, Object.fromEntries(traps.map((trap) => [trap, note(trap)])));
       module.exports.f = () => k;
       console.log(seen.join());`,
      'set,getOwnPropertyDescriptor,defineProperty',
    );
  });

  it('reads members before others can change the object', () => {
    assertPrints(
      'members.cjs',
      `${REQUIRE}
       const v = 1;
       let conn = { on: { data: () => v } }, saved = conn, none = (conn = null);
       const twice = { a: { b: () => v }, a: { c: () => v } }, frozen = Object.freeze(twice);
       spawn(() => saved.on.data() + twice.a.c()).then(console.log);`,
      '2',
    );
  });

  it('reads variables before others can assign them', () => {
    assertPrints(
      'assigned.cjs',
      `${REQUIRE}
       const v = 1;
       let f = () => v, g = (() => { const v = 2; f = () => v; })();
       var h = () => v, h = (() => { const v = 2; return () => v; })();
       spawn(() => f() * 10 + h()).then((x) => console.log(x, f(), h()));`,
      '22 2 2',
    );
  });

  it('spares the inspector where nothing can change', () => {
    write(
      'spared.cjs',
      `${REQUIRE}
       const inspector = require('node:inspector');
       let asked = 0;
       inspector.Session = class extends inspector.Session { constructor() { super(); asked++; } };
       const v = 1;
       const conn = { on: { data: () => v, m() { return v; } } }, f = () => v, later = Number('1');
       exports.f = () => v;
       exports.o = { g: () => v, h: { i() { return v; } } };
       const { f: e, o } = module.exports;
       spawn(() => [conn.on.data(), conn.on.m(), f(), later, e(), o.g(), o.h.i()].join())
         .then((list) => console.log(list, asked));`,
    );
    assert.equal(node('-r', REGISTER, 'spared.cjs'), '1,1,1,1,1,1,1 0');
  });

  it('leaves names and stacks as they were', () => {
    assertPrints(
      'names.cjs',
      `${REQUIRE}
       const k = 1;
       exports.f = function () { throw new Error(k); };
       exports.o = { m: () => { throw new Error(k); }, n: class { static k = k; } };
       let stacks = [];
       for (const fn of [exports.f, exports.o.m]) {
         try { fn(); } catch (error) { stacks.push(error.stack.split('\\n')[1].replace(/\\(.*/, '').trim()); }
       }
       console.log(JSON.stringify([exports.f.name, exports.o.m.name, exports.o.n.name, stacks]));`,
      '["","m","n",["at exports.f","at m"]]',
    );
  });
});
