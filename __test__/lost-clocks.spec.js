'use strict';

const assert = require('node:assert/strict');
const { join } = require('node:path');
const { afterEach, describe, it } = require('node:test');
const { Context, Isolate, after, chan, select, shutdown, spawn, ticker } = require('../lib/index.js');
const { runProgram } = require('./program.js');

// What tells the time are timers of an isolate, and others may wait for it when that is gone.
describe('clocks of an isolate that ends', () => {
  afterEach(() => shutdown());

  /** What a function makes in an isolate that has ended since. */
  async function left(make, ...args) {
    const isolate = new Isolate();
    const made = await isolate.spawn(make, ...args);
    await isolate.dispose();
    return made;
  }

  it('after gives its value in time, on the host and in tasks', async () => {
    const began = Date.now();
    const made = await left(() => Array.from({ length: 3 }, () => after(150)));
    const inTask = spawn((channel) => channel.recv(), made[1]);
    const selected = spawn((channel) => select([chan(), channel]).value, made[2]);
    for (const time of await Promise.all([made[0].recv(), inTask, selected])) {
      assert.equal(time, Math.floor(time));
      // Another clock counts than that which is looked at.
      assert.ok(time - began >= 145, `after ${time - began} ms`);
    }
  });

  it('after gives its value once', async () => {
    const isolate = new Isolate();
    const channel = await isolate.spawn(() => after(5));
    await channel.recv();
    const late = await isolate.spawn(() => {
      const made = after(5);
      sleep(30);
      return made;
    });
    await isolate.dispose();
    await late.recv();
    await sleepOnHost(50);
    assert.deepEqual([channel.tryRecv().ok, late.tryRecv().ok], [false, false]);
  });

  const sleepOnHost = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  it('a ticker goes on until it is closed', async () => {
    const ticks = await left(() => ticker(10));
    const first = await ticks.recv();
    assert.ok((await ticks.recv()) > first);
    const inTask = spawn((ticks) => [ticks.recv(), ticks.recv()].length, ticks);
    assert.equal(await inTask, 2);
    ticks.close();
    for await (const _ of ticks);
  });

  it('the deadline of a context comes', async () => {
    const context = await left(() => new Context({ timeout: 100 }));
    const inTask = spawn((context) => {
      context.done.recv();
      return context.error.name;
    }, context);
    const child = spawn((context) => {
      const child = context.child();
      child.done.recv();
      return child.error.name;
    }, context);
    assert.equal(context.error, undefined);
    await context.done.recv();
    assert.equal(context.error.name, 'TimeoutError');
    assert.deepEqual(await Promise.all([inTask, child]), ['TimeoutError', 'TimeoutError']);
    await assert.rejects(async () => context.check(), { code: 'ERR_TIMEOUT' });
  });

  it('a context is cancelled before its deadline as ever', async () => {
    const context = await left(() => new Context({ timeout: 1e6 }).child());
    const waits = spawn((context) => context.done.recv(), context);
    context.cancel('enough');
    await waits;
    assert.match(context.error.message, /enough/);
  });

  it('an isolate that has run out of memory leaves them, too', async () => {
    const isolate = new Isolate({ memoryLimit: 16 << 20 });
    const channel = await isolate.spawn(() => after(50));
    const full = isolate.spawn(() => {
      const all = [];
      for (;;) all.push(new Array(1000).fill(all.length));
    });
    await assert.rejects(full, { code: 'ERR_MEMORY_LIMIT' });
    assert.equal(typeof (await channel.recv()), 'number');
    await isolate.dispose();
  });

  it('all that is left is closed when the pool is shut down', async () => {
    const made = await spawn(() => [after(1e6), ticker(1e6), new Context({ timeout: 1e6 })]);
    const early = await left(() => [after(1e6), ticker(1e6), new Context({ timeout: 1e6 })]);
    const waits = [...made, ...early].map((one) => (one instanceof Context ? one.done : one).recv());
    await shutdown();
    assert.deepEqual(await Promise.all(waits), Array(6).fill(undefined));
    for (const context of [made[2], early[2]]) assert.equal(context.error.name, 'TaskKilledError');
  });

  it('a context of a task may have any deadline', async () => {
    const error = await spawn(() => {
      const context = new Context({ timeout: 2 ** 32 });
      const { value } = select([context.done, after(50)]);
      return [typeof value, context.error];
    });
    assert.deepEqual(error, ['number', undefined]);
  });

  it('whoever waits for them is not blocked for ever', async () => {
    const library = JSON.stringify(join(__dirname, '..'));
    const program = (wait) =>
      runProgram(
        `const { spawn, after, Context, Isolate } = require(${library});
         (async () => {
           const isolate = new Isolate();
           const made = await isolate.spawn(() => new Context({ timeout: 300 }));
           await isolate.dispose();
           ${wait};
           console.log('over');
         })();`,
        60_000,
      );
    const programs = ['await spawn((made) => made.done.recv(), made)', 'await made.done.recv()'].map(program);
    for (const { out, err, code } of await Promise.all(programs)) assert.deepEqual([out, err, code], ['over', '', 0]);
  });
});
