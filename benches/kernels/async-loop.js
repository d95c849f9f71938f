// Loops that await: what a suspension costs that the program asks for itself.

async function kernel(n) {
  const cache = new Map();
  let hits = 0;

  async function load(key) {
    if (cache.has(key)) {
      hits++;
      return cache.get(key);
    }
    await null;
    const value = Math.imul(key, 2654435) >>> 3;
    cache.set(key, value);
    return value;
  }

  async function attempt(i) {
    try {
      if (i % 50 === 0) throw new Error('busy');
      return await load(i % 1000);
    } catch (error) {
      return error.message.length;
    } finally {
      hits += 0;
    }
  }

  let hash = 0;
  for (let i = 0; i < n; i++) hash = (Math.imul(hash, 31) + (await attempt(i))) | 0;
  for (let i = 0; i < n; i += 10) {
    const values = await Promise.all(Array.from({ length: 10 }, (_, k) => load(i + k)));
    for (const value of values) hash = (Math.imul(hash, 31) + value) | 0;
  }
  return `${hits}:${hash}`;
}

module.exports = { name: 'async-loop', group: 'async', size: 120000, kernel };
