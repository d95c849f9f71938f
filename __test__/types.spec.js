'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { describe, it } = require('node:test');

describe('the typings', () => {
  it('need neither a new target nor the types of Node', () => {
    const project = join(__dirname, 'types', 'es2022.json');
    const tsc = join(__dirname, '..', 'node_modules', 'typescript', 'bin', 'tsc');
    const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '--project', project], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  });
});
