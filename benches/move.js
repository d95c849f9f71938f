/* global transfer */

/**
 * Moving memory instead of copying it: does the size of an ArrayBuffer matter?
 *
 * Measures how long one and the same ArrayBuffer takes to a task and back, at 256 MB and at 1 MB.
 * As information also worker_threads, with `postMessage` and a transfer list in both directions,
 * and the host alone, which moves the buffer from itself to itself with `structuredClone`.
 *
 * Why it is fair: all pages are written before the first sample, so nobody profits from memory that
 * does not exist yet; and no allocation is measured, because the buffer that came back goes on the
 * next trip. That it is the same memory is proved on every trip: the task adds one to the first and
 * to the last byte, the host checks both, that its old handle is detached, and that the length is
 * right; at the end of the bench it looks at every page for what it wrote at the start. A copy
 * would also show as a ratio near 256. Before each sample there is a pause in which a collection
 * that the one before has set off can end.
 *
 * What is in the figures besides the move: V8 counts the memory of ArrayBuffers, and when the count
 * is more than 64 MB above its lowest since the last collection it starts another. So any isolate
 * that is handed 256 MB begins to mark its heap, every time, whoever hands it.
 * The host alone shows what that costs one isolate; it is left in, because programs pay it, too.
 *
 * Target: 256 MB costs at most twice what 1 MB costs.
 */

const { setImmediate, setTimeout } = require('node:timers/promises');
const { Worker, SHARE_ENV } = require('node:worker_threads');
const { bench, compare, timed } = require('./harness.js');

const MB = 2 ** 20;
const PAGE = 4096;
const FILL = 7;
const PAUSE = 25;

// What the tasks run. Shipped as source text, so it must not refer to anything outside itself.
// The only place that knows how a task moves a buffer out.
function bounce(buffer) {
  const bytes = new Uint8Array(buffer);
  bytes[0] += 1;
  bytes[bytes.length - 1] += 1;
  return transfer(buffer, [buffer]);
}

function bump(buffer) {
  const bytes = new Uint8Array(buffer);
  bytes[0] += 1;
  bytes[bytes.length - 1] += 1;
  return buffer;
}

const WORKER_SOURCE = `
  const { parentPort } = require('node:worker_threads');
  ${bump}
  parentPort.on('message', (buffer) => parentPort.postMessage(bump(buffer), [buffer]));
`;

function contender(name, size, trips, send) {
  let buffer;
  let done = 0;

  const trip = async () => {
    const old = buffer;
    buffer = await send(old);
    done++;
    if (old.byteLength !== 0) throw new Error(`${name}: the buffer was copied, not moved`);
    const bytes = new Uint8Array(buffer);
    const expected = (FILL + done) & 255;
    if (bytes.length !== size || bytes[0] !== expected || bytes[size - 1] !== expected) {
      throw new Error(`${name}: something else came back`);
    }
  };

  return {
    name,
    setup() {
      buffer = new ArrayBuffer(size);
      new Uint8Array(buffer).fill(FILL);
    },
    async sample() {
      await setTimeout(PAUSE);
      return timed(trips, async () => {
        for (let i = 0; i < trips; i++) await trip();
      });
    },
    teardown() {
      const bytes = new Uint8Array(buffer);
      for (let at = PAGE; at < size - 1; at += PAGE) {
        if (bytes[at] !== FILL) throw new Error(`${name}: byte ${at} has changed`);
      }
    },
  };
}

bench(module, {
  title: 'an ArrayBuffer moved to a task and back, 256 MB against 1 MB',
  async run({ quick }) {
    const { spawn, shutdown } = require('../lib/index.js');
    const viaTask = (buffer) => spawn.with({ transfer: [buffer] })(bounce, buffer);

    const worker = new Worker(WORKER_SOURCE, { eval: true, env: SHARE_ENV });
    const viaWorker = (buffer) =>
      new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.postMessage(buffer, [buffer]);
      }).finally(() => worker.removeAllListeners('error'));

    // With a turn of the event loop, as any answer from elsewhere needs it, and marking as well.
    const viaHost = async (buffer) => {
      const moved = bump(structuredClone(buffer, { transfer: [buffer] }));
      await setImmediate();
      return moved;
    };

    // Fewer of the slow ones (if they are slow), so that the samples of a pair last about as long.
    const [small, large] = quick ? [50, 10] : [100, 20];
    try {
      return await compare({
        rounds: quick ? 15 : 41,
        warmup: 3,
        maxTime: quick ? 4e3 : 15e3,
        contenders: [
          contender('ours, 1 MB', MB, small, viaTask),
          contender('ours, 256 MB', 256 * MB, large, viaTask),
          contender('Worker, 1 MB', MB, small, viaWorker),
          contender('Worker, 256 MB', 256 * MB, large, viaWorker),
          contender('host alone, 1 MB', MB, small, viaHost),
          contender('host alone, 256 MB', 256 * MB, large, viaHost),
        ],
        ratios: [
          { over: 'ours, 256 MB', under: 'ours, 1 MB', atMost: 2 },
          { over: 'Worker, 256 MB', under: 'Worker, 1 MB' },
          { over: 'host alone, 256 MB', under: 'host alone, 1 MB' },
          { over: 'Worker, 256 MB', under: 'ours, 256 MB' },
        ],
      });
    } finally {
      await worker.terminate();
      await shutdown();
    }
  },
});
