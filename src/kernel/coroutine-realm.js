'use strict';

// The kernel's part in a realm whose code is compiled to coroutine form: tasks are fibers of the scheduler, promises and
// timers give jobs to it, and blocking operations suspend.

const realm = require('realm');
const { scheduler } = require('operations');
const { state: traces } = require('stack-trace');
const { register, registerLazily } = require('stack-walk');
const createPromise = require('promise');
const createRejections = require('rejections');
const createAsync = require('async');
const createCallbacks = require('async-callbacks');
const createChannels = require('channels/chan');
const { createAlarms } = require('channels/alarms');
const createClock = require('channels/clock');
const { checked } = require('channels/delay');
const createMessages = require('channels/messages');
const createSelect = require('channels/select');
const createShared = require('channels/shared');
const createControl = require('control');
const createDeadlocks = require('deadlock');
const classFields = require('class-fields');
const createTasks = require('task-handle');
const createLeftBehind = require('left-behind');
const createStanding = require('standing');
const createAsyncDisposal = require('async-disposable-stack');
const createStacks = require('task-stack');
const createGenerators = require('generator');
const createWays = require('loop-ways');
const createPortables = require('portable');
const createKit = require('kit/index');
const createKitBlocking = require('kit/blocking');
const createKitPlatform = require('kit-platform');
const { ChannelClosedError, DeadlockError, PoisonedError, TaskKilledError, TimeoutError } = require('errors');
const application = require('builtins/application');
const array = require('builtins/array');
const builtins = require('builtins/index');
const createCommonJs = require('modules/commonjs');
const createEvaluation = require('modules/evaluation');
const createExports = require('modules/exports');
const createRecords = require('modules/records');
const createWaiting = require('modules/waiting');
const createWait = require('wait-shared');
const modules = require('modules/globals');
const { FAILURE } = require('record-kinds');
const { BRAND } = require('codec');
const identity = require('identity');
const { markIn } = require('source-marks');
const {
  ArrayBufferIsView,
  ArrayIsArray,
  AsyncGeneratorPrototype,
  apply,
  ArrayMethods,
  call,
  getPrototypeOf,
  globalThis,
  Object,
  ObjectCreate,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeSet,
  ObjectGetOwnPropertyDescriptor,
  ObjectKeys,
  ownKeys,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  TypeError,
  Uint8Array,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} = require('primordials');

const {
  asyncWaits,
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
  growth,
  isSent,
  library,
  natives,
  pick,
  rehearse,
  report,
  salvage,
  settings,
  succeed,
  timerHandles,
  timers,
  useHandles,
} = realm.internals;
const { NEXT, THROW, Task } = scheduler;

// Read when a stack is looked at: natives come with `connect`.
traces.locate = (name, line, column) => natives.locate?.(name, line, column);
traces.locateFrame = (continuation, point) => natives.locateFrame?.(continuation, point);

/** Tasks that have not ended, by id. */
const tasks = new Map();
let functions = ObjectCreate(null);
let functionCount = 0;
const FUNCTION_CACHE = 4096;

/** The task that jobs belong to which no task has made. */
const stray = new Task(0, false);
scheduler.begun(stray);
const { currentTask } = scheduler;

// Promises

const { rejected, handled, reportRejections } = createRejections(currentTask, (promise, task) =>
  report(task.id, promises.promiseResult(promise)),
);

const promises = createPromise({
  enqueueJob: scheduler.enqueueJob,
  enqueueFor: scheduler.enqueue,
  currentTask: scheduler.currentOwner,
  trackRejection(promise, operation) {
    if (operation === 'handle') handled(promise);
    // A kill is no failure.
    else if (promises.promiseResult(promise) !== scheduler.KILLED) rejected(promise);
  },
});

settings.promiseDetails = (promise) =>
  promises.isPromise(promise)
    ? [promises.promiseState(promise), promises.promiseResult(promise)]
    : natives.promiseDetails(promise);

// Tasks

function finished(task, mode, value) {
  if (mode === NEXT) settle(task, value, task.exports);
  else end(task, mode, value);
}

