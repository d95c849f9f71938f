// `npm run suites -- DIR [NAME...]`: what coroutine form costs in other people's benchmarks.
//
//   DIR               a checkout of JetStream (https://github.com/WebKit/JetStream), Octane (https://github.com/chromium/octane) or
//                     are-we-fast-yet (https://github.com/smarr/are-we-fast-yet)
//   NAME...           parts of names of benchmarks; everything by default
//   --form NAME       what is compared with 'plain'; 'coroutine' by default
//   --seconds N       how long each is run in each round; 2 by default
//   --rounds N        2 by default
//   --no-setup        takes the addon as it is
//
// Each benchmark is one program that calls itself again and again and measures each call. It runs in a fresh isolate for each form, in
// alternating order. What is printed is the fastest call of each form, their quotient, and that of the medians; in both, the first third
// of the calls is left out. Those that need a browser, or files that the checkout does not have, fail with the reason in plain form, too,
// and do not count.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, say, setUp } from './setup.mjs';

/** Bytes. Some of the programs keep hundreds of megabytes. */
const MEMORY = 2 ** 31;

/** Milliseconds after which a benchmark is given up. */
const LIMIT = 60_000;

/** Calls of one round. */
const MOST_CALLS = 1000;

/** How often are-we-fast-yet's loop is to go round, for some 10 to 200 ms a call. */
const INNER = {
  DeltaBlue: 6000,
  Richards: 20,
  Json: 30,
  CD: 100,
  Havlak: 15,
  Bounce: 1500,
  List: 600,
  Permute: 800,
  Queens: 800,
  Sieve: 2500,
  Storage: 700,
  Towers: 500,
  NBody: 250_000,
  Mandelbrot: 500,
};

/** Octane's benchmarks of several files. */
const OCTANE = {
  richards: [],
  deltablue: [],
  crypto: [],
  raytrace: [],
  'earley-boyer': [],
  regexp: [],
  splay: [],
  'navier-stokes': [],
  pdfjs: [],
  'gbemu-part1': ['gbemu-part2'],
  'code-load': [],
  box2d: [],
  zlib: ['zlib-data'],
  typescript: ['typescript-input', 'typescript-compiler'],
};

/** The same numbers in every run, which some of the programs check their results by. */
const RANDOM = `Math.random = (() => {
  let seed = 49734321;
  return () => {
    seed = (seed + 0x7ed55d16 + (seed << 12)) & 0xffffffff;
    seed = (seed ^ 0xc761c23c ^ (seed >>> 19)) & 0xffffffff;
    seed = (seed + 0x165667b1 + (seed << 5)) & 0xffffffff;
    seed = ((seed + 0xd3a2646c) ^ (seed << 9)) & 0xffffffff;
    seed = (seed + 0xfd7046c5 + (seed << 3)) & 0xffffffff;
    seed = (seed ^ 0xb55a4f09 ^ (seed >>> 16)) & 0xffffffff;
    return (seed & 0xfffffff) / 0x10000000;
  };
})();`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    form: { type: 'string', default: 'coroutine' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '2' },
    'no-setup': { type: 'boolean', default: false },
  },
});
const [folder, ...wanted] = positionals;
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
if (folder === undefined) fail('usage: npm run suites -- DIR [NAME...]; DIR is a checkout of a suite');
if (!(seconds > 0)) fail(`--seconds must be a positive number, not ${options.seconds}`);
if (!(Number.isInteger(rounds) && rounds > 0)) fail(`--rounds must be a positive integer, not ${options.rounds}`);

const root = resolve(folder);
const read = (path) => readFileSync(join(root, path), 'utf8');

/** The end of a program: calls `call`, an expression, until the time is over. */
const measured = (call, setup = '', teardown = '') => `
;(async () => {
  ${setup}
  const times = [];
  const end = performance.now() + ${seconds * 1000};
  do {
    const start = performance.now();
    await (${call});
    times.push(performance.now() - start);
  } while (times.length < ${MOST_CALLS} && (performance.now() < end || times.length < 3));
  ${teardown}
  return times;
})()`;

