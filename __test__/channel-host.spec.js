'use strict';

// Channels in the host's event loop: they starve nothing, keep alive what they must and nothing else, survive pools, and are freed.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const { join } = require('node:path');
const { after, describe, it } = require('node:test');
const { promisify } = require('node:util');
const { Worker } = require('node:worker_threads');
const { Isolate, chan, select, shutdown, sleep, spawn, ticker } = require('../lib/index.js');
const { channels } = require('../lib/channels/endpoint.js');

const LIB = join(__dirname, '..', 'lib', 'index.js');
const run = promisify(execFile);

/** Runs a program in a Node of its own; returns what it has printed. */
async function program(source, ...flags) {
  const { stdout } = await run(
    process.execPath,
    [...flags, '-e', `const L = require(${JSON.stringify(LIB)});${source}`],
    {
      timeout: 60_000,
    },
  );
  return stdout.trim();
}

after(() => shutdown());

describe('the event loop', () => {
  /** How often immediates and timers have run while something else did. */
  async function ticksDuring(promise) {
    let immediates = 0;
    let timers = 0;
    let goesOn = true;
    const tick = () => {
      immediates++;
      if (goesOn) setImmediate(tick);
    };
    setImmediate(tick);
    const timer = setInterval(() => timers++, 5);
    await promise;
    goesOn = false;
    clearInterval(timer);
    return { immediates, timers };
  }

  it('goes on while the host floods itself', { timeout: 30_000 }, async () => {
    const c = chan(10);
    const end = Date.now() + 1000;
    const ticks = await ticksDuring(
      (async () => {
        while (Date.now() < end) {
          await c.send(1);
          await c.recv();
        }
      })(),
    );
    assert.ok(ticks.immediates >= 5 && ticks.timers >= 3, JSON.stringify(ticks));
  });

  it('goes on while selects with a default flood it', { timeout: 30_000 }, async () => {
    const c = chan();
    const end = Date.now() + 1000;
    const ticks = await ticksDuring(
      (async () => {
        while (Date.now() < end) await select([c], { default: 0 });
      })(),
    );
    assert.ok(ticks.immediates >= 5 && ticks.timers >= 3, JSON.stringify(ticks));
  });

  it('goes on while two of the host pass a ball', { timeout: 30_000 }, async () => {
    const [a, b] = [chan(), chan()];
    const end = Date.now() + 1000;
    const ticks = await ticksDuring(
      Promise.all([
        (async () => {
          while (Date.now() < end) {
            await a.send(1);
            await b.recv();
          }
          a.close();
        })(),
        (async () => {
          for await (const value of a) await b.send(value);
        })(),
      ]),
    );
    assert.ok(ticks.immediates >= 5 && ticks.timers >= 3, JSON.stringify(ticks));
  });

  it('goes on while tasks flood the host', { timeout: 30_000 }, async () => {
    const c = chan(100);
    const isolate = new Isolate();
    const flood = isolate.spawn((x) => {
      const end = Date.now() + 1000;
      for (let sent = 0; Date.now() < end || sent < 2000; sent++) x.send(1);
      x.close();
    }, c);
    let received = 0;
    const ticks = await ticksDuring(
      (async () => {
        for await (const one of c) received += one;
      })(),
    );
    await flood;
    assert.ok(received > 1000, `${received} received`);
    assert.ok(ticks.immediates >= 5 && ticks.timers >= 3, JSON.stringify(ticks));
    await isolate.dispose();
  });

  it('is not kept alive by operations that only the host could end', async () => {
    const source = 'const c = L.chan(); c.recv().then(() => console.log("no")); c.send; console.log("end");';
    assert.equal(await program(source), 'end');
  });

  it('is kept alive by a task that will answer', async () => {
    const source =
      'const c = L.chan(); L.spawn((x) => { sleep(50); x.send("answer"); }, c); c.recv().then(console.log);';
    assert.equal(await program(source), 'answer');
  });
});

describe('environments', () => {
  it('of worker_threads have channels of their own', { timeout: 60_000 }, async () => {
    const source = `
      const { parentPort } = require('node:worker_threads');
      const { chan, spawn, shutdown } = require(${JSON.stringify(LIB)});
      (async () => {
        const c = chan(), d = chan();
        const task = spawn((x, y) => { for (const v of x) y.send(v * 2); }, c, d);
        let sum = 0;
        for (let i = 0; i < 200; i++) { await c.send(i); sum += await d.recv(); }
        c.close();
        await task;
        parentPort.postMessage(sum);
        // It ends with a task and the host waiting.
        spawn((y) => y.recv(), d).catch(() => {});
        d.send;
        setTimeout(() => process.exit(), 5);
      })();`;
    const workers = [0, 1, 2].map(() => new Worker(source, { eval: true }));
    const sums = await Promise.all(
      workers.map((worker) => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))),
    );
    assert.deepEqual(sums, Array(3).fill(39_800));
    await Promise.all(workers.map((worker) => worker.terminate()));
    const c = chan(1);
    await spawn((x) => x.send('the first one goes on'), c);
    assert.equal(await c.recv(), 'the first one goes on');
  });
});