/** A task is over: it has a result, or it failed, or it was killed. */
function end(task, mode, value) {
  const { id } = task;
  tasks.delete(id);
  leftBehind.part(task);
  if (mode !== NEXT) abandon(task);
  if (mode === THROW && value !== scheduler.KILLED) fail(id, value);
  else if (mode === NEXT && !task.isKilled) succeed(id, value);
  else killed(id);
  if (task.isKilled) control.bury(task);
}

/** Tells the host that a task was killed; it knows why. */
function killed(id) {
  natives.post(FAILURE, id, NO_MESSAGE, NO_MESSAGE.length);
}

function settle(task, value, namespace) {
  let isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  if (isObject) {
    try {
      isObject = typeof value.then === 'function';
    } catch (error) {
      end(task, THROW, error);
      return;
    }
  }
  if (!isObject) {
    end(task, NEXT, value);
    return;
  }
  const capability = promises.newPromise();
  promises.resolvePromise(capability, value);
  task.result = promises.isPromise(value) ? value : capability;
  // The promise is the kernel's own: nothing of it, such as its `constructor`, is looked up where a program could see it.
  promises.performThen(
    capability,
    (result) => {
      if (task.isDead) return;
      let exports;
      try {
        exports = namespace === undefined ? result : cloneableExports(namespace);
      } catch (error) {
        end(task, THROW, error);
        return;
      }
      end(task, NEXT, exports);
    },
    (error) => {
      if (!task.isDead) end(task, THROW, error);
    },
  );
}

function begin(id, storm, meter, fn, context) {
  const task = new Task(id, storm);
  task.meter = meter;
  tasks.set(id, task);
  scheduler.begun(task);
  scheduler.launch(task, fn, finished);
  task.context = context;
  run();
  if (!tasks.has(id)) return;
  // The slice may be over before the task's first turn: then it could go on.
  if (task.isReady && task.active !== null) task.isPreempted = true;
  natives.park(id, task.isPreempted);
}

function run() {
  scheduler.runReady();
  generators.forgetLast();
  reportRejections();
}

function load(code) {
  let fn = functions[code];
  if (fn !== undefined) return fn;
  fn = pick(compile(code)());
  if (++functionCount > FUNCTION_CACHE) {
    functions = ObjectCreate(null);
    functionCount = 1;
  }
  functions[code] = fn;
  return fn;
}

/**
 * Compiles a source; the function that it returns runs it. `begin` is called before a script declares its variables, with the folder or file that it
 * stands for, and which of both.
 */
function compile(code, begin) {
  const { id, isDynamic, name, sites, source, shape, base, isFile } = natives.compileCoroutine(code);
  register(name, sites);
  sourceTexts[id] = source;
  if (shape !== '') return moduleProgram(name, { shape, base }, natives.runCompiled(code));
  begin?.(base, isFile);
  if (isDynamic) return () => natives.runCompiled(code);
  const main = natives.runCompiled(code);
  // The stack walk knows it by its name.
  return function enterProgram() {
    return call(main, globalThis);
  };
}

function moduleProgram(name, { shape, base }, main) {
  const isFolder = base[base.length - 1] === '/';
  const key = isFolder ? base + name : base;
  return () => evaluation.runMain(key, base, natives.toUrl(key), { shape, main });
}

/** Takes note of what `eval` or `new Function` made of a source. */
function registerDynamic(name, sites, id, source) {
  register(name, sites);
  sourceTexts[id] = source;
}

compiling.maker = (code) => compile(code)();

/** Runs a function as a task. `meter`: the task of the host's whose processor time it uses, if that is limited; else 0. */
function launch(id, code, length, large, storm, isClosure, meter = 0) {
  let fn;
  let args;
  let context;
  try {
    args = decode(length, large);
    if (isClosure) {
      fn = args[0];
      args = args[1];
    } else fn = load(code);
    if (!ArrayIsArray(args)) {
      context = contextOf(args);
      ({ args } = args);
    }
  } catch (error) {
    fail(id, error);
    return;
  }
  begin(id, storm, meter, args.length === 0 ? fn : () => apply(fn, undefined, args), context);
}

