'use strict';

// Preparing a file takes time in proportion to its length, however it is laid out: a bundle may be one line.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { prepare } = require('../lib/prepare.js');

const COUNT = 16_000;

/** How long it takes to prepare a file, in milliseconds: the shorter of two times. */
function timeOf(source, wantsMap) {
  const times = [0, 1].map(() => {
    const start = performance.now();
    assert.ok(prepare(source, { filename: 'large.cjs', type: 'commonjs', wantsMap }) !== undefined);
    return performance.now() - start;
  });
  return Math.min(...times);
}

function fileOf(write, separator) {
  return `const k = 1;${Array.from({ length: COUNT }, (_, index) => write(index)).join(separator)}`;
}

describe('large files', () => {
  it('may be one line that has a source map', () => {
    const write = (index) => `const f${index} = (a, b) => a + b + k;`;
    const usual = timeOf(fileOf(write, '\n'), true);
    const one = timeOf(fileOf(write, ' '), true);
    assert.ok(one < usual * 8, `${one} ms, and ${usual} ms with lines`);
  });

  it('may spawn what many functions return', () => {
    const usual = timeOf(fileOf((index) => `function f${index}(a) { return a + k; } spawn(() => f${index}(1));`, '\n'));
    const many = timeOf(fileOf((index) => `function f${index}(a) { return () => a; } spawn(f${index}(1));`, '\n'));
    assert.ok(many < usual * 4, `${many} ms, and ${usual} ms where none are returned`);
  });
});
