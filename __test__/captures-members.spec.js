'use strict';

// What captured functions and objects have that is no enumerable data: members as compilers define them, accessors, and private state
// that compilers keep in weak collections.

const assert = require('node:assert/strict');
const { describe, it, after } = require('node:test');
const { CaptureError, shutdown, spawn } = require('../lib/index.js');

after(() => shutdown());

/** As Babel compiles classes. */
function defineMembers(target, members) {
  for (const { key, ...descriptor } of members) {
    descriptor.enumerable = descriptor.enumerable || false;
    descriptor.configurable = true;
    if ('value' in descriptor) descriptor.writable = true;
    Object.defineProperty(target, key, descriptor);
  }
}
function createClass(constructor, members, statics) {
  defineMembers(constructor.prototype, members);
  if (statics) defineMembers(constructor, statics);
  return constructor;
}

describe('members of functions', () => {
  const unit = 'mm';
  const Size = createClass(
    function Size(width) {
      this.width = width;
    },
    [
      {
        key: 'show',
        value: function show() {
          return `${this.width} ${unit}`;
        },
      },
      {
        key: 'double',
        get: function get() {
          return this.width * 2;
        },
        set: function set(value) {
          this.width = value / 2;
        },
      },
      {
        key: Symbol.iterator,
        value: function* iterate() {
          yield this.width;
        },
      },
    ],
    [
      {
        key: 'of',
        value: function of(width) {
          return new Size(width);
        },
      },
      {
        key: 'smallest',
        get: function get() {
          return new Size(0);
        },
      },
    ],
  );

  for (const form of ['coroutine', 'storm', 'plain']) {
    it(`are there if they are not enumerable (${form})`, async () => {
      const run = () => {
        const size = Size.of(3);
        const seen = [size.show(), size.double, [...size], Size.smallest.width, size instanceof Size];
        size.double = 10;
        return [...seen, size.width, Object.keys(Size.prototype), Object.keys(Size), Object.keys(size)];
      };
      assert.deepEqual(await spawn.with({ form })(run), run());
    });
  }

  it('keep what they are', async () => {
    const run = () => {
      const flags = (holder) =>
        Reflect.ownKeys(holder).map((key) => {
          const { value, get, set, ...rest } = Object.getOwnPropertyDescriptor(holder, key);
          return [String(key), rest, typeof value, typeof get, typeof set];
        });
      return [flags(Size.prototype), flags(Size)].map((list) => list.sort(([a], [b]) => (a < b ? -1 : 1)));
    };
    assert.deepEqual(await spawn(run), run());
  });

  it('are inherited', async () => {
    function Box(width) {
      Size.call(this, width);
    }
    Box.prototype = Object.create(Size.prototype, { constructor: { value: Box, writable: true, configurable: true } });
    createClass(Box, [{ key: 'kind', value: () => 'box' }]);
    const run = () => {
      const box = new Box(2);
      return [box.kind(), box.show(), box.double, box.constructor === Box, box instanceof Size];
    };
    assert.deepEqual(await spawn(run), run());
  });

  it('are those that a class was given later', async () => {
    class Plain {
      method() {
        return 'own';
      }
      get value() {
        return this.method();
      }
      static make() {
        return new Plain();
      }
    }
    const before = 'decorated ';
    const { method } = Plain.prototype;
    defineMembers(Plain.prototype, [
      {
        key: 'method',
        value: function wrapped() {
          return before + method.call(this);
        },
      },
      { key: 'kind', value: 'plain' },
    ]);
    const run = () => [Plain.make().value, Plain.make().kind, Object.keys(Plain.prototype), new Plain().method.name];
    assert.deepEqual(await spawn(run), run());
  });

  it('are an error if they cannot be sent, with the path', () => {
    const Bad = createClass(function Bad() {}, [{ key: 'late', value: Promise.resolve() }]);
    const Bound = createClass(function Bound() {}, [{ key: 'get', get: process.memoryUsage.rss }]);
    assert.throws(
      () => spawn(() => Bad),
      (error) => error instanceof CaptureError && /'Bad' \(Bad\.late\).*a Promise/.test(error.message),
    );
    assert.throws(
      () => spawn(() => Bound),
      (error) => error instanceof CaptureError && /'Bound' \(Bound\.get\).*the native function /.test(error.message),
    );
  });
});

