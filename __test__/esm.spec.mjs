import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import api, * as named from '../lib/index.mjs';

const { spawn, shutdown } = named;
after(() => shutdown());

describe('the ES module', () => {
  it('exports what the CommonJS module does, the same objects', () => {
    const required = createRequire(import.meta.url)('../lib/index.js');
    assert.deepEqual(Object.keys(named).sort(), [...Object.keys(required), 'default'].sort());
    for (const [name, value] of Object.entries(required)) assert.equal(named[name], value);
    assert.equal(api, required);
  });

  it('runs functions of ES modules, whose errors point into them', async () => {
    const error = await spawn(() => {
      throw new Error('from a module');
    }).then(assert.fail, (reason) => reason);
    assert.match(error.stack, new RegExp(`${fileURLToPath(import.meta.url)}:\\d+:\\d+`));
    assert.equal(error.stack.includes('hertzscript'), error.stack.includes('/hertzscript'));
  });
});
