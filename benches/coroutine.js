/**
 * The price of the coroutine form: what it costs that code can be suspended anywhere.
 *
 *     node benches/coroutine.js [--form NAME] [--quick] [--json] [filter...]
 *
 * Measures each kernel in `kernels/` as a task in the form 'plain' and in another one, by default
 * 'coroutine' (or what BENCH_FORM says). A filter is a part of a kernel's name, or a group.
 *
 * Why it is fair: both forms run the same text with the same size, each in a private isolate that
 * is kept for all rounds of the kernel, one after the other and in alternating order. The time is
 * taken inside of the task and after warm-up calls, so that neither the way to the isolate and back
 * nor compilation is in it. Results must be equal, else the kernel fails. `--form plain` compares
 * plain with plain, which shows what the machine's noise is worth.
 *
 * Targets: the geometric mean of the ratios at most 1.15, and none over 1.6.
 *
 * A kernel is a module `{ name, group, size, setup?, kernel }`. `kernel(size, setup(size))` returns
 * a number or a string, or a promise of one, always the same. Both functions are shipped as source
 * text, so they must not refer to anything outside themselves. `setup` runs once for all calls: it
 * makes the input, and defines classes and generator functions if there are any, since to V8 those
 * that are defined anew with each call are other ones each time, and soon it optimizes for none.
 */

const { readdirSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { compare, median } = require('./harness.js');

const TITLE = 'what the coroutine form costs';
const MEAN_TARGET = 1.15;
const WORST_TARGET = 1.6;

const KERNELS = path.join(__dirname, 'kernels');
const GROUPS = ['recursion', 'loops', 'objects', 'data', 'closures', 'iterators', 'async'];

// A program takes a second or so; one that is stuck must not keep the others from being measured.
const PROGRAM_LIMIT = 60e3;

const USAGE = `usage: node benches/coroutine.js [--form NAME] [--quick] [--json] [filter...]
  --form   what to compare with 'plain' (by default BENCH_FORM, else 'coroutine')
  --quick  fewer calls and rounds
  --json   one JSON document on standard output (times in nanoseconds)`;

/** The program of each task; shipped as source text, as the kernels are. */
async function measure(setup, kernel, size, warmups, calls) {
  const input = setup(size);
  const times = [];
  let checksum;
  for (let i = 0; i < warmups + calls; i++) {
    const start = performance.now();
    let result = kernel(size, input);
    // Not awaited otherwise: a kernel without promises has nothing to do with the microtask queue.
    if (typeof result?.then === 'function') result = await result;
    const time = performance.now() - start;
    if (i > 0 && !Object.is(result, checksum)) throw new Error(`call ${i + 1} gave ${result}, not ${checksum}`);
    checksum = result;
    if (i >= warmups) times.push(time);
  }
  return { times, checksum };
}

function sourceOf({ setup, kernel, size }, { warmups, calls }) {
  return `(${measure})(${setup ?? '() => undefined'}, ${kernel}, ${size}, ${warmups}, ${calls});\n`;
}

function loadKernels(filters) {
  const kernels = readdirSync(KERNELS)
    .filter((file) => file.endsWith('.js'))
    .sort()
    .map((file) => require(path.join(KERNELS, file)));
  for (const { name, group } of kernels) {
    if (!GROUPS.includes(group)) throw new Error(`${name}: no group ${group}; there are: ${GROUPS}`);
  }
  const chosen = kernels.filter(
    ({ name, group }) => filters.length === 0 || filters.some((filter) => group === filter || name.includes(filter)),
  );
  if (chosen.length === 0) throw new Error(`no kernel matches; there are: ${kernels.map(({ name }) => name)}`);
  return chosen.sort((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group));
}

/** A contender in a private isolate of its own; `check` is given what each program computed. */
function inForm(form, name, kernel, effort, check) {
  const { Isolate } = require('../lib/index.js');
  const source = sourceOf(kernel, effort);
  let isolate;
  return {
    name,
    setup() {
      isolate = new Isolate({ name });
    },
    async sample() {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        isolate.dispose();
      }, PROGRAM_LIMIT);
      try {
        const { times, checksum } = await isolate.run(source, { form, name, filename: `${kernel.name}.js` });
        check(checksum, name);
        return median(times) * 1e6;
      } catch (error) {
        if (isLate) throw new Error(`${name}: no result within ${PROGRAM_LIMIT / 1e3} s`);
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    teardown: () => isolate?.dispose(),
  };
}

async function compareForms(kernel, form, effort) {
  let expected;
  const check = (checksum, name) => {
    if (checksum === undefined) throw new Error(`${name}: no checksum`);
    expected ??= { checksum, name };
    if (Object.is(checksum, expected.checksum)) return;
    throw new Error(`WRONG RESULT: ${name} gave ${checksum}, but ${expected.name} gave ${expected.checksum}`);
  };
  const plain = `${kernel.name}, plain`;
  const other = `${kernel.name}, ${form}${form === 'plain' ? ' again' : ''}`;
  const { rows, ratios } = await compare({
    rounds: effort.rounds,
    warmup: 0, // every program has its own
    maxTime: effort.maxTime,
    contenders: [inForm('plain', plain, kernel, effort, check), inForm(form, other, kernel, effort, check)],
    ratios: [{ label: kernel.name, over: other, under: plain, atMost: WORST_TARGET }],
  });
  return { kernel, rows, ratio: ratios[0] };
}

const geometricMean = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** A figure made of the ratios of several kernels, in the form of the harness's ratios. */
function meanRatio(label, results, atMost) {
  const of = (key) => geometricMean(results.map(({ ratio }) => ratio[key]));
  const value = of('value');
  const holds = atMost === undefined ? null : value <= atMost;
  const pairs = Math.min(...results.map(({ ratio }) => ratio.pairs));
  return { label, value, low: of('low'), high: of('high'), pairs, atMost, holds };
}

/** Measures all kernels and calls `show` with each figure as soon as it is there. */
async function runKernels({ form, quick, filters }, show) {
  const { run, shutdown } = require('../lib/index.js');
  const kernels = loadKernels(filters);
  const effort = quick
    ? { warmups: 2, calls: 3, rounds: 3, maxTime: 5e3 }
    : { warmups: 4, calls: 4, rounds: 5, maxTime: 30e3 };
  const results = [];
  const failures = [];
  const means = [];
  try {
    // A form that does not exist is one failure, not one for each kernel.
    await run('0', { form });
    for (const group of GROUPS) {
      const members = kernels.filter((kernel) => kernel.group === group);
      if (members.length === 0) continue;
      show.group(group);
      const measured = [];
      for (const kernel of members) {
        try {
          const result = await compareForms(kernel, form, effort);
          measured.push(result);
          show.result(result);
        } catch (error) {
          failures.push(`${kernel.name}: ${error?.stack ?? error}`);
          show.failure(failures.at(-1));
        }
      }
      if (measured.length === 0) continue;
      results.push(...measured);
      means.push(meanRatio(`geometric mean of ${group}`, measured));
      show.mean(means.at(-1));
    }
  } finally {
    await shutdown();
  }

  const report = {
    name: 'coroutine',
    title: TITLE,
    form,
    rows: results.flatMap(({ rows }) => rows),
    ratios: [...results.map(({ ratio }) => ratio), ...means],
  };
  if (results.length > 0) {
    report.overall = meanRatio(`geometric mean of ${results.length} kernels`, results, MEAN_TARGET);
    report.worst = results.map(({ ratio }) => ratio).reduce((a, b) => (b.value > a.value ? b : a));
    report.ratios.push(report.overall);
  }
  if (failures.length > 0) {
    const names = failures.map((failure) => failure.split(':')[0]);
    report.error = `${failures.length} of ${kernels.length} kernels failed (${names.join(', ')})\n${failures.join('\n')}`;
  }
  return report;
}

const milliseconds = (ns) => `${(ns / 1e6).toFixed(1)} ms`;
const line = (name, ...cells) => `  ${name.padEnd(30)}${cells.map((cell) => cell.padStart(11)).join('')}`;
const verdict = ({ holds, atMost }) => `target at most ${atMost}: ${holds ? 'holds' : 'MISSED'}`;

const printer = {
  group: (group) => console.log(`\n${group}`),
  result({ kernel, rows, ratio }) {
    const spread = `  [${ratio.low.toFixed(2)} .. ${ratio.high.toFixed(2)}, ${ratio.pairs} pairs]`;
    const cells = [...rows.map((row) => milliseconds(row.median)), ratio.value.toFixed(3)];
    console.log(`${line(kernel.name, ...cells)}${spread}${ratio.holds ? '' : `  ✗ over ${WORST_TARGET}`}`);
  },
  failure: (failure) => console.log(`  FAILED ${failure.replace(/\n/g, '\n    ')}`),
  mean: ({ label, value }) => console.log(line(label, '', '', value.toFixed(3))),
};

const silent = { group() {}, result() {}, failure() {}, mean() {} };

function printSummary({ overall, worst, error }) {
  console.log('');
  if (overall) {
    console.log(`${overall.holds ? '✓' : '✗'} ${overall.label}: ${overall.value.toFixed(3)}; ${verdict(overall)}`);
    console.log(`${worst.holds ? '✓' : '✗'} worst: ${worst.label} ${worst.value.toFixed(3)}; ${verdict(worst)}`);
  }
  if (error) console.log(`FAILED: ${error.split('\n')[0]}`);
}

function parseArgs(argv) {
  const options = { form: process.env.BENCH_FORM || 'coroutine', quick: false, json: false, help: false, filters: [] };
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    if (arg === '--quick' || arg === '--json' || arg === '--help') options[arg.slice(2)] = true;
    else if (arg === '--form' && i + 1 < argv.length) options.form = argv[++i];
    else if (arg.startsWith('--form=')) options.form = arg.slice('--form='.length);
    else if (arg.startsWith('-')) throw new Error(`unknown option ${arg}\n${USAGE}`);
    else options.filters.push(arg);
  }
  return options;
}

async function main() {
  const options = parseArgs(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  // With a channel to a parent it is index.js that prints; and it does not wait for all rounds.
  const isChild = process.send !== undefined;
  const isQuiet = isChild || options.json;
  if (isChild) options.quick = true;
  if (!isQuiet) {
    const load = os.loadavg()[0].toFixed(1);
    console.log(`node ${process.version}, ${os.availableParallelism()} processors, load ${load}`);
    console.log(`coroutine: ${TITLE}; '${options.form}' over 'plain', medians`);
    console.log(line('', 'plain', options.form, 'ratio'));
  }

  let report = { name: 'coroutine', title: TITLE };
  try {
    report = await runKernels(options, isQuiet ? silent : printer);
  } catch (error) {
    report.error = error?.stack ?? String(error);
  }
  if (report.error) process.exitCode = 1;
  if (isChild) process.send(report);
  else if (options.json) console.log(JSON.stringify(report, null, 2));
  else printSummary(report);
}

/** What index.js needs to list and run it. */
module.exports = { name: 'coroutine', title: TITLE, file: __filename };

if (require.main === module) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
