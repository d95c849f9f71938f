// Gets a fresh clone ready: npm's packages, the vendored V8, the addon. Each step is skipped when nothing changed.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What cargo needs to know for the crate in `models/`. */
export const MODELS = ['--manifest-path', 'models/Cargo.toml', '--target-dir', 'target/models'];

/** Prints a step of the work. */
export function say(text) {
  console.error(`[hertzscript] ${text}`);
}

/** Ends with one clear line. */
export function fail(text) {
  console.error(`[hertzscript] ${text}`);
  process.exit(1);
}

/** Runs a command in the repo and ends with its status where it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error !== undefined) fail(`${command} cannot be started: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
  return result;
}

function has(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}

function checkTools() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) fail(`Node ${process.versions.node} is too old: install Node 20 or newer`);
  if (!has('cargo')) fail('cargo is missing: install Rust from https://rustup.rs');
  if (process.platform === 'linux' && !has(process.env.CC ?? 'cc')) {
    fail('a C compiler is missing: run scripts/install-debian, or install gcc');
  }
}

/** npm's packages, when the lock file is newer than what is installed. */
function installPackages() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say("installing npm's packages");
  // Not `npm ci`, which insists on packages of other platforms that not every registry has. The lock file still decides.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** The Rust target of this machine, in the form that archive names have. */
function rustTarget() {
  const { stdout } = spawnSync('rustc', ['-vV'], { encoding: 'utf8' });
  return /^host: (.*)$/m.exec(stdout ?? '')?.[1] ?? 'unknown';
}

/** What is wrong with the vendored V8 for `target`, or null. Separate, so that a test can call it on a damaged copy. */
export function vendoredProblem(folder, target) {
  const sums = existsSync(join(folder, 'SHA256SUMS')) ? readFileSync(join(folder, 'SHA256SUMS'), 'utf8') : '';
  const name = `librusty_v8_release_${target}.a.gz`;
  const fix = 'restore it with `git checkout -- vendor/v8`, or set RUSTY_V8_ARCHIVE to an archive of your own';
  for (const line of sums.split('\n').filter((l) => l.includes(target))) {
    const [expected, file] = line.split('  ');
    const path = join(folder, file);
    if (!existsSync(path)) return `vendor/v8/${file} is missing: ${fix}`;
    const actual = createHash('sha256').update(readFileSync(path)).digest('hex');
    if (actual !== expected) return `vendor/v8/${file} has a wrong SHA-256 (${actual}): ${fix}`;
  }
  return sums.includes(name) ? null : `vendor/v8 has no archive for ${target}`;
}

/**
 * The environment in which the crate `v8` finds its library: RUSTY_V8_ARCHIVE where the user set it, then the vendored
 * archive, then, on a platform for which there is none, the crate's own download.
 */
function v8Environment() {
  if (process.env.RUSTY_V8_ARCHIVE !== undefined) {
    if (!existsSync(process.env.RUSTY_V8_ARCHIVE) && !/^https?:/.test(process.env.RUSTY_V8_ARCHIVE)) {
      fail(`RUSTY_V8_ARCHIVE names ${process.env.RUSTY_V8_ARCHIVE}, which does not exist: correct or unset it`);
    }
    return process.env;
  }
  const target = rustTarget();
  const problem = vendoredProblem(join(root, 'vendor', 'v8'), target);
  if (problem === null) return process.env;
  if (!problem.startsWith('vendor/v8 has no archive')) fail(problem);
  say(`${problem}: the crate v8 downloads its own`);
  return { ...process.env, RUSTY_V8_MIRROR_FALLBACK: '1' };
}

/** File name of the addon on this platform; `lib/addon.js` looks for it. */
function addonName() {
  const libc = process.report.getReport().header.glibcVersionRuntime === undefined ? '-musl' : '-gnu';
  return `isolate.${process.platform}-${process.arch}${process.platform === 'linux' ? libc : ''}.node`;
}

const LIBRARIES = {
  linux: 'libhertzscript_isolate.so',
  darwin: 'libhertzscript_isolate.dylib',
  win32: 'hertzscript_isolate.dll',
};

/**
 * The crate `v8` unpacks its archive once and does not look at it again, so a new one, after a pull for example, must
 * make cargo forget the crate.
 */
function forgetOldArchive(env) {
  const stamp = join(root, 'target', 'release', 'v8-archive');
  const sums = join(root, 'vendor', 'v8', 'SHA256SUMS');
  const wanted = env.RUSTY_V8_ARCHIVE ?? readFileSync(sums, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  if (existsSync(join(root, 'target', 'release', 'gn_out'))) {
    say('the V8 archive is another one than before');
    rmSync(join(root, 'target', 'release', 'gn_out'), { recursive: true });
    run('cargo', ['clean', '--release', '--quiet', '--package', 'v8']);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Builds the addon and puts it where `lib/addon.js` finds it. */
export function buildAddon() {
  const env = v8Environment();
  forgetOldArchive(env);
  const built = join(root, 'target', 'release', LIBRARIES[process.platform]);
  const before = existsSync(built) ? statSync(built).mtimeMs : 0;
  if (before === 0) say('building the addon with cargo: some minutes the first time');
  run('cargo', ['build', '--release', '--lib', ...(before === 0 ? [] : ['--quiet'])], { env });
  const target = join(root, 'native', addonName());
  if (existsSync(target) && statSync(target).mtimeMs >= statSync(built).mtimeMs) return;
  mkdirSync(dirname(target), { recursive: true });
  // A process may have the old file mapped: it keeps it, since the name gets a new file.
  copyFileSync(built, `${target}.new`);
  renameSync(`${target}.new`, target);
  rmSync(`${target}.new`, { force: true });
  say(`built native/${addonName()}`);
}

/** Everything that a fresh clone needs. */
export function setUp() {
  checkTools();
  installPackages();
  buildAddon();
}
