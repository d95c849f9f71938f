'use strict';

// What the kit (src/kit/) needs of a realm: cells, and who holds them. `kit-blocking.js` has what blocks.

const { ChannelClosedError, PoisonedError } = require('errors');
const { CLOSE } = require('channels/alarms');
const { MAX_DELAY } = require('channels/delay');
const { BOX, HOSTS, POISONED, TOKENS, isolateOf } = require('kit/cell');
const {
  Error,
  Infinity,
  Map,
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
  MathMax,
  Number,
  NumberIsInteger,
  ObjectHasOwn,
  RangeError,
  Set,
  SetPrototypeAdd,
  SetPrototypeDelete,
  SetPrototypeForEach,
  String,
  Symbol,
  TypeError,
  WeakMap,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
  DateNow,
  DatePrototypeGetTime,
} = require('primordials');

/** In place of a tag: the object is made for a core that is there. */
const ADOPT = { __proto__: null };

/** Times that an absent state is asked for before its holder counts as dead: it is away for a moment only. */
const PATIENCE = 1e9;

/**
 * @param {object} natives
 * @param {object} channels what `channels/chan.js` has made
 * @param {object} shared what `channels/shared.js` has made
 * @param {() => object} currentTask
 * @param {object} timers
 * @param {Function} Alarm what `channels/alarms.js` has made
 */