/** Runs a script as a task. */
function launchProgram(id, code, storm, meter) {
  let program;
  try {
    let script;
    const run = compile(code, (base, isFile) => {
      // A `var` of such a name has the value that is there.
      script = { module: modules.defineMain(commonjs, base, isFile), isFile };
    });
    program = script === undefined ? run : () => evaluation.runScript(run, script.module, script.isFile);
  } catch (error) {
    fail(id, error);
    return;
  }
  begin(id, storm, meter, program);
}

// Blocking operations and globals

/** Milliseconds: some thirty years. */
const FOR_EVER = 1e12;

function idle() {
  const due = timers.nextDue();
  if (due < 0 && !shared.isWaiting) return false;
  natives.sleepUntil(due < 0 ? natives.now() + FOR_EVER : due);
  const asked = natives.takeControls();
  for (let i = 0; i < asked.length; i += 2) request(asked[i], asked[i + 1]);
  natives.lookForMail();
  if (shared.isWaiting) shared.receiveMail();
  timers.fireNext();
  return true;
}

function sleep(ms) {
  const direct = scheduler.takeDirect();
  checked('sleep', ms);
  return scheduler.block(
    (fiber) => {
      const timer = timers.add(() => scheduler.wake(fiber, undefined, NEXT), ms, [], false, fiber.task);
      return { what: () => `sleep(${ms})`, withdraw: () => timers.clear(timer) };
    },
    idle,
    direct,
  );
}
scheduler.marks(sleep);

const sharedWaits = createWait(scheduler, asyncWaits);
Object.defineProperty(globalThis.Atomics, 'wait', { value: sharedWaits.wait });

const waiting = createWaiting(scheduler, idle);
const commonjs = createCommonJs(natives, {
  ...waiting,
  register: registerModule,
  library,
  getContext: scheduler.getContext,
  setContext: scheduler.setContext,
  markOpaque: realm.internals.markOpaque,
  isModule: (key) => records.isModule(key),
  requireModule: (key, info) => evaluation.requireModule(key, info),
});
const records = createRecords(natives, commonjs, {
  register: registerModule,
  fillMeta: (meta, url, path) => modules.fillMeta(natives, commonjs, meta, url, path),
});
const evaluation = createEvaluation(records, waiting, promises, holdsExports, (exports) => {
  currentTask().exports = exports;
});
const nameOfExport = createExports(commonjs, records, natives);
modules.installGlobals(natives, commonjs, compiling);

function registerModule(info) {
  if (info.name !== undefined) registerLazily(info.name, natives.sitesOf);
}

/** `import()` in the source with this number. */
function importDynamically(id, specifier, options) {
  const promise = promises.newPromise();
  let text;
  let kind = null;
  try {
    text = `${specifier}`;
    if (options !== undefined) {
      if (typeof options !== 'object' || options === null)
        throw new TypeError('The second argument of import() must be an object');
      const attributes = options.with;
      if (attributes !== undefined && attributes.type !== undefined) kind = `${attributes.type}`;
    }
  } catch (error) {
    promises.rejectPromise(promise, error);
    return promise;
  }
  scheduler.enqueue(currentTask(), evaluation.importJob, promise, text, { base: natives.baseOf(id), kind });
  return promise;
}

const { runCallback, runTimer } = createCallbacks((task, error) => report(task.id, error), timers);

/** What another task gets of a value. Channels and tasks are shared, and so are functions that could cross to another isolate as well. */
function handOver(value, moved) {
  if (typeof value === 'function') return portables.checked(value);
  return hand(value, moved, portables.obstacleOf);
}

/** The same of an argument of a task that begins here: it stays if it is given a function that shares something. */
function handDown(value, index) {
  return typeof value === 'function' ? value : hand(value, undefined, noObstacle, index);
}

function noObstacle() {}

function hand(value, moved, obstacleOf, index) {
  // What is to be moved is, whatever the value.
  if (typeof value === 'symbol' || moved !== undefined) return copy(value, moved, obstacleOf, calledBy(index));
  if (typeof value !== 'object' || value === null) return value;
  if (value === library) return true;
  if (channels.coreOf(value) !== undefined || children.isHandle(value)) return value;
  return copy(value, moved, obstacleOf, calledBy(index));
}

/** What errors call a value that is handed over; an argument, if it has an index. */
const calledBy = (index) => (index === undefined ? 'value' : `args[${index}]`);

