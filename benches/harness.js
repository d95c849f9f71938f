/**
 * Runs contenders side by side and prints ratios.
 *
 * On a shared machine an absolute time says little: a neighbour can double it from one second to
 * the next. What is stable is the quotient of two things measured one right after the other. So
 * every round takes one sample of each contender, and begins with another one than the round before
 * (A B, B A, A B, ...; A B C, B C A, C A B, ...), so that neither a drift nor what a sample leaves
 * behind (garbage, a thread's credit with the scheduler) always hits the same one; and the figure
 * that counts is the median, over the rounds, of the quotients of the two samples of one round.
 * Going forth and back instead was tried: with three or more, it measures the outer ones twice in a
 * row and the others never, which alone made a factor of five on a busy machine.
 *
 * A bench is a module `{ name, title, run(options) }`, made by `bench()`; `run` usually returns
 * what `compare()` gives. It can be run by itself (`node benches/move.js`) or by `index.js`.
 */

const { execFileSync, fork } = require('node:child_process');
const os = require('node:os');
const path = require('node:path');

const LIB = path.join(__dirname, '..', 'lib', 'index.js');
const CPUS = os.availableParallelism();

// A bench that has hung must not hang the suite; the longest takes well under a minute.
const BENCH_LIMIT = 120e3;
// After its report a bench has nothing to do but exit; what still keeps it alive is a bug.
const EXIT_LIMIT = 10e3;

/**
 * One thing to measure.
 *
 * @typedef {object} Contender
 * @property {string} name
 * @property {() => unknown} [setup] Runs once, before the first round.
 * @property {() => Sample | Promise<Sample>} sample Takes one measurement.
 * @property {() => unknown} [teardown] Runs once, after the last round, or after a failure; then
 *   perhaps without `setup`.
 */

/**
 * Nanoseconds; or several figures of one measurement by name, where the name '' stands for the
 * contender itself and any other becomes the row `contender, name`.
 *
 * @typedef {number | Record<string, number>} Sample
 */

/**
 * A quotient of two rows. Without `atLeast` or `atMost` it is only information.
 *
 * @typedef {object} Ratio
 * @property {string} over Name of the row that is divided.
 * @property {string} under Name of the row that it is divided by.
 * @property {string} [label] What the quotient means; `over / under` if left out.
 * @property {number} [atLeast] The target, if larger is better.
 * @property {number} [atMost] The target, if smaller is better.
 */

/**
 * Runs `fn` and returns how many nanoseconds it took, divided by the number of operations in it.
 *
 * @param {number} ops
 * @param {() => unknown} fn
 * @returns {Promise<number>}
 */
async function timed(ops, fn) {
  const start = process.hrtime.bigint();
  await fn();
  return Number(process.hrtime.bigint() - start) / ops;
}

/**
 * @param {number[]} values
 * @param {number} q 0 to 1; 0.5 is the median.
 * @returns {number}
 */
function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/**
 * @param {number[]} values
 * @returns {number}
 */
const median = (values) => quantile(values, 0.5);

/**
 * Measures the contenders in turn and judges the ratios.
 *
 * @param {object} plan
 * @param {Contender[]} plan.contenders
 * @param {Ratio[]} plan.ratios
 * @param {number} plan.rounds How many samples of each to take.
 * @param {number} [plan.warmup] Rounds before those that are thrown away.
 * @param {number} [plan.maxTime] Milliseconds (all included) after which no further round begins,
 *   provided that three were made: on an overloaded machine less precision is better than no end.
 * @param {boolean} [plan.perSecond] Also show operations per second.
 * @param {string} [plan.note]
 * @returns {Promise<object>} The report.
 */
async function compare(plan) {
  const { contenders, ratios, rounds, warmup = 1, maxTime = 15e3, perSecond = false } = plan;
  /** @type {Map<string, number[]>} */
  const rows = new Map();

  const round = async (order, keep) => {
    for (const contender of order) {
      const sample = await contender.sample();
      const figures = typeof sample === 'number' ? { '': sample } : sample;
      for (const [key, value] of Object.entries(figures)) {
        if (!(value > 0)) throw new Error(`${contender.name}: ${value} is not a time`);
        if (!keep) continue;
        const row = key === '' ? contender.name : `${contender.name}, ${key}`;
        if (!rows.has(row)) rows.set(row, []);
        rows.get(row).push(value);
      }
    }
  };

  const start = Date.now();
  try {
    for (const contender of contenders) await contender.setup?.();
    for (let i = 0; i < warmup; i++) await round(contenders, false);
    for (let i = 0; i < rounds; i++) {
      if (i >= 3 && Date.now() - start > maxTime) break;
      const first = i % contenders.length;
      await round([...contenders.slice(first), ...contenders.slice(0, first)], true);
    }
  } catch (error) {
    // Clean up so that the process can end; but what is worth reporting is what failed first.
    await Promise.allSettled(contenders.map(async (contender) => contender.teardown?.()));
    throw error;
  }
  for (const contender of contenders) await contender.teardown?.();

  return {
    rows: [...rows].map(([name, samples]) => ({
      name,
      median: median(samples),
      min: Math.min(...samples),
      max: Math.max(...samples),
      samples,
    })),
    ratios: ratios.map((ratio) => judge(ratio, rows)),
    perSecond,
    note: plan.note,
  };
}

