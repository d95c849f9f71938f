'use strict';

// Tasks that only the host could wake do not keep Node alive, and are reported where the host has nothing left to do.

const assert = require('node:assert/strict');
const { join } = require('node:path');
const { describe, it } = require('node:test');
const { runProgram } = require('./program.js');

/** Runs a program in a Node of its own. */
function program(source) {
  const library = JSON.stringify(join(__dirname, '..'));
  return runProgram(
    `const { spawn, chan, sleep, Isolate } = require(${library}); (async () => {${source}})();`,
    60_000,
  );
}

describe('tasks that nobody can wake', { concurrency: 2 }, () => {
  it('are reported with what they wait for and where, and the process ends', async () => {
    const { out, err, code } = await program(`
      const c = chan();
      process.on('exit', () => console.log('exit'));
      const named = spawn(function stuck(c) { c.recv(); }, c);
      const other = spawn((c) => { const d = chan(); spawn(() => c.recv()); return d.recv(); }, c);
      await other;
      console.log('never');`);
    assert.equal(out, 'exit');
    assert.match(err, /DeadlockError: 2 tasks are blocked, and nothing can wake them/);
    assert.match(err, /Task 1 "stuck": blocked in recv\n\s+at stuck \(\[eval\]:\d+:\d+\)/);
    assert.match(err, /Task 2: blocked in recv/);
    assert.equal(code, 13);
  });

  it('end nothing but the process where nobody awaits them', async () => {
    const { err, code } = await program(`const c = chan(); spawn((c) => { for (const _ of c); }, c); await sleep(20);`);
    assert.match(err, /DeadlockError: a task is blocked, and nothing can wake it/);
    assert.equal(code, 0);
  });

  it('are so, too, once the host has done what wakes nobody', async () => {
    const { err, code } = await program(`
      const [c, d] = [chan(), chan(5)];
      spawn((c) => c.recv(), c);
      setTimeout(() => d.trySend(1), 100);
      setTimeout(() => d.trySend(2), 150);`);
    assert.match(err, /DeadlockError: a task is blocked/);
    assert.equal(code, 0);
  });

  it('are those of private isolates, too, and promises that never settle', async () => {
    const { err, code } = await program(`
      const isolate = new Isolate();
      isolate.spawn(() => new Promise(() => {}));
      await spawn.with({ form: 'plain' })(() => new Promise(() => {}));`);
    assert.match(err, /DeadlockError: 2 tasks are blocked/);
    assert.equal(code, 13);
  });

  it('are not those that wait for the deadline of a context of the host', async () => {
    const { out, err, code } = await program(`
      const { Context } = require(${JSON.stringify(join(__dirname, '..'))});
      const wait = (context) => { context.done.recv(); return context.error.name; };
      console.log(await spawn(wait, new Context({ timeout: 300 })));
      new Context({ timeout: 1e6 });
      spawn(wait, new Context({ timeout: 300 })).then(console.log);`);
    assert.equal(out, 'TimeoutError\nTimeoutError');
    assert.equal(err, '');
    assert.equal(code, 0);
  });

  it('are noticed at once, whatever V8 has put off for later', async () => {
    // After a collection V8 comes back to it some 8 seconds later, several times. It may be long until a thread has computed on a busy
    // machine, but it has nothing to do from `since` on.
    const litter =
      '{ let kept = []; for (let i = 0; i < 3e6; i++) { kept.push({ i }); if (kept.length > 5e5) kept = []; } }';
    for (const form of ['coroutine', 'plain']) {
      const { out, err } = await program(`
        let since;
        process.on('exit', () => console.log(performance.now() - since < 7000));
        const cell = new Int32Array(new SharedArrayBuffer(4));
        spawn.with({ form: '${form}', isolate: 'private' })((cell) => {
          ${litter}
          Atomics.store(cell, 0, 1);
          return new Promise(() => {});
        }, cell);
        while (cell[0] === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        since = performance.now();`);
      assert.match(err, /DeadlockError: a task is blocked/);
      assert.equal(out, 'true', form);
    }
  });

  it('are noticed where the host takes its time with what came from several isolates at once', async () => {
    const { err, code } = await program(`
      const busy = (ms) => { const end = Date.now() + ms; while (Date.now() < end); };
      const c = chan();
      const isolates = [new Isolate(), new Isolate()];
      await Promise.all(isolates.map((isolate) => isolate.spawn(() => 1)));
      const stuck = spawn((c) => c.recv(), c);
      while (stuck.status !== 'blocked') await sleep(1);
      console.info = () => busy(20);
      const done = isolates.map((isolate) => isolate.spawn(() => { sleep(60); console.info('x'); return 1; }));
      // By now it does not look by itself any more.
      await sleep(30);
      busy(300);
      await Promise.all(done);
      await stuck;`);
    assert.match(err, /DeadlockError: a task is blocked/);
    assert.equal(code, 13);
  });

  it('are noticed in whatever order the threads fall asleep', async () => {
    // Threads without tasks may be the last ones, and one may wake up for something of V8's just when Node asks.
    const source = `
      const isolate = new Isolate();
      isolate.spawn(() => new Promise(() => {}));
      await spawn.with({ form: 'plain' })(() => new Promise(() => {}));`;
    for (let i = 0; i < 4; i++) {
      const runs = await Promise.all(Array.from({ length: 6 }, () => program(source)));
      assert.deepEqual(
        runs.map(({ err, code }) => [/DeadlockError: 2 tasks are blocked/.test(err), code]),
        Array(6).fill([true, 13]),
      );
    }
  });
});

