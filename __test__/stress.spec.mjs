// Short runs of `scripts/stress-channels.mjs` and `scripts/stress-tasks.mjs`; for longer ones see there.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

/** What a script prints. */
function stress(name, form) {
  const script = fileURLToPath(new URL(`../scripts/${name}.mjs`, import.meta.url));
  const flags = form === 'storm' ? ['--storm'] : [];
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--seconds=5', ...flags], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

for (const form of ['coroutine', 'storm']) {
  describe(`under stress (${form})`, () => {
    it('channels lose nothing, double nothing and keep the order', { timeout: 120_000 }, () => {
      assert.match(stress('stress-channels', form), /none lost, none twice, order kept/);
    });

    it('tasks are all accounted for', { timeout: 120_000 }, () => {
      assert.match(stress('stress-tasks', form), /[1-9]\d* sent to other isolates; all accounted for/);
    });
  });
}