/**
 * @param {Ratio} ratio
 * @param {Map<string, number[]>} rows
 * @returns {object} The ratio with its value, its quartiles and whether its target holds.
 */
function judge(ratio, rows) {
  const over = rows.get(ratio.over);
  const under = rows.get(ratio.under);
  if (!over || !under) throw new Error(`no such rows: ${ratio.over} / ${ratio.under}`);
  const quotients = over.map((value, i) => value / under[i]);
  const value = median(quotients);
  let holds = null;
  if (ratio.atLeast !== undefined) holds = value >= ratio.atLeast;
  if (ratio.atMost !== undefined) holds = value <= ratio.atMost;
  return {
    ...ratio,
    label: ratio.label ?? `${ratio.over} / ${ratio.under}`,
    value,
    low: quantile(quotients, 0.25),
    high: quantile(quotients, 0.75),
    pairs: quotients.length,
    holds,
  };
}

/** What the figures depend on and cannot show themselves. */
function environment() {
  return {
    node: process.version,
    hostV8: process.versions.v8,
    v8: addonV8(),
    piscina: piscinaVersion(),
    platform: `${process.platform} ${process.arch}`,
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cpus: CPUS,
    load: os.loadavg()[0],
  };
}

/** In a process of its own: asking may start the pool, which must not disturb what is measured. */
function addonV8() {
  const script = `
    const { stats, shutdown } = require(${JSON.stringify(LIB)});
    (async () => {
      const { v8, v8Version, versions } = await stats();
      process.stdout.write(String(v8Version ?? versions?.v8 ?? v8 ?? ''));
      await shutdown();
    })();
  `;
  try {
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10e3 };
    return execFileSync(process.execPath, ['-e', script], options) || null;
  } catch {
    return null;
  }
}

function piscinaVersion() {
  try {
    return require('piscina').version ?? null;
  } catch {
    return null;
  }
}

function formatTime(ns) {
  for (const [unit, size] of [
    ['s ', 1e9],
    ['ms', 1e6],
    ['us', 1e3],
  ]) {
    if (ns >= size) return `${digits(ns / size)} ${unit}`;
  }
  return `${digits(ns)} ns`;
}

