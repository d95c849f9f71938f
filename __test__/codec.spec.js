'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { describe, it } = require('node:test');
const { types } = require('node:util');
const vm = require('node:vm');
const createCodec = require('../src/message/codec/index.js');
const { createPlatform } = require('../lib/clone-platform.js');

const { BRAND } = createCodec;

class CloneError extends Error {
  constructor(message, where) {
    super(message);
    this.where = where;
  }
}

class TimeoutError extends Error {
  static made = 0;

  constructor(message) {
    super(message);
    TimeoutError.made++;
  }
}
Object.defineProperty(TimeoutError.prototype, 'name', { value: 'TimeoutError' });

/** A codec whose attachments are kept in a list, as those of one message are. */
function createSide(overrides = {}, create = createCodec) {
  const attachments = [];
  const platform = createPlatform({
    makeError: (message, where) => new CloneError(message, where),
    attach(buffer, shared) {
      return attachments.push(shared ? buffer : structuredClone(buffer, { transfer: [buffer] })) - 1;
    },
    take: (index) => attachments[index],
    errorClasses: { TimeoutError },
  });
  const codec = create(Object.assign(platform, overrides));
  return { codec, attachments, platform };
}

/** Evaluates the codec's files in another context. */
function evaluateIn(context) {
  const loaded = new Map();
  const require = (name) => {
    if (!loaded.has(name)) {
      const module = { exports: {} };
      loaded.set(name, module);
      const text = fs.readFileSync(path.join(__dirname, '../src/message/codec', name), 'utf8');
      vm.runInContext(`(function (module, require) {${text}\n})`, context)(module, require);
    }
    return loaded.get(name).exports;
  };
  return require('./index.js');
}

const side = createSide();
const { codec } = side;

function encoded(value, transfer, use = codec) {
  const writer = new use.Writer(16);
  use.encode(value, writer, 'value', transfer);
  return writer;
}

function decoded(writer, use = codec) {
  return use.decode(writer.bytes, writer.view, 0, writer.pos);
}

function roundTrip(value, transfer, use = codec) {
  return decoded(encoded(value, transfer, use), use);
}

function same(value, message) {
  assert.deepStrictEqual(roundTrip(value), structuredClone(value), message);
}

function failure(value, rootName = 'args', transfer = undefined) {
  const writer = new codec.Writer(16);
  try {
    codec.encode(value, writer, rootName, transfer);
  } catch (error) {
    assert.equal(writer.pos, 0);
    return error;
  }
  assert.fail('encode should have thrown');
}

