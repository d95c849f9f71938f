// `npm run test262 -- DIR [PATH...]`: runs test262 in every form and lists what comes out differently.
//
//   DIR               a checkout of https://github.com/tc39/test262
//   PATH...           files or folders in it, as in test/language/statements; everything by default
//   --forms A,B,...   plain,coroutine,storm by default; the first is what the others are compared with. `plain,plain`
//                     shows which tests come out differently by themselves
//   --jobs N          child processes; half of the processors by default
//   --timeout N       seconds after which a test hangs; 10 by default
//   --json FILE       writes every outcome to FILE
//   --no-setup        takes the addon as it is
//
// What counts is not how many tests pass, which is up to V8, but that every form does what plain does. The exit code is 1
// where one does not. A test runs as one program: the harness, the test, and a last statement that gives its outcome.

import { fork } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fail, say, setUp } from './setup.mjs';

/** A child is replaced after so many tests, so that what one of them leaves behind does not reach far. */
const TESTS_PER_CHILD = 200;

/**
 * What a host provides. `print` hears of the end of asynchronous tests; the promise of that has a `then` of its own, since
 * tests replace the one of the prototype. `evalScript` is close to what it should be: declarations with `let` and `const`
 * do not stay.
 */
const HOST = `
(function (global, PromiseThen) {
  var settle;
  var outcome = new Promise(function (resolve) { settle = resolve; });
  Object.defineProperty(outcome, 'then', { value: PromiseThen });
  function define(name, value) {
    Object.defineProperty(global, name, { value: value, writable: true, enumerable: false, configurable: true });
  }
  function missing(name) {
    return function () { throw new Test262Error('not available: $262.' + name); };
  }
  define('$test262Outcome', outcome);
  define('print', function print(text) {
    if (String(text).indexOf('Test262:') === 0) settle(text);
  });
  define('$262', {
    global: global,
    createRealm: missing('createRealm'),
    evalScript: function evalScript(code) { return (0, eval)(code); },
    detachArrayBuffer: function detachArrayBuffer(buffer) {
      structuredClone(buffer, { transfer: [buffer] });
      return null;
    },
    gc: missing('gc'),
    agent: {
      start: missing('agent.start'),
      broadcast: missing('agent.broadcast'),
      getReport: missing('agent.getReport'),
      sleep: missing('agent.sleep'),
      monotonicNow: function monotonicNow() { return Date.now(); },
    },
  });
})(globalThis, Promise.prototype.then);
`;

// A test and its text.

/** A list in the frontmatter, in one line or with a line for each element. */
function listOf(text, name) {
  const line = new RegExp(`^${name}:\\s*\\[([^\\]]*)\\]`, 'm').exec(text);
  if (line !== null) return line[1].split(',').flatMap((word) => word.trim() || []);
  const lines = new RegExp(`^${name}:[ \\t]*\\n((?:[ \\t]*- .*(?:\\n|$))+)`, 'm').exec(text);
  return lines === null
    ? []
    : lines[1]
        .trim()
        .split('\n')
        .map((one) => one.trim().slice(2).trim());
}

