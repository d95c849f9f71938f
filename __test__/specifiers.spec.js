'use strict';

// Where `require` and `import()` look in functions that are spawned: beside the file in which the function is written.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');
const { after, before, describe, it } = require('node:test');
const { promisify } = require('node:util');
const { chan, runFile, shutdown, spawn } = require('../lib/index.js');

const FORMS = ['coroutine', 'storm', 'plain'];
const root = realpathSync(mkdtempSync(join(tmpdir(), 'hertzscript-specifiers-')));
const library = require.resolve('../lib/index.js');
after(() => {
  rmSync(root, { recursive: true });
  return shutdown();
});

/** The same names in several folders, so that what is loaded tells where it was looked for. */
const leaves = (folder) => ({
  [`${folder}/leaf.js`]: `module.exports = '${folder}';`,
  [`${folder}/node_modules/beside/package.json`]: '{ "name": "beside", "main": "main.js" }',
  [`${folder}/node_modules/beside/main.js`]: `exports.name = 'package of ${folder}';`,
});

const FUNCTIONS = `
exports.load = () => require('./leaf');
exports.imports = async () => (await import('./leaf.js')).default;
exports.fromPackage = () => require('beside').name;
exports.importsPackage = async () => (await import('beside')).name;
exports.computed = (name) => require(name);
exports.resolves = () => require.resolve('./leaf.js');
exports.about = () => [__filename, __dirname];
exports.Leaf = class Leaf { name() { return require('./leaf'); } };
exports.object = { method() { return require('./leaf'); } };
const where = 'captured by ';
exports.captures = () => where + require('./leaf');
exports.nested = async () => {
  const first = spawn(() => require('./leaf'));
  const second = spawn(async () => (await import('./leaf.js')).default);
  return [await first, await second];
};
`;

const FILES = {
  ...leaves('one'),
  ...leaves('two'),
  'one/functions.js': FUNCTIONS,
  'two/functions.js': FUNCTIONS,
  'two/module.mjs': `
    import { createRequire } from 'node:module';
    export const imports = async () => (await import('./leaf.js')).default;
    export const importsPackage = async () => (await import('beside')).name;
    export const undeclared = () => require('./leaf');
    const require_ = createRequire(new URL('../one/functions.js', import.meta.url));
    export const created = (() => { const require = require_; return () => require('./leaf'); })();
  `,
  'one/caller.js': `
    const { spawn } = require(${JSON.stringify(library)});
    exports.evaluated = () => spawn(new Function("return require('./leaf')"));
    exports.imported = () => spawn((0, eval)("async () => (await import('./leaf.js')).default"));
    exports.given = () => spawn.with({ capture: {} })(() => require('./leaf'));
    exports.withheld = () => spawn.with({ capture: false })(() => require('./leaf'));
  `,
};

before(() => {
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
});

const load = (folder) => require(join(root, folder, 'functions.js'));

for (const form of FORMS) {
  describe(`specifiers in functions in form ${form}`, () => {
    const run = (fn, ...args) => spawn.with({ form })(fn, ...args);

    it('are relative to the file in which the function is written', async () => {
      for (const folder of ['one', 'two', 'one']) {
        const { load: loads, imports, computed, captures } = load(folder);
        assert.equal(await run(loads), folder);
        assert.equal(await run(imports), folder);
        assert.equal(await run(computed, './leaf'), folder);
        assert.equal(await run(captures), `captured by ${folder}`);
      }
    });

    it('find the packages of that file', async () => {
      for (const folder of ['one', 'two']) {
        const { fromPackage, importsPackage } = load(folder);
        assert.equal(await run(fromPackage), `package of ${folder}`);
        assert.equal(await run(importsPackage), `package of ${folder}`);
      }
    });

    it('agree with require.resolve and __filename', async () => {
      for (const folder of ['one', 'two']) {
        const { resolves, about } = load(folder);
        assert.equal(await run(resolves), join(root, folder, 'leaf.js'));
        assert.deepEqual(await run(about), [join(root, folder, 'functions.js'), join(root, folder)]);
      }
    });

    it('are those of its own file in a function that is captured or passed', async () => {
      const [one, two] = [load('one').load, load('two').load];
      assert.deepEqual(await run(() => [one(), two()]), ['one', 'two']);
      assert.deepEqual(await run((a, b) => [a(), b()], one, two), ['one', 'two']);
      const [imports, other] = [load('one').imports, load('two').imports];
      assert.deepEqual(await run(async () => [await imports(), await other()]), ['one', 'two']);
      const { Leaf, object } = load('two');
      assert.deepEqual(await run(() => [new Leaf().name(), object.method()]), ['two', 'two']);
    });

    it('are relative to the ES module in which the function is written', async () => {
      const { imports, importsPackage, undeclared, created } = await import(join(root, 'two/module.mjs'));
      assert.equal(await run(imports), 'two');
      assert.equal(await run(importsPackage), 'package of two');
      assert.equal(await run(undeclared), 'two');
      assert.equal(await run(created), 'one');
    });

    it('of one text in many places are told apart', async () => {
      const functions = Array.from({ length: 40 }, (_, index) => load(index % 2 === 0 ? 'one' : 'two').load);
      const expected = functions.map((_, index) => (index % 2 === 0 ? 'one' : 'two'));
      assert.deepEqual(await Promise.all(functions.map((fn) => run(fn))), expected);
    });
  });
}

