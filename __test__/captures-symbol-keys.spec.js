'use strict';

// What captured objects have under symbols.

const assert = require('node:assert/strict');
const { describe, it, after } = require('node:test');
const { CaptureError, shutdown, spawn } = require('../lib/index.js');

after(() => shutdown());

describe('members under symbols that all realms have', () => {
  for (const form of ['coroutine', 'storm', 'plain']) {
    it(`are there (${form})`, async () => {
      const step = 10;
      const registered = Symbol.for('captures-symbol-keys');
      const items = {
        list: [1, 2],
        [Symbol.iterator]() {
          return this.list[Symbol.iterator]();
        },
        async *[Symbol.asyncIterator]() {
          for (const item of this.list) yield item * step;
        },
        [Symbol.toPrimitive](hint) {
          return hint === 'number' ? step : hint;
        },
        get [Symbol.toStringTag]() {
          return `Items of ${step}`;
        },
        [registered]: (x) => x + step,
        [Symbol.for('data')]: { deep: [step] },
      };
      const run = async () => {
        const later = [];
        for await (const item of items) later.push(item);
        const shown = [+items, `${items}`, Object.prototype.toString.call(items)];
        return [[...items], later, shown, items[registered](1), items[Symbol.for('data')].deep];
      };
      assert.deepEqual(await spawn.with({ form })(run), await run());
    });
  }

  it('are there in what holds other objects, in lists and in instances', async () => {
    const list = Object.assign([1, 2, 3], {
      *[Symbol.iterator]() {
        yield this.length;
      },
    });
    class Bag {
      items = ['a', 'b'];
      [Symbol.iterator] = function* iterate() {
        yield* this.items;
      };
    }
    const deep = { list: [{ list, bag: new Bag() }] };
    const run = () => [[...deep.list[0].list], [...deep.list[0].bag], list.length, deep.list[0].list === list];
    assert.deepEqual(await spawn(run), run());
  });

  it('are there however deep they are', async () => {
    let deep = {
      x: 5,
      *[Symbol.iterator]() {
        yield this.x;
      },
      get twice() {
        return this.x * 2;
      },
    };
    for (let i = 0; i < 200; i++) deep = { deep };
    const run = () => {
      let at = deep;
      while ('deep' in at) at = at.deep;
      at.x = 7;
      return [...at, at.twice];
    };
    assert.deepEqual(await spawn(run), [7, 14]);
  });

  it('keep what they are', async () => {
    const tag = Symbol.toStringTag;
    const object = Object.defineProperty({ a: 1 }, tag, { value: 'Tagged' });
    const frozen = Object.freeze({ [Symbol.for('x')]: 1, list: Object.freeze([]) });
    const run = () => [Object.getOwnPropertyDescriptor(object, tag), frozen[Symbol.for('x')], `${object}`];
    assert.deepEqual(await spawn(run), run());
  });

  it('are values where they are accessors for good, as exports of modules', async () => {
    const key = Symbol.for('x');
    const compiled = Object.defineProperty({}, key, { enumerable: true, get: () => process.pid && 3 });
    assert.deepEqual(await spawn(() => Object.getOwnPropertyDescriptor(compiled, key).value), 3);
  });

  it('are left out of arguments', async () => {
    const argument = { a: 1, [Symbol.iterator]() {} };
    assert.deepEqual(await spawn((it) => Reflect.ownKeys(it), argument), ['a']);
  });

  it('are an error if they cannot be sent, with the path', () => {
    const object = { a: { [Symbol.for('x')]: { late: Promise.resolve() } } };
    assert.throws(
      () => spawn(() => object.a),
      (error) => error instanceof CaptureError && /'object' \(.*Symbol\(x\).*\.late\).*a Promise/.test(error.message),
    );
  });
});

describe("members under symbols of the program's own", () => {
  it('are left out where they are data: nothing that arrives can name them', async () => {
    const { EventEmitter } = require('node:events');
    class Source extends EventEmitter {}
    const source = Object.assign(new Source(), { name: 'source' });
    const object = { a: 1, [Symbol('own')]: 2, source };
    assert.deepEqual(await spawn(() => [Reflect.ownKeys(object).length, source.name]), [2, 'source']);
  });

  it('are an error where they are functions or accessors', () => {
    const own = Symbol('own');
    const method = { a: 1, [own]() {} };
    const accessor = {
      get [own]() {
        return 1;
      },
    };
    for (const spawned of [() => method.a, () => accessor])
      assert.throws(
        () => spawn(spawned),
        (error) => error instanceof CaptureError && /Symbol\(own\).*a symbol of the program's own/.test(error.message),
      );
  });
});
