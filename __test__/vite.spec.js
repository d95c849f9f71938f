'use strict';

// Functions as Vite and Vitest compile them: imports are properties of objects of theirs. The objects here are made as they make them.

const assert = require('node:assert/strict');
const { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { describe, it, after } = require('node:test');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');
const { CaptureError, shutdown, spawn } = require('../lib/index.js');

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hertzscript-vite-')));
const file = join(folder, 'some.test.js');
const load = createRequire(file);
after(() => {
  rmSync(folder, { recursive: true });
  return shutdown();
});

/** A package in `node_modules`. */
function writePackage(name, text) {
  mkdirSync(join(folder, 'node_modules', name), { recursive: true });
  writeFileSync(join(folder, 'node_modules', name, 'index.js'), text);
}
writePackage('common', 'let n = 0; exports.next = () => ++n; exports.kind = "common";');
writePackage('callable', 'module.exports = (x) => x + 1; module.exports.half = (x) => x / 2;');
writePackage(
  'transpiled',
  'exports.__esModule = true; exports.default = () => "the default"; exports.named = () => "named";',
);
writeFileSync(join(folder, 'other.mjs'), 'export const value = 7;');

/** What Vite's module runner gives for a module that is not its own. */
async function imported(specifier) {
  let module = await import(specifier.startsWith('node:') ? specifier : pathToFileURL(load.resolve(specifier)).href);
  let standard = 'default' in module ? module.default : module;
  if (typeof standard === 'object' && '__esModule' in standard) {
    module = standard;
    if ('default' in standard) standard = standard.default;
  }
  return new Proxy(module, {
    get: (module, key) => (key === 'default' ? standard : (module[key] ?? standard?.[key])),
    has: (module, key) => key === 'default' || key in module || (standard && key in standard),
  });
}

/** A module as it runs there. */
function run(text, values) {
  const names = Object.keys(values);
  return vm.compileFunction(`return ${text}`, names, { filename: file })(...Object.values(values));
}

describe('imports that Vite has compiled', () => {
  for (const prefix of ['__vite_ssr_import', '__vi_import']) {
    const name = (index) => `${prefix}_${index}__`;

    it(`are those of the task (${prefix})`, async () => {
      const values = { [name(0)]: await imported('node:path'), [name(1)]: await imported('common') };
      const fn = run(
        `() => [${name(0)}.join('a', 'b'), ${name(0)}.default.sep, ${name(1)}.next() - ${name(1)}.default.next(), ${name(1)}.kind]`,
        values,
      );
      assert.deepEqual(await spawn(fn), ['a/b', '/', -1, 'common']);
    });

    it(`may be functions, and of compiled modules (${prefix})`, async () => {
      const values = { [name(2)]: await imported('callable'), [name(3)]: await imported('transpiled') };
      const fn = run(
        `() => [${name(2)}.default(1), ${name(2)}.half(3), ${name(3)}.default(), ${name(3)}.named()]`,
        values,
      );
      assert.deepEqual(await spawn(fn), [2, 1.5, 'the default', 'named']);
    });
  }

  it('are errors where tasks have no such module', async () => {
    const values = { __vite_ssr_import_0__: await imported('node:net') };
    assert.throws(
      () => spawn(run('() => __vite_ssr_import_0__.connect()', values)),
      (error) => error instanceof CaptureError && /net, a built-in of Node that tasks do not have/.test(error.message),
    );
  });

  it('may be mocks, which are sent', async () => {
    const mock = new Proxy(
      { scale: (x) => x * 100 },
      {
        get(target, key) {
          if (!(key in target)) throw new Error(`no ${String(key)} in the mock`);
          return target[key];
        },
      },
    );
    assert.equal(await spawn(run('() => __vi_import_0__.scale(2)', { __vi_import_0__: mock })), 200);
  });

  it('may be made later', async () => {
    // It captures what only the host has.
    const server = new Map();
    const values = { __vite_ssr_dynamic_import__: async (specifier) => server.get(specifier) && Promise.resolve(this) };
    const relative = run("async () => (await __vite_ssr_dynamic_import__('./other.mjs')).value", values);
    assert.equal(await spawn(relative), 7);
    const absolute = run(`async () => (await __vite_ssr_dynamic_import__('/@fs${folder}/other.mjs')).value`, values);
    assert.equal(await spawn(absolute), 7);
    const builtin = run("async () => (await __vite_ssr_dynamic_import__('node:path')).sep", values);
    assert.equal(await spawn(builtin), '/');
  });

  it('know their file', async () => {
    const meta = {
      url: pathToFileURL(file).href,
      filename: file,
      dirname: folder,
      env: new Proxy({}, {}),
      resolve: Math.max.bind(),
    };
    const fn = run('() => [__vite_ssr_import_meta__.url, __vite_ssr_import_meta__.dirname]', {
      __vite_ssr_import_meta__: meta,
    });
    assert.deepEqual(await spawn(fn), [meta.url, folder]);
  });
});

describe('createRequire', () => {
  it('may have any name', async () => {
    const req = createRequire(file);
    assert.deepEqual(await spawn(() => [req('common').kind, req('./node_modules/callable')(1)]), ['common', 2]);
    const here = createRequire(__filename);
    assert.equal(await spawn(() => here('./fixtures/../../package.json').name), '@hertzscript/isolate');
    assert.equal(await spawn(() => [req, here].map((one) => typeof one.resolve).join()), 'function,function');
  });

  it('may be an argument of another function', async () => {
    const loader = (req) => (name) => req(name).kind;
    const kindOf = loader(createRequire(file));
    assert.equal(await spawn(() => kindOf('common')), 'common');
  });
});