function settlePromise(value, onFulfilled, onRejected) {
  const promise = promises.newPromise();
  promises.resolvePromise(promise, value);
  promises.performThen(promise, onFulfilled, onRejected);
}

const channels = createChannels(scheduler, handOver, idle);
const messages = createMessages(natives, codec, channels, (value) => children.isHandle(value));
const shared = createShared(scheduler, natives, channels, messages, idle);
channels.connect(shared);
messages.connect(shared);
useHandles(messages.handles, promises.isPromise);
const select = createSelect(scheduler, channels, shared, handOver, idle);
const Alarm = createAlarms(natives);
const clock = createClock(timers, channels, Alarm);
const children = createTasks(scheduler, {
  ...promises,
  copy: handOver,
  copyArgument: handDown,
  copyFailure,
  idle,
  currentTask,
  settlePromise,
  report,
  abandon: (task) => abandon(task),
});

// The kit is made when a program first asks for something of it.

const KIT = ['Mutex', 'RWMutex', 'Semaphore', 'WaitGroup', 'Cond', 'Once', 'Context', 'ErrGroup', 'scope', 'task'];
const kitSources = {
  acquire: require('kit/acquire'),
  cell: require('kit/cell'),
  line: require('kit/line'),
  mutex: require('kit/mutex'),
  rwmutex: require('kit/rwmutex'),
  semaphore: require('kit/semaphore'),
  staying: require('staying'),
  waitGroup: require('kit/wait-group'),
  cond: require('kit/cond'),
  once: require('kit/once'),
  context: require('kit/context'),
  groups: require('kit/groups'),
  taskReference: require('kit/task-reference'),
};
const createGuard = require('kit/guard');
let kit;

function loadKit() {
  if (kit !== undefined) return kit;
  const platform = createKitPlatform(natives, channels, shared, currentTask, timers, Alarm);
  createKitBlocking(platform, { nextOf: channels.nextOf, awaited });
  Object.assign(platform, {
    Guard: createGuard(Symbol.dispose),
    PoisonedError,
    TaskKilledError,
    TimeoutError,
    clone: (value) => copy(value),
    copy: handOver,
    salvage: (error) => salvage(error, 0),
    // It works within the isolate, and elsewhere it is told of as the functions are that it consists of.
    stayOnHost() {},
    kill: (handle, reason) => handle.kill(reason),
    settled: (handle, action) => children.Handle.onSettled(handle, (mode, value) => action(mode === THROW, value)),
    promiseOf: (blocks) => children.spawn(blocks).then(),
    spawn: children.spawn,
  });
  scheduler.useGuards(platform.Guard.is);
  kit = { ...platform, ...createKit(platform, kitSources), coreOfTask };
  realm.internals.platform.describeUncloneable = platform.describeStaying;
  return kit;
}

/** The cells of tasks' references, by handle. */
const references = new WeakMap();

/** The cell of a handle whose reference leaves the isolate. */
function coreOfTask(handle) {
  const { Cell, cellFor, reference } = loadKit();
  let cell = WeakMapPrototypeGet(references, handle);
  if (cell !== undefined) return Cell.coreOf(cell);
  const state = reference.begin(handle);
  cell = cellFor(handle, reference.TAG, state);
  WeakMapPrototypeSet(references, handle, cell);
  const { control } = state;
  // It counts as held until the task has settled: if the isolate dies before, those who wait learn of it.
  const core = Cell.coreOf(cell);
  core.holds = 1;
  children.Handle.onSettled(handle, (_mode, value) => {
    const { status } = handle;
    try {
      reference.settle(cell, status, value);
    } catch (error) {
      // The value cannot leave the isolate.
      reference.settle(cell, 'failed', error);
    }
    core.holds = 0;
    if (core.slot !== channels.LOCAL) natives.channelHold(core.slot, -1, -1);
  });
  scheduler.launch(new Task(0, false), () => reference.listen(control, handle), ignore);
  return core;
}

function ignore() {}
messages.useKit(loadKit, () => kit);

function abandon(task) {
  kit?.abandon(task);
}

