import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

  it('is looked at by a plain `cargo build` before the crate v8 can unpack it', {
    skip: `${process.platform} ${process.arch}` !== 'linux x64' && 'there is no archive for this platform',
  }, () => {
    const clone = mkdtempSync(join(copy, 'clone-'));
    cpSync(join(root, 'scripts'), join(clone, 'scripts'), { recursive: true });
    cpSync(vendor, join(clone, 'vendor', 'v8'), { recursive: true });
    const link = (output, env) =>
      spawnSync(join(clone, 'scripts', 'link-gcc'), ['-o', output], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, CC: 'true', ...env },
      });
    const buildScript = 'release/build/v8-0123/build_script_build-0123';
    assert.equal(link(buildScript).status, 0);
    const path = join(clone, 'vendor', 'v8', archive);
    const bytes = readFileSync(path);
    bytes[1000] ^= 1;
    writeFileSync(path, bytes);
    const damaged = link(buildScript);
    assert.equal(damaged.status, 1);
    assert.match(damaged.stderr, /^vendor\/v8\/.* has a wrong SHA-256 .*git checkout.*RUSTY_V8_ARCHIVE.*\n$/);
    rmSync(path);
    assert.match(link(buildScript).stderr, /^vendor\/v8\/.* is missing: .*git checkout.*RUSTY_V8_ARCHIVE.*\n$/);
    assert.equal(link(buildScript, { RUSTY_V8_ARCHIVE: 'other.a' }).status, 0);
    assert.equal(link('release/deps/other').status, 0);
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
