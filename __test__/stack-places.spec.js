'use strict';

// Stacks as tasks read them themselves: the user's files, lines and columns, where they are known in there; and the source maps
// that files bring along.

const assert = require('node:assert/strict');
const { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');
const { after, describe, it } = require('node:test');
const { run, runFile, shutdown, spawn } = require('../lib/index.js');

const FORMS = ['coroutine', 'storm', 'plain'];
const root = realpathSync(mkdtempSync(join(tmpdir(), 'hertzscript-places-')));
after(() => {
  rmSync(root, { recursive: true });
  return shutdown();
});

function write(files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

/** Frames of a stack, without the words around them. */
const frames = (stack) =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim().slice(3).replaceAll(root, ''));

/** The file, line and column of the first frame. */
const placeOf = (stack) => /\(?([^()]+:\d+:\d+)\)?$/.exec(frames(stack)[0])[1];

/** A place as the host gives it. */
const here = () => /\(?([^()]+):(\d+):\d+\)?$/.exec(new Error().stack.split('\n')[2]).slice(1, 3).join(':');

describe('stacks in programs', () => {
  it('say where a method of an array is called whose function throws, and where a list is handed on', async () => {
    const source = `function mapped(list) {
  const first = 1;
  return list.map((x) => x.y.z);
}
function sorted(list) {
  return [...list, 5].sort((a, b) => a.k.k - b);
}
function applied() {
  return last.apply(this, arguments);
}
const spread = (...list) => {
  const result = last(...list);
  return result;
};
function last(a) {
  return a.b.c;
}
const out = [];
for (const f of [() => mapped([{}]), () => sorted([1]), () => applied({}), () => spread({})]) {
  try {
    f();
  } catch (error) {
    out.push(error.stack);
  }
}
out;`;
    for (const form of FORMS) {
      const stacks = await run(source, { form, filename: '/lists.js' });
      assert.deepEqual(
        stacks.map((stack) => frames(stack).slice(0, 3)),
        [
          ['/lists.js:3:30', 'Array.map (<anonymous>)', 'mapped (/lists.js:3:15)'],
          ['/lists.js:6:42', 'Array.sort (<anonymous>)', 'sorted (/lists.js:6:23)'],
          ['last (/lists.js:16:14)', 'applied (/lists.js:9:15)', '/lists.js:19:63'],
          ['last (/lists.js:16:14)', 'spread (/lists.js:12:18)', '/lists.js:19:82'],
        ],
        form,
      );
    }
  });

  const module =
    'export const stack = (function outer() { return inner(); })();\nfunction inner() { return new Error("x").stack; }\n';

  for (const form of FORMS) {
    it(`are those of their files in form ${form}`, async () => {
      write({
        'main.mjs': `import { stack } from './deep/module.mjs';\nimport common from './common.cjs';\nexport { stack };\nexport const second = common();\n`,
        'deep/module.mjs': module,
        'common.cjs': 'module.exports = function common() {\n  return new Error("y").stack;\n};\n',
        'typed.ts':
          'interface A { b: number }\n\nexport const stack: string = ((a: A): string => new Error("t").stack!)({ b: 1 });\n',
      });
      const { stack, second } = await runFile(join(root, 'main.mjs'), { form });
      const expected = ['inner (file:///deep/module.mjs:2:27)', 'outer (file:///deep/module.mjs:1:49)'];
      assert.deepEqual(frames(stack).slice(0, 2), expected);
      assert.equal(frames(second)[0], 'common (/common.cjs:2:10)');
      const script = await run('function f() {\n  return new Error("z").stack;\n}\nf();', {
        form,
        filename: 'named.js',
      });
      assert.deepEqual(frames(script).slice(0, 2), ['f (named.js:2:10)', 'named.js:4:1']);
      if (form !== 'plain') {
        const typed = await runFile(join(root, 'typed.ts'), { form });
        assert.match(frames(typed.stack)[0], /typed\.ts:3:49\)?$/);
      }
    });
  }

  it('that are thrown by TypeScript are those of its source on the host, too', async () => {
    write({ 'thrown.ts': 'interface A { b: number }\n\nconst a: A = { b: 1 };\nthrow new Error(a.b as any);\n' });
    for (const form of FORMS) {
      const error = await runFile(join(root, 'thrown.ts'), { form }).then(assert.fail, (reason) => reason);
      assert.match(frames(error.stack)[0], /thrown\.ts:4:7\)?$/, form);
    }
  });
});

