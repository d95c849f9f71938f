'use strict';

// Failures of tasks that nobody handles, and programs that cannot go on.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { after, describe, it } = require('node:test');
const { setTimeout: delay } = require('node:timers/promises');
const { DeadlockError, Isolate, run, shutdown, spawn } = require('../lib/index.js');

const failure = (promise) =>
  promise.then(
    () => assert.fail('it did not fail'),
    (error) => error,
  );

/** What a program of the host's own prints and ends with. */
function host(body) {
  const library = JSON.stringify(join(__dirname, '..', 'lib', 'index.js'));
  const source = `const { run, spawn, shutdown, chan, Isolate, configure } = require(${library});
    // Tasks of tasks that have ended do not keep Node alive.
    const report = () => new Promise((resolve) => {
      const alive = setInterval(() => {}, 1000);
      process.once('unhandledRejection', () => resolve(clearInterval(alive)));
    });
    process.on('unhandledRejection', (error) => process.stdout.write(error.name + ': ' + error.message + '\\n'));
    (async () => { ${body} })();`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '-e', source], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

describe('a failed task that a task has started', () => {
  for (const form of ['coroutine', 'storm']) {
    it(`is reported when its parent ends and has not joined it (${form})`, () => {
      const { stdout } = host(`const reported = report(); await spawn.with({ form: '${form}' })(() => {
        globalThis.spawn(() => { throw new RangeError('unheard'); });
        sleep(10);
      }); console.log('through'); await reported; await shutdown();`);
      assert.match(stdout, /RangeError: unheard/);
      assert.match(stdout, /through/);
    });

    it(`is reported when it fails after that (${form})`, () => {
      const { stdout } = host(`const reported = report(); await spawn.with({ form: '${form}' })(() => {
        globalThis.spawn(() => { sleep(30); throw new RangeError('late'); });
      }); console.log('through'); await reported; await shutdown();`);
      assert.match(stdout, /through\nRangeError: late/);
    });

    it(`is reported once nobody has its handle any more, while its parent goes on (${form})`, () => {
      const { stdout } = host(`const stop = chan(2);
        process.on('unhandledRejection', () => stop.trySend('stop'));
        const task = spawn.with({ form: '${form}' })((stop) => {
          (() => globalThis.spawn(() => { throw new RangeError('dropped'); }))();
          const kept = globalThis.spawn(() => { throw new RangeError('kept'); });
          // Memory outside of the heap has V8 collect old objects, too.
          let buffer;
          while (!stop.tryRecv().ok) {
            buffer = new ArrayBuffer(8 << 20);
            sleep(1);
          }
          try { kept.join(); } catch (error) { return error.message + buffer.byteLength; }
        }, stop);
        const late = setTimeout(() => { console.log('nothing was reported'); process.exit(); }, 20_000);
        console.log(await task);
        clearTimeout(late);
        await shutdown();`);
      assert.equal(stdout, 'RangeError: dropped\nkept8388608\n');
    });

    it(`is not reported where it was joined, or awaited, even late (${form})`, () => {
      const { stdout } = host(`await spawn.with({ form: '${form}' })(async () => {
        const joined = globalThis.spawn(() => { throw new RangeError('joined'); });
        const awaited = globalThis.spawn(() => { throw new RangeError('awaited'); });
        sleep(5);
        try { joined.join(); } catch {}
        await null;
        sleep(5);
        await awaited.catch(() => {});
        globalThis.spawn(() => chan().recv()).kill();
      }); console.log('through'); await shutdown();`);
      assert.equal(stdout, 'through\n');
    });
  }
});

describe('tasks of tasks', () => {
  after(() => shutdown());

  it('are killed with who has started them, also through one that has ended', async () => {
    // Those that have begun, and those that have ended.
    const state = new Int32Array(new SharedArrayBuffer(8));
    const task = spawn((cell) => {
      globalThis.spawn(() => {
        globalThis.spawn(() => {
          try {
            Atomics.add(cell, 0, 1);
            chan().recv();
          } finally {
            Atomics.add(cell, 1, 1);
          }
        });
      });
      chan().recv();
    }, state);
    while (state[0] === 0) await delay(5);
    task.kill();
    await failure(task);
    for (let i = 0; i < 1000 && state[1] === 0; i++) await delay(5);
    assert.equal(state[1], 1);
  });
});