/** Waits for a promise as `await` does, but blocks. */
function awaited(value) {
  const direct = scheduler.takeDirect();
  let then;
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') then = value.then;
  if (typeof then !== 'function') return value;
  return scheduler.block(
    (fiber) => {
      const place = { withdraw() {} };
      const wakes = (mode) => (result) => {
        if (fiber.place === place) scheduler.wake(fiber, result, mode);
      };
      settlePromise(value, wakes(NEXT), wakes(THROW));
      return place;
    },
    idle,
    direct,
  );
}
scheduler.marks(awaited);

for (let i = 0; i < KIT.length; i++) {
  const name = KIT[i];
  const accessor = {
    get: () => loadKit()[name],
    set: (value) => define(name, value),
    enumerable: false,
    configurable: true,
  };
  Object.defineProperty(globalThis, name, accessor);
  Object.defineProperty(library, name, { ...accessor, enumerable: true });
}

define('sleep', sleep);
define('chan', channels.chan);
define('select', select);
define('after', clock.after);
define('ticker', clock.ticker);
define('spawn', children.spawn);
define('ChannelClosedError', ChannelClosedError);
define('DeadlockError', DeadlockError);
define('TaskKilledError', TaskKilledError);
define('PoisonedError', PoisonedError);
define('TimeoutError', TimeoutError);
Object.assign(library, {
  sleep,
  chan: channels.chan,
  select,
  ...clock,
  inTask: (value) => value,
  spawn: children.spawn,
  ChannelClosedError,
  DeadlockError,
  PoisonedError,
  TaskKilledError,
  TimeoutError,
});
define('Promise', promises.Promise);
for (const [name, repeat] of [
  ['setTimeout', false],
  ['setInterval', true],
]) {
  define(
    name,
    {
      [name](callback, delay, ...args) {
        if (typeof callback !== 'function') throw new TypeError(`${name} takes a function`);
        return timerHandles.timeout(addTimer(callback, args, delay, repeat));
      },
    }[name],
  );
}
define('setImmediate', function setImmediate(callback, ...args) {
  return timerHandles.immediate(addTimer(callback, args, 0, false));
});
define('queueMicrotask', function queueMicrotask(callback) {
  if (typeof callback !== 'function') throw new TypeError('queueMicrotask takes a function');
  scheduler.enqueueJob(runCallback, callback, undefined, currentTask());
});

function addTimer(callback, args, delay, repeat) {
  const task = currentTask();
  const owner = scheduler.currentOwner();
  const given = args.length === 0 ? undefined : args;
  return timers.addJob(
    (timer) => scheduler.enqueueDue(owner, runTimer, timer, given, task),
    callback,
    delay,
    repeat,
    task,
  );
}

// Functions show their source as it was written: compiled code says in a comment where that is.

const sourceTexts = { __proto__: null };
const nativeToString = Function.prototype.toString;
const hidden = new WeakSet([
  ...builtins.install(globalThis, natives),
  ...identity.install(globalThis),
  ...asyncWaits.functions,
  sharedWaits.wait,
  ...growth.functions,
]);
const disposal = createAsyncDisposal(promises, scheduler.KILLED);
settings.install = disposal.install;
/** Has the methods and accessors of an object, and itself if it is a function, not show their source. */
function hide(object) {
  if (typeof object === 'function') hidden.add(object);
  const keys = ownKeys(object);
  for (let i = 0; i < keys.length; i++) {
    const { value, get } = ObjectGetOwnPropertyDescriptor(object, keys[i]);
    if (typeof (value ?? get) === 'function') hidden.add(value ?? get);
  }
}

for (const object of [disposal.AsyncDisposableStack, disposal.AsyncDisposableStack.prototype, disposal.asyncDispose])
  hide(object);

/** The source with a number; those of modules are asked for when they are needed. */
function textOf(id) {
  sourceTexts[id] ??= natives.sourceText(+id);
  return sourceTexts[id];
}

/** The number of the source that a function comes from, and where it begins and ends there, in UTF-16 units; behind the whole match. Null if
 * nothing is known of it. */
const placeOf = (fn) => markIn(call(nativeToString, fn));

function sourceOf(fn) {
  const text = call(nativeToString, fn);
  if (hidden.has(fn)) return `function ${fn.name}() { [native code] }`;
  const match = placeOf(fn);
  if (match === null) return text;
  const source = textOf(match[1]);
  return source === undefined ? text : StringPrototypeSlice(source, +match[2], +match[3]);
}

