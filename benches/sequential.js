/**
 * Latency: one trivial task after the other, each awaited before the next is started.
 *
 * Measures `await spawn(() => 1)` in a loop against `await pool.run()` of piscina, whose worker
 * file returns 1.
 *
 * Why it is fair: both pools are up and warm, in one process, and idle while the other is
 * measured. Ours has its default settings. piscina has those that gave it the lowest latency when
 * its options were tried out (see `TUNED`), and is also shown with its defaults. Its worker knows
 * its function from the start; ours is handed a new closure each time, as programs do it.
 *
 * Target: at least 3 times faster than piscina, with either settings: they come to almost the same
 * here, and on a busy machine either pool can be the one whose wake-ups the scheduler delays.
 */

const path = require('node:path');
const { bench, compare, timed } = require('./harness.js');

const WORKER = path.join(__dirname, 'workers', 'one.js');

// One worker, always there: the one that is awaited is always the next to run. `recordTiming:
// false` saves a histogram. `atomics: 'sync'` (the default; the others were no better) makes the
// worker wait in Atomics.wait and read its port directly, not through its event loop.
const TUNED = {
  minThreads: 1,
  maxThreads: 1,
  idleTimeout: Infinity,
  recordTiming: false,
  atomics: 'sync',
};

function piscina(name, options, ops) {
  let pool;
  return {
    name,
    async setup() {
      const { FixedQueue, Piscina } = require('piscina');
      // A queue must be given: pools that are not given one share that of piscina's defaults.
      pool = new Piscina({ filename: WORKER, taskQueue: new FixedQueue(), ...options });
      await pool.run();
    },
    sample: () =>
      timed(ops, async () => {
        let sum = 0;
        for (let i = 0; i < ops; i++) sum += await pool.run();
        if (sum !== ops) throw new Error(`${name}: sum ${sum}`);
      }),
    teardown: () => pool?.destroy(),
  };
}

function ours(ops) {
  const { spawn, shutdown } = require('../lib/index.js');
  return {
    name: 'ours',
    sample: () =>
      timed(ops, async () => {
        let sum = 0;
        for (let i = 0; i < ops; i++) sum += await spawn(() => 1);
        if (sum !== ops) throw new Error(`ours: sum ${sum}`);
      }),
    teardown: () => shutdown(),
  };
}

bench(module, {
  title: 'sequential await spawn(() => 1) against piscina',
  run({ quick }) {
    // Short samples and many: on a busy machine a wake-up takes either some tens of microseconds or
    // several times that, for a while; only with many samples the median is the usual case.
    const ops = quick ? 100 : 200;
    return compare({
      rounds: quick ? 60 : 150,
      warmup: 10,
      maxTime: quick ? 4e3 : 15e3,
      perSecond: true,
      contenders: [ours(ops), piscina('piscina (tuned)', TUNED, ops), piscina('piscina (defaults)', {}, ops)],
      ratios: [
        { over: 'piscina (tuned)', under: 'ours', atLeast: 3 },
        { over: 'piscina (defaults)', under: 'ours', atLeast: 3 },
      ],
    });
  },
});
