'use strict';

// The kernel's part in a realm whose code is compiled to coroutine form: tasks are fibers of the scheduler, promises and
// timers give jobs to it, and blocking operations suspend.

const realm = require('realm');
const createScheduler = require('scheduler');
const { register } = require('stack-walk');
const { SUSPENDED } = require('suspended');
const createPromise = require('promise');
const createAsync = require('async');
const builtins = require('builtins/index');
const {
  apply,
  call,
  getPrototypeOf,
  globalThis,
  ArrayIsArray,
  AsyncGeneratorPrototype,
  ArrayIteratorPrototypeNext,
  ArrayPrototypeValues,
  Object,
  ObjectCreate,
  ReferenceError,
  String,
  SymbolIterator,
  TypeError,
} = require('primordials');

const { cloneableExports, decode, define, fail, natives, pick, report, succeed, timers } = realm.internals;
const scheduler = createScheduler(natives);
const { NEXT, THROW, KILLED, Task } = scheduler;

/** Tasks that have not ended, by id. */
const tasks = new Map();
let functions = ObjectCreate(null);
let functionCount = 0;
const FUNCTION_CACHE = 4096;

/** The task that jobs belong to which no task has made. */
const stray = new Task(0, false);
let lastTask = stray;
const currentTask = () => {
  const fiber = scheduler.current;
  return fiber === null ? lastTask : fiber.task;
};

// Promises

let rejections = [];

const promises = createPromise({
  enqueueJob(fn, a, b, c) {
    scheduler.enqueue(currentTask(), fn, a, b, c);
  },
  trackRejection(promise, operation) {
    if (operation === 'reject') {
      rejections[rejections.length] = { promise, task: currentTask().id };
      return;
    }
    for (let i = 0; i < rejections.length; i++) if (rejections[i].promise === promise) rejections[i].promise = undefined;
  },
});

function reportRejections() {
  if (rejections.length === 0) return;
  const list = rejections;
  rejections = [];
  for (let i = 0; i < list.length; i++) {
    const { promise, task } = list[i];
    if (promise !== undefined) report(task, promises.promiseResult(promise));
  }
}

// Tasks

function finished(fiber, mode, value) {
  const { id } = fiber.task;
  if (mode === NEXT) settle(id, value);
  else {
    tasks.delete(id);
    fail(id, mode === THROW ? value : new TypeError('the task was killed'));
  }
}

function settle(id, value) {
  let isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  if (isObject) {
    try {
      isObject = typeof value.then === 'function';
    } catch (error) {
      tasks.delete(id);
      fail(id, error);
      return;
    }
  }
  if (!isObject) {
    tasks.delete(id);
    succeed(id, value);
    return;
  }
  const capability = promises.newPromise();
  promises.resolvePromise(capability, value);
  promises.awaitValue(
    capability,
    (result) => {
      tasks.delete(id);
      succeed(id, result);
    },
    (error) => {
      tasks.delete(id);
      fail(id, error);
    },
    undefined,
  );
}

function begin(id, storm, fn, a, b, c) {
  const task = new Task(id, storm);
  tasks.set(id, task);
  lastTask = task;
  const fiber = scheduler.enqueue(task, fn, a, b, c);
  fiber.done = finished;
  run();
  if (tasks.has(id)) natives.park(id);
}

function run() {
  scheduler.runReady();
  reportRejections();
}

function load(code) {
  let fn = functions[code];
  if (fn !== undefined) return fn;
  const { main, name, sites } = natives.compileCoroutine(code);
  register(name, sites);
  fn = pick(main());
  if (++functionCount > FUNCTION_CACHE) {
    functions = ObjectCreate(null);
    functionCount = 1;
  }
  functions[code] = fn;
  return fn;
}

/** Runs a function as a task. */
function launch(id, code, length, large, storm) {
  let fn;
  let args;
  try {
    args = decode(length, large);
    fn = load(code);
  } catch (error) {
    fail(id, error);
    return;
  }
  begin(id, storm, args.length === 0 ? fn : () => apply(fn, undefined, args));
}

/** Runs a script as a task. */
function launchProgram(id, code, storm) {
  let program;
  try {
    program = natives.compileCoroutine(code);
  } catch (error) {
    fail(id, error);
    return;
  }
  const { main, name, sites } = program;
  register(name, sites);
  begin(id, storm, typeof main === 'function' ? () => call(main, globalThis) : () => main);
}

// Blocking operations and globals

function idle() {
  const due = timers.nextDue();
  if (due < 0) return false;
  natives.sleepUntil(due);
  timers.fireNext();
  return true;
}

function sleep(ms) {
  return scheduler.block((fiber) => {
    timers.add(() => scheduler.wake(fiber, undefined, NEXT), ms, [], false, fiber.task.id);
  }, idle);
}

