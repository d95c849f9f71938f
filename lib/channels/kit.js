'use strict';

// The kit (`src/kit/`) on the host: its platform. Operations return promises.

const sources = {
  acquire: require('../../src/kit/acquire.js'),
  cell: require('../../src/kit/cell.js'),
  line: require('../../src/kit/line.js'),
  mutex: require('../../src/kit/mutex.js'),
  rwmutex: require('../../src/kit/rwmutex.js'),
  semaphore: require('../../src/kit/semaphore.js'),
  staying: require('../../src/kit/staying.js'),
  waitGroup: require('../../src/kit/wait-group.js'),
  cond: require('../../src/kit/cond.js'),
  once: require('../../src/kit/once.js'),
  context: require('../../src/kit/context.js'),
  groups: require('../../src/kit/groups.js'),
  taskReference: require('../../src/kit/task-reference.js'),
};
const { isDate } = require('node:util/types');
const createGuard = require('../../src/kit/guard.js');
const createKit = require('../../src/kit/index.js');
const errors = require('../errors.js');
const { clearInterval, dateNow, setInterval } = require('../event-loop.js');
const now = require('../now.js');
const { onAbort } = require('../signals.js');
const { makeSpawn } = require('../spawn.js');
const { Task } = require('../task.js');
const alarms = require('./alarms.js');
const brand = require('./brand.js');
const { chan, slotOf } = require('./chan.js');
const endpoint = require('./endpoint.js');
const { signalOf } = require('./options.js');
const salvage = require('./salvage.js');

const { STATUS, channels, happened, numbers, received, sendStaged, stage } = endpoint;
const { take } = channels.functions();

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
  const value = takeOut(slot);
  const former = numbers[2];
  let next = former;
  let state = {};
  let result;
  let isPoisoned;
  try {
    state = received(value);
    result = change(state);
    next = stage(state);
    if (former >= 0) channels.unstage(former);
  } finally {
    // Whatever was thrown, the state is there again, the former one then. What lay in a channel that was closed can still be received: that
    // it was is seen here.
    isPoisoned = sendStaged(slot, next, false) === STATUS.CLOSED;
    if (isPoisoned) shutGates(state);
    happened();
  }
  if (isPoisoned) throw poisoned();
  return result;
}

/** Takes out what lies in a channel of the kit; a copy is kept under `numbers[2]`. */
function takeOut(slot) {
  for (let began; ; ) {
    const value = take(slot);
    const status = numbers[0];
    if (status === STATUS.CLOSED) throw poisoned();
    if (status !== STATUS.NOTHING) return value;
    // Another thread has it just now.
    began ??= now();
    if (now() - began > PATIENCE) throw poisoned();
    Atomics.wait(resting, 0, 0, 0.01);
  }
}

/** What lies in a channel of the kit, which stays there. */
function unbox(box) {
  const slot = slotOf(box);
  const value = takeOut(slot);
  sendStaged(slot, numbers[2], false);
  return received(value);
}

/** Keeps a value that others may want to have, and may not be able to. */
function box(value) {
  const made = chan(sources.cell.BOX);
  made.trySend(value);
  try {
    unbox(made);
  } catch {
    throw new errors.DataCloneError('value: what is kept here has no functions in it: the host could not read it');
  }
  return made;
}

function shut(gate) {
  if (channels.close(slotOf(gate))) happened();
}

/** The cell was poisoned while its state was here: all who wait learn of it. */
function shutGates({ queue, rest, gate }) {
  if (gate !== undefined) shut(gate);
  for (const one of queue ?? []) shut(one.gate);
  if (rest === undefined) return;
  shut(rest.line);
  for (let next = dequeue(rest.line); next !== undefined; next = dequeue(rest.line)) shut(next.gate);
}

const dequeue = (line) => line.tryRecv().value;

const withSignal = (signal) => (signal === undefined ? undefined : { signal });

/** What the function of a scope gives, unless a task of its group fails before, or the signal is aborted. */
async function within(group, signal, call) {
  let unwatch;
  const ends = new Promise((_resolve, reject) => {
    group.onFailure = reject;
    if (signal !== undefined) unwatch = onAbort(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([call(), ends]);
  } finally {
    group.onFailure = undefined;
    unwatch?.();
  }
}

const { HOSTS, ISOLATES, TOKENS } = sources.cell;
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
  box,
  clone: (value) => unbox(box(value)),
  copy: (value) => ({ ...value }),
  salvage: (error) => salvage(error, platform.clone),
  dequeue,
  enqueue(line, item) {
    try {
      line.trySend(item);
    } catch (error) {
      // The cell was poisoned, which whoever changes it learns at the end.
      if (!(error instanceof errors.ChannelClosedError)) throw error;
    }
  },
  follow(gate, leader) {
    channels.follow(slotOf(gate), slotOf(leader));
    happened();
  },
  gate: () => chan(1),
  // The host is never killed, and nobody knows which part of it holds what.
  hold() {},
  holdGate() {},
  letGo() {},
  letGoGate() {},
  owe() {},
  hasEnded: (isolate) => channels.isGone(isolate),
  isGone: (token) => channels.isGone(sources.cell.isolateOf(token)),
  /** The number of this isolate, by which others ask whether it has died. */
  isolate: () => 0,
  isShut: (gate) => gate.tryRecv().closed,
  join: (task) => task,
  lengthOf: (line) => line.length,
  line: () => chan(Infinity),
  kill: (task, reason) => task.kill(reason),
  newToken() {
    lastToken++;
    const id = HOSTS + endpoint.environment;
    return id < ISOLATES && lastToken < TOKENS ? id * TOKENS + lastToken : `h${endpoint.environment}.${lastToken}`;
  },
  now: dateNow,
  /** Whether it was not shut. */
  open(gate) {
    try {
      gate.trySend(true);
      return true;
    } catch {
      return false;
    }
  },
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
  stayOnHost(text, ...all) {
    for (const one of all) platform.stay(one, text);
  },
  timer: alarms.set,
  /** Milliseconds since 1970; undefined for what is no Date. */
  timeOfDate: (value) => (isDate(value) ? Date.prototype.getTime.call(value) : undefined),
  unbox,
  undivided: (action) => action(),
  weakTable: () => new WeakMap(),
  untimer: alarms.clear,
  update,
  async wait(gate, signal) {
    return !(await gate.next(withSignal(signal))).done;
  },
  within,
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

brand.describeStaying = platform.describeStaying;
brand.cellOf = (value) => (value instanceof Task ? slotOfTask(value) : Cell.slotOf(value));

module.exports = kit;