/** Always the same numbers from 0 to 1. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const hex = (writer) => Buffer.from(writer.bytes.buffer, 0, writer.pos).toString('hex');

describe('codec: primitives', () => {
  const numbers = [
    0,
    -0,
    1,
    -1,
    15,
    16,
    -16,
    -17,
    127,
    128,
    255,
    256,
    65535,
    65536,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 53,
    -(2 ** 53),
    0.1,
    -0.1,
    1e300,
    5e-324,
    Infinity,
    -Infinity,
    NaN,
  ];

  it('clones numbers', () => {
    for (const n of numbers) assert.ok(Object.is(roundTrip(n), n), String(n));
    for (let n = -300; n < 300; n++) assert.equal(roundTrip(n), n);
  });

  it('clones undefined, null and booleans', () => {
    for (const value of [undefined, null, true, false]) assert.equal(roundTrip(value), value);
  });

  it('clones bigints of any size', () => {
    for (const bits of [0n, 1n, 62n, 63n, 64n, 65n, 127n, 128n, 1000n, 100000n]) {
      for (const delta of [-1n, 0n, 1n]) {
        const n = 2n ** bits + delta;
        assert.equal(roundTrip(n), n);
        assert.equal(roundTrip(-n), -n);
      }
    }
  });

  it('clones strings of all lengths in both encodings', () => {
    for (let length = 0; length < 300; length++) {
      const latin1 = Array.from({ length }, (_, i) => String.fromCharCode((i * 7) & 0xff)).join('');
      assert.equal(roundTrip(latin1), latin1);
      const wide = Array.from({ length }, (_, i) => String.fromCharCode(0x3040 + i)).join('');
      assert.equal(roundTrip(wide), wide);
      const late = `${'x'.repeat(length)}\u20ac`;
      assert.equal(roundTrip(late), late);
    }
  });

  it('keeps lone surrogates', () => {
    for (const s of ['\ud800', '\udc00', 'a\udfffb', `${'\ud83d'.repeat(100)}!`, '😀'.repeat(50)]) {
      assert.equal(roundTrip(s), s);
    }
  });

  it('writes UTF-16 at odd offsets', () => {
    for (const s of ['\u20ac', '\u20ac'.repeat(40), '\u20ac'.repeat(1000)]) {
      assert.deepStrictEqual(roundTrip(['a', s, 'bc', s]), ['a', s, 'bc', s]);
    }
  });

  it('clones 100 MB strings', () => {
    const latin1 = 'abcdefghij'.repeat(10e6);
    assert.ok(roundTrip(latin1) === latin1);
    const wide = '\u3042\u3044\u3046\u3048\u304a'.repeat(10e6);
    assert.ok(roundTrip(wide) === wide);
  });

  it('takes two bytes for a small integer', () => {
    assert.equal(encoded(1).pos, 2);
    assert.equal(encoded('hello').pos, 7);
  });
});

describe('codec: objects', () => {
  it('clones plain objects', () => {
    const symbol = Symbol('s');
    same({});
    same({ a: 1, b: 'x', c: [1, 2, 3] });
    same({ a: undefined, b: null, c: { d: {} } });
    same({ '': 1, 'odd key': 2, 1: 3, 0: 4, '\u20ac': 5, ['k'.repeat(200)]: 6, ['\u20ac'.repeat(50)]: 7 });
    same({ visible: 1, [symbol]: 2 });
    same(Object.defineProperty({ a: 1 }, 'hidden', { value: 2 }));
    same(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key${i}`, i])));
    for (let n = 10; n < 40; n++) same(Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, i])));
  });

  it('makes plain objects of class instances and objects without prototype', () => {
    class Point {
      #secret = 3;
      x = 1;
      y = 2;
      get sum() {
        return this.x + this.y + this.#secret;
      }
    }
    same(new Point());
    same([new Point(), new Point()]);
    same(Object.assign(Object.create(null), { a: 1 }));
    same(Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } }));
    same(new (class extends Point {})());
    same(Math);
  });

  it('clones arguments objects as plain ones', () => {
    // The engine's own structuredClone refuses them.
    const args = (function sloppy() {
      // biome-ignore lint/complexity/noArguments: they are what is tested
      return arguments;
    })('a', 'b');
    assert.deepStrictEqual(roundTrip(args), { 0: 'a', 1: 'b' });
  });

  it('defines special keys as own properties', () => {
    const object = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "toString": "x", "a": 2}');
    const copy = roundTrip(object);
    assert.deepStrictEqual(Object.keys(copy), ['__proto__', 'constructor', 'toString', 'a']);
    assert.equal(Object.getPrototypeOf(copy), Object.prototype);
    assert.equal(copy.polluted, undefined);
    assert.deepStrictEqual(Object.getOwnPropertyDescriptor(copy, '__proto__'), {
      value: { polluted: true },
      writable: true,
      enumerable: true,
      configurable: true,
    });
    assert.deepStrictEqual(roundTrip([object, object, { ...object }]).length, 3);
  });

  it('sends the keys of equal objects once', () => {
    const records = Array.from({ length: 100 }, (_, i) => ({ identifier: i, description: 'x', active: true }));
    same(records);
    assert.ok(encoded(records).pos < 100 * 8 + 100);
    const shapes = Array.from({ length: 200 }, (_, i) => ({ [`a${i % 23}`]: i, [`b${i % 7}`]: { [`c${i % 3}`]: i } }));
    same(shapes);
    const list = { value: 1, next: { value: 2, next: { value: 3, next: null } } };
    same(list);
  });

  describe('of a shape that was met often', () => {
    const OFTEN = 200;
    /** Sends so many others first that both sides have made a function for the shape. */
    function often(make, use = codec) {
      for (let i = 0; i < OFTEN; i++) roundTrip(make(i), undefined, use);
    }

    it('makes a function for it, once', () => {
      const texts = [];
      const { codec: own, platform } = createSide();
      const { compile } = platform;
      platform.compile = (text) => {
        texts.push(text);
        return compile(text);
      };
      often((i) => ({ often: i, 'it\'s "quoted"': `${i}` }), own);
      assert.equal(texts.length, 2);
      assert.deepStrictEqual(roundTrip({ often: 1, 'it\'s "quoted"': 2 }, undefined, own), {
        often: 1,
        'it\'s "quoted"': 2,
      });
      for (let i = 0; i < 10_000; i++) roundTrip({ [`never ${i}`]: i }, undefined, own);
      assert.equal(texts.length, 2);
    });

    it('goes on where nothing can be compiled', () => {
      for (const compile of [undefined, () => null]) {
        const { codec: own } = createSide({ compile });
        often((a) => ({ a, b: { a } }), own);
        assert.deepStrictEqual(roundTrip({ a: 1, b: { a: 2 } }, undefined, own), { a: 1, b: { a: 2 } });
      }
    });

    it('keeps the order of the keys, and tells shapes apart that are alike', () => {
      const shapes = [];
      for (const keys of ['ab', 'ba', 'abc', 'acb', 'ac', 'a', '1b', 'b1'])
        shapes.push((i) => Object.fromEntries([...keys].map((key) => [`${key}x`, i])));
      for (let i = 0; i < OFTEN; i++) for (const make of shapes) assert.deepStrictEqual(roundTrip(make(i)), make(i));
      for (const make of shapes) assert.deepStrictEqual(Object.keys(roundTrip(make(1))), Object.keys(make(1)));
      const mixed = { z: 1, 2: 'two', a: 2, 1: 'one', ü: 3, '€': 4 };
      often(() => mixed);
      assert.deepStrictEqual(Object.keys(roundTrip(mixed)), ['1', '2', 'z', 'a', 'ü', '€']);
    });

    it('knows keys that mean something elsewhere', () => {
      const make = () => {
        const object = { constructor: 1, toString: 2, valueOf: undefined, hasOwnProperty: null, then: 'x', '': 0 };
        return Object.defineProperty(object, '__proto__', {
          value: { a: 1 },
          enumerable: true,
          configurable: true,
          writable: true,
        });
      };
      often(make);
      const copy = roundTrip(make());
      assert.equal(Object.getPrototypeOf(copy), Object.prototype);
      assert.deepStrictEqual(Object.entries(copy), Object.entries(make()));
      const without = () => ({ constructor: 1, toString: 2 });
      often(without);
      assert.deepStrictEqual(Object.entries(roundTrip(without())), [
        ['constructor', 1],
        ['toString', 2],
      ]);
    });

    it('defines properties where Object.prototype has a setter meanwhile', () => {
      const make = (i) => ({ polluted: i, free: i });
      for (const times of [3, OFTEN]) {
        for (let i = 0; i < times; i++) roundTrip(make(i));
        const heard = [];
        Object.defineProperty(Object.prototype, 'polluted', { set: (value) => heard.push(value), configurable: true });
        let copy;
        try {
          copy = decoded(encoded(make(7)));
        } finally {
          delete Object.prototype.polluted;
        }
        assert.deepStrictEqual(copy, make(7));
        assert.deepStrictEqual(heard, []);
      }
    });

    it('leaves out what a getter has deleted, at any depth', () => {
      const make = (deletes) => ({
        get first() {
          if (deletes) {
            delete this.second;
            delete this.fourth;
          }
          return { second: undefined, third: deletes };
        },
        second: 2,
        third: { first: undefined, second: make.inner?.() },
        fourth: 4,
      });
      often(() => make(false));
      const copy = roundTrip(make(true));
      assert.deepStrictEqual(Object.keys(copy), ['first', 'third']);
      assert.deepStrictEqual(Object.keys(copy.first), ['second', 'third']);
      assert.deepStrictEqual(
        roundTrip([make(false), make(true), make(false)]).map((one) => Object.keys(one).length),
        [4, 2, 4],
      );
      make.inner = () => {
        make.inner = undefined;
        return make(true);
      };
      const nested = roundTrip(make(false));
      assert.deepStrictEqual(Object.keys(nested), ['first', 'second', 'third', 'fourth']);
      assert.deepStrictEqual(Object.keys(nested.third.second), ['first', 'third']);
    });

    it('keeps references and cycles, and deep nesting', () => {
      const node = (next) => ({ next, value: 1 });
      often((i) => node(node(i)));
      const cycle = node(null);
      cycle.next = node(cycle);
      const copy = roundTrip(cycle);
      assert.equal(copy.next.next, copy);
      assert.deepStrictEqual(roundTrip([cycle.next, cycle.next])[0], roundTrip(cycle.next));
      let deep = null;
      for (let i = 0; i < 500; i++) deep = node(deep);
      let depth = 0;
      for (let at = roundTrip(deep); at !== null; at = at.next) depth += at.value;
      assert.equal(depth, 500);
    });

    it('says where a value cannot be cloned', () => {
      const make = (value) => ({ user: { socket: value, name: 'x' } });
      often(make);
      assert.throws(() => encoded(make(Symbol('s'))), /value\.user\.socket/);
      assert.throws(() => encoded(make(() => 1)), /value\.user\.socket/);
      assert.deepStrictEqual(roundTrip(make(1)), make(1));
    });

    it('notices every damage', () => {
      const make = (i) => ({ identifier: i, text: 'abc', inner: { identifier: i, list: [1, 2] } });
      often(make);
      const writer = encoded(make(1000));
      for (let end = 1; end < writer.pos; end++)
        assert.throws(() => codec.decode(writer.bytes, writer.view, 0, end), /Damaged message/);
      assert.deepStrictEqual(decoded(writer), make(1000));
    });
  });

  it('calls getters once, and copies what they leave', () => {
    let calls = 0;
    const object = {
      get first() {
        calls++;
        delete this.second;
        delete this.toString;
        this.added = 1;
        return 'value';
      },
      second: 2,
      toString: 3,
      third: 3,
    };
    assert.deepStrictEqual(roundTrip(object), { first: 'value', third: 3 });
    assert.equal(calls, 1);

    const array = new Array(20).fill(7);
    Object.defineProperty(array, 5, { get: () => ++calls, enumerable: true });
    Object.defineProperty(array, 9, { get: () => `${++calls}`, enumerable: true });
    assert.deepStrictEqual(roundTrip(array).slice(4, 10), [7, 2, 7, 7, 7, '3']);
    assert.equal(calls, 3);
  });

  it('passes on what getters throw, and is usable afterwards', () => {
    const writer = encoded({ before: 1 });
    const { pos } = writer;
    const problem = new Error('from the getter');
    assert.throws(
      () =>
        codec.encode(
          {
            a: [
              {
                get b() {
                  throw problem;
                },
              },
            ],
          },
          writer,
          'value',
        ),
      (error) => error === problem,
    );
    assert.equal(writer.pos, pos);
    assert.deepStrictEqual(decoded(writer), { before: 1 });
    same({ a: 1 });
  });

  it('lets getters encode and decode', () => {
    const value = {
      get a() {
        return roundTrip({
          inner: {
            get b() {
              return roundTrip([1, { c: 2 }]);
            },
          },
        });
      },
      d: { inner: 3 },
    };
    assert.deepStrictEqual(roundTrip(value), { a: { inner: { b: [1, { c: 2 }] } }, d: { inner: 3 } });
  });

  it('keeps identity and cycles', () => {
    const shared = { s: 1 };
    const value = { a: shared, b: [shared, shared], map: new Map([[shared, shared]]), set: new Set([shared]) };
    value.self = value;
    value.map.set('map', value.map);
    value.set.add(value.set);
    value.error = new Error('e', { cause: value });
    value.date = new Date(1);
    value.dates = [value.date, value.date];
    const copy = roundTrip(value);
    assert.equal(copy.self, copy);
    assert.equal(copy.b[0], copy.a);
    assert.equal(copy.b[1], copy.a);
    assert.equal(copy.map.get(copy.a), copy.a);
    assert.equal(copy.map.get('map'), copy.map);
    assert.ok(copy.set.has(copy.a) && copy.set.has(copy.set));
    assert.equal(copy.error.cause, copy);
    assert.equal(copy.dates[0], copy.date);
    assert.equal(copy.dates[1], copy.date);
    assert.notEqual(copy.a, shared);
  });

  it('keeps identity among many objects', () => {
    const objects = Array.from({ length: 1000 }, (_, i) => ({ i }));
    const copy = roundTrip([objects, objects.toReversed ? objects.toReversed() : [...objects].reverse()]);
    for (let i = 0; i < 1000; i++) assert.equal(copy[0][i], copy[1][999 - i]);
  });

  it('clones values nested thousands deep', () => {
    for (const depth of [63, 64, 65, 66, 128, 129, 5000, 200000]) {
      let list = null;
      for (let i = 0; i < depth; i++) list = { i, next: list };
      let copy = roundTrip(list);
      for (let i = depth - 1; i >= 0; i--, copy = copy.next) assert.equal(copy.i, i);
      assert.equal(copy, null);
    }
    const nest = [
      (v) => [v],
      (v) => new Map([['k', v]]),
      (v) => new Set([v]),
      (v) => new Error('e', { cause: v }),
      (v) => ({ v }),
      (v) => Object.assign([], { v }),
      (v) => new Map([[v, 1]]),
    ];
    let mixed = 'leaf';
    for (let i = 0; i < 3000; i++) mixed = nest[i % nest.length](mixed);
    let copy = roundTrip(mixed);
    for (let i = 2999; i >= 0; i--) {
      copy = [
        (c) => c[0],
        (c) => c.get('k'),
        (c) => [...c][0],
        (c) => c.cause,
        (c) => c.v,
        (c) => c.v,
        (c) => [...c.keys()][0],
      ][i % nest.length](copy);
    }
    assert.equal(copy, 'leaf');
  });

  it('says so when the call stack ends', () => {
    let value = null;
    for (let i = 0; i < 60; i++) value = [value];
    const writer = new codec.Writer();
    let problem;
    (function dive() {
      try {
        codec.encode(value, writer, 'value');
        writer.pos = 0;
      } catch (error) {
        problem = error;
        return;
      }
      dive();
    })();
    assert.ok(problem instanceof RangeError);
    assert.match(problem.message, /^value: the value is nested too deeply/);
    assert.equal(writer.pos, 0);
    same(value);
  });
});

