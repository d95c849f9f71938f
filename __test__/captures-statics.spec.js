'use strict';

// Static properties of captured classes that hold instances.

const assert = require('node:assert/strict');
const { describe, it, after } = require('node:test');
const { chan, shutdown, spawn } = require('../lib/index.js');

after(() => shutdown());

const unit = 'mm';

class Vec {
  constructor(x) {
    this.x = x;
  }
  get shown() {
    return `${this.x} ${unit}`;
  }
}
Vec.ZERO = new Vec(0);
Vec.ONE = 1;
Vec.named = { one: new Vec(1) };

class Store {
  static inst = null;
  static other;
  static init() {
    Store.inst ??= new Store();
    return Store.inst;
  }
  count = 1;
  get twice() {
    return this.count * 2;
  }
}
Store.init().count = 5;
Store.other = new Store();

/** Captures nothing else that has to do with vectors. */
class Holder {}
Holder.vec = new Vec(3);
Holder.all = new Map([['vec', Holder.vec]]);

describe('instances that static properties hold', () => {
  for (const form of ['coroutine', 'storm', 'plain']) {
    it(`arrive where they were assigned later (${form})`, async () => {
      const run = () => [
        [Vec.ZERO.x, Vec.ZERO instanceof Vec, Vec.ZERO.shown, Vec.named.one.shown, Object.keys(Vec)],
        [Store.inst.twice, Store.init() === Store.inst, Store.other.twice, Store.inst instanceof Store],
        [Holder.vec.shown, Holder.all.get('vec') === Holder.vec, Holder.vec.constructor.name],
      ];
      assert.deepEqual(await spawn.with({ form })(run), run());
    });
  }

  it('arrive through channels and among arguments', async () => {
    const functions = chan(1);
    await functions.send(() => [Vec.ZERO.shown, Store.inst.twice]);
    assert.deepEqual(await spawn((functions) => functions.recv()(), functions), ['0 mm', 10]);
    assert.deepEqual(await spawn((Class) => Class.vec.shown, Holder), '3 mm');
  });

  it('arrive where they were defined without being enumerable', async () => {
    class Hidden {
      get y() {
        return unit;
      }
    }
    Object.defineProperty(Hidden, 'only', { value: new Hidden(), configurable: true });
    assert.deepEqual(await spawn(() => [Hidden.only.y, Object.keys(Hidden)]), ['mm', []]);
  });

  it('are made anew where the class makes them', async () => {
    class Counter {
      static all = new Counter();
      static {
        Counter.later = new Counter();
        Counter.counters = [new Counter()];
      }
      n = 0;
    }
    Counter.all.n = 7;
    Counter.later.n = 7;
    assert.deepEqual(await spawn(() => [Counter.all.n, Counter.later.n, Counter.all instanceof Counter]), [0, 0, true]);
  });

  it('stay behind where they cannot be made again', async () => {
    class Secret {
      static inst = null;
      static get() {
        Secret.inst ??= new Secret();
        return Secret.inst;
      }
      #n = 4;
      get n() {
        return this.#n;
      }
    }
    Secret.get();
    assert.deepEqual(await spawn(() => [Secret.inst, Secret.get().n]), [null, 4]);
  });

  it('stay behind where they, or their classes, cannot be sent', async () => {
    class Socket {
      constructor() {
        this.open = Promise.resolve();
      }
    }
    const native = process.memoryUsage.rss;
    class Native {
      call() {
        return native();
      }
    }
    class Model {
      static db = null;
      static size = 3;
      id = 1;
    }
    Model.db = new Socket();
    Model.native = new Native();
    Model.vec = new Vec(2);
    const run = () => [Model.db, Model.native, Model.size, Model.vec.shown];
    assert.deepEqual(await spawn(run), [null, undefined, 3, '2 mm']);
    assert.deepEqual(await spawn((Given) => [Given.db, Given.vec.shown], Model), [null, '2 mm']);
    class Other {}
    Other.db = new Socket();
    Other.vec = Vec.ZERO;
    assert.deepEqual(await spawn((Given) => [Given.db, Given.vec.shown], Other), [undefined, '0 mm']);
    class Sent {}
    Sent.db = new Socket();
    const functions = chan(1);
    await functions.send(() => [Sent.db]);
    assert.deepEqual(await spawn((functions) => functions.recv()(), functions), [undefined]);
  });
});
