import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { root, vendoredProblem } from '../scripts/setup.mjs';

const vendor = join(root, 'vendor', 'v8');
const target = 'x86_64-unknown-linux-gnu';
const archive = `librusty_v8_release_${target}.a.gz`;
const copy = mkdtempSync(join(tmpdir(), 'hertzscript-'));
after(() => rmSync(copy, { recursive: true }));

describe('the vendored V8', () => {
  it('is whole, small enough, and documented', () => {
    assert.equal(vendoredProblem(vendor, target), null);
    assert.ok(statSync(join(vendor, archive)).size < 45e6);
    const names = readdirSync(vendor);
    for (const name of ['README.md', 'LICENSES.md', 'SHA256SUMS', 'args.gn']) assert.ok(names.includes(name), name);
  });

  it('is of the version that Cargo.toml pins', () => {
    const [, version] = /^v8 = "=([\d.]+)"/m.exec(readFileSync(join(root, 'Cargo.toml'), 'utf8'));
    assert.match(
      readFileSync(join(vendor, 'README.md'), 'utf8'),
      new RegExp(`\\b${version.replaceAll('.', '\\.')}\\b`),
    );
  });

  it('that is damaged or missing is one sentence with the fix', () => {
    for (const name of readdirSync(vendor)) copyFileSync(join(vendor, name), join(copy, name));
    assert.equal(vendoredProblem(copy, target), null);
    const bytes = readFileSync(join(copy, archive));
    bytes[1000] ^= 1;
    writeFileSync(join(copy, archive), bytes);
    assert.match(vendoredProblem(copy, target), /has a wrong SHA-256 .*git checkout.*RUSTY_V8_ARCHIVE/);
    rmSync(join(copy, archive));
    assert.match(vendoredProblem(copy, target), /is missing: restore it with `git checkout/);
    assert.match(vendoredProblem(copy, 'aarch64-apple-darwin'), /no archive for aarch64-apple-darwin/);
  });

  it('has only the C interface of the crate as visible symbols', {
    skip: spawnSync('nm').error && 'nm is missing',
  }, () => {
    const unpacked = join(copy, 'lib.a');
    const gunzip = spawnSync('sh', [
      '-c',
      `gzip -dc ${JSON.stringify(join(vendor, archive))} > ${JSON.stringify(unpacked)}`,
    ]);
    assert.equal(gunzip.status, 0);
    const { stdout } = spawnSync('nm', ['--defined-only', '--extern-only', unpacked], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    const names = stdout
      .split('\n')
      .filter((line) => / [A-Z] /.test(line))
      .map((line) => line.split(' ').at(-1));
    assert.ok(names.length > 500);
    for (const name of names) assert.match(name, /^(v8|cppgc|crdtp|icu|std|v8_inspector|simdutf)__/);
  });
});
