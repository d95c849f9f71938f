/**
 * Times the message format beside the engine's own serializer:
 *
 *     node benches/codec.js
 */

const v8 = require('node:v8');
const createCodec = require('../src/message/codec/index.js');
const { createPlatform } = require('../lib/clone-platform.js');

const codec = createCodec(
  createPlatform({
    makeError: (message) => new Error(message),
    attach: () => 0,
    take: () => new ArrayBuffer(0),
  }),
);

const record = (i) => ({ id: i, name: `user ${i}`, score: i * 1.5, active: i % 2 === 0 });

const CASES = [
  ['1', 1],
  ["'hello'", 'hello'],
  ["{a:1,b:'x',c:[1,2,3]}", { a: 1, b: 'x', c: [1, 2, 3] }],
  [
    'object of 1 KB',
    {
      id: 123456,
      title: 'The quick brown fox jumps over the lazy dog',
      text: 'lorem ipsum '.repeat(50),
      tags: ['alpha', 'beta', 'gamma', 'delta'],
      author: { name: 'Jane Doe', email: 'jane@example.com', roles: ['admin', 'editor'] },
      numbers: [1, 2.5, -3, 4e10, 0.1, 7],
      nested: { a: { b: { c: { d: true, e: null } } } },
    },
  ],
  ['10,000 doubles', Array.from({ length: 10000 }, (_, i) => i + 0.5)],
  ['10,000 integers', Array.from({ length: 10000 }, (_, i) => i * 100)],
  ['1,000 records', Array.from({ length: 1000 }, (_, i) => record(i))],
  ['1,000 strings', Array.from({ length: 1000 }, (_, i) => `string number ${i}`)],
  ['Map of 100', new Map(Array.from({ length: 100 }, (_, i) => [`key ${i}`, i]))],
  ['new Error()', new Error('message')],
  ['Uint8Array of 64', new Uint8Array(64)],
  ['string of 1 MB', 'x'.repeat(1 << 20)],
];

// Results are kept, so that no engine leaves out the work.
const kept = { value: undefined };

function roundTripOurs(writer, value) {
  writer.pos = 0;
  codec.encode(value, writer, 'value');
  return codec.decode(writer.bytes, writer.view, 0, writer.pos);
}

function roundTripEngine(value) {
  return v8.deserialize(v8.serialize(value));
}

/** The best of several rounds in ns per call: the least disturbed one. */
function time(fn) {
  const start = process.hrtime.bigint();
  let calls = 0;
  do kept.value = fn();
  while (++calls < 20000 && process.hrtime.bigint() - start < 200_000_000n);
  const once = Number(process.hrtime.bigint() - start) / calls;
  const n = Math.max(1, Math.ceil(10e6 / once));
  let best = Infinity;
  for (let round = 0; round < 20; round++) {
    const before = process.hrtime.bigint();
    for (let i = 0; i < n; i++) kept.value = fn();
    best = Math.min(best, Number(process.hrtime.bigint() - before) / n);
  }
  return best;
}

const writer = new codec.Writer();
const row = (...cells) => cells.map((c, i) => (i ? c.padStart(14) : c.padEnd(24))).join('');

console.log(`node ${process.version}, ns per encode and decode`);
console.log(row('', 'codec', 'v8.serialize', 'ratio', 'bytes'));
// All kinds of values once, so that no case is measured with code that knows just this one.
for (let i = 0; i < 200; i++) for (const [, value] of CASES) kept.value = roundTripOurs(writer, value);
for (const [name, value] of CASES) {
  const ours = time(() => roundTripOurs(writer, value));
  const engine = time(() => roundTripEngine(value));
  writer.pos = 0;
  codec.encode(value, writer, 'value');
  console.log(row(name, ours.toFixed(1), engine.toFixed(1), `${(engine / ours).toFixed(1)} x`, String(writer.pos)));
}
