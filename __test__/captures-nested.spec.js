'use strict';

// Modules, and what they export, within captured values: as compilers to CommonJS leave them.

const assert = require('node:assert/strict');
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, describe, it } = require('node:test');
const timersPromises = require('node:timers/promises');
const streamPromises = require('node:stream/promises');
const url = require('node:url');
const util = require('node:util');
const createCodec = require('../src/message/codec/index.js');
const { createPlatform } = require('../lib/clone-platform.js');
const { CaptureError, shutdown, spawn } = require('../lib/index.js');

const folder = mkdtempSync(join(tmpdir(), 'captures-nested-'));
after(async () => {
  await shutdown();
  rmSync(folder, { recursive: true });
});

/** A package with internals that cannot be shipped. */
function addPackage(name, source) {
  const path = join(folder, 'node_modules', name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, main: 'index.js' }));
  writeFileSync(join(path, 'index.js'), source);
  return () => require(path);
}

const INTERNALS = `
  const internals = { cell: new WeakMap(), token: Promise.resolve() };
  exports.Inner = { map: { each: (list) => internals && list.map((x) => x + 1), internals } };
  exports.element = (kind) => ({ kind, has: internals.cell !== undefined });
  exports.internals = internals;
  exports.isSame = (other) => other === module.exports;
`;
const react = addPackage('like-react', INTERNALS)();
const later = addPackage('like-react-later', INTERNALS);
const accessors = addPackage(
  'with-accessors',
  `${INTERNALS}; Object.defineProperty(exports, 'late', { enumerable: true, get() { throw new Error('never'); } });`,
)();

const interop = (exports) => (exports?.__esModule ? exports : { default: exports });
/** As TypeScript does it. */
function importStar(exports) {
  const copy = {};
  for (const key of Object.getOwnPropertyNames(exports)) {
    if (key !== 'default' && key[0] !== '_')
      Object.defineProperty(copy, key, { enumerable: true, get: () => exports[key] });
  }
  copy.default = exports;
  return copy;
}
/** As esbuild does it. */
function toESM(exports) {
  const target = Object.create(Object.getPrototypeOf(exports));
  Object.defineProperty(target, 'default', { value: exports, enumerable: true });
  for (const key of Object.getOwnPropertyNames(exports))
    Object.defineProperty(target, key, { get: () => exports[key], enumerable: true });
  return target;
}

describe('modules within captured values', () => {
  it('are those of the task, if they are of packages', async () => {
    const wrapped = interop(react);
    const deep = { list: [{ react }] };
    const { Inner } = react;
    assert.deepEqual(await spawn(() => Inner.map.each([1])), [2]);
    assert.deepEqual(await spawn(() => wrapped.default.element('a')), { kind: 'a', has: true });
    assert.deepEqual(await spawn(() => [wrapped.default.isSame(deep.list[0].react), wrapped.default === react]), [
      true,
      true,
    ]);
    const esbuilt = toESM(react);
    assert.deepEqual(await spawn(() => [esbuilt.default.isSame(react), esbuilt.element === react.element]), [
      true,
      true,
    ]);
  });

  it('are found also if they were loaded since the last spawn', async () => {
    const wrapped = interop(later());
    assert.equal(await spawn(() => wrapped.default.isSame(wrapped.default)), true);
    const guarded = interop(accessors);
    assert.equal(await spawn(() => guarded.default.isSame(guarded.default)), true);
  });

  it("are those of the task, if they are Node's own", async () => {
    const wrapped = interop(util);
    const starred = importStar(url);
    assert.equal(await spawn(() => wrapped.default.format('%s', 1)), '1');
    assert.deepEqual(await spawn(() => [new starred.URL('http://a/b').pathname, typeof starred.default.format]), [
      '/b',
      'function',
    ]);
    const both = { util, again: { util } };
    assert.equal(await spawn(() => both.util === both.again.util && both.util.types.isMap(new Map())), true);
  });

  it('are built-ins of the language and of tasks, too', async () => {
    const given = { math: Math, out: console, all: globalThis };
    assert.deepEqual(await spawn(() => [given.math === Math, given.out === console, given.all === globalThis]), [
      true,
      true,
      true,
    ]);
  });

  it('are an error if tasks do not have them, with the path', () => {
    const given = { files: { fs: require('node:fs') } };
    assert.throws(
      () => spawn(() => given.files.fs.readFileSync('x')),
      (error) =>
        error instanceof CaptureError &&
        /'given' \(given\.files\.fs[^)]*\)/.test(error.message) &&
        /built-in of Node/.test(error.message),
    );
  });

  it('are found in what functions have as properties, and in functions that are sent', async () => {
    const render = (kind) => render.using.react.element(kind);
    render.using = { react };
    assert.equal((await spawn(() => render('b'))).kind, 'b');
    assert.equal((await spawn((fn) => fn('c'), render)).kind, 'c');
  });

  it('leaves data of modules what it is here', async () => {
    const given = { env: process.env, constants: require('node:fs').constants };
    process.env.CAPTURES_NESTED = 'set here';
    assert.equal(await spawn(() => given.env.CAPTURES_NESTED), 'set here');
    assert.equal(await spawn(() => given.constants.R_OK), 4);
  });
});

