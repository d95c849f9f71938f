'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { mkdtempSync, readFileSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { describe, it, after } = require('node:test');
const { inspect, types } = require('node:util');
const { setFlagsFromString } = require('node:v8');
const { spawn, run, shutdown, DataCloneError, Isolate } = require('../lib/index.js');

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

  it('have readable stacks wherever in a result they are', async () => {
    const result = await spawn(() => {
      const make = (text) => new Error(text); // returned
      return {
        list: [make('one')],
        map: new Map([[1, make('two')]]),
        deep: Object.assign(make('three'), { inner: make('4') }),
      };
    });
    for (const error of [result.list[0], result.map.get(1), result.deep, result.deep.inner]) {
      assert.ok(error.stack.includes(place('returned', 'new Error')), error.stack);
      assert.ok(!error.stack.includes('hertzscript:'), error.stack);
      assert.ok(!Object.keys(error).includes('stack'));
    }
  });

  it('can be changed, frozen and cloned like all others', async () => {
    const fail = () => {
      throw new Error('plain');
    };
    const changed = await failure(spawn(fail));
    changed.stack = 'mine';
    assert.equal(changed.stack, 'mine');
    const frozen = Object.freeze(await failure(spawn(fail)));
    assert.match(frozen.stack, /^Error: plain\n/);
    assert.match(structuredClone(await failure(spawn(fail))).stack, /at spawn/);
    assert.match(inspect(await failure(spawn(fail))), /at spawn/);
  });

  // As long as V8 skips default constructors, it compiles in vain, for ever, what makes instances of a class with computed static
  // names; see src/isolate/flags.rs.
  it('show default constructors, too', async () => {
    for (const form of ['plain', 'coroutine', 'storm']) {
      const frames = await spawn.with({ form })(() => {
        class Base {
          constructor() {
            this.stack = new Error('made').stack;
          }
        }
        class Middle extends Base {}
        class Last extends Middle {}
        return [...new Last().stack.matchAll(/at new (\w+)/g)].map(([, name]) => name);
      });
      assert.deepEqual(frames, ['Base', 'Middle', 'Last'], form);
    }
  });

  it('in functions that another task left behind point to those', async () => {
    const isolate = new Isolate();
    const leave = () => {
      globalThis.left = () => {
        throw new Error('left'); // left
      };
    };
    await isolate.spawn(leave);
    const error = await failure(isolate.spawn(() => globalThis.left())); // call-left
    await isolate.dispose();
    // Functions of tasks that have ended are known as long as somebody else has them: without this one V8 might have collected it.
    assert.equal(typeof leave, 'function');
    assert.ok(error.stack.includes(place('left', 'new Error')), error.stack);
    assert.ok(error.stack.includes(place('call-left', 'left())')), error.stack);
  });

  it('of many spawns in one job do not name a wrong place', async () => {
    const work = (n) => {
      if (n === 20) throw new Error('late');
    };
    for (let i = 0; i < 20; i++) spawn(work, i); // first-place
    const { stack } = await failure(spawn(work, 20)); // other-place
    // On a busy machine so much time may have passed that the place was looked up again.
    const isVague = /at spawn.*, or soon after \(/.test(stack);
    assert.ok(stack.includes(isVague ? place('first-place', 'spawn(') : place('other-place', 'spawn(')), stack);
  });

  it('do not hold up the event loop, however many there are', async () => {
    const many = (start) => Promise.allSettled(Array.from({ length: 2000 }, start));
    await many(() => spawn(() => 1));
    const begin = performance.now();
    await many(() => spawn(() => 1));
    const results = performance.now() - begin;
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const start = performance.now();
    const settled = await many(() =>
      spawn(() => {
        throw new Error('one of many'); // many
      }),
    );
    const took = performance.now() - start;
    delay.disable();
    // What a machine needs that does other things, too, shows in the results.
    assert.ok(took < Math.max(1500, 20 * results), `${took} ms; as many results ${results} ms`);
    assert.ok(delay.max < Math.max(500e6, 10e6 * results), `${delay.max / 1e6} ms; results ${results} ms`);
    // Those whose stacks are read do not take long either.
    const reading = performance.now();
    for (const { reason } of settled.slice(0, 200)) assert.ok(reason.stack.includes(place('many', 'new Error')));
    assert.ok(performance.now() - reading < 1000, `${performance.now() - reading} ms`);
  });

  it('that tasks print have readable stacks', () => {
    const script = `
      require(${JSON.stringify(join(__dirname, '..', 'lib', 'index.js'))}).spawn(function work() {
        console.error(new Error('plain'));
        console.error(Object.assign(new Error('with'), { code: 'E' }));
      });`;
    const file = join(mkdtempSync(join(tmpdir(), 'isolate-')), 'prints.js');
    writeFileSync(file, script);
    const { stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
    assert.equal(
      stderr,
      `Error: plain\n    at work (${file}:3:23)\nError: with\n    at work (${file}:4:37) {\n  code: 'E'\n}\n`,
    );
  });

  for (const form of ['coroutine', 'storm']) {
    it(`that hold what cannot be copied reach other tasks of the isolate without it (${form})`, async () => {
      const result = await spawn.with({ form })(async () => {
        const { spawn, task } = globalThis;
        const fail = () => {
          const cause = Object.assign(new TypeError('inner'), { on: () => 1, at: 2 });
          throw Object.assign(new RangeError('outer', { cause }), { off: () => 1, code: 'E' });
        };
        const told = ({ name, message, code, off, cause }) => [
          name,
          message,
          code,
          off,
          cause.message,
          cause.at,
          cause.on,
        ];
        const all = [];
        try {
          spawn(fail).join();
        } catch (error) {
          all.push(error instanceof RangeError, told(error));
        }
        all.push(await spawn(fail).catch(told));
        try {
          task(fail)();
        } catch (error) {
          all.push(told(error));
        }
        try {
          spawn(() => {
            throw Symbol('none');
          }).join();
        } catch (error) {
          all.push(error.message);
        }
        return all;
      });
      const told = ['RangeError', 'outer', 'E', undefined, 'inner', 2, undefined];
      assert.deepEqual(result, [true, told, told, told, 'A task threw a value that cannot be copied: symbol']);
    });
  }

  it('that hold what cannot be copied arrive without it', async () => {
    const error = await failure(
      spawn(() => {
        class SocketError extends RangeError {}
        const inner = Object.assign(new TypeError('inner', { cause: new Error('innermost') }), { socket() {} });
        const outer = new SocketError('text', { cause: inner }); // held
        throw Object.assign(outer, { code: 'E', socket() {}, list: [1], bad: [() => 1] });
      }),
    );
    assert.ok(error instanceof RangeError);
    assert.equal(error.name, 'SocketError');
    assert.equal(error.message, 'text');
    assert.deepEqual({ ...error }, { code: 'E', list: [1] });
    assert.ok(error.stack.includes(place('held', 'new SocketError')), error.stack);
    assert.ok(error.cause instanceof TypeError);
    assert.equal(error.cause.cause.message, 'innermost');
    assert.deepEqual(Object.keys(error.cause), []);
    const aggregate = await failure(
      spawn(() => {
        throw new AggregateError([new URIError('one'), Object.assign(new Error('two'), { f() {} })], 'many');
      }),
    );
    assert.ok(aggregate instanceof AggregateError);
    assert.equal(aggregate.message, 'many');
  });

  it('settle their task whatever their getters do', { timeout: 20000 }, async () => {
    const bodies = {
      'a getter of stack': () => {
        throw Object.defineProperty(new TypeError('kept'), 'stack', {
          get() {
            throw new Error('trap');
          },
        });
      },
      'a getter of a property': () => {
        throw Object.defineProperty(new TypeError('kept'), 'odd', {
          enumerable: true,
          get() {
            throw new Error('trap');
          },
        });
      },
      'a getter of name': () => {
        throw Object.defineProperty(new TypeError('kept'), 'name', {
          get() {
            throw new Error('trap');
          },
        });
      },
      prepareStackTrace: () => {
        Error.prepareStackTrace = () => {
          throw new Error('trap');
        };
        throw new TypeError('kept');
      },
      'a proxy of an error': () => {
        throw new Proxy(new TypeError('kept'), {});
      },
      'a getter of cause': () => {
        throw Object.defineProperty(new TypeError('kept'), 'cause', {
          get() {
            throw new Error('trap');
          },
        });
      },
    };
    for (const [what, body] of Object.entries(bodies)) {
      const error = await failure(spawn.with({ isolate: 'private' })(body));
      assert.ok(error instanceof TypeError, `${what}: ${error}`);
      assert.equal(error.message, 'kept', what);
      assert.match(error.stack, /at spawn/, what);
    }
    const hostile = {
      'a proxy that refuses everything': () => {
        const handler = new Proxy({}, { get: () => () => null.trap });
        throw new Proxy(new Error('hidden'), handler);
      },
      'a setter of arrays': () => {
        Object.defineProperty(Array.prototype, '0', {
          set() {
            throw new Error('trap');
          },
        });
        throw Object.assign(new Error('x', { cause: 1 }), { a: [() => {}] });
      },
      'built-ins that are gone': () => {
        for (const name of ['push', 'map', Symbol.iterator]) delete Array.prototype[name];
        globalThis.Error = undefined;
        throw { toString: null, f() {} };
      },
    };
    for (const [what, body] of Object.entries(hostile)) {
      const error = await failure(spawn.with({ isolate: 'private' })(body));
      assert.ok(error instanceof Error, what);
    }
  });

  it('are none where a program replaces what only its own promises look at', async () => {
    const value = await spawn.with({ isolate: 'private' })(() => {
      Object.defineProperty(Promise.prototype, 'constructor', {
        get() {
          throw new Error('trap');
        },
      });
      return {
        then(resolve) {
          resolve(1);
        },
      };
    });
    assert.equal(value, 1);
  });

  it('of classes that this Node lacks keep their name', async () => {
    const error = await spawn(() => new SuppressedError(new Error('e'), new Error('s'), 'm'));
    assert.equal(error.name, 'SuppressedError');
    assert.equal(error.suppressed.message, 's');
  });

  it('of copying show the call of spawn', () => {
    let error;
    try {
      spawn((x) => x, Symbol('s'));
    } catch (thrown) {
      error = thrown;
    }
    assert.match(error.stack.split('\n')[1], /errors\.spec\.js/);
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

describe('classes of errors', () => {
  it('are no dictionaries, for which V8 compiles who makes instances in vain', () => {
    setFlagsFromString('--allow-natives-syntax');
    const isFast = new Function('Class', 'return %HasFastProperties(Class)');
    setFlagsFromString('--no-allow-natives-syntax');
    const classes = Object.entries(require('../lib/errors.js'));
    assert.ok(classes.length >= 8);
    for (const [name, Class] of classes) assert.deepEqual([Class.name, isFast(Class)], [name, true]);
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

  it('have readable stacks, also once the task has settled', () => {
    const script = `
      process.on('unhandledRejection', (error) => { console.log(error.stack); process.exit(); });
      setTimeout(() => {}, 5000);
      require(${JSON.stringify(join(__dirname, '..', 'lib', 'index.js'))}).spawn(function work() {
        setTimeout(() => FAIL, 20);
      });`;
    const folder = mkdtempSync(join(tmpdir(), 'isolate-'));
    const failures = { timer: "{ throw new Error('late'); }", rejection: "Promise.reject(new Error('late'))" };
    for (const [name, fail] of Object.entries(failures)) {
      const file = join(folder, `${name}.js`);
      const text = script.replace('FAIL', fail);
      writeFileSync(file, text);
      const { stdout } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
      const line = text.split('\n').findIndex((l) => l.includes(fail));
      const column = text.split('\n')[line].indexOf('new Error') + 1;
      const [message, ...frames] = stdout.trimEnd().split('\n');
      assert.equal(message, 'Error: late');
      assert.ok(frames[0].includes(`${file}:${line + 1}:${column}`), stdout);
      assert.match(frames[1], /^ {4}at spawn in/, stdout);
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

describe('stacks that programs make themselves', () => {
  after(() => shutdown());

  it('begin as in plain form, also where the object is no error', async () => {
    const body = () => {
      const head = (object) => {
        Error.captureStackTrace(object);
        return object.stack.split('\n')[0];
      };
      class Own {
        toString() {
          return 'own';
        }
      }
      return [{}, { name: 'MyErr', message: 'hi' }, { message: 'only' }, new Own(), new TypeError('t'), []].map(head);
    };
    const expected = ['Error', 'MyErr: hi', 'Error: only', 'Error', 'TypeError: t', 'Error'];
    for (const form of ['plain', 'coroutine', 'storm'])
      assert.deepEqual(await spawn.with({ form })(body), expected, form);
  });

  it('stay right for others where a program deletes Error.prepareStackTrace, or sets what is no function', async () => {
    const stack = () => {
      function inner() {
        return new Error('a').stack;
      }
      return inner();
    };
    const before = await spawn(stack);
    await spawn(() => {
      try {
        delete Error.prepareStackTrace;
      } catch {}
      Error.prepareStackTrace = 'nothing';
    });
    const late = await spawn(() => {
      const set = new Error('b').stack;
      Error.prepareStackTrace = undefined;
      return set;
    });
    assert.doesNotMatch(late, /hertzscript:/);
    assert.doesNotMatch(await spawn(stack), /hertzscript:/);
    assert.equal((await spawn(stack)).split('\n')[1], before.split('\n')[1]);
  });
});

describe("errors of the library's classes", () => {
  const { ChannelClosedError, TimeoutError } = require('../lib/index.js');

  it('keep their class from task to task, and then to the host', async () => {
    const inTask = await spawn(() => {
      const library = require('@hertzscript/isolate');
      const found = [];
      const child = spawn(() => {
        const c = chan();
        c.close();
        c.send(1);
      });
      try {
        child.join();
      } catch (error) {
        found.push(error.name, error instanceof library.ChannelClosedError, error.code);
      }
      const c = chan(1);
      c.send(new library.TimeoutError('late'));
      const received = c.recv();
      found.push(received.name, received instanceof library.TimeoutError, received.message);
      return found;
    });
    assert.deepEqual(inTask, ['ChannelClosedError', true, 'ERR_CHANNEL_CLOSED', 'TimeoutError', true, 'late']);
    const joined = await failure(
      spawn(() =>
        spawn(() => {
          const c = chan();
          c.close();
          c.send(1);
        }).join(),
      ),
    );
    assert.ok(joined instanceof ChannelClosedError);
    const sent = await failure(
      spawn(() => {
        throw spawn(() => {
          const { TimeoutError } = require('@hertzscript/isolate');
          return new TimeoutError('late');
        }).join();
      }),
    );
    assert.ok(sent instanceof TimeoutError);
  });
});

it('an AggregateError loses only what of its errors cannot be copied', async () => {
  const error = await failure(
    spawn(() =>
      Promise.any([
        Promise.reject(new Error('a')),
        Promise.reject(Object.assign(new RangeError('b'), { retry() {}, code: 'C' })),
        Promise.reject(Symbol('c')),
      ]),
    ),
  );
  assert.equal(error.name, 'AggregateError');
  assert.deepEqual(
    error.errors.map(({ name, message, code }) => [name, message, code]),
    [
      ['Error', 'a', undefined],
      ['RangeError', 'b', 'C'],
      ['Error', 'A task threw a value that cannot be copied: symbol', undefined],
    ],
  );
});
