'use strict';

const assert = require('node:assert/strict');
const { spawn: start, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');
const { describe, it } = require('node:test');

const library = JSON.stringify(join(__dirname, '..', 'lib', 'index.js'));

/** Runs `body` in a task of a fresh process, and directly in another one; gives what each printed. */
function both(body) {
  const text = body.toString();
  const here = spawnSync(process.execPath, ['-e', `(${text})()`], { encoding: 'utf8' });
  const task = spawnSync(process.execPath, ['-e', `require(${library}).spawn(${text})`], { encoding: 'utf8' });
  assert.equal(task.status, 0, task.stderr);
  return { here, task };
}

/** Expects a task to print what the host prints. */
function same(body) {
  const { here, task } = both(body);
  assert.equal(task.stdout, here.stdout);
  assert.equal(task.stderr, here.stderr);
  assert.notEqual(here.stdout + here.stderr, '');
}

describe('console in tasks', () => {
  it('formats plain lines as Node does', () => {
    same(() => {
      console.log('text', 1, -0, true, null, undefined);
      console.log('%s is %d years and %i, %f, %j %o %O %%', 'Bob', 42.5, 42.5, 1.5, { a: 1 }, [1], { b: 2 }, 'extra');
      console.log();
      console.info('info');
      console.debug('debug');
      console.warn('warn');
      console.error('error %s', 'here');
      console.log('a\nb', 'ünïcödé 💥');
    });
  });

  it('formats values as Node does', () => {
    same(() => {
      class Foo {
        #secret = 1;
        x = 1;
        get y() {
          return 2;
        }
      }
      console.log(
        { a: 1, b: { c: { d: { e: 1 } } } },
        [1, , 3],
        new Foo(),
        Foo,
        () => {},
        function named() {},
      );
      console.log(new Map([['a', { b: 1 }]]), new Set([1, 'x']), Symbol('s'), 10n, new Date(0), /re/g);
      console.log(new Error('msg').message, [undefined, null], { f() {} }, Object.create(null));
      console.log(new Uint8Array([1, 2]), [new WeakMap()], Promise.resolve(5), Promise.reject.name);
      console.log([1, 2, 3][Symbol.iterator](), new Map([[1, 2]]).entries());
      console.log(
        Array.from({ length: 120 }, (_, i) => i),
        'x'.repeat(10),
        ['long '.repeat(30)],
      );
      console.log(
        new Promise(() => {}),
        async () => {},
        function* gen() {},
        class extends Foo {},
      );
      const cycle = { name: 'c' };
      cycle.self = cycle;
      console.log(cycle, Object(1), [true, 'it\'s "quoted"'], -0, [-0]);
      console.dir({ a: { b: { c: {} } } }, { depth: 0 });
    });
  });

  const isNewest = Number(process.versions.node.split('.')[0]) >= 26;
  it('formats as the newest Node does what older ones format otherwise', {
    skip: !isNewest && 'the formatter is of Node 26, which prints these a little differently than before',
  }, () => {
    same(() => {
      console.log(new Proxy({ target: 1 }, {}), { [Symbol('k')]: 1 }, new ArrayBuffer(4));
    });
  });

  it('has the rest of the methods', () => {
    same(() => {
      console.group('group');
      console.log('inner\nlines');
      console.group();
      console.warn('deeper');
      console.groupEnd();
      console.groupEnd();
      console.log('outer');
      console.count();
      console.count('x');
      console.count();
      console.countReset();
      console.count();
      console.assert(true, 'no');
      console.assert(false);
      console.assert(false, 'yes %s', 'really');
      console.table([
        { a: 1, b: 'two' },
        { a: 3, c: true },
      ]);
      console.table(['p', 'q']);
      console.table(new Map([['k', 1]]));
      console.table([{ a: 1, b: 2 }], ['b']);
      console.table(5);
    });
  });

  it('prints tables whatever became of the built-ins', () => {
    const { task } = both(() => {
      // The formatter is loaded at its first use.
      console.log({});
      for (const name of ['map', 'reduce', 'includes']) Array.prototype[name] = () => null.trap;
      console.table([{ a: 1, b: 'x' }, { a: 2 }]);
    });
    assert.match(task.stdout, /│ 1 +│ 2 +│ +│/);
  });

  it('times, and traces with the task as the place', () => {
    const { task } = both(() => {
      console.time('t');
      console.timeEnd('t');
      console.trace('here');
    });
    assert.match(task.stdout, /^t: [\d.]+ms\n$/);
    assert.match(task.stderr, /^Trace: here\n {4}at /);
  });

  it('prints in order, and before the task settles', () => {
    const script = `
      const { spawn } = require(${library});
      (async () => {
        for (let round = 0; round < 50; round++) {
          await spawn((n) => { for (let i = 0; i < 20; i++) console.log(n + ' ' + i); }, round);
          console.log(round + ' done');
        }
      })();`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    const expected = [];
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 20; i++) expected.push(`${round} ${i}`);
      expected.push(`${round} done`);
    }
    assert.deepEqual(stdout.trimEnd().split('\n'), expected);
  });

  it('uses the console that the host has when the line arrives', () => {
    const script = `
      const { spawn } = require(${library});
      const lines = [];
      console.log = (...args) => lines.push(args);
      spawn(() => console.log('100%', { a: 1 })).then(() => process.stdout.write(JSON.stringify(lines)));`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(stdout), [['100% { a: 1 }']]);
  });

  it('a flood holds the task, not the host: its memory stays bounded and it stays responsive', () => {
    const script = `
      const { spawn, shutdown } = require(${library});
      let most = 0, lines = 0, ticks = 0;
      console.log = () => { lines++; };
      spawn(() => { for (;;) console.log('x'.repeat(1000)); }).catch(() => {});
      const timer = setInterval(() => {
        ticks++;
        most = Math.max(most, process.memoryUsage.rss());
        if (ticks === 100) {
          clearInterval(timer);
          shutdown().then(() => process.stdout.write(JSON.stringify({ most: most >> 20, lines })));
        }
      }, 10);`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', script], {
      encoding: 'utf8',
      timeout: 60000,
    });
    assert.equal(status, 0, stderr);
    const { most, lines } = JSON.parse(stdout);
    assert.ok(lines > 1000, `${lines} lines`);
    assert.ok(most < 500, `${most} MB`);
  });

  it('a host that is busy is not flooded either', () => {
    const script = `
      const { spawn } = require(${library});
      const task = spawn(() => { for (let i = 0; i < 20000; i++) console.log('y'.repeat(500)); return 'end'; });
      const end = Date.now() + 500;
      while (Date.now() < end);
      const most = process.memoryUsage.rss() >> 20;
      task.then((result) => process.stderr.write(JSON.stringify({ most, result })));`;
    const { stderr, stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const { most, result } = JSON.parse(stderr);
    assert.equal(result, 'end');
    assert.equal(stdout.length, 20000 * 501);
    assert.ok(most < 400, `${most} MB`);
  });

  it('a reader that is slow holds the task too, and gets every line', async () => {
    const script = `
      const { spawn } = require(${library});
      spawn(() => { for (let i = 0; i < 120000; i++) console.log('z'.repeat(1000)); });
      spawn(() => 1).then(() => process.stderr.write('others go on'));`;
    const child = start(process.execPath, ['--max-old-space-size=50', '-e', script]);
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.stdout.pause();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    assert.equal(stderr, 'others go on');
    let bytes = 0;
    child.stdout.on('data', (data) => {
      bytes += data.length;
    });
    child.stdout.resume();
    const [status] = await once(child, 'close');
    assert.equal(status, 0, stderr.slice(0, 1000));
    assert.equal(bytes, 120000 * 1001);
  });

  it('a reader that goes away holds nobody', async () => {
    const script = `
      require(${library}).spawn(() => { for (let i = 0; i < 20000; i++) console.log('z'.repeat(1000)); return 'end'; })
        .then((result) => process.stderr.write(result));
      process.stdout.on('error', () => {});`;
    const child = start(process.execPath, ['-e', script]);
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    const [status] = await once(child, 'close');
    assert.equal(stderr, 'end');
    assert.equal(status, 0);
  });

  it('a console of the host that throws is an uncaught exception, and loses neither lines nor results', () => {
    const script = `
      const { spawn } = require(${library});
      process.on('uncaughtException', (error) => process.stdout.write(error.message + ' '));
      const { log } = console;
      console.log = (text) => { if (text === 'one') throw new Error('mock'); log(text); };
      spawn(() => { console.log('one'); console.log('two'); return 'result'; }).then((v) => process.stdout.write(v));`;
    const { stdout, status } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 20000 });
    assert.match(stdout, /mock /);
    assert.match(stdout, /two\n/);
    assert.match(stdout, /result/);
    assert.equal(status, 0);
  });
});
