// Stress of channels: messages with numbers of their own go through random topologies of channels that are local to an isolate, are
// promoted while they are used, are shared among isolates, or end in the host, while tasks are killed, operations aborted and
// channels closed at random.
//
//   node scripts/stress-channels.mjs [--seconds=60] [--seed=N] [--storm]
//
// In each round a tree of producers, relays and consumers moves messages. Everyone notes what it has seen in memory that all
// share, so nothing that is checked has gone through a channel:
//
//   sent[m]       by the producer, after its send has succeeded
//   tried[m]      by the producer, before the send
//   seen[m]       how often a consumer has received it
//
// What was sent is received exactly once, or lies in a channel at the end, or was with a relay that was killed while it had it: that
// says so in `held`, but for the moment between its receive and its note, so each kill may cost one message more. What was never
// tried is never seen; and the messages that one producer has sent reach each consumer
// in order where no relay and no kill lies between.

import { createRequire } from 'node:module';

const { Isolate, chan, select, shutdown, sleep } = createRequire(import.meta.url)('../lib/index.js');

const option = (name, value) =>
  process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? value;
const seconds = Number(option('seconds', 60));
const form = process.argv.includes('--storm') ? 'storm' : 'coroutine';
let seed = Number(option('seed', Date.now() % 1e9)) | 1;
const firstSeed = seed;

/** A whole number from 0 to below `count`. */
function draw(count) {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) % count;
}

/** Slots of `held` for tasks. */
const TASKS = 64;

/** What all of one round share. */
function tables(messages) {
  const table = (length) => new Int32Array(new SharedArrayBuffer(4 * length));
  return { tried: table(messages), sent: table(messages), seen: table(messages), held: table(TASKS), wrong: table(1) };
}

/** Sends `count` messages, from number `first`, by all the ways in which one can. */
async function produce(to, first, count, { tried, sent }, other) {
  for (let m = first; m < first + count; m++) {
    Atomics.store(tried, m, 1);
    const value = m % 5 === 0 ? { m, text: 'x'.repeat(m % 50) } : m;
    try {
      if (m % 7 === 3) {
        while (!to.trySend(value)) await sleep(0);
      } else if (m % 7 === 5) {
        let result;
        do result = await select([[to, value], other]);
        while (result.index !== 0);
      } else {
        await to.send(value);
      }
      Atomics.store(sent, m, 1);
    } catch (error) {
      if (error.code !== 'ERR_CHANNEL_CLOSED') throw error;
      return;
    }
  }
}

/** Passes messages on; says in `held` which one it has. */
async function relay(from, to, place, { held }) {
  for (;;) {
    const { value, done } = await from.next();
    if (done) return;
    Atomics.store(held, place, (typeof value === 'number' ? value : value.m) + 1);
    await to.send(value);
    Atomics.store(held, place, 0);
  }
}

/** Receives by all the ways in which one can, until the channel is closed; checks the order of each producer where that is kept. */
async function consume(from, { seen, wrong }, perProducer, isOrdered, other) {
  const last = [];
  for (let turn = 0; ; turn++) {
    let got;
    if (turn % 5 === 1) {
      const { ok, value, closed } = from.tryRecv();
      if (!ok && !closed) {
        await sleep(0);
        continue;
      }
      got = { value, done: !ok };
    } else if (turn % 5 === 3) {
      const { index, value, ok } = await select([other, from]);
      if (index === 0) continue;
      got = { value, done: !ok };
    } else {
      got = await from.next();
    }
    if (got.done) return;
    const m = typeof got.value === 'number' ? got.value : got.value.m;
    Atomics.add(seen, m, 1);
    if (!isOrdered) continue;
    const producer = Math.floor(m / perProducer);
    if (last[producer] !== undefined && last[producer] >= m) Atomics.add(wrong, 0, 1);
    last[producer] = m;
  }
}

/** All that is left in a channel is counted as seen. */
function drain(channel, { seen }) {
  for (let got = channel.tryRecv(); got.ok; got = channel.tryRecv()) {
    Atomics.add(seen, typeof got.value === 'number' ? got.value : got.value.m, 1);
  }
}