describe('codec: arrays', () => {
  it('clones dense arrays', () => {
    same([]);
    for (const length of [1, 3, 7, 8, 9, 10, 31, 64, 65, 100, 1000, 8191, 8192, 8193, 20000]) {
      same(Array.from({ length }, (_, i) => i));
      same(Array.from({ length }, (_, i) => i + 0.5));
      same(Array.from({ length }, (_, i) => (i % 5 === 4 ? i / 2 : i)));
      same(Array.from({ length }, (_, i) => (i % 7 === 6 ? 'x' : i)));
      same(Array.from({ length }, (_, i) => (i === length - 1 ? -0 : i)));
      same(Array.from({ length }, (_, i) => (i === length - 1 ? { i } : i * 1.5)));
      same(Array.from({ length }, () => undefined));
      same(Array.from({ length }, (_, i) => [i, `${i}`]));
    }
    same([1n, '2', 3, null, undefined, true, {}, []]);
  });

  it('does not call valueOf of elements after numbers', () => {
    const value = {
      valueOf() {
        throw new Error('called');
      },
    };
    delete value.valueOf;
    Object.defineProperty(value, 'valueOf', {
      value() {
        throw new Error('called');
      },
    });
    for (const element of [value, 1n, '5', new Date(5), null, true]) {
      same([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, element, 11]);
      same([1.5, 2, 3, 4, 5, 6, 7, 8, 9, 10, element, 11]);
    }
  });

  it('keeps holes', () => {
    for (const array of [[,], [, 1], [1, , 2], [1, 2, , ,]]) same(array);
    for (const length of [5, 8, 9, 63, 64, 65, 66, 100, 1000, 100000]) {
      same(new Array(length));
      for (const at of [0, 1, length >> 1, length - 1]) {
        const array = new Array(length);
        array[at] = 'x';
        same(array);
        const dense = Array.from({ length }, (_, i) => i);
        delete dense[at];
        same(dense);
      }
      const random1 = random(length);
      same(
        Array.from({ length }, (_, i) => i)
          .map((i) => [i])
          .reduce((out, x, i) => {
            if (random1() < 0.3) out[i] = x;
            return out;
          }, new Array(length)),
      );
    }
  });

  it('clones huge sparse arrays at once', () => {
    const array = new Array(1e9);
    array[5] = 'five';
    array[999999999] = [1];
    const start = performance.now();
    const copy = roundTrip(array);
    assert.ok(performance.now() - start < 1000);
    assert.equal(copy.length, 1e9);
    assert.deepStrictEqual(Object.keys(copy), ['5', '999999999']);
    assert.deepStrictEqual(copy[999999999], [1]);
    const longest = new Array(2 ** 32 - 1);
    longest[2 ** 32 - 2] = 1;
    assert.equal(roundTrip(longest).length, 2 ** 32 - 1);
    assert.equal(roundTrip(longest)[2 ** 32 - 2], 1);
    assert.equal(roundTrip(new Array(30e6)).length, 30e6);
  });

  it('keeps named properties', () => {
    same(/(?<x>b)(c)?/.exec('abc'));
    for (const length of [0, 1, 8, 9, 64, 65, 5000]) {
      const array = Object.assign(new Array(length).fill(0), { name: 'n', 'odd key': [1], '-1': 2, 1.5: 3 });
      same(array);
      delete array[3];
      same(array);
      same(Object.assign(new Array(length), { only: 1 }));
      const tricky = new Array(length).fill(0);
      tricky.a = '... 3 more items ]';
      tricky['... 3 more items ]'] = 1;
      tricky[4294967295] = 'no index';
      same(tricky);
      same(Object.defineProperty(new Array(length).fill(0), 'hidden', { value: 1 }));
      same(Object.assign(new Array(length).fill(0), { [Symbol('s')]: 1 }));
    }
    same(Object.assign(['a'], { __proto__: null, length: 1 }));
    const own = ['a'];
    Object.defineProperty(own, '__proto__', { value: 1, enumerable: true });
    assert.deepStrictEqual(Object.keys(roundTrip(own)), ['0', '__proto__']);
  });

  it('makes arrays of subclass instances', () => {
    class List extends Array {}
    same(List.from([1, 2, 3]));
    same(List.from({ length: 100 }, (_, i) => i));
    assert.equal(Object.getPrototypeOf(roundTrip(new List())), Array.prototype);
  });

  it('bears arrays that change meanwhile', () => {
    const array = Array.from({ length: 20 }, (_, i) => ({ i }));
    Object.defineProperty(array[3], 'cut', {
      get: () => {
        array.length = 6;
        return 1;
      },
      enumerable: true,
    });
    const copy = roundTrip(array);
    assert.equal(copy.length, 20);
    assert.deepStrictEqual(Object.keys(copy), ['0', '1', '2', '3', '4', '5']);
  });
});