describe('promises of timers and streams', () => {
  it('can be captured', async () => {
    const { setTimeout: delay } = timersPromises;
    const { pipeline, finished } = streamPromises;
    assert.equal(await spawn(async () => await delay(1, 'value')), 'value');
    assert.equal(await spawn(async () => await timersPromises.setTimeout(1, 'value')), 'value');
    assert.deepEqual(
      await spawn(() => [typeof pipeline, typeof finished, typeof streamPromises.finished]),
      Array(3).fill('function'),
    );
  });
});

describe('an export that the receiver lacks', () => {
  it('is an error when it is used, and no damage', () => {
    const options = { makeError: (message) => new Error(message), attach: () => 0, take: () => undefined };
    const codec = createCodec({
      ...createPlatform(options),
      nameKnown: (value) => {
        if (value === url.domainToUnicode) return 'module:{"node":"url","path":["domainToUnicode"]}';
        return value === Math.max ? 'global:["Math","max"]' : undefined;
      },
      shipFunction: () => ['a function', 'do not'],
      makeFunction: () => undefined,
      known: () => undefined,
    });
    const writer = new codec.Writer();
    const { domainToUnicode } = url;
    codec.encode({ a: domainToUnicode, b: domainToUnicode, c: Math.max }, writer, 'value');
    const { a, b, c } = codec.decode(writer.bytes, writer.view, 0, writer.pos);
    assert.equal(a, b);
    assert.equal(a.name, 'domainToUnicode');
    assert.throws(a, { name: 'TypeError', message: 'domainToUnicode of node:url is not there in tasks' });
    assert.throws(c, { name: 'TypeError', message: 'max of Math is not there in tasks' });
  });
});

describe('symbols', () => {
  const iterator = Symbol.iterator;
  const custom = Symbol.for('nodejs.util.inspect.custom');
  const unique = Symbol('unique');

  it('are captured if they are well-known', async () => {
    const held = { symbols: [Symbol.asyncIterator, iterator, iterator], keyed: new Map([[iterator, 1]]) };
    assert.deepEqual(
      await spawn(() => [
        iterator === Symbol.iterator,
        held.symbols[0] === Symbol.asyncIterator,
        held.symbols[1] === held.symbols[2],
        held.keyed.get(Symbol.iterator),
      ]),
      [true, true, true, 1],
    );
  });

  it('are captured if they are registered', async () => {
    assert.deepEqual(await spawn(() => [typeof custom, custom === Symbol.for('nodejs.util.inspect.custom')]), [
      'symbol',
      true,
    ]);
  });

  it('are an error if they are neither, and among arguments', () => {
    assert.throws(
      () => spawn(() => unique),
      (error) =>
        error instanceof CaptureError && /captures 'unique'.*: a symbol cannot be captured/.test(error.message),
    );
    assert.throws(() => spawn((symbol) => symbol, iterator), /args\[0\]: a symbol cannot be cloned/);
  });
});

describe('deep values', () => {
  it('are captured however deep they are, and are what they are elsewhere', async () => {
    class Node {
      constructor(next) {
        this.next = next;
      }
      get isLast() {
        return this.next === undefined;
      }
    }
    for (const depth of [60, 61, 62, 63, 64, 65, 66, 200]) {
      let list;
      let plain = 'end';
      for (let i = 0; i < depth; i++) {
        list = new Node(list);
        plain = [plain];
      }
      const run = () => {
        let count = 0;
        let at = list;
        for (; !at.isLast; at = at.next) count++;
        return [count, at instanceof Node, plain.flat(Infinity)];
      };
      assert.deepEqual(await spawn(run), run());
      assert.deepEqual(await spawn((given) => [given.flat(Infinity), plain.length], plain), [['end'], 1]);
    }
  });
});
