'use strict';

// The kit (`src/kit/`) on the host: its platform. Operations return promises.

const sources = {
  acquire: require('../../src/kit/acquire.js'),
  cell: require('../../src/kit/cell.js'),
  mutex: require('../../src/kit/mutex.js'),
  rwmutex: require('../../src/kit/rwmutex.js'),
  semaphore: require('../../src/kit/semaphore.js'),
  waitGroup: require('../../src/kit/wait-group.js'),
  cond: require('../../src/kit/cond.js'),
  once: require('../../src/kit/once.js'),
  context: require('../../src/kit/context.js'),
  groups: require('../../src/kit/groups.js'),
  taskReference: require('../../src/kit/task-reference.js'),
};
const createGuard = require('../../src/kit/guard.js');
const createKit = require('../../src/kit/index.js');
const errors = require('../errors.js');
const { clearInterval, dateNow, setInterval } = require('../event-loop.js');
const now = require('../now.js');
const { makeSpawn } = require('../spawn.js');
const { Task } = require('../task.js');
const alarms = require('./alarms.js');
const brand = require('./brand.js');
const { chan, slotOf } = require('./chan.js');
const endpoint = require('./endpoint.js');
const { signalOf } = require('./options.js');

const { STATUS, channels, happened, numbers, received, recv, sendStaged, stage } = endpoint;

/** In place of a tag: the object is made for a cell that is there. */
const ADOPT = Symbol('adopt');

/** Milliseconds after which who has taken a state counts as dead: it is away for a moment only. */
const PATIENCE = 2000;

const poisoned = () => new errors.PoisonedError(sources.cell.POISONED);

class Cell {
  #slot;

  constructor(tag, state) {
    if (tag === ADOPT) {
      this.#slot = state;
      return;
    }
    const staged = stage(state);
    this.#slot = channels.create(1, tag);
    sendStaged(this.#slot, staged, false);
    endpoint.keep(this, this.#slot);
  }

  static slotOf(value) {
    return #slot in value ? value.#slot : -1;
  }
}

const resting = new Int32Array(new SharedArrayBuffer(4));

/** Changes a cell's state. Nothing can come between. */
function update(cell, change) {
  const slot = Cell.slotOf(cell);
  for (let began; ; ) {
    const value = recv(slot, false);
    const status = numbers[0];
    if (status === STATUS.CLOSED) throw poisoned();
    if (status !== STATUS.NOTHING) {
      const state = received(value);
      let isPoisoned;
      let result;
      try {
        result = change(state);
      } finally {
        // What lay in a channel that was closed can still be received: that it was is seen here.
        isPoisoned = sendStaged(slot, stage(state), false) === STATUS.CLOSED;
        if (isPoisoned) shutGates(state);
        happened();
      }
      if (isPoisoned) throw poisoned();
      return result;
    }
    // Another thread has it just now.
    began ??= now();
    if (now() - began > PATIENCE) throw poisoned();
    Atomics.wait(resting, 0, 0, 0.01);
  }
}

function shut(gate) {
  if (channels.close(slotOf(gate))) happened();
}

/** The cell was poisoned while its state was here. */
function shutGates({ queue = [] }) {
  for (const one of queue) shut(one.gate ?? one);
}

let lastToken = 0;

const platform = {
  ...errors,
  Cell,
  Error,
  Guard: createGuard(Symbol.dispose ?? Symbol.for('Symbol.dispose')),
  Number,
  NumberIsInteger: Number.isInteger,
  ObjectHasOwn: Object.hasOwn,
  RangeError,
  String,
  TypeError,
  awaited: (value) => value,
  copy: (value) => ({ ...value }),
  gate: () => chan(1),
  // The host is never killed, and nobody knows which part of it holds what.
  hold() {},
  letGo() {},
  join: (task) => task,
  kill: (task, reason) => task.kill(reason),
  newToken: () => `h${process.pid}.${endpoint.environment}.${++lastToken}`,
  now: dateNow,
  open: (gate) => gate.trySend(true),
  mailbox: () => chan(Infinity),
  /** Who awaits a task that another task has started waits for something that runs, which the pool does not see. */
  promiseOf(waits) {
    const alive = setInterval(() => {}, 1 << 30);
    return waits().finally(() => clearInterval(alive));
  },
  put(channel, value) {
    try {
      channel.trySend(value);
    } catch {
      // Nobody listens any more.
    }
  },
  receive: (channel) => channel.next(),
  toStringTag: Symbol.toStringTag,
  settled(task, action) {
    task.then(
      () => action(false),
      (error) => action(!(error instanceof errors.TaskKilledError), error),
    );
  },
  shut,
  signalOf,
  spawn: makeSpawn(undefined),
  timer: alarms.set,
  undivided: (action) => action(),
  untimer: alarms.clear,
  update,
  async wait(_cell, gate, signal) {
    const { done } = await gate.next(signal === undefined ? undefined : { signal });
    if (done) throw poisoned();
  },
};

const kit = createKit(platform, sources);

/** The object for a cell that came in a message. */
endpoint.useKit((tag, slot) => Reflect.construct(Cell, [ADOPT, slot], kit.byTag[tag]));

/** The cells of tasks' references, by task: a cell that nobody has any more gives its slot back, so the task is what keeps it. */
const references = new WeakMap();

/** The slot of a task's reference. */
function slotOfTask(task) {
  const there = references.get(task);
  if (there !== undefined) return Cell.slotOf(there);
  const { begin, listen, settle, TAG } = kit.reference;
  const state = begin(task);
  const { control } = state;
  const cell = new Cell(TAG, state);
  const slot = Cell.slotOf(cell);
  references.set(task, cell);
  // Where it comes back, it is the task itself.
  endpoint.represent(task, slot);
  const ended = (value) => {
    try {
      settle(cell, task.status, value);
    } catch (error) {
      // The value cannot be copied.
      settle(cell, 'failed', error);
    }
  };
  task.then(ended, ended);
  listen(control, task);
  return slot;
}

brand.cellOf = (value) => (value instanceof Task ? slotOfTask(value) : Cell.slotOf(value));

module.exports = kit;