describe('codec: built-in objects', () => {
  it('clones maps and sets in order', () => {
    same(new Map());
    same(new Set());
    same(
      new Map([
        [1, 'a'],
        ['b', { c: 1 }],
        [{ k: 1 }, new Map([[NaN, -0]])],
        [undefined, null],
      ]),
    );
    same(new Set([3, 1, 2, 'x', { a: 1 }, new Set([1])]));
    same(new Map(Array.from({ length: 1000 }, (_, i) => [`key${i}`, i])));
    same(Object.assign(new Map([[1, 2]]), { lost: 1 }));
    same(new (class extends Map {})([[1, 2]]));
    assert.deepStrictEqual(
      [
        ...roundTrip(
          new Map([
            [3, 0],
            [1, 0],
            [2, 0],
          ]),
        ).keys(),
      ],
      [3, 1, 2],
    );
  });

  it('copies the entries of maps and sets before it walks them', () => {
    const map = new Map();
    map.set('a', {
      get x() {
        map.delete('b');
        map.set('c', 3);
        return 1;
      },
    });
    map.set('b', 2);
    assert.deepStrictEqual(
      roundTrip(map),
      new Map([
        ['a', { x: 1 }],
        ['b', 2],
      ]),
    );
    const set = new Set();
    set.add({
      get x() {
        set.add({});
        return 1;
      },
    });
    assert.equal(roundTrip(set).size, 1);
  });

  it('clones dates, regular expressions and boxed primitives', () => {
    same(new Date(0));
    same(new Date(1e12 + 0.9));
    assert.ok(Number.isNaN(roundTrip(new Date(NaN)).getTime()));
    same(/a+(?<n>b)/giu);
    same(/[/]\/"\n/dmsy);
    same(/(?:)/);
    same(/\u20ac/v);
    const used = /x/g;
    used.lastIndex = 5;
    assert.equal(roundTrip(used).lastIndex, 0);
    const lying = /x/g;
    Object.defineProperty(lying, 'flags', { value: 'i' });
    Object.defineProperty(lying, 'source', { value: 'y' });
    assert.equal(String(roundTrip(lying)), '/x/g');
    for (const value of [true, false, 0, -0, 1.5, NaN, '', 'text', '\u20ac', 5n, -(2n ** 70n)]) {
      same(Object(value));
      assert.equal(typeof roundTrip(Object(value)), 'object');
    }
    same([Object('x'), Object('x')]);
  });

  it('clones objects of other realms', () => {
    const foreign = vm.runInNewContext(`({
      array: [1, , 3], map: new Map([[{ a: 1 }, 1]]), set: new Set([1]), date: new Date(5), regExp: /x/g,
      boxed: [Object(1), Object('s'), Object(true), Object(1n)], view: new Uint8Array([1, 2]), none: Object.create(null),
      buffer: new ArrayBuffer(3), dataView: new DataView(new ArrayBuffer(4), 1), instance: new (class A { x = 1 })(),
      error: new RangeError('r', { cause: { c: 1 } }),
    })`);
    const copy = roundTrip(foreign);
    assert.deepStrictEqual(copy, structuredClone(foreign));
    assert.equal(Object.getPrototypeOf(copy), Object.prototype);
    assert.ok(copy.error instanceof RangeError);
    assert.ok(copy.map instanceof Map);
  });
});

describe('codec: errors', () => {
  const plain = ['Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'];

  for (const name of plain) {
    it(`clones ${name}`, () => {
      const error = new globalThis[name]('the message', { cause: { code: 5 } });
      const copy = roundTrip(error);
      assert.equal(Object.getPrototypeOf(copy), globalThis[name].prototype);
      assert.ok(types.isNativeError(copy));
      assert.equal(copy.name, name);
      assert.equal(copy.message, 'the message');
      assert.equal(copy.stack, error.stack);
      assert.deepStrictEqual(copy.cause, { code: 5 });
      assert.deepStrictEqual(Object.keys(copy), []);
      assert.ok(!Object.hasOwn(copy, 'name'));
      for (const key of ['message', 'stack', 'cause']) {
        const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(copy, key);
        assert.deepStrictEqual(
          { writable, enumerable, configurable },
          { writable: true, enumerable: false, configurable: true },
          key,
        );
      }
    });
  }

  it('clones AggregateError and SuppressedError', () => {
    const error = new AggregateError([new TypeError('a'), { b: 1 }], 'both');
    error.errors.push(error);
    const copy = roundTrip(error);
    assert.ok(copy instanceof AggregateError);
    assert.ok(copy.errors[0] instanceof TypeError);
    assert.deepStrictEqual(copy.errors[1], { b: 1 });
    assert.equal(copy.errors[2], copy);
    assert.ok(!Object.keys(copy).includes('errors'));
    if (typeof SuppressedError === 'function') {
      const suppressed = roundTrip(new SuppressedError(new Error('new'), new Error('old'), 'message'));
      assert.ok(suppressed instanceof SuppressedError);
      assert.equal(suppressed.error.message, 'new');
      assert.equal(suppressed.suppressed.message, 'old');
    }
  });

  it('keeps further properties', () => {
    const error = Object.assign(new Error('m'), { code: 'ENOENT', errno: -2, details: { a: [1] }, error: 'inner' });
    const copy = roundTrip(error);
    assert.deepStrictEqual({ ...copy }, { code: 'ENOENT', errno: -2, details: { a: [1] }, error: 'inner' });
    let real;
    try {
      fs.readFileSync('/does/not/exist');
    } catch (e) {
      real = e;
    }
    assert.deepStrictEqual({ ...roundTrip(real) }, { ...real });
  });

  it('keeps names that were given to errors', () => {
    const own = new Error('m');
    own.name = 'Custom';
    const copy = roundTrip(own);
    assert.equal(copy.name, 'Custom');
    assert.deepStrictEqual(Object.getOwnPropertyDescriptor(copy, 'name'), {
      value: 'Custom',
      writable: true,
      enumerable: false,
      configurable: true,
    });
    const same1 = new TypeError('m');
    same1.name = 'TypeError';
    assert.ok(!Object.hasOwn(roundTrip(same1), 'name'));
    const odd = new Error('m');
    odd.name = { not: 'a string' };
    assert.equal(roundTrip(odd).name, 'Error');
  });

  it('makes subclass instances of the nearest class known', () => {
    class MyError extends TypeError {
      extra = 1;
    }
    const copy = roundTrip(new MyError('m'));
    assert.equal(Object.getPrototypeOf(copy), TypeError.prototype);
    assert.equal(copy.name, 'MyError');
    assert.equal(copy.extra, 1);
    class Named extends MyError {
      get name() {
        return 'Other';
      }
    }
    assert.equal(roundTrip(new Named('m')).name, 'Other');
    assert.equal(roundTrip(new (class extends RangeError {})('m')).name, 'RangeError');
  });

  it('makes instances of the classes it is told, without running their constructors', () => {
    const error = new TimeoutError('late');
    const before = TimeoutError.made;
    const copy = roundTrip({ error }).error;
    assert.equal(TimeoutError.made, before);
    assert.ok(copy instanceof TimeoutError);
    assert.ok(types.isNativeError(copy));
    assert.equal(copy.name, 'TimeoutError');
    assert.ok(!Object.hasOwn(copy, 'name'));
    class Sub extends TimeoutError {}
    assert.equal(roundTrip(new Sub('m')).name, 'TimeoutError');
  });

  it('keeps the absence of a message, a stack and a cause', () => {
    const bare = new Error();
    assert.ok(!Object.hasOwn(roundTrip(bare), 'message'));
    assert.ok(Object.hasOwn(roundTrip(new Error('')), 'message'));
    assert.ok(!Object.hasOwn(roundTrip(bare), 'cause'));
    assert.ok(Object.hasOwn(roundTrip(new Error('', { cause: undefined })), 'cause'));
    delete bare.stack;
    assert.equal(roundTrip(bare).stack, bare.stack);
    const text = new Error('m');
    text.stack = 'my own\n    stack';
    assert.equal(roundTrip(text).stack, 'my own\n    stack');
    const notText = Object.defineProperty(new Error('m'), 'message', { value: 5 });
    assert.equal(roundTrip(notText).message, '5');
  });

  it('does not touch stackTraceLimit', () => {
    const limit = Error.stackTraceLimit;
    try {
      for (const value of [7, 0, undefined, 'text']) {
        Error.stackTraceLimit = value;
        roundTrip(new Error('m'));
        assert.equal(Error.stackTraceLimit, value);
      }
    } finally {
      Error.stackTraceLimit = limit;
    }
  });

  it('clones a DOMException', () => {
    const copy = roundTrip(new DOMException('stopped', 'AbortError'));
    assert.ok(copy instanceof DOMException);
    assert.equal(copy.name, 'AbortError');
    assert.equal(copy.code, 20);
    assert.equal(copy.message, 'stopped');
  });

  it('clones errors without a usable prototype', () => {
    const error = Object.setPrototypeOf(new Error('m'), null);
    const copy = roundTrip(error);
    assert.equal(Object.getPrototypeOf(copy), Error.prototype);
    assert.equal(copy.message, 'm');
  });
});

describe('codec: buffers and views', () => {
  const buffer = () => Uint8Array.from({ length: 64 }, (_, i) => i * 3).buffer;
  const classes = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    DataView,
  ];
  if (typeof Float16Array === 'function') classes.push(Float16Array);

  it('clones buffers and all kinds of views', () => {
    same(new ArrayBuffer(0));
    same(buffer());
    same(new Uint8Array(1e6).fill(5).buffer);
    for (const Class of classes) {
      const size = Class.BYTES_PER_ELEMENT ?? 1;
      same(new Class(buffer()));
      same(new Class(new ArrayBuffer(0)));
      same(new Class(buffer(), size, 3));
      const copy = roundTrip(new Class(buffer(), size, 3));
      assert.equal(Object.getPrototypeOf(copy), Class.prototype);
      assert.equal(copy.byteOffset, size);
      assert.equal(copy.buffer.byteLength, 64);
    }
    same(new (class extends Uint8Array {})([1, 2, 3]));
  });

  it('keeps the identity of buffers, and of their views', () => {
    const shared = buffer();
    const view = new Uint8Array(shared, 1, 5);
    const copy = roundTrip({ view, shared, again: view, other: new DataView(shared) });
    assert.equal(copy.view, copy.again);
    assert.equal(copy.view.buffer, copy.shared);
    assert.equal(copy.other.buffer, copy.shared);
  });

  it('copies only the slice of a pooled Buffer', () => {
    const small = Buffer.from('hello');
    assert.ok(small.buffer.byteLength > 5);
    const copy = roundTrip({ small, after: [small, { a: 1 }] });
    assert.equal(Object.getPrototypeOf(copy.small), Uint8Array.prototype);
    assert.equal(copy.small.buffer.byteLength, 5);
    assert.equal(Buffer.from(copy.small).toString(), 'hello');
    assert.equal(copy.after[0], copy.small);
    assert.ok(encoded(small).pos < 20);
  });

  it('keeps references right after pooled Buffers', () => {
    const object = { a: 1 };
    const copy = roundTrip([Buffer.from('x'), object, Buffer.from('y'), object]);
    assert.equal(copy[3], copy[1]);
    const many = roundTrip([...Array.from({ length: 40 }, () => Buffer.from('x')), object, object]);
    assert.equal(many[40], many[41]);
  });

  it('keeps resizable buffers and their views', () => {
    const resizable = new ArrayBuffer(8, { maxByteLength: 32 });
    new Uint8Array(resizable).set([1, 2, 3, 4, 5, 6, 7, 8]);
    const views = [
      new Uint8Array(resizable),
      new Uint8Array(resizable, 2),
      new Uint8Array(resizable, 0, 8),
      new Uint16Array(resizable, 2),
      new Uint32Array(resizable, 4, 1),
      new DataView(resizable),
      new DataView(resizable, 4, 4),
      new DataView(resizable, 4),
    ];
    const copy = roundTrip({ resizable, views });
    assert.equal(resizable.byteLength, 8);
    assert.ok(copy.resizable.resizable);
    assert.equal(copy.resizable.maxByteLength, 32);
    assert.deepStrictEqual(new Uint8Array(copy.resizable), new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]));
    copy.resizable.resize(12);
    assert.deepStrictEqual(
      copy.views.map((view) => view.byteLength),
      [12, 10, 8, 10, 4, 12, 4, 8],
    );
  });

  it('refuses detached buffers and views beyond their buffer', () => {
    const detached = buffer();
    const view = new Uint8Array(detached);
    const dataView = new DataView(detached);
    structuredClone(detached, { transfer: [detached] });
    assert.match(failure({ a: detached }).message, /^args\.a: a detached ArrayBuffer cannot be cloned \(.+\)$/);
    assert.match(failure([view]).message, /^args\[0\]\.buffer: a detached ArrayBuffer/);
    assert.match(failure([dataView]).message, /^args\[0\]\.buffer: a detached ArrayBuffer/);
    const resizable = new ArrayBuffer(8, { maxByteLength: 8 });
    const views = [new Uint8Array(resizable, 4, 4), new DataView(resizable, 4, 4)];
    resizable.resize(4);
    for (const v of views) assert.match(failure([v]).message, /^args\[0\]: an? \w+ beyond the end of its buffer/);
  });

  it('shares SharedArrayBuffers', () => {
    const shared = new SharedArrayBuffer(8);
    const copy = roundTrip([shared, shared, new Int32Array(shared, 4)]);
    assert.equal(copy[0], shared);
    assert.equal(copy[1], shared);
    assert.equal(copy[2].buffer, shared);
    assert.equal(copy[2].length, 1);
    const growable = new SharedArrayBuffer(4, { maxByteLength: 8 });
    assert.equal(roundTrip(new Uint8Array(growable)).buffer, growable);
  });

  it('refuses SharedArrayBuffers that the platform says cannot be shared', () => {
    const { codec: separate } = createSide({ canShare: () => false });
    const value = { view: new Uint8Array(new SharedArrayBuffer(8)) };
    assert.throws(() => encoded(value, undefined, separate), /value\.view\.buffer: a SharedArrayBuffer/);
  });

  it('names a type that the receiver lacks', () => {
    const context = vm.createContext();
    vm.runInContext('delete globalThis.Float16Array', context);
    const poor = createSide({}, evaluateIn(context)).codec;
    const writer = encoded(new Float32Array(2));
    // The kind byte comes after the header and the view's tag.
    writer.bytes[2] = 12;
    assert.throws(() => decoded(writer, poor), /Float16Array is not available/);
  });
});

