'use strict';

const assert = require('node:assert/strict');
const { afterEach, describe, it } = require('node:test');
const { Isolate, WaitGroup, chan, run, shutdown, spawn } = require('../lib/index.js');

// Whoever is told of a task's end by `WaitGroup.go` may be gone before that.
describe('what a WaitGroup counts in an isolate that ends', () => {
  afterEach(() => shutdown());

  const computing = (begun, group) => {
    group.go((begun) => {
      begun.send(1);
      for (;;);
    }, begun);
  };
  const blocked = (begun, group) => {
    group.go(
      (begun, never) => {
        begun.send(1);
        never.recv();
      },
      begun,
      chan(),
    );
  };
  const capturing = (begun, group) => {
    let count = 0;
    group.go(() => {
      count++;
      begun.send(count);
      sleep(1e6);
    });
  };

  for (const [what, begin] of Object.entries({ computing, blocked, capturing })) {
    it(`${what} tasks are done once it was disposed of`, async () => {
      const group = new WaitGroup();
      const isolate = new Isolate();
      const begun = chan();
      isolate.spawn(begin, begun, group).catch(() => {});
      await begun.recv();
      assert.equal(group.count, 1);
      const waits = [group.wait(), group.wait(), spawn((group) => group.wait(), group)];
      await isolate.dispose();
      await Promise.all(waits);
      assert.equal(group.count, 0);
      await group.wait();
    });
  }

  it('who waits still waits for those of other isolates', async () => {
    const group = new WaitGroup();
    const isolate = new Isolate();
    const [begun, end] = [chan(), chan()];
    isolate.spawn(blocked, begun, group).catch(() => {});
    await begun.recv();
    group.go((end) => void end.recv(), end);
    group.add(1);
    const order = [];
    const waits = Promise.all([
      group.wait().then(() => order.push('host')),
      spawn((group) => group.wait(), group).then(() => order.push('task')),
    ]);
    await isolate.dispose();
    assert.equal(group.count, 2);
    await end.send(1);
    // Whoever waits for the others is in line behind that.
    while (group.count > 1) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(order, []);
    group.done();
    await waits;
    assert.deepEqual(order.sort(), ['host', 'task']);
  });

  it('those of an isolate that runs out of memory are done', async () => {
    const group = new WaitGroup();
    const isolate = new Isolate({ memoryLimit: 16 << 20 });
    const begun = chan();
    isolate.spawn(blocked, begun, group).catch(() => {});
    await begun.recv();
    const waits = group.wait();
    const full = isolate.spawn(() => {
      const all = [];
      for (;;) all.push(new Array(1000).fill(all.length));
    });
    await assert.rejects(full, { code: 'ERR_MEMORY_LIMIT' });
    await waits;
    await isolate.dispose();
  });

  it('those of a pool that is shut down are done', async () => {
    const group = new WaitGroup();
    const begun = chan();
    spawn(blocked, begun, group).catch(() => {});
    await begun.recv();
    const waits = group.wait();
    await shutdown();
    await waits;
  });

  it('those that a program has left behind count until they have ended', async () => {
    const { group, end } = await run(
      `const group = new WaitGroup(), end = chan();
       group.go((end) => { end.recv(); }, end);
       ({ group, end });`,
    );
    const order = [];
    const waits = group.wait().then(() => order.push('waited'));
    order.push('sent');
    await end.send(1);
    await waits;
    assert.deepEqual(order, ['sent', 'waited']);
  });

  it('a count is taken once, and may begin anew', async () => {
    const group = new WaitGroup();
    for (let round = 0; round < 3; round++) {
      const isolate = new Isolate();
      const begun = chan();
      isolate.spawn(blocked, begun, group).catch(() => {});
      isolate.spawn(blocked, begun, group).catch(() => {});
      await begun.recv();
      await begun.recv();
      assert.equal(group.count, 2);
      const waits = group.wait();
      await isolate.dispose();
      await waits;
      assert.equal(group.count, 0);
    }
    assert.throws(() => group.done(), RangeError);
  });

  it('what was added by hand stays until somebody says that it is done', async () => {
    const group = new WaitGroup();
    const isolate = new Isolate();
    await isolate.spawn((group) => group.add(1), group);
    const waits = group.wait();
    await isolate.dispose();
    assert.equal(group.count, 1);
    group.done();
    await waits;
  });
});
