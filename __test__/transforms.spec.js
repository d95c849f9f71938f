'use strict';

// What the coroutine compiler makes of each kind of syntax, one fixture for each: `fixtures/transforms/NAME/`
//
//     input.js    a few lines (or .mjs, .ts, .jsx)
//     output.js   what `transpile` makes of them, formatted; UPDATE_FIXTURES=1 writes it anew
//     exec.js     runs them, by `equal(actual, expected)`, in all three forms

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, describe, it } = require('node:test');
const { run, shutdown, transpile } = require('../lib/index.js');

const FOLDER = path.join(__dirname, 'fixtures', 'transforms');
const STYLE = { root: true, formatter: { indentStyle: 'space', indentWidth: 2, lineWidth: 100 } };
const EQUAL = "function equal(a, b) { if (!Object.is(a, b)) throw new Error(String(a) + ' is not ' + String(b)); }";

const fixtures = readdirSync(FOLDER).map((name) => {
  const folder = path.join(FOLDER, name);
  const file = readdirSync(folder).find((entry) => entry.startsWith('input.'));
  return {
    name,
    file,
    folder,
    type: file.endsWith('.mjs') ? 'module' : 'script',
    input: readFileSync(path.join(folder, file), 'utf8'),
    exec: readFileSync(path.join(folder, 'exec.js'), 'utf8'),
  };
});

/** What a script without statements runs. */
const NOTHING = transpile('', { type: 'script' }).code;

/** Code without what says nothing to a reader: comments that tell where a function's source is, and running nothing. */
function shown(code) {
  const kept = code.endsWith(NOTHING) ? code.slice(0, -NOTHING.length) : code;
  return kept.replace(/\/\*þ[\d:,]+\*\//g, '');
}

/** The compiled inputs by name, laid out by the formatter of this project. */
function outputs() {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'hertzscript-transforms-'));
  try {
    for (const { name, file, input, type } of fixtures) {
      const { code } = transpile(input, { filename: file, type });
      writeFileSync(path.join(scratch, `${name}.cjs`), shown(code));
    }
    const biome = require.resolve('@biomejs/biome/bin/biome');
    writeFileSync(path.join(scratch, 'biome.json'), JSON.stringify(STYLE));
    const { status, stderr } = spawnSync(process.execPath, [biome, 'format', '--write', '.'], {
      cwd: scratch,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    const read = ({ name }) => [name, readFileSync(path.join(scratch, `${name}.cjs`), 'utf8')];
    return Object.fromEntries(fixtures.map(read));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

describe('transforms', () => {
  after(() => shutdown());

  const made = outputs();
  for (const { name, file, folder, type, input, exec } of fixtures) {
    it(`${name}: the output is what the fixture shows`, () => {
      const target = path.join(folder, 'output.js');
      if (process.env.UPDATE_FIXTURES === '1') writeFileSync(target, made[name]);
      assert.equal(made[name], readFileSync(target, 'utf8'), 'UPDATE_FIXTURES=1 writes it anew');
    });

    it(`${name}: works in all forms`, async () => {
      for (const form of ['plain', 'coroutine', 'storm']) {
        await run(`${input}\n${exec}\n${EQUAL}`, { form, type, filename: file });
      }
    });
  }
});