describe('codec: transfer', () => {
  it('moves buffers, whose views stay views of them', () => {
    const buffer = new Uint8Array([1, 2, 3, 4]).buffer;
    const view = new Uint16Array(buffer, 2);
    const copy = roundTrip({ view, buffer }, [buffer]);
    assert.equal(buffer.byteLength, 0);
    assert.equal(copy.view.buffer, copy.buffer);
    assert.equal(copy.view.byteOffset, 2);
    assert.deepStrictEqual([...new Uint8Array(copy.buffer)], [1, 2, 3, 4]);
  });

  it('assigns indexes in the order of the walk, then of the list', () => {
    const [a, b, c] = [1, 2, 3].map((n) => new Uint8Array(n).buffer);
    const shared = new SharedArrayBuffer(9);
    const order = [];
    const { codec: listing } = createSide({ attach: (buffer) => order.push(buffer) - 1 });
    encoded([b, shared, { b, a }], [a, c, b], listing);
    assert.deepStrictEqual(
      order.map((buffer) => buffer.byteLength),
      [2, 9, 1, 3],
    );
  });

  it('moves a Buffer that is no slice, and copies none that moves', () => {
    const buffer = new ArrayBuffer(100);
    const slice = Buffer.from(buffer, 10, 5);
    const copy = roundTrip(slice, [buffer]);
    assert.equal(copy.byteOffset, 10);
    assert.equal(copy.buffer.byteLength, 100);
    assert.equal(buffer.byteLength, 0);
  });

  it('detaches buffers that the value does not contain', () => {
    const buffer = new ArrayBuffer(8);
    assert.equal(roundTrip(5, [buffer]), 5);
    assert.equal(buffer.byteLength, 0);
  });

  it('refuses lists that hold anything else', () => {
    const buffer = new ArrayBuffer(8);
    const detached = new ArrayBuffer(8);
    structuredClone(detached, { transfer: [detached] });
    const lists = [
      [[buffer, new SharedArrayBuffer(1)], 'transfer[1]', /SharedArrayBuffer cannot be transferred/],
      [[buffer, new Uint8Array(1)], 'transfer[1]', /only an ArrayBuffer can be transferred/],
      [[{}], 'transfer[0]', /only an ArrayBuffer/],
      [[null], 'transfer[0]', /only an ArrayBuffer/],
      [[new Proxy({}, {})], 'transfer[0]', /only an ArrayBuffer/],
      [[buffer, detached], 'transfer[1]', /detached/],
      [[buffer, buffer], 'transfer[1]', /listed twice/],
    ];
    for (const [transfer, where, pattern] of lists) {
      const error = failure([buffer], 'args', transfer);
      assert.ok(error instanceof CloneError);
      assert.equal(error.where, where);
      assert.ok(error.message.startsWith(`${where}: `));
      assert.match(error.message, pattern);
    }
    assert.equal(buffer.byteLength, 8);
  });

  it('detaches nothing if the value cannot be cloned', () => {
    const buffer = new ArrayBuffer(8);
    failure([buffer, () => {}], 'args', [buffer]);
    failure(
      [
        buffer,
        {
          get x() {
            throw new Error('x');
          },
        },
      ],
      'args',
      [buffer],
    );
    assert.equal(buffer.byteLength, 8);
    const other = new ArrayBuffer(8);
    const sly = {
      get x() {
        structuredClone(other, { transfer: [other] });
        return 1;
      },
    };
    assert.match(failure([buffer, sly], 'args', [buffer, other]).message, /^transfer\[1\]: .*detached while/);
    assert.equal(buffer.byteLength, 8);
  });

  it('moves buffers that the platform says go with the message', () => {
    const mine = new ArrayBuffer(8);
    const { codec: owning } = createSide({ isOwned: (buffer) => buffer === mine });
    const copy = roundTrip([new Uint8Array(mine), new ArrayBuffer(4)], undefined, owning);
    assert.equal(mine.byteLength, 0);
    assert.equal(copy[0].length, 8);
  });
});