Object.defineProperty(Function.prototype, 'toString', {
  value: {
    toString() {
      return sourceOf(this);
    },
  }.toString,
  writable: true,
  enumerable: false,
  configurable: true,
});

const generators = createGenerators(scheduler, channels);
const ways = createWays(natives);
generators.installGenerators();
const asynchronous = createAsync(promises, scheduler, generators.natives);
asynchronous.installAsyncGenerators();
asynchronous.installFromAsync();

// Packages ask whether functions are the engine's, and replace those that seem to be somebody else's.
hide(promises.Promise);
hide(promises.Promise.prototype);
hide(getPrototypeOf(function* () {}).prototype);
hide(AsyncGeneratorPrototype);
hidden.add(Function.prototype.toString);
hidden.add(globalThis.Array.fromAsync);

/** The library's own functions, by what the codec calls them. */
let libraryNames;

function nameOf(value) {
  if (value === library) return 'lib:';
  if (typeof value === 'object') return compiling.nameStorage(value);
  if (libraryNames === undefined) {
    libraryNames = new Map();
    for (const key of ObjectKeys(library)) {
      const own = ObjectGetOwnPropertyDescriptor(library, key).value;
      if (typeof own === 'function') MapPrototypeSet(libraryNames, own, `lib:${key}`);
    }
  }
  return MapPrototypeGet(libraryNames, value) ?? compiling.nameOfRequire(value);
}

/** Whether an object means the same to whoever has it, wherever that is. */
function isSharedObject(value) {
  if (channels.coreOf(value) !== undefined || children.isHandle(value)) return true;
  if (kit?.Cell.coreOf(value) !== undefined) return true;
  if (natives.isProxy(value)) return false;
  const brand = natives.brandOf(value);
  if (brand === BRAND.SHARED_ARRAY_BUFFER || brand === BRAND.WASM_MODULE) return true;
  return ArrayBufferIsView(value) && natives.brandOf(value.buffer) === BRAND.SHARED_ARRAY_BUFFER;
}

const portables = createPortables(natives, scheduler, {
  settings,
  isShared: isSharedObject,
  messages,
  shared,
  timers,
  nameOf,
  nameOfExport,
  isSettled: records.isSettled,
  platform: realm.internals.platform,
  isForIsolate: () => realm.internals.isForIsolate,
  nameStorage: (value) => compiling.nameStorage(value),
});
scheduler.usePortables(portables);
portables.usePlaces(placeOf, (fn) => StringPrototypeIndexOf(sourceOf(fn), '{ [native code] }') >= 0);
realm.internals.compiling.remember = portables.remember;

/** What compiled async functions and generators use; see `operations.js`. */
const compiled = {
  A: application.functionPrototype.apply,
  ours: array.prototype,
  theirs: ArrayMethods,
  R: apply,
  ship: portables.ship,
  keep: portables.keep,
  given: portables.given,
  fields: classFields.tell,
  made: classFields.take,
  initialise: classFields.initialise,
  constructed: classFields.constructed,
  place: classFields.PLACE,
  present: classFields.Present,
  constant: portables.constant,
  import: importDynamically,
  seen: identity.seen,
  resolve: asynchronous.resolveAsync,
  reject: asynchronous.rejectAsync,
  await: asynchronous.awaitAsync,
  generator: generators.begin,
  next: generators.nextOf,
  way: ways.wayOf,
  direct: ways.found,
  step: generators.step,
  gave: generators.gave,
  inner: generators.innerOf,
  pass: generators.pass,
  passed: generators.passed,
  asyncGenerator: asynchronous.beginAsync,
  dynamicAsync: asynchronous.dynamicAsync,
  dynamicGenerator: asynchronous.dynamicGenerator,
  yield: asynchronous.yieldOperand,
  delegate: asynchronous.delegateOperand,
  B: asynchronous.getAsyncIterator,
  N: asynchronous.nextAsync,
  E: asynchronous.endAsync,
  O: asynchronous.beginClose,
  X: asynchronous.failClose,
  C: asynchronous.endClose,
};

// Kill, pause, resume

