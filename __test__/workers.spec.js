'use strict';

const assert = require('node:assert/strict');
const { join } = require('node:path');
const { describe, it, after } = require('node:test');
const { Worker } = require('node:worker_threads');
const { spawn, shutdown } = require('../lib/index.js');

after(() => shutdown());

const library = JSON.stringify(join(__dirname, '..', 'lib', 'index.js'));

function worker(body) {
  return new Promise((resolve, reject) => {
    const messages = [];
    const thread = new Worker(
      `const { parentPort } = require('node:worker_threads');
       const { spawn, Isolate, shutdown } = require(${library});
       ${body}`,
      { eval: true },
    );
    thread.on('message', (message) => messages.push(message));
    thread.on('error', reject);
    thread.on('exit', (code) => resolve({ code, messages }));
  });
}

describe('worker_threads', () => {
  it('each have a pool of their own', async () => {
    const results = await Promise.all(
      Array.from({ length: 4 }, (_, i) => worker(`spawn((n) => n * 2, ${i}).then((v) => parentPort.postMessage(v));`)),
    );
    assert.deepEqual(
      results,
      results.map((_, i) => ({ code: 0, messages: [i * 2] })),
    );
    assert.equal(await spawn(() => 'main'), 'main');
  });

  it('may end with tasks running, while others go on', async () => {
    const mine = spawn(() => new Promise((resolve) => setTimeout(() => resolve('mine'), 300)));
    const endings = await Promise.all([
      worker('spawn(() => { for (;;); }); setTimeout(() => process.exit(3), 50);'),
      worker('new Isolate().spawn(() => { for (;;); }); setTimeout(() => { throw new Error("thrown"); }, 50);').catch(
        (error) => error.message,
      ),
      new Promise((resolve) => {
        const body = `require(${library}).spawn(() => { for (;;); }); require('node:worker_threads').parentPort.postMessage(0);`;
        const thread = new Worker(body, { eval: true });
        thread.on('message', () => setTimeout(() => thread.terminate().then(resolve), 50));
      }),
    ]);
    assert.deepEqual(endings, [{ code: 3, messages: [] }, 'thrown', 1]);
    assert.equal(await mine, 'mine');
  });

  it('may come and go many times', async () => {
    for (let round = 0; round < 10; round++) {
      const { code, messages } = await worker('spawn(() => 1).then((v) => parentPort.postMessage(v));');
      assert.equal(code, 0);
      assert.deepEqual(messages, [1]);
    }
  });
});
