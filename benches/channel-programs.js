/**
 * Programs made of tasks and channels, against Go: the prime sieve (each prime a task that filters for the next) and skynet (a
 * million leaves under ten children each, whose sums come up through channels). Ours run in one isolate, on one thread.
 *
 * Ours are measured warm, as in `channels.js`: Go's program comes compiled. What they take where nothing of them was ever run, so that V8
 * interprets and compiles them meanwhile, is said beside that.
 *
 * Target: at most Go's time, on all processors.
 */

const { bench, compare } = require('./harness.js');
const { goContenders, measurable } = require('./go/go.js');

const PRIMES = 2_000;
const LEAVES = 1_000_000;

function sieve(count) {
  const begin = performance.now();
  let source = chan();
  const first = source;
  const tasks = [
    spawn(() => {
      for (let i = 2; ; i++) first.send(i);
    }),
  ];
  let prime = 0;
  for (let i = 0; i < count; i++) {
    const from = source;
    const to = chan();
    const p = from.recv();
    tasks.push(
      spawn(() => {
        for (;;) {
          const n = from.recv();
          if (n % p !== 0) to.send(n);
        }
      }),
    );
    source = to;
    prime = p;
  }
  const time = (performance.now() - begin) * 1e6;
  for (const task of tasks) task.kill();
  if (count === 2000 && prime !== 17_389) throw new Error(`the last prime is ${prime}`);
  return time;
}

function skynet(leaves) {
  function node(to, number, size) {
    if (size === 1) {
      to.send(number);
      return;
    }
    const from = chan();
    for (let i = 0; i < 10; i++) spawn(node, from, number + i * (size / 10), size / 10);
    let sum = 0;
    for (let i = 0; i < 10; i++) sum += from.recv();
    to.send(sum);
  }
  const begin = performance.now();
  const to = chan();
  spawn(node, to, 0, leaves);
  const sum = to.recv();
  const time = (performance.now() - begin) * 1e6;
  if (sum !== (leaves * (leaves - 1)) / 2) throw new Error(`the sum is ${sum}`);
  return time;
}

bench(module, {
  title: 'prime sieve and skynet against Go',
  async run({ quick }) {
    const { Isolate, shutdown } = require('../lib/index.js');
    const warm = new Isolate();
    const contenders = [];
    for (const [name, fn, count, go] of [
      ['prime sieve', sieve, PRIMES, 'sieve'],
      ['skynet', skynet, LEAVES, 'skynet'],
    ]) {
      contenders.push({ name, sample: () => warm.spawn(fn, count) });
      contenders.push({
        name: `${name}, fresh isolate`,
        async sample() {
          const isolate = new Isolate();
          const time = await isolate.spawn(fn, count);
          await isolate.dispose();
          return time;
        },
      });
      contenders.push(...goContenders([[`${name}, Go`, go, count]]));
    }
    try {
      return await compare({
        rounds: quick ? 3 : 7,
        warmup: quick ? 1 : 2,
        maxTime: quick ? 40e3 : 90e3,
        contenders,
        ratios: measurable(
          ['prime sieve', 'skynet'].flatMap((name) => [
            { over: name, under: `${name}, Go`, atMost: 1 },
            { over: `${name}, fresh isolate`, under: `${name}, Go` },
          ]),
          contenders,
        ),
      });
    } finally {
      await shutdown();
    }
  },
});