describe('tasks that somebody can wake', { concurrency: 2 }, () => {
  it('are waited for where V8 ends the wait: Atomics.waitAsync, in every form', async () => {
    for (const form of ['coroutine', 'storm', 'plain']) {
      const { out, err, code } = await program(`
        const wait = (time) => Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time).value;
        const ends = [200, '300'].map((time) => spawn.with({ form: '${form}' })(wait, time));
        console.log((await Promise.all(ends)).join());`);
      assert.equal(out, 'timed-out,timed-out', form);
      assert.equal(err, '');
      assert.equal(code, 0);
    }
  });

  it('are waited for: timers, other tasks, the host', async () => {
    const { out, err, code } = await program(`
      const c = chan();
      const d = chan();
      const slow = spawn(() => { sleep(300); return 'slow'; });
      const pair = spawn((d) => d.recv(), d);
      const sender = spawn((d) => { sleep(200); d.send('sent'); }, d);
      const late = spawn((c) => c.recv(), c);
      const plain = spawn.with({ form: 'plain' })(() => new Promise((resolve) => setTimeout(resolve, 100, 'plain')));
      setTimeout(() => c.send('late'), 400);
      console.log(await slow, await pair, await late, await plain);
      await sender;`);
    assert.deepEqual([out, err, code], ['slow sent late plain', '', 0]);
  });

  it('keep Node alive again once the host has woken them', async () => {
    const { out, err, code } = await program(`
      const c = chan();
      const task = spawn((c) => { const n = c.recv(); sleep(100); return n + 1; }, c);
      setTimeout(async () => {
        c.trySend(1);
        task.then((n) => console.log(n));
      }, 150);`);
    assert.deepEqual([out, err, code], ['2', '', 0]);
  });

  it('are those whose code is still being compiled', async () => {
    const { out, err, code } = await program(`
      const c = chan();
      const waits = spawn((c) => c.recv(), c);
      const isolate = new Isolate();
      await isolate.spawn(() => 1);
      const long = new Function('return function long(c) { let x = 0; ' + 'for (;;) { x += c.length; break; }'.repeat(8000) + ' return c.trySend("compiled"); }')();
      setTimeout(() => isolate.spawn(long, c), 50);
      setTimeout(() => {}, 55);
      console.log(await waits);`);
    assert.deepEqual([out, err, code], ['compiled', '', 0]);
  });

  it('are those that compute for long', async () => {
    const { out, err, code } = await program(`
      const c = chan();
      spawn((c) => { const end = Date.now() + 300; while (Date.now() < end); c.send(1); }, c);
      console.log(await spawn((c) => c.recv(), c));`);
    assert.deepEqual([out, err, code], ['1', '', 0]);
  });
});

describe('what goes on where no task of the host is left', { concurrency: 2 }, () => {
  it('keeps Node alive: tasks that compute or sleep', async () => {
    const { out, code } = await program(`
      await spawn(() => {
        spawn(() => { const end = Date.now() + 300; while (Date.now() < end); console.log('computed'); });
        spawn(() => { sleep(600); console.log('slept'); });
      });
      console.log('left');`);
    assert.equal(out, 'left\ncomputed\nslept');
    assert.equal(code, 0);
  });

  it('keeps Node alive where a promise of the host waits for it', async () => {
    const { out, code } = await program(`
      const [a, b] = [chan(), chan(1)];
      const isolate = new Isolate();
      await isolate.spawn((a) => { spawn(() => { sleep(300); a.send('of a task'); }); }, a);
      console.log(await a.recv());
      await spawn((b) => { setTimeout(() => b.trySend('of a timer'), 300); }, b);
      console.log(await b.recv());
      await isolate.dispose();`);
    assert.equal(out, 'of a task\nof a timer');
    assert.equal(code, 0);
  });

  it('keeps Node alive again once the host has woken it', async () => {
    const { out, code } = await program(`
      const c = chan(1);
      await spawn((c) => { spawn(() => { console.log(c.recv()); sleep(300); console.log('over'); }); }, c);
      setTimeout(() => c.trySend('woken'), 200);`);
    assert.equal(out, 'woken\nover');
    assert.equal(code, 0);
  });

  it('is not what only the host could wake', async () => {
    const began = Date.now();
    const { out, code } = await program(`
      const c = chan();
      await spawn((c) => { spawn(() => c.recv()); }, c);
      process.on('exit', () => console.log('exit'));
      await chan().recv();
      console.log('never');`);
    assert.equal(out, 'exit');
    // Node's own, for a promise at the top of a script that never settles.
    assert.equal(code, 0);
    assert.ok(Date.now() - began < 30_000);
  });
});
