// The iteration protocol by hand: calls of `next` and `return` that no source text shows.

function setup() {
  class Range {
    constructor(from, to, step = 1) {
      this.from = from;
      this.to = to;
      this.step = step;
    }
    [Symbol.iterator]() {
      let at = this.from;
      const { to, step } = this;
      return {
        next() {
          if (at >= to) return { done: true, value: undefined };
          const value = at;
          at += step;
          return { done: false, value };
        },
      };
    }
  }

  class LinkedList {
    constructor() {
      this.first = null;
      this.closed = 0;
    }
    push(value) {
      this.first = { value, next: this.first };
    }
    [Symbol.iterator]() {
      const list = this;
      let node = this.first;
      return {
        next() {
          if (node === null) return { done: true, value: undefined };
          const { value } = node;
          node = node.next;
          return { done: false, value };
        },
        return(value) {
          list.closed++;
          return { done: true, value };
        },
      };
    }
  }

  class Zip {
    constructor(left, right) {
      this.left = left;
      this.right = right;
    }
    [Symbol.iterator]() {
      const left = this.left[Symbol.iterator]();
      const right = this.right[Symbol.iterator]();
      const iterator = {
        next() {
          const a = left.next();
          const b = right.next();
          if (a.done || b.done) return { done: true, value: undefined };
          return { done: false, value: [a.value, b.value] };
        },
        [Symbol.iterator]: () => iterator,
      };
      return iterator;
    }
  }

  return { Range, LinkedList, Zip };
}

function kernel(n, { Range, LinkedList, Zip }) {
  let sum = 0;
  for (const i of new Range(0, n * 10, 2)) sum = (sum + (i ^ 5)) | 0;
  for (const [a, b] of new Zip(new Range(0, n * 4), new Range(7, n * 12, 3))) sum = (sum + Math.imul(a, b)) | 0;

  const list = new LinkedList();
  for (let i = 0; i < 100; i++) list.push(i * i);
  for (let i = 0; i < n / 10; i++) {
    for (const value of list) {
      sum = (sum + value) | 0;
      if (value < i % 5000) break;
    }
  }
  for (let i = 0; i < n / 10; i++) {
    const [first, second] = list;
    sum = (sum + first - second + Math.max(...new Range(i, i + 10))) | 0;
  }
  sum = (sum + [...new Range(0, n)].length + Array.from(new Zip(list, list), ([a, b]) => a + b).length) | 0;
  return `${list.closed}:${sum}`;
}

module.exports = { name: 'custom-iterators', group: 'iterators', size: 240000, setup, kernel };
