'use strict';

// For specs of what tasks have as Node has it.

const assert = require('node:assert/strict');
const { it } = require('node:test');
const { spawn } = require('../lib/index.js');

/** A test for each form: a function gives in a task what it gives in Node. */
function same(name, fn) {
  for (const form of ['coroutine', 'storm', 'plain']) {
    it(`${name} (${form})`, async () => {
      const wanted = await fn();
      assert.deepEqual(await spawn.with({ form })(fn), wanted);
    });
  }
}

module.exports = { same };