describe('codec: what cannot be cloned', () => {
  const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
  const cases = {
    'a function': [() => {}, /a function cannot be cloned/],
    'a named function': [function handler() {}, /function handler cannot be cloned/],
    'a class': [class Foo {}, /function Foo cannot be cloned/],
    'a symbol': [Symbol('s'), /a symbol cannot be cloned/],
    'a Symbol object': [Object(Symbol('s')), /a Symbol object cannot be cloned/],
    'a Proxy': [new Proxy({}, {}), /a Proxy cannot be cloned/],
    'a Proxy of an array': [new Proxy([], {}), /a Proxy cannot be cloned/],
    'a revoked Proxy': [revoked(), /a Proxy cannot be cloned/],
    'a Promise': [Promise.resolve(), /a Promise cannot be cloned \(await it first\)/],
    'a WeakMap': [new WeakMap(), /a WeakMap cannot be cloned/],
    'a WeakSet': [new WeakSet(), /a WeakSet cannot be cloned/],
    'a WeakRef': [new WeakRef({}), /a WeakRef cannot be cloned/],
    'a FinalizationRegistry': [new FinalizationRegistry(() => {}), /a FinalizationRegistry cannot/],
    'a generator': [(function* g() {})(), /a generator cannot be cloned/],
    'an async generator': [(async function* g() {})(), /a generator cannot be cloned/],
    'an array iterator': [[].values(), /an Array Iterator cannot be cloned/],
    'a map iterator': [new Map().keys(), /a Map Iterator cannot be cloned/],
    'a WebAssembly.Module': [new WebAssembly.Module(wasm), /a WebAssembly.Module cannot .* bytes/],
    'a WebAssembly.Memory': [new WebAssembly.Memory({ initial: 1 }), /a WebAssembly.Memory cannot/],
    'an Intl object': [new Intl.NumberFormat(), /an Intl.NumberFormat cannot be cloned/],
    'a URL': [new URL('http://localhost/'), /a URL cannot be cloned/],
    'an AbortSignal': [AbortSignal.abort(), /an AbortSignal cannot be cloned/],
    'a Blob': [new Blob(['x']), /a Blob cannot be cloned/],
  };

  function revoked() {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }

  for (const [name, [value, pattern]] of Object.entries(cases)) {
    it(`refuses ${name}`, () => {
      const error = failure([1, { user: { socket: value } }]);
      assert.ok(error instanceof CloneError);
      assert.equal(error.where, 'args[1].user.socket');
      assert.ok(error.message.startsWith('args[1].user.socket: '));
      assert.match(error.message, pattern);
      assert.match(error.message, / \(.+\)$/);
    });
  }

  it('refuses a module namespace', async () => {
    const error = failure([await import('node:path')]);
    assert.match(error.message, /^args\[0\]: a module namespace cannot be cloned/);
  });

  it('runs no traps', () => {
    const trap = () => {
      throw new Error('trapped');
    };
    const handler = new Proxy({}, { get: trap });
    assert.match(failure([new Proxy({}, handler)]).message, /^args\[0\]: a Proxy/);
  });

  it('tells where it is', () => {
    const bad = () => {};
    const key = { k: 1 };
    const places = {
      '': bad,
      '[0]': [bad],
      '[12]': Object.assign(new Array(20).fill(1), { 12: bad }),
      '[999999]': Object.assign(new Array(1e6), { 999999: bad }),
      '.a.b[1].c': { a: { b: [0, { c: bad }] } },
      '["odd key"]': { 'odd key': bad },
      '["1a"]["\u20ac"]': { '1a': { '\u20ac': bad } },
      '.named': Object.assign([], { named: bad }),
      '<key 0>': new Map([[bad, 1]]),
      '<key 1>.x': new Map([
        [1, 1],
        [{ x: bad }, 1],
      ]),
      '<value of "k">': new Map([['k', bad]]),
      '<value of 5>[0]': new Map([[5, [bad]]]),
      '<value of null>': new Map([[null, bad]]),
      '<value 1>.y': new Map([
        [1, 1],
        [key, { y: bad }],
      ]),
      '<item 2>': new Set([1, 2, bad]),
      '.cause': new Error('e', { cause: bad }),
      '.errors[0]': new AggregateError([bad]),
      '.extra.z': Object.assign(new Error('e'), { extra: { z: bad } }),
    };
    for (const [where, value] of Object.entries(places)) {
      assert.equal(failure(value).where, `args${where}`);
      assert.equal(failure({ value }, 'result').where, `result.value${where}`);
    }
  });

  it('tells where it is, however deep', () => {
    const wrap = (value, depth) => {
      for (let i = 0; i < depth; i++) value = { v: value };
      return value;
    };
    for (const depth of [1, 30, 39, 40]) {
      assert.equal(failure(wrap(Symbol('s'), depth)).where, `args${'.v'.repeat(depth)}`);
    }
    const { where } = failure(wrap([Symbol('s')], 70000));
    assert.match(where, /^args(\.v){10,40}…(\.v){10,40}\[0\]$/);
  });
});

describe('codec: handles', () => {
  class Channel {}

  it('sends objects by reference', () => {
    const channel = new Channel();
    const known = [channel];
    const asked = [];
    const { codec: withHandles } = createSide({
      encodeHandle(object) {
        asked.push(object);
        return known.indexOf(object) === -1 ? -1 : 2 ** 40;
      },
      decodeHandle(handle) {
        assert.equal(handle, 2 ** 40);
        return known[0];
      },
    });
    const map = new Map([['again', channel]]);
    const copy = roundTrip({ channel, map, plain: {}, list: [] }, undefined, withHandles);
    assert.equal(copy.channel, channel);
    assert.equal(copy.map.get('again'), channel);
    assert.deepStrictEqual(asked, [channel, map]);
    assert.throws(() => decoded(encoded(channel, undefined, withHandles)), /unexpected handle/);
  });
});

