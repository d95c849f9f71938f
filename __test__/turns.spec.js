'use strict';

// In which order tasks of one isolate have their turns.

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { Isolate, shutdown } = require('../lib/index.js');

after(() => shutdown());

/** Runs a function alone in an isolate. */
async function alone(fn, ...args) {
  const isolate = new Isolate();
  try {
    return await isolate.spawn(fn, ...args);
  } finally {
    await isolate.dispose();
  }
}

describe('turns', () => {
  it('are given to new tasks and to those that were woken in order', async () => {
    const order = await alone(() => {
      const log = [];
      const gates = [chan(), chan(), chan()];
      const waiting = gates.map((gate, i) => spawn(() => log.push(`woken ${gate.recv()} by ${i}`)));
      sleep(1);
      const fresh = [0, 1, 2].map((i) => spawn(() => log.push(`new ${i}`)));
      for (const task of fresh) task.join();
      for (const gate of gates) gate.send(log.length);
      for (const task of waiting) task.join();
      return log;
    });
    assert.deepEqual(order, ['new 0', 'new 1', 'new 2', 'woken 3 by 0', 'woken 3 by 1', 'woken 3 by 2']);
  });

  it('go to what a task has started before they go to what waited already: a tree has few tasks alive at once', async () => {
    const [sum, most] = await alone(() => {
      let alive = 0;
      let most = 0;
      function node(to, number, size) {
        most = Math.max(most, ++alive);
        if (size > 1) {
          const from = chan();
          for (let i = 0; i < 10; i++) spawn(node, from, number + i * (size / 10), size / 10);
          number = 0;
          for (let i = 0; i < 10; i++) number += from.recv();
        }
        to.send(number);
        alive--;
      }
      const to = chan();
      spawn(node, to, 0, 100_000);
      return [to.recv(), most];
    });
    assert.equal(sum, (100_000 * 99_999) / 2);
    // With a turn each in the order in which they became ready, all leaves are alive at once. A slice's first turn goes elsewhere.
    assert.ok(most < 10_000, `${most} tasks were alive at once`);
  });

  it('go to those that wait longest, too, however long others wake each other', async () => {
    const waits = await alone(() => {
      const counts = new Array(50).fill(0);
      let ended = false;
      // Each pair could go on for ever.
      const pairs = counts.map((_, i) => {
        const [ping, pong] = [chan(), chan()];
        spawn(() => {
          for (const x of ping) pong.send(x);
        });
        return spawn(() => {
          while (!ended) {
            ping.send(counts[i]++);
            pong.recv();
          }
          ping.close();
        });
      });
      // One that is merely ready, again and again.
      const waits = [];
      for (let i = 0; i < 20; i++) {
        const begin = performance.now();
        spawn(() => {}).join();
        sleep(1);
        waits.push(performance.now() - begin);
      }
      while (counts.some((count) => count === 0)) sleep(1);
      ended = true;
      for (const pair of pairs) pair.join();
      return waits;
    });
    // Generous: what it shows is that all had turns.
    assert.ok(Math.max(...waits) < 5_000, waits.join());
  });

  it('go to all that wait, and to timers, where each turn takes long', { timeout: 60_000 }, async () => {
    const turns = await alone(() => {
      let ended = false;
      const busy = (ms) => {
        const end = performance.now() + ms;
        while (performance.now() < end);
      };
      const turns = [0, 0, 0, 0];
      const tasks = turns.map((_, i) => {
        const [ping, pong] = [chan(), chan()];
        spawn(() => {
          for (const x of ping) {
            busy(3);
            pong.send(x);
          }
        });
        return spawn(() => {
          while (!ended) {
            ping.send(turns[i]++);
            busy(3);
            pong.recv();
          }
          ping.close();
        });
      });
      sleep(1500);
      ended = true;
      for (const task of tasks) task.join();
      return turns;
    });
    const least = Math.min(...turns);
    assert.ok(least * 2.5 >= Math.max(...turns), turns.join());
  });
});
