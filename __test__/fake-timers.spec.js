'use strict';

// Tests of programs replace timers, or run where there are none. Results, messages and the end of the pool arrive nevertheless; the time that
// users ask for on the host is the test's. Each case is a process of its own.

const assert = require('node:assert/strict');
const { join } = require('node:path');
const { describe, it } = require('node:test');
const { runProgram } = require('./program.js');

const library = JSON.stringify(join(__dirname, '..', 'lib', 'index.js'));

/** Node says on stderr that its mocks are experimental. */
async function run(program) {
  const { out, code } = await runProgram(program, 60_000);
  return { out, code };
}

/** Everything that the host waits for while real time passes. */
const EVERYTHING = `
  const limit = 3;
  console.log(await spawn((n) => n + 1, 4));
  console.log(await spawn(() => { sleep(30); return limit; }));
  const ch = chan();
  const sender = spawn((ch) => ch.send(7), ch);
  console.log(await ch.recv());
  await sender;
  const buffered = chan(Infinity);
  for (let i = 0; i < 20000; i++) await buffered.send(i);
  for (let i = 0; i < 20000; i++) await buffered.recv();
  const lock = new Mutex();
  const guard = await lock.lock();
  const other = spawn((lock) => { lock.lock().release(); return 'locked'; }, lock);
  guard.release();
  console.log(await other);
  const blocked = spawn((ch) => ch.recv(), ch);
  blocked.catch(() => {});
  while (blocked.status !== 'blocked') await spawn(() => {});
  console.log((await blocked.stack()).split('\\n')[0].includes('blocked'));
  ch.close();
  await blocked;
  const computing = spawn(() => { for (;;); });
  await spawn(() => sleep(5));
  const [child] = await spawn(() => [spawn(() => { sleep(20); return 6; })]);
  console.log(await child);
  await shutdown();
  console.log(computing.status, await spawn(() => 8));
`;
const EXPECTED = '5\n3\n7\nlocked\ntrue\n6\nkilled 8';

const TIMERS = ['clearImmediate', 'clearInterval', 'clearTimeout', 'setImmediate', 'setInterval', 'setTimeout'];

const REPLACED = {
  "node:test's mocks": `require('node:test').mock.timers.enable();`,
  "node:test's mock of setTimeout": `require('node:test').mock.timers.enable({ apis: ['setTimeout'] });`,
  "node:test's mock of setImmediate": `require('node:test').mock.timers.enable({ apis: ['setImmediate'] });`,
  // As jest-environment-jsdom has it.
  'no global setImmediate': 'delete globalThis.setImmediate; delete globalThis.clearImmediate;',
  'fakes of all that tells time': `
    for (const name of ${JSON.stringify([...TIMERS, 'queueMicrotask'])}) globalThis[name] = () => 1;
    process.hrtime = () => [0, 0];
    Date.now = () => 0;`,
};

for (const [what, replace] of Object.entries(REPLACED)) {
  describe(`under ${what}`, () => {
    for (const when of ['before the first task', 'after tasks']) {
      it(`everything arrives: ${when}`, async () => {
        const warmUp = when === 'after tasks' ? 'await spawn(() => 1);' : '';
        const program = `
          const { spawn, chan, shutdown, Mutex } = require(${library});
          (async () => { ${warmUp} ${replace} ${EVERYTHING} })();`;
        assert.deepEqual(await run(program), { out: EXPECTED, code: 0 });
      });
    }
  });
}

it('the time that users ask for on the host is that of the fake timers', async () => {
  const program = `
    const { spawn, after, sleep, ticker, Context } = require(${library});
    const { mock } = require('node:test');
    const DAY = 86_400_000;
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    (async () => {
      const slept = sleep(20 * DAY).then(() => 'slept');
      const [once, ticks] = [after(20 * DAY), ticker(20 * DAY)];
      const context = new Context({ timeout: 20 * DAY });
      const limited = spawn.with({ timeout: 20 * DAY })(() => { for (;;) sleep(1000); });
      limited.catch(() => {});
      console.log(once.length, ticks.length, context.error);
      mock.timers.tick(20 * DAY);
      console.log(await slept, once.length, ticks.length, context.error.name);
      console.log(await limited.catch((error) => error.name));
      ticks.close();
      mock.timers.tick(20 * DAY);
    })();`;
  assert.deepEqual(await run(program), { out: '0 0 undefined\nslept 1 1 TimeoutError\nTimeoutError', code: 0 });
});

it('a test that gives the timers back leaves none of its own behind', async () => {
  const program = `
    const { spawn } = require(${library});
    const { mock } = require('node:test');
    (async () => {
      const began = spawn.with({ timeout: 1e9 })(() => { sleep(50); return 1; });
      mock.timers.enable({ apis: ['setTimeout'] });
      console.log(await began);
      const faked = spawn.with({ timeout: 1e9 })(() => { sleep(50); return 2; });
      mock.timers.reset();
      console.log(await faked);
    })();`;
  assert.deepEqual(await run(program), { out: '1\n2', code: 0 });
});

it('a deadline that is further away than timers reach is waited for', async () => {
  const program = `
    const { Context } = require(${library});
    const { mock } = require('node:test');
    mock.timers.enable({ apis: ['setTimeout'] });
    const context = new Context({ timeout: 2 ** 31 + 1000 });
    mock.timers.tick(2 ** 31 - 1);
    console.log(context.error);
    mock.timers.tick(1001);
    console.log(context.error.name);`;
  assert.deepEqual(await run(program), { out: 'undefined\nTimeoutError', code: 0 });
});
