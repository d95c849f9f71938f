// Objects that point at each other, and a priority queue that calls back for every comparison.

function setup() {
  class Edge {
    constructor(target, weight) {
      this.target = target;
      this.weight = weight;
    }
  }

  class Vertex {
    constructor(id) {
      this.id = id;
      this.edges = [];
      this.distance = Infinity;
      this.previous = null;
      this.done = false;
    }
    connect(other, weight) {
      this.edges.push(new Edge(other, weight));
      other.edges.push(new Edge(this, weight));
    }
    reset() {
      this.distance = Infinity;
      this.previous = null;
      this.done = false;
    }
  }

  class PriorityQueue {
    constructor(isBefore) {
      this.isBefore = isBefore;
      this.items = [];
    }
    get size() {
      return this.items.length;
    }
    push(item) {
      const items = this.items;
      let at = items.push(item) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!this.isBefore(item, items[parent])) break;
        items[at] = items[parent];
        at = parent;
      }
      items[at] = item;
    }
    pop() {
      const items = this.items;
      const top = items[0];
      const last = items.pop();
      if (items.length === 0) return top;
      let at = 0;
      for (;;) {
        let child = at * 2 + 1;
        if (child >= items.length) break;
        if (child + 1 < items.length && this.isBefore(items[child + 1], items[child])) child++;
        if (!this.isBefore(items[child], last)) break;
        items[at] = items[child];
        at = child;
      }
      items[at] = last;
      return top;
    }
  }

  class Graph {
    constructor(size) {
      this.vertices = Array.from({ length: size }, (_, id) => new Vertex(id));
      let seed = 42;
      const random = (limit) => {
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
        return (seed >> 8) % limit;
      };
      for (let i = 1; i < size; i++) {
        this.vertices[i].connect(this.vertices[random(i)], 1 + random(100));
        for (let k = 0; k < 3; k++) this.vertices[i].connect(this.vertices[random(size)], 1 + random(1000));
      }
    }
    search(start) {
      for (const vertex of this.vertices) vertex.reset();
      const queue = new PriorityQueue((a, b) => a.distance < b.distance);
      this.vertices[start].distance = 0;
      queue.push({ vertex: this.vertices[start], distance: 0 });
      while (queue.size > 0) {
        const { vertex } = queue.pop();
        if (vertex.done) continue;
        vertex.done = true;
        for (const { target, weight } of vertex.edges) {
          const distance = vertex.distance + weight;
          if (distance >= target.distance) continue;
          target.distance = distance;
          target.previous = vertex;
          queue.push({ vertex: target, distance });
        }
      }
    }
    pathLength(end) {
      let length = 0;
      for (let at = this.vertices[end]; at.previous !== null; at = at.previous) length++;
      return length;
    }
  }

  return { Graph };
}

function kernel(n, { Graph }) {
  const graph = new Graph(n);
  let hash = 0;
  for (let i = 0; i < 8; i++) {
    graph.search((i * 97) % n);
    for (const vertex of graph.vertices) hash = (Math.imul(hash, 31) + vertex.distance) | 0;
    hash = (Math.imul(hash, 31) + graph.pathLength(n - 1)) | 0;
  }
  return hash;
}

module.exports = { name: 'shortest-path', group: 'objects', size: 8000, setup, kernel };
