'use strict';

const assert = require('node:assert/strict');
const { describe, it, after } = require('node:test');
const { spawn, shutdown, DataCloneError } = require('../lib/index.js');

after(() => shutdown());

const echo = (value) => spawn((v) => v, value);

const cyclic = { name: 'cycle', list: [] };
cyclic.self = cyclic;
cyclic.list.push(cyclic, [cyclic.list]);
const shared = { x: 1 };

/** Values that structuredClone copies, and so do we: [what, value]. */
const VALUES = [
  ['numbers', [0, -0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 53, 0.1, NaN, Infinity, -Infinity, 5e-324]],
  ['other primitives', [true, false, null, undefined, '', 'a', 'é', '€', '💥', '\ud800 alone', 'x'.repeat(300)]],
  ['bigints', [0n, -1n, 2n ** 64n, -(2n ** 200n) + 7n]],
  ['boxed', [Object(1), Object('s'), Object(true), Object(5n)]],
  ['dates', [new Date(0), new Date(1e12)]],
  ['regular expressions', [/a+/giu, /\/(?<n>x)/s]],
  ['arrays', [[1, 2, 3], ['a', , 'c'], [], [[[]]], Object.assign([1], { extra: 2 })]],
  ['a regular expression match', /b(?<c>.)/.exec('abcd')],
  [
    'maps and sets',
    [
      new Map([
        ['k', new Set([1, 'a', {}])],
        [{}, []],
      ]),
      new Set([new Map()]),
    ],
  ],
  ['objects', { a: 1, 'odd key': { b: [] }, 7: 'index', ['__proto__']: 'own', undefined: undefined }],
  ['cycles', cyclic],
  ['shared references', [shared, shared, new Map([[shared, shared]])]],
  [
    'typed arrays',
    [
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      Float32Array,
      Float64Array,
    ].map((A) => new A([1, 2, 3])),
  ],
  ['big typed arrays', [new BigInt64Array([-1n, 2n]), new BigUint64Array([3n])]],
  ['data views and buffers', [new DataView(new ArrayBuffer(8), 2, 4), new Uint8Array([1, 2, 3]).buffer]],
];

describe('values are copied in both directions as structuredClone does', () => {
  for (const [what, value] of VALUES) {
    it(what, async () => {
      assert.deepStrictEqual(await echo(value), structuredClone(value));
    });
  }

  it('invalid dates, which assert does not find equal', async () => {
    const date = await echo(new Date(NaN));
    assert.ok(date instanceof Date && Number.isNaN(date.getTime()));
  });

  it('views of one buffer stay views of one buffer', async () => {
    const buffer = new ArrayBuffer(16);
    const [a, b] = await echo([new Uint8Array(buffer, 4), new Float64Array(buffer)]);
    assert.equal(a.buffer, b.buffer);
    assert.equal(a.byteOffset, 4);
  });

  it('what the task sees are objects of its own realm', async () => {
    const seen = await spawn(
      (v) => [
        v.map instanceof Map,
        v.array instanceof Array,
        v.error instanceof TypeError,
        v.error.cause instanceof RangeError,
        Object.getPrototypeOf(v) === Object.prototype,
        v.bytes instanceof Uint8Array,
      ],
      {
        map: new Map(),
        array: [],
        error: new TypeError('t', { cause: new RangeError('c') }),
        bytes: Buffer.from('abc'),
      },
    );
    assert.deepEqual(seen, [true, true, true, true, true, true]);
  });

  it('class instances become plain objects', async () => {
    class Point {
      constructor() {
        this.x = 1;
      }
    }
    const point = await echo(new Point());
    assert.deepStrictEqual(point, { x: 1 });
  });

  it('a Buffer arrives as the bytes that it shows', async () => {
    const bytes = await echo(Buffer.from('text'));
    assert.equal(Buffer.from(bytes).toString(), 'text');
    assert.equal(bytes.buffer.byteLength, 4);
  });

  it('errors of every class, with message, cause, stack and properties', async () => {
    const error = Object.assign(new TypeError('message', { cause: new Error('cause') }), { code: 'E_X' });
    const copy = await echo(error);
    assert.ok(copy instanceof TypeError);
    assert.equal(copy.message, 'message');
    assert.equal(copy.stack, error.stack);
    assert.equal(copy.code, 'E_X');
    assert.equal(copy.cause.message, 'cause');
    const aggregate = await echo(new AggregateError([new URIError('u'), 3], 'all'));
    assert.ok(aggregate instanceof AggregateError);
    assert.ok(aggregate.errors[0] instanceof URIError);
  });

  it('strings of 100 MB, of one byte a character and of two', async () => {
    for (const unit of ['x', '→']) {
      const text = unit.repeat(100 * 1024 * 1024);
      const [length, last, same] = await spawn((t) => [t.length, t[t.length - 1], t], text);
      assert.equal(length, text.length);
      assert.equal(last, unit);
      assert.ok(same === text);
    }
  });

  it('arrays of each kind, with names and without, from tasks in either form', async () => {
    function make() {
      const kinds = [(i) => i, (i) => i + 0.5, (i) => `${i}`, (i) => (i % 2 ? i : null), (i) => ({ i })];
      const changes = [
        (array) => array,
        (array) => Object.assign(array, { name: 'n' }),
        (array) => {
          array.gone = 1;
          delete array.gone;
          return array;
        },
        (array) => {
          array.length++;
          return array;
        },
        (array) => {
          delete array[1];
          array.named = array.length;
          return array;
        },
        (array) => Object.freeze(array),
        (array) => {
          for (let i = 0; i < 40; i++) array[`k${i}`] = i;
          for (let i = 0; i < 39; i++) delete array[`k${i}`];
          return array;
        },
        (array) => {
          array[5000] = 1;
          array.length = 5000;
          return array;
        },
        (array) => Object.defineProperty(array, 'hidden', { value: 1 }),
      ];
      const made = [];
      for (const length of [0, 3, 8, 9, 20]) {
        for (const kind of kinds)
          for (const change of changes) made.push(change(Array.from({ length }, (_, i) => kind(i))));
      }
      return made;
    }
    const expected = structuredClone(make());
    for (const form of ['plain', 'coroutine']) {
      const copies = await spawn.with({ form })(make);
      for (let i = 0; i < expected.length; i++) {
        assert.deepStrictEqual(copies[i], expected[i]);
        assert.deepStrictEqual(Object.keys(copies[i]), Object.keys(expected[i]));
        assert.equal(copies[i].length, expected[i].length);
      }
    }
  });

  it('large arrays and deep lists', async () => {
    const numbers = Array.from({ length: 200_000 }, (_, i) => i / 3);
    assert.deepEqual(await echo(numbers), numbers);
    let list = null;
    for (let i = 0; i < 5000; i++) list = { next: list };
    let depth = 0;
    for (let node = await echo(list); node !== null; node = node.next) depth++;
    assert.equal(depth, 5000);
    const sparse = new Array(1e9);
    sparse[5] = 'five';
    const copy = await echo(sparse);
    assert.equal(copy.length, 1e9);
    assert.equal(copy[5], 'five');
  });
});

