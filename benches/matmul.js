/**
 * Parallelism: a matrix product on one thread and on all processors.
 *
 * Measures C = A * B for square matrices of doubles (Float64Array), the rows of A and C split into
 * one task per processor, the result put together on the host; once with `threads: 1`, once with a
 * thread per processor. The time includes all copying of A, B and C. As information also the plain
 * host (the function called directly, no copies), and the same split over Workers: what this
 * machine gives to anybody, at this moment, on processors that may not be its own.
 *
 * Why it is fair: both sides run the same tasks with the same arguments; only the number of threads
 * differs. Before each sample the pool is set up anew, so that there is only one at a time, and
 * multiplies once, so that neither the start of its threads nor the compilation is measured. Each
 * product is compared with the host's.
 *
 * Target: speed-up at least 0.9 times the number of processors.
 */

const { Worker, SHARE_ENV } = require('node:worker_threads');
const { CPUS, bench, compare, timed } = require('./harness.js');

// What the tasks run: some rows of the product; b comes transposed. Shipped as source text, so it
// must not refer to anything outside itself. In tiles, so that the part of b in use stays in the
// processor's own cache, and the processors do not compete for the memory that they share.
function multiplyRows(a, b, n) {
  const TILE = 32;
  const rows = a.length / n;
  const c = new Float64Array(rows * n);
  for (let from = 0; from < n; from += TILE) {
    const to = Math.min(from + TILE, n);
    for (let i = 0; i < rows; i++) {
      for (let j = from; j < to; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += a[i * n + k] * b[j * n + k];
        c[i * n + j] = sum;
      }
    }
  }
  return c;
}

/** Splits the rows of a, has `run` multiply each part, and puts the result together. */
async function multiply(run, a, b, n) {
  const bounds = Array.from({ length: CPUS + 1 }, (_, i) => Math.round((i * n) / CPUS));
  const parts = await Promise.all(
    bounds.slice(1).map((end, i) => {
      // A copy, not a view: a view would take the whole matrix along.
      return run(i, a.slice(bounds[i] * n, end * n), b, n);
    }),
  );
  const c = new Float64Array(n * n);
  for (const [i, part] of parts.entries()) c.set(part, bounds[i] * n);
  return c;
}

function random(n) {
  return Float64Array.from({ length: n * n }, () => Math.random() - 0.5);
}

function onPool(name, threads, measure) {
  const { configure, spawn, shutdown } = require('../lib/index.js');
  return {
    name,
    async sample() {
      configure({ threads });
      try {
        return await measure((_i, ...args) => spawn(multiplyRows, ...args));
      } finally {
        await shutdown();
      }
    },
  };
}

function onWorkers(name, threads, measure) {
  const source = `
    const { parentPort } = require('node:worker_threads');
    ${multiplyRows}
    parentPort.on('message', (args) => parentPort.postMessage(multiplyRows(...args)));
  `;
  return {
    name,
    async sample() {
      const workers = Array.from({ length: threads }, () => {
        return new Worker(source, { eval: true, env: SHARE_ENV });
      });
      // Of a worker with several parts the answers come in the order of the questions.
      const run = (i, ...args) =>
        new Promise((resolve, reject) => {
          const worker = workers[i % threads];
          worker.waiting ??= [];
          worker.waiting.push(resolve);
          worker.once('error', reject);
          worker.postMessage(args);
        });
      for (const worker of workers) {
        worker.on('message', (part) => worker.waiting.shift()(part));
      }
      try {
        return await measure(run);
      } finally {
        await Promise.all(workers.map((worker) => worker.terminate()));
      }
    },
  };
}

bench(module, {
  title: 'a matrix product on all processors against one thread',
  run({ quick }) {
    const n = quick ? 384 : 768;
    const a = random(n);
    const b = random(n);
    const expected = multiplyRows(a, b, n);

    const measure = async (run) => {
      await multiply(run, a, b, n);
      let c;
      const ns = await timed(1, async () => {
        c = await multiply(run, a, b, n);
      });
      // Exactly equal: each element is the same sum in the same order.
      if (!c.every((value, i) => value === expected[i])) throw new Error('wrong product');
      return ns;
    };
    const threads = (count) => `${count} thread${count === 1 ? '' : 's'}`;
    const [one, all] = [threads(1), CPUS === 1 ? 'all threads' : threads(CPUS)];

    return compare({
      rounds: quick ? 5 : 11,
      warmup: 0, // every sample begins with its own
      maxTime: quick ? 5e3 : 35e3,
      contenders: [
        onPool(`ours, ${one}`, 1, measure),
        onPool(`ours, ${all}`, CPUS, measure),
        onWorkers(`Workers, ${one}`, 1, measure),
        onWorkers(`Workers, ${all}`, CPUS, measure),
        { name: 'host', sample: () => timed(1, () => multiplyRows(a, b, n)) },
      ],
      ratios: [
        {
          label: 'speed-up of ours',
          over: `ours, ${one}`,
          under: `ours, ${all}`,
          atLeast: Number((0.9 * CPUS).toFixed(2)),
        },
        { label: 'speed-up of Workers', over: `Workers, ${one}`, under: `Workers, ${all}` },
        { over: `ours, ${one}`, under: 'host' },
      ],
      note: `n = ${n}, ${CPUS} processors`,
    });
  },
});
