'use strict';

// Code in coroutine form is compiled once for each source; large sources on threads of their own, while no isolate waits.

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { Isolate, run, shutdown, spawn } = require('../lib/index.js');

const COROUTINE = { form: 'coroutine' };

/** A function with a text of some 30 kilobytes that returns `result`. */
function large(result, salt = Math.random()) {
  const filler = `if (n < 0) { for (let i = 0; i < n; i++) n += Math.max(i, n) || helper(${salt}); }\n`.repeat(300);
  return new Function('n', `const helper = (x) => x;\n${filler}return ${result};`);
}

describe('compilation', () => {
  after(() => shutdown());

  it('compiles different large functions at once, and one function for all isolates', async () => {
    const different = await Promise.all([1, 2, 3, 4].map((n) => spawn.with(COROUTINE)(large(n), 0)));
    assert.deepEqual(different, [1, 2, 3, 4]);
    const same = large('n * 2', 7);
    const results = await Promise.all(Array.from({ length: 20 }, (_, n) => spawn.with(COROUTINE)(same, n)));
    assert.deepEqual(
      results,
      Array.from({ length: 20 }, (_, n) => n * 2),
    );
  });

  it('starts the tasks of an isolate in the order in which they were given', async () => {
    const isolate = new Isolate();
    const note = (name) => {
      globalThis.order ??= [];
      globalThis.order.push(name);
    };
    const filled = large("(globalThis.order ??= []).push('large'), 0");
    const start = isolate.spawn.with(COROUTINE);
    await Promise.all([start(filled, 0), start(note, 'small')]);
    const order = await start(() => globalThis.order);
    assert.deepEqual(order, ['large', 'small']);
    await isolate.dispose();
  });

  it('fails what waits for its code when the isolate is disposed of', async () => {
    const isolate = new Isolate();
    const waiting = isolate.run(`${'f();\n'.repeat(200_000)}`, COROUTINE);
    const ended = assert.rejects(waiting, (error) => error.code !== undefined);
    await isolate.dispose();
    await ended;
  });

  it('tells each program its own syntax error', async () => {
    const source = `${'f();\n'.repeat(2000)}let = = 2`;
    for (const filename of ['first.js', 'second.js'])
      await assert.rejects(run(source, { ...COROUTINE, filename }), (error) =>
        error.message.includes(`${filename}:2001:`),
      );
  });
});
