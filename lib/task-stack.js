'use strict';

// `task.stack()`: asks the isolate in which a task is, and makes a text of the answer. A task that runs is preempted for it. One
// that does not come to a point where it looks is interrupted by V8; where that does not help either, the text says so.

const { clearTimeout, setTimeout } = require('./event-loop.js');
const { completeLines } = require('./stack.js');

/** Milliseconds after which V8 is asked, and after which nobody is waited for any more. */
const NATIVE = 50;
const PATIENCE = 200;

/** A state by the numbers of `NativePool.status`. */
const BLOCKED = 2;

/**
 * @param {import('./task.js').Record} record
 * @param {string} state how it stands
 * @param {string} lines its frames, each after a line feed
 * @param {(code: number) => Function | undefined} [functionOf]
 */
function describe(record, state, lines, functionOf = () => record.fn) {
  const name = record.name === '' ? '' : ` "${record.name}"`;
  return `Task ${record.id}${name}: ${state}${completeLines(lines, record, functionOf)}`;
}

class TaskStacks {
  #native;
  #functionOf;
  /** Questions that wait for an answer, by the task's id. */
  #asked = new Map();

  /**
   * @param {() => object} native the NativePool
   * @param {(code: number) => Function | undefined} functionOf
   */
  constructor(native, functionOf) {
    this.#native = native;
    this.#functionOf = functionOf;
  }

  /** @returns {Promise<string>} */
  ask(record) {
    const asked = this.#asked.get(record.id);
    if (asked !== undefined) return asked.promise;
    if (!this.#native().askStack(record.id)) {
      const state = record.isPaused ? 'paused before it began' : 'queued';
      return Promise.resolve(describe(record, state, '', this.#functionOf));
    }
    const question = { record, promise: undefined, resolve: undefined, timers: [] };
    question.promise = new Promise((resolve) => {
      question.resolve = resolve;
    });
    const later = (ms, action) => question.timers.push(setTimeout(action, ms));
    later(NATIVE, () => this.#native().askNativeStack(record.id));
    later(PATIENCE, () => {
      const isBlocked = this.#native().status(record.id) === BLOCKED;
      const why = isBlocked ? 'blocked, and its isolate is busy with' : 'running, in';
      this.answer(record.id, `${why} an operation that cannot be interrupted`, '');
    });
    this.#asked.set(record.id, question);
    return question.promise;
  }

  /** The isolate has answered, or nobody waits for it any longer. */
  answer(id, state, lines) {
    const question = this.#asked.get(id);
    if (question === undefined) return;
    this.#asked.delete(id);
    for (const timer of question.timers) clearTimeout(timer);
    question.resolve(describe(question.record, state, lines, this.#functionOf));
  }

  /** The task has settled. */
  settled(record) {
    if (this.#asked.size > 0) this.answer(record.id, record.outcome, '');
  }
}

module.exports = { TaskStacks, describe };