describe('accessors of objects', () => {
  for (const form of ['coroutine', 'storm', 'plain']) {
    it(`are kept (${form})`, async () => {
      const step = 2;
      const state = {
        first: 0,
        n: 1,
        get twice() {
          return this.n * step;
        },
        set twice(value) {
          this.n = value / step;
        },
        last: 3,
      };
      const run = () => {
        const own = { ...state };
        const seen = [Object.keys(state), state.twice];
        state.n = 5;
        seen.push(state.twice);
        state.twice = 4;
        seen.push(state.n, own.twice, typeof Object.getOwnPropertyDescriptor(state, 'twice').set);
        state.n = 1;
        return seen;
      };
      assert.deepEqual(await spawn.with({ form })(run), run());
    });
  }

  it('are found inside of others, and are not called', async () => {
    let calls = 0;
    const deep = {
      list: [
        {
          get called() {
            return ++calls;
          },
          set only(value) {
            this.was = value;
          },
        },
      ],
    };
    const seen = await spawn(() => {
      deep.list[0].only = 7;
      return [deep.list[0].was, deep.list[0].only, deep.list[0].called, deep.list[0].called];
    });
    assert.deepEqual([seen, calls], [[7, undefined, 1, 2], 0]);
  });

  it('are values where they are exports of a module that was compiled', async () => {
    const compiled = Object.defineProperty({}, 'x', { enumerable: true, get: () => process.pid && 3 });
    assert.deepEqual(await spawn(() => Object.getOwnPropertyDescriptor(compiled, 'x').value), 3);
  });

  it('are values among arguments', async () => {
    const argument = {
      get x() {
        return 4;
      },
    };
    assert.deepEqual(await spawn((a) => Object.getOwnPropertyDescriptor(a, 'x').value, argument), 4);
  });

  it('are an error if they cannot be sent, with the path', () => {
    const promise = Promise.resolve();
    const object = {
      a: {
        get b() {
          return promise;
        },
      },
    };
    assert.throws(
      () => spawn(() => object.a.b),
      (error) => error instanceof CaptureError && /captures 'promise'.*a Promise/.test(error.message),
    );
  });
});

describe('private state in weak collections', () => {
  // As TypeScript compiles it for ES2015.
  const get = (receiver, state, kind, fn) => {
    if (typeof state === 'function' ? receiver !== state || !fn : !state.has(receiver))
      throw new TypeError('not there');
    return kind === 'm' ? fn : kind === 'a' ? fn.call(receiver) : fn ? fn.value : state.get(receiver);
  };
  const set = (receiver, state, value) => {
    if (!state.has(receiver)) throw new TypeError('not there');
    state.set(receiver, value);
    return value;
  };
  const _Counter_count = new WeakMap();
  const _Counter_instances = new WeakSet();
  const _Counter_bump = function _Counter_bump() {
    set(this, _Counter_count, get(this, _Counter_count, 'f') + 1);
  };
  class Counter {
    constructor(start) {
      _Counter_instances.add(this);
      _Counter_count.set(this, start);
      this.name = 'counter';
    }
    next() {
      get(this, _Counter_instances, 'm', _Counter_bump).call(this);
      return get(this, _Counter_count, 'f');
    }
  }

  for (const form of ['coroutine', 'storm', 'plain']) {
    it(`is that of new instances (${form})`, async () => {
      assert.deepEqual(await spawn.with({ form })(() => [new Counter(1).next(), new Counter(5).next()]), [2, 6]);
    });

    it(`is that of instances that are captured with their class (${form})`, async () => {
      const counter = new Counter(10);
      const other = { list: [new Counter(20)] };
      counter.next();
      const run = () => [counter.next(), counter instanceof Counter, other.list[0].next(), counter.name];
      assert.deepEqual(await spawn.with({ form })(run), [12, true, 21, 'counter']);
      assert.equal(counter.next(), 12);
    });
  }

  it('holds what it holds, and refers to what else is captured', async () => {
    const shared = { n: 1 };
    const key = {};
    const notes = new WeakMap([
      [key, { shared, key, again: null }],
      [{}, 'nobody has this key'],
    ]);
    notes.get(key).again = notes;
    const seen = new WeakSet([shared]);
    assert.deepEqual(
      await spawn(() => {
        const note = notes.get(key);
        return [note.shared === shared, note.key === key, note.again === notes, seen.has(shared), seen.has(key)];
      }),
      [true, true, true, true, false],
    );
  });

  it('has values that hold further keys', async () => {
    const links = new WeakMap();
    const first = {};
    let last = first;
    for (let i = 0; i < 100; i++) {
      const next = { i };
      links.set(last, next);
      last = next;
    }
    assert.equal(
      await spawn(() => {
        let count = 0;
        for (let at = first; links.has(at); at = links.get(at)) count++;
        return count;
      }),
      100,
    );
  });

  it('is an error if it cannot be sent, with the path', () => {
    const key = {};
    const notes = new WeakMap([[key, { a: Promise.resolve() }]]);
    assert.throws(
      () => spawn(() => notes.get(key)),
      (error) => error instanceof CaptureError && /'notes' \(notes<value 0>\.a\).*a Promise/.test(error.message),
    );
  });

  it('cannot be among arguments, nor references that are weak be captured', () => {
    assert.throws(() => spawn((x) => x, new WeakMap()), { name: 'DataCloneError' });
    const reference = new WeakRef({});
    assert.throws(() => spawn(() => reference), { name: 'CaptureError', message: /a WeakRef/ });
  });
});

describe('instances', () => {
  class Point {
    constructor(x) {
      this.x = x;
    }
    plus(y) {
      return new Point(this.x + y);
    }
  }
  class Named extends Point {
    get name() {
      return `at ${this.x}`;
    }
  }

  it('that are captured with their class have its methods', async () => {
    const point = new Point(1);
    const named = [new Named(2)];
    const run = () => [
      point.plus(1).x,
      point instanceof Point,
      named[0].name,
      named[0].plus(1).x,
      named[0] instanceof Named,
    ];
    assert.deepEqual(await spawn(run), run());
  });

  it('are data among arguments', async () => {
    assert.equal(await spawn((point) => Object.getPrototypeOf(point) === Object.prototype, new Point(1)), true);
  });
});
