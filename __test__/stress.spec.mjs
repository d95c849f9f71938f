// A short run of `scripts/stress-channels.mjs`; for longer ones see there.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../scripts/stress-channels.mjs', import.meta.url));

describe('channels under stress', () => {
  for (const form of ['coroutine', 'storm']) {
    it(`lose nothing, double nothing and keep the order (${form})`, { timeout: 120_000 }, () => {
      const flags = form === 'storm' ? ['--storm'] : [];
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--seconds=5', ...flags], {
        encoding: 'utf8',
      });
      assert.equal(status, 0, stdout + stderr);
      assert.match(stdout, /none lost, none twice, order kept/);
    });
  }
});
