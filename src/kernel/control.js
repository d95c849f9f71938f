'use strict';

// Killing, pausing and resuming tasks.
//
// A kill is a `return` at the point where the task stands: `finally` runs and may block, `catch` does not. So every fiber of the
// task is taken out of where it waits and goes on with KILL; compiled code hands that on past each `catch`. A task whose
// function has returned a promise stands in the async function that is to settle it, or in the one which that awaits, and so on:
// the innermost goes on with KILL, and the rejection that comes of it does the same to those around it. What has not ended
// after the grace is forgotten: its frames are objects that nobody calls any more.
//
// A paused task keeps its places in queues, and is not given a turn.

const { KILL } = require('leaving');
const { SetPrototypeForEach } = require('primordials');

/**
 * What the pool may ask for; src/pool/control.rs and src/isolate/runtime.rs have the same numbers. `leave` is for all tasks of the realm: the
 * isolate ends. `forget` is for one that V8 was told to terminate.
 */
const ACTIONS = { kill: 0, pause: 1, resume: 2, stack: 3, leave: 4, forget: 5 };

/**
 * @param {object} scheduler
 * @param {{add: Function, clear: Function, clearOf: Function}} timers
 * @param {{
 *   innermostOf: (task: object) => (unknown[] | object)[],
 *   standOf: (frame: unknown[]) => unknown,
 *   killFrame: (task: object, frame: unknown[]) => void,
 *   killed: (task: object) => void,
 *   giveBack: (waiter: object) => void,
 *   abandon: (task: object) => void,
 * }} realm `innermostOf`: the frames in which it stands (standing.js); `standOf`: what a frame awaits, undefined while it runs; `killed`: a
 *   task has ended by a kill; `giveBack`: who waited at a channel does not want what it was given; `abandon`: a task gives up
 *   what it holds; `controlShipped`: does something to a task that runs in another isolate
 */
module.exports = function createControl(scheduler, timers, realm) {
  const { KILLED, hasten, makeReady, withdraw } = scheduler;

  function killFiber(fiber) {
    if (fiber.mode === KILL) return;
    if (fiber.unread !== undefined) {
      realm.giveBack(fiber.unread);
      fiber.unread = undefined;
    }
    fiber.mode = KILL;
    fiber.value = KILLED;
    if (fiber.place !== undefined) {
      withdraw(fiber);
      fiber.task.goOn(fiber);
    }
  }

  /**
   * Kills a task and those that it has started.
   * @param {object} task
   * @param {number} grace milliseconds for its `finally` blocks
   */
  function kill(task, grace) {
    if (task.isKilled || task.isDead) return;
    task.isKilled = true;
    task.isPaused = false;
    if (task.remote !== 0) {
      realm.controlShipped(task.remote, ACTIONS.kill);
      return;
    }
    killChildren(task, grace);
    if (task.others !== undefined) SetPrototypeForEach(task.others, killFiber);
    if (task.main !== null) killFiber(task.main);
    else {
      const frames = realm.innermostOf(task);
      if (frames.length === 0) {
        // It waits for a promise that no function of its own will settle.
        forget(task);
        return;
      }
      for (let i = 0; i < frames.length; i++) {
        if (realm.standOf(frames[i]) !== undefined) realm.killFrame(task, frames[i]);
      }
    }
    hasten(task);
    const timer = timers.add(() => forget(task), grace, [], false, 0);
    task.onDeath = () => timers.clear(timer);
  }

  function killChildren(task, grace) {
    if (task.children === undefined) return;
    task.children.each((child) => kill(child, grace));
  }

  /** Ends a task whose grace is over. It may have been terminated in the middle of being killed, or before that. */
  function terminate(task, grace) {
    task.isKilled = true;
    killChildren(task, grace);
    forget(task);
  }

  /** Forgets what a task still had to do. */
  function bury(task) {
    task.isDead = true;
    realm.abandon(task);
    task.active = null;
    task.leaveMain();
    task.result = undefined;
    while (task.jobs.length > 0) task.jobs.drop();
    task.due = undefined;
    if (task.others !== undefined) SetPrototypeForEach(task.others, withdraw);
    task.others = undefined;
    timers.clearOf(task);
    task.onDeath?.();
    task.onDeath = undefined;
  }

  /** Ends a task whose frames are gone, or will not go on. */
  function forget(task) {
    if (task.isDead) return;
    bury(task);
    realm.killed(task);
  }

  function pause(task) {
    if (task.isKilled) return;
    task.isPaused = true;
    if (task.remote !== 0) realm.controlShipped(task.remote, ACTIONS.pause);
  }

  function resume(task) {
    if (!task.isPaused) return;
    task.isPaused = false;
    if (task.remote !== 0) realm.controlShipped(task.remote, ACTIONS.resume);
    if (task.active !== null || task.jobs.length > 0) makeReady(task);
  }

  return { kill, bury, forget, pause, resume, terminate };
};

module.exports.ACTIONS = ACTIONS;