describe('stacks in spawned functions', () => {
  const word = 'captured';

  for (const form of FORMS) {
    it(`show where a function with captures is written in form ${form}`, async () => {
      const expected = [];
      const inline = () => {
        const made = (text) => new Error(text + word).stack;
        return made('a');
      };
      expected[0] = here();
      const stack = await spawn.with({ form })(inline);
      const line = Number(/:(\d+)$/.exec(expected[0])[1]);
      assert.match(frames(stack)[0], new RegExp(`^made \\(${__filename}:${line - 3}:32\\)$`));
      assert.match(frames(stack)[1], new RegExp(`${__filename}:${line - 2}:16\\)?$`));
    });
  }

  for (const form of ['coroutine', 'storm']) {
    it(`name the function where its file is not known in form ${form}`, async () => {
      function work() {
        return new Error('x').stack;
      }
      assert.match(frames(await spawn.with({ form })(work))[0], /^work \(<function work \d+>:2:16\)$/);
      const anonymous = await spawn.with({ form })(() => new Error('x').stack);
      assert.match(frames(anonymous)[0], /^<function \d+>:1:7$/);
      assert.doesNotMatch(anonymous, /hertzscript|\u{fe}/u);
    });
  }

  it('of one text in very many places never show another one of these', async () => {
    const { runInThisContext } = require('node:vm');
    const places = [];
    for (let index = 0; index < 100; index++) {
      const text = `${'\n'.repeat(index % 7)}(spawn, word) => spawn(() => new Error(word).stack)`;
      const stack = await runInThisContext(text, { filename: `/vm/script-${index}.js` })(spawn, word);
      const [place] = frames(stack);
      if (place.startsWith('<')) assert.match(place, /^<function \d+>:1:7$/);
      else assert.equal(place, `/vm/script-${index}.js:${(index % 7) + 1}:30`);
      places.push(place);
    }
    assert.ok(!places[0].startsWith('<') && places[99].startsWith('<'));
  });

  it('are found whatever stands before the parameters', async () => {
    const { runInThisContext } = require('node:vm');
    const texts = [
      "({ 'on(x)'(y) { throw new Error(word); } })['on(x)']",
      "({ [key('a',\n  'b')](x) { throw new Error(word); } }).ab",
      "({ [key(')', `(@{`}`}]`, /[/\\]]\\(/ /* ] */, 4 / 2 / 1)](x) { throw new Error(word); } })[')(}]/[/\\\\]]\\\\(/2']",
      'function /* ( */ f(x) { throw new Error(word); }',
      'function f /* ( */ (x) { throw new Error(word); }',
      'function f // (\n(x) { throw new Error(word); }',
      '({ async /* ( */ m() { throw new Error(word); } }).m',
      '({ async(x = ")", y = () => 1) { throw new Error(word); } }).async',
      "(class { static 'lit(eral'() { throw new Error(word); } })['lit(eral']",
      'async /* ( */ (x) => { throw new Error(word); }',
      'async x /* ( */ => { throw new Error(word); }',
    ];
    const key = (...parts) => parts.join('');
    for (const text of texts) {
      const source = `(word, key) => {\n  return [0, (${text.replace('@{', '${')})].at(1);\n}`;
      const make = runInThisContext(source, { filename: '/vm/head.js' });
      const fn = make('x', key);
      assert.equal(typeof fn, 'function', text);
      const placed = (run) => run().then(assert.fail, ({ stack }) => placeOf(stack));
      const expected = await placed(async () => fn());
      for (const form of FORMS) {
        assert.equal(await placed(() => spawn.with({ form })(fn)), expected, `${text} ${form}`);
      }
    }
  });

  it('are mapped on the host whether they were read in the task or not', async () => {
    for (const form of FORMS) {
      const at = here();
      const fail = (isRead) => {
        const error = new Error('x');
        if (isRead) void error.stack;
        throw error;
      };
      const line = Number(/:(\d+)$/.exec(at)[1]) + 2;
      for (const isRead of [false, true]) {
        const error = await spawn
          .with({ form })(fail, isRead)
          .then(assert.fail, (reason) => reason);
        assert.equal(placeOf(error.stack), `${__filename}:${line}:23`, form);
      }
    }
  });
});