describe('a deadlock', () => {
  after(() => shutdown());

  for (const form of ['coroutine', 'storm']) {
    it(`ends a program, and says where its tasks stand and what they wait for (${form})`, async () => {
      const program = `const ch = chan();
const reader = spawn(function reader() {
  return ch.recv();
});
const writer = spawn(function writer() {
  chan().send(1);
});
function main() {
  return reader.join() + 1;
}
main();`;
      const error = await failure(run(program, { form, filename: 'deadlock.js' }));
      assert.ok(error instanceof DeadlockError, String(error));
      assert.equal(error.code, 'ERR_DEADLOCK');
      assert.match(
        error.message,
        /^all tasks of the program are blocked, and nothing can wake them: the program is blocked in join/,
      );
      assert.match(error.message, /the task "reader" is blocked in recv; the task "writer" is blocked in send$/);
      assert.match(
        error.stack,
        /the program is blocked in join of task 1 "reader"\n {4}at main \(deadlock\.js:9:17\)\n {4}at deadlock\.js:11:1/,
      );
      assert.match(
        error.stack,
        /the task "writer" is blocked in send\n {4}at writer \(deadlock\.js:6:10\)\n {4}at spawn.* \(deadlock\.js:5:16\)/,
      );
      assert.match(error.stack, /failures\.spec\.js/);
    });

    it(`is found where tasks wait in functions that they capture (${form})`, async () => {
      const program = `
        const make = () => () => select([]);
        const start = (work) => spawn(() => work());
        const tasks = [];
        for (let i = 0; i < 40; i++) tasks.push(start(make()));
        // Isolates that have nothing to do may ask for some meanwhile.
        for (const begun = performance.now(); performance.now() - begun < 30; );
        tasks.map((task) => task.join());`;
      const error = await failure(run(program, { form }));
      assert.ok(error instanceof DeadlockError, String(error));
      assert.match(error.message, /the program is blocked in join/);
    });

    it(`is also that nobody will settle a promise (${form})`, async () => {
      const error = await failure(run('await new Promise(() => {});', { form, type: 'module' }));
      assert.ok(error instanceof DeadlockError, String(error));
      assert.match(error.message, /the program is blocked in await$/);
    });

    it(`is none while a timer, the host, or V8 may act (${form})`, async () => {
      assert.equal(await run('const ch = chan(); setTimeout(() => ch.trySend(5), 100); ch.recv()', { form }), 5);
      assert.equal(await run('const ch = chan(1); after(60).recv(); ch.send(6); ch.recv()', { form }), 6);
      const bytes = '[0, 97, 115, 109, 1, 0, 0, 0]';
      const compile = `(await WebAssembly.compile(new Uint8Array(${bytes}))) instanceof WebAssembly.Module`;
      assert.deepEqual(await run(`export const ok = ${compile};`, { form, type: 'module' }), { ok: true });
      const wait = `const cell = new Int32Array(new SharedArrayBuffer(4));
        const { value } = Atomics.waitAsync(cell, 0, 0, 100); value.then((how) => how)`;
      assert.equal(await run(wait, { form }), 'timed-out');
      const paused = run('sleep(20); chan(1).send(1); 7', { form });
      paused.pause();
      await delay(100);
      paused.resume();
      assert.equal(await paused, 7);
    });
  }

  it('is noticed at once, whatever V8 has put off since other programs have ended', { timeout: 15_000 }, async () => {
    for (let index = 0; index < 30; index++) {
      const error = await failure(run('const ch = chan(); function main() { return ch.recv(); } main();'));
      assert.ok(error instanceof DeadlockError, String(error));
    }
  });

  it('ends a program in an isolate that is kept, and nothing beside it', async () => {
    const isolate = new Isolate();
    const beside = isolate.spawn(() => {
      const channel = chan();
      setTimeout(() => channel.trySend('beside'), 300);
      return channel.recv();
    });
    assert.ok((await failure(isolate.run('chan().recv()'))) instanceof DeadlockError);
    assert.equal(await isolate.run('1 + 1'), 2);
    assert.equal(await beside, 'beside');
    await isolate.dispose();
  });
});