module.exports = function createKitPlatform(natives, channels, shared, currentTask, timers, Alarm) {
  const { LOCAL, Core, coreOf } = channels;
  /** Who has which lock, by token. */
  const holders = new Map();
  const watched = new WeakMap();
  const poisoned = () => new PoisonedError(POISONED);

  class Cell {
    #core;

    constructor(tag, state) {
      if (tag === ADOPT) this.#core = state;
      else {
        const core = new Core(1);
        core.tag = tag;
        core.buffer.push(state);
        this.#core = core;
      }
      this.#core.chan = this;
    }

    static coreOf(value) {
      return #core in value ? value.#core : undefined;
    }
  }

  /** Changes a cell's state. Nothing can come between, and nothing of the program's runs. */
  function update(cell, change) {
    const core = Cell.coreOf(cell);
    if (core.slot !== LOCAL) return shared.update(core, change, PATIENCE, poisoned, shutGates);
    if (core.isClosed) throw poisoned();
    return change(core.buffer.peek());
  }

  function shut(gate) {
    try {
      channels.close(coreOf(gate));
    } catch {
      // It is closed already.
    }
  }

  /** What lies first in a line; or undefined. */
  function dequeue(line) {
    const core = coreOf(line);
    if (core.slot !== LOCAL) return shared.tryRecv(core).value;
    return core.buffer.length > 0 ? core.buffer.shift() : undefined;
  }

  /** All who wait in a cell learn that it is poisoned. */
  function shutGates({ queue, rest, gate }) {
    if (gate !== undefined) shut(gate);
    if (queue === undefined) return;
    for (let i = 0; i < queue.length; i++) shut(queue[i].gate);
    if (rest === undefined) return;
    shut(rest.line);
    for (let next = dequeue(rest.line); next !== undefined; next = dequeue(rest.line)) shut(next.gate);
  }

  function poison(cell) {
    const core = Cell.coreOf(cell);
    try {
      // Nobody lines up in between.
      update(cell, (state) => {
        shutGates(state);
        channels.close(core);
      });
    } catch {
      // Somebody else was faster.
    }
  }

  function hold(cell, token) {
    const task = currentTask();
    task.held ??= new Set();
    SetPrototypeAdd(task.held, token);
    MapPrototypeSet(holders, token, { __proto__: null, cell, task });
    const core = Cell.coreOf(cell);
    core.holds++;
    if (core.slot !== LOCAL) natives.channelHold(core.slot, 1, -1);
  }

  /** Somebody waits at a gate of a cell: if the isolate dies meanwhile, the cell's others learn of it. */
  function holdGate(gate, cell) {
    const core = coreOf(gate);
    core.holds = 1;
    core.gateOf = Cell.coreOf(cell);
    if (core.slot !== LOCAL) natives.channelHold(core.slot, 1, core.gateOf.slot);
  }

  function letGoGate(gate) {
    const core = coreOf(gate);
    if (core.holds === 0) return;
    core.holds = 0;
    core.gateOf = undefined;
    if (core.slot !== LOCAL) natives.channelHold(core.slot, -1, -1);
  }

  function letGo(cell, token) {
    const holder = MapPrototypeGet(holders, token);
    if (holder === undefined) return;
    MapPrototypeDelete(holders, token);
    SetPrototypeDelete(holder.task.held, token);
    const core = Cell.coreOf(cell);
    core.holds--;
    if (core.slot !== LOCAL) natives.channelHold(core.slot, -1, -1);
  }

  /** So many more tasks of this isolate count in a cell: whoever of them ends says so, unless the isolate dies before. */
  function owe(cell, change) {
    const core = Cell.coreOf(cell);
    core.holds += change;
    if (core.slot !== LOCAL) natives.channelHold(core.slot, change, -1);
  }

  /** A task has failed or was killed: what it holds is given up. */
  function abandon(task) {
    const { held } = task;
    if (held === undefined) return;
    task.held = undefined;
    SetPrototypeForEach(held, (token) => {
      const holder = MapPrototypeGet(holders, token);
      if (holder === undefined) return;
      holder.task = { __proto__: null, held: new Set() };
      letGo(holder.cell, token);
      if (holder.cell.abandon === undefined) poison(holder.cell);
      else holder.cell.abandon(token);
    });
  }

  /** Timers know no longer delay than this. */
  function setTimer(watch, ms, action) {
    const rest = ms - MAX_DELAY;
    const ring = rest > 0 ? () => setTimer(watch, rest, action) : action;
    watch.timer = timers.add(ring, rest > 0 ? MAX_DELAY : MathMax(ms, 1), [], false, undefined);
  }

  let lastToken = 0;

  return {
    ADOPT,
    Cell,
    Error,
    Number,
    NumberIsInteger,
    ObjectHasOwn,
    PoisonedError,
    RangeError,
    String,
    TypeError,
    abandon,
    /** What no other holder of any lock has: made of the isolate's number, and counted. A number as long as both have room in one. */
    newToken() {
      const id = natives.isolateId();
      lastToken++;
      return id < HOSTS && lastToken < TOKENS ? id * TOKENS + lastToken : `${id}.${lastToken}`;
    },
    /** Milliseconds since 1970; undefined for what is no Date. */
    timeOfDate(value) {
      try {
        return DatePrototypeGetTime(value);
      } catch {
        return undefined;
      }
    },
    gate: () => channels.chan(1),
    /** What a task waits for at a gate, in words. */
    nameWait(gate, verb) {
      coreOf(gate).verb = verb;
    },
    isShut(gate) {
      const core = coreOf(gate);
      return core.slot === LOCAL ? core.isClosed : shared.tryRecv(core).closed;
    },
    /** From now on a gate is shut with another one. */
    follow: (gate, leader) => channels.follow(coreOf(gate), coreOf(leader)),
    line: () => channels.chan(Infinity),
    enqueue(line, item) {
      const core = coreOf(line);
      if (core.slot === LOCAL) {
        core.buffer.push(item);
        return;
      }
      try {
        shared.trySend(core, item, undefined);
      } catch (error) {
        // The cell was poisoned, which whoever changes it learns at the end.
        if (!(error instanceof ChannelClosedError)) throw error;
      }
    },
    dequeue,
    lengthOf: (line) => line.length,
    /** Keeps a value that others may want to have. One that cannot be copied is found out when the box goes to others. */
    box(value) {
      const made = channels.chan(BOX);
      coreOf(made).buffer.push(value);
      return made;
    },
    unbox(made) {
      const core = coreOf(made);
      return core.slot === LOCAL ? core.buffer.peek() : shared.peek(core, PATIENCE, poisoned);
    },
    mailbox: () => channels.chan(Infinity),
    put(channel, value) {
      try {
        channels.trySend(coreOf(channel), value);
      } catch {
        // Nobody listens any more.
      }
    },
    toStringTag: Symbol.toStringTag,
    /** A cell that stands for another object, which programs have. */
    cellFor(object, tag, state) {
      const cell = new Cell(tag, state);
      Cell.coreOf(cell).chan = object;
      return cell;
    },
    hold,
    holdGate,
    letGo,
    letGoGate,
    owe,
    /** Whether an isolate has died that held something; by its number. */
    hasEnded: (isolate) => natives.isolateIsGone(isolate),
    isolate: () => natives.isolateId(),
    /** Whether the isolate has died that a token is of. */
    isGone: (token) => natives.isolateIsGone(isolateOf(token)),
    now: DateNow,
    /** Whether it was not shut. */
    open(gate) {
      try {
        channels.trySend(coreOf(gate), true);
        return true;
      } catch {
        return false;
      }
    },
    shut,
    /** Does something at a time; if the isolate ends before, a gate is shut then. */
    timer(ms, action, owner, gate) {
      const core = coreOf(gate);
      const watch = { __proto__: null, timer: undefined, alarm: new Alarm(core, CLOSE, ms, core.slot !== LOCAL) };
      WeakMapPrototypeSet(watched, owner, watch);
      setTimer(watch, ms, action);
    },
    untimer(owner) {
      const watch = WeakMapPrototypeGet(watched, owner);
      if (watch === undefined) return;
      timers.clear(watch.timer);
      watch.alarm.end();
    },
    /** Does something with nothing in between: this is no compiled code, so no task is suspended, or killed, within what it calls. */
    undivided: (action) => action(),
    weakTable() {
      const table = new WeakMap();
      return {
        get: (object) => WeakMapPrototypeGet(table, object),
        set: (object, value) => WeakMapPrototypeSet(table, object, value),
      };
    },
    update,
  };
};
