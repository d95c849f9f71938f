'use strict';

// Long `for-of` loops over iterators read `next` for each turn where nobody can see it; these are programs that could.

const assert = require('node:assert/strict');
const { after, test } = require('node:test');
const { run, shutdown, spawn } = require('../lib/index.js');

after(() => shutdown());

const RANGE = `
  const range = (to, extra) => ({
    at: 0,
    next() { return this.at < to ? { value: this.at++, done: false } : { value: undefined, done: true }; },
    [Symbol.iterator]() { return this; },
    ...extra,
  });
`;

/** What a program gives in each form; the plain one is V8's own. */
async function same(source, expected) {
  for (const form of ['plain', 'coroutine', 'storm']) {
    assert.deepEqual(await run(RANGE + source, { form, type: 'script' }), expected, form);
  }
}

test('a getter of next is called once', () =>
  same(
    `let reads = 0, sum = 0;
     const it = range(100);
     const { next } = it;
     Object.defineProperty(it, 'next', { get() { reads++; return next; } });
     for (const value of it) sum += value;
     [reads, sum];`,
    [1, 4950],
  ));

test('a proxy is asked for next once, on itself or among the prototypes', () =>
  same(
    `const seen = [];
     const handler = { get(target, key, receiver) { seen.push(String(key)); return Reflect.get(target, key, receiver); } };
     let sum = 0;
     for (const value of new Proxy(range(100), handler)) sum += value;
     const asked = seen.filter((key) => key === 'next').length;
     const methods = new Proxy({ next() { return { value: this.left, done: this.left-- === 0 }; } }, handler);
     seen.length = 0;
     for (const value of { [Symbol.iterator]: () => ({ __proto__: methods, left: 100 }) }) sum += value;
     [asked, seen.filter((key) => key === 'next').length, sum];`,
    [1, 1, 4950 + 5050],
  ));

test('another next that an iterator is given meanwhile is not called', () =>
  same(
    `const values = [];
     const it = range(60);
     for (const value of it) {
       values.push(value);
       if (value === 40) it.next = () => ({ value: 'other', done: values.length > 100 });
     }
     const own = range(60);
     for (const value of own) if (value === 40) Object.defineProperty(own, 'next', { value: () => { throw new Error(); } });
     [values.length, values.at(-1), own.at];`,
    [60, 59, 60],
  ));

test("nor another one of V8's own iterators", () =>
  same(
    `const prototype = Object.getPrototypeOf(new Map().entries());
     const { next } = prototype;
     let sum = 0;
     const map = new Map([[1, 2], [3, 4], [5, 6]]);
     try {
       for (const [key, value] of map) {
         sum += key * value;
         prototype.next = () => ({ value: undefined, done: true });
       }
     } finally {
       prototype.next = next;
     }
     sum;`,
    2 + 12 + 30,
  ));

test('what next throws in a late turn ends the loop without closing the iterator', () =>
  same(
    `let closed = 0;
     const it = range(100, { return() { closed++; return {}; } });
     const { next } = it;
     it.next = function () { if (this.at === 50) throw new Error('late'); return next.call(this); };
     let message;
     try { for (const value of it); } catch (error) { message = error.message; }
     for (const value of range(100, { return() { closed++; return {}; } })) if (value === 50) break;
     [message, closed];`,
    ['late', 1],
  ));

test('a result that is no object is an error in a late turn', () =>
  same(
    `let message;
     const it = range(100);
     const { next } = it;
     it.next = function () { return this.at === 50 ? 1 : next.call(this); };
     try { for (const value of it); } catch (error) { message = error.name; }
     message;`,
    'TypeError',
  ));

test("Map, Set, string and array iterators see what is changed meanwhile, as V8's do", () =>
  same(
    `const log = [];
     const set = new Set([1, 2, 3]);
     for (const value of set) { log.push(value); if (value < 30) set.add(value * 10); if (value === 1) set.delete(2); }
     const list = ['a', 'b'];
     for (const [index, value] of list.entries()) { log.push(index + value); if (index < 3) list.push(value + value); }
     for (const character of 'a\\u{1f600}b') log.push(character);
     log;`,
    [1, 3, 10, 30, 100, '0a', '1b', '2aa', '3bb', '4aaaa', 'a', '\u{1f600}', 'b'],
  ));

test('next may block in a late turn', async () => {
  for (const form of ['coroutine', 'storm']) {
    const values = await spawn.with({ form })(() => {
      const c = chan();
      spawn(() => {
        for (let i = 0; i < 60; i++) c.send(i);
        c.close();
      });
      class Doubled {
        next() {
          const value = c.recv();
          sleep(0);
          return { value: value * 2, done: value === undefined };
        }
        [Symbol.iterator]() {
          return this;
        }
      }
      const seen = [];
      for (const value of new Doubled()) seen.push(value);
      return seen;
    });
    assert.deepEqual(
      values,
      Array.from({ length: 60 }, (_, i) => i * 2),
    );
  }
});
