/**
 * The price of isolation: a heap of one's own for one small job.
 *
 * Measures `new Isolate()`, one trivial task awaited, `dispose()` awaited; against a new Worker
 * that posts one message, `terminate()` awaited. Shown is the time per isolate, made one after the
 * other; as information also four at a time.
 *
 * Why it is fair: both give JavaScript a heap and a thread of its own, get one value out of it and
 * tear it down completely. The worker is the cheapest there is: its code is a string, and it shares
 * the environment's variables. One isolate is made on both sides before the first sample; what a
 * process pays once is the matter of cold-start.js. Not the same is what is inside: a Worker boots
 * a whole Node, ours only has JavaScript. That is the point of it, not a flaw of the comparison.
 *
 * Target: at least 10 times cheaper, one after the other.
 */

const { Worker, SHARE_ENV } = require('node:worker_threads');
const { bench, compare, timed } = require('./harness.js');

const AT_A_TIME = 4;
const SOURCE = 'require("node:worker_threads").parentPort.postMessage(1);';

function check(result) {
  if (result !== 1) throw new Error(`the isolate answered ${result}`);
}

async function viaIsolate() {
  const { Isolate } = require('../lib/index.js');
  const isolate = new Isolate();
  check(await isolate.spawn(() => 1));
  await isolate.dispose();
}

async function viaWorker() {
  const worker = new Worker(SOURCE, { eval: true, env: SHARE_ENV });
  check(
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    }),
  );
  await worker.terminate();
}

function contender(name, once, ops) {
  return {
    name,
    sample: () =>
      timed(ops, async () => {
        for (let i = 0; i < ops; i++) await once();
      }),
  };
}

function atATime(name, once, ops) {
  const lane = async () => {
    for (let i = 0; i < ops / AT_A_TIME; i++) await once();
  };
  return {
    name: `${name}, ${AT_A_TIME} at a time`,
    sample: () => timed(ops, () => Promise.all(Array.from({ length: AT_A_TIME }, lane))),
  };
}

bench(module, {
  title: 'a fresh private isolate against a new Worker',
  async run({ quick }) {
    const { shutdown } = require('../lib/index.js');
    // More of ours in a sample than of theirs, so that the samples of a pair last about as long.
    const [isolates, workers] = quick ? [20, 4] : [40, 8];
    const report = await compare({
      rounds: quick ? 7 : 15,
      maxTime: quick ? 5e3 : 25e3,
      perSecond: true,
      contenders: [
        contender('ours', viaIsolate, isolates),
        contender('Worker', viaWorker, workers),
        atATime('ours', viaIsolate, isolates),
        atATime('Worker', viaWorker, workers),
      ],
      ratios: [
        { over: 'Worker', under: 'ours', atLeast: 10 },
        { over: `Worker, ${AT_A_TIME} at a time`, under: `ours, ${AT_A_TIME} at a time` },
      ],
    });
    await shutdown();
    return report;
  },
});
