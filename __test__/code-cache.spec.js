// `configure({ codeCache })`: compiled modules on disk, for later processes.

const assert = require('node:assert/strict');
const { spawn: start } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { after, before, beforeEach, describe, it } = require('node:test');
const { configure } = require('../lib/index.js');

const PADDING = `// ${'x'.repeat(1500)}\n`;

const FILES = {
  'package.json': '{}',
  'common.js': `${PADDING}
exports.sum = (list) => { let sum = 0; for (const it of list) sum += it; return sum; };
exports.fail = function failing() {
  throw new Error('from the module');
};`,
  'module.mjs': `${PADDING}
import { sum } from './common.js';
import * as all from './other.mjs';
export default async function () { await null; return sum(Object.values(all)); }
export { four as five } from './other.mjs';
export * from './other.mjs';`,
  'other.mjs': `${PADDING}export let three = 3; export const four = 4; export { three as 'not a name' };`,
};

/** What each process does: everything that the files offer, until the isolate has had the time to tell of its bytecode. */
const PROGRAM = `
const { configure, spawn } = require(${JSON.stringify(path.join(__dirname, '..'))});
const [, folder, codeCache] = process.argv;
configure({ codeCache, threads: 1 });
const work = async (folder) => {
  const { sum, fail } = require(folder + '/common.js');
  const module = await import(folder + '/module.mjs');
  let stack;
  try {
    fail();
  } catch (error) {
    stack = error.stack.split('\\n')[1].trim();
  }
  return { sum: sum([1, 2, 3]), total: await module.default(), names: Object.keys(module), five: module.five, stack };
};
spawn(work, folder)
  .then((result) => console.log(JSON.stringify(result)))
  .then(() => new Promise((resolve) => setTimeout(resolve, 300)));
`;

describe('codeCache', () => {
  let root;
  let folder;
  let cache;

  before(() => {
    root = fs.mkdtempSync(path.join(tmpdir(), 'hertzscript-cache-'));
    folder = path.join(root, 'package');
    fs.mkdirSync(folder);
    for (const [name, text] of Object.entries(FILES)) fs.writeFileSync(path.join(folder, name), text);
  });
  beforeEach(() => {
    cache = fs.mkdtempSync(path.join(root, 'cache-'));
  });
  after(() => fs.rmSync(root, { recursive: true }));

  async function run() {
    const child = start(process.execPath, ['-e', PROGRAM, folder, cache], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      errors += data;
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 0, errors);
    return JSON.parse(output);
  }

  const expected = () => ({
    sum: 6,
    total: 10,
    names: ['default', 'five', 'four', 'not a name', 'three'],
    five: 4,
    stack: `at failing (${path.join(folder, 'common.js')}:5:9)`,
  });

  /** The files of the cache with what tells whether they were written anew. */
  const written = () =>
    Object.fromEntries(fs.readdirSync(cache).map((name) => [name, fs.statSync(path.join(cache, name)).ino]));

  it('keeps the code and the bytecode of modules, and a later process uses both', async () => {
    assert.deepEqual(await run(), expected());
    const files = written();
    const endings = Object.keys(files).map(path.extname);
    assert.equal(endings.filter((ending) => ending === '.code').length, 3);
    assert.equal(endings.filter((ending) => ending === '.v8').length, 3);
    assert.equal(endings.length, 6);
    assert.deepEqual(await run(), expected());
    // Whatever cannot be used is written anew, under another name first.
    assert.deepEqual(written(), files);
  });

  it('replaces files that are damaged', async () => {
    await run();
    const damages = [
      (bytes) => bytes.subarray(0, bytes.length >> 1),
      () => Buffer.alloc(0),
      () => Buffer.from('nonsense'),
      (bytes) => {
        bytes[bytes.length >> 1] ^= 1;
        return bytes;
      },
    ];
    for (const damage of damages) {
      for (const name of fs.readdirSync(cache)) {
        const file = path.join(cache, name);
        fs.writeFileSync(file, damage(fs.readFileSync(file)));
      }
      const damaged = written();
      assert.deepEqual(await run(), expected());
      const renewed = written();
      assert.deepEqual(Object.keys(renewed), Object.keys(damaged));
      for (const name of Object.keys(renewed)) assert.notEqual(renewed[name], damaged[name], name);
    }
  });

  it('is of no use for another source', async () => {
    await run();
    const file = path.join(folder, 'common.js');
    const text = fs.readFileSync(file, 'utf8');
    try {
      fs.writeFileSync(file, text.replace('sum += it', 'sum -= it'));
      assert.deepEqual(await run(), { ...expected(), sum: -6, total: -10 });
    } finally {
      fs.writeFileSync(file, text);
    }
    assert.deepEqual(await run(), expected());
  });

  it('is shared by processes that write it at the same time', async () => {
    const results = await Promise.all(Array.from({ length: 4 }, run));
    for (const result of results) assert.deepEqual(result, expected());
    assert.equal(fs.readdirSync(cache).length, 6);
    assert.deepEqual(await run(), expected());
  });

  it('that cannot be written is no failure', async () => {
    // Where the files would be there are folders.
    await run();
    for (const name of fs.readdirSync(cache)) {
      fs.rmSync(path.join(cache, name));
      fs.mkdirSync(path.join(cache, name));
    }
    assert.deepEqual(await run(), expected());
    assert.equal(fs.readdirSync(cache).length, 6);
  });

  it('is a folder', () => {
    assert.throws(() => configure({ codeCache: 1 }), /configure: codeCache must be a string, not 1/);
    assert.throws(
      () => configure({ codeCache: path.join(folder, 'common.js', 'cache') }),
      /configure: codeCache must be a folder that can be made or is there: .*ENOTDIR/,
    );
  });
});
