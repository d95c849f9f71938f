'use strict';

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { run, shutdown } = require('../lib/index.js');

/** The lines of a stack without the program's path, up to the place where the host has started it. */
function linesOf(stack) {
  const lines = stack.split('\n').flatMap((line) => /^ {4}at (.*)$/.exec(line)?.[1] ?? []);
  const end = lines.findIndex((line) => /^(run|spawn) /.test(line));
  return lines.slice(0, end).map((line) => line.replaceAll(/\(?[^\s()]*?(:\d+):\d+\)?/g, '$1').trim());
}

for (const form of ['coroutine', 'storm']) {
  describe(`stacks of errors in functions that were suspended (${form})`, () => {
    after(() => shutdown());

    const stackOf = (source) =>
      run(source, { form }).then(
        () => assert.fail('it fails'),
        (error) => linesOf(error.stack),
      );

    it('tell who has called them', async () => {
      const source = `
        class Store {
          load(key) {
            sleep(1);
            return key.name.length;
          }
        }
        const loaded = (key) => {
          const length = new Store().load(key);
          return length + 1;
        };
        function main() {
          for (const key of [{ name: 'a' }, {}]) {
            loaded(key);
          }
        }
        main();`;
      assert.deepEqual(await stackOf(source), ['load :5', 'loaded :9', 'main :14', ':17']);
    });

    it('tell it of those below of what was called since', async () => {
      const source = `
        function inner() { throw new TypeError('inner'); }
        function middle() { sleep(1); inner(); sleep(1); }
        function outer() { middle(); sleep(1); }
        outer();`;
      assert.deepEqual(await stackOf(source), ['inner :2', 'middle :3', 'outer :4', ':5']);
    });

    it('stay as they are when others catch and throw again', async () => {
      const source = `
        function fails() { sleep(1); throw new Error('once'); }
        function first() { try { fails(); } catch (error) { sleep(1); throw error; } }
        function second() { try { first(); } finally { sleep(1); } }
        second();`;
      assert.deepEqual(await stackOf(source), ['fails :2', 'first :3', 'second :4', ':5']);
    });

    it('are those of where the error was made, not of where it is thrown', async () => {
      const source = `
        const make = () => { const error = new Error('made before'); return error; };
        const made = make();
        void made.stack.length;
        function later() { sleep(1); throw made; }
        function calls() { later(); sleep(1); }
        calls();`;
      assert.deepEqual(
        (await stackOf(source)).filter((line) => /later|calls/.test(line)),
        [],
      );
      assert.deepEqual(
        (await stackOf(source.replace('void made.stack.length;', ''))).filter((line) => /later|calls/.test(line)),
        [],
      );
    });

    it('are no longer than `Error.stackTraceLimit`', async () => {
      const source = `
        Error.stackTraceLimit = 3;
        function deep(n) { if (n === 0) { sleep(1); throw new Error('deep'); } const below = deep(n - 1); return below; }
        deep(20);`;
      assert.deepEqual(await stackOf(source), ['deep :3', 'deep :3', 'deep :3']);
    });

    it('go on with those that await', async () => {
      const source = `
        function reads() { sleep(1); throw new Error('read'); }
        async function inner() { await null; reads(); sleep(1); }
        async function outer() { await inner(); }
        outer();`;
      assert.deepEqual((await stackOf(source)).slice(0, 3), ['reads :2', 'inner :3', 'async outer :4']);
    });

    it('say of a loop whose iterator throws where V8 says that it is asked', async () => {
      const sources = [
        'function* g() { yield 1; throw new Error() }\nfunction f() { for (const x of g()) ; }\ntry { f() } catch (e) { e.stack }',
        `const list = { [Symbol.iterator]: () => ({ next() { throw new Error() } }) };
          function f(x) { for (x of list) ; } try { f() } catch (e) { e.stack }`,
      ];
      const placeIn = async (source, form) => / at f \(.*?:(\d+:\d+)\)/.exec(await run(source, { form }))?.[1];
      for (const source of sources) assert.equal(await placeIn(source, form), await placeIn(source, 'plain'));
    });

    it('tell nothing of what is no error', async () => {
      const thrown = (value) =>
        run(`function f() { sleep(1); throw ${value}; } function g() { f(); sleep(1); } g()`, { form });
      await assert.rejects(thrown('1'), (error) => error === 1);
      await assert.rejects(thrown('null'), (error) => error === null);
      await assert.rejects(thrown('{ code: 7 }'), (error) => error.code === 7);
      assert.equal(
        await run(`let e; function f() { sleep(1); throw 'text'; } try { f(); } catch (x) { e = x; } e`),
        'text',
      );
    });
  });
}