function frontmatter(source) {
  const text = (/\/\*---([\s\S]*?)---\*\//.exec(source)?.[1] ?? '').replace(/\r\n?/g, '\n');
  const negative = /^negative:[ \t]*\n((?:[ \t]+.*(?:\n|$))+)/m.exec(text)?.[1];
  return {
    flags: new Set(listOf(text, 'flags')),
    includes: listOf(text, 'includes'),
    negative: negative === undefined ? undefined : /type:\s*(\w+)/.exec(negative)[1],
  };
}

/** Why a test is not run, or undefined. */
function skipReason(path, source, { flags }) {
  // Programs cannot import in this version; what only ends in a refusal compares nothing.
  if (/_FIXTURE\b/.test(source)) return 'imports a fixture';
  if (flags.has('module') && /\bfrom\s*['"]\.\/|\bimport\s*['"(]/.test(source)) return 'imports itself or another file';
  // The module waits for the outcome, so its end cannot be what brings the outcome about.
  if (flags.has('async') && /at-end-of-module/.test(path)) return 'is only over after the end of its module';
  if (flags.has('CanBlockIsFalse')) return 'needs an agent that must not block';
  return undefined;
}

/** The ways in which a test is run. */
function variantsOf({ flags }) {
  if (flags.has('module')) return ['module'];
  if (flags.has('raw')) return ['raw'];
  if (flags.has('onlyStrict')) return ['strict'];
  return flags.has('noStrict') ? ['sloppy'] : ['sloppy', 'strict'];
}

const harness = new Map();

function harnessFile(folder, name) {
  if (!harness.has(name)) harness.set(name, readFileSync(join(folder, 'harness', name), 'utf8'));
  return harness.get(name);
}

/** The text of the whole program. */
function programOf(folder, source, { flags, includes, negative }, variant) {
  if (flags.has('raw')) return source;
  const names = ['assert.js', 'sta.js', ...(flags.has('async') ? ['doneprintHandle.js'] : []), ...includes];
  const parts = [HOST, ...new Set(names)].map((name) => (name === HOST ? HOST : harnessFile(folder, name)));
  let end = '';
  // Where an error is expected, nothing may stand after it that could be one.
  if (negative === undefined) {
    end = '\n;void 0;\n';
    if (flags.has('async')) {
      end = variant === 'module' ? '\n;export const $outcome = await $test262Outcome;\n' : '\n;$test262Outcome;\n';
    }
  }
  return `${variant === 'strict' ? '"use strict";\n' : ''}${parts.join('\n')}\n${source}${end}`;
}

// The child: runs tests one by one and says so before each, so that the parent can name the one that hangs.

function errorName(error) {
  if (error instanceof Error) return error.constructor.name === 'Error' ? error.name : error.constructor.name;
  // The harness's own error is no Error; what arrives of it is an object with its message.
  return typeof error?.message === 'string' ? 'Test262Error' : typeof error;
}

/** Runs one test in one form. The outcome is compared between forms, the detail is for the reader. */
async function runTest(run, form, program, { flags, negative }, variant) {
  try {
    const value = await run(program, { form, type: variant === 'module' ? 'module' : 'script' });
    if (negative !== undefined) return { outcome: 'fail: no error' };
    if (!flags.has('async')) return { outcome: 'pass' };
    const said = variant === 'module' ? value.$outcome : value;
    if (said === 'Test262:AsyncTestComplete') return { outcome: 'pass' };
    const [, name = 'unknown'] = /^Test262:AsyncTestFailure:(\w+)/.exec(said) ?? [];
    return { outcome: `fail: ${name}`, detail: String(said) };
  } catch (error) {
    const name = errorName(error);
    // What a raw test ends with may be anything; that it ended is what counts.
    if (name === 'DataCloneError' && flags.has('raw') && negative === undefined) return { outcome: 'pass' };
    if (name === negative) return { outcome: 'pass' };
    return { outcome: `fail: ${name}`, detail: String(error?.message ?? error) };
  }
}

function work() {
  const { configure, run } = createRequire(import.meta.url)('../lib/index.js');
  configure({ threads: 1 });
  // A rejection that nobody handles is no failure of a test.
  process.on('unhandledRejection', () => {});
  process.on('uncaughtException', () => {});
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ folder, forms, batch }) => {
    for (const { at, path, variant, from } of batch) {
      const source = readFileSync(join(folder, path), 'utf8');
      const about = frontmatter(source);
      const program = programOf(folder, source, about, variant);
      for (let f = from; f < forms.length; f++) {
        process.send({ at, f });
        process.send({ at, f, ...(await runTest(run, forms[f], program, about, variant)) });
      }
    }
    process.send({ finished: true });
  });
}

// The parent.

/** The tests in a folder, or the one file. */
function testsIn(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .filter((name) => name.endsWith('.js') && !name.includes('_FIXTURE'))
    .map((name) => join(path, name));
}

