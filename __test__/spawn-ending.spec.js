'use strict';

const assert = require('node:assert/strict');
const { afterEach, describe, it } = require('node:test');
const { Isolate, TaskKilledError, chan, shutdown, spawn } = require('../lib/index.js');

// What is started while its isolate, or the pool, is about to end: it is refused, or ends with that.
describe('spawn while everything ends', () => {
  afterEach(() => shutdown());

  /** Starts tasks without end. */
  function busy(begun) {
    begun.send(1);
    for (let n = 0; ; n++) spawn((x) => x, n).join();
  }

  it('on an isolate that is being disposed of is refused', async () => {
    const isolate = new Isolate();
    const begun = chan();
    const task = isolate.spawn(busy, begun);
    const ended = assert.rejects(task, TaskKilledError);
    await begun.recv();
    const disposed = isolate.dispose();
    const refused = { message: /was disposed of: make a new Isolate/ };
    assert.throws(() => isolate.spawn(() => 1), refused);
    assert.throws(() => isolate.run('1'), refused);
    await disposed;
    await ended;
    assert.throws(() => isolate.spawn(() => 1), refused);
  });

  it('on a pool that is being shut down ends with it, and works again afterwards', async () => {
    for (let round = 0; round < 5; round++) {
      const begun = chan();
      const tasks = [1, 2, 3, 4].map(() => spawn(busy, begun));
      const ended = Promise.all(tasks.map((task) => assert.rejects(task, TaskKilledError)));
      await begun.recv();
      const down = shutdown();
      const late = assert.rejects(
        spawn(() => 1),
        { message: /the pool was shut down/ },
      );
      await down;
      await Promise.all([ended, late]);
      assert.equal(await spawn(() => 2), 2);
    }
  });
});
