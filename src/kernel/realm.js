'use strict';

// The kernel's part in one realm. A pool thread enters it at four places only:
//
//   boot      once, when the realm is made from the startup snapshot
//   start     runs a task: decodes the arguments, calls the function, settles the task or waits for its promise
//   evaluate  the same for a whole program (`run`); in `plain-realm.js`
//   fireNext  runs one timer that is due
//
// What a task settles with leaves through `natives.post` as one record. Between two entries the thread runs a microtask
// checkpoint, so promises behave as they do everywhere.

const createGrowth = require('growth');
const createAsyncWaits = require('wait-async');
const createCodec = require('codec');
const createConsole = require('console');
const { DOMException } = require('dom-exception');
const { classes, CaptureError, DataCloneError, MemoryLimitError } = require('errors');
const { RESULT, STACK, THROWN, UNCAUGHT } = require('record-kinds');
const createTimerHandles = require('timer-handles');
const createTimers = require('timers');
const {
  ArrayIsArray,
  apply,
  Error,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  defineProperty,
  globalThis,
  ObjectCreate,
  ObjectHasOwn,
  ObjectKeys,
  Promise,
  PromisePrototypeThen,
  setPrototypeOf,
  JSONParse,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  TypeError,
  Uint8Array,
  WeakSet,
  WeakSetPrototypeAdd,
  WeakSetPrototypeHas,
} = require('primordials');

/** Compiled functions that a realm keeps; past that it starts afresh, so that generated code cannot pile up. */
const FUNCTION_CACHE = 4096;

/** Errors within errors of which the cloneable part is kept. */
const SALVAGE_DEPTH = 8;

/** Tasks from this number on were sent by other isolates; `src/pool/children.rs` has the same number. */
const SENT = 2 ** 52;

const isSent = (task) => task >= SENT;

/** Properties in which errors hold others, and which are not enumerable. */
const HIDDEN_PARTS = ['cause', 'errors', 'error', 'suppressed'];

/** An outbox that one large result made bigger than this many bytes is dropped after use. */
const OUTBOX_KEPT = 1 << 20;

/** What `markOpaque` was told. */
const opaque = new WeakSet();

const platform = {
  // Filled by `connect`.
  brandOf: undefined,
  isProxy: undefined,
  isBare: undefined,
  writeLatin1: undefined,
  writeUtf16: undefined,
  readLatin1: undefined,
  readUtf16: undefined,
  attach: undefined,
  take: undefined,
  cloneError: (message) => new DataCloneError(message),
  errorClass(name) {
    return errorClasses[name];
  },
  domException: (message, name) => new DOMException(message, name),
  canShare: (buffer) => isLocal || isForIsolate || handles.isForChannel || natives.isHeld(buffer),
  isOpaque: (prototype) => WeakSetPrototypeHas(opaque, prototype),
  // Set in realms for coroutine form.
  isPromise: undefined,
  encodeHandle: undefined,
  decodeHandle() {
    throw new TypeError("channels cannot come to a task in form 'plain', since it cannot block: use the default form");
  },
  // Set while a result is encoded.
  isOwned: undefined,
  // Set in realms for coroutine form.
  shareFunction: undefined,
  shipFunction: undefined,
  nameKnown: undefined,
  makeFunction: (code, values) => makeFunction(code, values),
  known,
};

/** Takes note of a class whose instances are nothing without what they hold outside of their properties. */
const markOpaque = (prototype) => {
  WeakSetPrototypeAdd(opaque, prototype);
};

const isOwned = (buffer) => WeakSetPrototypeHas(owned, buffer);

/** By name: our own, as on the host, and the language's. */
const errorClasses = { __proto__: null, ...classes };
for (const name of [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'AggregateError',
  'SuppressedError',
]) {
  if (typeof globalThis[name] === 'function') errorClasses[name] = globalThis[name];
}

/** ArrayBuffers that were moved into this realm: they belong to its tasks, so a result that holds one moves it on. */
const owned = new WeakSet();

const codec = createCodec(platform);

/** The addon's native functions, filled by `connect`. What the kernel makes before that reads them when it runs. */
const natives = ObjectCreate(null);

