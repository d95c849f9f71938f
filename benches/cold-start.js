/**
 * Cold start: what a program pays for its first result.
 *
 * Measures, in a fresh process, the time from just before `require` of the addon to the awaited
 * result of `spawn(() => 1 + 1)`; against the time from just before `require` of worker_threads to
 * the message of a Worker that computes the same. As information also the whole process, from its
 * creation to its end, which includes the start of Node and all clean-up.
 *
 * Why it is fair: both sides run this same file in new processes, alternately, and end by
 * themselves. The worker is the cheapest there is: its code is a string (no file to resolve), it
 * shares the environment's variables instead of copying them, and it posts one number. The first
 * round is thrown away on both sides, so that our binary (tens of MB), like Node's own, comes from
 * the page cache; a first start after boot is slower for both.
 *
 * Target: at most 0.6 of the worker's time.
 */

/** @type {Record<string, () => Promise<number>>} */
const SIDES = {
  async ours() {
    const { spawn } = require('../lib/index.js');
    return await spawn(() => 1 + 1);
  },
  worker() {
    const { Worker, SHARE_ENV } = require('node:worker_threads');
    const source = 'require("node:worker_threads").parentPort.postMessage(1 + 1);';
    return new Promise((resolve, reject) => {
      const worker = new Worker(source, { eval: true, env: SHARE_ENV });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  },
};

async function child(side) {
  const start = process.hrtime.bigint();
  const result = await SIDES[side]();
  const ns = Number(process.hrtime.bigint() - start);
  if (result !== 2) throw new Error(`${side}: 1 + 1 gave ${result}`);
  process.stdout.write(String(ns));
}

// Before the harness is loaded: nothing of it belongs to what is measured.
if (require.main === module && process.argv[2] === '--child') child(process.argv[3]);
else declare();

function declare() {
  const { spawnSync } = require('node:child_process');
  const { bench, compare } = require('./harness.js');

  const contender = (side, name) => ({
    name,
    sample() {
      const start = process.hrtime.bigint();
      const { stdout, stderr, status, signal, error } = spawnSync(process.execPath, [__filename, '--child', side], {
        encoding: 'utf8',
        timeout: 20e3,
      });
      const whole = Number(process.hrtime.bigint() - start);
      if (error) throw error;
      if (status !== 0) throw new Error(`${side} ended with ${signal ?? status}:\n${stderr}`);
      return { '': Number(stdout), 'whole process': whole };
    },
  });

  bench(module, {
    title: 'fresh process, from require to the first result',
    run: ({ quick }) =>
      compare({
        rounds: quick ? 11 : 41,
        maxTime: quick ? 5e3 : 20e3,
        contenders: [contender('ours', 'ours'), contender('worker', 'Worker')],
        ratios: [
          { over: 'ours', under: 'Worker', atMost: 0.6 },
          { over: 'ours, whole process', under: 'Worker, whole process' },
        ],
      }),
  });
}