/** JetStream's benchmarks of JavaScript alone: a class `Benchmark` each, which its driver lists. */
function* jetStream() {
  const driver = read('JetStreamDriver.js');
  const from = driver.indexOf('let BENCHMARKS = [');
  const list = `${driver.slice(from, driver.indexOf('\n];', from) + 3)}\nreturn BENCHMARKS;`;
  // Of the driver only the list is evaluated: its classes keep what they are given, and all else that it names is nothing.
  const described = (kind) =>
    class {
      constructor(description) {
        Object.assign(this, description, { kind });
      }
    };
  const scope = new Proxy(
    {},
    {
      has: (_, name) => typeof name === 'string' && !(name in globalThis),
      get: (_, name) => (String(name).endsWith('Benchmark') ? described(name) : () => ({})),
    },
  );
  const all = new Function('scope', `with (scope) {\n${list}\n}`)(scope);
  for (const { name, kind, files, preload = {}, arguments: given, deterministicRandom } of all) {
    if (kind !== 'DefaultBenchmark' && kind !== 'AsyncBenchmark') continue;
    yield {
      name,
      source() {
        const data = Object.fromEntries(Object.values(preload).map((path) => [path, read(path)]));
        const head = `globalThis.print = globalThis.alert = () => {};
globalThis.JetStream = { preload: ${JSON.stringify(preload)}, getString: async (path) => jetStreamFiles[path] };
var jetStreamFiles = ${JSON.stringify(data)};`;
        const make = `const benchmark = new Benchmark(${JSON.stringify(given ?? { iterationCount: 20 })});
  await benchmark.init?.();
  let iteration = 0;`;
        const call = '(benchmark.prepareForNextIteration?.(), benchmark.runIteration(iteration++))';
        return [head, deterministicRandom ? RANDOM : '', ...files.map(read), measured(call, make)].join('\n;\n');
      },
    };
  }
}

function* octane() {
  for (const [name, more] of Object.entries(OCTANE)) {
    yield {
      name,
      source() {
        const head =
          'var window = globalThis; globalThis.print = globalThis.alert = () => {}; globalThis.read = () => "";';
        const setup = `const { benchmarks } = BenchmarkSuite.suites[0];
  BenchmarkSuite.ResetRNG?.();
  for (const benchmark of benchmarks) benchmark.Setup?.();`;
        const call = 'benchmarks.forEach((benchmark) => benchmark.run())';
        const end = 'for (const benchmark of benchmarks) benchmark.TearDown?.();';
        return [head, ...['base', name, ...more].map((file) => read(`${file}.js`)), measured(call, setup, end)].join(
          '\n;\n',
        );
      },
    };
  }
}

function* areWeFastYet() {
  for (const [name, inner] of Object.entries(INNER)) {
    const file = join(root, 'benchmarks/JavaScript', `${name.toLowerCase()}.js`);
    yield {
      name,
      source: () => {
        const setup = `const benchmark = require(${JSON.stringify(file)}).newInstance();
  const once = () => {
    if (!benchmark.innerBenchmarkLoop(${inner})) throw new Error('wrong result');
  };`;
        return measured('once()', setup);
      },
    };
  }
}

const suites = [
  ['JetStreamDriver.js', jetStream],
  ['benchmarks/JavaScript/harness.js', areWeFastYet],
  ['base.js', octane],
];
const suite = suites.find(([file]) => existsSync(join(root, file)))?.[1];
if (suite === undefined) fail(`${folder} is no checkout of JetStream, Octane or are-we-fast-yet`);
const all = [...suite()];
const chosen = all.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
if (chosen.length === 0) fail(`no benchmark of this name; there are: ${all.map(({ name }) => name).join(', ')}`);

if (!options['no-setup']) await setUp();
const require = createRequire(import.meta.url);
const { Isolate } = require('../lib/index.js');
const { median } = require('../benches/harness.js');

async function measure(name, source, form) {
  const isolate = new Isolate({ memoryLimit: MEMORY });
  try {
    const times = await isolate.run(source, { form, filename: join(root, `${name}.js`), timeout: LIMIT });
    return times.slice(Math.floor(times.length / 3));
  } finally {
    await isolate.dispose();
  }
}

const forms = ['plain', options.form];
const quotients = [];
say(`${'fastest and median call in ms'.padEnd(32)}${forms.map((form) => form.padStart(20)).join('')}     ratios`);
for (const { name, source } of chosen) {
  const times = new Map(forms.map((form) => [form, []]));
  try {
    const text = source();
    for (let round = 0; round < rounds; round++) {
      for (const form of round % 2 === 0 ? forms : forms.toReversed()) {
        times.get(form).push(...(await measure(name, text, form)));
      }
    }
  } catch (error) {
    const form = times.get('plain').length === 0 ? 'plain' : options.form;
    if (form !== 'plain') process.exitCode = 1;
    say(`  ${name.padEnd(30)} ${form} failed: ${String(error.message).split('\n')[0]}`);
    continue;
  }
  const fastest = forms.map((form) => Math.min(...times.get(form)));
  const medians = forms.map((form) => median(times.get(form)));
  const columns = forms.map((_, index) => `${fastest[index].toFixed(2)} ${medians[index].toFixed(2)}`.padStart(20));
  quotients.push(fastest[1] / fastest[0]);
  say(
    `  ${name.padEnd(30)}${columns.join('')}   ${quotients.at(-1).toFixed(3)} ${(medians[1] / medians[0]).toFixed(3)}`,
  );
}
if (quotients.length > 0) {
  const mean = Math.exp(quotients.reduce((sum, quotient) => sum + Math.log(quotient), 0) / quotients.length);
  say(`geometric mean of ${quotients.length}: ${mean.toFixed(3)}`);
}
process.exit();
