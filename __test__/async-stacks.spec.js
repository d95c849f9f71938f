'use strict';

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { shutdown, spawn } = require('../lib/index.js');

/** The functions of a stack's frames, up to the place of the spawn. */
const namesOf = (stack) =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => /^\s+at (?:(.*) \(.*\)|(async )?.*)$/.exec(line))
    .map(([, name, isAsync]) => name ?? `${isAsync ?? ''}<anonymous>`)
    .map((name) => (name.startsWith('spawn') ? 'spawn' : name))
    .filter((_, index, list) => !list.slice(0, index).includes('spawn'));

for (const form of ['plain', 'coroutine', 'storm']) {
  describe(`stacks of errors that async functions await (${form})`, () => {
    after(() => shutdown());

    const stackOf = (fn) =>
      spawn
        .with({ form })(fn)
        .then(
          () => assert.fail('it fails'),
          (error) => namesOf(error.stack),
        );

    it('go on with those that await', async () => {
      const stack = await stackOf(async () => {
        async function deep() {
          await null;
          throw new Error('deep');
        }
        class Store {
          async load() {
            await null;
            return await deep();
          }
        }
        const main = async () => {
          try {
            await new Store().load();
          } finally {
            await null;
          }
        };
        await main();
      });
      assert.deepEqual(
        stack.map((name) => name.replace('Store.', '')),
        ['deep', 'async load', 'async main', 'async <anonymous>', 'spawn'],
      );
    });

    it('show once what had not awaited yet', async () => {
      const stack = await stackOf(async () => {
        async function inner() {
          throw new Error('at once');
        }
        async function outer() {
          await null;
          await inner();
        }
        await outer();
      });
      assert.deepEqual(stack, ['inner', 'outer', 'async <anonymous>', 'spawn']);
    });

    it('tell of who has awaited first, where many await the same', async () => {
      const stacks = await spawn.with({ form })(async () => {
        const failing = (async () => {
          await null;
          throw new Error('shared');
        })();
        async function first() {
          await failing;
        }
        async function second() {
          await failing;
        }
        const seen = [];
        for (const fn of [first, second]) await fn().catch((error) => seen.push(error.stack));
        return seen;
      });
      assert.equal(stacks[0], stacks[1]);
      assert.ok(!stacks[1].includes('second'));
    });

    it('are as long as the limit', async () => {
      const stack = await spawn.with({ form })(async () => {
        async function down(depth) {
          await null;
          if (depth === 0) throw new Error('far');
          await down(depth - 1);
        }
        const { stackTraceLimit } = Error;
        Error.stackTraceLimit = 5;
        try {
          return await down(20).catch((error) => error.stack);
        } finally {
          Error.stackTraceLimit = stackTraceLimit;
        }
      });
      const [first, ...others] = namesOf(stack);
      assert.deepEqual([first, others], ['down', Array(4).fill('async down')]);
    });
  });
}
