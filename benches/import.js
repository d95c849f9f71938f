/**
 * A package of 1 MB: what its first `require` costs in a task.
 *
 * Measures, inside of the isolate, the time that `require` of a package takes which nobody in the process has loaded yet
 * (lodash, ramda and acorn as one, 1.1 MB of JavaScript); then the same in a second isolate, which finds the compiled code and
 * V8's bytecode of the first one; against `require` of the package in a new Worker.
 *
 * Why it is fair: every sample has a copy of the package in a folder of its own, so neither side has seen its paths; both sides
 * run in a thread that has run something before, and the clock is read around `require` alone. A Worker has no cache of
 * another Worker's bytecode, so it is the same measure for the first and for the second isolate.
 *
 * Targets: at most 3 times the Worker's time in the first isolate, at most 1 time in the second, which is to take at most a
 * third of the first.
 */

const { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { setTimeout: wait } = require('node:timers/promises');
const { Worker, SHARE_ENV } = require('node:worker_threads');
const { bench, compare } = require('./harness.js');

const PARTS = { lodash: 'lodash.js', ramda: 'dist/ramda.js', acorn: 'dist/acorn.js' };
/** Milliseconds in which an isolate with nothing to do has handed its bytecode on. */
const IDLE = 150;

let root;
let copies = 0;

function freshPackage() {
  const folder = path.join(root, String(++copies), 'node_modules', 'big');
  mkdirSync(folder, { recursive: true });
  for (const [name, file] of Object.entries(PARTS)) {
    const from = path.join(__dirname, '..', 'node_modules', name, file);
    copyFileSync(from, path.join(folder, `${name}.js`));
  }
  const names = Object.keys(PARTS);
  writeFileSync(
    path.join(folder, 'index.js'),
    names.map((name) => `exports.${name} = require('./${name}');`).join('\n'),
  );
  return folder;
}

function check({ ms, count }) {
  if (count !== Object.keys(PARTS).length) throw new Error(`the package has ${count} parts`);
  return ms * 1e6;
}

async function viaIsolate(folder) {
  const { Isolate } = require('../lib/index.js');
  const isolate = new Isolate();
  await isolate.spawn(() => 1);
  const result = await isolate.spawn((big) => {
    const start = performance.now();
    const loaded = require(big);
    return { ms: performance.now() - start, count: Object.keys(loaded).length };
  }, folder);
  await wait(IDLE);
  await isolate.dispose();
  return check(result);
}

const SOURCE = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (big) => {
    const start = performance.now();
    const loaded = require(big);
    parentPort.postMessage({ ms: performance.now() - start, count: Object.keys(loaded).length });
  });
  parentPort.postMessage('ready');`;

async function viaWorker(folder) {
  const worker = new Worker(SOURCE, { eval: true, env: SHARE_ENV });
  const next = () => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await next();
  const answer = next();
  worker.postMessage(folder);
  const result = await answer;
  await worker.terminate();
  return check(result);
}

bench(module, {
  title: 'require of a package of 1 MB in a task against a Worker',
  async run({ quick }) {
    const { shutdown } = require('../lib/index.js');
    root = mkdtempSync(path.join(tmpdir(), 'hertzscript-import-'));
    const report = await compare({
      rounds: quick ? 5 : 15,
      maxTime: quick ? 10e3 : 40e3,
      contenders: [
        {
          name: 'ours',
          async sample() {
            const folder = freshPackage();
            return { '': await viaIsolate(folder), 'second isolate': await viaIsolate(folder) };
          },
        },
        { name: 'Worker', sample: () => viaWorker(freshPackage()) },
      ],
      ratios: [
        { over: 'ours', under: 'Worker', atMost: 3 },
        { over: 'ours, second isolate', under: 'Worker', atMost: 1 },
        { over: 'ours, second isolate', under: 'ours', atMost: 1 / 3 },
      ],
    });
    await shutdown();
    rmSync(root, { recursive: true });
    return report;
  },
});
