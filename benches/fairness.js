/**
 * How long who needs little waits for those who compute.
 *
 *     node benches/fairness.js [--json]
 *
 * - 1,000 tasks that compute without end beside one that ticks every 10 ms, all on one isolate: how late the ticks are;
 * - the host's event loop while every isolate of the pool runs endless loops: how late a timer of 1 ms is, against the same
 *   timer while nothing runs;
 * - under the same load: how long it takes until a task that is killed has settled, and until one that is paused stands still.
 *
 * 99th percentiles, in milliseconds. The time slice is the usual one, 10 ms.
 */

const { availableParallelism } = require('node:os');

const QUANTUM = 10;

const quantile = (list, q) => list.sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))];
const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const spin = (cell) => {
  for (let turn = 0; ; turn++) if (cell !== undefined) Atomics.store(cell, 0, turn);
};

/** Lateness of ticks beside tasks that compute, all on one isolate. */
async function ticks(Isolate) {
  const isolate = new Isolate();
  for (let index = 0; index < 1000; index++) isolate.spawn(spin, undefined).catch(() => {});
  const late = await isolate.spawn(() => {
    const list = [];
    for (let turn = 0; turn < 400; turn++) {
      const due = performance.now() + 10;
      sleep(10);
      list[turn] = performance.now() - due;
    }
    return list;
  });
  await isolate.dispose();
  return late;
}

/** Lateness of a timer of the host's. */
async function hostDelays(count) {
  const list = [];
  for (let turn = 0; turn < count; turn++) {
    const due = performance.now() + 1;
    await delay(1);
    list[turn] = Math.max(0, performance.now() - due);
  }
  return list;
}

/** Milliseconds until something is so, looked at in every turn of the event loop. */
async function until(condition) {
  const begun = performance.now();
  while (!condition()) await new Promise(setImmediate);
  return performance.now() - begun;
}

async function kills(spawn, count) {
  const list = [];
  for (let turn = 0; turn < count; turn++) {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const task = spawn(spin, cell);
    await until(() => cell[0] > 0);
    await delay(turn % 13);
    const begun = performance.now();
    task.kill();
    await task.catch(() => {});
    list[turn] = performance.now() - begun;
  }
  return list;
}

async function pauses(spawn, count) {
  const list = [];
  for (let turn = 0; turn < count; turn++) {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const task = spawn(spin, cell);
    await until(() => cell[0] > 0);
    await delay(turn % 13);
    const begun = performance.now();
    task.pause();
    let last = begun;
    let seen = cell[0];
    // It has had no turn for longer than all others together take.
    while (performance.now() - last < 150) {
      await new Promise(setImmediate);
      if (cell[0] === seen) continue;
      seen = cell[0];
      last = performance.now();
    }
    list[turn] = last - begun;
    task.kill();
    await task.catch(() => {});
  }
  return list;
}

async function main() {
  const { Isolate, shutdown, spawn } = require('../lib/index.js');
  const rows = [];
  const row = (name, value, target) => rows.push({ name, value, unit: 'ms', target, holds: value <= target });

  row('ticks beside 1,000 tasks that compute: lateness', quantile(await ticks(Isolate), 0.99), 2 * QUANTUM);

  const idle = quantile(await hostDelays(400), 0.99);
  const tasks = [];
  for (let index = 0; index < 4 * availableParallelism(); index++) tasks.push(spawn(spin, undefined));
  for (const task of tasks) task.catch(() => {});
  await delay(200);
  row("the host's timers while all isolates are busy: lateness", quantile(await hostDelays(1500), 0.99), idle + 2);
  row('the same while nothing runs', idle, Infinity);
  row('kill', quantile(await kills(spawn, 150), 0.99), 25);
  row('pause', quantile(await pauses(spawn, 40), 0.99), 25);
  await shutdown();

  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(rows));
    return;
  }
  for (const { name, value, unit, target, holds } of rows) {
    const claim = target === Infinity ? '' : `  (at most ${target.toFixed(1)}${holds ? '' : ': MISSED'})`;
    console.log(`${name.padEnd(58)} ${value.toFixed(2).padStart(8)} ${unit}${claim}`);
  }
}

if (require.main === module) main();
