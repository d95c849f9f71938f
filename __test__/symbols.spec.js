'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const { describe, it, after } = require('node:test');
const { spawn, stats, shutdown } = require('../lib/index.js');

after(() => shutdown());

const folder = join(__dirname, '..', 'native');
const addon = readdirSync(folder).find((name) => name.includes(process.platform) && name.endsWith('.node'));
const hasNm = process.platform === 'linux' && spawnSync('nm', ['--version']).error === undefined;

describe("the addon's V8", () => {
  it("keeps its symbols to itself: nothing but Node-API's entry points is visible", {
    skip: !hasNm && 'nm reads ELF files, on Linux',
  }, () => {
    const { stdout, status } = spawnSync('nm', ['-D', '--defined-only', join(folder, addon)], { encoding: 'utf8' });
    assert.equal(status, 0);
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ').at(-1));
    assert.ok(names.includes('napi_register_module_v1'), stdout);
    for (const name of names) assert.match(name, /^(napi_register|node_api_module)_/);
  });

  it("takes none of the host's: it needs no symbol of V8", { skip: !hasNm && 'nm reads ELF files, on Linux' }, () => {
    const { stdout } = spawnSync('nm', ['-D', '--undefined-only', join(folder, addon)], { encoding: 'utf8' });
    assert.doesNotMatch(stdout, /v8|icu/i, 'a symbol that could bind to the host');
  });

  it('is another one than the host has, and both work under load in one process', async () => {
    const version = stats().v8;
    assert.match(version, /^15\.2\./);
    assert.notEqual(version.split('-')[0], process.versions.v8.split('-')[0]);
    const work = (seed) => {
      let text = '';
      const words = new Map();
      for (let i = 0; i < 20_000; i++) {
        const word = ((i * seed) % 997).toString(36);
        words.set(word, (words.get(word) ?? 0) + 1);
        if (i % 100 === 0) text += word.normalize('NFD').replace(/\p{L}/gu, (letter) => letter.toUpperCase());
      }
      const sorted = [...words].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
      return { text, top: sorted.slice(0, 3), number: new Intl.NumberFormat('de-DE').format(seed * 1000.5) };
    };
    const tasks = Array.from({ length: 20 }, (_, i) => spawn(work, i + 1));
    const here = Array.from({ length: 20 }, (_, i) => work(i + 1));
    assert.deepEqual(await Promise.all(tasks), here);
  });

  it('has Intl, Unicode properties, normalization and WebAssembly', async () => {
    const result = await spawn(async () => {
      // (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
      const bytes = new Uint8Array([
        0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10,
        9, 1, 7, 0, 32, 0, 32, 1, 106, 11,
      ]);
      const { instance } = await WebAssembly.instantiate(bytes);
      return [
        instance.exports.add(40, 2),
        /^\p{L}+$/u.test('Größe'),
        'é'.normalize('NFD').length,
        new Intl.DateTimeFormat('ja-JP', { dateStyle: 'long', timeZone: 'UTC' }).format(0),
        ['z', 'ä', 'a'].sort(new Intl.Collator('de').compare),
        [...new Intl.Segmenter('en', { granularity: 'word' }).segment('a b')].length,
      ];
    });
    assert.deepEqual(result, [42, true, 2, '1970年1月1日', ['a', 'ä', 'z'], 3]);
  });
});