/** All that is to be run: a test in a variant each. Where no form has run, `outcomes` has a hole. */
function collect(folder, paths) {
  const tests = [];
  const skipped = [];
  const files = new Set(paths.flatMap((path) => testsIn(join(folder, path))));
  for (const file of [...files].sort()) {
    const path = relative(folder, file);
    const source = readFileSync(file, 'utf8');
    const about = frontmatter(source);
    const reason = skipReason(path, source, about);
    if (reason !== undefined) skipped.push({ path, reason });
    else for (const variant of variantsOf(about)) tests.push({ path, variant, outcomes: [], details: [] });
  }
  return { tests, skipped };
}

/** Runs one child with one batch of tests, and resolves with those that are left when it hangs or crashes. */
function runBatch(folder, forms, tests, batch, timeout, onDone) {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(import.meta.url), ['--child'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    let current;
    let timer;
    let ended = false;

    /** Gives the test that runs now an outcome, and leaves the rest to the next child. */
    function end(outcome) {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      child.kill('SIGKILL');
      if (outcome === undefined) return resolve([]);
      // Before its first test there is nothing to blame and no use in another try.
      if (current === undefined) fail(`a child ended before its first test: ${outcome}`);
      tests[current.at].outcomes[current.f] = outcome;
      const place = batch.findIndex(({ at }) => at === current.at);
      const left = batch.slice(place).map((one, i) => (i === 0 ? { ...one, from: current.f + 1 } : one));
      if (left[0].from === forms.length) {
        left.shift();
        onDone();
      }
      resolve(left);
    }
    function expect() {
      clearTimeout(timer);
      timer = setTimeout(() => end('timeout'), timeout);
    }
    child.on('message', (message) => {
      if (ended) return;
      if (message.finished) return end();
      expect();
      const { at, f, outcome, detail } = message;
      current = { at, f };
      if (outcome === undefined) return;
      tests[at].outcomes[f] = outcome;
      tests[at].details[f] = detail;
      if (f === forms.length - 1) onDone();
    });
    child.on('exit', (code, signal) => end(`crash (${signal ?? code})`));
    child.send({ folder, forms, batch });
    expect();
  });
}

async function runAll(folder, forms, tests, jobs, timeout) {
  const batches = [];
  for (let at = 0; at < tests.length; at += TESTS_PER_CHILD) {
    const part = tests.slice(at, at + TESTS_PER_CHILD);
    batches.push(part.map(({ path, variant }, i) => ({ at: at + i, path, variant, from: 0 })));
  }
  let done = 0;
  const started = Date.now();
  const step = process.stderr.isTTY ? 50 : 5000;
  function onDone() {
    if (++done % step !== 0 && done !== tests.length) return;
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    const differ = tests.reduce((sum, test) => sum + (differences(test).length > 0), 0);
    const line = `${done} of ${tests.length}, ${differ} differ, ${seconds} s`;
    if (process.stderr.isTTY) process.stderr.write(`\r[hertzscript] ${line} `);
    else say(line);
  }
  async function next() {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      while (batch.length > 0) batch = await runBatch(folder, forms, tests, batch, timeout, onDone);
    }
  }
  await Promise.all(Array.from({ length: jobs }, next));
  if (process.stderr.isTTY) process.stderr.write('\n');
}

/** The indices of the forms in which a test comes out differently. */
function differences({ outcomes }) {
  return outcomes.flatMap((outcome, f) => (f > 0 && outcome !== outcomes[0] ? f : []));
}

