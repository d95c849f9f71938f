/**
 * What compiling costs: the coroutine compiler against oxc's own pipeline, on about 1 MB of real programs.
 *
 * The programs are files of the packages that this project's development depends on: JavaScript and TypeScript. Imports
 * and lists of exports are taken out for both contenders, since programs of tasks have no imports yet.
 *
 * - *oxc*: parse, scopes and early errors, transform with default options, print; with and without a source map;
 * - *ours*: what the program of a task goes through before V8 gets it;
 * - *ours shown*: what `transpile` gives, that is the code with its map and with what is known of each function.
 *
 * Why it is fair: all of it is one native program (`compile/side-by-side.rs`), with the same crates and the same profile as
 * the addon, on one thread; the contenders take turns.
 *
 * Target: at most 3 times oxc.
 */

const { spawn: start, spawnSync } = require('node:child_process');
const { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { createInterface } = require('node:readline');
const { bench, compare } = require('./harness.js');

const ROOT = path.join(__dirname, '..');
const FOLDERS = ['typescript/dist', 'node-inspect-extracted/dist', 'piscina/src', 'piscina/dist'];
const IMPORT =
  /^(?:import\b[^;'"]*['"][^'"]*['"]|export\s*(?:type\s*)?(?:\*|\{[^}]*\})(?:[^;'"\n]*['"][^'"]*['"])?)[^;\n]*;?/gm;

/** The files to compile, without imports, in a folder of their own. */
function collect(folder) {
  const files = [];
  let bytes = 0;
  for (const from of FOLDERS) {
    const root = path.join(ROOT, 'node_modules', from);
    for (const name of readdirSync(root, { recursive: true }).sort()) {
      if (!/\.(js|ts)$/.test(name) || name.endsWith('.d.ts')) continue;
      const text = readFileSync(path.join(root, name), 'utf8').replace(IMPORT, '');
      // Tiny ones measure nothing but the start.
      if (text.length < 2000) continue;
      const file = path.join(folder, `${files.length}${path.extname(name)}`);
      writeFileSync(file, text);
      files.push(file);
      bytes += text.length;
    }
  }
  return { files, bytes };
}

/** Builds the native half and returns its path. */
function build() {
  const args = ['build', '--release', '--quiet', '--example', 'compile-side-by-side'];
  const { status, stderr } = spawnSync('cargo', args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the native half does not build: ${stderr}`);
  return path.join(ROOT, 'target', 'release', 'examples', 'compile-side-by-side');
}

async function run({ quick }) {
  const program = build();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hertzscript-compile-'));
  try {
    const { files, bytes } = collect(folder);
    const child = start(program, files, { stdio: ['pipe', 'pipe', 'inherit'] });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const contender = (name) => ({
      name,
      async sample() {
        child.stdin.write(`${name}\n`);
        const { value, done } = await answers.next();
        if (done) throw new Error(`${name}: the native half has ended`);
        return Number(value.split(' ')[0]);
      },
    });
    const report = await compare({
      contenders: ['oxc', 'ours', 'oxc with map', 'ours shown'].map(contender),
      ratios: [
        { over: 'ours', under: 'oxc', atMost: 3 },
        { over: 'ours shown', under: 'oxc with map', atMost: 3 },
      ],
      rounds: quick ? 5 : 25,
      warmup: 2,
      note: `${files.length} files, ${(bytes / 1e6).toFixed(2)} MB`,
    });
    child.stdin.end();
    return report;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

bench(module, { title: "compiling 1 MB of real programs, against oxc's own pipeline", run });
