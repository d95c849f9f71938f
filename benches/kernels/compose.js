// Functions made at run time out of functions: deep chains of calls, none of which V8 knows before.

function kernel(n) {
  const compose =
    (...fns) =>
    (x) =>
      fns.reduceRight((value, fn) => fn(value), x);
  const pipe = (first, ...rest) => rest.reduce((f, g) => (x) => g(f(x)), first);
  const curry = (fn) => (a) => (b) => fn(a, b);
  const flip = (fn) => (a, b) => fn(b, a);
  const partial =
    (fn, ...bound) =>
    (...rest) =>
      fn(...bound, ...rest);
  const times = (count, fn) => (count === 0 ? (x) => x : (x) => fn(times(count - 1, fn)(x)));
  const memoize = (fn) => {
    const known = new Map();
    return (x) => {
      if (!known.has(x)) known.set(x, fn(x));
      return known.get(x);
    };
  };
  const counter = () => {
    let count = 0;
    return { next: () => ++count, add: (by) => (count += by) };
  };

  const add = curry((a, b) => (a + b) | 0);
  const multiply = curry((a, b) => Math.imul(a, b));
  const subtract = flip((a, b) => b - a);
  const clamp = partial((low, high, x) => Math.min(Math.max(x, low), high), 0, 1 << 20);

  const scramble = pipe(
    add(3),
    multiply(17),
    (x) => x ^ (x >>> 7),
    add(-5),
    multiply(9),
    (x) => x & 0xfffff,
  );
  const fold = compose(clamp, add(1), (x) => subtract(x, 7), scramble);
  const thrice = times(3, scramble);
  const known = memoize((x) => fold(x) + thrice(x));
  const counters = Array.from({ length: 16 }, counter);

  let sum = 0;
  for (let i = 0; i < n; i++) {
    sum = (sum + fold(i) + thrice(i) + known(i & 1023)) | 0;
    const { next, add: addTo } = counters[i & 15];
    sum = (sum + next() + addTo(i & 3)) | 0;
  }
  return sum;
}

module.exports = { name: 'compose', group: 'closures', size: 150000, kernel };
