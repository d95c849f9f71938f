'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, before, describe, it } = require('node:test');

const PROGRAM = `const { spawn, shutdown } = require(${JSON.stringify(join(__dirname, '../lib/index.js'))});
function thrower() { throw new Error('thrown'); }
const socket = { on: new WeakRef({}) };
(async () => {
  for (const fn of [() => thrower(), () => socket.on]) try { await spawn(fn); } catch (error) { console.log(error.stack); }
  await shutdown();
})();
`;

describe('files that were compiled before Node got them', () => {
  let folder;
  let file;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hertzscript-maps-'));
    file = join(folder, 'program.js');
    // Line by line, each 10 lines further down in the source.
    const mappings = `AAUA${';AACA'.repeat(PROGRAM.split('\n').length - 2)}`;
    const map = JSON.stringify({ version: 3, sources: ['source.ts'], names: [], mappings });
    writeFileSync(`${file}.map`, map);
    writeFileSync(file, `${PROGRAM}//# sourceMappingURL=program.js.map\n`);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const places = (...flags) => {
    const out = execFileSync(process.execPath, [...flags, file], { encoding: 'utf8', timeout: 60_000 });
    return [...out.matchAll(/(source\.ts|program\.js):(\d+):/g)].map(([, name, line]) => `${name}:${line}`);
  };

  it('errors show the sources where Node follows source maps', () => {
    const found = places('--enable-source-maps');
    assert.deepEqual(
      found.filter((place) => !place.startsWith('source.ts')),
      [],
    );
    assert.ok(
      found.includes('source.ts:12') && found.includes('source.ts:13') && found.includes('source.ts:15'),
      `${found}`,
    );
  });

  it('and the files themselves where it does not', () => {
    const found = places();
    assert.ok(
      found.includes('program.js:2') && found.includes('program.js:3') && found.includes('program.js:5'),
      `${found}`,
    );
    assert.ok(!found.some((place) => place.startsWith('source.ts')));
  });
});
