'use strict';

// The pool of this Node environment: one at a time, started by the first task, ended by `shutdown` or with the process.

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { Codes } = require('./codes.js');
const errors = require('./errors.js');
const { queueMicrotask, setTimeout } = require('./event-loop.js');
const { Inbox, RECORD, print } = require('./inbox.js');
const { held } = require('./memory.js');
const { Messages } = require('./messages.js');
const native = require('./native.js');
const now = require('./now.js');
const { Others } = require('./others.js');
const { Outbox } = require('./outbox.js');
const { Polling } = require('./polling.js');
const { Recent } = require('./recent.js');
const { Message, Shipping } = require('./shipping.js');
const { completeStacks, readableText, stackOfSite } = require('./stack.js');
const { ACTIONS } = require('./task.js');
const { TaskStacks } = require('./task-stack.js');
const { TaskTable } = require('./task-table.js');

/** Milliseconds that a task which is killed may still run, where nothing else was configured. */
const KILL_GRACE = 1000;

/** Milliseconds that a task runs before others get their turn, where nothing else was configured. */
const QUANTUM = 10;

/** Why the pool ended a task, by the numbers of `FailureCode` in `src/message/record.rs`. */
const FAILURES = [
  { outcome: 'killed', make: (message) => new errors.TaskKilledError(`the task was killed: ${message}`) },
  { outcome: 'failed', make: (message) => new errors.MemoryLimitError(message) },
  { outcome: 'failed', make: (message) => new errors.MemoryLimitError(message) },
];

/** Why tasks are killed that the pool has not begun. */
const SHUT_DOWN = 'the pool was shut down';

/** States of a task that has not settled, by the numbers of `NativePool.status`. */
const LIVE = ['queued', 'running', 'blocked'];

/** The file of the package whose `util.inspect` formats what tasks print. */
function inspectFile() {
  const path = join('node-inspect-extracted', 'dist', 'inspect.js');
  // Where npm puts it in a checkout, and beside this package; asking `require` takes a millisecond.
  const usual = [join(__dirname, '..', 'node_modules', path), join(__dirname, '..', '..', '..', path)];
  return usual.find((file) => existsSync(file)) ?? require.resolve('node-inspect-extracted');
}

/** Milliseconds after which it is seen whether what the host has done has changed anything. */
const LOOK_AGAIN = 10;

class Pool {
  #tasks = new TaskTable();
  #recent = new Recent();
  /** Errors in the message that is being decoded. */
  #errors = [];
  #functionOf = (code) => this.#findFunction(code);
  #readable = (text) => readableText(text, this.#functionOf);
  #polling;
  #disposals = new Map();
  #memory = held;
  #stacks = new TaskStacks(() => this.native, this.#functionOf);
  #inbox;
  #outbox;
  #keptAlive = false;
  /** Whether nothing happens in the pool until the host does something. */
  #stands = false;
  #closing = null;
  /** Whether its threads have ended, and with them all tasks. Until the caller of `shutdown` goes on, others may give it more. */
  #hasEnded = false;
  #others;