describe('codec: tampered realms', () => {
  const TAMPER = `
    const attack = () => { throw new Error('user code was called'); };
    const { defineProperty, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf } = Object;
    const typedArray = getPrototypeOf(Uint8Array.prototype);
    const names = [...getOwnPropertyNames(globalThis)];
    const prototypes = [typedArray, getPrototypeOf([].values()), getPrototypeOf(new Map().keys())];
    const statics = [Object, Reflect, Array, ArrayBuffer, String, Number, BigInt, JSON, Math, Error, Symbol];
    for (const name of names) {
      const value = globalThis[name];
      if (typeof value === 'function' && value.prototype && value !== Object) prototypes.push(value.prototype);
    }
    for (const object of [...prototypes, ...statics]) {
      for (const key of [...getOwnPropertyNames(object), ...getOwnPropertySymbols(object)]) {
        if (key === 'constructor' || key === 'name' || key === 'length') continue;
        const descriptor = Object.getOwnPropertyDescriptor(object, key);
        if (!descriptor.configurable) continue;
        if (typeof descriptor.value === 'function') kept(object, key);
        else if (descriptor.get) kept(object, key, true);
      }
    }
    function kept(object, key, isGetter) {
      later.push(() => (isGetter
        ? defineProperty(object, key, { get: attack, set: attack })
        : defineProperty(object, key, { value: attack })));
    }
    for (const key of ['value', 'writable', 'enumerable', 'configurable', 'a', 'b', 'name', 'maxByteLength', 'get', 'set']) {
      const descriptor = { __proto__: null, get: attack, set: attack };
      later.push(() => defineProperty(Object.prototype, key, descriptor));
    }
    for (const name of ['Map', 'Set', 'Date', 'RegExp', 'Uint8Array', 'DataView', 'ArrayBuffer', 'BigInt', 'String']) {
      later.push(() => { globalThis[name] = attack; });
    }
    for (let i = 0; i < later.length; i++) later[i]();
  `;

  // Node's natives look at properties of the array, which is one of the tampered realm here.
  const getters = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(Uint8Array.prototype));
  const own = (bytes) =>
    new Uint8Array(getters.buffer.get.call(bytes), getters.byteOffset.get.call(bytes), getters.length.get.call(bytes));
  const natives = {};
  for (const name of ['writeLatin1', 'writeUtf16', 'readLatin1', 'readUtf16']) {
    natives[name] = (bytes, ...args) => side.platform[name](own(bytes), ...args);
  }

  it('works without Node, and whatever user code has replaced', () => {
    const context = vm.createContext({ later: [] });
    assert.equal(
      vm.runInContext('typeof Buffer + typeof structuredClone + typeof require', context),
      'undefinedundefinedundefined',
    );
    const { codec: inside } = createSide(natives, evaluateIn(context));
    const values = vm.runInContext(
      `({
      a: 1, b: -1.5, text: 'x'.repeat(100), wide: '\\u20ac'.repeat(100), short: '\\u20ac', big: 2n ** 100n, small: 5n,
      list: [1, 2.5, 'x', , { a: 1 }], numbers: Array.from({ length: 100 }, (_, i) => i / 3), sparse: [1, ,],
      map: new Map([['k', { b: 2 }], [{ a: 1 }, 2]]), set: new Set([1, { a: 2 }]), date: new Date(5), regExp: /x+/gi,
      boxed: [Object(1), Object('s'), Object(true), Object(1n)], bytes: new Uint8Array([1, 2, 3]),
      doubles: new Float64Array(100).fill(1.5), view: new DataView(new ArrayBuffer(8), 2, 4),
      resizable: new ArrayBuffer(4, { maxByteLength: 8 }), none: Object.create(null),
      error: new TypeError('m', { cause: { a: 1 } }), aggregate: new AggregateError([new Error('x')], 'm'),
      records: [{ id: 1, a: 'x' }, { id: 2, a: 'y' }], big2: Object.fromEntries(Array.from({ length: 50 }, (_, i) => ['k' + i, i])),
      named: Object.assign([1], { a: 2 }), long: Object.assign(new Array(100).fill(0), { a: 2 }), holes: new Array(1000),
      instance: new (class Point { a = 1 })(),
    })`,
      context,
    );
    values.self = values;
    values.error.stack; // Made when first read, by code of Node.
    values.aggregate.stack;
    values.aggregate.errors[0].stack;
    const expected = roundTrip(values);
    vm.runInContext(TAMPER, context);
    assert.throws(
      () => vm.runInContext('[].map(1)', context),
      (error) => error.message === 'user code was called',
    );
    assert.throws(
      () => vm.runInContext('({}).a', context),
      (error) => error.message === 'user code was called',
    );

    const result = roundTrip(values, undefined, inside);
    // Back through an untouched codec, whose realm's prototypes can be compared.
    assert.deepStrictEqual(roundTrip(result), expected);
    // Messages from outside, too.
    assert.deepStrictEqual(roundTrip(decoded(encoded(expected), inside)), expected);
  });

  it('bears frozen built-ins', () => {
    const context = vm.createContext();
    const { codec: inside } = createSide({}, evaluateIn(context));
    vm.runInContext(
      `
      for (const name of Object.getOwnPropertyNames(globalThis)) {
        const value = globalThis[name];
        if (typeof value === 'function') { Object.freeze(value); if (value.prototype) Object.freeze(value.prototype); }
      }
      Object.freeze(Object.getPrototypeOf(Uint8Array.prototype));
    `,
      context,
    );
    const value = {
      a: 1,
      constructor: 2,
      toString: 3,
      error: new Error('m'),
      map: new Map([[1, { name: 2 }]]),
      list: [1, 2],
    };
    assert.deepStrictEqual(roundTrip(roundTrip(value, undefined, inside)), roundTrip(value));
  });
});

