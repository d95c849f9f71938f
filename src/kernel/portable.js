'use strict';

// Tasks that have not begun and could begin in another isolate: those whose functions capture nothing that is shared with the parent
// (`src/compiler/coroutine/ships.rs` tells which). They wait for their turn as all others do. When isolates of the pool have nothing to
// do, the clock asks for some (`src/pool/clock.rs`): each goes as a message that holds its function and its arguments, and what comes of
// it comes back as one. Then the task here stands for the one that runs elsewhere.

const { Queue } = require('queues');
const { DataCloneError, MemoryLimitError, TaskKilledError } = require('errors');
const { KILL, NEXT, THROW } = require('leaving');
const { ACTIONS } = require('control');
const { RESULT, STACK, THROWN } = require('record-kinds');
const { ALL, GONE, OFFERED, STAYS, WANTED } = require('flags');
const {
  Error,
  Infinity,
  Map,
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
  MathCeil,
  MathMin,
  ObjectKeys,
  String,
  StringFromCharCode,
  WeakMap,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} = require('primordials');

/** Each isolate that asks gets its share of those that wait, but not more than so many at once: to send one takes some microseconds. */
const AT_ONCE = 32;

/** After so many functions from one place that could not leave, others from there are not tried. */
const TRIES = 8;

/** Why tasks of programs stay together. */
const DEADLOCKS = 'deadlocks of programs are noticed within an isolate';

/** The realm of the host's own program. */
const HOST = 1;

/** How long the answer is waited for, in milliseconds. */
const PATIENCE = 200;

/** The errors of tasks that the pool has ended, by why it has; see `src/message/record.rs`. */
const FAILURES = [TaskKilledError, MemoryLimitError, MemoryLimitError];

/** Bytes before the payload of an answer; `src/pool/children.rs` has the same number. */
const BEFORE = 8;

/** Where it says whether the task leaves others behind. */
const LEAVES = 4;

/** How much of what the pool says of a failure is read. */
const MESSAGE = 500;

/** Why a function cannot leave. */
class Refusal {
  constructor(fn, reason) {
    this.message = fn === undefined ? reason : `${describe(fn)}: ${reason}`;
    this.reason = reason;
  }
}

const describe = (fn) => (typeof fn.name !== 'string' || fn.name === '' ? 'the function' : `\`${fn.name}\``);

/** How errors call a function. */
function named(fn) {
  const { name } = fn;
  return typeof name === 'string' && name !== '' ? `function ${name}` : 'a function';
}

/** Of functions that the compiler has not seen on their way out. */
const UNKNOWN = 'what it captures is not known, since it is neither written nor named where it is sent or returned';

/** Of functions that `bind` has made, and built-in ones: there is no text. */
const NO_TEXT = 'it is a bound or built-in function, which has no source: write a function that calls it';

/** Why none goes to the host. */
const TO_HOST = 'functions go to tasks only: give the host the data it works on';

/** What can be done about a function that cannot be sent. */
const FIX = 'pass data instead, or a function that captures only constants and what modules export';

/** What is known of a function: where it stands, or what has made it; and the values that it captures, which are missing where it cannot leave. */
class About {
  constructor(fn, source, start, values, mayWait) {
    this.fn = fn;
    this.source = source;
    this.start = start;
    this.values = values;
    this.mayWait = mayWait;
    this.isUsed = false;
  }
}

/** Of a function that came in a message. */
class Made {
  constructor(code) {
    this.code = code;
    this.early = [];
    this.late = [];
    /** Why it cannot go on to another isolate; undefined while nobody has asked. */
    this.problem = undefined;
  }
}

/**
 * @param {object} natives
 * @param {object} scheduler
 * @param {{
 *   settings: {program: number}, isShared: (value: object) => boolean, messages: object, shared: object, timers: object,
 *   nameOf: (value: unknown) => string | undefined, nameOfExport: (value: unknown) => string | undefined,
 *   isSettled: (imports: object, name: string) => boolean, platform: object, isForIsolate: () => boolean,
 *   nameStorage: (value: object) => string | undefined,
 * }} realm `isShared`: whether it is a channel, a task or a cell; `nameOf`: what the library's own values are called;
 *   `nameOfExport`: what exports of modules are called; `isSettled`: whether what is imported keeps its value; `platform`: the codec's
 */