  constructor(settings) {
    this.settings = {
      threads: native.processors(),
      killGrace: KILL_GRACE,
      quantum: QUANTUM,
      ...settings,
    };
    this.native = new native.NativePool(
      {
        threads: this.settings.threads,
        heapLimit: this.settings.heapLimit,
        killGrace: this.settings.killGrace,
        codeCache: this.settings.codeCache,
        quantum: this.settings.quantum,
        inspectFile: inspectFile(),
        nodeFolder: join(__dirname, 'node'),
        nodeVersion: process.version,
        colors: native.isTerminal() && require('./console.js').wantsColors(),
      },
      () => {
        this.#inbox.run();
        this.#lookForStandstill();
      },
    );
    this.#others = new Others(
      this.native,
      () => this.#tasks.size === 0 && this.#closing === null,
      () => endpoint?.isWaiting(),
    );
    const calls = this.native.functions();
    const messages = new Messages(() => this.#makeCodec());
    this.#inbox = new Inbox(this.native, calls, messages, this.#memory, this.#readable, {
      onLook: () => endpoint?.receiveMail(),
      deliver: (kind, id, received) => this.#deliver(kind, id, received),
      onDelivered: () => this.#recent.endGroup(),
      onThrough: () => this.#lookForStandstill(),
    });
    this.#polling = new Polling(
      this.native,
      this.#inbox,
      () => this.#tasks.size,
      () => {
        this.#tasks.trim();
        this.#lookForStandstill();
        this.#updateIdle();
      },
    );
    this.codes = new Codes(this.native, (code) => this.#outbox.retire(code));
    this.shipping = new Shipping(this.codes);
    this.#outbox = new Outbox(this.native, calls, messages, this.#memory, this.shipping, {
      onSubmitted: () => {
        this.#goesOn();
        this.#polling.start();
      },
      onRefused: (task) => this.#refused(task),
      onJobEnd: () => this.#polling.lookAtOnce(),
    });
    endpoint?.attach(this.native);
  }

  #makeCodec() {
    const memory = {
      attach: (buffer, shared) => this.#memory.attach(buffer, shared),
      attachChannel: (slot) => this.#memory.attachChannel(slot),
      take: (index) => this.#inbox.take(index),
    };
    const { createHostCodec } = require('./clone.js');
    return createHostCodec(memory, (error) => this.#errors.push(error), this.shipping);
  }

  /** Keeps a value that is to be sent through a channel; returns its number. */
  stage(channels, value, transfer) {
    return this.#outbox.stage(channels, value, transfer);
  }

  /** Decodes a message that came through a channel. */
  decodeMessage(...message) {
    try {
      const value = this.#inbox.decode(...message);
      if (this.#errors.length > 0) completeStacks(this.#errors, undefined, undefined, this.#functionOf);
      return value;
    } finally {
      this.#errors.length = 0;
    }
  }

  /** A task may answer very soon. */
  expectAnswer() {
    this.#goesOn();
    if (this.#tasks.size > 0) this.#polling.start();
    else this.#others.goOn();
  }

  /** The host has done something. */
  #goesOn() {
    if (!this.#stands) return;
    this.#stands = false;
    alarms?.setNeeded(false);
    this.#updateKeepAlive();
    // It may be that no thread had to do anything for it, so that none says when it is through.
    setTimeout(() => this.#lookForStandstill(), LOOK_AGAIN);
  }

  #lookForStandstill() {
    if (this.#stands || this.#closing !== null || (this.#tasks.size === 0 && this.#disposals.size === 0)) return;
    this.#stands = this.native.standsStill();
    if (!this.#stands) return;
    this.#updateKeepAlive();
    alarms?.setNeeded(true);
  }

  /** The event loop is empty: tells of the tasks that wait for something that cannot happen any more. */
  reportDeadlock() {
    if (!this.#stands || this.#closing !== null) return;
    if (!this.native.standsStill()) {
      // A thread has woken up for something of V8's; the next one that sleeps tells.
      this.#goesOn();
      return;
    }
    const records = this.#tasks.records().filter((record) => !record.isReported && !record.isPaused);
    if (records.length === 0) return;
    // The isolates are asked where they stand.
    this.#goesOn();
    require('./standstill.js').report(records, (record) => this.stackOf(record));
  }

  /** How many tasks have settled, by how. */
  settled = { done: 0, failed: 0, killed: 0 };

  /** Tasks that are paused. */
  get paused() {
    let count = 0;
    for (const record of this.#tasks) if (record.isPaused) count++;
    return count;
  }

  /** Tasks that have not settled. */
  get pending() {
    return this.#tasks.size;
  }

  /**
   * Hands a task to the pool, or to a private isolate.
   * @param {import('./task.js').Record} record
   * @param {number} isolate 0 for any of the pool's
   * @param {number} program whose realm it runs in
   * @param {number} code the number of its source
   * @param {unknown[]} args
   * @param {Message} [message]
   * @param {ArrayBuffer[]} [transfer]
   */
  submit(record, isolate, program, code, args, message = new Message(), transfer = undefined) {
    this.#tasks.add(record);
    if (this.#hasEnded) {
      this.#killSoon(record, SHUT_DOWN);
      return;
    }
    if (record.cpuTime !== undefined) this.native.limitCpu(record.id, record.cpuTime);
    try {
      // The codec may throw; then there is no task.
      this.#outbox.add(record.id, isolate, program, code, args, message, transfer);
    } catch (error) {
      this.#tasks.remove(record.id);
      throw error;
    }
    record.submitted = true;
    this.#updateKeepAlive();
    // It was paused while its source was being read.
    if (record.isPaused) this.control(record, ACTIONS.pause);
  }

  /** The state of a task that was submitted. */
  statusOf(record) {
    const status = this.native.status(record.id);
    // Isolates know a task neither before it has started nor once it has settled.
    if (status === 0) this.#inbox.run();
    return record.outcome ?? (record.isPaused ? 'paused' : LIVE[status]);
  }

  /**
   * Where a task stands that was submitted and has not settled.
   * @returns {Promise<string>}
   */
  stackOf(record) {
    this.#goesOn();
    this.#outbox.flush();
    return this.#stacks.ask(record);
  }

  /** Kills, pauses or resumes a task that was submitted; see `ACTIONS` in task.js. */
  control(record, action) {
    if (this.#closing !== null) return;
    this.#goesOn();
    // The pool must know it.
    this.#outbox.flush();
    this.native.control(record.id, action);
  }

  /** Ends a task; `record.makeError` says with what. */
  kill(record) {
    if (record.submitted) this.control(record, ACTIONS.kill);
    // Its source is still being read, or it is not even begun.
    else this.#killSoon(record, 'it had not begun');
  }

  /** The caller of spawn or kill is still on the stack: the task fails as one that was accepted would. */
  #killSoon(record, message) {
    queueMicrotask(() => this.#killed(record, message));
  }

  #killed(record, message) {
    if (record.outcome !== undefined) return;
    const error = record.makeError === undefined ? FAILURES[0].make(message) : record.makeError();
    this.#settle(record, 'killed', error instanceof Error ? stackOfSite(error, record) : error);
  }

  /** Whether this pool is the one that new tasks go to. */
  get isCurrent() {
    return current === this && this.#closing === null;
  }

  /**
   * Keeps a task whose source is still being read.
   * @param {import('./task.js').Record} record
   * @param {number} isolate where it will run
   * @param {Promise<string>} source
   * @param {(source: string) => void} submit
   */
  reading(record, isolate, source, submit) {
    record.reading = isolate;
    this.#tasks.add(record);
    if (this.#hasEnded) this.#killSoon(record, SHUT_DOWN);
    else this.#updateKeepAlive();
    const proceed = (text) => {
      record.reading = undefined;
      // Meanwhile the pool may have ended, or the isolate: then the task was killed, or is about to be.
      if (record.outcome === undefined && record.makeError === undefined && this.#closing === null) submit(text);
    };
    source.then(proceed).catch((error) => {
      if (record.outcome === undefined) this.#settle(record, 'failed', stackOfSite(error, record));
    });
  }

  /** Starts a private isolate; returns its id. While the pool ends there is none, and all tasks are killed alike. */
  createIsolate(heapLimit) {
    if (this.#closing !== null) return 0;
    return this.native.createIsolate(heapLimit);
  }

  /** Ends a private isolate. Its tasks that have not settled are killed. */
  disposeIsolate(id) {
    let disposal = this.#disposals.get(id);
    if (disposal === undefined) {
      if (id === 0 || this.#hasEnded) return Promise.resolve();
      this.#outbox.flush();
      // The isolate does not know of those whose source is being read.
      for (const record of this.#tasks.records()) {
        if (record.reading === id) this.#killed(record, 'the isolate was shut down');
      }
      if (!this.native.disposeIsolate(id)) return Promise.resolve();
      disposal = {};
      disposal.promise = new Promise((resolve) => {
        disposal.resolve = resolve;
      });
      this.#disposals.set(id, disposal);
      this.#goesOn();
      this.#updateKeepAlive();
    }
    return disposal.promise;
  }

  /** Tells Node whether to stay alive. While the event loop polls it does anyway, and mostly there is another task before that ends. */
  #updateKeepAlive() {
    const alive = (this.#tasks.size > 0 && !this.#stands) || this.#disposals.size > 0;
    if (alive === this.#keptAlive || (!alive && this.#polling.isOn)) return;
    this.#keptAlive = alive;
    this.native.keepAlive(alive);
  }

  /** Once a task has settled, or the loop has stopped to poll: sees to what matters where none is left. */
  #updateIdle() {
    if (this.#polling.isOn) return;
    if (this.#tasks.size === 0) this.#others.settled();
    this.#updateKeepAlive();
  }

  #deliver(kind, id, received) {
    if (kind === RECORD.DISPOSED) {
      this.#disposals.get(id)?.resolve();
      this.#disposals.delete(id);
      // With the isolate its locks have ended, and others go on that waited for them.
      this.expectAnswer();
      this.#updateKeepAlive();
      return;
    }
    if (kind === RECORD.STACK) {
      this.#stacks.answer(id, ...received.value());
      return;
    }
    if (kind === RECORD.NATIVE_STACK) {
      const [state, ...lines] = received.text().split('\n');
      this.#stacks.answer(id, state, lines.map((line) => `\n${line}`).join(''));
      return;
    }
    const record = this.#tasks.get(id);
    if (kind === RECORD.UNCAUGHT) {
      // Nobody can catch it: it is reported as Node reports a rejection without handler.
      Promise.reject(this.#decodeError(received, record ?? this.#recent.find(id)));
      return;
    }
    if (record === undefined) {
      // Its end and a kill that came too late, in either order: the pool keeps the kill for a task that will never begin.
      if (kind <= RECORD.FAILURE) this.native.forget(id);
      return;
    }
    if (kind === RECORD.EXPIRED) {
      // The pool kills it.
      record.makeError ??= () =>
        new errors.TimeoutError(`the task used more than ${record.cpuTime} ms of processor time`);
      return;
    }
    // The pause came too late.
    if (kind <= RECORD.THROWN && record.isPaused) this.native.forget(id);
    if (kind === RECORD.RESULT) {
      let value;
      try {
        value = this.#decode(received, record);
      } catch (error) {
        this.#settle(record, 'failed', error);
        return;
      }
      this.#settle(record, 'done', value);
    } else if (kind === RECORD.THROWN) {
      this.#settle(record, 'failed', this.#decodeError(received, record));
    } else {
      const { code, message } = received.failure();
      if (code === 0) {
        this.#killed(record, message);
        return;
      }
      const { outcome, make } = FAILURES[code];
      this.#settle(record, outcome, stackOfSite(make(message), record));
    }
  }

  /** Decodes a result. Stacks of errors in it are made readable. */
  #decode(received, record) {
    try {
      const value = received.value();
      if (this.#errors.length > 0) completeStacks(this.#errors, undefined, record, this.#functionOf);
      return value;
    } finally {
      this.#errors.length = 0;
    }
  }

  /** Decodes what a task threw. */
  #decodeError(received, record) {
    try {
      const error = received.value();
      completeStacks(this.#errors, error, record, this.#functionOf);
      return error;
    } catch (problem) {
      return problem;
    } finally {
      this.#errors.length = 0;
    }
  }

  /** The function that was shipped as this code, where a task that runs it is known. */
  #findFunction(code) {
    for (const record of this.#tasks) if (record.code === code) return record.fn;
    return this.#recent.findFunction(code) ?? this.codes.functionOf(code);
  }

  #settle(record, outcome, value) {
    this.#tasks.remove(record.id);
    record.outcome = outcome;
    this.settled[outcome]++;
    this.#stacks.settled(record);
    record.place = undefined;
    if (outcome === 'done') record.resolve(value);
    else record.reject(value);
    // Whoever waits for it learns of it. That nobody does is no failure.
    if (outcome === 'killed') record.promise.catch(() => {});
    record.settled?.();
    this.#recent.add(record);
    if (!this.#inbox.isDelivering) this.#recent.endGroup();
    this.#updateIdle();
  }

  #refused(id) {
    const record = this.#tasks.get(id);
    if (record !== undefined) this.#killSoon(record, 'the isolate was shut down');
  }

  /** Ends all threads; tasks that have not settled are killed. */
  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close() {
    this.#outbox.flush();
    this.native.keepAlive(true);
    this.native.beginStop();
    // Threads wake the host as they end; a thread in one long native operation is not waited for longer than this.
    const deadline = now() + 2000;
    while (this.native.alive() > 0 && now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    this.#inbox.run();
    this.#hasEnded = true;
    for (const record of this.#tasks.records()) this.#killed(record, SHUT_DOWN);
    for (const { resolve } of this.#disposals.values()) resolve();
    this.#disposals.clear();
    this.native.keepAlive(false);
    this.native.close();
  }

  /** The process, or this Worker, ends now: what was printed is written, and the threads end. */
  exit() {
    print(this.native, this.#readable);
    this.native.stop();
    print(this.native, this.#readable);
  }
}

let settings = {};
let current = null;
/** Shared channels of the host, once there are any. */
let endpoint;
/** Timers of the host's contexts, once there are any. */
let alarms;
let lastTask = 0;
let lastProgram = 0;
let listening = false;

/** The pool, started if there is none. */
function pool() {
  if (current === null) {
    current = new Pool(settings);
    if (!listening) {
      listening = true;
      process.on('exit', () => current?.exit());
      process.on('beforeExit', () => current?.reportDeadlock());
    }
  }
  return current;
}

/** The pool, or null where no task was started yet. */
function currentPool() {
  return current;
}

/** Remembers settings for the next pool. */
function configurePool(changes) {
  if (current !== null) {
    const error = new Error('configure() must be called before the first spawn, or after shutdown()');
    error.code = 'ERR_ALREADY_STARTED';
    throw error;
  }
  settings = { ...settings, ...changes };
}

/** Ends the pool, if there is one; the next task starts another. */
async function shutdownPool() {
  const ending = current;
  if (ending === null) return;
  await ending.close();
  if (current === ending) current = null;
}

const nextTask = () => ++lastTask;
const nextProgram = () => ++lastProgram;

/** Has pools carry channels from now on. */
function useChannels(given) {
  endpoint = given;
  if (current !== null) endpoint.attach(current.native);
}

/** Has pools look after timers that may wake tasks; see `channels/alarms.js`. */
function useAlarms(given) {
  alarms = given;
}

module.exports = { useAlarms, useChannels, pool, currentPool, configurePool, shutdownPool, nextTask, nextProgram };