const asyncWaits = createAsyncWaits(natives);
const growth = createGrowth(natives);
/** What boot says of the realm; `install` is what is left to do in a realm of coroutine form when it begins. */
const settings = {
  program: 0,
  colors: false,
  promiseDetails: undefined,
  killGrace: 1000,
  quantum: 10,
  install: undefined,
};
let timeOrigin = 0;
/** Whether the message that is being encoded stays in this realm. */
let isLocal = false;
/** Whether it goes to another isolate, which has sent the task. */
let isForIsolate = false;
/** References to channels and tasks in messages; `channels/messages.js` has them, in realms for coroutine form. */
let handles = { isForChannel: false, mark: () => 0, settle() {}, revoke() {}, beginLocal() {} };
let inbox;
let inboxView;
let writer;
/** The message of a task whose failure nothing else can tell; made with the snapshot, while the built-ins are sound. */
let lastResort;
let functions = ObjectCreate(null);
let functionCount = 0;
/** What makes functions that come in messages, by the numbers of their sources. */
let makers = ObjectCreate(null);
let makerCount = 0;
let timers;
let timerHandles;
let currentTask = 0;

errorClasses.DataCloneError = DataCloneError;

function freshWriter() {
  writer = new codec.Writer();
}

/** Sends what was encoded for `task` and leaves the writer empty. */
function post(kind, task) {
  natives.post(kind, task, writer.bytes, writer.pos);
  if (writer.bytes.length > OUTBOX_KEPT) freshWriter();
  writer.pos = 0;
}

function succeed(task, value) {
  let moved;
  if (value !== null && typeof value === 'object' && value === transferred.value) {
    moved = transferred.buffers;
    transferred.value = undefined;
    transferred.buffers = undefined;
  }
  platform.isOwned = isOwned;
  isForIsolate = isSent(task);
  const mark = handles.mark();
  try {
    codec.encode(value, writer, 'result', moved);
    handles.settle();
  } catch (error) {
    handles.revoke(mark);
    writer.pos = 0;
    natives.dropAttachments();
    fail(task, error);
    return;
  } finally {
    platform.isOwned = undefined;
    isForIsolate = false;
  }
  post(RESULT, task);
}

/** Settles a task with what it threw. Whatever that is, and whatever its getters do, something arrives. */
function fail(task, error, kind = THROWN) {
  for (let attempt = 0; attempt < 3; attempt++) {
    const mark = handles.mark();
    isForIsolate = kind === THROWN && isSent(task);
    try {
      codec.encode(attempt === 0 ? error : attempt === 1 ? salvage(error, 0) : describe(error), writer, 'error');
      handles.settle();
    } catch {
      handles.revoke(mark);
      writer.pos = 0;
      natives.dropAttachments();
      continue;
    } finally {
      isForIsolate = false;
    }
    post(kind, task);
    return;
  }
  natives.post(kind, task, lastResort, lastResort.length);
}

/** The value that a getter or a proxy gives; nothing where it throws. */
function read(object, key) {
  try {
    return object[key];
  } catch {
    return undefined;
  }
}

function isError(value) {
  if (value === null || typeof value !== 'object') return false;
  try {
    return natives.isProxy(value) ? value instanceof Error : natives.brandOf(value) === createCodec.BRAND.ERROR;
  } catch {
    return false;
  }
}

function isCloneable(value) {
  const mark = handles.mark();
  try {
    codec.encode(value, new codec.Writer(), 'error');
    return true;
  } catch {
    return false;
  } finally {
    handles.revoke(mark);
    natives.dropAttachments();
  }
}

/** An error of the same class with what of it can be copied; of other values nothing is worth keeping. */
function salvage(error, depth) {
  if (!isError(error)) return describe(error);
  const copy = new Error();
  const hide = (key, value) =>
    defineProperty(copy, key, { value, enumerable: false, writable: true, configurable: true });
  try {
    setPrototypeOf(copy, getPrototypeOf(error));
  } catch {
    // A proxy may refuse to tell.
  }
  const text = (key, otherwise) => {
    const value = read(error, key);
    return typeof value === 'string' ? value : otherwise;
  };
  hide('name', text('name', 'Error'));
  hide('message', text('message', ''));
  hide('stack', text('stack', undefined));
  const keep = (key, enumerable) => {
    let value = read(error, key);
    if (!isCloneable(value)) {
      if (depth === SALVAGE_DEPTH) return;
      if (isError(value)) value = salvage(value, depth + 1);
      else if (key === 'errors' && ArrayIsArray(value)) value = salvageAll(value, depth + 1);
      else return;
    }
    defineProperty(copy, key, { value, enumerable, writable: true, configurable: true });
  };
  for (let i = 0; i < HIDDEN_PARTS.length; i++) if (ObjectHasOwn(error, HIDDEN_PARTS[i])) keep(HIDDEN_PARTS[i], false);
  const keys = ObjectKeys(error);
  for (let i = 0; i < keys.length; i++) if (!ObjectHasOwn(copy, keys[i])) keep(keys[i], true);
  return copy;
}

