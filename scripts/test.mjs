// `npm test`: sets everything up and runs all tests.
//
//   npm test                       Rust, models, types, and the specs on this Node and on the newest one
//   npm test -- NAME...            only the specs whose file names contain one of the names, on this Node
//   npm run test:newest            only the specs, on the newest Node that npm's package `node` offers

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, MODELS, root, run, say, setUp } from './setup.mjs';

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const newestOnly = process.argv.includes('--newest-only');

/** The specs to run. */
function specs() {
  const all = readdirSync(join(root, '__test__')).filter((name) => /\.spec\.(js|mjs)$/.test(name));
  const chosen = words.length === 0 ? all : all.filter((name) => words.some((word) => name.includes(word)));
  if (chosen.length === 0) fail(`no spec is named like ${words.join(', ')}`);
  return chosen.map((name) => join('__test__', name));
}

/** Runs the specs on one Node, one process each. */
function runSpecs(node) {
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  say(`specs on Node ${stdout.trim()}`);
  // Two spec files at a time at most: several of them measure how busy the machine is.
  run(node, ['--test', '--test-concurrency=2', '--test-reporter=spec', ...specs()]);
}

/** The newest Node, as npm's package `node` brings it. */
function newestNode() {
  const folder = join(root, 'target', 'newest-node');
  const node = join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(node)) {
    say("installing the newest Node from npm's package `node`");
    mkdirSync(folder, { recursive: true });
    run('npm', [
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      'node@latest',
    ]);
  }
  if (!existsSync(node)) fail(`npm's package node did not bring ${node}: are install scripts allowed?`);
  return node;
}

setUp();
if (words.length > 0) {
  runSpecs(process.execPath);
} else if (newestOnly) {
  runSpecs(newestNode());
} else {
  say('cargo test');
  run('cargo', ['test', '--release', '--quiet']);
  say('models of the shared channels');
  run('cargo', ['test', '--quiet', '--lib', ...MODELS]);
  say('types');
  run('npx', ['--no-install', 'tsc', '--project', '__test__/types']);
  runSpecs(process.execPath);
  runSpecs(newestNode());
}
