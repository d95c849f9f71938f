'use strict';

// The differential fuzzer: the same program must do the same in every form.
//
//   node fuzz/run.js [--seconds 60] [--seed N] [--count N] [--forms plain,coroutine,storm] [--keep DIR]
//
//   --seconds N       how long to go on; 60 by default
//   --seed N          the first seed; the following programs have the following seeds
//   --count N         ends after so many programs
//   --forms A,B,...   the first one is what the others are compared with; `vm` is node:vm, which needs no addon
//   --keep DIR        writes every failing program to DIR, whole and shrunk, and goes on
//   --size N          about how many expressions and statements a program has
//   --strict, --sloppy, --sync      only such programs
//   --without A,B,... leaves out productions, by the names that --features lists; `async` leaves out all async code
//   --file FILE       runs and shrinks this program instead of generated ones
//   --timeout N       seconds after which a program hangs; 60 by default, since one that recurses deeply under native
//                     frames takes long in storm form
//   --no-shrink, --print (the source of the seed), --features
//
// The exit code is 1 when a difference was found. Programs run in a child process, because a miscompiled one may hang or
// crash; what it does then is its outcome.

const { fork } = require('node:child_process');
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { parseArgs } = require('node:util');
const vm = require('node:vm');
const { explain, features } = require('./generate.js');
const { shrink } = require('./shrink.js');

/** After so many programs the child is replaced, so that memory which a program leaks does not pile up. */
const PROGRAMS_PER_CHILD = 2000;

// The child.

/** How an error shows: with the message only if the program wrote it. */
function describe(error) {
  if (!(error instanceof Error) && typeof error?.message !== 'string') return String(error);
  const name = error.constructor?.name ?? error.name;
  return `${error.message}`.startsWith('u:') ? `${name} ${error.message}` : name;
}

function runIn(form, source) {
  if (form === 'vm') return new vm.Script(source).runInContext(vm.createContext({}));
  return require('../lib/index.js').run(source, { form, type: 'script' });
}

function serve() {
  // Rejections that nobody handles reach the host at a time of their own; the trace has what matters.
  process.on('unhandledRejection', () => {});
  process.on('uncaughtException', () => {});
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ id, form, source }) => {
    let outcome;
    try {
      const trace = await runIn(form, source);
      outcome = Array.isArray(trace) ? [...trace] : [`completion value ${String(trace)}`];
    } catch (error) {
      // Thrown by `log` once that has enough, and caught by nobody.
      outcome = Array.isArray(error?.trace) ? [...error.trace] : [`threw ${describe(error)}`];
      if (error?.name === 'SyntaxError') outcome.push(error.message);
    }
    process.send({ id, outcome });
  });
}

// The parent.

class Runner {
  #child;
  #programs = 0;
  #id = 0;

  constructor(timeout) {
    this.timeout = timeout;
  }

