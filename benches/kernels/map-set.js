// Most of the time is spent in built-ins: here the form should cost next to nothing.

function kernel(n) {
  let seed = 99;
  const random = (limit) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed >>> 8) % limit;
  };

  const counts = new Map();
  const seen = new Set();
  const byName = new Map();
  for (let i = 0; i < n; i++) {
    const key = random(n >> 2);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (seen.has(key) && random(3) === 0) seen.delete(key);
    else seen.add(key);
    const name = `name ${key % 1000}`;
    const list = byName.get(name);
    if (list === undefined) byName.set(name, [i]);
    else list.push(i);
  }

  let hash = 0;
  for (const [key, count] of counts) hash = (Math.imul(hash, 31) + key * count) | 0;
  for (const key of seen) hash = (Math.imul(hash, 31) + key) | 0;
  byName.forEach((list, name) => {
    hash = (Math.imul(hash, 31) + list.length * name.length + list[list.length - 1]) | 0;
  });
  const both = [...seen].filter((key) => counts.get(key) > 4);
  return `${counts.size}:${seen.size}:${byName.size}:${both.length}:${hash}`;
}

module.exports = { name: 'map-set', group: 'data', size: 300000, kernel };
