// Promises without `await`: callbacks that are called from the microtask queue.

function kernel(n) {
  const step = (value, i) => (Math.imul(value, 31) + i) | 0;
  const delayed = (value) => new Promise((resolve) => queueMicrotask(() => resolve(value)));

  function chain(start, length) {
    let promise = Promise.resolve(start);
    for (let i = 0; i < length; i++) {
      promise = promise.then((value) => (i % 8 === 0 ? delayed(step(value, i)) : step(value, i)));
    }
    return promise;
  }

  function failing(value) {
    return Promise.resolve(value)
      .then((given) => {
        if (given % 3 === 0) throw new RangeError(String(given));
        return given;
      })
      .catch((error) => error.message.length)
      .finally(() => undefined);
  }

  let hash = 0;
  const round = (i) => {
    if (i === n) return hash;
    return Promise.all([chain(i, 40), chain(-i, 40), failing(i), Promise.race([delayed(i), chain(i, 20)])])
      .then((values) => {
        for (const value of values) hash = step(hash, value);
      })
      .then(() => round(i + 1));
  };
  return round(0);
}

module.exports = { name: 'promise-chains', group: 'async', size: 6000, kernel };
