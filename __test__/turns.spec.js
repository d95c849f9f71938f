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
      for (const [i, gate] of gates.entries()) gate.send(i);
      for (const task of waiting) task.join();
      return log;
    });
    assert.deepEqual(order, ['new 0', 'new 1', 'new 2', 'woken 0 by 0', 'woken 1 by 1', 'woken 2 by 2']);
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

describe('timers', () => {
  for (const form of ['coroutine', 'storm', 'plain']) {
    it(`that are cleared do not run, however long ago they were due, and intervals do not pile up (${form})`, async () => {
      const isolate = new Isolate();
      const seen = await isolate.spawn.with({ form })(async () => {
        const burn = (ms) => {
          const end = performance.now() + ms;
          while (performance.now() < end);
        };
        let ticks = 0;
        await new Promise((done) => {
          const interval = setInterval(() => {
            ticks++;
            // Longer than a quantum, so that others could have their turn in between.
            burn(25);
            if (ticks < 3) return;
            clearInterval(interval);
            setTimeout(done, 30);
          }, 1);
        });
        let cleared = 0;
        await new Promise((done) => {
          setTimeout(() => {
            clearTimeout(other);
            clearInterval(interval);
            clearImmediate(immediate);
          }, 1);
          const other = setTimeout(() => cleared++, 1);
          const interval = setInterval(() => cleared++, 1);
          const immediate = setImmediate(() => cleared++);
          // By now all are due.
          burn(25);
          setTimeout(done, 30);
        });
        let late = 0;
        await new Promise((done) => {
          let isCleared = false;
          const interval = setInterval(() => {
            if (isCleared) late++;
            burn(25);
            Promise.resolve().then(() => {
              clearInterval(interval);
              isCleared = true;
            });
          }, 1);
          setTimeout(done, 100);
        });
        return { ticks, cleared, late };
      });
      await isolate.dispose();
      assert.deepEqual(seen, { ticks: 3, cleared: 0, late: 0 });
    });
  }

  it('whose callback has a task blocked go on once it has returned', async () => {
    const log = await alone(() => {
      const log = [];
      const gate = chan();
      const done = chan();
      let count = 0;
      const interval = setInterval(() => {
        log.push(`begin ${++count}`);
        if (count === 1) gate.recv();
        log.push(`end ${count}`);
        if (count < 3) return;
        clearInterval(interval);
        done.close();
      }, 1);
      sleep(20);
      log.push('go on');
      gate.send(1);
      done.recv();
      return log;
    });
    assert.deepEqual(log, ['begin 1', 'go on', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
  });
});
