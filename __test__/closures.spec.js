'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { after, describe, it } = require('node:test');
const vm = require('node:vm');
const { Worker } = require('node:worker_threads');
const library = require('../lib/index.js');
const { realmNames } = require('../lib/native.js');
const { CaptureError, DataCloneError, Isolate, shutdown, spawn } = library;
const { ok: assertOk } = assert;
const { readFileSync } = require('node:fs');

const LIB = join(__dirname, '..', 'lib', 'index.js');

after(() => shutdown());

const limit = 10;
let counter = 1;
const config = { factor: 3, list: [1, 2], when: new Date(0), nested: { deep: true } };
const scale = (x) => x * config.factor;
function isEven(n) {
  return n === 0 || isOdd(n - 1);
}
const isOdd = (n) => n !== 0 && isEven(n - 1);
class Base {
  constructor(name) {
    this.name = name;
  }
  get loud() {
    return shout(this.name);
  }
}
const shout = (text) => `${text.toUpperCase()}!`;
class Derived extends Base {
  static made = [];
  #secret = limit;
  reveal() {
    return [super.loud, this.#secret, this instanceof Base];
  }
}

for (const form of ['coroutine', 'plain', 'storm']) {
  const start = (fn, ...args) => spawn.with({ form })(fn, ...args);

  describe(`closures in ${form} form`, () => {
    it('see constants, variables and parameters around them', async () => {
      const around = (parameter) => start((x) => [limit, counter, parameter, x], 4);
      assert.deepEqual(await around('p'), [10, 1, 'p', 4]);
    });

    it('see the values at the time of each spawn', async () => {
      let value = 1;
      const read = () => value;
      const first = start(read);
      value = 2;
      const second = start(read);
      value = 3;
      assert.deepEqual([await first, await second], [1, 2]);
    });

    it('see copies of data', async () => {
      const data = { list: [1] };
      data.self = data;
      const result = await start(() => {
        data.list.push(2);
        return [data.list, data.self === data, config];
      });
      assert.deepEqual(result, [[1, 2], true, config]);
      assert.deepEqual(data.list, [1]);
    });

    it('share what an argument and a variable have in common', async () => {
      const shared = {};
      assert.equal(await start((argument) => argument === shared, shared), true);
    });

    it('call functions with what these capture', async () => {
      assert.equal(await start(() => scale(limit)), 30);
      assert.equal(await start(() => shout('a') + [1, 2].map(scale)), 'A!3,6');
    });

    it('call functions that call each other, and themselves', async () => {
      const factorial = (n) => (n < 2 ? 1 : n * factorial(n - 1));
      assert.deepEqual(await start(() => [isEven(7), isOdd(7), factorial(5)]), [false, true, 120]);
      assert.equal(await start(factorial, 6), 720);
    });

    it('make instances of classes, derived ones too', async () => {
      const result = await start(() => new Derived('me').reveal());
      assert.deepEqual(result, ['ME!', 10, true]);
    });

    it('make classes of what these extend, whatever says it', async () => {
      const mix = (Parent) =>
        class extends Parent {
          mixed = true;
        };
      class Mixed extends mix(Base) {
        constructor(name) {
          super(`${name}${limit}`);
        }
      }
      const make = () => {
        // Nothing else uses it, so V8 keeps it for nobody.
        class Hidden {
          hidden = 1;
        }
        return class extends Hidden {};
      };
      const Made = make();
      class Failure extends RangeError {}
      const result = await start(() => {
        const mixed = new Mixed('a');
        return [mixed.loud, mixed.mixed, mixed instanceof Base, new Made().hidden, new Failure('x') instanceof Error];
      });
      assert.deepEqual(result, ['A10!', true, true, 1, true]);
    });

    it('keep cycles between data, functions and classes', async () => {
      const node = { visit: () => node.count, count: 5 };
      class A {
        other() {
          return new B();
        }
      }
      class B extends A {}
      assert.deepEqual(await start(() => [node.visit(), node === node.visit.of, new A().other() instanceof A]), [
        5,
        false,
        true,
      ]);
    });

    it('work in loops, with a variable for each turn', async () => {
      const tasks = [];
      for (let i = 0; i < 3; i++) tasks.push(start(() => i));
      for (const item of ['a', 'b']) tasks.push(start(() => item));
      assert.deepEqual(await Promise.all(tasks), [0, 1, 2, 'a', 'b']);
    });

    it('see the innermost variable of a name', async () => {
      const name = 'outer';
      {
        const name = 'inner';
        assert.equal(await start(() => name), 'inner');
      }
      assert.equal(await start(() => name), 'outer');
      assert.equal(await start((name) => name, 'argument'), 'argument');
    });

    it('assign variables of their own', async () => {
      const bump = () => ++counter;
      assert.deepEqual(await start(() => [bump(), bump(), counter]), [2, 3, 1]);
      assert.equal(counter, 1);
    });

    it('cannot assign constants', async () => {
      await assert.rejects(
        // biome-ignore lint/correctness/noConstAssign: that is what is tested
        start(() => (limit = 1)),
        { name: 'TypeError', message: 'Assignment to constant variable.' },
      );
    });

    it('get functions as arguments, in objects and in collections', async () => {
      const result = await start(
        (f, { g }, map) => [f(2), g.name, g(), map.get('h')(1)],
        scale,
        {
          g: function named() {
            return limit;
          },
        },
        new Map([['h', (x) => [x, limit]]]),
      );
      assert.deepEqual(result, [6, 'named', 10, [1, 10]]);
    });

    it('keep names and properties of functions', async () => {
      function Old(size) {
        this.size = size;
      }
      Old.prototype.double = function () {
        return this.size * 2;
      };
      const tool = () => tool.options.depth;
      tool.options = { depth: 4 };
      assert.deepEqual(await start(() => [tool(), tool.name, new Old(3).double()]), [4, 'tool', 6]);
    });

    it('take methods, getters, async functions and generators', async () => {
      const object = {
        async method() {
          return limit;
        },
        [`computed${limit}`](x) {
          return x + limit;
        },
        *items() {
          yield* [limit, counter];
        },
      };
      assert.equal(await start(object.method), 10);
      assert.equal(await start(object.computed10, 1), 11);
      assert.deepEqual(await start((items) => [...items()], object.items), [10, 1]);
      assert.equal(await start(async () => await object.method()), 10);
    });

    it('have stacks that point into the file', async () => {
      const thrower = () => {
        throw new RangeError(`x${limit}`);
      };
      const here = new Error().stack.split('\n')[1].match(/spec\.js:(\d+)/)[1];
      const error = await start(() => {
        thrower();
        return limit;
      }).catch((e) => e);
      const frames = error.stack.split('\n').slice(1, 4).join('\n');
      assert.match(frames, new RegExp(`thrower \\(.*closures\\.spec\\.js:${here - 2}:15\\)`));
      assert.match(frames, new RegExp(`closures\\.spec\\.js:${+here + 2}:9`));
      assert.match(frames, /at spawn/);
    });

    it('have stacks of methods and classes that point into the file', async () => {
      class Thrower {
        go() {
          throw new RangeError(`x${limit}`);
        }
      }
      const here = new Error().stack.split('\n')[1].match(/spec\.js:(\d+)/)[1];
      const error = await start(() => new Thrower().go()).catch((e) => e);
      assert.match(error.stack, new RegExp(`go \\(.*closures\\.spec\\.js:${here - 3}:17\\)`));
    });
  });
}

/** Globals of tasks whose names programs give to variables of their own. */
const LOOKED_UP = [
  'Blob',
  'Cond',
  'Context',
  'ErrGroup',
  'File',
  'Mutex',
  'Once',
  'RWMutex',
  'Semaphore',
  'WaitGroup',
  'after',
  'crypto',
  'scope',
  'select',
  'task',
  'ticker',
];

describe('captured names', () => {
  it('are none where they are globals of tasks', async () => {
    assert.deepEqual(
      new Set(await spawn(() => Object.getOwnPropertyNames(globalThis))),
      new Set([...realmNames(), ...LOOKED_UP]),
    );
  });

  it('may be those of globals of tasks that programs use for their own', async () => {
    const task = { id: 7 };
    const select = (x) => x + 1;
    const after = 3;
    assert.deepEqual(await spawn(() => [task.id, select(1), after]), [7, 2, 3]);
    assert.equal(await spawn(() => typeof scope), 'function');
  });

  it('that nobody has stay globals of the task', async () => {
    assert.equal(await spawn(() => typeof nobodyHasThis + limit), 'undefined10');
    await assert.rejects(
      spawn(() => nobodyHasThis),
      { name: 'ReferenceError' },
    );
    assert.equal(await spawn(() => process.title === undefined || typeof process.platform), 'string');
  });

  it('may be globals of the program', async () => {
    globalThis.programWide = { a: 1 };
    assert.deepEqual(await spawn(() => programWide), { a: 1 });
    delete globalThis.programWide;
  });

  it('may be in scripts, in evaluated code, in `with` and in `catch`', async () => {
    assert.equal(await vm.runInThisContext('const topLevel = 5; (() => topLevel)', {})(), 5);
    assert.equal(await spawn(vm.runInThisContext('(() => topLevel)')), 5);
    assert.equal(await spawn(vm.runInNewContext('var inContext = 6; (() => inContext)')), 6);
    // biome-ignore lint/security/noGlobalEval: that is what is tested
    assert.equal(await spawn(eval('const evaluated = 7; () => evaluated')), 7);
    assert.equal(await spawn(new Function('o', 'with (o) { return () => property; }')({ property: 8 })), 8);
    try {
      throw 9;
    } catch (caught) {
      assert.equal(await spawn(() => caught), 9);
    }
  });

  it('may be read from functions that `new Function` made', async () => {
    assert.equal(await spawn(new Function('x', 'return x + 1'), 1), 2);
    assert.equal(await spawn(new Function('inner', 'return () => inner')(3)), 3);
  });

  it('may come from callers on one line', async () => {
    const bundle = '(()=>{var e={a:1},t=(n)=>n+e.a,r=[..."xy"];return(s)=>s((o)=>[t(o),r.length,e],1)})()';
    assert.deepEqual(await vm.runInThisContext(bundle)(spawn), [2, 2, { a: 1 }]);
  });

  /** What newer versions of V8 refuse to read while the declaration is not reached. */
  async function earlyValue(fn) {
    try {
      return await spawn(fn);
    } catch (error) {
      assert.equal(error.code, 'ERR_CAPTURE');
      assert.match(error.message, /captures '(later|soon)', declared at .*: its declaration is not reached yet/);
      return undefined;
    }
  }

  it('have no value while their declaration is not reached', async () => {
    const early = await earlyValue(() => later);
    const later = 1;
    assert.equal(early, undefined);
    assert.equal(later, 1);
  });

  it('of evaluated code inside the function are not seen', async () => {
    // biome-ignore lint/security/noGlobalEval: that is what is tested
    assert.equal(await spawn(() => eval('typeof limit')), 'undefined');
  });

  it('may shadow globals where anything is captured', async () => {
    const sleep = () => limit;
    assert.equal(await spawn(() => sleep() + counter), 11);
  });

  it('are read again where they may have changed, however often they were', async () => {
    let changing = 0;
    const fixed = { n: 0 };
    const both = () => [changing, fixed.n];
    const same = () => fixed.n;
    for (let i = 0; i < 100; i++) {
      changing = i;
      fixed.n = -i;
      assert.deepEqual(await Promise.all([spawn(both), spawn(same)]), [[i, -i], -i]);
    }
    const late = () => soon;
    for (let i = 0; i < 100; i++) assert.equal(await earlyValue(late), undefined);
    const soon = 1;
    assert.equal(await spawn(late), soon);
  });

  it('are seen in the REPL', async () => {
    const child = require('node:child_process').spawn(process.execPath, ['-i'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let shown = '';
    const done = new Promise((resolve) => child.once('exit', resolve));
    child.stdout.on('data', (text) => {
      shown += text;
      if (/got 4/.test(shown)) child.stdin.end('.exit\n');
    });
    child.stdin.write(`const { spawn } = require(${JSON.stringify(LIB)}); let x = 1; var y = 2; function f() { return x + y; }
      spawn(() => f() + x).then((sum) => console.log('got', sum))\n`);
    const timer = setTimeout(() => child.kill(), 20e3);
    await done;
    clearTimeout(timer);
    assert.match(shown, /got 4/);
  });

  it('are seen by ES modules, -e, workers and private isolates', async () => {
    const run = (args, input) => execFileSync(process.execPath, args, { input, encoding: 'utf8', timeout: 30e3 });
    const url = require('node:url').pathToFileURL(join(__dirname, '..', 'lib', 'index.mjs'));
    const module = `
      import { spawn, shutdown, sleep } from '${url}';
      import * as all from '${url}';
      import * as fs from 'node:fs';
      import { lookup } from 'node:dns';
      const a = 1; let b = 2; export const c = 3;
      console.log(await spawn(() => [a, b, c, typeof all.spawn]));
      for (const fn of [() => fs.readFileSync('a'), () => lookup('a')]) {
        try { spawn(fn); } catch (error) { console.log(error.code, /a built-in of Node/.test(error.message)); }
      }
      await shutdown();`.replace(', sleep', '');
    const shown = run(['--input-type=module'], module);
    assert.equal(shown, "[ 1, 2, 3, 'function' ]\nERR_CAPTURE true\nERR_CAPTURE true\n");
    const script = `const { spawn, shutdown } = require(${JSON.stringify(LIB)}); let x = 1; var y = 2; function f() { return x + y; }
      spawn(() => f() + x).then(console.log).then(shutdown);`;
    assert.equal(run(['-e', script]), '4\n');
    const worker = new Worker(
      `const { spawn, shutdown } = require(${JSON.stringify(LIB)}); const x = { y: 1 };
       spawn(() => x).then(async (v) => { await shutdown(); require('node:worker_threads').parentPort.postMessage(v); });`,
      { eval: true },
    );
    assert.deepEqual(await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject)), {
      y: 1,
    });
    const isolate = new Isolate();
    assert.equal(await isolate.spawn(() => scale(limit)), 30);
    await isolate.dispose();
  });
});

describe('captured values that tasks have themselves', () => {
  it('are modules of Node that are nothing but JavaScript, and npm packages', async () => {
    const path = require('node:path');
    const semver = require('semver');
    const { gt } = semver;
    const program = () => [
      path.join('a', '..', 'b'),
      assertOk.name,
      semver.inc('1.2.3', 'minor'),
      gt('2.0.0', '1.0.0'),
    ];
    for (const form of ['plain', 'coroutine', 'storm']) {
      assert.deepEqual(await spawn.with({ form })(program), program(), form);
    }
  });

  it('are functions of this library, under any name', async () => {
    const { spawn: go } = library;
    assert.equal(await spawn(() => go((x) => x + limit, 1).join()), 11);
    assert.equal(await spawn(() => library.spawn(() => limit).join()), 10);
  });

  it('are those of this library that only the host can do, unless they are called', async () => {
    const { CaptureError, DataCloneError, Isolate, Task, configure, fromIterable, run, runFile, stats, transpile } =
      library;
    for (const form of ['plain', 'coroutine', 'storm']) {
      const start = spawn.with({ form });
      assert.deepEqual(
        await start(() =>
          [Isolate, Task, configure, fromIterable, run, runFile, shutdown, stats, transpile].map((fn) => [
            typeof fn,
            fn.name,
          ]),
        ),
        ['Isolate', 'Task', 'configure', 'fromIterable', 'run', 'runFile', 'shutdown', 'stats', 'transpile'].map(
          (name) => ['function', name],
        ),
        form,
      );
      const same = await start(async () => {
        const L = await import('@hertzscript/isolate');
        return [
          L.run === run,
          L.fromIterable === fromIterable,
          L.DataCloneError === DataCloneError,
          L.CaptureError === CaptureError,
        ];
      });
      assert.deepEqual(same, [true, true, true, true], form);
      await assert.rejects(
        start(() => [limit, shutdown()]),
        {
          name: 'TypeError',
          message: 'shutdown of @hertzscript/isolate is for the host: tasks cannot use it',
        },
      );
      assert.equal(await start(() => ({}) instanceof Task), false);
      await assert.rejects(
        start(() => [limit, new Isolate()]),
        {
          name: 'TypeError',
          message: 'Isolate of @hertzscript/isolate is for the host: tasks cannot use it',
        },
      );
    }
  });

  it('are built-ins of the language', async () => {
    const { max } = Math;
    const hasOwn = Object.prototype.hasOwnProperty;
    const M = Math;
    const text = await spawn((convert) => [max(1, limit), hasOwn.call({ a: 1 }, 'a'), M === Math, convert(5)], String);
    assert.deepEqual(text, [10, true, true, '5']);
  });
});

describe('what cannot be captured', () => {
  const refused = (fn, pattern) => {
    assert.throws(fn, (error) => {
      assert.ok(error instanceof CaptureError);
      assert.equal(error.code, 'ERR_CAPTURE');
      assert.equal(error.name, 'CaptureError');
      assert.match(error.message, pattern);
      assert.match(error.message, /as an argument.*spawn\.with\(\{ capture.*through a channel/);
      // That is not supported yet.
      assert.doesNotMatch(error.message, /host: \{/);
      assert.match(error.stack, /at .*closures\.spec\.js/);
      return true;
    });
  };

  it('is named with its path, its declaration and the ways out', () => {
    const state = { list: [{ proxy: new Proxy({}, {}) }] };
    const line = new Error().stack.split('\n')[1].match(/spec\.js:(\d+)/)[1] - 1;
    const place = `closures\\.spec\\.js:${line}:11`;
    refused(
      () => spawn(() => state),
      new RegExp(`captures 'state' \\(state\\.list\\[0\\]\\.proxy\\), declared at .*${place}: a Proxy`),
    );
    const helper = () => state;
    refused(() => spawn(() => helper()), /^function helper captures 'state'/);
    refused(() => spawn((f) => f(), helper), /^function helper captures 'state'/);
  });

  it('are Proxies, promises and symbols', () => {
    const proxy = new Proxy({}, { get: () => assert.fail('a trap ran') });
    const promise = Promise.resolve();
    const symbol = Symbol('s');
    const callable = new Proxy(() => {}, {});
    refused(() => spawn(() => proxy), /'proxy'.*a Proxy/);
    refused(() => spawn(() => promise), /'promise'.*a Promise cannot be captured \(await it first\)/);
    refused(() => spawn(() => symbol), /'symbol'.*a symbol/);
    refused(() => spawn(() => callable), /'callable'.*a Proxy/);
  });

  it('are native functions', () => {
    const native = process.memoryUsage.rss;
    refused(() => spawn(() => native()), /'native'/);
  });

  it('are built-ins of Node', () => {
    refused(() => spawn(() => readFileSync('x')), /'readFileSync'.*: fs\.readFileSync, a built-in of Node/);
  });

  it('is what has no name', () => {
    class Owner extends Object {
      #hidden = 1;
      self() {
        return () => this;
      }
      secret(other) {
        return () => other.#hidden;
      }
      parent() {
        return () => super.toString();
      }
    }
    function old() {
      // biome-ignore lint/complexity/noArguments: that is what is tested
      return [() => arguments[0], () => new.target];
    }
    refused(() => spawn(new Owner().self()), /captures 'this'/);
    refused(() => spawn(new Owner().secret(new Owner())), /captures '#hidden'/);
    refused(() => spawn(new Owner().parent()), /captures 'super'/);
    refused(() => spawn(old()[0]), /captures 'arguments'/);
    refused(() => spawn(old()[1]), /captures 'new\.target'/);
    const helper = () => this;
    refused(() => spawn(() => helper()), /^function helper at .*closures\.spec\.js.* captures 'this'/);
  });

  it('are getters of compiled modules that throw, with the cause', () => {
    const cause = new Error('no');
    const data = Object.defineProperty({}, 'broken', {
      enumerable: true,
      get() {
        throw cause;
      },
    });
    refused(() => spawn(() => data), /captures 'data', declared at .*: reading it threw: no\./);
    assert.throws(
      () => spawn(() => data),
      (error) => error.cause === cause,
    );
  });

  it('is a class that needs itself before it exists', () => {
    const registry = {};
    const { Inner } = {
      Inner: class Inner_ {
        m() {}
        static made = registry;
        static {
          registry.Inner = Inner_;
        }
      },
    };
    refused(() => spawn(() => new Inner()), /captures 'registry'.*the function or class itself/);
  });

  it('leaves nothing behind', async () => {
    const proxy = new Proxy({}, {});
    const buffer = new ArrayBuffer(8);
    assert.throws(() => spawn.with({ transfer: [buffer] })((b) => [b, proxy], buffer), CaptureError);
    assert.equal(buffer.byteLength, 8);
    assert.equal(await spawn(() => limit), 10);
  });

  it('are functions that go from a task to the host', async () => {
    await assert.rejects(
      spawn(() => () => limit),
      DataCloneError,
    );
    await assert.rejects(
      spawn(() => scale),
      DataCloneError,
    );
  });
});

describe('the option `capture`', () => {
  it('false reads nothing', async () => {
    const off = spawn.with({ capture: false });
    assert.equal(await off(() => typeof limit), 'undefined');
    assert.equal(
      await off(
        (f) => f(),
        () => typeof limit,
      ),
      'undefined',
    );
  });

  it('an object gives the values', async () => {
    const given = spawn.with({ capture: { limit: 5, scale: (x) => x + limit, counter: [1] } });
    assert.deepEqual(await given(() => [limit, scale(1), counter, typeof config]), [5, 6, [1], 'undefined']);
    assert.equal(await spawn.with({ capture: { Math: { max: () => 'mine' } } })(() => Math.max()), 'mine');
    assert.throws(() => spawn.with({ capture: { limit: Promise.resolve() } })(() => limit), CaptureError);
  });

  it('is checked', () => {
    assert.throws(() => spawn.with({ capture: 1 }), /capture must be false or an object/);
    assert.throws(() => spawn.with({ capture: true }), /capture must be false or an object/);
  });
});

describe('the inspector', () => {
  const run = (program, ...args) =>
    spawnSync(process.execPath, [...args, '-e', program], { encoding: 'utf8', timeout: 30e3 });

  it('is not touched by functions without captures', () => {
    const program = `
      require('node:inspector').Session.prototype.connect = () => { throw new Error('touched'); };
      const { spawn, shutdown } = require(${JSON.stringify(LIB)});
      (async () => {
        console.log(await spawn((x) => Math.max(x, 1), 2), await spawn(function f(n) { return n && f(n - 1); }, 3));
        const x = 1;
        console.log(await spawn.with({ capture: { x } })(() => x), await spawn.with({ capture: false })(() => typeof x));
        await shutdown();
      })();`;
    const { stdout, stderr } = run(program);
    assert.equal(stdout, '2 0\n1 undefined\n', stderr);
  });

  it('that is not there is a clear error', () => {
    const program = `
      require('node:inspector').Session.prototype.connect = () => { throw new Error('it was built without'); };
      const { spawn } = require(${JSON.stringify(LIB)});
      const x = 1;
      (() => { const y = 2; try { spawn(() => x + y + Math.E); } catch (error) { console.log(error.code, error.message); } })();
      process.exit();`;
    const { stdout, stderr } = run(program);
    assert.match(stdout, /^ERR_CAPTURE the function.* captures x, y, and .* node:inspector is not available/, stderr);
  });

  it('goes on working for the program itself', async () => {
    const { Session } = require('node:inspector');
    const session = new Session();
    session.connect();
    const seen = [];
    session.on('Debugger.paused', ({ params }) => seen.push(params.callFrames[0].url));
    session.post('Debugger.enable');
    session.post('Debugger.setPauseOnExceptions', { state: 'all' });
    const task = spawn(() => scale(limit));
    session.disconnect();
    assert.deepEqual(seen, []);
    assert.equal(await task, 30);
    assert.equal(await spawn(() => scale(limit)), 30);
  });

  it('keeps nothing alive', async () => {
    const { setTimeout: wait } = require('node:timers/promises');
    let collected = false;
    const registry = new FinalizationRegistry(() => {
      collected = true;
    });
    await (async () => {
      const big = { data: new Array(1000).fill(1) };
      registry.register(big);
      await spawn(() => big.data.length);
    })();
    const { setFlagsFromString } = require('node:v8');
    setFlagsFromString('--expose-gc');
    const gc = vm.runInNewContext('gc');
    // What settled last is remembered for late stacks.
    for (let i = 0; i < 200 && !collected; i++) {
      await spawn((n) => n, i);
      if (i % 10 === 0) gc();
      await wait(1);
    }
    assert.equal(collected, true);
  });
});

describe('sources of closures', () => {
  it('are forgotten when there are too many, and made again', async () => {
    const make = (i) => new Function('v', `return () => v + ${i}`)(i);
    for (let round = 0; round < 2; round++) {
      const tasks = [];
      for (let i = 0; i < 4500; i += 1) tasks.push(spawn.with({ capture: { v: i } })(make(i)));
      const results = await Promise.all(tasks);
      assert.ok(results.every((result, i) => result === i * 2));
    }
  });
});
