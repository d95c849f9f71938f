/**
 * Throughput: 10,000 trivial tasks in flight at once.
 *
 * Measures `Promise.all` of 10,000 `spawn(() => 1)` against `Promise.all` of 10,000 `pool.run()`
 * of piscina, whose worker file returns 1; shown is the time per task.
 *
 * Why it is fair: both have the same number of threads, one per processor, up and warm, and idle
 * while the other is measured. piscina has the settings that gave it the highest throughput when
 * its options were tried out (see `TUNED`), and is also shown with its defaults.
 *
 * Target: at least 3 times the throughput of the tuned piscina.
 */

const path = require('node:path');
const { CPUS, bench, compare, timed } = require('./harness.js');

const WORKER = path.join(__dirname, 'workers', 'one.js');
const TASKS = 10_000;

const THREADS = { minThreads: CPUS, maxThreads: CPUS };

// By default piscina gives a worker its next task when it has answered the last. With room for all
// at every worker it posts them at once and the workers never wait, which about doubles its
// throughput. `recordTiming: false` saves a histogram.
const TUNED = {
  ...THREADS,
  idleTimeout: Infinity,
  recordTiming: false,
  concurrentTasksPerWorker: TASKS,
  atomics: 'sync',
};

async function inFlight(start) {
  const results = await Promise.all(Array.from({ length: TASKS }, start));
  const sum = results.reduce((a, b) => a + b, 0);
  if (sum !== TASKS) throw new Error(`sum ${sum} of ${TASKS} tasks`);
}

function piscina(name, options) {
  let pool;
  return {
    name,
    setup() {
      const { FixedQueue, Piscina } = require('piscina');
      // A queue must be given: pools that are not given one share that of piscina's defaults.
      pool = new Piscina({ filename: WORKER, taskQueue: new FixedQueue(), ...options });
    },
    sample: () => timed(TASKS, () => inFlight(() => pool.run())),
    teardown: () => pool?.destroy(),
  };
}

function ours() {
  const { configure, spawn, shutdown } = require('../lib/index.js');
  return {
    name: 'ours',
    setup: () => configure({ threads: CPUS }),
    sample: () => timed(TASKS, () => inFlight(() => spawn(() => 1))),
    teardown: () => shutdown(),
  };
}

bench(module, {
  title: `${TASKS.toLocaleString('en-US')} trivial tasks in flight against piscina`,
  run: ({ quick }) =>
    compare({
      rounds: quick ? 7 : 15,
      warmup: quick ? 1 : 2,
      maxTime: quick ? 5e3 : 20e3,
      perSecond: true,
      contenders: [ours(), piscina('piscina (tuned)', TUNED), piscina('piscina (defaults)', THREADS)],
      ratios: [
        { over: 'piscina (tuned)', under: 'ours', atLeast: 3 },
        { over: 'piscina (defaults)', under: 'ours' },
      ],
      note: `${CPUS} threads each`,
    }),
});
