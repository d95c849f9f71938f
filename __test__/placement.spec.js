'use strict';

// Where tasks run that tasks have started: on any isolate of the pool, if they share nothing with their parent.

const assert = require('node:assert/strict');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, before, describe, it } = require('node:test');
const { runProgram } = require('./program.js');

const root = join(__dirname, '..');

/** What a program of its own, with a pool of three threads, prints. How many of them begin in time is up to the system. */
async function program(source, env) {
  const { code, ...printed } = await runProgram(
    `const L = require(${JSON.stringify(root)});
L.configure({ threads: 3 });
const { spawn, chan } = L;
function busy(ms) { const end = performance.now() + ms; let n = 0; while (performance.now() < end) n++; return n > 0; }
function here() { return (Math.mark ??= Math.random()); }
function spread(marks) { return new Set(marks).size > 1 ? 'several' : 'one'; }
(async () => {
${source}
})();`,
    60_000,
    env,
  );
  assert.equal(code, 0, printed.err);
  return printed;
}

const print = async (source) => (await program(source)).out;

describe('tasks that tasks start', { concurrency: 2 }, () => {
  it('run on several isolates where their functions capture what never changes', async () => {
    const source = `
      const marks = await spawn(() => {
        const k = 7;
        const tasks = [];
        for (let i = 0; i < 9; i++) tasks.push(spawn((x) => { busy(50); return [here(), x * k + i]; }, 2 * i));
        return tasks.map((task) => task.join());
      });
      console.log(spread(marks.map(([mark]) => mark)), marks.map(([, value]) => value).join());`;
    assert.equal(await print(source), 'several 0,15,30,45,60,75,90,105,120');
  });

  it('stay where they share what may change', async () => {
    const source = `
      const out = await spawn(() => {
        let count = 0;
        const list = [];
        const tasks = [];
        for (let i = 0; i < 6; i++) {
          tasks.push(spawn(() => { busy(40); count++; return here(); }));
          tasks.push(spawn(() => { busy(40); list.push(1); return here(); }));
        }
        const marks = tasks.map((task) => task.join());
        return [spread(marks), count, list.length];
      });
      console.log(out.join());`;
    assert.equal(await print(source), 'one,6,6');
  });

  it('take channels, shared memory and functions along', async () => {
    const source = `
      const shared = new Int32Array(new SharedArrayBuffer(4));
      const out = await spawn((shared) => {
        const results = chan(20);
        const scale = (x) => twice(x) + 1;
        function twice(x) { return 2 * x; }
        const tasks = [];
        for (let i = 0; i < 9; i++) {
          tasks.push(spawn(() => { busy(40); Atomics.add(shared, 0, i); results.send([scale(i), here()]); }));
        }
        for (const task of tasks) task.join();
        results.close();
        const all = [...results];
        return [spread(all.map(([, mark]) => mark)), all.map(([x]) => x).sort((a, b) => a - b).join()];
      }, shared);
      console.log(out.join(' '), shared[0]);`;
    assert.equal(await print(source), 'several 1,3,5,7,9,11,13,15,17 36');
  });

  it('divide and conquer', async () => {
    const source = `
      const out = await spawn(() => {
        function sum(from, to) {
          if (to - from <= 1) { busy(20); return [from, [here()]]; }
          const middle = (from + to) >> 1;
          const left = spawn(() => sum(from, middle));
          const [b, there] = sum(middle, to);
          const [a, marks] = left.join();
          return [a + b, [...marks, ...there]];
        }
        return sum(0, 32);
      });
      console.log(out[0], spread(out[1]));`;
    assert.equal(await print(source), '496 several');
  });

  it('take functions along that capture themselves and each other', async () => {
    const source = `
      const down = (n) => (n === 0 ? 0 : 1 + across(n - 1));
      const across = (n) => (n === 0 ? 0 : 1 + down(n - 1));
      const out = await spawn(() => {
        const tasks = [];
        for (let i = 0; i < 6; i++) tasks.push(spawn(() => { busy(40); return [down(i), here()]; }));
        return tasks.map((task) => task.join());
      });
      console.log(out.map(([x]) => x).join(), spread(out.map(([, mark]) => mark)));`;
    assert.equal(await print(source), '0,1,2,3,4,5 several');
  });

  it('fail with their errors, whose stacks show the places in the source', async () => {
    const source = `
      const out = await spawn(() => {
        const tasks = [];
        for (let i = 0; i < 6; i++) {
          tasks.push(spawn((i) => { busy(40); throw Object.assign(new RangeError('bad ' + i), { mark: here() }); }, i));
        }
        return tasks.map((task) => { try { task.join(); } catch (error) { return error; } });
      });
      const place = ({ stack }) => /eval\\]:\\d+:\\d+/.exec(stack)?.[0];
      console.log(spread(out.map((error) => error.mark)), [...new Set(out.map(place))].join());
      console.log(out.map((error) => error.message + (error instanceof RangeError)).join());`;
    const lines = `${'\n'.repeat(7)}${source}`.split('\n');
    const line = lines.findIndex((text) => text.includes('throw Object'));
    assert.deepEqual((await print(source)).split('\n'), [
      `several eval]:${line + 1}:${lines[line].indexOf('new RangeError') + 1}`,
      'bad 0true,bad 1true,bad 2true,bad 3true,bad 4true,bad 5true',
    ]);
  });

  it('are killed, paused and resumed wherever they are', async () => {
    const source = `
      const out = await spawn(() => {
        const log = chan(100);
        const tasks = [];
        for (let i = 0; i < 6; i++) {
          tasks.push(spawn(() => { try { log.send('begun'); for (;;) { busy(5); } } finally { log.send(here()); } }));
        }
        for (const _ of tasks) log.recv();
        for (const task of tasks) { task.pause(); }
        const paused = tasks.map((task) => task.status).join('');
        for (const task of tasks) { task.resume(); task.kill('enough'); }
        const ends = tasks.map((task) => { try { task.join(); } catch (error) { return error.name + error.message; } });
        const marks = tasks.map(() => log.recv());
        return [spread(marks), new Set(ends).size, ends[0], paused];
      });
      console.log(out.join('|'));`;
    assert.equal(await print(source), `several|1|TaskKilledErrorthe task was killed: enough|${'paused'.repeat(6)}`);
  });

  it('are killed with their parent', async () => {
    const source = `
      const log = chan(100);
      const parent = spawn((log) => {
        const tasks = [];
        for (let i = 0; i < 6; i++) {
          tasks.push(spawn(() => { try { log.send('begun'); for (;;) { busy(5); } } finally { log.send(here()); } }));
        }
        for (const task of tasks) task.join();
      }, log);
      const alive = setInterval(() => {}, 1000);
      for (let i = 0; i < 6; i++) await log.recv();
      parent.kill();
      const marks = [];
      for (let i = 0; i < 6; i++) marks.push(await log.recv());
      clearInterval(alive);
      console.log(spread(marks), await parent.catch((error) => error.code));`;
    assert.equal(await print(source), 'several ERR_TASK_KILLED');
  });

  it('report failures that nobody hears of as those of their parent', async () => {
    const source = `
      process.on('unhandledRejection', (error) => console.log('unhandled', error.message));
      await spawn(() => {
        const tasks = [];
        for (let i = 0; i < 6; i++) tasks.push(spawn((i) => { busy(40); if (i === 5) throw new Error('lost'); }, i));
        sleep(300);
      });`;
    assert.equal(await print(source), 'unhandled lost');
  });

  it('do not wait for an isolate that is in one long operation', async () => {
    const source = `
      L.configure({ killGrace: 50 });
      const stuck = spawn(() => /^(a+)+$/.test('a'.repeat(34) + 'b'));
      const count = await spawn(() => {
        const tasks = [];
        for (let i = 0; i < 60; i++) tasks.push(spawn(() => busy(12)));
        return tasks.filter((task) => task.join()).length;
      });
      console.log(count, stuck.status);
      stuck.kill();
      await stuck.catch((error) => console.log(error.code));`;
    assert.equal(await print(source), '60 running\nERR_TASK_KILLED');
  });

  it('may be given to the groups of the kit, and started by those that were sent', async () => {
    const source = `
      const out = await spawn(() => {
        const marks = chan(100);
        const group = new ErrGroup();
        for (let i = 0; i < 6; i++) group.go(() => { busy(40); marks.send(here()); spawn(() => marks.send(here())).join(); });
        group.wait();
        const job = task((x) => { busy(40); return [here(), x]; });
        const calls = [];
        for (let i = 0; i < 6; i++) calls.push(spawn(() => job(i)));
        const got = calls.map((call) => call.join());
        marks.close();
        return [spread(marks), got.map(([, x]) => x).join('')];
      });
      console.log(out.join());`;
    assert.equal(await print(source), 'several,012345');
  });

  it('run in storm form, too', async () => {
    const source = `
      const marks = await spawn.with({ form: 'storm' })(() => {
        const f = (n) => (n < 2 ? n : f(n - 1) + f(n - 2));
        const tasks = [];
        for (let i = 0; i < 9; i++) tasks.push(spawn(() => [f(12), here()]));
        return tasks.map((task) => task.join());
      });
      console.log(marks.map(([x]) => x).join());`;
    assert.equal(await print(source), Array(9).fill(144).join());
  });

  it("take along what the host's AsyncLocalStorages hold, and stay where that is shared", async () => {
    const source = `
      const { AsyncLocalStorage } = require('node:async_hooks');
      const storage = new AsyncLocalStorage(), other = new AsyncLocalStorage();
      const start = () => spawn(() => {
        const tasks = [];
        // One of the program's own is known to nobody who can leave.
        const own = new (require('node:async_hooks').AsyncLocalStorage)();
        own.run({ it: 'is shared' }, () => {
          other.run('inner', () => {
            for (let i = 0; i < 6; i++) {
              tasks.push(spawn(() => {
                busy(40);
                const child = spawn(() => [storage.getStore(), other.getStore()].join());
                return [here(), child.join() + i];
              }));
            }
          });
        });
        return tasks.map((task) => task.join());
      });
      const [out, shared] = [await storage.run(7, start), await storage.run({}, start)];
      console.log(spread(out.map(([mark]) => mark)), out.map(([, value]) => value).join(' '));
      console.log(spread(shared.map(([mark]) => mark)));`;
    assert.equal(await print(source), 'several 7,inner0 7,inner1 7,inner2 7,inner3 7,inner4 7,inner5\none');
  });

  it('stay in a private isolate', async () => {
    const source = `
      const isolate = new L.Isolate();
      const marks = await isolate.spawn(() => {
        const tasks = [];
        for (let i = 0; i < 6; i++) tasks.push(spawn(() => { busy(40); return here(); }));
        return tasks.map((task) => task.join());
      });
      await isolate.dispose();
      console.log(spread(marks));`;
    assert.equal(await print(source), 'one');
  });

  it('are counted by why they stay', async () => {
    const source = `
      const sum = (name) => L.stats().isolates.reduce((sum, isolate) => sum + isolate.childrenStayed[name], 0);
      const counts = () => ['private', 'function', 'values', 'deadlocks'].map(sum).join();
      const bound = () => {
        let count = 0;
        for (let i = 0; i < 5; i++) spawn(() => count++).join();
        for (let i = 0; i < 3; i++) spawn(() => i).join();
        return count;
      };
      await spawn(bound);
      console.log(counts());
      const isolate = new L.Isolate();
      await isolate.spawn(() => spawn(() => 1).join());
      await isolate.spawn(bound);
      console.log(Object.values(isolate.stats().childrenStayed).join());
      await isolate.dispose();
      // Others ask for these, sooner or later, and cannot have them.
      const isThere = (name) => async (make) => { while (sum(name) === 0) await make(); };
      await isThere('values')(() => spawn(() => {
        const tasks = [];
        const list = [];
        for (let i = 0; i < 6; i++) tasks.push(spawn(() => { busy(40); list.push(1); }));
        for (const task of tasks) task.join();
      }));
      await isThere('deadlocks')(() => L.run(\`
        const tasks = [];
        for (let i = 0; i < 6; i++) tasks.push(spawn((c) => { for (const t = Date.now(); Date.now() - t < 40;); }, chan()));
        for (const task of tasks) task.join();
      \`, { form: 'coroutine' }));
      console.log('all');`;
    assert.equal(await print(source), '0,5,0,0\n9,0,0,0\nall');
  });

  it('say where they run, and why, if asked', async () => {
    const source = `
      let n = 0;
      await spawn(() => {
        let count = 0;
        const tasks = [];
        for (let i = 0; i < 4; i++) {
          tasks.push(spawn(function free() { busy(40); }));
          tasks.push(spawn(function bound() { count += here(); }));
        }
        for (const task of tasks) task.join();
      });
      console.log(L.stats().steals > 0);`;
    const { out, err } = await program(source, { NODE_DEBUG: 'hertzscript' });
    assert.equal(out, 'true');
    assert.match(err, /a task "free" of task \d+ goes to an isolate that has nothing to do/);
    assert.match(err, /a task "bound" of task \d+ stays on its isolate: `count` is reassigned/);
  });
});

