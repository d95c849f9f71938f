// Three nested loops without a call: what remains is the price of a loop's back edge.

function kernel(n) {
  const matrix = (seed) =>
    Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => ((i * seed + j * 7) % 17) / 4 - 2));
  const a = matrix(3);
  const b = matrix(5);
  const c = matrix(0);
  for (let i = 0; i < n; i++) {
    const row = a[i];
    const out = c[i];
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += row[k] * b[k][j];
      out[j] = sum;
    }
  }
  let trace = 0;
  for (let i = 0; i < n; i++) trace += c[i][i] * (i + 1);
  return trace;
}

module.exports = { name: 'matmul', group: 'loops', size: 270, kernel };
