'use strict';

// The value of a script is that of the last statement which has one: what `run` gives (ECMA-262, `UpdateEmpty`).

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const vm = require('node:vm');
const { run, shutdown } = require('../lib/index.js');

const CALL = 'function f(x) { for (let i = 0; i < 2; i++); return x; }\n';
const SCRIPTS = [
  'for (var i = 0; i < 4; i++) { if (i === 3) continue; i + 10 }',
  '1; do { 2; if (true) break; } while (false)',
  'a: { 5; if (1) break a; 6 }',
  'a: { 5; break a; }',
  'for (var i of [1, 2, 3]) { i + 10; switch (i) { case 3: break } }',
  'for (var i of [1]) { i + 10; try { break } finally { 7 } }',
  'for (var i of [1]) { i + 10; try { 8 } finally { 7; break } }',
  'for (var i of [1]) { i + 10; try { 8 } finally { break } }',
  'try { 1 } finally { 2 }',
  'try { 1; throw 0 } catch { 3 } finally { 2 }',
  'b: for (var i of [1, 2]) { for (var j of [3, 4]) { j; if (i === 2) continue b; } i }',
  'a: b: if (1) { 3; break b; }',
  '4; if (0) 1',
  '4; if (0) 1; else if (0) 2; else 3',
  'if (1) 2\nelse if (1) 3\n',
  '4; with ({ x: 1 }) ;',
  '4; var x = 1; function g() {} ; { } ;',
  'switch (1) { case 1: 9; case 2: if (0) 1; break; default: 4 }',
  'while (true) { 3; { if (1) break } }',
  '"use strict"; 5; for (const x of [1]) { x; { continue } }',
  '6; let y = 7; class A { static { 8; if (1) 9 } }',
];

describe('values of scripts', () => {
  after(() => shutdown());

  for (const script of SCRIPTS) {
    it(script.replaceAll('\n', ' '), async () => {
      // The same with loops and calls in which the script can be suspended.
      const suspending = CALL + script.replaceAll(/\b(\d+)\b(?=;| \}|\n|$)/g, 'f($1)');
      for (const source of [script, suspending]) {
        const expected = vm.runInNewContext(source);
        for (const form of ['plain', 'coroutine', 'storm']) {
          assert.deepEqual(await run(source, { form, type: 'script' }), expected, `${form}: ${source}`);
        }
      }
    });
  }
});