describe('tasks of the host', () => {
  it('that come right after each other do not wait for one another, though one worker looks for work', async () => {
    const source = `
      L.configure({ threads: 2, killGrace: 1 });
      let rounds = 0;
      for (; rounds < 100; rounds++) {
        // The worker that has run this one looks for more.
        await spawn(() => 1);
        const stuck = spawn(() => /^(a+)+$/.test('a'.repeat(40) + 'b'));
        await spawn(() => 1);
        stuck.kill();
        await stuck.catch(() => {});
      }
      console.log(rounds);`;
    assert.equal(await print(source), '100');
  });
});

describe('tasks of programs', () => {
  let folder;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hertzscript-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('run on several isolates, and their errors show the file', async () => {
    writeFileSync(
      join(folder, 'main.mts'),
      `import { spawn } from '@hertzscript/isolate';
const base: number = 40;
const busy = (ms: number): void => { const end = performance.now() + ms; while (performance.now() < end); };
function here(): number { return ((Math as any).mark ??= Math.random()); }
export const marks: number[] = [];
const tasks = [];
for (let i = 0; i < 6; i++) tasks.push(spawn((x: number) => { busy(50); return [here(), base + x]; }, i));
let sum = 0;
for (const task of tasks) { const [mark, value] = task.join(); marks.push(mark); sum += value; }
export const total = sum;
const failing = [1, 2, 3, 4].map((i) => spawn(() => {
  busy(40);
  throw new Error('here');
}));
export const stacks = failing.map((task) => { try { task.join(); } catch (error) { return (error as Error).stack; } });
`,
    );
    const source = `
      const exports = await L.runFile(${JSON.stringify(join(folder, 'main.mts'))});
      const places = exports.stacks.map((stack) => /main\\.mts:\\d+:\\d+/.exec(stack)?.[0]);
      console.log(spread(exports.marks), exports.total, [...new Set(places)].length);`;
    assert.equal(await print(source), 'several 255 1');
  });
});
