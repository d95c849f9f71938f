// Pipelines of generators: functions that are suspended already, inside of ones that could be.

function setup() {
  function* range(from, to) {
    for (let i = from; i < to; i++) yield i;
  }
  function* map(source, fn) {
    for (const value of source) yield fn(value);
  }
  function* filter(source, test) {
    for (const value of source) if (test(value)) yield value;
  }
  function* take(source, count) {
    let left = count;
    if (left === 0) return;
    for (const value of source) {
      yield value;
      if (--left === 0) return;
    }
  }
  function* pairs(source) {
    let previous;
    for (const value of source) {
      if (previous !== undefined) yield [previous, value];
      previous = value;
    }
  }
  function* flatten(tree) {
    if (Array.isArray(tree)) for (const part of tree) yield* flatten(part);
    else yield tree;
  }
  function* average() {
    let count = 0;
    let total = 0;
    for (;;) {
      total += yield count === 0 ? 0 : total / count;
      count++;
    }
  }

  return { range, map, filter, take, pairs, flatten, average };
}

function kernel(n, { range, map, filter, take, pairs, flatten, average }) {
  let sum = 0;
  const odd = filter(
    map(range(0, n * 4), (x) => Math.imul(x, 7) ^ 3),
    (x) => x % 2 !== 0,
  );
  for (const [a, b] of pairs(take(odd, n))) sum = (sum + (a ^ b)) | 0;

  const nest = (depth) => (depth === 0 ? depth + 1 : [nest(depth - 1), depth, nest(depth - 1)]);
  const tree = nest(8);
  for (let i = 0; i < n; i += 10000) for (const leaf of flatten(tree)) sum = (sum + leaf) | 0;

  const mean = average();
  mean.next();
  let last = 0;
  for (let i = 0; i < n; i++) last = mean.next(i & 255).value;
  return `${sum}:${last}`;
}

module.exports = { name: 'generators', group: 'iterators', size: 200000, setup, kernel };