/** The same of a list of errors: each is what it is, or what is left of it. */
function salvageAll(errors, depth) {
  const list = [];
  for (let i = 0; i < errors.length; i++) {
    const error = read(errors, i);
    defineProperty(list, i, {
      value: isCloneable(error) ? error : salvage(error, depth),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return list;
}

/** What of a thrown value can be copied, for another task of this realm: `copy` does not take it. */
function copyFailure(error) {
  try {
    return copy(salvage(error, 0));
  } catch {
    return describe(error);
  }
}

/** What is said of a value that cannot be copied. */
function describe(value) {
  let text = `A task threw a value that cannot be copied: ${typeof value}`;
  if (isError(value)) {
    const message = read(value, 'message');
    if (typeof message === 'string') text = message;
  }
  const error = new Error(text);
  // The task's own `Error.prepareStackTrace` may throw, and where this is made is of no interest.
  defineProperty(error, 'stack', { value: `Error: ${text}`, enumerable: false, writable: true, configurable: true });
  return error;
}

/** Errors of jobs that nobody can catch (timer callbacks, rejections without handler) are reported on the host. */
function report(task, error) {
  fail(task, error, UNCAUGHT);
}

/** Answers the host, which has asked where a task stands. */
function tellStack(task, [state, text]) {
  codec.encode([state, text], writer, 'stack');
  post(STACK, task);
}

function settle(task, value) {
  let then;
  try {
    if ((value !== null && typeof value === 'object') || typeof value === 'function') then = value.then;
  } catch (error) {
    fail(task, error);
    return;
  }
  if (typeof then !== 'function') {
    succeed(task, value);
    return;
  }
  natives.park(task, false);
  try {
    const promise = new Promise((resolve) => resolve(value));
    PromisePrototypeThen(
      promise,
      (result) => succeed(task, result),
      (error) => fail(task, error),
    );
  } catch (error) {
    // `then` asks for the promise's constructor, which a program may have replaced.
    fail(task, error);
  }
}

function decode(length, large) {
  if (large === undefined) return codec.decode(inbox, inboxView, 0, length);
  return codec.decode(large, new codec.View(large.buffer, 0, length), 0, length);
}

/**
 * Runs one task.
 * @param {number} task its id
 * @param {number} code id of the function's source
 * @param {number} length bytes of the encoded arguments in the inbox
 * @param {Uint8Array} [large] the arguments, where they do not fit into the inbox
 * @param {boolean} _storm
 * @param {boolean} isClosure whether the function comes with the arguments
 */
function start(task, code, length, large, _storm, isClosure) {
  currentTask = task;
  let result;
  try {
    let args = decode(length, large);
    let fn;
    if (isClosure) {
      fn = args[0];
      args = args[1];
    } else fn = functions[code];
    if (!ArrayIsArray(args)) {
      natives.setContext(contextOf(args));
      ({ args } = args);
    }
    if (fn === undefined) {
      fn = pick(natives.compileFunction(code));
      if (++functionCount > FUNCTION_CACHE) {
        functions = ObjectCreate(null);
        functionCount = 1;
      }
      functions[code] = fn;
    }
    result = apply(fn, undefined, args);
  } catch (error) {
    fail(task, error);
    return;
  } finally {
    natives.setContext(undefined);
  }
  settle(task, result);
}

/** The context of a task whose arguments came with what storages hold; see `lib/node/async_hooks.js`. */
function contextOf({ context }) {
  let list;
  for (let i = 0; i < context.length; i++) {
    const [storage, store] = context[i];
    // Tasks name storages, the host may send one that a function captures.
    list = { storage: typeof storage === 'string' ? known(storage) : storage, store, up: list };
  }
  return list;
}

/** Compiles what makes functions of one source; `compileMaker` is another one in realms for coroutine form. */
const compiling = { maker: (code) => natives.compileFunction(code) };

/** Makes a function of what it needs to come into being; returns it, and what sets the other variables that it captures. */
function makeFunction(code, values) {
  let maker = makers[code];
  if (maker === undefined) {
    maker = compiling.maker(code);
    if (++makerCount > FUNCTION_CACHE) {
      makers = ObjectCreate(null);
      makerCount = 1;
    }
    makers[code] = maker;
  }
  const made = apply(maker, undefined, values);
  const fn = pick(made[0]);
  const about = compiling.remember?.(fn, code);
  if (about === undefined) return [fn, made[1]];
  about.early = values;
  const set = (...late) => {
    about.late = late;
    apply(made[1], undefined, late);
  };
  return [fn, set];
}

/** What of the library only the host can do. Tasks have functions of these names, so that a module which imports them can be theirs, too. */
const OF_THE_HOST = [
  'Isolate',
  'Task',
  'configure',
  'fromIterable',
  'run',
  'runFile',
  'shutdown',
  'stats',
  'transpile',
];

function ofTheHost(name) {
  // biome-ignore lint/complexity/useArrowFunction: some stand for classes, which `new` and `instanceof` are asked of
  const value = function () {
    throw new TypeError(`${name} of @hertzscript/isolate is for the host: tasks cannot use it`);
  };
  defineProperty(value, 'name', { value: name, configurable: true });
  return value;
}

/** The library as tasks see it. */
const library = ObjectCreate(null);

/**
 * What the host names instead of sending it: `lib:sleep`, `lib:` (the library itself), `global:Math.max`, and exports of
 * modules as `module:` with the JSON of `{file}` or `{node}` and `path`, the names that lead to the value, or of `{from, specifier,
 * name}`: what the module `from` imports; or of `{requireFrom}`: the `require` of that file. `storage:1` is the task's own of an AsyncLocalStorage of the host's.
 */
function known(name) {
  const colon = StringPrototypeIndexOf(name, ':');
  const kind = StringPrototypeSlice(name, 0, colon);
  const rest = StringPrototypeSlice(name, colon + 1);
  if (kind === 'lib') {
    if (rest === '') return library;
    if (ObjectHasOwn(library, rest)) return library[rest];
    throw new TypeError(`${rest} of @hertzscript/isolate is not there in tasks of form 'plain'`);
  }
  if (kind === 'global') {
    let value = globalThis;
    const path = JSONParse(rest);
    for (let i = 0; i < path.length; i++) value = value[path[i]];
    return value;
  }
  if (kind === 'storage') return compiling.storageOf(rest);
  return compiling.importExport(JSONParse(rest));
}

/** A method or accessor arrives as an object literal with that one member, since its text is no expression. */
function pick(compiled) {
  if (typeof compiled === 'function') return compiled;
  const keys = Reflect.ownKeys(compiled);
  const { value, get, set } = getOwnPropertyDescriptor(compiled, keys[0]);
  return value ?? get ?? set;
}

/**
 * Whether what a file exports is an object for its exports, and not a value by itself, as a list or a map.
 * @param {unknown} exported `module.exports`
 */
function holdsExports(exported) {
  if (typeof exported === 'function') return true;
  if (typeof exported !== 'object' || exported === null || ArrayIsArray(exported)) return false;
  return natives.isProxy(exported) || natives.brandOf(exported) === createCodec.BRAND.PLAIN;
}

/** What of a module's exports can be copied. Each is tried by itself, so that one function does not hide the rest. */
function cloneableExports(namespace) {
  const exports = {};
  for (const key of ObjectKeys(namespace)) {
    const value = namespace[key];
    if (typeof value === 'function' || typeof value === 'symbol') continue;
    const probe = new codec.Writer();
    const mark = handles.mark();
    try {
      codec.encode(value, probe, key);
    } catch {
      continue;
    } finally {
      handles.revoke(mark);
      natives.dropAttachments();
    }
    exports[key] = value;
  }
  return exports;
}

const transferred = { value: undefined, buffers: undefined };

/** In a task, `return transfer(value, [buffer, ...])` moves the buffers to the receiver instead of copying them. */
function transfer(value, buffers) {
  if (value === null || typeof value !== 'object') {
    throw new TypeError('transfer(value, buffers): value must be the object to return');
  }
  transferred.value = value;
  transferred.buffers = buffers;
  return value;
}

/** Takes note of the task that code runs for. */
function begins(task) {
  currentTask = task;
}

function define(name, value) {
  defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
}

/**
 * A structured clone that stays in this realm. A getter of the value may make another one meanwhile.
 * @param {unknown} value
 * @param {ArrayBuffer[]} [moved]
 * @param {(fn: Function) => [string, string] | undefined} [obstacleOf] what is in the way of sharing a function; none is shared without
 * @param {string} [name] what errors call the value
 */
function copy(value, moved, obstacleOf, name = 'value') {
  const scratch = new codec.Writer();
  natives.setAside();
  const wasLocal = isLocal;
  const outer = handles.beginLocal([obstacleOf]);
  isLocal = true;
  try {
    codec.encode(value, scratch, name, moved);
    natives.loopAttachments();
    return codec.decode(scratch.bytes, scratch.view, 0, scratch.pos);
  } finally {
    handles.beginLocal(outer);
    isLocal = wasLocal;
    natives.goOn();
  }
}

/** Has channels and tasks cross in messages, and promises not. */
function useHandles(given, isPromise) {
  handles = given;
  platform.isPromise = isPromise;
  platform.encodeHandle = given.encode;
  platform.decodeHandle = given.decode;
  platform.shareFunction = given.shareFunction;
}

/** A callback that runs in the context in which it was given. */
function inContext(callback) {
  const context = natives.getContext();
  if (context === undefined || typeof callback !== 'function') return callback;
  return (...args) => {
    natives.setContext(context);
    try {
      apply(callback, undefined, args);
    } finally {
      natives.setContext(undefined);
    }
  };
}

function installGlobals() {
  define('console', createConsole(natives, settings));
  define('setTimeout', function setTimeout(callback, delay, ...args) {
    return timerHandles.timeout(timers.add(inContext(callback), delay, args, false, currentTask));
  });
  define('setInterval', function setInterval(callback, delay, ...args) {
    return timerHandles.timeout(timers.add(inContext(callback), delay, args, true, currentTask));
  });
  define('setImmediate', function setImmediate(callback, ...args) {
    return timerHandles.immediate(timers.add(inContext(callback), 0, args, false, currentTask));
  });
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) {
    define(name, { [name]: (timer) => timerHandles.clear(timer) }[name]);
  }
  define('queueMicrotask', function queueMicrotask(callback) {
    if (typeof callback !== 'function') throw new TypeError('queueMicrotask takes a function');
    const task = currentTask;
    const run = inContext(callback);
    natives.queueMicrotask(() => {
      try {
        run();
      } catch (error) {
        report(task, error);
      }
    });
  });
  define('structuredClone', function structuredClone(value, options) {
    try {
      return copy(value, options?.transfer);
    } catch (error) {
      // As on all platforms; what cannot be sent between tasks is a DataCloneError of this library's.
      throw error instanceof DataCloneError ? new DOMException(error.message, 'DataCloneError') : error;
    }
  });
  define('DOMException', DOMException);
  define('performance', {
    now: () => natives.now() - timeOrigin,
    get timeOrigin() {
      return natives.startOfTime() + timeOrigin;
    },
  });
  define('transfer', transfer);
  library.transfer = transfer;
  Object.assign(library, { CaptureError, DataCloneError, MemoryLimitError });
  for (let i = 0; i < OF_THE_HOST.length; i++) library[OF_THE_HOST[i]] = ofTheHost(OF_THE_HOST[i]);
}

// An array without properties of its own, for each way in which V8 keeps elements.
const INTEGERS = [1];
const NUMBERS = [0.5];
const ANYTHING = [null];
const FEW_INTEGERS = [1];
const FEW_NUMBERS = [0.5];
const FEW = [null];
// With a hole each.
FEW_INTEGERS.length = 2;
FEW_NUMBERS.length = 2;
FEW.length = 2;

/**
 * Takes the native functions, as the last thing while the snapshot is made.
 * @param {object} bindings
 */
function connect(bindings) {
  const names = ObjectKeys(bindings);
  for (let i = 0; i < names.length; i++) natives[names[i]] = bindings[names[i]];
  platform.brandOf = natives.brandOf;
  platform.isProxy = natives.isProxy;
  const { isAlike } = natives;
  platform.isBare = (array) => isAlike(array, INTEGERS, NUMBERS, ANYTHING, FEW_INTEGERS, FEW_NUMBERS, FEW);
  platform.compile = natives.compileKernel;
  platform.writeLatin1 = natives.writeLatin1;
  platform.writeUtf16 = natives.writeUtf16;
  platform.readLatin1 = natives.readLatin1;
  platform.readUtf16 = natives.readUtf16;
}

/**
 * Makes the realm usable after it was made from the snapshot.
 * @param {Uint8Array} buffer memory into which the pool thread puts arguments
 * @param {number} program the realm's number
 * @param {boolean} colors whether `console` formats values with colours
 * @param {number} killGrace milliseconds that a task which is killed may still run
 * @param {number} quantum milliseconds of a slice
 */
function boot(buffer, program, colors, killGrace, quantum) {
  inbox = buffer;
  inboxView = new codec.View(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  settings.program = program;
  settings.colors = colors;
  settings.killGrace = killGrace;
  settings.quantum = quantum;
  timeOrigin = natives.now();
  growth.install();
  settings.install?.();
  freshWriter();
}

platform.attach = (buffer, shared) => {
  try {
    return natives.attach(buffer, shared);
  } catch (error) {
    throw new DataCloneError(error.message);
  }
};
platform.take = (index) => {
  const buffer = natives.take(index);
  WeakSetPrototypeAdd(owned, buffer);
  return buffer;
};

function reject(error) {
  report(currentTask, error);
}

/**
 * Calls `run` while the snapshot is made: what has run once is in the snapshot as bytecode and needs no compiling later. The
 * native functions are stand-ins, and nothing that they leave behind is seen by a realm.
 * @param {unknown[]} args
 * @param {object} standIns native functions beside the usual ones
 * @param {(bytes: Uint8Array) => void} run gets the encoded arguments
 */
function rehearse(args, standIns, run) {
  const bindings = {
    brandOf: () => createCodec.BRAND.ERROR,
    isProxy: () => false,
    isAlike: () => true,
    writeLatin1(bytes, string, offset) {
      for (let i = 0; i < string.length; i++) bytes[offset + i] = string.charCodeAt(i);
    },
    now: () => 0,
    getContext: () => undefined,
    setContext() {},
    post(kind) {
      if (kind !== RESULT) throw new Error('a task of the rehearsal failed');
    },
    park() {},
    setDeadline() {},
    setAside() {},
    goOn() {},
    consoleWrite() {},
    ...standIns,
  };
  connect(bindings);
  boot(new Uint8Array(4096), 0, false, 0, 10);
  const scratch = new codec.Writer();
  codec.encode(args, scratch, 'warm');
  run(new Uint8Array(scratch.bytes.buffer.slice(0, scratch.pos)));
  codec.encode(describe(undefined), writer, 'error');
  lastResort = new Uint8Array(writer.bytes.buffer.slice(0, writer.pos));
  inbox = inboxView = writer = undefined;
  for (const name of ObjectKeys(natives)) delete natives[name];
}

function warm() {
  const sample = [1, -0.5, 'text', true, null, undefined, { a: [1, 2], b: { c: 'd' } }, new Error('e')];
  const compileFunction = (code) => (code === 1 ? (...args) => args : () => ({ then: (resolve) => resolve(1) }));
  rehearse(sample, { compileFunction }, (bytes) => {
    for (const code of [1, 2]) start(0, code, bytes.length, bytes);
    globalThis.console.log('warm', 1);
    globalThis.clearTimeout(globalThis.setTimeout(() => {}, 1));
  });
  functions = ObjectCreate(null);
  functionCount = 0;
}

timers = createTimers(natives, settings, report);
timerHandles = createTimerHandles(timers);
installGlobals();
warm();

module.exports = {
  connect,
  boot,
  start,
  reject,
  fireNext: () => timers.fireNext(),
  // What `coroutine-realm.js` builds on.
  internals: {
    asyncWaits,
    growth,
    isSent,
    begins,
    cloneableExports,
    holdsExports,
    codec,
    compiling,
    contextOf,
    copy,
    copyFailure,
    decode,
    define,
    fail,
    library,
    markOpaque,
    natives,
    pick,
    platform,
    rehearse,
    report,
    salvage,
    settings,
    settle,
    succeed,
    tellStack,
    timerHandles,
    timers,
    useHandles,
    get isForIsolate() {
      return isForIsolate;
    },
  },
};
