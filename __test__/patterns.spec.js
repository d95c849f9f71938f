'use strict';

// The programs of docs/patterns.md, each in a process of its own.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { describe, it } = require('node:test');
const { promisify } = require('node:util');

const root = path.join(__dirname, '..');
const text = readFileSync(path.join(root, 'docs', 'patterns.md'), 'utf8');
const programs = [...text.matchAll(/^```js\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```$/gm)];

describe('a pattern in the documentation', () => {
  it('has what it prints beside it, each of them', () => {
    assert.equal(programs.length, text.match(/^```js$/gm).length);
    assert.ok(programs.length >= 7);
  });

  for (const [, program, expected] of programs) {
    const heading = text
      .slice(0, text.indexOf(program))
      .match(/^## (.*)$/gm)
      .at(-1);
    it(`${heading.slice(3)}: prints what is said`, { timeout: 60_000 }, async () => {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
        cwd: root,
      });
      assert.equal(stderr, '');
      assert.equal(stdout, expected);
    });
  }
});