describe('what cannot be copied', () => {
  class WithPrivate {
    socket = Symbol('s');
  }
  const cases = [
    [{ user: { socket: require('node:dns').lookup } }, 'args[1].user.socket'],
    [{ list: [1, { deep: Symbol('s') }] }, 'args[1].list[1].deep'],
    [{ 'odd key': Promise.resolve() }, 'args[1]["odd key"]'],
    [{ weak: new WeakMap() }, 'args[1].weak'],
    [new Proxy({}, {}), 'args[1]'],
    [(function* () {})(), 'args[1]'],
    [new WithPrivate(), 'args[1].socket'],
    [{ format: new Intl.NumberFormat() }, 'args[1].format'],
    [new Map([['key', new Proxy(parseInt, {})]]), 'args[1]<value of "key">'],
  ];

  it('is an error that names the path, for arguments', () => {
    for (const [value, path] of cases) {
      assert.throws(
        () => spawn(() => 1, 0, value),
        (error) => {
          assert.ok(error instanceof DataCloneError);
          assert.equal(error.code, 'ERR_DATA_CLONE');
          assert.ok(error.message.startsWith(`${path}: `), error.message);
          return true;
        },
      );
    }
  });

  it('is an error that names the same path where something is transferred', () => {
    for (const [value, path] of cases) {
      const buffer = new ArrayBuffer(8);
      assert.throws(
        () => spawn.with({ transfer: [buffer] })(() => 1, 0, value, buffer),
        (error) => error.message.startsWith(`${path}: `),
      );
      assert.equal(buffer.byteLength, 8);
    }
  });

  it('is an error that names the path, for results', async () => {
    const results = [
      [() => ({ user: { socket: () => {} } }), 'result.user.socket'],
      [() => [Symbol('s')], 'result[0]'],
      [() => new Proxy({}, {}), 'result'],
      [() => ({ p: { q: (function* () {})() } }), 'result.p.q'],
      [() => ({ weak: new WeakSet() }), 'result.weak'],
      [() => new Map([['key', { f: parseInt }]]), 'result<value of "key">.f'],
    ];
    for (const [fn, path] of results) {
      const error = await spawn(fn).then(assert.fail, (reason) => reason);
      assert.ok(error instanceof DataCloneError, error.stack);
      assert.ok(error.message.startsWith(`${path}: `), error.message);
    }
  });

  it('throws what a getter throws, and a getter may itself spawn', async () => {
    assert.throws(
      () =>
        spawn(() => 1, {
          get bad() {
            throw new RangeError('getter');
          },
        }),
      RangeError,
    );
    let inner;
    const outer = spawn((v) => v.a + v.b, {
      a: 1,
      get b() {
        inner = spawn((x) => x, 'nested');
        return 2;
      },
    });
    assert.equal(await outer, 3);
    assert.equal(await inner, 'nested');
  });

  it('programs that tamper with built-ins harm only themselves', async () => {
    const result = await spawn(() => {
      Array.prototype.push = Map.prototype.set = Map.prototype.get = Promise.prototype.then = null;
      Object.keys =
        Reflect.apply =
        JSON.stringify =
          () => {
            throw new Error('tampered');
          };
      delete Array.prototype[Symbol.iterator];
      return [new Map().size, 'fine', { a: new Set() }];
    }).then(
      (value) => value,
      (error) => error,
    );
    assert.deepEqual(result, [0, 'fine', { a: new Set() }]);
    await shutdown();
  });

  it('that cannot cross say what to do', () => {
    const growable = new SharedArrayBuffer(8, { maxByteLength: 16 });
    assert.throws(() => spawn((x) => x, { deep: growable }), {
      name: 'DataCloneError',
      message: /^args\[0\]\.deep: a growable SharedArrayBuffer cannot be cloned \(make it with a fixed length\)/,
    });
  });
});
