'use strict';

const assert = require('node:assert/strict');
const { describe, it, after } = require('node:test');
const { setTimeout: wait } = require('node:timers/promises');
const { markAsUntransferable } = require('node:worker_threads');
const { spawn, chan, Isolate, shutdown, DataCloneError } = require('../lib/index.js');

after(() => shutdown());

describe('transfer', () => {
  it('moves the memory, detaches the sender, and brings it back', async () => {
    const buffer = new ArrayBuffer(1 << 20);
    const view = new Uint8Array(buffer);
    view[0] = 7;
    const back = await spawn.with({ transfer: [buffer] })((b) => {
      const bytes = new Uint8Array(b);
      bytes[1] = bytes[0] + 1;
      return b;
    }, buffer);
    assert.equal(buffer.byteLength, 0);
    assert.equal(view.length, 0);
    assert.equal(back.byteLength, 1 << 20);
    assert.deepEqual([...new Uint8Array(back, 0, 2)], [7, 8]);
    const again = await spawn.with({ transfer: [back] })((b) => new Uint8Array(b, 0, 4), back);
    assert.deepEqual([...again], [7, 8, 0, 0]);
    assert.equal(again.buffer.byteLength, 1 << 20);
  });

  it('moves buffers that are reached through views, and those that are not reached at all', async () => {
    const a = new Float64Array([1, 2]);
    const b = new ArrayBuffer(8);
    const sum = await spawn.with({ transfer: [a.buffer, b] })((v) => v.data[0] + v.data[1], { data: a });
    assert.equal(sum, 3);
    assert.equal(a.length, 0);
    assert.equal(b.byteLength, 0);
  });

  it('a task moves buffers of its own with transfer()', async () => {
    const { big, copied } = await spawn(() => {
      const one = new Uint8Array(1 << 20).fill(3);
      const two = new Uint8Array(16).fill(4);
      const value = { big: one, copied: two };
      return transfer(value, [one.buffer]);
    });
    assert.equal(big.length, 1 << 20);
    assert.equal(big[1 << 19], 3);
    assert.equal(copied[15], 4);
    const detached = await spawn(async () => {
      const buffer = new ArrayBuffer(8);
      setTimeout(() => {
        globalThis.lengthAfter = buffer.byteLength;
      }, 5);
      return transfer({ buffer }, [buffer]);
    });
    assert.equal(detached.buffer.byteLength, 8);
  });

  it('refuses what cannot be moved, and moves nothing then', () => {
    const good = new ArrayBuffer(8);
    for (const bad of [{}, new Uint8Array(4), new SharedArrayBuffer(4), null]) {
      assert.throws(() => spawn.with({ transfer: [good, bad] })(() => 1), DataCloneError);
    }
    assert.throws(() => spawn.with({ transfer: [good, good] })(() => 1), /twice/);
    assert.throws(() => spawn.with({ transfer: [good] })(() => 1, good, Symbol('s')), /args\[1\]/);
    assert.equal(good.byteLength, 8);
  });

  it('refuses memory that cannot be moved, and moves nothing then', () => {
    const marked = new ArrayBuffer(8);
    markAsUntransferable(marked);
    const memory = new WebAssembly.Memory({ initial: 1 });
    for (const bad of [marked, memory.buffer, Buffer.from('hi').buffer]) {
      const good = new ArrayBuffer(8);
      assert.throws(() => spawn.with({ transfer: [good, bad] })((a) => a, good), {
        name: 'DataCloneError',
        code: 'ERR_DATA_CLONE',
        message: /^transfer\[1\]: .*buffer\.slice\(\)/,
      });
      assert.equal(good.byteLength, 8);
      assert.notEqual(bad.byteLength, 0);
    }
  });

  it('gives each task its own memory where a getter spawns another', async () => {
    const fill = (n) => new Uint8Array(8).fill(n).buffer;
    const first = (buffer) => new Uint8Array(buffer)[0];
    const tasks = [];
    const start = (buffer, arg = buffer) => tasks.push(spawn.with({ transfer: [buffer] })(first, arg));
    // Enough of them that some wait to be handed over when the getter runs.
    for (let i = 0; i < 20; i++) start(fill(i));
    const outer = fill(20);
    const wrapped = {
      get inner() {
        start(fill(30));
        return outer;
      },
    };
    tasks.push(spawn.with({ transfer: [outer] })((value) => new Uint8Array(value.inner)[0], wrapped));
    start(fill(40));
    const expected = [...Array.from({ length: 20 }, (_, i) => i), 30, 20, 40];
    assert.deepEqual(await Promise.all(tasks), expected);
  });

  it('releases memory that a task does not give back', async () => {
    const isolate = new Isolate();
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 40; i++) {
      const buffer = new ArrayBuffer(32 << 20);
      new Uint8Array(buffer).fill(1);
      await isolate.spawn.with({ transfer: [buffer] })((b) => b.byteLength, buffer);
    }
    await isolate.dispose();
    await wait(20);
    globalThis.gc?.();
    const grown = (process.memoryUsage.rss() - before) >> 20;
    assert.ok(grown < 900, `${grown} MB of 1280 MB are still there`);
  });
});

