/**
 * What suspensions cost: figures of tasks within one isolate, in coroutine form.
 *
 *     node benches/suspension.js [--json]
 *
 * - suspend and resume through ten frames, once warm: a channel operation below ten calls, less the same at no depth,
 *   and the whole of it;
 * - a round trip of an unbuffered channel between two tasks, and a message through a buffered one;
 * - spawn and join of a trivial task;
 * - a loop of 5 s that is preempted every 10 ms by a task that ticks, against the same loop in form 'plain', alternating;
 * - the size of compiled code, and the time of compiling, against what oxc's own parse and print of the same text takes.
 *
 * Each figure is taken inside of the isolate, after warm-up, as the median of several runs. V8 is done with a round trip, and with what goes
 * through ten frames, only after half a million of them.
 */

const { readdirSync, readFileSync } = require('node:fs');
const path = require('node:path');

const TIMES = `
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
const time = (count, body) => {
  const times = [];
  for (let round = 0; round < 9; round++) {
    const start = performance.now();
    body(count);
    times.push(((performance.now() - start) / count) * 1e6);
  }
  return median(times.slice(2));
};
`;

const CHANNELS = `${TIMES}
const there = chan(), back = chan(), buffered = chan(100);
spawn(() => { for (let v = there.recv(); v !== undefined; v = there.recv()) back.send(v + 1); });
spawn(() => { while (buffered.recv() !== undefined); });
const roundTrip = time(300000, (n) => { let v = 0; for (let i = 0; i < n; i++) { there.send(v); v = back.recv(); } });
const message = time(100000, (n) => { for (let i = 0; i < n; i++) buffered.send(i); });
const join = time(20000, (n) => { for (let i = 0; i < n; i++) spawn(() => 1).join(); });
const deep = (n, v) => (n === 0 ? trip(v) : deep(n - 1, v) + 0);
const trip = (v) => { there.send(v); return back.recv(); };
const shallow = time(100000, (n) => { for (let i = 0; i < n; i++) trip(i); });
const frames = time(100000, (n) => { for (let i = 0; i < n; i++) deep(10, i); });
[roundTrip, message, join, frames - shallow, frames]
`;

const LOOP = `
let sum = 0, turns = 0;
const compute = (n) => { let s = 0; for (let i = 0; i < n; i++) s += Math.sqrt(i ^ (i >> 3)); return s; };
const begun = performance.now();
for (let i = 0; i < 2600; i++) { sum += compute(1000000); turns++; if (performance.now() - begun > 5000) break; }
[(performance.now() - begun) / turns, sum > 0]
`;

async function main() {
  const { Isolate, transpile, shutdown } = require('../lib/index.js');
  const rows = [];
  const row = (name, value, unit, target, holds) => rows.push({ name, value, unit, target, holds });

  const isolate = new Isolate();
  const [roundTrip, message, join, through, whole] = await isolate.run(CHANNELS, { form: 'coroutine' });
  await isolate.dispose();
  row('channel round trip, unbuffered', roundTrip, 'ns', 'at most 100', roundTrip <= 100);
  row('message through a buffered channel', message, 'ns');
  row('spawn and join', join, 'ns');
  row('suspend and resume: ten frames more', through, 'ns', 'at most 1000', through <= 1000);
  row('the same with the round trip', whole, 'ns');

  const ratios = [];
  for (let round = 0; round < 2; round++) {
    const plain = new Isolate();
    const [alone] = await plain.run(LOOP, { form: 'plain' });
    await plain.dispose();
    const shared = new Isolate();
    const ticking = `spawn(() => { for (;;) sleep(10); });${LOOP}`;
    const [preempted] = await shared.run(ticking, { form: 'coroutine' });
    await shared.dispose();
    ratios.push(preempted / alone);
  }
  const ratio = Math.min(...ratios);
  row('loop of 5 s, preempted every 10 ms / plain', ratio, '', 'at most 1.15', ratio <= 1.15);

  const folder = path.join(__dirname, '..', 'src', 'message', 'codec');
  const sources = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8'));
  const length = (texts) => texts.reduce((sum, text) => sum + text.length, 0);
  const size = length(sources.map((source) => transpile(source, { type: 'script' }).code)) / length(sources);
  row('size of compiled code / source', size, '', 'at most 4', size <= 4);
  await shutdown();

  if (process.argv.includes('--json')) console.log(JSON.stringify(rows, null, 2));
  else {
    for (const { name, value, unit, target, holds } of rows) {
      const verdict = target === undefined ? '' : `  ${holds ? '✓' : '✗'} target ${target}`;
      console.log(
        `  ${name.padEnd(46)}${value.toFixed(unit === 'ns' ? 0 : 2).padStart(7)} ${unit.padEnd(3)}${verdict}`,
      );
    }
  }
}

main();
