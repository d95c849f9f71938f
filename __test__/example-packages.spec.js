'use strict';

// The example with npm packages, as somebody has it who installs the library: from its tarball, outside of this folder.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { delimiter, dirname, join } = require('node:path');
const { after, before, describe, it } = require('node:test');

const ROOT = join(__dirname, '..');
const EXAMPLE = join(ROOT, 'examples', 'packages');

/** Runs a command; what it prints. */
function run(cwd, command, ...args) {
  // The Node that runs this spec comes first.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` };
  const shell = process.platform === 'win32';
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env, shell });
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

describe('the example with npm packages', () => {
  let folder;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'isolate-packages-'));
    run(ROOT, 'npm', 'pack', '--loglevel=error', '--pack-destination', folder);
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    assert.ok(tarball);
    cpSync(EXAMPLE, folder, { recursive: true });
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
    run(folder, 'npm', 'install', ...quiet, `./${tarball}`);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('uses more than twenty packages', () => {
    const { dependencies } = JSON.parse(readFileSync(join(EXAMPLE, 'package.json'), 'utf8'));
    const sources = ['commonjs/index.cjs', 'modules/index.mjs', 'typescript/index.mts', 'typescript/sensors.mts'];
    const text = sources.map((file) => readFileSync(join(EXAMPLE, file), 'utf8')).join('\n');
    const used = Object.keys(dependencies).filter((name) => text.includes(`'${name}'`));
    assert.deepEqual(used.sort(), Object.keys(dependencies).sort());
    assert.ok(used.length > 20);
  });

  it('does in tasks of every form what it does without, from CommonJS, ES modules and TypeScript', () => {
    // `npm start` checks the types strictly, and compares.
    const lines = run(folder, 'npm', 'start', '--silent').split('\n').filter(Boolean);
    assert.equal(lines.length, 12, lines.join('\n'));
    for (const line of lines) assert.match(line, /^same /);
  });
});
