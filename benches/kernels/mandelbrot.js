// Doubles in registers: a loop that is lost as soon as its variables have to live in memory.

function kernel(n) {
  const LIMIT = 60;
  let inside = 0;
  let steps = 0;
  for (let y = 0; y < n; y++) {
    const ci = (2 * y) / n - 1;
    for (let x = 0; x < n; x++) {
      const cr = (2 * x) / n - 1.5;
      let zr = 0;
      let zi = 0;
      let i = 0;
      while (i < LIMIT) {
        const rr = zr * zr;
        const ii = zi * zi;
        if (rr + ii > 4) break;
        zi = 2 * zr * zi + ci;
        zr = rr - ii + cr;
        i++;
      }
      if (i === LIMIT) inside++;
      steps += i;
    }
  }
  return `${inside}:${steps}`;
}

module.exports = { name: 'mandelbrot', group: 'loops', size: 1000, kernel };
