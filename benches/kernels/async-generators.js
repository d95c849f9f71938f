// Async generators in a pipeline: both kinds of suspension in one function.

function setup() {
  async function* source(count) {
    for (let i = 0; i < count; i++) {
      if (i % 4 === 0) await null;
      yield i;
    }
  }
  async function* map(values, fn) {
    for await (const value of values) yield fn(value);
  }
  async function* chunks(values, size) {
    let chunk = [];
    for await (const value of values) {
      chunk.push(value);
      if (chunk.length === size) {
        yield chunk;
        chunk = [];
      }
    }
    if (chunk.length > 0) yield chunk;
  }

  return { source, map, chunks };
}

async function kernel(n, { source, map, chunks }) {
  let hash = 0;
  let count = 0;
  const scrambled = map(source(n), async (value) => Math.imul(value, 40503) ^ (value >> 3));
  for await (const chunk of chunks(scrambled, 16)) {
    for (const value of chunk) hash = (Math.imul(hash, 31) + value) | 0;
    count++;
  }
  // A plain iterable of promises goes through the adapter from sync to async.
  for await (const value of Array.from({ length: n >> 2 }, (_, i) => Promise.resolve(i))) hash = (hash + value) | 0;
  return `${count}:${hash}`;
}

module.exports = { name: 'async-generators', group: 'async', size: 120000, setup, kernel };