describe('channels that nobody has', () => {
  const count = `const { channels } = require(${JSON.stringify(join(__dirname, '..', 'lib', 'channels', 'endpoint.js'))});
    const settle = async () => { for (let i = 0; i < 6; i++) { gc(); await new Promise((r) => setTimeout(r, 5)); } return channels.count(); };
    // What other threads hold is given up in their own time.
    const isGone = async () => { for (let i = 0; i < 100; i++) if (await settle() <= 1) return true; return false; };`;

  it('are freed on the host, also those that lie in each other', { timeout: 120_000 }, async () => {
    const source = `${count}
      (async () => {
        let most = 0;
        for (let i = 0; i < 100_000; i++) {
          const a = L.chan(2), b = L.chan(2);
          if (i % 2) { a.trySend(b); b.trySend({ a }); a.trySend(a); }
          if (i % 1000 === 0) { await new Promise(setImmediate); most = Math.max(most, channels.count()); }
        }
        gc();
        console.log(await settle(), most < 150_000);
      })();`;
    assert.equal(await program(source, '--expose-gc'), '0 true');
  });

  it('are freed in tasks, also those that were promoted and lie in each other', { timeout: 120_000 }, async () => {
    const source = `${count}
      (async () => {
        const out = L.chan(1);
        const task = L.spawn((x) => {
          for (let i = 0; i < 50_000; i++) {
            const a = chan(3), b = chan(3);
            a.send(b); b.send([a]); a.send(a);
            x.send(a);
            x.recv();
          }
          // Those that never leave.
          for (let i = 0; i < 500_000; i++) { const c = chan(1); c.send(c); }
          return 'done';
        }, out);
        console.log(await task);
        await L.shutdown();
        out.close();
        console.log(await isGone());
      })();`;
    assert.equal(await program(source, '--expose-gc'), 'done\ntrue');
  });

  it('are freed while the isolate that made them lives', { timeout: 120_000 }, async () => {
    const source = `${count}
      (async () => {
        const isolate = new L.Isolate({ memoryLimit: 64 * 1024 * 1024 });
        const out = L.chan(1);
        let most = 0;
        for (let round = 0; round < 20; round++) {
          await isolate.spawn((x) => {
            for (let i = 0; i < 5_000; i++) {
              const a = chan(2);
              a.send({ text: 'x'.repeat(1000) });
              x.send(a);
              x.recv();
            }
          }, out);
          most = Math.max(most, await settle());
        }
        console.log(most < 60_000 || most);
        await isolate.dispose();
        console.log(await isGone());
      })();`;
    assert.equal(await program(source, '--expose-gc'), 'true\ntrue');
  });

  it('stop their tickers', { timeout: 60_000 }, async () => {
    const source = `${count}
      (async () => {
        let t = L.ticker(1);
        await t.recv();
        t = null;
        console.log(await settle());
      })();`;
    // A ticker that still ticked would keep the process alive.
    assert.equal(await program(source, '--expose-gc'), '0');
  });

  it('stop tickers that tasks have made, wherever they have been', { timeout: 60_000 }, async () => {
    const source = `${count}
      (async () => {
        const isolates = [new L.Isolate(), new L.Isolate()];
        const make = (x, ms) => { const t = ticker(ms); x.send(t); return t.recv() > 0; };
        const c = L.chan();
        // One comes to the host, the others go to another isolate; of these one is closed there.
        const made = isolates[0].spawn(make, c, 1);
        let t = await c.recv();
        await made;
        t = null;
        for (const close of [false, true]) {
          const user = isolates[1].spawn((x, close) => { const t = x.recv(); t.recv(); t.recv(); if (close) t.close(); }, c, close);
          await isolates[0].spawn(make, c, 1);
          await user;
        }
        // What isolates hold is given up in their own time.
        const d = L.chan();
        const work = (d) => { let list = []; for (let i = 0; i < 3e5; i++) list.push({ i }); return [chan().length, d.recv()]; };
        let left;
        for (let i = 0; i < 100 && left !== 2; i++) {
          for (const isolate of isolates) { const task = isolate.spawn(work, d); await d.send(i); await task; }
          left = await settle();
        }
        // The channels of the host alone.
        console.log(left);
        await Promise.all(isolates.map((isolate) => isolate.dispose()));
      })();`;
    assert.equal(await program(source, '--expose-gc'), '2');
  });

  it('keep their tickers while tasks have them', { timeout: 60_000 }, async () => {
    const source = `${count}
      (async () => {
        const task = L.spawn((t) => { let n = 0; for (const _ of t) if (++n === 60) { t.close(); return n; } }, L.ticker(2));
        await settle();
        console.log(await task);
      })();`;
    assert.equal(await program(source, '--expose-gc'), '60');
  });
});

describe('a ticker of the host', () => {
  it('drops what nobody has received, and ends with a close', async () => {
    const t = ticker(1);
    await sleep(20);
    assert.equal(t.length, 1);
    await t.recv();
    t.close();
    assert.equal((await t.next()).done, true);
    assert.ok(channels.count() > 0);
  });
});