define('sleep', sleep);
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
        const task = currentTask();
        return timers.add(() => job(task, callback, args), delay, [], repeat, task.id);
      },
    }[name],
  );
}
define('setImmediate', function setImmediate(callback, ...args) {
  const task = currentTask();
  return timers.add(() => job(task, callback, args), 0, [], false, task.id);
});
define('queueMicrotask', function queueMicrotask(callback) {
  if (typeof callback !== 'function') throw new TypeError('queueMicrotask takes a function');
  job(currentTask(), callback, []);
});

function job(task, callback, args) {
  const fiber = scheduler.enqueue(task, args.length === 0 ? callback : () => apply(callback, undefined, args));
  fiber.done = (done, mode, value) => {
    if (mode === THROW) report(done.task.id, value);
  };
}

builtins.install(globalThis, natives);

// Generators: a task that is suspended inside a body leaves through the native `next`, which hands it on.

const GeneratorPrototype = getPrototypeOf(function* () {}).prototype;
const nativeMethods = ['next', 'throw', 'return'].map((name) => GeneratorPrototype[name]);
/** Generators in whose bodies a task is suspended. */
const busy = new WeakSet();

function resumeFrame(frame, value, mode) {
  const generator = frame[2];
  busy.delete(generator);
  return advance(generator, mode, value);
}

function advance(generator, mode, value) {
  const result = call(nativeMethods[mode], generator, value);
  if (result.value !== SUSPENDED || result.done) return result;
  busy.add(generator);
  return scheduler.add([resumeFrame, 0, generator, null]);
}

function enter(generator, mode, value) {
  if (busy.has(generator)) throw new TypeError('Generator is already running');
  return advance(generator, mode, value);
}

for (const [mode, name] of ['next', 'throw', 'return'].entries()) {
  const method = {
    [name](value) {
      return enter(this, mode, value);
    },
  }[name];
  Object.defineProperty(GeneratorPrototype, name, { value: method, writable: true, enumerable: false, configurable: true });
}

const asynchronous = createAsync(promises, (generator, mode, value) => advance(generator, mode, value));
asynchronous.installAsyncGenerators();

/** What compiled code uses; `snapshot.rs` makes them constants of the realm. */
const compiled = {
  S: SUSPENDED,
  K: KILLED,
  f: scheduler.flags,
  q: scheduler.poll,
  s: scheduler.save,
  k: scheduler.saveAgain,
  n: scheduler.saveConstruct,
  x: scheduler.receive,
  c: call,
  y: call,
  i: SymbolIterator,
  d(value, receiver) {
    if (value === undefined) return receiver();
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') return value;
    throw new TypeError('Derived constructors may only return object or undefined');
  },
  e(key) {
    if (typeof key === 'symbol' || typeof key === 'string' || typeof key === 'number') return key;
    return Reflect.ownKeys({ [key]: 0 })[0];
  },
  a(value) {
    return (
      ArrayIsArray(value) &&
      !natives.isProxy(value) &&
      value[SymbolIterator] === ArrayPrototypeValues &&
      arrayIteratorPrototype.next === arrayNext
    );
  },
  j(value) {
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') return value;
    throw new TypeError(`Iterator result ${String(value)} is not an object`);
  },
  z(iterator, kind) {
    try {
      const method = iterator.return;
      if (method === undefined || method === null) return undefined;
      if (typeof method !== 'function') throw new TypeError(`${String(method)} is not a function`);
      return method;
    } catch (error) {
      if (kind === 1) return undefined;
      throw error;
    }
  },
  o(object) {
    const keys = [];
    if (object === null || object === undefined) return keys;
    let length = 0;
    for (const key in object) keys[length++] = key;
    return keys;
  },
  h: (key, object) => key in Object(object),
  w: (strings) => strings,
  T: { __proto__: null },
  Q: {
    get constant() {
      return undefined;
    },
    set constant(_) {
      throw new TypeError('Assignment to constant variable.');
    },
    get dead() {
      throw new ReferenceError('Cannot access a variable before its initialization');
    },
    set dead(_) {
      throw new ReferenceError('Cannot access a variable before its initialization');
    },
  },
  U(name) {
    throw new ReferenceError(`Cannot access '${name}' before initialization`);
  },
  A: asynchronous.runAsync,
  R: asynchronous.rejectAsync,
  G: (body) => asynchronous.createAsyncGenerator(body, AsyncGeneratorPrototype),
  B: asynchronous.getAsyncIterator,
  N: asynchronous.nextAsync,
  E: asynchronous.endAsync,
  O: asynchronous.beginClose,
  X: asynchronous.failClose,
  C: asynchronous.endClose,
  Y: asynchronous.yieldOperand,
  D: asynchronous.delegateOperand,
};
const arrayIteratorPrototype = getPrototypeOf([][SymbolIterator]());
const arrayNext = arrayIteratorPrototype.next;
void ArrayIteratorPrototypeNext;

module.exports = { ...realm, launch, launchProgram, run, compiled, flags: scheduler.flags };