const percent = (part, whole) => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(part === whole ? 0 : 2)} %`);

function groupBy(list, keyOf) {
  const groups = new Map();
  for (const one of list) {
    const key = keyOf(one);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(one);
  }
  return groups;
}

/** `test/language/statements/for-of`: as deep as the folders of test262 mean something. */
const directoryOf = ({ path }) => path.split('/').slice(0, -1).slice(0, 4).join('/');

function report(labels, tests, skipped) {
  const groups = [...groupBy(tests, directoryOf), ['all', tests]];
  const rows = [['directory', 'runs', `passes in ${labels[0]}`, ...labels.slice(1).map((label) => `same in ${label}`)]];
  for (const [directory, members] of groups) {
    const passes = members.filter(({ outcomes }) => outcomes[0] === 'pass').length;
    const row = [directory, String(members.length), `${passes} (${percent(passes, members.length)})`];
    for (let f = 1; f < labels.length; f++) {
      const equal = members.filter(({ outcomes }) => outcomes[f] === outcomes[0]).length;
      row.push(`${equal} (${percent(equal, members.length)})`);
    }
    rows.push(row);
  }
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  for (const row of rows) {
    console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '));
  }

  for (const [reason, members] of groupBy(skipped, (one) => one.reason)) {
    console.log(`\nskipped, ${reason}: ${members.length}`);
  }
  const odd = tests.filter(({ outcomes }) => /^(timeout|crash)/.test(outcomes[0]));
  if (odd.length > 0) console.log(`\nhang or crash in ${labels[0]}:`);
  for (const { path, variant, outcomes } of odd) console.log(`  ${path} (${variant}): ${outcomes[0]}`);

  const different = tests.filter((test) => differences(test).length > 0);
  for (const [directory, members] of groupBy(different, directoryOf)) {
    console.log(`\n${directory}: ${members.length} differ`);
    for (const test of members) {
      console.log(`  ${test.path.slice(directory.length + 1)} (${test.variant}): ${labels[0]} ${test.outcomes[0]}`);
      for (const f of differences(test)) {
        const detail = test.details[f] === undefined ? '' : `: ${test.details[f].split('\n')[0].slice(0, 120)}`;
        console.log(`    ${labels[f]} ${test.outcomes[f]}${detail}`);
      }
    }
  }
  return different.length;
}

/** One clear line where a form is not there, instead of a failure of every test. */
async function checkForms(forms) {
  const { run, shutdown } = createRequire(import.meta.url)('../lib/index.js');
  for (const form of new Set(forms)) {
    try {
      await run('1', { form, type: 'script' });
    } catch (error) {
      fail(error.message);
    }
  }
  await shutdown();
}

/** What the command line says, checked. */
function options() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      forms: { type: 'string', default: 'plain,coroutine,storm' },
      jobs: { type: 'string', default: String(Math.max(1, Math.floor(availableParallelism() / 2))) },
      timeout: { type: 'string', default: '10' },
      json: { type: 'string' },
      'no-setup': { type: 'boolean', default: false },
    },
  });
  const [dir, ...paths] = positionals;
  if (dir === undefined)
    fail('usage: npm run test262 -- DIR [PATH...] [--forms A,B] [--jobs N] [--timeout N] [--json FILE]');
  for (const name of ['jobs', 'timeout']) {
    values[name] = Number(values[name]);
    if (!(values[name] > 0)) fail(`--${name} takes a number`);
  }
  // npm changes the folder; what was typed is meant from where it was typed.
  const from = process.env.INIT_CWD ?? process.cwd();
  if (values.json !== undefined) values.json = resolve(from, values.json);
  return {
    ...values,
    folder: resolve(from, dir),
    paths: paths.length > 0 ? paths : ['test'],
    forms: values.forms.split(','),
  };
}

async function main() {
  const { folder, paths, forms, jobs, timeout, json, 'no-setup': asItIs } = options();
  if (!asItIs) setUp();
  await checkForms(forms);
  const { tests, skipped } = collect(folder, paths);
  say(`${tests.length} runs of ${new Set(tests.map(({ path }) => path)).size} tests, ${skipped.length} skipped`);
  const labels = forms.map((form, f) => (forms.indexOf(form) === f ? form : `${form} again`));
  await runAll(folder, forms, tests, jobs, timeout * 1000);
  const different = report(labels, tests, skipped);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ forms: labels, tests, skipped }, undefined, 1)}\n`);
  process.exitCode = different > 0 ? 1 : 0;
}

if (process.argv[2] === '--child') work();
else await main();
