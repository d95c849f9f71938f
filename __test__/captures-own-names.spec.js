// biome-ignore-all lint/suspicious/noFunctionAssign: that is what this is about
'use strict';

// Functions that assign their own names: once they have run, others stand in their place. Compilers' helpers do so, and whatever is made when
// it is first used. Their text alone would be an expression, in which the name stands for the function for ever.

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { shutdown, spawn } = require('../lib/index.js');

let made = 0;
const make = () => ++made;

function closed(x) {
  closed = (y) => y * 2;
  return closed(x);
}

function once() {
  const value = make();
  once = () => `again ${value}`;
  return value;
}

function prototypeOf(object) {
  prototypeOf = Object.setPrototypeOf ? Object.getPrototypeOf.bind() : (it) => it.inherited;
  return prototypeOf(object);
}

async function later() {
  later = async () => 'second';
  return ['first', await later()];
}

function* each() {
  each = function* () {
    yield 2;
  };
  yield 1;
  yield* each();
}

function sloppyMaker() {
  // In sloppy code the name of an expression is assigned in vain, where it is one.
  return new Function('function lazy(n) { lazy = function (m) { return m + 1; }; return lazy(n); } return lazy;')();
}

function failing() {
  failing = undefined;
  throw new Error('at its place');
}

for (const form of ['plain', 'coroutine', 'storm']) {
  describe(`functions that assign their own names, in ${form} form`, () => {
    const start = spawn.with({ form });

    it('are called', async () => {
      assert.equal(await start(closed, 4), 8);
      assert.deepEqual(await start(later), ['first', 'second']);
      assert.equal(await start(sloppyMaker(), 4), 5);
    });

    it('are captured', async () => {
      assert.deepEqual(await start(() => [closed(4), closed(5)]), [8, 10]);
      assert.equal(await start(() => prototypeOf([]) === Array.prototype), true);
      assert.deepEqual(await start(() => [...each()]), [1, 2]);
    });

    it('have what they capture', async () => {
      assert.equal(await start(once), 1);
      assert.equal(await spawn.with({ form, capture: { make: () => 7 } })(once), 7);
      const first = once;
      assert.deepEqual(await start(() => [first(), first()]), [1, 2]);
    });

    it('need no captures', async () => {
      assert.equal(await spawn.with({ form, capture: false })(closed, 4), 8);
    });

    it('keep their places', async () => {
      const error = await start(failing).then(assert.fail, (reason) => reason);
      assert.equal(error.message, 'at its place');
      // The line of its `throw` in this file.
      assert.match(error.stack.split('\n')[1], /failing .*captures-own-names\.spec\.js:50:9/);
    });
  });
}

after(() => shutdown());
