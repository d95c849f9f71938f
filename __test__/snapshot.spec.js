// What the startup snapshot saves a fresh isolate.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { after, before, describe, it } = require('node:test');

const PROGRAM = `
const { Isolate } = require(${JSON.stringify(path.join(__dirname, '..'))});
const isolate = new Isolate();
isolate.spawn((n) => [n + 1], 1).then((result) => {
  console.log(JSON.stringify(result));
  return isolate.dispose();
});`;

describe('a first task', () => {
  let folder;

  before(() => {
    folder = fs.mkdtempSync(path.join(tmpdir(), 'hertzscript-snapshot-'));
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  it('has no function of the kernel compiled: all that it needs comes with the snapshot', () => {
    const flags = `--log-function-events --logfile=${path.join(folder, 'v8.log')}`;
    const env = { ...process.env, HERTZSCRIPT_V8_FLAGS: flags };
    assert.equal(execFileSync(process.execPath, ['-e', PROGRAM], { cwd: folder, env, encoding: 'utf8' }), '[2]\n');
    let tasks = 0;
    const compiled = [];
    for (const name of fs.readdirSync(folder)) {
      const lines = fs
        .readFileSync(path.join(folder, name), 'utf8')
        .split('\n')
        .map((line) => line.split(','));
      const scripts = new Map();
      for (const [kind, id, script] of lines) if (kind === 'script-details') scripts.set(id, script);
      for (const [kind, what, id, , , , , fn] of lines) {
        if (kind !== 'function' || !['interpreter', 'baseline'].includes(what)) continue;
        const script = scripts.get(id) ?? '';
        if (script.startsWith('hertzscript:code/')) tasks++;
        else if (script.startsWith('hertzscript:')) compiled.push(`${what} ${script} ${fn}`);
      }
    }
    // V8 has told of the task's own code, so it would have told of the kernel's.
    assert.ok(tasks > 0);
    assert.deepEqual(compiled, []);
  });
});
