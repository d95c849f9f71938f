'use strict';

// Bound functions have no text; tasks get functions that do the same.

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { describe, it, after } = require('node:test');
const { CaptureError, shutdown, spawn } = require('../lib/index.js');

after(() => shutdown());

describe('bound functions', () => {
  for (const form of ['coroutine', 'storm', 'plain']) {
    it(`are called with what they were bound to (${form})`, async () => {
      const unit = 'mm';
      const state = { n: 1 };
      function add(a, b) {
        this.n += a * b;
        return `${this.n} ${unit}`;
      }
      const bound = add.bind(state, 2);
      const twice = bound.bind(null, 5);
      const largest = Math.max.bind(null, -0, 4);
      const prototypeOf = Object.getPrototypeOf.bind();
      const run = () => {
        const seen = [
          bound(3),
          twice(),
          state.n,
          largest(1),
          prototypeOf([]) === Array.prototype,
          bound.name,
          bound.length,
        ];
        state.n = 1;
        return seen.slice(0, 6);
      };
      assert.deepEqual(await spawn.with({ form })(run), run());
    });
  }

  it('make instances, keep properties, and may be arguments', async () => {
    class Point {
      constructor(x, y) {
        this.at = [x, y];
      }
    }
    const Right = Object.assign(Point.bind(null, 1), { kind: 'bound' });
    assert.deepEqual(await spawn(() => [new Right(2).at, new Right(3) instanceof Point, Right.kind]), [
      [1, 2],
      true,
      'bound',
    ]);
    assert.equal(await spawn((f) => f(2), ((a, b) => a + b).bind(null, 1)), 3);
  });

  it('are errors where what they are made of cannot be sent', () => {
    const read = readFileSync.bind(null, 'x');
    assert.throws(
      () => spawn(() => read()),
      (error) => error instanceof CaptureError && /'target'.*fs\.readFileSync, a built-in of Node/.test(error.message),
    );
    const waits = (() => {}).bind(Promise.resolve());
    assert.throws(
      () => spawn(() => waits()),
      (error) => error instanceof CaptureError && /'self'.*a Promise/.test(error.message),
    );
  });
});
