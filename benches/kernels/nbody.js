// Fields of objects in a nested loop over a small array.

function setup() {
  class Body {
    constructor(mass, x, y, z, vx, vy, vz) {
      this.mass = mass;
      this.x = x;
      this.y = y;
      this.z = z;
      this.vx = vx;
      this.vy = vy;
      this.vz = vz;
    }
  }

  return { Body };
}

function kernel(n, { Body }) {
  // A star and planets on rough orbits; no system in particular.
  const bodies = [new Body(40, 0, 0, 0, 0, 0, 0)];
  for (let i = 1; i < 6; i++) {
    const speed = Math.sqrt(40 / (i * 4));
    const side = i % 2 === 0 ? 1 : -1;
    bodies.push(new Body(0.01 * i, side * i * 4, 0, i / 8, 0, side * speed, 0));
  }

  function advance(dt) {
    for (let i = 0; i < bodies.length; i++) {
      const a = bodies[i];
      for (let j = i + 1; j < bodies.length; j++) {
        const b = bodies[j];
        const dx = a.x - b.x;
        const dy = a.y - b.y;
        const dz = a.z - b.z;
        const square = dx * dx + dy * dy + dz * dz;
        const pull = dt / (square * Math.sqrt(square));
        a.vx -= dx * b.mass * pull;
        a.vy -= dy * b.mass * pull;
        a.vz -= dz * b.mass * pull;
        b.vx += dx * a.mass * pull;
        b.vy += dy * a.mass * pull;
        b.vz += dz * a.mass * pull;
      }
    }
    for (const body of bodies) {
      body.x += dt * body.vx;
      body.y += dt * body.vy;
      body.z += dt * body.vz;
    }
  }

  function energy() {
    let sum = 0;
    for (let i = 0; i < bodies.length; i++) {
      const a = bodies[i];
      sum += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz);
      for (let j = i + 1; j < bodies.length; j++) {
        const b = bodies[j];
        sum -= (a.mass * b.mass) / Math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2);
      }
    }
    return sum;
  }

  for (let i = 0; i < n; i++) advance(0.001);
  return energy();
}

module.exports = { name: 'nbody', group: 'loops', size: 400000, setup, kernel };