async function round(isolates) {
  const producers = 1 + draw(4);
  const consumers = 1 + draw(4);
  const relays = draw(4);
  const perProducer = [50, 400, 1500][draw(3)];
  const messages = producers * perProducer;
  const all = tables(messages);
  const idle = chan();
  const front = chan([0, 0, 1, 8, Infinity][draw(5)]);
  const back = relays === 0 ? front : chan([0, 0, 1, 8, Infinity][draw(5)]);
  const kills = draw(3) === 0;
  const closesEarly = draw(4) === 0;
  const isOrdered = relays === 0 && !kills && consumers === 1;
  /** In the host, or in one of the isolates. */
  const start = (role, ...args) => {
    if (draw(5) === 0) return Object.assign(role(...args), { isHost: true });
    const task = isolates[draw(isolates.length)].spawn.with({ form })(role, ...args);
    task.catch(() => {});
    return task;
  };
  const made = [];
  for (let i = 0; i < producers; i++) {
    made.push(start(produce, front, i * perProducer, perProducer, all, idle));
  }
  const passing = [];
  for (let i = 0; i < relays; i++) passing.push(start(relay, front, back, i, all));
  const ends = [];
  for (let i = 0; i < consumers; i++) ends.push(start(consume, back, all, perProducer, isOrdered, idle));
  const stop = { now: false };
  let killed = 0;
  const chaos = (async () => {
    for (let next = relays; kills && !stop.now && next < TASKS; ) {
      await sleep(draw(4));
      const index = draw(Math.max(passing.length, 1));
      const victim = passing[index];
      if (victim === undefined || victim.isHost || stop.now) continue;
      victim.kill('stress');
      killed++;
      await victim.catch(() => {});
      passing[index] = start(relay, front, back, next++, all);
    }
  })();
  if (closesEarly) {
    await sleep(draw(20));
    front.close();
  }
  await Promise.all(made);
  stop.now = true;
  await chaos;
  if (!closesEarly) front.close();
  if (relays > 0) {
    await Promise.all(passing.map((task) => task.catch(() => {})));
    back.close();
  }
  await Promise.all(ends);
  drain(front, all);
  drain(back, all);
  return check(all, {
    producers,
    consumers,
    relays,
    perProducer,
    killed,
    closesEarly,
    front: front.capacity,
    back: back.capacity,
  });
}

function check({ tried, sent, seen, held, wrong }, setting) {
  const inHand = new Set([...held].filter((m) => m > 0).map((m) => m - 1));
  const problems = [];
  const lost = [];
  let received = 0;
  for (let m = 0; m < tried.length; m++) {
    received += seen[m];
    if (seen[m] > 1) problems.push(`${m} came ${seen[m]} times`);
    if (seen[m] > 0 && tried[m] === 0) problems.push(`${m} was never sent`);
    if (sent[m] === 1 && seen[m] === 0 && !inHand.has(m)) lost.push(m);
  }
  if (lost.length > setting.killed) problems.push(`lost with ${setting.killed} kills: ${lost.slice(0, 20).join(', ')}`);
  if (wrong[0] > 0) problems.push(`${wrong[0]} came out of order`);
  if (problems.length > 0) {
    console.error(problems.slice(0, 10).join('\n'), setting, `seed ${firstSeed}`);
    process.exitCode = 1;
  }
  return received;
}

const isolates = [new Isolate(), new Isolate(), new Isolate()];
const end = performance.now() + seconds * 1000;
let total = 0;
let rounds = 0;
while (performance.now() < end && process.exitCode === undefined) {
  const last = { seed };
  const watchdog = setTimeout(() => {
    console.error(`round ${rounds} hangs; it began with seed ${last.seed}`);
    process.exit(1);
  }, 60_000);
  total += await round(isolates);
  clearTimeout(watchdog);
  rounds++;
}
console.log(
  `${total} messages in ${rounds} rounds, form ${form}, seed ${firstSeed}: ${process.exitCode === 1 ? 'WRONG' : 'none lost, none twice, order kept'}`,
);
await Promise.all(isolates.map((isolate) => isolate.dispose()));
await shutdown();