describe('specifiers in functions', () => {
  it('go with what a task spawns', async () => {
    global.spawn = spawn;
    try {
      for (const folder of ['one', 'two']) assert.deepEqual(await spawn(load(folder).nested), [folder, folder]);
    } finally {
      delete global.spawn;
    }
  });

  it('of tasks that go to other isolates still are those of the file', async () => {
    const results = await spawn(
      async (inner) => {
        const tasks = Array.from({ length: 64 }, () => spawn(inner));
        const found = [];
        for (const task of tasks) found.push(await task);
        return found;
      },
      () => {
        const end = Date.now() + 2;
        while (Date.now() < end);
        return require('./fixtures/leaf.js');
      },
    );
    assert.deepEqual([...new Set(results)], ['leaf of the fixtures']);
  });

  it('of functions that come over channels are those of their file', async () => {
    const channel = chan(2);
    await channel.send(load('one').load);
    await channel.send(load('two').imports);
    const results = await spawn(async (from) => [from.recv()(), await from.recv()()], channel);
    assert.deepEqual(results, ['one', 'two']);
  });

  it('are relative to the file that has called spawn where the function is in none', async () => {
    const { evaluated, imported, given, withheld } = require(join(root, 'one/caller.js'));
    assert.equal(await evaluated(), 'one');
    assert.equal(await imported(), 'one');
    assert.equal(await given(), 'one');
    assert.equal(await withheld(), 'one');
  });

  it('may be given with the option `capture`', async () => {
    const capture = { require: (name) => `not ${name}` };
    assert.equal(await spawn.with({ capture })(() => require('./leaf')), 'not ./leaf');
  });

  it('are relative to the working directory where nothing else is known', async () => {
    const text = `
      const { spawn } = require(${JSON.stringify(library)});
      spawn(() => require('./leaf')).then((found) => console.log(found));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', text], { cwd: join(root, 'two') });
    assert.equal(stdout, 'two\n');
  });

  it("ask nobody where they are of Node's own modules", async () => {
    const text = `
      require('node:inspector').Session.prototype.connect = () => { throw new Error('touched'); };
      const { spawn } = require(${JSON.stringify(library)});
      const join = spawn(() => require('node:path').join('a', 'b') + require('os').EOL);
      const sep = spawn(async () => (await import('path')).sep);
      Promise.all([join, sep]).then((found) => console.log(JSON.stringify(found)));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', text]);
    assert.equal(stdout, '["a/b\\n","/"]\n');
  });

  it('ask for nothing but the stack where there is no inspector', async () => {
    writeFileSync(
      join(root, 'one/without.js'),
      `require('node:inspector').Session.prototype.connect = () => { throw new Error('there is none'); };
       const { spawn } = require(${JSON.stringify(library)});
       const found = [spawn(() => require('./leaf')), spawn(async () => (await import('./leaf.js')).default)];
       Promise.all(found).then((found) => console.log(found.join()));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'one/without.js')], { cwd: root });
    assert.equal(stdout, 'one,one\n');
  });

  it('are told by files that were prepared, without the inspector', async () => {
    for (const [name, head] of [
      ['prepared.js', `const { spawn } = require(${JSON.stringify(library)});`],
      ['prepared.mjs', `import isolate from ${JSON.stringify(library)}; const { spawn } = isolate;`],
    ]) {
      writeFileSync(
        join(root, 'two', name),
        `${head}
         const found = [spawn(() => require('./leaf')), spawn(async () => (await import('./leaf.js')).default)];
         Promise.all(found).then((found) => console.log(found.join()));`,
      );
      writeFileSync(
        join(root, 'no-inspector.js'),
        "require('node:inspector').Session.prototype.connect = () => { throw new Error('touched'); };",
      );
      const flags = ['-r', join(root, 'no-inspector.js'), '-r', require.resolve('../lib/register.js')];
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [...flags, '--import', require.resolve('../lib/register.js'), join(root, 'two', name)],
        { cwd: root },
      );
      assert.equal(stdout, 'two,two\n', name);
    }
  });
});

describe('folders whose names look like parts of a URL', () => {
  for (const name of ['c#', 'q?x=1', 'pc%20t', 'a b']) {
    it(name, async () => {
      const folder = join(root, name);
      mkdirSync(folder);
      writeFileSync(join(folder, 'beside.cjs'), 'exports.z = 1; exports.again = () => require("./leaf.cjs");');
      writeFileSync(join(folder, 'leaf.cjs'), 'module.exports = 2;');
      writeFileSync(join(folder, 'beside.mjs'), 'import leaf from "./leaf.cjs"; export const z = leaf + 1;');
      writeFileSync(
        join(folder, 'program.cjs'),
        `const { spawn } = require(${JSON.stringify(library)});
           exports.all = () => Promise.all([
             spawn(() => [require('./beside.cjs').z, require('./beside.cjs').again()]),
             spawn(async () => (await import('./beside.cjs')).z),
             spawn(async () => (await import('./beside.mjs')).z),
           ]);`,
      );
      writeFileSync(join(folder, 'whole.cjs'), 'require("./beside.cjs").again() + 3;');
      writeFileSync(join(folder, 'whole.mjs'), 'import { z } from "./beside.mjs"; export default z;');
      assert.deepEqual(await require(join(folder, 'program.cjs')).all(), [[1, 2], 1, 3]);
      assert.equal(await runFile(join(folder, 'whole.cjs')), 5);
      assert.equal((await runFile(join(folder, 'whole.mjs'))).default, 3);
    });
  }
});
