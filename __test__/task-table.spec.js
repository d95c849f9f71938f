'use strict';

const assert = require('node:assert/strict');
const { describe, it, after } = require('node:test');
const { TaskTable } = require('../lib/task-table.js');
const { spawn, run, shutdown, stats } = require('../lib/index.js');

after(() => shutdown());

describe('tasks that have not settled', () => {
  it('are found by their ids, as in a Map, whatever comes and goes', () => {
    let seed = 1;
    const random = (below) => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed % below;
    };
    const table = new TaskTable();
    const map = new Map();
    let last = 0;
    const add = () => {
      const record = { id: ++last };
      table.add(record);
      map.set(last, record);
      return record;
    };
    const remove = (id) => {
      table.remove(id);
      map.delete(id);
    };
    const check = () => {
      assert.equal(table.size, map.size);
      assert.deepEqual(table.records(), [...map.values()]);
      for (let i = 0; i < 100; i++) {
        const id = random(last + 10);
        assert.equal(table.get(id), map.get(id));
      }
    };
    // Some stay for long, so that later ones have their places.
    const rounds = [500, 1, 3000, 5000, 20_000, 40_000, 10, 2000];
    for (const round of rounds) {
      for (let i = 0; i < round; i++) {
        const record = add();
        // What is there is not added again.
        if (random(10) === 0) table.add(record);
        if (random(3) === 0) remove(last - random(50));
      }
      check();
      for (const id of [...map.keys()]) if (random(50) !== 0) remove(id);
      remove(last + 1);
      check();
      table.trim();
      check();
      assert.deepEqual(new Set(table), new Set(map.values()));
    }
    for (const id of [...map.keys()]) remove(id);
    check();
    assert.equal(table.size, 0);
  });

  it('are none when all have settled: programs, bursts, and one that outlives thousands', async () => {
    const old = spawn(() => sleep(300));
    assert.equal(await run('1 + 1'), 2);
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: 3000 }, (_, i) => spawn((x) => x, i)));
    await old;
    assert.equal(stats().tasks.pending, 0);
  });
});
