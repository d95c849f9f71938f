'use strict';

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { Readable, Writable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { chan, fromIterable, sleep, spawn } = require('../lib/index.js');

/** What a channel gives until it is closed. */
async function all(channel) {
  const values = [];
  for await (const value of channel) values.push(value);
  return values;
}

describe('channels and streams', () => {
  it('fromIterable takes arrays, generators, Node streams and web streams', async () => {
    assert.deepEqual(await all(fromIterable([1, 'two', { three: 3 }])), [1, 'two', { three: 3 }]);
    assert.deepEqual(
      await all(
        fromIterable(
          (async function* () {
            yield 1;
            await sleep(1);
            yield 2;
          })(),
          5,
        ),
      ),
      [1, 2],
    );
    assert.deepEqual(await all(fromIterable(Readable.from(['a', 'b']))), ['a', 'b']);
    assert.deepEqual(await all(fromIterable(ReadableStream.from(['c', 'd']))), ['c', 'd']);
    const sum = spawn(
      (numbers) => {
        let total = 0;
        for (const n of numbers) total += n;
        return total;
      },
      fromIterable(Array.from({ length: 100 }, (_, i) => i)),
    );
    assert.equal(await sum, 4950);
    assert.throws(() => fromIterable(5), TypeError);
  });

  it('the iterable waits for who receives, and is left when the channel is closed', async () => {
    let given = 0;
    let isLeft = false;
    const channel = fromIterable(
      (function* () {
        try {
          for (;;) yield ++given;
        } finally {
          isLeft = true;
        }
      })(),
      2,
    );
    await sleep(5);
    assert.equal(given, 3);
    assert.equal(await channel.recv(), 1);
    channel.close();
    assert.deepEqual(await all(channel), [2, 3]);
    await sleep(1);
    assert.equal(isLeft, true);
  });

  it('Node and web streams read from channels', async () => {
    const channel = chan();
    const producer = spawn((out) => {
      for (let i = 0; i < 50; i++) out.send(`line ${i}\n`);
      out.close();
    }, channel);
    const chunks = [];
    const slow = new Writable({
      objectMode: true,
      highWaterMark: 1,
      write(chunk, _encoding, done) {
        chunks.push(String(chunk));
        setImmediate(done);
      },
    });
    await pipeline(Readable.from(channel), slow);
    await producer;
    assert.equal(chunks.length, 50);
    assert.equal(chunks[49], 'line 49\n');

    const second = fromIterable(['x', 'y']);
    const read = [];
    await ReadableStream.from(second).pipeTo(new WritableStream({ write: (chunk) => read.push(chunk) }));
    assert.deepEqual(read, ['x', 'y']);
  });
});