describe('codec: messages', () => {
  /** A bit of everything, in a few hundred bytes. */
  const sample = () => {
    const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
    const sparse = new Array(500);
    sparse[300] = 1;
    const value = {
      ints: [1, -1, 200, -200, 70000, 2 ** 40],
      double: 0.1,
      big: 2n ** 80n,
      small: 7n,
      text: 'hello',
      wide: '\u20ac',
      long: 'x'.repeat(50),
      list: Array.from({ length: 12 }, (_, i) => i),
      doubles: Array.from({ length: 12 }, (_, i) => i / 4),
      map: new Map([['k', { v: 1 }]]),
      set: new Set(['a', 'b']),
      date: new Date(5),
      regExp: /x/g,
      boxed: Object('s'),
      records: [
        { id: 1, n: 'a' },
        { id: 2, n: 'b' },
      ],
      views: [new Uint16Array(buffer, 2), new DataView(buffer)],
      error: Object.assign(new RangeError('m', { cause: [1] }), { stack: 'stack' }),
      sparse,
      resizable: new ArrayBuffer(4, { maxByteLength: 8 }),
      named: Object.assign([1, 2, 3], { name: 'x' }),
      nothing: undefined,
    };
    value.self = value;
    let deep = { leaf: 1 };
    for (let i = 0; i < 70; i++) deep = [deep];
    value.deep = deep;
    return value;
  };

  it('decodes no prefix of a message', () => {
    const writer = encoded(sample());
    assert.ok(writer.pos < 1000);
    assert.deepStrictEqual(decoded(writer), structuredClone(sample()));
    for (let end = 0; end < writer.pos; end++) {
      assert.throws(() => codec.decode(writer.bytes, writer.view, 0, end), Error, `prefix of ${end}`);
    }
    assert.deepStrictEqual(decoded(writer), structuredClone(sample()));
  });

  it('survives damaged messages', () => {
    const writer = encoded(sample());
    const next = random(42);
    const start = performance.now();
    const original = writer.bytes.slice();
    for (let i = 0; i < 20000; i++) {
      writer.bytes.set(original);
      const changes = 1 + Math.floor(next() * 4);
      for (let c = 0; c < changes; c++) writer.bytes[Math.floor(next() * writer.pos)] = next() * 256;
      try {
        decoded(writer);
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    }
    assert.ok(performance.now() - start < 60000);
    same({ still: 'fine' });
  });

  it('survives noise', () => {
    const next = random(7);
    for (let i = 0; i < 20000; i++) {
      const bytes = Uint8Array.from({ length: 1 + Math.floor(next() * 60) }, () => next() * 256);
      bytes[0] = next() < 0.5 ? 0x01 : 0x81;
      if (next() < 0.5) for (let k = 1; k < bytes.length; k++) bytes[k] &= 0x7f;
      try {
        codec.decode(bytes, new DataView(bytes.buffer), 0, bytes.length);
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    }
  });

  it('claims no memory that a message does not account for', () => {
    const claims = [
      [0x01, 0x14, 0xfe, 0xff, 0xff, 0xff, 0xff], // a buffer of 4 GB
      [0x01, 0x08, 0xfe, 0xff, 0xff, 0xff, 0x7f], // a string of 2 GB
      [0x01, 0x0c, 0xfe, 0xff, 0xff, 0xff, 0x01, 0x1e, 0, 0, 0, 0], // a sparse array, which is fine
      [0x01, 0x0e, 0xfe, 0xff, 0xff, 0xff, 0x7f], // a map
      [0x01, 0x0b, 0xfe, 0xff, 0xff, 0xff, 0x7f], // an object
      [0x01, 0x0c, 0xfe, 0xff, 0xff, 0xff, 0x7f, 0x1d, 0xff, 0xff, 0xff, 0x7f], // doubles
    ];
    const before = process.memoryUsage().rss;
    for (const claim of claims) {
      const bytes = Uint8Array.from(claim);
      try {
        codec.decode(bytes, new DataView(bytes.buffer), 0, bytes.length);
      } catch (error) {
        assert.match(error.message, /^Damaged message/);
      }
    }
    assert.ok(process.memoryUsage().rss - before < 100e6);
  });

  it('refuses other versions, and what follows a message', () => {
    const writer = encoded(1);
    writer.bytes[0] = 2;
    assert.throws(() => decoded(writer), /another version/);
    const longer = encoded(1);
    longer.pos++;
    longer.reserve(1);
    assert.throws(() => codec.decode(longer.bytes, longer.view, 0, 3), /does not end/);
  });

  it('appends, and decodes at any offset and from any memory', () => {
    const writer = new codec.Writer(1);
    const values = [1, 'two', { three: [3.5, 2n ** 63n - 1n] }, Array.from({ length: 100 }, (_, i) => i / 2)];
    const ends = values.map((value) => {
      codec.encode(value, writer, 'value');
      return writer.pos;
    });
    values.forEach((value, i) => {
      assert.deepStrictEqual(codec.decode(writer.bytes, writer.view, ends[i - 1] ?? 0, ends[i]), value);
    });
    const elsewhere = new Uint8Array(new SharedArrayBuffer(writer.pos + 7), 7);
    elsewhere.set(writer.bytes.subarray(0, writer.pos));
    const view = new DataView(elsewhere.buffer, 7);
    values.forEach((value, i) => {
      assert.deepStrictEqual(codec.decode(elsewhere, view, ends[i - 1] ?? 0, ends[i]), value);
    });
  });

  it('always has the same bytes', () => {
    const value = { id: 1, name: 'x', list: [1, 2, 3], nested: { id: 2 }, pi: 3.5, none: null };
    assert.equal(
      hex(encoded(value)),
      '01660269640' +
        '46e616d65046c697374066e6573746564027069046e6f6e65' +
        '8141787381828361026964820500000000000' +
        '00c4001',
    );
  });

  it('does not mix up messages', () => {
    const record = { id: 1, name: 'x' };
    for (let i = 0; i < 3; i++) same([record, record, { id: 2, name: 'y' }]);
    const first = hex(encoded(record));
    failure([record, record, () => {}]);
    assert.equal(hex(encoded(record)), first);
  });
});

describe('codec: random values', () => {
  function randomValue(next, depth, seen) {
    const pick = Math.floor(next() * (depth > 0 ? 22 : 12));
    const text = () => {
      const length = Math.floor(next() ** 3 * 60);
      const wide = next() < 0.2;
      return Array.from({ length }, () => String.fromCharCode(next() * (wide ? 0x10000 : 0x100))).join('');
    };
    const size = () => Math.floor(next() ** 2 * 14);
    const inner = () => randomValue(next, depth - 1, seen);
    const keep = (object) => {
      seen.push(object);
      return object;
    };
    switch (pick) {
      case 0:
        return undefined;
      case 1:
        return null;
      case 2:
        return next() < 0.5;
      case 3:
        return Math.floor(next() * 300) - 150;
      case 4:
        return Math.floor((next() - 0.5) * 2 ** 40);
      case 5:
        return (next() - 0.5) * 10 ** Math.floor(next() * 40);
      case 6:
        return BigInt.asIntN(Math.floor(next() * 130), BigInt(Math.floor(next() * 2 ** 52)) ** 3n);
      case 7:
      case 8:
        return text();
      case 9:
        return [-0, NaN, Infinity, 2 ** 31, -(2 ** 31)][Math.floor(next() * 5)];
      case 10:
        return keep(new Date(Math.floor(next() * 1e13)));
      case 11:
        return seen.length > 0 ? seen[Math.floor(next() * seen.length)] : 'none';
      case 12:
      case 13:
      case 14: {
        const object = keep({});
        for (let n = size(); n > 0; n--) object[next() < 0.7 ? 'abcdefgh'[Math.floor(next() * 8)] : text()] = inner();
        return object;
      }
      case 15:
      case 16: {
        const array = keep([]);
        for (let n = size() * (next() < 0.1 ? 10 : 1); n > 0; n--) {
          if (next() < 0.05) array.length += Math.floor(next() * 100);
          else array.push(next() < 0.6 ? next() * 10 : inner());
        }
        if (next() < 0.1) array[text()] = inner();
        return array;
      }
      case 17: {
        const map = keep(new Map());
        for (let n = size(); n > 0; n--) map.set(inner(), inner());
        return map;
      }
      case 18: {
        const set = keep(new Set());
        for (let n = size(); n > 0; n--) set.add(inner());
        return set;
      }
      case 19:
        return keep(Object([1, 's', true, 5n][Math.floor(next() * 4)]));
      case 20: {
        const Class = [Uint8Array, Float64Array, Int16Array, BigInt64Array][Math.floor(next() * 4)];
        return keep(new Class(new ArrayBuffer(32), 8, Math.floor(next() * 3)));
      }
      default: {
        const Class = [Error, TypeError, RangeError][Math.floor(next() * 3)];
        return keep(new Class(text(), next() < 0.5 ? { cause: inner() } : undefined));
      }
    }
  }

  it('agrees with structuredClone', () => {
    for (let seed = 1; seed <= 1500; seed++) {
      const value = randomValue(random(seed), 4, []);
      const expected = structuredClone(value);
      try {
        assert.deepStrictEqual(roundTrip(value), expected);
      } catch (error) {
        error.message = `seed ${seed}: ${error.message}`;
        throw error;
      }
    }
  });
});

describe('codec: the host', () => {
  const { platform } = side;

  it('numbers the kinds of objects', () => {
    assert.equal(codec.BRAND, BRAND);
    assert.deepStrictEqual(
      Object.values(BRAND),
      Array.from({ length: 25 }, (_, i) => i),
    );
    assert.ok(Object.isFrozen(BRAND));
    const brands = [
      [{}, BRAND.PLAIN],
      [Object.create(null), BRAND.PLAIN],
      [[], BRAND.ARRAY],
      [new Map(), BRAND.MAP],
      [new Set(), BRAND.SET],
      [new Date(), BRAND.DATE],
      [/x/, BRAND.REGEXP],
      [new Error(), BRAND.ERROR],
      [Object(true), BRAND.BOXED_BOOLEAN],
      [Object(1), BRAND.BOXED_NUMBER],
      [Object(''), BRAND.BOXED_STRING],
      [Object(1n), BRAND.BOXED_BIGINT],
      [new ArrayBuffer(1), BRAND.ARRAY_BUFFER],
      [new SharedArrayBuffer(1), BRAND.SHARED_ARRAY_BUFFER],
      [new Uint8Array(1), BRAND.TYPED_ARRAY],
      [new DataView(new ArrayBuffer(1)), BRAND.DATA_VIEW],
      [new Proxy({}, {}), BRAND.PROXY],
      [Promise.resolve(), BRAND.PROMISE],
      [new WeakMap(), BRAND.WEAK],
      [Object(Symbol('s')), BRAND.SYMBOL_OBJECT],
    ];
    for (const [object, brand] of brands) assert.equal(platform.brandOf(object), brand);
    for (const [object, brand] of brands) {
      if (brand === BRAND.PROXY || brand === BRAND.ERROR) continue;
      Object.setPrototypeOf(object, null);
      assert.equal(platform.brandOf(object), brand);
    }
  });

  it('does not believe a Symbol.toStringTag', () => {
    for (const tag of ['URL', 'WeakRef', 'Intl.NumberFormat', 'Array Iterator', 'Map', 5, 'toString']) {
      same(
        new (class {
          x = 1;
          get [Symbol.toStringTag]() {
            return tag;
          }
        })(),
      );
    }
    class Words extends (globalThis.Iterator ?? Object) {
      words = ['a'];
    }
    same(new Words());
  });

  it('finds named keys of long arrays', () => {
    for (const length of [0, 1, 64, 65, 1000, 1e6, 1e9]) {
      const array = new Array(length);
      assert.equal(platform.namedKeys(array), null);
      array.name = 1;
      if (length < 1e9) assert.deepStrictEqual(platform.namedKeys(array), ['name']);
    }
    const full = new Array(1e6).fill(0);
    const start = performance.now();
    for (let i = 0; i < 100; i++) platform.namedKeys(full);
    assert.ok(performance.now() - start < 1000);
  });
});