function digits(value) {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

function formatEnvironment(env) {
  const busy = env.load > env.cpus / 2 ? ': busy, expect noise and little parallelism' : '';
  return [
    `node ${env.node} (V8 ${env.hostV8}), our V8 ${env.v8 ?? 'unknown'}, ` +
      `piscina ${env.piscina ?? 'not installed'}`,
    `${env.platform}, ${env.cpus} processors (${env.cpu}), load ${env.load.toFixed(1)}${busy}`,
  ].join('\n');
}

function formatReport(report) {
  const lines = ['', `${report.name}: ${report.title}`];
  if (report.error) {
    lines.push(`  FAILED: ${report.error.replace(/\n/g, '\n    ')}`);
    return lines.join('\n');
  }

  const width = Math.max(...report.rows.map((row) => row.name.length));
  const line = (...cells) => {
    const [name, ...rest] = cells;
    return `  ${name.padEnd(width)}${rest.map((cell) => cell.padStart(12)).join('')}`;
  };
  lines.push(line('', 'median', 'min', 'max', ...(report.perSecond ? ['per second'] : [])));
  for (const row of report.rows) {
    const rate = Math.round(1e9 / row.median).toLocaleString('en-US');
    const times = [row.median, row.min, row.max].map(formatTime);
    lines.push(line(row.name, ...times, ...(report.perSecond ? [rate] : [])));
  }
  for (const ratio of report.ratios) lines.push(formatRatio(ratio));
  if (report.note) lines.push(`  ${report.note}`);
  return lines.join('\n');
}

function formatRatio(ratio) {
  const spread = `[${digits(ratio.low)} .. ${digits(ratio.high)}, ${ratio.pairs} pairs]`;
  const figure = `${ratio.label}: ${digits(ratio.value)} ${spread}`;
  if (ratio.holds === null) return `  - ${figure}`;
  const target = ratio.atLeast !== undefined ? `at least ${ratio.atLeast}` : `at most ${ratio.atMost}`;
  return `  ${ratio.holds ? '✓' : '✗'} ${figure}; target ${target}: ${ratio.holds ? 'holds' : 'MISSED'}`;
}

const USAGE = `usage: node benches/index.js [--quick] [--json] [--list] [name...]
  --quick  fewer and smaller rounds
  --json   one JSON document on standard output, all samples included (times in nanoseconds)
  --list   only name the benches`;

function parseArgs(argv) {
  const options = { quick: false, json: false, list: false, names: [] };
  for (const arg of argv) {
    if (arg === '--quick' || arg === '--json' || arg === '--list') options[arg.slice(2)] = true;
    else if (arg === '--help' || arg === '-h') options.help = true;
    else if (arg.startsWith('-')) throw new Error(`unknown option ${arg}\n${USAGE}`);
    else options.names.push(arg);
  }
  return options;
}

function printJson(options, env, reports) {
  const document = { environment: env, quick: options.quick, benches: reports };
  console.log(JSON.stringify(document, null, 2));
}

/**
 * Declares a bench and, if its file is the program, runs it.
 *
 * @param {NodeModule} module The module that declares it.
 * @param {object} definition
 * @param {string} definition.title
 * @param {(options: { quick: boolean }) => Promise<object>} definition.run
 */
function bench(module, definition) {
  const name = path.basename(module.filename, '.js');
  const declared = { ...definition, name, file: module.filename };
  module.exports = declared;
  if (require.main === module) runAlone(declared).catch(fail);
}

async function runAlone(declared) {
  const options = parseArgs(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  // With a channel to a parent it is index.js that prints.
  const env = process.send ? null : environment();
  if (env && !options.json) console.log(formatEnvironment(env));

  const report = { name: declared.name, title: declared.title };
  try {
    Object.assign(report, await declared.run(options));
  } catch (error) {
    report.error = error?.stack ?? String(error);
    process.exitCode = 1;
  }
  if (process.send) process.send(report);
  else if (options.json) printJson(options, env, [report]);
  else console.log(formatReport(report));
}

/**
 * Runs a bench in a process of its own, so that each begins with a fresh pool and a clean heap,
 * and a crash ends only one of them.
 *
 * @param {string} file
 * @param {{ quick: boolean }} options
 * @returns {Promise<object>} Its report, with `error` if it failed.
 */
function runApart(file, options) {
  const name = path.basename(file, '.js');
  return new Promise((resolve) => {
    // Whatever a bench prints goes to stderr: stdout may be a JSON document.
    const child = fork(file, options.quick ? ['--quick'] : [], {
      stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
    });
    let report = { name, title: '', error: 'ended without a report' };
    let killed = null;
    const killAfter = (ms, why) =>
      setTimeout(() => {
        killed = why;
        child.kill('SIGKILL');
      }, ms);
    let timer = killAfter(BENCH_LIMIT, `no report within ${BENCH_LIMIT / 1e3} s`);

    child.on('message', (message) => {
      report = message;
      clearTimeout(timer);
      timer = killAfter(EXIT_LIMIT, 'measured, but the process did not exit by itself');
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ ...report, error: error.message });
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      const ended = signal ? `killed by ${signal}` : `exit code ${code}`;
      if (killed) report.error = killed;
      else if (code !== 0 && !report.error) report.error = `measured, but then: ${ended}`;
      else if (report.error === 'ended without a report') report.error += ` (${ended})`;
      resolve(report);
    });
  });
}

/**
 * The program behind `npm run bench`. A missed target is a result, not a failure; the exit code is
 * 1 only if a bench could not be run.
 *
 * @param {string[]} files All benches, in the order in which to run them.
 * @param {string[]} argv
 */
function main(files, argv) {
  return runAll(files, argv).catch(fail);
}

function fail(error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function runAll(files, argv) {
  const options = parseArgs(argv);
  if (options.help) return console.log(USAGE);
  const byName = new Map(files.map((file) => [path.basename(file, '.js'), file]));
  for (const name of options.names) {
    if (!byName.has(name)) throw new Error(`no bench ${name}; there are: ${[...byName.keys()]}`);
  }
  const chosen = options.names.length > 0 ? options.names : [...byName.keys()];
  if (options.list) {
    for (const name of chosen) console.log(`${name}: ${require(byName.get(name)).title}`);
    return;
  }

  const start = Date.now();
  const env = environment();
  if (!options.json) console.log(formatEnvironment(env));
  const reports = [];
  for (const name of chosen) {
    const report = await runApart(byName.get(name), options);
    reports.push(report);
    if (!options.json) console.log(formatReport(report));
  }
  if (reports.some((report) => report.error)) process.exitCode = 1;
  if (options.json) return printJson(options, env, reports);

  const judged = reports.flatMap((report) => report.ratios ?? []).filter((ratio) => ratio.holds !== null);
  const held = judged.filter((ratio) => ratio.holds).length;
  const failed = reports.filter((report) => report.error).length;
  console.log(
    `\n${held} of ${judged.length} targets hold` +
      `${failed > 0 ? `, ${failed} benches failed` : ''}` +
      ` (${Math.round((Date.now() - start) / 1e3)} s)`,
  );
}

module.exports = { CPUS, bench, compare, main, median, quantile, timed };
