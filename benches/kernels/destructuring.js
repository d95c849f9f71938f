// Patterns, defaults, rest and spread: iteration and copying without a loop to be seen.

function kernel(n) {
  const area = ({ width = 1, height = width, ...rest } = {}) => width * height + Object.keys(rest).length;
  const largest = (first, ...others) => others.reduce((most, value) => Math.max(most, value), first);
  const swap = ([a, b, ...rest]) => [b, a, ...rest];
  const moved = (point, { dx = 0, dy = 0 }) => ({ ...point, x: point.x + dx, y: point.y + dy });

  let a = 0;
  let b = 1;
  let sum = 0;
  let point = { x: 0, y: 0, label: 'p' };
  let triple = [1, 2, 3];
  for (let i = 0; i < n; i++) {
    [a, b] = [b, (a + b) & 0xffff];
    const shape = { width: i & 15, ...(i % 2 === 0 ? { height: 3 } : {}), color: 'red', id: i };
    sum = (sum + area(shape) + area()) | 0;
    triple = swap([...triple.slice(1), triple[0]]);
    sum = (sum + largest(a, b, ...triple)) | 0;
    point = moved(point, i % 3 === 0 ? { dx: a & 7 } : { dy: -1 });
    const {
      x,
      label: [letter],
      z: { depth } = { depth: 4 },
    } = point;
    sum = (sum + x + letter.length + depth) | 0;
  }
  for (const [key, value] of Object.entries({ ...point, a, b })) sum = (sum + key.length + String(value).length) | 0;
  return `${sum}:${triple.join()}`;
}

module.exports = { name: 'destructuring', group: 'iterators', size: 80000, kernel };
