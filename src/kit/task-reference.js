'use strict';

// A task as others see it than who has started it: its reference is a cell, and so goes everywhere.
//
// State: {id, name, outcome, gate, control}. `outcome` is [status, value] once the task has settled; who waits for
// that waits at the gate, which is shut then. `control` is a channel through which whoever has started the task hears what is asked for it.

/** @param {object} platform see `src/kit/README.md` */
module.exports = function createTaskReference(platform, { TAGS }) {
  const { Cell, gate, shut, signalOf, update, wait } = platform;

  class TaskReference extends Cell {
    get id() {
      return update(this, (state) => state.id);
    }

    get name() {
      return update(this, (state) => state.name);
    }

    /** 'running' until it has settled; only who has started it knows more. */
    get status() {
      const outcome = look(this, (state) => state.outcome);
      return outcome === undefined ? 'running' : outcome[0];
    }

    kill(reason = undefined) {
      ask(this, 'kill', reason === undefined ? undefined : text(reason));
    }

    pause() {
      ask(this, 'pause', undefined);
    }

    resume() {
      ask(this, 'resume', undefined);
    }

    /** Waits until the task has settled; gives its result or throws what it threw. */
    async join(options) {
      const signal = signalOf(options, 'join');
      let end;
      let outcome = look(this, (state) => {
        if (state.outcome === undefined) state.gate ??= gate();
        end = state.gate;
        return state.outcome;
      });
      if (outcome === undefined) {
        await wait(end, signal, 'join');
        outcome = look(this, (state) => state.outcome);
      }
      if (outcome[0] === 'done') return outcome[1];
      throw outcome[1];
    }

    then(onFulfilled, onRejected) {
      return platform.promiseOf(() => this.join()).then(onFulfilled, onRejected);
    }

    catch(onRejected) {
      return this.then(undefined, onRejected);
    }

    finally(onFinally) {
      return platform.promiseOf(() => this.join()).finally(onFinally);
    }

    get [platform.toStringTag]() {
      return 'Task';
    }
  }

  /** The same as `update`, except that what it gives is the outcome where the task's isolate has died. */
  function look(cell, change) {
    try {
      return update(cell, change);
    } catch (error) {
      if (!(error instanceof platform.PoisonedError)) throw error;
      return ['killed', new platform.TaskKilledError('the task was killed: its isolate has ended')];
    }
  }

  function text(reason) {
    return reason instanceof platform.Error ? reason.message : platform.String(reason);
  }

  function ask(reference, action, reason) {
    const { control, outcome } = look(reference, (state) => state);
    if (control !== undefined && outcome === undefined) platform.put(control, [action, reason]);
  }

  /** The state of a task's reference that has just been started to be one. */
  function begin({ id, name }) {
    return { __proto__: null, id, name, outcome: undefined, gate: undefined, control: platform.mailbox() };
  }

  /** The task has settled. */
  function settle(cell, status, value) {
    const { control, gate: end } = update(cell, (state) => {
      state.outcome = [status, value];
      return state;
    });
    // Only now is it known that the value can be had.
    if (end !== undefined) shut(end);
    shut(control);
  }

  /** Does what is asked for a task, until it has settled. */
  async function listen(control, task) {
    for (;;) {
      const { done, value } = await platform.receive(control);
      if (done) return;
      task[value[0]](value[1]);
    }
  }

  return { TaskReference, begin, settle, listen, TAG: TAGS.TASK };
};
