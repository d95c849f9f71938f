/**
 * Compiling many functions at once: N different functions of some 40 KB each are spawned together, on a pool with all
 * threads and on one with a single thread.
 *
 * Each sample is a process of its own, since a process compiles a source only once; the time runs from the first spawn to
 * the last result, in which compiling dominates: the functions return at once, and
 * V8 compiles nothing of what is inside of them. Large sources are compiled by threads beside
 * the pool's, one for each processor, so RAYON_NUM_THREADS=1 makes the single thread single in that, too.
 *
 * No target: the quotient is at best the number of processors, and what V8 does itself is part of both.
 */

const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { CPUS, bench, compare } = require('./harness.js');

const LIB = path.join(__dirname, '..', 'lib', 'index.js');

const script = (threads, functions) => `
  const { configure, shutdown, spawn } = require(${JSON.stringify(LIB)});
  configure({ threads: ${threads} });
  const line = (salt) => 'if (n > ' + salt + ') { for (let i = 0; i < n; i++) n += f(i) + g(n, ' + salt + '); }\\n';
  const inner = (salt) => 'n += 0; if (n > 1) { const h = (n) => { ' + line(salt).repeat(10) + '}; h(n); }\\n';
  const make = (salt) => new Function('n', inner(salt).repeat(60) + 'return n;');
  const run = spawn.with({ form: 'coroutine' });
  (async () => {
    await Promise.all(Array.from({ length: ${threads} }, () => run(() => 1)));
    const list = Array.from({ length: ${functions} }, (_, n) => make(n));
    const start = process.hrtime.bigint();
    const results = await Promise.all(list.map((fn) => run(fn, 0)));
    const time = Number(process.hrtime.bigint() - start);
    if (results.some((result) => result !== 0)) throw new Error('a wrong result');
    process.stdout.write(String(time));
    await shutdown();
  })();`;

function contender(name, threads, functions) {
  const env = threads === 1 ? { ...process.env, RAYON_NUM_THREADS: '1' } : process.env;
  return {
    name,
    sample: () => Number(execFileSync(process.execPath, ['-e', script(threads, functions)], { env, encoding: 'utf8' })),
  };
}

function run({ quick }) {
  const functions = quick ? 16 : 64;
  return compare({
    contenders: [contender('one thread', 1, functions), contender(`${CPUS} threads`, CPUS, functions)],
    ratios: [{ over: 'one thread', under: `${CPUS} threads`, label: `speed-up by ${CPUS} processors` }],
    rounds: quick ? 3 : 9,
    warmup: 1,
    note: `${functions} different functions of about 45 KB`,
  });
}

bench(module, { title: 'compiling many functions at once', run });
