'use strict';

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const {
  CaptureError,
  DataCloneError,
  ErrGroup,
  Mutex,
  chan,
  scope,
  shutdown,
  spawn,
  task,
} = require('../lib/index.js');

describe('what of the kit stays where it was made', () => {
  after(() => shutdown());

  const refuses = (name, fix) => (error) => {
    assert.ok(error instanceof DataCloneError || error instanceof CaptureError, String(error));
    assert.match(error.message, name);
    assert.match(error.message, fix);
    return true;
  };
  const group = refuses(/an ErrGroup/, /start its tasks there, or pass a WaitGroup, a Context, or a channel/);
  const ofScope = refuses(/what a scope gives/, /start the tasks there, or pass a channel/);
  const ofTask = refuses(/task\(\)/, /call task\(\) there/);
  const guard = refuses(/a guard/, /pass the lock, and lock it there/);

  it('an ErrGroup of the host is refused as an argument, within one, as a capture and in a channel', async () => {
    const errGroup = new ErrGroup();
    const wait = (group) => group.wait();
    assert.throws(() => spawn(wait, errGroup), group);
    assert.throws(() => spawn((list) => list[0].wait(), [errGroup]), /^DataCloneError: .*\[0\]/);
    assert.throws(() => spawn(() => errGroup.wait()), group);
    await assert.rejects(chan().send(errGroup), group);
    await errGroup.go(() => 1);
    await errGroup.wait();
  });

  it('an ErrGroup of a task is refused where it is copied, and works where it is captured', async () => {
    const attempt = (how) => spawn(how);
    await assert.rejects(
      attempt(() => spawn((group) => group.wait(), new ErrGroup()).join()),
      group,
    );
    await assert.rejects(
      attempt(() => chan(1).send(new ErrGroup())),
      group,
    );
    await assert.rejects(
      attempt(() => new ErrGroup()),
      group,
    );
    const sum = await spawn(() => {
      const group = new ErrGroup();
      let sum = 0;
      group.go(() => {
        group.go(() => {
          sum += 1;
        });
        sum += 2;
      });
      group.wait();
      return sum;
    });
    assert.equal(sum, 3);
  });

  it('what scope gives on the host is refused, whole and in parts', async () => {
    await scope(async (s) => {
      assert.throws(() => s.spawn((s) => s.cancel(), s), ofScope);
      assert.throws(() => s.spawn(() => s.cancel()), ofScope);
      assert.throws(() => s.spawn((spawn) => spawn(() => 1), s.spawn), ofScope);
      const { cancel } = s;
      assert.throws(() => s.spawn(() => cancel()), ofScope);
    });
  });

  it('what scope gives in a task works within its isolate', async () => {
    const result = await spawn(() =>
      scope((s) => {
        const passed = s.spawn((s) => s.spawn(() => 1).join(), s).join();
        const captured = s.spawn(() => s.spawn(() => 2).join()).join();
        return [passed, captured];
      }),
    );
    assert.deepEqual(result, [1, 2]);
  });

  it('a function that task() has made is refused', async () => {
    const twice = task((x) => 2 * x);
    assert.throws(() => spawn((twice) => twice(1), twice), ofTask);
    assert.throws(() => spawn(() => twice(1)), ofTask);
    assert.equal(await twice(2), 4);
  });

  it('a guard is refused, on the host and in tasks', async () => {
    const mutex = new Mutex();
    const held = await mutex.lock();
    assert.throws(() => spawn((guard) => guard.release(), held), guard);
    assert.throws(() => spawn(() => held.release()), guard);
    held.release();
    const inTask = spawn((mutex) => {
      const held = mutex.lock();
      try {
        spawn((guard) => guard.release(), held);
      } finally {
        held.release();
      }
    }, mutex);
    await assert.rejects(inTask, guard);
    (await mutex.lock()).release();
  });
});
