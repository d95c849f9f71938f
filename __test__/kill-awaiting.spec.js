'use strict';

// Kills of tasks that await something: `finally` and disposals run in all that the task stands in, and nowhere else.

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { setImmediate: turn } = require('node:timers/promises');
const { join } = require('node:path');
const { chan, shutdown, spawn } = require('../lib/index.js');
const { runProgram } = require('./program.js');

const library = JSON.stringify(join(__dirname, '..', 'lib', 'index.js'));

/** Pending for ever, with something that could settle it. */
const PENDING = 'new Promise(() => setInterval(() => {}, 1000))';

/** Kills a task once it has sent 'begun' and is blocked; gives what it sends after that. */
async function killed(task, seen) {
  assert.equal(await seen.recv(), 'begun');
  while (!(await task.stack()).includes(': blocked in ')) await turn();
  task.kill();
  await assert.rejects(async () => task, { name: 'TaskKilledError' });
  seen.close();
  const all = [];
  for await (const value of seen) all.push(value);
  return all.join(' ');
}

/** A task that does what a function of this text does, which Node itself may not be able to parse. */
const begin = (source, channel) => spawn((text, c) => new Function(`return ${text}`)()(c), source, channel);

const body = (text) => text.replaceAll('PENDING', PENDING);

describe('a kill of a task that awaits', () => {
  after(shutdown);

  const cases = {
    'several functions at once': [
      `async (c) => {
        const f = async (n) => { try { await null; if (n === 2) c.send('begun'); await PENDING } catch { c.send('bad') } finally { c.send(n) } };
        try { await Promise.all([f(1), f(2)]) } finally { c.send('all') }
      }`,
      '1 2 all',
    ],
    'the first of several': [
      `async (c) => {
        const f = async (n) => { try { if (n === 2) c.send('begun'); await PENDING } finally { c.send(n) } };
        await Promise.race([f(1), PENDING, f(2)]);
      }`,
      '1 2',
    ],
    'an async generator at its await': [
      `async (c) => {
        const g = async function* () { try { yield 1; c.send('begun'); await PENDING } catch { c.send('bad') } finally { await null; c.send('in') } };
        try { for await (const x of g()); } finally { c.send('out') }
      }`,
      'in out',
    ],
    'what next of an async generator gives': [
      `async (c) => {
        const g = (async function* () { try { yield 1; c.send('begun'); await PENDING } finally { c.send('in') } })();
        await g.next();
        try { await g.next(); c.send('bad') } catch { c.send('bad') } finally { c.send('out') }
      }`,
      'in out',
    ],
    'async generators in each other': [
      `async (c) => {
        const f = async () => { try { c.send('begun'); await PENDING } finally { c.send('f') } };
        const inner = async function* () { try { yield await f() } catch { c.send('bad') } finally { c.send('inner') } };
        const outer = async function* () { try { yield* inner() } catch { c.send('bad') } finally { c.send('outer') } };
        for await (const x of outer());
      }`,
      'f inner outer',
    ],
    itself: [
      `async (c) => { let p; const f = async () => { await null; c.send('begun'); await p }; p = f(); try { await p } finally { c.send('out') } }`,
      'out',
    ],
    'a disposal, with others left': [
      `async (c) => {
        await using z = { async [Symbol.asyncDispose]() { await null; c.send('z') } };
        await using y = { [Symbol.dispose]() { c.send('y'); throw new Error('y') } };
        await using x = { async [Symbol.asyncDispose]() { c.send('begun'); await PENDING; c.send('bad') } };
      }`,
      'y z',
    ],
    'the disposal of a stack': [
      `async (c) => {
        const stack = new AsyncDisposableStack();
        stack.defer(async () => { await null; c.send('z') });
        stack.defer(() => { c.send('y'); throw new Error('y') });
        stack.defer(async () => { try { c.send('begun'); await PENDING; c.send('bad') } finally { c.send('x') } });
        try { await stack.disposeAsync(); c.send('bad') } catch { c.send('bad') } finally { c.send('out') }
      }`,
      'x y z out',
    ],
  };
  for (const [name, [source, expected]] of Object.entries(cases)) {
    it(name, async () => {
      const seen = chan(100);
      assert.equal(await killed(begin(body(source), seen), seen), expected);
    });
  }

  it('a blocking disposal, with others left', async () => {
    const source = `(c) => {
      try {
        using z = { [Symbol.dispose]() { c.send('z') } };
        using y = { [Symbol.dispose]() { c.send('y'); throw new Error('y') } };
        using x = { [Symbol.dispose]() { c.send('begun'); sleep(60_000); c.send('bad') } };
        throw new Error('body');
      } catch { c.send('bad') } finally { c.send('out') }
    }`;
    const seen = chan(100);
    assert.equal(await killed(begin(source, seen), seen), 'y z out');
  });

  it('ends no function of another task, whose promise it awaits as well', async () => {
    const result = await spawn(async () => {
      const released = chan();
      const begun = chan();
      const work = (async () => {
        await null;
        await new Promise((resolve) => {
          spawn(() => released.recv()).then(resolve);
        });
        return 'done';
      })();
      const child = spawn(async () => {
        begun.close();
        await work;
      });
      begun.recv();
      await null;
      child.kill();
      const message = await child.catch((error) => error.name);
      released.send(1);
      return [message, await work];
    });
    assert.deepEqual(result, ['TaskKilledError', 'done']);
  });

  for (const [name, source, expected] of [
    ['a module at its await', "try { console.log('begun'); await PENDING } finally { console.log('out') }", 'out'],
    [
      'a module that awaits its function',
      `const main = async () => { try { console.log('begun'); await PENDING } finally { console.log('in') } };
      try { await main() } finally { console.log('out') }`,
      'in out',
    ],
    [
      'a module that blocks after an await',
      "try { await null; console.log('begun'); sleep(60_000) } finally { console.log('out') }",
      'out',
    ],
  ]) {
    it(name, { timeout: 60_000 }, async () => {
      // What a module prints is all that is heard of it; a program of its own prints it.
      const { out } = await runProgram(
        `const { run } = require(${library});
        const write = process.stdout.write.bind(process.stdout);
        let task;
        process.stdout.write = (text, ...rest) => {
          if (String(text).trim() === 'begun') setImmediate(ends);
          return write(text, ...rest);
        };
        const ends = async () => {
          while (!(await task.stack()).includes(': blocked in ')) await new Promise(setImmediate);
          task.kill();
        };
        task = run(${JSON.stringify(body(source))}, { type: 'module' });
        task.catch((error) => console.log(error.name));`,
        30_000,
      );
      assert.deepEqual(out.split(/\s+/), ['begun', ...expected.split(' '), 'TaskKilledError']);
    });
  }

  it('leaves nothing of an AsyncDisposableStack unhandled, and its methods can block and be ended', async () => {
    const source = `async () => {
      const stack = new AsyncDisposableStack();
      stack.defer(() => { sleep(1); spawn(() => 1).join() });
      stack.defer(async () => { await null; throw new Error('caught') });
      try { await stack.disposeAsync() } catch (error) { return error.message }
    }`;
    assert.equal(await begin(source), 'caught');
    const endless = `async (c) => {
      const stack = new AsyncDisposableStack();
      stack.defer(() => { c.send('begun'); for (;;); });
      stack.defer(async () => { await null });
      await stack.disposeAsync();
    }`;
    const seen = chan(1);
    const task = begin(endless, seen);
    assert.equal(await seen.recv(), 'begun');
    task.kill();
    await assert.rejects(async () => task, { name: 'TaskKilledError' });
  });
});
