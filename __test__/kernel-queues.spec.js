'use strict';

// The queues of the kernel, each beside a model of it: whatever is done to them in whatever order, all that is in them comes out once.

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { describe, it } = require('node:test');

const folder = join(__dirname, '..', 'src', 'kernel');
/** Of the primordials those that the queues use; the kernel's own list is of the engine that it runs in. */
const primordials = {
  Array,
  ArrayFrom: Array.from,
  ArrayIteratorPrototype: Object.getPrototypeOf([].values()),
  ArrayIteratorPrototypeNext: Object.getPrototypeOf([].values()).next,
  ArrayPrototype: Array.prototype,
  ArrayPrototypeValues: Array.prototype.values,
  getOwnPropertyDescriptor: Reflect.getOwnPropertyDescriptor,
  MathClz32: Math.clz32,
  MathMax: Math.max,
  ObjectFreeze: Object.freeze,
  ObjectHasOwn: Object.hasOwn,
  SymbolIterator: Symbol.iterator,
  call: (fn, receiver, ...args) => fn.apply(receiver, args),
  construct: Reflect.construct,
};
const loaded = new Map([['primordials', primordials]]);

/** A module of the kernel, which has a `require` of its own. */
function kernel(name) {
  if (!loaded.has(name)) {
    const module = { exports: {} };
    const source = readFileSync(join(folder, `${name}.js`), 'utf8');
    new Function('module', 'require', source)(module, kernel);
    loaded.set(name, module.exports);
  }
  return loaded.get(name);
}

/** Numbers that look random, the same for the same seed. */
function dice(seed) {
  let random = seed | 1;
  return (count) => {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return (random >>> 0) % count;
  };
}

const ROUNDS = 300;

