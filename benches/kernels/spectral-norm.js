// A small function in the innermost loop: it is cheap only as long as it is inlined.

function kernel(n) {
  const element = (i, j) => 1 / (((i + j) * (i + j + 1)) / 2 + i + 1);

  function multiply(v, out) {
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += element(i, j) * v[j];
      out[i] = sum;
    }
  }

  function multiplyTransposed(v, out) {
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += element(j, i) * v[j];
      out[i] = sum;
    }
  }

  const u = new Float64Array(n).fill(1);
  const v = new Float64Array(n);
  const between = new Float64Array(n);
  for (let i = 0; i < 10; i++) {
    multiply(u, between);
    multiplyTransposed(between, v);
    multiply(v, between);
    multiplyTransposed(between, u);
  }
  let uv = 0;
  let vv = 0;
  for (let i = 0; i < n; i++) {
    uv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  return Math.sqrt(uv / vv);
}

module.exports = { name: 'spectral-norm', group: 'loops', size: 850, kernel };
