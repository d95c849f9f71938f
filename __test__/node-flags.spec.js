'use strict';

// Node may be started with flags that take something away which the host's side could use.

const assert = require('node:assert/strict');
const { join } = require('node:path');
const { it } = require('node:test');
const { runProgram } = require('./program.js');

const program = `
  const { chan, spawn } = require(${JSON.stringify(join(__dirname, '..', 'lib', 'index.js'))});
  const [one] = [1];
  (async () => {
    console.log(await spawn((x) => x + 1, 1), await spawn(() => one));
    const c = chan(1);
    await c.send({ list: [one] });
    console.log((await c.recv()).list[0]);
    const error = await spawn(() => { throw new TypeError('no'); }).catch((error) => error);
    console.log(error instanceof TypeError, error.message, /at spawn/.test(error.stack));
    const made = new Function("return require('path').sep");
    console.log(typeof (await spawn(made)), await spawn(() => eval('5')));
  })();`;

for (const flag of ['--frozen-intrinsics', '--jitless']) {
  it(`tasks run under ${flag}`, async () => {
    const { out, code } = await runProgram(program, 30_000, {}, [flag]);
    assert.deepEqual({ out, code }, { out: '2 1\n1\ntrue no true\nstring 5', code: 0 });
  });
}
