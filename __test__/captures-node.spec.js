'use strict';

// The global object, and functions of Node's own.

const assert = require('node:assert/strict');
const { readFile, promises } = require('node:fs');
const { promisify } = require('node:util');
const { describe, it, after } = require('node:test');
const { CaptureError, shutdown, spawn } = require('../lib/index.js');

after(() => shutdown());

describe('the global object', () => {
  const found = globalThis;
  const held = { inside: [globalThis] };

  for (const form of ['coroutine', 'plain']) {
    it(`is that of the task (${form})`, async () => {
      const run = () => {
        found.mark = 1;
        return [found.Math.max(1, 2), found === globalThis, held.inside[0] === found, globalThis.mark];
      };
      assert.deepEqual(await spawn.with({ form })(run), [2, true, true, 1]);
      assert.equal(globalThis.mark, undefined);
    });
  }
});

describe('methods of performance', () => {
  it('are those of the task, also bound ones', async () => {
    const now = performance.now.bind(performance);
    const { now: free } = performance;
    const held = { clock: { now: performance.now } };
    assert.equal(await spawn(() => now() <= free.call(performance) && held.clock.now.call(performance) > 0), true);
  });
});

describe("functions of Node's own that tasks do not have", () => {
  function failure(spawned) {
    let error;
    assert.throws(spawned, (thrown) => {
      error = thrown;
      return thrown instanceof CaptureError;
    });
    // What they capture in turn is nothing that users know.
    assert.doesNotMatch(error.message, /captures '(?!used|extends)|node:internal/);
    return error.message;
  }

  it('are called by their module where it is known', () => {
    const used = promises;
    assert.match(
      failure(() => spawn(() => used.access('x'))),
      /captures 'used'.*: fs\/promises, a built-in of Node/,
    );
    {
      const used = promises.access;
      assert.match(
        failure(() => spawn(() => used('x'))),
        /captures 'used'.*: fs\/promises\.access, a built-in of Node/,
      );
    }
  });

  it('are called what they are, and not what they capture', () => {
    const used = promisify(readFile);
    const what =
      /captures 'used', declared at .*captures-node.*: readFile, a function of Node's own \(node:util\), which tasks/;
    assert.match(
      failure(() => spawn(() => used('x'))),
      what,
    );
    {
      const used = { deep: [promisify(readFile)] };
      assert.match(
        failure(() => spawn(() => used.deep)),
        what,
      );
    }
    {
      const used = process.stdout.write.bind(process.stdout);
      assert.match(
        failure(() => spawn(() => used('x'))),
        /captures 'used'.*a function of Node's own/,
      );
    }
  });

  it('are an error where they are to be the task', () => {
    assert.match(
      failure(() => spawn(promises.access, 'x')),
      /^access, a function of Node's own.*cannot be captured/,
    );
  });
});
