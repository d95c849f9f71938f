'use strict';

// How iterations end early: of what channels are made of, and of channels.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');
const { after, describe, it } = require('node:test');
const { promisify } = require('node:util');
const { Readable, Writable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { chan, fromIterable, shutdown, sleep, spawn } = require('../lib/index.js');

const LIB = join(__dirname, '..', 'lib', 'index.js');
const run = promisify(execFile);

/** Runs a program in a Node of its own, which must exit by itself and without an error; returns what it has printed. */
async function program(source, ...flags) {
  const text = `
    const closing = (stream) => new Promise((resolve) => stream.once('close', resolve));
    const { Readable } = require('node:stream');
    const { chan, fromIterable, sleep, spawn } = require(${JSON.stringify(LIB)});
    (async () => {${source}})();`;
  const { stdout } = await run(process.execPath, [...flags, '-e', text], { timeout: 60_000 });
  return stdout.trim();
}

/** A promise, and what settles it. */
function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

/** Unlike `once`, this does not mind the error event of streams that are left. */
const closing = (stream) => new Promise((resolve) => stream.once('close', resolve));

const idle = () => new Readable({ objectMode: true, read() {} });
const END = { value: undefined, done: true };

after(() => shutdown());

describe('fromIterable, when others have closed the channel', { timeout: 120_000 }, () => {
  it('minds nothing when the iterable ends', async () => {
    assert.equal(
      await program(`
        for (const source of [new Readable({ objectMode: true, read() {} }), Readable.from(['one'])]) {
          const channel = fromIterable(source);
          source.push?.('one');
          console.log(await channel.recv());
          channel.close();
          source.push(null);
          if (!source.closed) await closing(source);
        }
        let open;
        const gate = new Promise((resolve) => { open = resolve; });
        const lists = [[1, gate], (function* () { yield 1; yield gate; })(), (async function* () { yield 1; await gate; })()];
        const channels = lists.map((list) => fromIterable(list));
        for (const channel of channels) {
          console.log(await channel.recv());
          channel.close();
        }
        open();
        await sleep(1);
        console.log('alive');`),
      'one\none\n1\n1\n1\nalive',
    );
  });

  it('reports what the iterable throws, and nothing else', async () => {
    assert.equal(
      await program(`
        const gates = [];
        const gate = () => new Promise((resolve) => gates.push(resolve));
        async function* lazy() { yield 1; await gate(); throw new Error('of an async generator'); }
        function* eager() { yield 1; yield gate().then(() => { throw new Error('of a promise'); }); }
        async function* last() { try { yield 1; await gate(); } finally { throw new Error('of the end'); } }
        const reports = [];
        let isReported;
        process.on('unhandledRejection', (error) => {
          console.log(error.message);
          isReported();
        });
        for (const iterable of [lazy(), eager(), last()]) {
          const reported = new Promise((resolve) => { isReported = resolve; });
          const channel = fromIterable(iterable);
          console.log(await channel.recv());
          channel.close();
          await sleep(1);
          gates.pop()();
          await reported;
        }`),
      '1\nof an async generator\n1\nof a promise\n1\nof the end',
    );
  });

  it('destroys a Node stream that has nothing to read', async () => {
    const before = idle();
    fromIterable(before).close();
    await closing(before);
    const later = idle();
    const channel = fromIterable(later);
    later.push('one');
    assert.equal(await channel.recv(), 'one');
    const closed = closing(later);
    channel.close();
    await closed;
    assert.equal(later.destroyed, true);
  });

  it('hears of it from tasks', async () => {
    const source = idle();
    const channel = fromIterable(source, 1);
    const closed = closing(source);
    source.push('one');
    const task = spawn((input) => {
      const got = input.recv();
      input.close();
      return got;
    }, channel);
    await closed;
    assert.equal(await task, 'one');
  });

  it('destroys a stream whose value nobody receives', async () => {
    const source = idle();
    const channel = fromIterable(source);
    source.push('one');
    const closed = closing(source);
    await sleep(1);
    channel.close();
    await closed;
  });

  it('cancels a web stream that has nothing to read, and unlocks it', async () => {
    const cancelled = deferred();
    let controller;
    const source = new ReadableStream({
      start(given) {
        controller = given;
      },
      cancel: cancelled.resolve,
    });
    const channel = fromIterable(source);
    controller.enqueue('one');
    assert.equal(await channel.recv(), 'one');
    channel.close();
    await cancelled.promise;
    assert.equal(source.locked, false);
  });

  it('unlocks web streams that have ended or failed', async () => {
    const ended = ReadableStream.from(['one']);
    const channel = fromIterable(ended);
    assert.equal(await channel.recv(), 'one');
    assert.equal(await channel.recv(), undefined);
    assert.equal(ended.locked, false);
    assert.equal(
      await program(`
        const failed = new ReadableStream({ pull() { throw new Error('of the stream'); } });
        process.on('unhandledRejection', (error) => console.log(error.message, failed.locked));
        console.log(await fromIterable(failed).recv());`),
      'undefined\nof the stream false',
    );
  });

  it('reports what cancelling throws', async () => {
    assert.equal(
      await program(`
        process.on('unhandledRejection', (error) => console.log(error.message));
        fromIterable(new ReadableStream({ cancel() { throw new Error('of the cancel'); } })).close();`),
      'of the cancel',
    );
  });

  it('returns other iterators once, and at once', async () => {
    const next = deferred();
    const calls = [];
    const left = deferred();
    const channel = fromIterable({
      [Symbol.asyncIterator]() {
        return this;
      },
      next() {
        calls.push('next');
        return next.promise;
      },
      async return() {
        calls.push('return');
        left.resolve();
        return END;
      },
    });
    channel.close();
    await left.promise;
    next.resolve({ value: 'late', done: false });
    await sleep(1);
    assert.deepEqual(calls, ['next', 'return']);
  });

  it('takes nothing out of a channel that it reads', async () => {
    const source = chan();
    fromIterable(source).close();
    await new Promise(setImmediate);
    assert.equal(source.trySend('precious'), false);
  });

  it('takes no messages out of the channel meanwhile', async () => {
    const source = idle();
    const channel = fromIterable(source, 3);
    for (const value of ['one', 'two', 'three']) source.push(value);
    while (channel.length < 3) await sleep(1);
    const closed = closing(source);
    channel.close();
    await closed;
    const values = [];
    for await (const value of channel) values.push(value);
    assert.deepEqual(values, ['one', 'two', 'three']);
  });

  it('keeps nothing alive, with and without a pool', async () => {
    const source = 'const idle = new Readable({ read() {} }); globalThis.kept = [idle, fromIterable(idle)];';
    assert.equal(await program(`${source} console.log('done');`), 'done');
    assert.equal(await program(`${source} console.log(await spawn(() => 'done'));`), 'done');
  });

  it('leaves nothing behind', async () => {
    const endpoint = JSON.stringify(join(__dirname, '..', 'lib', 'channels', 'endpoint.js'));
    const source = `
      const { channels, isWaiting } = require(${endpoint});
      for (let i = 0; i < 100; i++) {
        fromIterable(new Readable({ read() {} })).close();
        fromIterable(new ReadableStream()).close();
        for await (const value of fromIterable(Readable.from(['x', 'y'])));
      }
      console.log(isWaiting());
      for (let i = 0; i < 100 && channels.count() > 0; i++) { gc(); await sleep(5); }
      console.log(channels.count());`;
    assert.equal(await program(source, '--expose-gc'), 'false\n0');
  });
});

describe('an iterator of a channel', { timeout: 60_000 }, () => {
  const AsyncIterator = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype));

  it('is like those of async generators', async () => {
    const iterator = chan()[Symbol.asyncIterator]();
    assert.equal(iterator[Symbol.asyncIterator](), iterator);
    assert.ok(Object.prototype.isPrototypeOf.call(AsyncIterator, iterator));
    assert.deepEqual(Object.keys(iterator), []);
    assert.equal(typeof iterator[Symbol.asyncDispose], typeof AsyncIterator[Symbol.asyncDispose]);
    assert.throws(() => new iterator.constructor(), TypeError);
    await assert.rejects(iterator.next.call({}), TypeError);
    await assert.rejects(iterator.return.call({}), TypeError);
    assert.deepEqual(await iterator.return(Promise.resolve('given')), { value: 'given', done: true });
    assert.deepEqual(await iterator.next(), END);
    assert.deepEqual(await iterator.return('again'), { value: 'again', done: true });
    await assert.rejects(iterator.throw(new Error('thrown')), /^Error: thrown$/);
  });

  it('receives nothing any more once it is left', async () => {
    for (const leave of [(one) => one.return(), (one) => one.throw(new Error('mine')).catch(() => {})]) {
      const channel = chan();
      const iterator = channel[Symbol.asyncIterator]();
      const order = [];
      const pending = [1, 2].map((name) => iterator.next().then((result) => order.push(name) && result));
      const left = leave(iterator).then(() => order.push('left'));
      const later = iterator.next().then((result) => order.push('later') && result);
      assert.equal(channel.trySend('precious'), false);
      assert.deepEqual(await Promise.all([...pending, later]), [END, END, END]);
      await left;
      assert.deepEqual(order, [1, 2, 'left', 'later']);
      const second = channel.recv();
      assert.equal(channel.trySend('precious'), true);
      assert.equal(await second, 'precious');
    }
  });

  it('gives values back that come at the same moment, in their order', async () => {
    const channel = chan();
    const iterator = channel[Symbol.asyncIterator]();
    const pending = [iterator.next(), iterator.next(), iterator.next()];
    assert.equal(channel.trySend(1), true);
    assert.equal(channel.trySend(2), true);
    await iterator.return();
    const got = [];
    for (const { done, value } of await Promise.all(pending)) if (!done) got.push(value);
    for (let tried = channel.tryRecv(); tried.ok; tried = channel.tryRecv()) got.push(tried.value);
    assert.deepEqual(got, [1, 2]);
  });

  it('hands such a value to who waits, also on the host', async () => {
    const channel = chan();
    const iterator = channel[Symbol.asyncIterator]();
    const pending = iterator.next();
    const other = channel.recv();
    channel.trySend('precious');
    iterator.return();
    const { done, value } = await pending;
    if (!done) channel.close();
    assert.deepEqual([value, await other].filter(Boolean), ['precious']);
  });

  it('loses nothing that tasks send meanwhile', async () => {
    const channel = chan();
    const task = spawn((out) => {
      for (let i = 0; i < 2000; i++) out.send(i);
      out.close();
    }, channel);
    const got = [];
    for (let round = 0, isOver = false; !isOver; round++) {
      const iterator = channel[Symbol.asyncIterator]();
      const pending = [iterator.next(), iterator.next()];
      if (round % 3 === 0) await null;
      if (round % 7 === 0) await new Promise(setImmediate);
      await iterator.return();
      for (const { done, value } of await Promise.all(pending)) if (!done) got.push(value);
      const tried = channel.tryRecv();
      if (tried.ok) got.push(tried.value);
      isOver = tried.closed;
    }
    await task;
    assert.deepEqual(
      got,
      Array.from({ length: 2000 }, (_, i) => i),
    );
  });

  it('settles when the channel is closed, whatever comes first', async () => {
    for (const leaveFirst of [true, false]) {
      const channel = chan();
      const iterator = channel[Symbol.asyncIterator]();
      const pending = [iterator.next(), iterator.next()];
      if (leaveFirst) iterator.return();
      channel.close();
      if (!leaveFirst) iterator.return();
      assert.deepEqual(await Promise.all([...pending, iterator.next()]), [END, END, END]);
    }
  });

  it('answers in the order of the calls', async () => {
    const channel = chan(5000);
    const iterator = channel[Symbol.asyncIterator]();
    const order = [];
    const next = () => iterator.next().then(({ value, done }) => order.push(done ? 'done' : value));
    const calls = [next(), next()];
    for (let i = 0; i < 3000; i++) channel.trySend(i);
    // Long enough for the event loop to have a turn meanwhile.
    for (const end = Date.now() + 20; Date.now() < end; ) if (calls.length < 2500) calls.push(next());
    while (calls.length < 3000) calls.push(next());
    calls.push(next());
    for (let i = 3000; i < 3010; i++) channel.trySend(i);
    while (calls.length < 3010) calls.push(next());
    channel.close();
    calls.push(next(), next());
    await Promise.all(calls);
    assert.deepEqual(order, [...Array.from({ length: 3010 }, (_, i) => i), 'done', 'done']);
  });

  it('lets the event loop have turns, however many take from it', async () => {
    const channel = chan(Infinity);
    const iterator = channel[Symbol.asyncIterator]();
    let goesOn = true;
    let turns = 0;
    const tick = () => {
      if (++turns === 3) goesOn = false;
      else setImmediate(tick);
    };
    setImmediate(tick);
    const take = async () => {
      while (goesOn) {
        channel.trySend(1);
        await iterator.next();
      }
    };
    await Promise.all([take(), take(), take()]);
    assert.equal(turns, 3);
  });

  it('leaves the channel open for the next iteration, however it is left', async () => {
    const channel = chan(10);
    for (let i = 0; i < 6; i++) channel.trySend(i);
    const got = [];
    for await (const value of channel) {
      got.push(value);
      break;
    }
    await (async () => {
      for await (const value of channel) return got.push(value);
    })();
    await assert.rejects(async () => {
      for await (const value of channel) {
        got.push(value);
        throw new Error('mine');
      }
    }, /^Error: mine$/);
    for await (const value of channel) {
      got.push(value);
      if (value === 4) channel.close();
    }
    assert.deepEqual(got, [0, 1, 2, 3, 4, 5]);
  });

  it('is left by a Node stream that is destroyed', async () => {
    for (const error of [undefined, new Error('lost')]) {
      const channel = chan();
      const stream = Readable.from(channel);
      const failed = error && once(stream, 'error');
      stream.resume();
      await sleep(1);
      const closed = closing(stream);
      stream.destroy(error);
      await closed;
      if (error) assert.equal((await failed)[0], error);
      assert.equal(channel.trySend('precious'), false);
    }
  });

  it('is left by a pipeline that fails', async () => {
    const channel = chan();
    const sink = new Writable({ objectMode: true, write: (_chunk, _encoding, done) => done() });
    const failed = assert.rejects(pipeline(Readable.from(channel), sink), /^Error: lost$/);
    await sleep(1);
    sink.destroy(new Error('lost'));
    await failed;
    const second = channel.recv();
    // The stream is destroyed, but its iteration may yet be left.
    while (!channel.trySend('precious')) await sleep(1);
    assert.equal(await second, 'precious');
  });

  it('is left by a web stream that is cancelled', async () => {
    const channel = chan();
    const reader = ReadableStream.from(channel).getReader();
    const read = reader.read();
    await sleep(1);
    await reader.cancel();
    assert.deepEqual(await read, END);
    assert.equal(channel.trySend('precious'), false);
  });
});