module.exports = function createPortables(
  natives,
  scheduler,
  {
    settings,
    isShared,
    messages,
    shared,
    timers,
    nameOf,
    nameOfExport,
    isSettled,
    platform,
    isForIsolate,
    nameStorage,
  },
) {
  const { flags } = scheduler;
  const queue = new Queue();
  let last;
  /** What is known of functions that were not given to a task at once. */
  const kept = new WeakMap();
  let hasKept = false;
  const made = new WeakMap();
  let hasMade = false;
  /** How often functions from a place could not leave: what they capture is shared. */
  const held = new Map();
  let isHolding = false;
  /** Whether no task ever leaves: the isolate is private. */
  let isAlone = false;
  /** Which kind of obstacle was met last; one of `STAYS`. */
  let obstacle = STAYS.VALUES;
  /** Whether what is decided is written down; see `log`. */
  let isLogging;

  /** Takes note of a function that is about to be given to a task. */
  function ship(fn, source, start, values, mayWait = false) {
    if (isAlone) return fn;
    if (last !== undefined && !last.isUsed && last.fn !== fn) {
      WeakMapPrototypeSet(kept, last.fn, last);
      hasKept = true;
    }
    last = new About(fn, source, start, values, mayWait);
    return fn;
  }

  /** Takes note of a function that is given to tasks again and again. */
  function keep(fn, source, start, values, mayWait = false) {
    if (isAlone) return fn;
    WeakMapPrototypeSet(kept, fn, new About(fn, source, start, values, mayWait));
    hasKept = true;
    return fn;
  }

  /** Takes note of a function that may be sent. */
  function given(fn, source, start, values, mayWait = false) {
    WeakMapPrototypeSet(kept, fn, new About(fn, source, start, values, mayWait));
    hasKept = true;
    return fn;
  }

  /** What a function captures of another module. */
  function constant(imports, name) {
    const value = imports[name];
    if (isSettled(imports, name)) return value;
    const reason = `it captures \`${name}\`, which the module that exports it assigns again: copy it into a constant`;
    throw new Refusal(undefined, reason);
  }

  /** Takes note of a function that came in a message. Returns what is to hear of the values that it captures. */
  function remember(fn, code) {
    const about = new Made(code);
    WeakMapPrototypeSet(made, fn, about);
    hasMade = true;
    return about;
  }

  function aboutOf(fn) {
    if (last !== undefined && last.fn === fn) {
      last.isUsed = true;
      return last;
    }
    const about = hasKept ? WeakMapPrototypeGet(kept, fn) : undefined;
    if (about !== undefined || !hasMade) return about;
    return WeakMapPrototypeGet(made, fn);
  }

  /** A number for the place of a function. Where sources are so long that two have the same, they are held together. */
  const placeOf = ({ source, start }) => source * 2 ** 21 + start;

  /** Takes note that a function cannot leave: those from the same place are not tried so soon again. */
  function hold(about) {
    const place = placeOf(about);
    MapPrototypeSet(held, place, { count: 1 + (MapPrototypeGet(held, place)?.count ?? 0), why: obstacle });
    isHolding = true;
  }

  /** Whether functions from this place have not been able to leave. */
  function isHeld(about) {
    return isHolding && MapPrototypeGet(held, placeOf(about))?.count >= TRIES;
  }

  /** A task was started; it has not begun. */
  function add(task, fn, args) {
    if (isAlone) {
      flags[STAYS.PRIVATE]++;
      if (isLogging !== false) log(task, () => 'stays on its isolate, which is private');
      return;
    }
    const about = aboutOf(fn);
    if (about === undefined || (about.code === undefined && about.values === undefined)) {
      flags[STAYS.FUNCTION]++;
      if (isLogging !== false) log(task, () => whyNot(fn, about));
      return;
    }
    if (about.code === undefined && isHeld(about)) {
      flags[MapPrototypeGet(held, placeOf(about)).why]++;
      return;
    }
    task.value = { about, fn, args };
    task.isPortable = true;
    queue.push(task);
    flags[ALL]++;
    if (flags[OFFERED] !== 0) return;
    flags[OFFERED] = 1;
    if (natives.offer()) return;
    flags[STAYS.PRIVATE]++;
    isAlone = true;
    last = undefined;
  }

  /** The task stays: it begins, or cannot leave. */
  function begins(task) {
    task.isPortable = false;
    flags[GONE]++;
    // Mostly the newest begin first; see turns.js.
    while (queue.length > 0 && !queue.peekLast().isPortable) queue.pop();
    while (queue.length > 0 && !queue.peek().isPortable) queue.shift();
  }

  /** Sends some of the tasks away. */
  function give() {
    const wanted = flags[WANTED];
    flags[WANTED] = 0;
    const waiting = flags[ALL] - flags[GONE];
    // So many tasks, or for so many isolates that have nothing to do.
    let left = wanted < 0 ? MathMin(-wanted, AT_ONCE) : wanted * MathMin(MathCeil(waiting / (wanted + 1)), AT_ONCE);
    while (left > 0 && queue.length > 0) {
      const task = queue.shift();
      if (!task.isPortable) continue;
      const portable = task.value;
      task.isPortable = false;
      flags[GONE]++;
      if (task.isKilled || task.isPaused) continue;
      obstacle = STAYS.VALUES;
      try {
        send(task, portable);
        left--;
      } catch (error) {
        flags[obstacle]++;
        if (portable.about.code === undefined) hold(portable.about);
        if (isLogging !== false) log(task, () => `stays on its isolate: ${error.message}`);
      }
    }
  }

  /**
   * The arguments of a task, with what storages hold for it. Only the host's storages are known elsewhere: a function that may leave captures no
   * others, so nobody can ask there for what these hold.
   */
  function withContext({ context }, args) {
    const list = [];
    for (let entry = context; entry !== undefined; entry = entry.up) {
      const { storage, store } = entry;
      const name = nameStorage(storage);
      if (name === undefined || hasStorage(list, name)) continue;
      if (
        typeof store === 'symbol' ||
        typeof store === 'function' ||
        (typeof store === 'object' && store !== null && !isShared(store))
      ) {
        throw new Error('an AsyncLocalStorage holds an object, which it shares with its parent');
      }
      list[list.length] = [name, store];
    }
    return list.length === 0 ? args : { context: list, args };
  }

  function hasStorage(list, name) {
    for (let i = 0; i < list.length; i++) if (list[i][0] === name) return true;
    return false;
  }

  function together(text) {
    obstacle = STAYS.DEADLOCKS;
    return new Error(`${text}, and ${DEADLOCKS}`);
  }

  function send(task, { about, fn, args }) {
    const isProgram = settings.program > HOST;
    // Nothing of the sort in what came in a message is known.
    if (isProgram && about.mayWait !== false) throw together('it may wait');
    const { encodeHandle } = platform;
    let code;
    sending = (inner) => {
      if (inner !== fn) {
        const known = aboutOf(inner);
        if (isProgram && known?.mayWait !== false) throw together('a function that it has may wait');
        return shippedOf(known, inner);
      }
      const shipped = shippedOf(about, fn);
      code = shipped.code;
      return shipped;
    };
    if (isProgram) platform.encodeHandle = refuseHandles;
    let staged;
    try {
      staged = messages.stage([fn, withContext(task.main, args)]);
    } finally {
      sending = undefined;
      platform.encodeHandle = encodeHandle;
    }
    // How it ends, and where it stands however often that is asked: nothing may be lost.
    const slot = natives.channelCreate(Infinity, 0);
    const hear = (bytes, view, at, length) => {
      if (view.getUint32(at, true) === STACK) {
        const [state, frames] = messages.decode({ bytes, view }, at + BEFORE, length - BEFORE);
        tellStack(task, state, frames);
        shared.expect(slot, hear);
        return;
      }
      const stand = view.getUint32(at + LEAVES, true) === 0 ? undefined : leftBehind.expect(task);
      if (stand === undefined) natives.channelRelease(slot);
      tellStack(task, 'over', '');
      answered(task, bytes, view, at, length);
      if (stand === undefined) return;
      const hearOver = () => {
        natives.channelRelease(slot);
        leftBehind.over(stand);
      };
      shared.expect(slot, hearOver, true);
    };
    const wait = shared.expect(slot, hear);
    const id = natives.ship(staged, code, slot, task.id, task.meter);
    if (id === 0) {
      wait.withdraw();
      natives.channelRelease(slot);
      throw new Error('the pool takes no tasks');
    }
    scheduler.dropReady(task);
    task.active = null;
    task.leaveMain();
    task.remote = id;
    // It counts where it runs.
    scheduler.countChild(true);
    if (isLogging !== false) log(task, () => 'goes to an isolate that has nothing to do');
  }

  /** Those who want to know where tasks stand that were sent, by task. */
  const asking = new Map();

  /** Asks a task that was sent where it stands. Returns whether its isolate will say so: it is still queued otherwise. */
  function askStack(task) {
    if (MapPrototypeGet(asking, task) !== undefined) return true;
    if (!natives.controlShipped(task.remote, ACTIONS.stack)) return false;
    // It may be in something that cannot be interrupted.
    const giveUp = () => tellStack(task, 'in another isolate, in an operation that cannot be interrupted', '');
    MapPrototypeSet(asking, task, { answers: [], timer: timers.add(giveUp, PATIENCE, [], false, 0) });
    return true;
  }

  /** Has `answer` called with the state and the frames of a task that was asked for them. */
  function hearStack(task, answer) {
    const { answers } = MapPrototypeGet(asking, task);
    answers[answers.length] = answer;
  }

  function tellStack(task, state, frames) {
    const asked = MapPrototypeGet(asking, task);
    if (asked === undefined) return;
    MapPrototypeDelete(asking, task);
    timers.clear(asked.timer);
    for (let i = 0; i < asked.answers.length; i++) asked.answers[i](state, frames);
  }

  /** In programs tasks that have channels stay together, so that a deadlock among them is noticed. */
  function refuseHandles(object) {
    if (isShared(object)) throw together('it has a channel');
    return -1;
  }

  /** How functions cross while a task is being sent. */
  let sending;

  /** What the codec asks: how a function crosses, or what it is that cannot, and what to do instead. */
  platform.shipFunction = (fn) => {
    if (sending !== undefined) return sending(fn);
    if (messages.handles.isLocal)
      return [named(fn), 'pass the data it works on, or define the function where it is called'];
    if (!messages.handles.isForChannel && !isForIsolate()) return [named(fn), TO_HOST];
    try {
      return shippedOf(aboutOf(fn), fn);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return [named(fn), `${error.reason}: ${FIX}`];
    }
  };
  platform.nameKnown = (value) => {
    const isLeaving = sending !== undefined || messages.handles.isForChannel || isForIsolate();
    if (!isLeaving || messages.handles.isLocal) return undefined;
    const name = nameOf(value);
    if (name !== undefined || sending !== undefined) return name;
    return typeof value !== 'function' || refusalOf(value) !== undefined ? nameOfExport(value) : undefined;
  };

  /** Why a function cannot be sent itself. */
  function refusalOf(fn) {
    try {
      valuesOf(aboutOf(fn), fn, []);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return error;
    }
  }

  /**
   * Whether the receiver imports a value that cannot be sent itself. Tasks that are sent before they begin have none of it: with an export comes
   * all that its module has in that isolate, which is for the program to decide.
   */
  const isImported = (value) => sending === undefined && nameOfExport(value) !== undefined;
  platform.captureError = ({ fn, path, what, fix }) =>
    new DataCloneError(`${named(fn)}, which captures ${path}, cannot be cloned: ${what} cannot (${fix})`);

  /** What is in the way of sending a function to another isolate, and what to do: the same wherever the receiver is. */
  function obstacleOf(fn) {
    if (nameOf(fn) !== undefined) return undefined;
    const refusal = refusalOf(fn);
    return refusal === undefined || isImported(fn) ? undefined : [named(fn), `${refusal.reason}: ${FIX}`];
  }

  /** A function that may be sent to another isolate. */
  function checked(fn) {
    const obstacle = obstacleOf(fn);
    if (obstacle === undefined) return fn;
    throw new DataCloneError(`value: ${obstacle[0]} cannot be cloned (${obstacle[1]})`);
  }

  /** What the codec needs of a function. Throws where it cannot leave. */
  function shippedOf(about, fn) {
    const values = valuesOf(about, fn, []);
    const code = about.code ?? natives.shipCode(about.source, about.start);
    if (code === 0 || !natives.nameCode(code)) throw new Refusal(fn, 'its source is gone');
    const names = [];
    for (let i = 0; i < values.length; i++) names[i] = `${i}`;
    const early = about.code === undefined ? 0 : about.early.length;
    return { code, names, values, early, name: fn.name, keys: [], prototypeKeys: [] };
  }

  /**
   * The values that a function captures. Throws where one cannot leave.
   * @param {About | Made | undefined} about
   * @param {Function} fn
   * @param {Function[]} above the functions that capture it
   */
  function valuesOf(about, fn, above) {
    if (about === undefined) throw new Refusal(fn, isNative(fn) ? NO_TEXT : UNKNOWN);
    if (ObjectKeys(fn).length > 0) throw new Refusal(fn, 'it has properties');
    let values;
    if (about.code !== undefined) {
      about.problem ??= natives.whyNotShipped(about.code) ?? 'nothing is known of it';
      if (about.problem !== '') throw new Refusal(fn, about.problem);
      values = [...about.early, ...about.late];
    } else if (about.values === undefined) {
      throw new Refusal(fn, natives.whyNotShipped(about.source, about.start, true) ?? UNKNOWN);
    } else {
      // A variable that is not declared yet throws.
      values = about.values();
    }
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === 'function') {
        if (value === fn || has(above, value) || nameOf(value) !== undefined) continue;
        above[above.length] = fn;
        try {
          valuesOf(aboutOf(value), value, above);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          if (!isImported(value))
            throw new Refusal(fn, `it captures ${variable(about, i)}, and of that ${error.reason}`);
        }
        above.length--;
      } else if (typeof value === 'symbol') {
        throw new Refusal(fn, `it captures ${variable(about, i)}, a symbol`);
      } else if (
        typeof value === 'object' &&
        value !== null &&
        !isShared(value) &&
        nameOf(value) === undefined &&
        !isImported(value)
      ) {
        throw new Refusal(fn, `it captures ${variable(about, i)}, an object, which it shares with the code around it`);
      }
    }
    return values;
  }

  function has(list, value) {
    for (let i = 0; i < list.length; i++) if (list[i] === value) return true;
    return false;
  }

  /** The name of a variable that a function captures, as far as it is known. */
  function variable(about, index) {
    const name = about.code === undefined ? natives.shipNames(about.source, about.start)?.[index] : undefined;
    return name === undefined ? 'a variable' : `\`${name}\``;
  }

  /** How the task has ended that runs elsewhere. */
  function answered(task, bytes, view, at, length) {
    const kind = view.getUint32(at, true);
    if (kind !== RESULT && kind !== THROWN) {
      const reason = view.getUint32(at + BEFORE, true);
      let text = '';
      for (let i = at + BEFORE + 4; i < at + length && text.length < MESSAGE; i++) text += StringFromCharCode(bytes[i]);
      ended(task, KILL, failure(reason, text));
      return;
    }
    let value;
    let mode = kind === RESULT ? NEXT : THROW;
    try {
      value = messages.decode({ bytes, view }, at + BEFORE, length - BEFORE);
    } catch (error) {
      value = error;
      mode = THROW;
    }
    ended(task, mode, value);
  }

  function failure(reason, text) {
    return new (FAILURES[reason] ?? TaskKilledError)(text === '' ? 'the task was killed' : text);
  }

  /** Why a function stays that nothing is known of. */
  function whyNot(fn, about) {
    if (about !== undefined) return `stays on its isolate: ${natives.whyNotShipped(about.source, about.start, true)}`;
    const place = realmPlaceOf(fn);
    const problem = place === null ? undefined : natives.whyNotShipped(+place[1], +place[2]);
    return `stays on its isolate: ${problem ?? 'its function is not written where it is spawned'}`;
  }

  let realmPlaceOf;
  let isNative;
  let ended;
  let leftBehind;

  /** Writes down why a task runs where it does, if `NODE_DEBUG` asks for that. */
  function log(task, text) {
    isLogging ??= natives.debug(undefined);
    if (!isLogging) return;
    const name = task.name === '' || task.name === undefined ? '' : ` "${String(task.name)}"`;
    natives.debug(`a task${name} of task ${task.id} ${text()}`);
  }

  return {
    add,
    askStack,
    hearStack,
    begins,
    give,
    checked,
    constant,
    given,
    keep,
    obstacleOf,
    remember,
    ship,
    /** Says what is to be called with (task, mode, value) when a task has ended that was sent. */
    useEnd(end) {
      ended = end;
    },
    /** Where those are that tasks leave behind which were sent. */
    useLeftBehind(given) {
      leftBehind = given;
    },
    /** What the realm knows of functions: the place of one, and whether it has no source. */
    usePlaces(placeOf, hasNoSource) {
      realmPlaceOf = placeOf;
      isNative = hasNoSource;
    },
  };
};
