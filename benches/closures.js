/**
 * What a spawn costs that has to read what its function captures: the time of the call itself, in which the caller waits.
 *
 * Measures functions that capture three values (a number, a string, an object) against one that captures nothing. All are
 * spawned in one process, one after the other, and awaited outside of the measured time.
 *
 * Why it is fair: every sample spawns as often as the others, warm, in turns. "New closure" is the same text made anew each
 * time, as in a request handler; "same closure" one function again and again, whose variables are read all the same; "new text"
 * a function that the library has never seen, so that it is analysed as well; "given" has its values in the option `capture`, so
 * nothing is read; "prepared" are functions of a file that the loader has prepared.
 *
 * Targets: a closure with three values at most 200 microseconds, the same closure again at most 60. They are times and no
 * ratios, so two contenders are these times themselves. With the loader a closure costs at most 5 times a spawn that captures
 * nothing.
 */

const { bench, compare } = require('./harness.js');

/** Spawns in a prepared file. */
function prepared(name, ops, spawn, start) {
  return {
    name,
    async sample() {
      let total = 0n;
      for (let i = 0; i < ops; i++) {
        const begun = process.hrtime.bigint();
        const task = start(spawn, i);
        total += process.hrtime.bigint() - begun;
        await task;
      }
      return Number(total) / ops;
    },
  };
}

function contender(name, ops, spawn, make) {
  return {
    name,
    async sample() {
      let total = 0n;
      for (let i = 0; i < ops; i++) {
        const fn = make(i);
        const start = process.hrtime.bigint();
        const task = spawn(fn);
        total += process.hrtime.bigint() - start;
        await task;
      }
      return Number(total) / ops;
    },
  };
}

bench(module, {
  title: 'the call of spawn for a function with three captured values',
  run({ quick }) {
    const library = require('../lib/index.js');
    const { spawn } = library;
    const ops = quick ? 50 : 100;
    const closure = (number) => {
      const text = 'some text';
      const object = { a: 1, b: [1, 2, 3] };
      return () => number + text.length + object.b.length;
    };
    const same = closure(1);
    let texts = 0;
    const fresh = () =>
      new Function('n', 't', 'o', `return () => n + t.length + o.b.length + ${texts++}`)(1, 't', { b: [] });
    const given = spawn.with({ capture: { number: 1, text: 'some text', object: { a: 1, b: [1, 2, 3] } } });
    require('../lib/register.js');
    const inFile = require('./closures/prepared.js');
    const limit = (name, ns) => ({ name, sample: () => ns });
    return compare({
      rounds: quick ? 20 : 60,
      warmup: 3,
      maxTime: quick ? 5e3 : 15e3,
      contenders: [
        { ...contender('nothing captured', ops, spawn, () => () => 1), teardown: () => library.shutdown() },
        contender('new closure', ops, spawn, closure),
        contender('same closure', ops, spawn, () => same),
        contender('new text', ops, spawn, fresh),
        contender('given', ops, given, closure),
        prepared('prepared, nothing captured', ops, spawn, inFile.nothing),
        prepared('prepared, new closure', ops, spawn, inFile.closure),
        prepared('prepared, same closure', ops, spawn, inFile.same),
        prepared('prepared, calls another', ops, spawn, inFile.transitive),
        limit('200 microseconds', 200e3),
        limit('60 microseconds', 60e3),
      ],
      ratios: [
        { over: 'new closure', under: '200 microseconds', atMost: 1 },
        { over: 'same closure', under: '60 microseconds', atMost: 1 },
        { over: 'new closure', under: 'nothing captured' },
        { over: 'given', under: 'nothing captured' },
        { over: 'new text', under: 'new closure' },
        { over: 'prepared, new closure', under: 'prepared, nothing captured', atMost: 5 },
        { over: 'prepared, same closure', under: 'prepared, nothing captured', atMost: 5 },
        { over: 'prepared, calls another', under: 'prepared, nothing captured', atMost: 5 },
        { over: 'prepared, new closure', under: 'new closure' },
      ],
    });
  },
});
