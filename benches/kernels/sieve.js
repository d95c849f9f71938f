// The shortest loop body there is: one store.

function kernel(n) {
  // Fits the processor's cache, so that the loop is measured and not the memory.
  const LENGTH = 200000;
  let hash = 0;
  for (let round = 0; round < n; round++) {
    const composite = new Uint8Array(LENGTH + round);
    let count = 0;
    let last = 0;
    for (let i = 2; i < composite.length; i++) {
      if (composite[i] === 1) continue;
      count++;
      last = i;
      for (let j = i * 2; j < composite.length; j += i) composite[j] = 1;
    }
    hash = (Math.imul(hash, 31) + count + last) | 0;
  }
  return hash;
}

module.exports = { name: 'sieve', group: 'loops', size: 60, kernel };