describe('queues of the kernel', () => {
  it('Queue: a list with two ends', () => {
    const { Queue } = kernel('queues');
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const draw = dice(seed);
      const queue = new Queue();
      const model = [];
      for (let step = 0; step < 400; step++) {
        const item = `${seed}.${step}`;
        const what = draw(6);
        if (what < 2) {
          queue.push(item);
          model.push(item);
        } else if (what === 2) {
          queue.unshift(item);
          model.unshift(item);
        } else if (model.length > 0) {
          assert.equal(queue.peek(), model[0]);
          assert.equal(queue.peekLast(), model.at(-1));
          if (what === 3) assert.equal(queue.pop(), model.pop());
          else assert.equal(queue.shift(), model.shift());
        }
        assert.equal(queue.length, model.length);
      }
      const rest = [];
      queue.each((item) => rest.push(item));
      assert.deepEqual(rest, model);
    }
  });

  it('what a task has to do: calls and fibers in order, and first of all what was interrupted', () => {
    const { Task } = kernel('fiber');
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const draw = dice(seed);
      const task = new Task(1, false);
      const model = [];
      const next = () => {
        const { active, jobs } = task;
        if (active !== null) {
          task.active = null;
          return [null, active];
        }
        const { items, first } = jobs;
        const entry = items.slice(first, first + 4);
        jobs.drop();
        return entry[0] === null ? entry.slice(0, 2) : entry;
      };
      for (let step = 0; step < 200; step++) {
        const what = draw(7);
        if (what < 2) {
          const job = [() => {}, step, seed, draw(9)];
          task.addJob(...job);
          model.push(job);
        } else if (what < 4) {
          const fiber = { step };
          task.goOn(fiber);
          model.push([null, fiber]);
        } else if (model.length > 0) {
          const taken = next();
          assert.deepEqual(taken, model.shift());
          // A fiber may be interrupted; others were woken meanwhile.
          if (what === 4 && taken[0] === null) {
            for (let woken = draw(3); woken > 0; woken--) {
              const fiber = { step, woken };
              task.goOn(fiber);
              model.push([null, fiber]);
            }
            task.goOnFirst(taken[1]);
            model.unshift(taken);
          }
        }
        assert.equal((task.active === null ? 0 : 1) + task.jobs.length / 4, model.length);
      }
    }
  });

  it('Turns: each task that is ready gets one, whatever is hastened, dropped or interrupted meanwhile', () => {
    const { Turns } = kernel('turns');
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const draw = dice(seed);
      const turns = new Turns();
      const tasks = Array.from({ length: 1 + draw(30) }, (_, id) => ({ id, isReady: false, passes: 0 }));
      const ready = new Set();
      const hastened = new Set();
      /** Turns since each became ready. */
      const waits = new Map();
      const add = (task, how) => {
        ready.add(task);
        waits.set(task, 0);
        if (how === 0) turns.add(task);
        else turns.addLast(task, how === 1);
      };
      for (let step = 0; step < 600; step++) {
        const task = tasks[draw(tasks.length)];
        const what = draw(14);
        if (what < 5) {
          if (!ready.has(task)) add(task, draw(3));
        } else if (what < 7) {
          const next = turns.peek();
          if (next === null) continue;
          assert.ok(![...hastened].some((one) => ready.has(one)), `seed ${seed}: one that is killed is before others`);
          assert.equal(turns.takePeeked(), next);
          assert.ok(ready.delete(next), `seed ${seed}: a task that was not ready got a turn`);
          assert.equal(next.isReady, false);
        } else if (what === 7) {
          // A task is hastened once, when it is killed.
          if (ready.has(task) && !hastened.has(task)) {
            turns.hasten(task);
            hastened.add(task);
          }
        } else if (what === 8) {
          if (ready.has(task) && !hastened.has(task)) {
            turns.drop(task);
            ready.delete(task);
          }
        } else if (what === 9) turns.end();
        else if (what === 10) turns.isOverdue = draw(2) === 0;
        else if (turns.length > 0) {
          const isUrgent = [...hastened].some((one) => ready.has(one));
          const taken = turns.take();
          assert.ok(ready.delete(taken), `seed ${seed}: a task that was not ready got a turn`);
          if (isUrgent) assert.ok(hastened.has(taken), `seed ${seed}: another one was before those that are killed`);
          hastened.delete(taken);
          assert.equal(taken.isReady, false);
          for (const one of ready) waits.set(one, waits.get(one) + 1);
        }
        assert.equal(turns.length, ready.size, `seed ${seed}`);
      }
      while (turns.length > 0) assert.ok(ready.delete(turns.take()));
      assert.equal(ready.size, 0);
    }
  });

  it('Turns: a task that was dropped is not kept while another one is alone', () => {
    const { Turns } = kernel('turns');
    for (const how of [0, 1, 2]) {
      const turns = new Turns();
      const [alone, dropped] = [0, 1].map((id) => ({ id, isReady: false, passes: 0 }));
      turns.add(alone);
      if (how === 0) turns.add(dropped);
      else turns.addLast(dropped, how === 1);
      if (turns.take() === dropped) turns.add(dropped);
      else turns.add(alone);
      turns.drop(dropped);
      for (let i = 0; i < 3; i++) {
        assert.equal(turns.take(), alone);
        turns.add(alone);
      }
      turns.take();
      const kept = ['urgent', 'woken', 'computing'].filter((name) => turns[name].length > 0);
      assert.deepEqual(kept, [], `added in way ${how}`);
      assert.equal(dropped.passes, 0);
    }
  });

  it('no task is lost where a program gives Array.prototype setters for indices', () => {
    const { Turns } = kernel('turns');
    const { Children } = kernel('children');
    const turns = new Turns();
    const children = new Children();
    const tasks = Array.from({ length: 40 }, (_, id) => ({ id, isReady: false, passes: 0, index: 0 }));
    const there = [];
    for (let i = 0; i < 64; i++) Object.defineProperty(Array.prototype, i, { configurable: true, set() {} });
    try {
      for (const task of tasks) turns.add(task);
      for (const task of tasks) children.add(task);
      for (const task of tasks) if (task.id % 3 === 0) children.remove(task);
    } finally {
      for (let i = 0; i < 64; i++) delete Array.prototype[i];
    }
    while (turns.length > 0) there.push(turns.take());
    assert.deepEqual(there, tasks);
    const left = [];
    children.each((task) => left.push(task.id));
    const others = tasks.map(({ id }) => id).filter((id) => id % 3 !== 0);
    assert.deepEqual(
      left.sort((a, b) => a - b),
      others,
    );
    assert.equal(children.count, others.length);
  });

  it('a program that replaces the iteration of arrays is not asked where a queue grows', () => {
    const { Queue } = kernel('queues');
    const queue = new Queue();
    const iterate = Object.getOwnPropertyDescriptor(Array.prototype, Symbol.iterator);
    const seen = [];
    const forge = (descriptor) =>
      Object.defineProperty(Array.prototype, Symbol.iterator, { configurable: true, ...descriptor });
    try {
      forge({ value: () => seen.push('called') });
      for (let i = 0; i < 100; i++) queue.push(i);
      forge({ get: () => seen.push('read') });
      for (let i = 100; i < 10_000; i++) queue.push(i);
    } finally {
      Object.defineProperty(Array.prototype, Symbol.iterator, iterate);
    }
    for (let i = 10_000; i < 100_000; i++) queue.push(i);
    assert.deepEqual(seen, []);
    for (let i = 0; i < 100_000; i++) assert.equal(queue.shift(), i);
    assert.equal(queue.length, 0);
  });

  it('Turns: nobody that was woken waits for ever while others wake each other', () => {
    const { Turns } = kernel('turns');
    const turns = new Turns();
    const waiting = Array.from({ length: 20 }, (_, id) => ({ id, isReady: false, passes: 0 }));
    const busy = { id: -1, isReady: false, passes: 0 };
    for (const task of waiting) turns.add(task);
    const seen = new Set();
    let count = 0;
    turns.add(busy);
    for (; seen.size < waiting.length && count < 100_000; count++) {
      const task = turns.take();
      if (task === busy) turns.add(busy);
      else seen.add(task);
    }
    assert.equal(seen.size, waiting.length);
    assert.ok(count < 20_000, `it took ${count} turns`);
  });
});
