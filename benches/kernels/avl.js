// A balanced tree with recursive insertion and removal: short methods, unpredictable branches.

function setup() {
  class Node {
    constructor(key, value) {
      this.key = key;
      this.value = value;
      this.height = 1;
      this.left = null;
      this.right = null;
    }
  }

  class AvlTree {
    constructor() {
      this.root = null;
      this.size = 0;
    }
    static height(node) {
      return node === null ? 0 : node.height;
    }
    static update(node) {
      node.height = 1 + Math.max(AvlTree.height(node.left), AvlTree.height(node.right));
    }
    static rotateRight(node) {
      const top = node.left;
      node.left = top.right;
      top.right = node;
      AvlTree.update(node);
      AvlTree.update(top);
      return top;
    }
    static rotateLeft(node) {
      const top = node.right;
      node.right = top.left;
      top.left = node;
      AvlTree.update(node);
      AvlTree.update(top);
      return top;
    }
    static balance(node) {
      AvlTree.update(node);
      const lean = AvlTree.height(node.left) - AvlTree.height(node.right);
      if (lean > 1) {
        const child = node.left;
        if (AvlTree.height(child.left) < AvlTree.height(child.right)) node.left = AvlTree.rotateLeft(child);
        return AvlTree.rotateRight(node);
      }
      if (lean < -1) {
        const child = node.right;
        if (AvlTree.height(child.right) < AvlTree.height(child.left)) node.right = AvlTree.rotateRight(child);
        return AvlTree.rotateLeft(node);
      }
      return node;
    }
    set(key, value) {
      this.root = this.insert(this.root, key, value);
    }
    insert(node, key, value) {
      if (node === null) {
        this.size++;
        return new Node(key, value);
      }
      if (key < node.key) node.left = this.insert(node.left, key, value);
      else if (key > node.key) node.right = this.insert(node.right, key, value);
      else {
        node.value = value;
        return node;
      }
      return AvlTree.balance(node);
    }
    delete(key) {
      this.root = this.remove(this.root, key);
    }
    remove(node, key) {
      if (node === null) return null;
      if (key < node.key) node.left = this.remove(node.left, key);
      else if (key > node.key) node.right = this.remove(node.right, key);
      else {
        if (node.left === null || node.right === null) {
          this.size--;
          return node.left ?? node.right;
        }
        let next = node.right;
        while (next.left !== null) next = next.left;
        node.key = next.key;
        node.value = next.value;
        node.right = this.remove(node.right, next.key);
      }
      return AvlTree.balance(node);
    }
    get(key) {
      let node = this.root;
      while (node !== null && node.key !== key) node = key < node.key ? node.left : node.right;
      return node?.value;
    }
    forEach(callback) {
      const visit = (node) => {
        if (node === null) return;
        visit(node.left);
        callback(node.value, node.key);
        visit(node.right);
      };
      visit(this.root);
    }
  }

  return { AvlTree };
}

function kernel(n, { AvlTree }) {
  let seed = 7;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed >>> 8) % (n * 2);
  };

  const tree = new AvlTree();
  let hash = 0;
  for (let i = 0; i < n; i++) tree.set(random(), i);
  for (let i = 0; i < n; i++) {
    hash = (Math.imul(hash, 31) + (tree.get(random()) ?? 1)) | 0;
    tree.delete(random());
    tree.set(random(), -i);
  }
  tree.forEach((value, key) => {
    hash = (Math.imul(hash, 31) + key + value) | 0;
  });
  return `${tree.size}:${tree.root.height}:${hash}`;
}

module.exports = { name: 'avl', group: 'data', size: 60000, setup, kernel };