describe('SharedArrayBuffer', () => {
  it('of the host is shared, in both directions', async () => {
    const memory = new SharedArrayBuffer(16);
    const cells = new Int32Array(memory);
    const same = await spawn((c) => {
      Atomics.add(c, 0, 5);
      return c.buffer;
    }, cells);
    assert.equal(cells[0], 5);
    assert.equal(same, memory);
    const results = await Promise.all(
      Array.from({ length: 8 }, () =>
        spawn((c) => {
          for (let i = 0; i < 1000; i++) Atomics.add(c, 1, 1);
        }, cells),
      ),
    );
    assert.equal(results.length, 8);
    assert.equal(cells[1], 8000);
  });

  it('made in a task cannot reach the host, and the error says what to do', async () => {
    await assert.rejects(
      spawn(() => ({ memory: new SharedArrayBuffer(8) })),
      (error) => error instanceof DataCloneError && /make it on the host/.test(error.message),
    );
  });
});

describe('transfer through a channel of the host', () => {
  const eight = () => new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;

  it('leaves the buffer alone where there is no room', async () => {
    const full = chan(1);
    full.trySend(1);
    const buffer = eight();
    for (let i = 0; i < 3; i++) assert.equal(full.trySend({ buffer }, { transfer: [buffer] }), false);
    assert.deepEqual([...new Uint8Array(buffer)], [1, 2, 3, 4, 5, 6, 7, 8]);
    await full.recv();
    assert.equal(full.trySend({ buffer }, { transfer: [buffer] }), true);
    assert.equal(buffer.byteLength, 0);
    assert.deepEqual([...new Uint8Array((await full.recv()).buffer)], [1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('leaves the buffer alone where the channel is closed', async () => {
    const closed = chan(1);
    closed.close();
    const buffer = eight();
    assert.throws(() => closed.trySend(buffer, { transfer: [buffer] }), { name: 'ChannelClosedError' });
    await assert.rejects(closed.send(buffer, { transfer: [buffer] }), { name: 'ChannelClosedError' });
    assert.equal(buffer.byteLength, 8);
    assert.deepEqual([...(await spawn.with({ transfer: [buffer] })((b) => new Uint8Array(b), buffer))].length, 8);
  });

  it('moves the buffer of a send that waits, and of one that somebody waits for', async () => {
    const meeting = chan();
    const [first, second] = [eight(), eight()];
    const sent = meeting.send(first, { transfer: [first] });
    assert.equal(first.byteLength, 0);
    assert.equal((await meeting.recv()).byteLength, 8);
    await sent;
    const task = spawn((meeting) => new Uint8Array(meeting.recv())[7], meeting);
    while (task.status !== 'blocked') await wait(1);
    const isSent = meeting.trySend(second, { transfer: [second] });
    assert.deepEqual([isSent, second.byteLength, await task], [true, 0, 8]);
  });

  it('keeps resizable buffers what they are', async () => {
    const one = chan(1);
    const buffer = new ArrayBuffer(8, { maxByteLength: 16 });
    assert.equal(one.trySend(buffer, { transfer: [buffer] }), true);
    assert.equal(one.trySend(1, { transfer: [new ArrayBuffer(8)] }), false);
    const got = await one.recv();
    got.resize(16);
    assert.deepEqual([buffer.byteLength, got.byteLength], [0, 16]);
  });

  it('goes on where a getter sends, or spawns, itself', async () => {
    const outer = chan(2);
    const inner = chan(1);
    const [a, b, c] = [eight(), eight(), eight()];
    let task;
    const value = {
      inner,
      get more() {
        inner.trySend(b, { transfer: [b] });
        task = spawn.with({ transfer: [c] })((buffer, ch) => [buffer.byteLength, ch.capacity], c, inner);
        return a;
      },
    };
    await outer.send(value, { transfer: [a] });
    assert.deepEqual([a.byteLength, b.byteLength, c.byteLength], [0, 0, 0]);
    const got = await outer.recv();
    assert.deepEqual([got.inner === inner, got.more.byteLength], [true, 8]);
    assert.equal((await inner.recv()).byteLength, 8);
    assert.deepEqual(await task, [8, 1]);
  });
});