describe('source maps', () => {
  /** Line 1 of what is compiled is line 10 of the source; column for column from 0. */
  const map = (source) =>
    JSON.stringify({
      version: 3,
      sources: [source],
      names: [],
      mappings: 'AASA,CAAC,CAAC,CAAC,CAAC,CAAC,CAAC,CAAC,CAAC,CAAC,CAAC,CAAC',
    });
  const data = (source) => `data:application/json;base64,${Buffer.from(map(source)).toString('base64')}`;

  for (const form of ['coroutine', 'storm']) {
    it(`of modules say where errors come from in form ${form}`, async () => {
      write({
        'node_modules/compiled/package.json': '{ "name": "compiled", "main": "dist/index.js" }',
        'node_modules/compiled/dist/index.js':
          'function f() { throw new Error("from the package"); } exports.f = f;\n//# sourceMappingURL=index.js.map\n',
        'node_modules/compiled/dist/index.js.map': map('../src/index.ts'),
        'node_modules/inline/package.json': '{ "name": "inline", "type": "module", "exports": "./index.js" }',
        'node_modules/inline/index.js': `export function g() { return new Error("inline").stack; }\n//# sourceMappingURL=${data('g.ts')}\n`,
        'uses.mjs':
          'import { f } from "compiled";\nimport { g } from "inline";\nlet thrown;\ntry { f(); } catch (error) { thrown = error; }\n' +
          'export const stack = thrown.stack;\nexport const own = g();\nexport { thrown };\n',
      });
      const { stack, thrown, own } = await runFile(join(root, 'uses.mjs'), { form });
      assert.match(frames(stack)[0], /^f \(\/node_modules\/compiled\/src\/index\.ts:10:\d+\)$/);
      assert.match(frames(stack)[1], /uses\.mjs:4:7\)?$/);
      assert.match(frames(thrown.stack)[0], /^f \(\/node_modules\/compiled\/src\/index\.ts:10:\d+\)$/);
      assert.match(frames(own)[0], /^g \(file:\/\/\/node_modules\/inline\/g\.ts:10:\d+\)$/);
    });

    it(`of a program itself do, too, in form ${form}`, async () => {
      write({
        'bundle.js': `throw new Error("bundled");\n//# sourceMappingURL=${data('webpack://project/src/main.ts')}\n`,
      });
      const error = await runFile(join(root, 'bundle.js'), { form }).then(assert.fail, (reason) => reason);
      assert.match(frames(error.stack)[0], /^webpack:\/\/project\/src\/main\.ts:10:\d+$/);
    });
  }

  it('that are missing or damaged are no error', async () => {
    write({
      'odd.cjs': 'exports.stack = new Error("x").stack;\n//# sourceMappingURL=nowhere.map\n',
      'damaged.cjs': 'exports.stack = new Error("x").stack;\n//# sourceMappingURL=data:application/json,{"version":3\n',
    });
    for (const name of ['odd.cjs', 'damaged.cjs']) {
      const { stack } = await runFile(join(root, name));
      assert.equal(placeOf(stack), `/${name}:1:17`);
    }
  });
});
