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
    assert.deepEqual(half.globals, ['Math']);
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
    const { readFileSync } = require('node:fs');
    const source = readFileSync(require.resolve('../src/message/codec.js'), 'utf8');
    const { code } = transpile(source, { type: 'script', filename: 'codec.js' });
    assert.ok(code.length < 4 * source.length, `${(code.length / source.length).toFixed(2)} times as long`);
  });
});
