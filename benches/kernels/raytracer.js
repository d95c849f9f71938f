// Many small objects that live for a few operations: fast only where they are not allocated at all.

function setup() {
  class Vector {
    constructor(x, y, z) {
      this.x = x;
      this.y = y;
      this.z = z;
    }
    plus(other) {
      return new Vector(this.x + other.x, this.y + other.y, this.z + other.z);
    }
    minus(other) {
      return new Vector(this.x - other.x, this.y - other.y, this.z - other.z);
    }
    times(factor) {
      return new Vector(this.x * factor, this.y * factor, this.z * factor);
    }
    dot(other) {
      return this.x * other.x + this.y * other.y + this.z * other.z;
    }
    unit() {
      return this.times(1 / Math.sqrt(this.dot(this)));
    }
    reflect(normal) {
      return this.minus(normal.times(2 * this.dot(normal)));
    }
  }

  class Ray {
    constructor(origin, direction) {
      this.origin = origin;
      this.direction = direction;
    }
    at(distance) {
      return this.origin.plus(this.direction.times(distance));
    }
  }

  class Shape {
    constructor(color, mirror) {
      this.color = color;
      this.mirror = mirror;
    }
    colorAt(_point) {
      return this.color;
    }
  }

  class Sphere extends Shape {
    constructor(center, radius, color, mirror) {
      super(color, mirror);
      this.center = center;
      this.radius = radius;
    }
    distance(ray) {
      const toCenter = this.center.minus(ray.origin);
      const along = toCenter.dot(ray.direction);
      const square = this.radius * this.radius - toCenter.dot(toCenter) + along * along;
      if (square < 0) return Infinity;
      const root = Math.sqrt(square);
      if (along - root > 1e-6) return along - root;
      return along + root > 1e-6 ? along + root : Infinity;
    }
    normal(point) {
      return point.minus(this.center).unit();
    }
  }

  class Floor extends Shape {
    constructor(height, color, other, mirror) {
      super(color, mirror);
      this.height = height;
      this.other = other;
      this.up = new Vector(0, 1, 0);
    }
    distance(ray) {
      const distance = (this.height - ray.origin.y) / ray.direction.y;
      return distance > 1e-6 ? distance : Infinity;
    }
    normal() {
      return this.up;
    }
    colorAt(point) {
      return (Math.floor(point.x) + Math.floor(point.z)) % 2 === 0 ? this.color : this.other;
    }
  }

  class Scene {
    constructor(shapes, lights, sky) {
      this.shapes = shapes;
      this.lights = lights;
      this.sky = sky;
    }
    nearest(ray) {
      let nearest = null;
      let least = Infinity;
      for (const shape of this.shapes) {
        const distance = shape.distance(ray);
        if (distance < least) {
          least = distance;
          nearest = shape;
        }
      }
      return nearest === null ? null : { shape: nearest, point: ray.at(least) };
    }
    trace(ray, depth) {
      const hit = this.nearest(ray);
      if (hit === null) return this.sky;
      const { shape, point } = hit;
      const normal = shape.normal(point);
      let brightness = 0.1;
      for (const light of this.lights) {
        const toLight = light.minus(point);
        const direction = toLight.unit();
        const angle = normal.dot(direction);
        if (angle <= 0) continue;
        const blocked = this.shapes.some((other) => {
          const distance = other.distance(new Ray(point, direction));
          return distance * distance < toLight.dot(toLight);
        });
        if (!blocked) brightness += (angle * 0.9) / this.lights.length;
      }
      const color = shape.colorAt(point).times(brightness);
      if (depth === 0 || shape.mirror === 0) return color;
      const mirrored = this.trace(new Ray(point, ray.direction.reflect(normal)), depth - 1);
      return color.times(1 - shape.mirror).plus(mirrored.times(shape.mirror));
    }
  }

  return { Vector, Ray, Floor, Sphere, Scene };
}

function kernel(n, { Vector, Ray, Floor, Sphere, Scene }) {
  const shapes = [new Floor(-1, new Vector(1, 1, 1), new Vector(0.1, 0.1, 0.1), 0.2)];
  for (let i = 0; i < 7; i++) {
    const center = new Vector(i - 3, (i % 3) * 0.7 - 0.4, 5 + ((i * 5) % 7) * 0.6);
    const color = new Vector(0.3 + (i % 2) * 0.6, 0.3 + (i % 3) * 0.3, 0.9 - i * 0.1);
    shapes.push(new Sphere(center, 0.6, color, 0.1 * (i % 4)));
  }
  const lights = [new Vector(-4, 6, 0), new Vector(5, 4, 1)];
  const scene = new Scene(shapes, lights, new Vector(0.5, 0.7, 1));
  const eye = new Vector(0, 0.5, -2);

  let hash = 0;
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const direction = new Vector(x / n - 0.5, 0.5 - y / n, 1).unit();
      const color = scene.trace(new Ray(eye, direction), 3);
      for (const part of [color.x, color.y, color.z]) {
        hash = (Math.imul(hash, 31) + Math.floor(part * 255)) | 0;
      }
    }
  }
  return hash;
}

module.exports = { name: 'raytracer', group: 'objects', size: 400, setup, kernel };
