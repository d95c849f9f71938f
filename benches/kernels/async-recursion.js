// A tree of async calls, most of which do not wait for anything: the price of the promise alone.

async function kernel(n) {
  async function fib(k) {
    if (k < 2) return k;
    return (await fib(k - 1)) + (await fib(k - 2));
  }

  async function sort(values) {
    if (values.length < 2) return values;
    const [pivot, ...rest] = values;
    const [low, high] = await Promise.all([
      sort(rest.filter((value) => value < pivot)),
      sort(rest.filter((value) => value >= pivot)),
    ]);
    return [...low, pivot, ...high];
  }

  const sorted = await sort(Array.from({ length: n * 100 }, (_, i) => (i * 7919) % 10007));
  return `${await fib(n)}:${sorted[n]}:${sorted.length}`;
}

module.exports = { name: 'async-recursion', group: 'async', size: 28, kernel };
