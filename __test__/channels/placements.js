'use strict';

// Each case of a channel's behaviour is told once and played in several placements: all in one isolate, where channels are the
// kernel's own; each role in an isolate of its own; and with some of the roles, or others, in the host.
//
// A case is a function `({go, blocked}) => result`. `go(role, ...args)` starts a role and gives its task; `blocked(task)` is when
// that has come to an operation that waits. Cases and roles are tasks or the host's functions, so they write `await` before
// each operation, and share nothing but channels.

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { Isolate, shutdown, sleep, spawn } = require('../../lib/index.js');

/** Milliseconds for a case; a hang shows as a failure. */
const TIMEOUT = 20_000;

const isolates = [];

/** A role of the host's, with what a task has. */
function hostRole(role, args) {
  const task = (async () => role(...args))();
  task.catch(() => {});
  task.isHost = true;
  return task;
}

/** A role that is a task in the isolate with this number. */
function taskRole(form, number, role, args) {
  isolates[number] ??= new Isolate();
  const task = isolates[number].spawn.with({ form })(role, ...args);
  task.catch(() => {});
  return task;
}

async function blocked(task) {
  if (task.isHost) return sleep(3);
  for (let { status } = task; status !== 'blocked'; { status } = task) {
    assert.ok(['queued', 'running'].includes(status), `the role is ${status} and will never block`);
    await sleep(1);
  }
}

function onHost(choose) {
  return (form) => (body) => {
    let number = 0;
    const go = (role, ...args) => {
      number++;
      return choose(number) ? hostRole(role, args) : taskRole(form, number, role, args);
    };
    return body({ go, blocked });
  };
}

const inOneIsolate = (form) => (body) =>
  spawn.with({ form })(async (play) => {
    const go = (role, ...args) => {
      const task = spawn(role, ...args);
      task.catch(() => {});
      return task;
    };
    // All that can run has run before a timer fires, unless it was preempted.
    const waits = async () => {
      for (let i = 0; i < 3; i++) await sleep(1);
    };
    return await play({ go, blocked: waits });
  }, body);

const PLACEMENTS = {
  'in one isolate': inOneIsolate,
  'across isolates': onHost(() => false),
  'with the first role in the host': onHost((number) => number === 1),
  'with all but the first role in the host': onHost((number) => number !== 1),
};

/**
 * Declares cases in all placements, and in storm form.
 * @param {string} title
 * @param {(it: (name: string, body: Function, expected: unknown) => void) => void} declare
 */
function inAllPlacements(title, declare) {
  after(async () => {
    await Promise.all(isolates.splice(0).map((isolate) => isolate?.dispose()));
    await shutdown();
  });
  for (const form of ['coroutine', 'storm']) {
    for (const [name, place] of Object.entries(PLACEMENTS)) {
      const play = place(form);
      describe(`${title} ${name}${form === 'storm' ? ', in storm form' : ''}`, () => {
        declare((what, body, expected) => {
          it(what, { timeout: TIMEOUT }, async () => {
            assert.deepEqual(await play(body), expected);
          });
        });
      });
    }
  }
}

module.exports = { inAllPlacements };