/** Why: 0, which is a kill, and no words. */
const NO_MESSAGE = new Uint8Array(4);

const { ACTIONS } = createControl;
const { innermostOf, chainOf } = createStanding(asynchronous);
const control = createControl(scheduler, timers, {
  innermostOf,
  standOf: asynchronous.standOf,
  killFrame: asynchronous.killFrame,
  giveBack: channels.giveBack,
  abandon,
  controlShipped: (id, action) => natives.controlShipped(id, action),
  killed(task) {
    if (task.isChild) children.endKilled(task);
    else if (leftBehind.isStand(task)) leftBehind.end(task);
    else {
      tasks.delete(task.id);
      leftBehind.part(task);
      killed(task.id);
    }
  },
});
const stacks = createStacks(natives, {
  chainOf,
  running: () => scheduler.current,
});
const leftBehind = createLeftBehind(natives, Task, isSent, children);
portables.useLeftBehind(leftBehind);
children.setControl(control, () => settings.killGrace, stacks, portables, leftBehind);

const deadlocks = createDeadlocks(stacks, () => {
  const isAwaited = shared.isWaiting || leftBehind.areElsewhere || asyncWaits.isUsed;
  return timers.nextDue() >= 0 || isAwaited || natives.hasBackgroundWork();
});

/** The thread has nothing to do: a program that cannot go on ends. */
function endDeadlock() {
  MapPrototypeForEach(tasks, (task) => {
    const error = deadlocks.find(task);
    if (error === undefined) return;
    control.bury(task);
    end(task, THROW, error);
  });
  // Whoever these are left to is in another isolate, and its program can go on no more than they can.
  leftBehind.forEach((stand) => {
    if (deadlocks.find(stand) !== undefined) leftBehind.end(stand);
  });
}

/** What the pool asks for a task of the host's. */
function act(id, action) {
  if (action === ACTIONS.leave) {
    shared.giveBackUnread();
    return;
  }
  request(id, action);
  // The thread lets tasks run once it has asked for all that it is to ask for.
  reportRejections();
}

function request(id, action) {
  const task = tasks.get(id) ?? leftBehind.find(id);
  if (task === undefined) return;
  if (action === ACTIONS.kill) control.kill(task, settings.killGrace);
  else if (action === ACTIONS.pause) control.pause(task);
  else if (action === ACTIONS.resume) control.resume(task);
  else if (action === ACTIONS.forget) control.terminate(task, settings.killGrace);
  else realm.internals.tellStack(id, [stacks.stateOf(task), stacks.textOf(task)]);
}

/** Operations on shared channels have ended. */
function receiveMail() {
  shared.receiveMail();
  run();
  // The channels that were received from are not kept until there is mail again.
  shared.forgetSeen();
}

/** V8 has terminated what ran: the tasks whose frames are lost with it have ended. */
function recover() {
  const lost = scheduler.recover();
  for (let i = 0; i < lost.length; i++) control.forget(lost[i]);
}

/** As in `realm.js`: what the first task of a realm needs is compiled already. */
function warm() {
  const samples = [() => 1, (...args) => args, () => new promises.Promise((resolve) => resolve(1))];
  const standIns = {
    compileCoroutine: () => ({ isDynamic: false, name: 'hertzscript:warm', sites: [], source: '', shape: '' }),
    runCompiled: (code) => () => samples[code],
    beginTurn: () => true,
    isWanted: () => false,
    setPreempted() {},
    setReady() {},
    stackDepth: () => 0,
  };
  for (const args of [[], [1]]) {
    rehearse(args, standIns, (bytes) => {
      for (let code = 0; code < samples.length; code++) launch(code + 1, code, bytes.length, bytes, false);
      act(0, ACTIONS.leave);
    });
  }
  if (tasks.size > 0) throw new Error('a task of the rehearsal has not ended');
  for (let code = 0; code < samples.length; code++) delete sourceTexts[code];
  scheduler.begun(stray);
}

warm();
functions = ObjectCreate(null);
functionCount = 0;

module.exports = {
  ...realm,
  act,
  endDeadlock,
  receiveMail,
  recover,
  launch,
  launchProgram,
  registerDynamic,
  run,
  register,
  compiled,
  flags: scheduler.flags,
};
