'use strict';

// task.stack(): where a task of any state stands.

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { setTimeout: delay } = require('node:timers/promises');
const { readFileSync } = require('node:fs');
const { Isolate, chan, run, shutdown, spawn } = require('../lib/index.js');

const source = readFileSync(__filename, 'utf8').split('\n');

/** The place in this file of what a comment marks: `/* name *\/` stands just before it. */
function placeOf(name) {
  const mark = `/* ${name} */ `;
  const line = source.findIndex((text) => text.includes(mark));
  assert.ok(line >= 0, name);
  return `${__filename}:${line + 1}:${source[line].indexOf(mark) + mark.length + 1}`;
}

/** The frames of a stack, without the words around places. */
const places = (stack) =>
  stack
    .split('\n')
    .slice(1)
    .map((line) => /\(?([^\s(]+:\d+:\d+)\)?$/.exec(line)?.[1] ?? line);

const until = async (condition) => {
  const end = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < end, 'it took too long');
    await delay(1);
  }
};

/** Waits until a task's stack begins with a line. */
async function stackWhen(task, head) {
  const end = performance.now() + 10_000;
  for (;;) {
    const stack = await task.stack();
    if (head.test(stack)) return stack;
    assert.ok(performance.now() < end, stack);
    await delay(1);
  }
}

