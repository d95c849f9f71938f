'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
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

/** Errors that reach the host in other ways than being thrown: each on a line of its own. */
const ERRORS = `const { spawn, shutdown } = require(${JSON.stringify(join(__dirname, '../lib/index.js'))});
const word = process.argv[0];
const make = () => new Error(word);
const task = async () => {
  console.error(make());
  console.error(Object.assign(new Error('outer'), {
    cause: make(),
  }));
  return [
    make(),
    new AggregateError([make()]),
    new Error('x', { cause: make() }),
  ];
};
spawn(task).then((errors) => {
  const [result, { errors: [one] }, { cause }] = errors;
  for (const { stack } of [...errors, result, one, cause]) console.error(stack);
  return shutdown();
});
`;

describe('files that were compiled before Node got them', () => {
  let folder;
  let file;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hertzscript-maps-'));
    file = join(folder, 'program.js');
    write('program.js', PROGRAM, 'source.ts');
    write('errors.js', ERRORS, 'source.ts');
    write('same.js', ERRORS, 'same.js');
  });

  /** Line by line, each 10 lines further down in the source. */
  function write(name, text, source) {
    const mappings = `AAUA${';AACA'.repeat(text.split('\n').length - 2)}`;
    const map = JSON.stringify({ version: 3, sources: [source], names: [], mappings });
    writeFileSync(join(folder, `${name}.map`), map);
    writeFileSync(join(folder, name), `${text}//# sourceMappingURL=${name}.map\n`);
  }
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

  // Packages that compile files while these are loaded give source and result one name.
  for (const [name, source] of [
    ['errors.js', 'source.ts'],
    ['same.js', 'same.js'],
  ]) {
    it(`results and what is printed show them as well, in ${name} of ${source}`, () => {
      const flags = ['--enable-source-maps', '--stack-trace-limit=2'];
      const { stderr } = spawnSync(process.execPath, [...flags, join(folder, name)], {
        encoding: 'utf8',
        timeout: 60_000,
      });
      const found = [...stderr.matchAll(/(\w+\.\w+):(\d+):\d+\)?/g)];
      assert.deepEqual([...new Set(found.map(([, file]) => file))], [source], stderr);
      const lines = found.map(([, , line]) => Number(line));
      // Where `make` makes an error, and who has called it.
      const made = (line) => [13, line];
      const printed = [...made(15), 16, ...made(17)];
      const results = [...made(20), 21, 22, ...made(20), ...made(21), ...made(22)];
      assert.deepEqual(lines, [...printed, ...results], stderr);
    });
  }
});
