/**
 * Tasks that tasks start: what one costs, a million of them that wait, and how well processors are used.
 *
 * Targets: spawn and join of a trivial task at most 500 ns and at most Go's; a million parked tasks at most 400 bytes each, started in at
 * most 1.5 s; 300,000 tasks a second from the host; of the processors at least 0.95 where tasks are alike, 0.9 where one in ten is 50 times
 * longer, both for tasks that the host starts and for those that one task starts.
 */

const { bench, compare, CPUS } = require('./harness.js');
const { goContenders, measurable } = require('./go/go.js');

const PARKED = 1_000_000;
const STORM = 100_000;

function spawnAndJoin(count) {
  const begin = performance.now();
  for (let i = 0; i < count; i++) spawn((x) => x + 1, i).join();
  return ((performance.now() - begin) * 1e6) / count;
}

/** Starts tasks that wait; returns the seconds that it took. They end when the channel is closed. */
function park(count, gate) {
  const never = chan();
  let ended = 0;
  const begin = performance.now();
  for (let i = 0; i < count; i++) {
    spawn(() => {
      never.recv();
      ended++;
    });
  }
  sleep(0);
  const time = (performance.now() - begin) / 1000;
  while (Atomics.load(gate, 0) === 0) sleep(50);
  never.close();
  while (ended < count) sleep(1);
  return time;
}

/** Computes for about as many hundredths of a millisecond. */
function work(amount) {
  let x = 1;
  for (let i = 0; i < amount * 50_000; i++) x = (x * 16_807) % 2_147_483_647;
  return x;
}

const alike = Array.from({ length: 64 }, () => 40);
const skewed = Array.from({ length: 100 }, (_, index) => (index % 10 === 3 ? 100 : 2));

function inOneTask(amounts) {
  let sum = 0;
  for (const amount of amounts) sum += work(amount);
  return sum;
}

function inTasks(amounts) {
  const tasks = [];
  for (const amount of amounts) tasks.push(spawn(() => work(amount)));
  let sum = 0;
  for (const task of tasks) sum += task.join();
  return sum;
}

bench(module, {
  title: 'tasks of tasks, and all processors',
  async run({ quick }) {
    const { Isolate, configure, shutdown, spawn, stats } = require('../lib/index.js');
    configure({ heapLimit: 4e9 });
    const timed = async (body) => {
      const begin = performance.now();
      await body();
      return (performance.now() - begin) * 1e6;
    };
    const fromHost = (count) => Promise.all(Array.from({ length: count }, (_, index) => spawn((x) => x + 1, index)));
    const several = async (count, body) => {
      for (let i = 0; i < count; i++) await body();
    };
    const contenders = [
      {
        name: 'spawn and join',
        // Go's code is compiled from the start; each of the pool's isolates has to do that first.
        setup: () => several(4 * CPUS, () => spawn(spawnAndJoin, 500_000)),
        sample: () => spawn(spawnAndJoin, 500_000),
      },
      ...goContenders([['spawn and join, Go', 'spawn', 1_000_000]]),
      {
        name: 'from the host, 10,000 in flight',
        setup: () => several(4, () => fromHost(STORM)),
        sample: () => timed(() => several(10, () => fromHost(STORM / 10))).then((time) => time / STORM),
      },
      {
        name: 'from the host, 100,000 in flight',
        sample: () => timed(() => fromHost(STORM)).then((time) => time / STORM),
      },
      { name: '300,000 a second', sample: () => 1e9 / 300e3 },
    ];
    const ratios = measurable(
      [
        { over: 'spawn and join', under: 'spawn and join, Go', atMost: 1 },
        { over: 'from the host, 10,000 in flight', under: '300,000 a second', atMost: 1 },
        { over: 'from the host, 100,000 in flight', under: '300,000 a second' },
      ],
      contenders,
    );
    for (const [name, amounts, atMost] of [
      ['alike', alike, 1 / 0.95],
      ['skewed', skewed, 1 / 0.9],
    ]) {
      const single = `${name}, one after the other, by ${CPUS}`;
      contenders.push(
        { name: single, sample: () => timed(() => spawn(() => inOneTask(amounts))).then((time) => time / CPUS) },
        {
          name: `${name}, from the host`,
          sample: () => timed(() => Promise.all(amounts.map((amount) => spawn(() => work(amount))))),
        },
        { name: `${name}, from a task`, sample: () => timed(() => spawn(() => inTasks(amounts))) },
      );
      for (const from of ['host', 'task']) {
        ratios.push({ over: `${name}, from ${from === 'host' ? 'the host' : 'a task'}`, under: single, atMost });
      }
    }
    const isolate = new Isolate({ memoryLimit: 4e9 });
    const gate = new Int32Array(new SharedArrayBuffer(4));
    await isolate.spawn(() => 1);
    const before = isolate.stats().heapUsed;
    const parked = isolate.spawn(park, PARKED, gate);
    while (isolate.stats().childrenLiving < PARKED) await new Promise((resolve) => setTimeout(resolve, 100));
    // The heap's size is looked at once a second.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const bytes = (isolate.stats().heapUsed - before) / PARKED;
    Atomics.store(gate, 0, 1);
    const seconds = await parked;
    await isolate.dispose();
    console.log(
      `a million parked tasks: ${bytes.toFixed(0)} bytes each (at most 400), started in ${seconds.toFixed(2)} s (at most 1.5)\n`,
    );
    try {
      return await compare({ rounds: quick ? 3 : 7, warmup: 1, maxTime: quick ? 20e3 : 60e3, contenders, ratios });
    } finally {
      console.log(`sent to other isolates: ${stats().steals}`);
      await shutdown();
    }
  },
});