describe('task.stack()', () => {
  after(() => shutdown());

  for (const form of ['coroutine', 'storm']) {
    it(`shows the frames of a blocked task (${form})`, async () => {
      const receive = (channel) => {
        const value = channel./* receives */ recv();
        return value + 1;
      };
      function outer() {
        const value = /* calls */ receive(chan());
        return value;
      }
      const task = /* spawns */ spawn.with({ form })(outer);
      const stack = await stackWhen(task, /^Task \d+ "outer": blocked in recv\n/);
      assert.deepEqual(places(stack).slice(0, 2), [placeOf('receives'), placeOf('calls')]);
      assert.match(stack, /\n {4}at outer \(/);
      assert.match(stack, /\n {4}at spawn in .*task-stack\.spec\.js:\d+:\d+\)\n/);
      task.kill();
    });

    it(`shows a task that runs, without ending it (${form})`, async () => {
      const flags = new Int32Array(new SharedArrayBuffer(8));
      const task = spawn.with({ form })((state) => {
        const spin = () => {
          let turns = 0;
          Atomics.store(state, 1, 1);
          /* loops */ while (Atomics.load(state, 0) === 0) turns++;
          return turns;
        };
        const turns = /* spins */ spin();
        return turns > 0;
      }, flags);
      await until(() => Atomics.load(flags, 1) === 1);
      assert.equal(task.status, 'running');
      const stack = await stackWhen(task, /\n.*task-stack/);
      assert.match(stack, /^Task \d+: running\n/);
      assert.deepEqual(places(stack).slice(0, 2), [placeOf('loops'), placeOf('spins')]);
      Atomics.store(flags, 0, 1);
      assert.equal(await task, true);
      assert.match(await task.stack(), /^Task \d+: done\n {4}at spawn in /);
    });

    it(`shows what a task sleeps or joins in (${form})`, async () => {
      const sleeper = spawn.with({ form })(() => {
        /* sleeps */ sleep(1e6);
        return 1;
      });
      assert.equal(places(await stackWhen(sleeper, /: blocked in sleep\(1000000\)\n/))[0], placeOf('sleeps'));
      const joiner = spawn.with({ form })(() => {
        const child = globalThis.spawn(function child() {
          return chan().recv();
        });
        const value = child./* joins */ join();
        return value;
      });
      assert.equal(places(await stackWhen(joiner, /: blocked in join of task \d+ "child"\n/))[0], placeOf('joins'));
      sleeper.kill();
      joiner.kill();
    });

    it(`shows async functions that await each other (${form})`, async () => {
      const task = spawn.with({ form })(async () => {
        const never = new Promise(() => {});
        async function inner() {
          await null;
          /* awaits never */ await never;
        }
        /* awaits inner */ await inner();
      });
      const stack = await stackWhen(task, /: blocked in await\n {4}at async inner .*\n {4}at async/);
      assert.deepEqual(places(stack).slice(0, 2), [placeOf('awaits never'), placeOf('awaits inner')]);
      task.kill();
    });

    it(`shows what blocks in a job, and who awaits it (${form})`, async () => {
      const task = spawn.with({ form })(async () => {
        const later = async () => {
          await null;
          const value = chan()./* blocks in a job */ recv();
          return value;
        };
        /* awaits the job */ await later();
      });
      const stack = await stackWhen(task, /: blocked in recv\n/);
      assert.deepEqual(places(stack).slice(0, 2), [placeOf('blocks in a job'), placeOf('awaits the job')]);
      task.kill();
    });

    it(`shows what blocks under a native frame (${form})`, async () => {
      const isolate = new Isolate();
      const task = isolate.spawn.with({ form })(() => {
        const object = {
          valueOf() {
            /* blocks natively */ sleep(1e6);
            return 1;
          },
        };
        return object /* adds */ + 1;
      });
      const stack = await stackWhen(task, /: blocked in sleep\(1000000\)\n/);
      assert.deepEqual(places(stack).slice(0, 2), [placeOf('blocks natively'), placeOf('adds')]);
      assert.equal(await task.stack(), stack);
      task.kill();
      await task.catch(() => {});
      await isolate.dispose();
    });

    it(`is asked in tasks, too, and shows the chain of spawns (${form})`, async () => {
      const stack = await spawn.with({ form })(() => {
        const ready = chan(1);
        const child = /* spawns child */ globalThis.spawn(function child() {
          const grandchild = /* spawns grandchild */ globalThis.spawn(function grandchild() {
            const value = chan()./* waits */ recv();
            return value;
          });
          ready.send(grandchild);
        });
        child.join();
        const grandchild = ready.recv();
        sleep(1);
        const text = grandchild.stack();
        if (grandchild.stack() !== text) throw new Error(`asked again: ${grandchild.stack()}`);
        grandchild.kill('enough');
        try {
          grandchild.join();
        } catch {
          return [text, grandchild.stack(), child.stack()];
        }
        return undefined;
      });
      const [text, killed, done] = stack;
      assert.match(text, /^Task \d+ "grandchild": blocked in recv\n {4}at grandchild \(/);
      const lines = text.split('\n');
      assert.equal(lines.length, 4, text);
      assert.match(lines[2], /^ {4}at spawn in child \(/);
      assert.match(lines[3], /^ {4}at spawn \(/);
      assert.match(killed, /^Task \d+ "grandchild": killed$/);
      assert.match(done, /^Task \d+ "child": done$/);
    });

    it(`shows the places of programs in their source (${form})`, async () => {
      const program =
        'interface A { n: number }\nconst box: A = { n: 1 };\nconst ch = chan(); setTimeout(() => ch.send(1), 1e5);\nfunction get(): number {\n  return box.n + ch.recv();\n}\nget();';
      const task = run(program, { form, filename: 'program.ts' });
      const stack = await stackWhen(task, /: blocked in recv\n/);
      assert.match(stack, /\n {4}at get \(program\.ts:5:21\)\n {4}at program\.ts:7:1\n {4}at run in /);
      task.kill();
    });
  }

  it('shows a paused task, and one that is queued', async () => {
    const task = spawn(() => {
      for (;;);
    });
    await until(() => task.status === 'running');
    task.pause();
    assert.match(await stackWhen(task, /: paused/), /\n {4}at .*task-stack\.spec\.js/);
    task.kill();
    const isolate = new Isolate();
    const hog = isolate.spawn.with({ form: 'plain' })(() => {
      for (;;);
    });
    await until(() => hog.status === 'running');
    const queued = isolate.spawn(() => 1);
    assert.match(await queued.stack(), /^Task \d+: queued\n {4}at spawn in /);
    queued.pause();
    assert.match(await queued.stack(), /^Task \d+: paused before it began\n {4}at spawn in /);
    await isolate.dispose();
  });

  it('interrupts what does not look: plain form, regular expressions', async () => {
    const plain = spawn.with({ form: 'plain' })(function plain() {
      /* spins plainly */ for (;;);
    });
    // It may be asked where the function has just begun.
    const inLine = (name, mark) => {
      const line = placeOf(mark).replace(/:\d+$/, ':');
      return { test: (stack) => stack.includes(`: running\n    at ${name} `) && places(stack)[0].startsWith(line) };
    };
    await stackWhen(plain, inLine('plain', 'spins plainly'));
    plain.kill();
    const matching = spawn.with({ isolate: 'private' })(function matching() {
      return /* matches */ /^(a+)+$/.test(`${'a'.repeat(50)}b`);
    });
    await stackWhen(matching, inLine('matching', 'matches'));
    matching.kill();
  });

  it('says so where nothing can be found out, and does not wait for it', async () => {
    const state = new Int32Array(new SharedArrayBuffer(4));
    const task = spawn.with({ isolate: 'private' })((flags) => {
      const text = 'a'.repeat(100_000);
      Atomics.store(flags, 0, 1);
      // One operation of V8's that takes a second.
      return text.lastIndexOf(`${'a'.repeat(50_000)}b`);
    }, state);
    await until(() => state[0] === 1);
    await delay(20);
    const begun = performance.now();
    const stack = await task.stack();
    assert.ok(performance.now() - begun < 2000);
    assert.match(stack, /: running, in an operation that cannot be interrupted\n {4}at spawn in /);
    task.kill();
  });

  it('is answered for a task that settles meanwhile', async () => {
    const tasks = [];
    const stacks = [];
    for (let index = 0; index < 200; index++) {
      tasks[index] = spawn((n) => n, index);
      stacks.push(tasks[index].stack());
    }
    for (const stack of await Promise.all(stacks)) assert.match(stack, /^Task \d+: (queued|running|done)/);
    await Promise.all(tasks);
  });

  it('is answered in tasks, however many ask, and wherever the task is and whatever becomes of it meanwhile', async () => {
    const asked = await spawn(() => {
      let count = 0;
      for (let round = 0; round < 20; round++) {
        const gate = chan();
        const children = Array.from({ length: 16 }, (_, index) =>
          spawn(
            (gate, index) => {
              const end = Date.now() + 2;
              while (Date.now() < end);
              return index % 2 === 0 ? gate.recv() : index;
            },
            gate,
            index,
          ),
        );
        // Keeps this isolate busy, so that children leave it.
        const end = Date.now() + 5;
        while (Date.now() < end);
        for (let times = 0; times < 3; times++) {
          for (const child of children) {
            const stack = child.stack();
            if (!/^Task \d+: /.test(stack)) return stack;
            count++;
          }
          // What they share keeps them here.
          const askers = children.map((child) =>
            spawn(() => {
              const stacks = [child.stack(), child.stack()];
              count += stacks.length;
            }),
          );
          for (const asker of askers) asker.join();
        }
        gate.close();
        for (const child of children) child.join();
      }
      return count;
    });
    assert.equal(asked, 20 * 3 * 16 * 3);
  });
});
