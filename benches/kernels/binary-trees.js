// Recursion that allocates: the garbage collector's share must not grow with the form.

function setup() {
  class Tree {
    constructor(left, right) {
      this.left = left;
      this.right = right;
    }
    count() {
      return this.left === null ? 1 : 1 + this.left.count() + this.right.count();
    }
  }

  return { Tree };
}

function kernel(n, { Tree }) {
  const grow = (depth) => (depth === 0 ? new Tree(null, null) : new Tree(grow(depth - 1), grow(depth - 1)));

  const kept = grow(n);
  let sum = 0;
  for (let depth = 4; depth <= n; depth += 4) {
    const trees = 1 << (n - depth + 4);
    for (let i = 0; i < trees; i++) sum += grow(depth).count();
  }
  return sum * 3 + kept.count();
}

module.exports = { name: 'binary-trees', group: 'data', size: 16, setup, kernel };
