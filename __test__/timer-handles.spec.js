'use strict';

// What timers give in tasks: Node's objects, which packages tell to `unref()` without a question.

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { shutdown, spawn } = require('@hertzscript/isolate');

after(shutdown);

/** Runs the same here and in a task of each form. */
async function everywhere(fn) {
  const expected = await fn();
  for (const form of ['plain', 'coroutine', 'storm']) assert.deepEqual(await spawn.with({ form })(fn), expected, form);
  return expected;
}

describe('what timers give', () => {
  it('is told to be unref and ref, and says so', async () => {
    const said = await everywhere(() => {
      const all = [setTimeout(() => {}, 1), setInterval(() => {}, 1), setImmediate(() => {})];
      const said = all.map((timer) => [
        timer.constructor.name,
        typeof timer,
        timer.hasRef(),
        timer.unref() === timer,
        timer.hasRef(),
        timer.ref() === timer,
        timer.hasRef(),
      ]);
      clearTimeout(all[0]);
      clearInterval(all[1]);
      clearImmediate(all[2]);
      return said;
    });
    assert.deepEqual(said[1], ['Timeout', 'object', true, true, false, true, true]);
  });

  it('clears its timer: as it is, as a number, as a text, by its methods', async () => {
    await everywhere(async () => {
      const seen = [];
      const timers = [1, 2, 3, 4, 5].map((n) => setTimeout(() => seen.push(n), 5));
      clearTimeout(timers[0]);
      clearTimeout(+timers[1]);
      clearTimeout(`${timers[2]}`);
      const closed = timers[3].close() === timers[3];
      for (const none of [undefined, null, {}, 'text', NaN, () => {}]) clearTimeout(none);
      clearInterval(setTimeout(() => seen.push('cleared as another'), 5));
      await new Promise((resolve) => setTimeout(resolve, 30));
      return [seen, closed];
    });
  });

  it('begins anew, also after it has fired and in its own callback, and not where it was cleared', async () => {
    const seen = await everywhere(async () => {
      const seen = [];
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      const until = async (length) => {
        while (seen.length < length) await pause(1);
      };
      const timer = setTimeout(() => seen.push('fired'), 2);
      await until(1);
      seen.push(timer.refresh() === timer);
      await until(3);
      let times = 0;
      const own = setTimeout(() => {
        seen.push('own');
        if (++times < 3) own.refresh();
      }, 1);
      await until(6);
      clearTimeout(timer);
      timer.refresh();
      const cleared = setTimeout(() => seen.push('cleared'), 2);
      clearTimeout(cleared);
      cleared.refresh();
      await pause(20);
      return seen;
    });
    assert.deepEqual(seen, ['fired', true, 'fired', 'own', 'own', 'own']);
  });

  it('is put off by being begun anew', async () => {
    await everywhere(async () => {
      let fired = 0;
      const timer = setTimeout(() => fired++, 2000);
      for (let i = 0; i < 5; i++) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        timer.refresh();
      }
      clearTimeout(timer);
      return fired;
    });
  });
});
