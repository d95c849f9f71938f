'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { describe, it, after } = require('node:test');
const { types } = require('node:util');
const { spawn, run, shutdown, DataCloneError } = require('../lib/index.js');

after(() => shutdown());

const lines = readFileSync(__filename, 'utf8').split('\n');

/** The position of a marker in this file, as stack traces write it. */
function place(marker, text) {
  const line = lines.findIndex((l) => l.includes(`// ${marker}`));
  return `${__filename}:${line + 1}:${lines[line].indexOf(text) + 1}`;
}

async function failure(task) {
  try {
    await task;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'the task did not fail' });
}

describe('errors of tasks', () => {
  it('arrive as instances of the class of the same name', async () => {
    for (const Class of [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]) {
      const error = await failure(
        spawn((name) => {
          throw new globalThis[name]('text');
        }, Class.name),
      );
      assert.equal(error.constructor, Class);
      assert.equal(error.message, 'text');
      assert.ok(types.isNativeError(error));
    }
    const aggregate = await failure(
      spawn(() => {
        throw new AggregateError([new TypeError('one'), 2], 'many', { cause: new RangeError('why') });
      }),
    );
    assert.ok(aggregate instanceof AggregateError);
    assert.ok(aggregate.errors[0] instanceof TypeError);
    assert.equal(aggregate.errors[1], 2);
    assert.ok(aggregate.cause instanceof RangeError);
  });

  it('of a class of the task become the nearest class here, with name and properties', async () => {
    const error = await failure(
      spawn(() => {
        class QuotaError extends RangeError {
          constructor(message) {
            super(message);
            this.name = 'QuotaError';
            this.limit = 7;
          }
        }
        throw new QuotaError('too much');
      }),
    );
    assert.ok(error instanceof RangeError);
    assert.equal(error.name, 'QuotaError');
    assert.equal(error.limit, 7);
  });

  it('point into the file and then to the spawn', async () => {
    const work = () => {
      function inner() {
        throw new Error('deep'); // throw-1
      }
      inner(); // call-1
    };
    const task = spawn(work); // start-1
    const error = await failure(task);
    const frames = error.stack.split('\n').filter((line) => line.includes(' at '));
    assert.equal(error.stack.split('\n')[0], 'Error: deep');
    assert.ok(frames[0].includes(place('throw-1', 'new Error')), error.stack);
    assert.ok(frames[0].includes('inner'), error.stack);
    assert.ok(frames[1].includes(place('call-1', 'inner()')), error.stack);
    assert.ok(frames[2].startsWith('    at spawn'), error.stack);
    assert.ok(frames[2].includes(place('start-1', 'spawn(')), error.stack);
    assert.ok(!error.stack.includes('hertzscript'), error.stack);
  });

  it('point to the right column on the first line of the function, for every kind of function', async () => {
    const file = require.resolve('./fixtures/one-line-functions.js');
    const source = readFileSync(file, 'utf8').split('\n');
    for (const [kind, fn] of Object.entries(require(file))) {
      const error = await failure(spawn(fn, {}));
      const line = source.findIndex((text) => text.endsWith(`// ${kind}`));
      const position = `${file}:${line + 1}:${source[line].lastIndexOf('z') + 1}`;
      assert.ok(error instanceof TypeError);
      assert.ok(error.stack.includes(position), `${kind}, ${position}: ${error.stack}`);
    }
  });

  it('name variables that do not exist, with their place', async () => {
    const missing = 1;
    const error = await failure(spawn(() => [missing])); // missing
    assert.ok(error instanceof ReferenceError);
    assert.match(error.message, /missing is not defined/);
    assert.ok(error.stack.includes(place('missing', 'missing]')), error.stack);
  });

  it('keep values that are no errors', async () => {
    for (const value of [42, 'text', null, undefined, { a: [1] }]) {
      const task = spawn((v) => {
        throw v;
      }, value);
      assert.deepEqual(await task.then(assert.fail, (reason) => reason), value);
      assert.equal(task.status, 'failed');
    }
    const error = await failure(
      spawn(() => {
        throw () => {};
      }),
    );
    assert.match(error.message, /cannot be copied/);
  });

  it('of promises and of async functions arrive too', async () => {
    const error = await failure(
      spawn(async () => {
        await null;
        throw new TypeError('later'); // async-throw
      }),
    );
    assert.ok(error instanceof TypeError);
    assert.ok(error.stack.includes(place('async-throw', 'new TypeError')), error.stack);
    assert.equal(await spawn(() => Promise.reject(3)).catch((reason) => reason), 3);
  });

  it('in a result that cannot be copied say where', async () => {
    const error = await failure(spawn(() => ({ user: { socket: () => {} } })));
    assert.ok(error instanceof DataCloneError);
    assert.equal(error.code, 'ERR_DATA_CLONE');
    assert.match(error.message, /^result\.user\.socket: /);
  });

  it('of syntax in functions made from text say where', async () => {
    const error = await failure(run('let a = 1;\nlet = = 2;\n', { filename: 'broken.js' }));
    assert.ok(error instanceof SyntaxError);
    assert.match(error.stack, /broken\.js:2:\d+/);
  });
});

describe('errors that nobody can catch', () => {
  it('are reported like rejections without handler', () => {
    const library = JSON.stringify(join(__dirname, '..', 'lib', 'index.js'));
    const bodies = [
      '() => { setTimeout(() => { throw new TypeError("nobody"); }, 1); }',
      '() => { Promise.reject(new TypeError("nobody")); }',
      '() => { queueMicrotask(() => { throw new TypeError("nobody"); }); }',
      'async () => { await null; throw new TypeError("nobody"); }',
    ];
    for (const body of bodies) {
      const script = `
        process.on('unhandledRejection', (error) => { console.log(error instanceof TypeError, error.message); process.exit(3); });
        require(${library}).spawn(${body});
        setTimeout(() => {}, 5000);`;
      const { status, stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
      assert.equal(stdout, 'true nobody\n', body);
      assert.equal(status, 3);
    }
  });

  it('a rejection that is handled later in the same job is none', async () => {
    const value = await spawn(async () => {
      const promise = Promise.reject(new Error('handled'));
      return promise.catch((error) => error.message);
    });
    assert.equal(value, 'handled');
  });
});
