'use strict';

// `transpile` shows what the coroutine compiler makes of a program.

const assert = require('node:assert/strict');
const { SourceMap } = require('node:module');
const { describe, it } = require('node:test');
const { transpile } = require('../lib/index.js');

describe('transpile', () => {
  it('gives code, a source map and what is known of the functions', () => {
    const source = [
      'const limit: number = 10;',
      'function walk(visit: (n: number) => void, n = 0) {',
      '  if (n < limit) {',
      '    visit(n);',
      '    walk(visit, n + 1);',
      '  }',
      '}',
      'export const half = (n: number) => Math.trunc(n / 2);',
    ].join('\n');
    const { code, map, analysis } = transpile(source, { filename: 'walk.ts' });
    assert.match(code, /visit\(n\)/);
    assert.deepEqual(map.sources, ['walk.ts']);
    const before = code.slice(0, code.indexOf('visit(n)')).split('\n');
    const entry = new SourceMap(map).findEntry(before.length - 1, before.at(-1).length);
    assert.deepEqual([entry.originalLine, entry.originalColumn], [3, 4]);

    const [walk, half] = ['walk', 'half'].map((name) => analysis.find((facts) => facts.name === name));
    assert.ok(walk.suspends && walk.recursive && !walk.pure && walk.portable);
    assert.deepEqual(
      walk.captures.map(({ name, reassigned }) => [name, reassigned]),
      [
        ['limit', false],
        ['walk', false],
      ],
    );
    assert.ok(!half.suspends && half.pure && half.portable && !half.recursive);
    assert.deepEqual(half.globals, [{ name: 'Math', read: true, called: false, assigned: false }]);
  });

  it('says where a syntax error is, and refuses what is no source', () => {
    assert.throws(() => transpile('let ok = 1;\nlet = = 2', { filename: 'bad.js' }), {
      name: 'SyntaxError',
      message: /\(bad\.js:2:\d+\)\nlet = = 2\n\s*\^/,
    });
    assert.throws(() => transpile('let a; let a;'), SyntaxError);
    assert.throws(() => transpile(5), /transpile: the source must be a string, not 5/);
    assert.throws(() => transpile('1', { form: 'storm' }), /there is no option 'form'; it takes filename, type/);
  });

  it('keeps the size of real code within bounds', () => {
    const path = require('node:path');
    const { readdirSync, readFileSync } = require('node:fs');
    const folder = path.join(__dirname, '../src/message/codec');
    const sources = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8'));
    const length = (texts) => texts.reduce((sum, text) => sum + text.length, 0);
    const ratio = length(sources.map((source) => transpile(source, { type: 'script' }).code)) / length(sources);
    assert.ok(ratio < 4, `${ratio.toFixed(2)} times as long`);
  });

  describe('of the text of one function', () => {
    /** The names that it takes from around it: r for read, c for called, a for assigned. */
    const free = (text) =>
      Object.fromEntries(
        first(text).globals.map(({ name, read, called, assigned }) => [
          name,
          `${read ? 'r' : ''}${called ? 'c' : ''}${assigned ? 'a' : ''}`,
        ]),
      );
    const first = (text) => transpile(String(text), { type: 'function' }).analysis[0];

    it('tells free variables and what is done with them', () => {
      assert.deepEqual(free('(x) => f(x) + new C(y)[z]'), { C: 'c', f: 'c', y: 'r', z: 'r' });
      assert.deepEqual(free('function g(x) { a = x; b += x; c++; return g(d); }'), {
        a: 'a',
        b: 'ra',
        c: 'ra',
        d: 'r',
      });
      assert.deepEqual(
        free('async (x = one(), { y = two, [three]: z }) => { for (four of await x) five.push(y, z); }'),
        {
          five: 'r',
          four: 'a',
          one: 'c',
          three: 'r',
          two: 'r',
        },
      );
      assert.deepEqual(free('() => { f?.(1); f; (g)(); [h, { i: j }] = k; ({ l }); typeof m; tag`t`; }'), {
        f: 'rc',
        g: 'c',
        h: 'a',
        j: 'a',
        k: 'r',
        l: 'r',
        m: 'r',
        tag: 'c',
      });
      // Those of functions and classes inside count; what these declare does not.
      assert.deepEqual(
        free(
          '() => { const own = 1; class A extends Base { x = outer(own); m(a) { return a + far; } } return () => A; }',
        ),
        {
          Base: 'r',
          far: 'r',
          outer: 'c',
        },
      );
      assert.deepEqual(
        free(
          '() => { var hoisted; { let block; f(block); } return hoisted + late(); function late() { return undef; } }',
        ),
        {
          f: 'c',
          undef: 'r',
        },
      );
    });

    it('takes methods, getters, generators and async functions', () => {
      const { async, method, generator, computed } = {
        async async() {
          return method.name;
        },
        method(x) {
          return generator(x);
        },
        *generator() {
          yield* computed();
        },
        ['comp' + 'uted']: () => async,
      };
      assert.deepEqual(free(async), { method: 'r' });
      assert.deepEqual(free(method), { generator: 'c' });
      assert.deepEqual(free(generator), { computed: 'c' });
      assert.deepEqual(free(computed), { async: 'r' });
      const { get } = Object.getOwnPropertyDescriptor(
        {
          get size() {
            return free;
          },
        },
        'size',
      );
      assert.deepEqual(free(get), { free: 'r' });
      const { start, end } = first(' (x) => x ');
      assert.deepEqual([start, end], [1, 9]);
    });

    it('tells what else is taken from the code around', () => {
      assert.deepEqual(first('() => [this, arguments, new.target]').lexical, ['this', 'arguments', 'new.target']);
      assert.deepEqual(first('function f() { return () => [this, arguments, new.target]; }').lexical, []);
      assert.deepEqual(first('m() { return super.m(); }').lexical, ['super']);
      assert.deepEqual(first('m() { return this.#x + (#y in this); }').lexical, ['#x', '#y']);
      assert.deepEqual(first('() => class { #x; m() { return () => this.#x; } }').lexical, []);
      assert.ok(first('(x) => eval(x)').dynamic && !first('(x) => eval(x)').portable);
      assert.ok(!first('(x) => x').dynamic);
    });
  });

  it('tells whether captured variables may be assigned again', () => {
    const captured = (source) => {
      const { analysis } = transpile(source, { type: 'script' });
      const { captures, portable } = analysis.find(({ name }) => name === 'f');
      return [captures.map(({ name, reassigned }) => (reassigned ? `${name}!` : name)).join(), portable];
    };
    assert.deepEqual(captured('const a = 1; let b = 2; var c = 3; const f = () => a + b + c;'), ['a,b,c', true]);
    assert.deepEqual(captured('let b = 2; const f = () => b; b++;'), ['b!', false]);
    assert.deepEqual(captured('var c = 3; const f = () => c; var c = 4;'), ['c!', false]);
    assert.deepEqual(captured('let d; [d] = [1]; const f = () => d;'), ['d!', false]);
    assert.deepEqual(captured('for (var e of [1, 2]) { const f = () => e; }'), ['e!', false]);
    assert.deepEqual(captured('for (const e of [1, 2]) { const f = () => e; }'), ['e', true]);
    assert.deepEqual(captured('while (g()) { var h = g(); const f = () => h; }'), ['h!', false]);
    assert.deepEqual(captured('function o(p) { const f = () => p; arguments[0] = 2; }'), ['p!', false]);
    assert.deepEqual(captured("function o(p) { 'use strict'; const f = () => p; return arguments; }"), ['p', true]);
    assert.deepEqual(captured('function o(p, text) { const f = () => p; eval(text); }'), ['p!', false]);
    assert.deepEqual(captured('class A {} const f = () => new A();'), ['A', true]);
  });

  it('tells purity, recursion and suspension', () => {
    const facts = (body, key) => transpile(`function f(x, y) { ${body} }`, { type: 'script' }).analysis[0][key];
    for (const pure of ['return x + y;', 'let z = x; z++; return Math.max(z, y);', 'return x ? f(x - 1) : 0;'])
      assert.equal(facts(pure, 'pure'), true, pure);
    for (const impure of [
      'x.y = 1;',
      'delete x.y;',
      'z = 1;',
      'return x();',
      'for (const z of x) ;',
      'const [z] = x;',
      'return [...x];',
      "import('x');",
      'return Math.random();',
      'class A { static { x.y = 1; } }',
      'class A { static z = x(); }',
    ])
      assert.equal(facts(impure, 'pure'), false, impure);
    assert.equal(facts('return f(x);', 'recursive'), true);
    assert.equal(facts('return () => f(x);', 'recursive'), false);
    assert.equal(facts('return g(x); function g() { return f(x); }', 'recursive'), true);
    assert.equal(facts('while (x) ;', 'suspends'), true);
    assert.equal(facts('return x.y + x;', 'suspends'), false);
    assert.equal(facts('eval(x); y();', 'suspends'), false);
  });
});