  #start() {
    this.#programs = 0;
    this.#child = fork(__filename, ['--child'], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.errors = '';
    this.#child.stderr.on('data', (text) => {
      this.errors = (this.errors + text).slice(-2000);
    });
  }

  stop() {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  /** What a program does in a form: its trace, or one line on how it failed. */
  run(form, source) {
    if (this.#programs++ >= PROGRAMS_PER_CHILD) this.stop();
    if (this.#child === undefined) this.#start();
    const child = this.#child;
    const id = ++this.#id;
    return new Promise((resolve) => {
      const end = (outcome) => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('exit', onExit);
        resolve(outcome);
      };
      const onMessage = (message) => {
        if (message.id === id) end(message.outcome);
      };
      const onExit = (code, signal) => {
        this.#child = undefined;
        end([`crashed (${signal ?? code})`, this.errors.trim()]);
      };
      const timer = setTimeout(() => {
        child.off('exit', onExit);
        this.stop();
        end(['hangs']);
      }, this.timeout);
      child.on('message', onMessage);
      child.on('exit', onExit);
      child.send({ id, form, source });
    });
  }
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Whether an outcome is no trace: the program never came to its end. In the first form that is a mistake in the program. */
const broken = ([entry]) => entry === undefined || /^(threw|crashed|hangs|completion value)/.test(entry);

/** Runs a program in all forms; the outcomes by form, in the order of the forms. */
async function compare(runner, forms, source) {
  const outcomes = [];
  for (const form of forms) outcomes.push(await runner.run(form, source));
  return { outcomes, differs: outcomes.some((outcome) => !same(outcome, outcomes[0])) };
}

/** The traces around the place where they part. */
function showTraces(forms, outcomes) {
  const [expected] = outcomes;
  for (let f = 1; f < forms.length; f++) {
    if (same(expected, outcomes[f])) {
      console.log(`${forms[f]}: as ${forms[0]}`);
      continue;
    }
    const at = expected.findIndex((line, i) => line !== outcomes[f][i]);
    const part = at === -1 ? expected.length : at;
    console.log(`${forms[f]} parts from ${forms[0]} at entry ${part} of the trace:`);
    for (let i = Math.max(0, part - 3); i < part; i++) console.log(`          ${expected[i]}`);
    const rest = (outcome) => outcome.slice(part, part + 5).join('\n          ') || '(the end)';
    console.log(`${forms[0].padStart(9)} ${rest(expected)}`);
    console.log(`${forms[f].padStart(9)} ${rest(outcomes[f])}`);
  }
}

async function report(runner, forms, title, source, found, options) {
  console.log(`\ndifference: ${title}`);
  let small = source;
  if (!options['no-shrink']) {
    // Only the forms that differ, and the one that they are compared with.
    const at = found.outcomes.findIndex((outcome) => !same(outcome, found.outcomes[0]));
    const pair = [forms[0], forms[at]];
    // What hangs takes long, so shrinking gets less patient.
    const patient = runner.timeout;
    runner.timeout = Math.min(patient, 2000);
    small = await shrink(source, async (candidate) => {
      const expected = await runner.run(pair[0], candidate);
      if (broken(expected) && !broken(found.outcomes[0])) return false;
      return !same(expected, await runner.run(pair[1], candidate));
    });
    runner.timeout = patient;
  }
  console.log(`${small}\n`);
  const last = await compare(runner, forms, small);
  // What hangs on time, or on what ran in the process before, does not show again: then what was found has to say it.
  if (!last.differs) console.log('Run once more, it does the same in all forms. At first:');
  showTraces(forms, (last.differs ? last : found).outcomes);
  if (options.keep !== undefined) {
    mkdirSync(options.keep, { recursive: true });
    const name = title.replace(/\W+/g, '-');
    writeFileSync(join(options.keep, `${name}.js`), source);
    writeFileSync(join(options.keep, `${name}.small.js`), small);
    console.log(`kept in ${options.keep}`);
  }
}

function options() {
  const string = { type: 'string' };
  const boolean = { type: 'boolean' };
  const { values } = parseArgs({
    options: {
      seconds: { ...string, default: '60' },
      seed: string,
      count: string,
      forms: { ...string, default: 'plain,coroutine,storm' },
      keep: string,
      size: string,
      without: string,
      file: string,
      timeout: { ...string, default: '60' },
      strict: boolean,
      sloppy: boolean,
      sync: boolean,
      print: boolean,
      features: boolean,
      'no-shrink': boolean,
    },
  });
  for (const name of ['seconds', 'seed', 'count', 'size', 'timeout']) {
    if (values[name] === undefined) continue;
    const number = Number(values[name]);
    if (Number.isNaN(number)) throw new TypeError(`--${name} takes a number, not ${values[name]}`);
    values[name] = number;
  }
  return values;
}

/** What the options say about the programs. */
function programOptions({ size, strict, sloppy, sync, without }) {
  const unknown = (without?.split(',') ?? []).filter((name) => name !== 'async' && !features.includes(name));
  if (unknown.length > 0) throw new TypeError(`--without: there is no ${unknown.join(', ')}; see --features`);
  return {
    size,
    strict: strict ? true : sloppy ? false : undefined,
    async: sync ? false : undefined,
    without: without?.split(','),
  };
}

/** Ends with one line where a form is not there, or is misspelt. */
async function checkForms(runner, forms) {
  for (const form of forms) {
    if (form === 'vm') continue;
    try {
      await require('../lib/index.js').run('1', { form, type: 'script' });
    } catch (error) {
      console.error(`[fuzz] ${error.message}`);
      runner.stop();
      process.exit(2);
    }
  }
  await require('../lib/index.js').shutdown();
}

async function main() {
  const chosen = options();
  const generated = programOptions(chosen);
  if (chosen.features) {
    console.log(['async', ...features].join('\n'));
    return 0;
  }
  const first = chosen.seed ?? Date.now() % 1e9;
  if (chosen.print) {
    process.stdout.write(explain(first, generated).source);
    return 0;
  }
  const forms = chosen.forms.split(',');
  const runner = new Runner(chosen.timeout * 1000);
  await checkForms(runner, forms);

  if (chosen.file !== undefined) {
    const source = readFileSync(chosen.file, 'utf8');
    const found = await compare(runner, forms, source);
    if (found.differs) await report(runner, forms, chosen.file, source, found, chosen);
    else console.log(found.outcomes[0].join('\n'));
    runner.stop();
    return found.differs ? 1 : 0;
  }

  console.error(`[fuzz] ${forms.join(', ')} from seed ${first}`);
  const until = Date.now() + chosen.seconds * 1000;
  const sums = { programs: 0, differences: 0, entries: 0, units: 0, ended: 0, died: 0, broken: 0 };
  for (let seed = first; Date.now() < until && sums.programs < (chosen.count ?? Infinity); seed++) {
    const { source } = explain(seed, generated);
    const found = await compare(runner, forms, source);
    const [trace] = found.outcomes;
    sums.programs++;
    sums.entries += trace.length;
    sums.units += source.match(/log\('end \d+'\)/g).length;
    for (const entry of trace) {
      if (entry.startsWith('"end ')) sums.ended++;
      else if (entry.startsWith('"died ')) sums.died++;
    }
    if (broken(trace)) {
      sums.broken++;
      console.log(`\nseed ${seed}: ${forms[0]} ${trace.join(' ')}`);
    }
    if (found.differs) {
      sums.differences++;
      await report(runner, forms, `seed ${seed}`, source, found, chosen);
      if (chosen.keep === undefined) break;
    }
    if (process.stderr.isTTY)
      process.stderr.write(`\r[fuzz] ${sums.programs} programs, ${sums.differences} differences `);
  }
  runner.stop();
  if (process.stderr.isTTY) process.stderr.write('\n');
  const share = (part) => `${((100 * part) / sums.units).toFixed(1)} %`;
  console.error(
    `[fuzz] ${sums.programs} programs, ${sums.differences} differences, ${sums.broken} broken; ` +
      `${(sums.entries / sums.programs).toFixed(0)} entries a trace; ` +
      `of ${sums.units} parts ${share(sums.ended)} came to their end, ${share(sums.died)} died of an exception`,
  );
  return sums.differences + sums.broken > 0 ? 1 : 0;
}

if (process.argv[2] === '--child') {
  serve();
} else {
  main().then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      console.error(`[fuzz] ${error.message}`);
      process.exitCode = 2;
    },
  );
}
