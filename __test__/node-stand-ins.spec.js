'use strict';

// What stands in tasks for those of Node's own modules that they do not have: packages that bring them along load, what is only data is
// there, and what is used says that it is not.

const assert = require('node:assert/strict');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { describe, it, after } = require('node:test');
const { runFile, shutdown, spawn } = require('../lib/index.js');

const folder = mkdtempSync(join(tmpdir(), 'hertzscript-stand-ins-'));
after(() => {
  rmSync(folder, { recursive: true });
  return shutdown();
});

/** What a module has that is only data, by the names that are asked for. */
function dataOf(name, keys) {
  const exports = require(name);
  return JSON.parse(JSON.stringify(keys.map((key) => [key, exports[key]])));
}

describe('modules that tasks do not have', () => {
  const data = {
    cluster: ['isMaster', 'isPrimary', 'isWorker', 'SCHED_NONE', 'SCHED_RR'],
    fs: ['constants', 'F_OK', 'R_OK', 'W_OK', 'X_OK'],
    'fs/promises': ['constants'],
    http: ['METHODS', 'STATUS_CODES', 'maxHeaderSize'],
    http2: ['constants'],
    worker_threads: ['isMainThread', 'parentPort', 'threadId', 'workerData', 'resourceLimits'],
    zlib: ['constants'],
  };
  for (const [name, keys] of Object.entries(data)) {
    // Other versions have other numbers.
    it(`have what is only data: ${name}`, {
      skip: !process.version.startsWith('v20.') && 'it is that of Node 20',
    }, async () => {
      assert.deepEqual(await spawn(dataOf, name, keys), dataOf(name, keys));
    });
  }

  it('can be taken apart and be inherited from, and fail when they are used', async () => {
    const failures = await spawn(() => {
      const fs = require('node:fs');
      const http = require('node:http');
      const { inherits, promisify } = require('node:util');
      class Stream extends fs.ReadStream {}
      function Agent() {
        http.Agent.call(this);
      }
      inherits(Agent, http.Agent);
      const request = Object.create(http.IncomingMessage.prototype);
      const readFile = promisify(fs.readFile);
      const calls = [
        () => new Stream(),
        () => new Agent(),
        () => new fs.Stats(),
        () => fs.promises.readFile('x'),
        () => fs.realpath.native('x'),
        () => require('node:zlib').promises.gzip(new Uint8Array(1)),
      ];
      const failures = calls.map((call) => {
        try {
          return call();
        } catch (error) {
          return [error.code, error.message];
        }
      });
      return [typeof request, typeof readFile, ...failures];
    });
    assert.deepEqual(failures.slice(0, 2), ['object', 'function']);
    const wanted = [
      'fs.ReadStream',
      'http.Agent',
      'fs.Stats',
      'fs.promises.readFile',
      'fs.realpath.native',
      'zlib.promises.gzip',
    ];
    for (const [i, [code, message]] of failures.slice(2).entries()) {
      assert.equal(code, 'ERR_MODULE_UNAVAILABLE');
      assert.ok(message.includes(`(${wanted[i]})`), message);
    }
  });

  it('keep what packages put there', async () => {
    assert.deepEqual(
      await spawn(() => {
        const fs = require('node:fs');
        fs.closeSync = () => 'patched';
        fs.readFile.mark = 1;
        return [
          fs.closeSync(),
          fs.readFile.mark,
          fs.readFile === require('node:fs').readFile,
          fs.default === fs,
          fs.readFile.then,
        ];
      }),
      ['patched', 1, true, true, undefined],
    );
  });

  for (const form of ['coroutine', 'storm', 'plain']) {
    it(`can be imported by name (${form})`, async () => {
      const file = join(folder, `${form}.mjs`);
      writeFileSync(
        file,
        `import fs, { ReadStream, constants } from 'node:fs'; import { METHODS } from 'node:http'; import * as all from 'node:zlib';
         import { isMainThread, parentPort } from 'node:worker_threads'; import console, { log } from 'node:console';
         class X extends ReadStream {}
         export const result = [typeof X, constants.O_RDONLY, METHODS.includes('GET'), isMainThread, parentPort, log === console.log];`,
      );
      const { result } = await runFile(file, { form });
      assert.deepEqual(result, ['function', 0, true, true, null, true]);
    });
  }
});
