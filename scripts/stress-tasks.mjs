// Stress of tasks: random trees of tasks, of which some may run on any isolate and some stay beside their parent, compute, sleep, fail
// and start others, while they are killed, paused and resumed at random.
//
//   node scripts/stress-tasks.mjs [--seconds=60] [--seed=N] [--storm]
//
// Each task has a number, and notes in memory that all share what has become of it:
//
//   state[n]   1 once it has begun, 2 more once it has ended by itself, 4 more once it has failed, 8 more once `finally` has run
//
// and whoever has started it notes what it was told:
//
//   told[n]    1 for a result, 2 for its failure, 3 for a kill
//   parent[n]  the number of whoever has started it
//
// In the end every task that was started has been accounted for once: who was told of a result sees that the task has ended by itself, who
// was told of a failure that it has failed; what was killed and had begun has run `finally`; and nothing runs any more.

import { createRequire } from 'node:module';

const { configure, shutdown, spawn, stats } = createRequire(import.meta.url)('../lib/index.js');

const option = (name, value) =>
  process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? value;
const seconds = Number(option('seconds', 60));
const form = process.argv.includes('--storm') ? 'storm' : 'coroutine';
const firstSeed = Number(option('seed', Date.now() % 1e9)) | 1;

/** Tasks of a round at most. */
const TASKS = 4096;

configure({ threads: 4, quantum: 2, killGrace: 20_000 });

/** One task of the tree, which starts others. `memory`: the number of the last task, then `state`, `told` and `parent` of each. */
function grow(memory, seed, depth, self) {
  const view = new Int32Array(memory);
  const TASKS = 4096;
  let random = seed | 1;
  const draw = (count) => {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return (random >>> 0) % count;
  };
  const note = (at, bits) => Atomics.or(view, at, bits);
  const compute = (ms) => {
    const end = performance.now() + ms;
    let turns = 0;
    while (performance.now() < end) turns++;
    return turns;
  };
  const children = [];
  const start = () => {
    const number = Atomics.add(view, 0, 1) + 1;
    if (number > TASKS) return;
    Atomics.store(view, number * 3 + 2, self);
    const from = draw(1 << 30);
    const kind = draw(4);
    // What a portable task needs is in constants; the other kind shares a variable with its parent.
    const task =
      kind === 0
        ? spawn(() => {
            random ^= 1;
            return body(memory, from, depth - 1, number);
          })
        : spawn(() => body(memory, from, depth - 1, number));
    children.push([number, task]);
  };
  const body = (memory, from, depth, number) => {
    const view = new Int32Array(memory);
    Atomics.or(view, number * 3, 1);
    try {
      let random = from | 1;
      const draw = (count) => {
        random ^= random << 13;
        random ^= random >>> 17;
        random ^= random << 5;
        return (random >>> 0) % count;
      };
      const what = draw(8);
      if (what === 0) sleep(draw(5));
      if (what === 1) {
        const end = performance.now() + draw(6);
        while (performance.now() < end);
      }
      if (what === 2 && depth > 0) {
        grow(memory, from, depth, number);
        Atomics.or(view, number * 3, 2);
        return number;
      }
      if (what === 3) {
        Atomics.or(view, number * 3, 4);
        throw new Error(`failed ${number}`);
      }
      if (what === 4) for (let i = 0; i < 50; i++) sleep(1);
      Atomics.or(view, number * 3, 2);
      return number;
    } finally {
      Atomics.or(view, number * 3, 8);
    }
  };
  const count = 2 + draw(12);
  for (let i = 0; i < count; i++) {
    start();
    if (children.length === 0) break;
    const [, victim] = children[draw(children.length)];
    const what = draw(10);
    if (what === 0) victim.kill('at random');
    if (what === 1) {
      victim.pause();
      if (draw(2)) compute(1);
      victim.resume();
    }
    if (what === 2) sleep(1);
    if (what === 3) compute(draw(4));
  }
  for (const [number, task] of children) {
    try {
      const value = task.join();
      note(number * 3 + 1, value === number ? 1 : 16);
    } catch (error) {
      if (error.code === 'ERR_TASK_KILLED') note(number * 3 + 1, 3);
      else note(number * 3 + 1, error.message === `failed ${number}` ? 2 : 32);
    }
  }
}

// Failures of those whose parent was killed are told of nobody else.
process.on('unhandledRejection', (error) => {
  if (!/^failed \d+$/.test(error?.message)) fail(`unhandled: ${error?.stack}`);
});

const end = Date.now() + seconds * 1000;
let seed = firstSeed;
let rounds = 0;
const totals = { tasks: 0, done: 0, failed: 0, killed: 0 };
let said = Date.now();

while (Date.now() < end) {
  const memory = new SharedArrayBuffer((3 * TASKS + 6) * 4);
  const roots = Array.from({ length: 2 }, (_, index) => {
    const from = seed + index * 7919;
    // Captured, it is known to tasks as a function that may go on to others.
    return spawn.with({ form })(() => grow(memory, from, 3, 0));
  });
  const killed = rounds % 5 === 4 ? roots[seed % 2] : undefined;
  if (killed !== undefined) setTimeout(() => killed.kill('a root'), seed % 20);
  const ends = await Promise.allSettled(roots);
  for (const [index, one] of ends.entries()) {
    if (one.status === 'rejected' && roots[index] !== killed) fail(`root ${index}: ${one.reason?.stack}`);
  }
  // Those of a root that was killed end by themselves.
  const view = new Int32Array(memory);
  const count = Math.min(Atomics.load(view, 0), TASKS);
  const until = Date.now() + 30_000;
  const isOpen = (number) => {
    const state = Atomics.load(view, number * 3);
    return (state & 1) !== 0 && (state & 8) === 0;
  };
  for (let number = 1; number <= count; number++) {
    while (isOpen(number)) {
      if (Date.now() > until) fail(`task ${number} has begun and does not end`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const state = Atomics.load(view, number * 3);
    const told = Atomics.load(view, number * 3 + 1);
    totals.tasks++;
    // Whoever was killed has not asked for the others.
    const parent = Atomics.load(view, number * 3 + 2);
    const mayBeUntold = parent === 0 ? killed !== undefined : [0, 3].includes(Atomics.load(view, parent * 3 + 1));
    if (told === 0 && !mayBeUntold) fail(`nobody was told of task ${number}`);
    if (told === 1 && (state & 2) === 0) fail(`task ${number} gave a result and has not ended: ${state}`);
    if (told === 2 && (state & 4) === 0) fail(`task ${number} gave a failure and has not failed: ${state}`);
    if (told > 3) fail(`task ${number} gave something else: ${told}`);
    if (told === 1) totals.done++;
    if (told === 2) totals.failed++;
    if (told === 3) totals.killed++;
  }
  seed = (seed * 48271) % 2147483647;
  rounds++;
  if (Date.now() - said > 5000) {
    said = Date.now();
    console.log(`${rounds} rounds, ${totals.tasks} tasks, ${stats().steals} sent`);
  }
}

const left = stats();
if (left.tasks.pending !== 0) fail(`${left.tasks.pending} tasks are left`);
console.log(
  `seed ${firstSeed}: ${rounds} rounds, ${totals.tasks} tasks: ${totals.done} done, ${totals.failed} failed, ${totals.killed} killed; ` +
    `${left.steals} sent to other isolates; all accounted for`,
);
await shutdown();

function fail(text) {
  console.error(`seed ${firstSeed}, round ${rounds}, form ${form}: ${text}`);
  process.exit(1);
}
