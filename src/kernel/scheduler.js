'use strict';

// The scheduler of one realm: tasks, their jobs, and the switch between them.
//
//   fiber   one activity of a task: its function, a promise's job, a timer's callback. What it has not finished is a
//           list of frames (see src/compiler/coroutine/function.rs), the innermost first.
//   task    jobs and fibers in the order in which they became ready. One that was merely preempted goes on before the next
//           one starts, so within a task JavaScript's run-to-completion holds; one that blocks lets the others run.
//   turns   tasks with something to do, see turns.js.
//
// A frame is an array: [continuation, point, receiver, the frame below, variables...]. A suspended call returns SUSPENDED,
// each caller on the way adds its frame (`save`), and `runFiber` at the bottom takes the list. To go on, the innermost
// frame's continuation is called with the value (or the exception) that its callee would have given; what it returns goes
// to the frame below.

const { noteCallers } = require('caller-stack');
const { IN_CONTEXT, Other, Owner, Task } = require('fiber');
const { CHILDREN, COUNT, ENDED_CHILDREN, NESTED, PREEMPTIONS, REASON, RETRIES, RUNS, TURNS, WANTED } = require('flags');
const { BLOCKS, KILL, NEXT, THROW } = require('leaving');
const {
  call,
  ArrayBuffer,
  defineProperty,
  Float64Array,
  Int32Array,
  RangeError,
  Set,
  SetPrototypeAdd,
  SetPrototypeDelete,
} = require('primordials');
const { Queue } = require('queues');
const { slice } = require('slice');
const { SUSPENDED } = require('suspended');
const { isDirect } = require('stack-walk');
const { renewBudget, traceNative } = require('task-stack');
const { Turns } = require('turns');

/** What is thrown through a task that is killed; no `catch` of the program sees it. */
const KILLED = { __proto__: null };

/** Why the running fiber was suspended. */
const NOT = 0;
const PREEMPTED = 1;
const BLOCKED = 2;

/**
 * Switches from fiber to fiber, and jobs, after which the loop that makes them is left and begun anew; a power of two. V8 compiles a loop that
 * is never left while it runs, and knows nothing then of what is constant around it. Jobs begin a slice besides, if only to the rings (slice.js):
 * a task that is alone is never interrupted, and its ring would grow old.
 */
const IN_A_ROW = 1024;

/** What a continuation returns that saw the flag and is to go on. */
const RETRY = { __proto__: null };

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** What the clock and others see of the realm; see flags.js. */
const flags = new Int32Array(new ArrayBuffer(COUNT * 4));
const runs = new Float64Array(flags.buffer);
const RUNNING = 6;
const STORM = 2;
/** Calls in tail position up to a look at the stack; all bits are set, for `recount` in src/compiler/coroutine/ir.rs. */
const TAIL_CALLS = 1023;

/**
 * Bytes of stack from which a call in tail position takes no more: then the frames below, of which nothing is left, are
 * cleared away. About what V8 gives to programs that know no such calls, so those never meet it.
 */
const DEEP = 1 << 20;

flags[5] = TAIL_CALLS;

/**
 * What compiled code looks at beside the flags: after calls at `gate[gate[0]]`, which is undefined when the task is to look; where functions
 * that make calls in tail position begin, at `budget[--flags[5]]`. V8 makes a check of bounds of that, on which it counts, and not a branch
 * that leaves: it peels no loop that a branch leaves within what it has inlined there, and takes nothing out of it that stays the same.
 */
const gate = new Int32Array(flags.buffer, 0, 1);
const budget = new Uint8Array(new ArrayBuffer(TAIL_CALLS));

module.exports = function createScheduler(natives, settings) {
  const turns = new Turns();
  /** When a task that computes had its last turn, in milliseconds. */
  let lastComputed = 0;
  /** Whether the running task was suspended because its slice is over. */
  let wasOver = false;
  /** What changes at every switch. */
  let { now } = slice;
  /** The value with which a RETRY goes on, where `flags[RETRIES]` is set. */
  let retried;
  /** A fiber in whose name jobs run, until one of them is suspended and keeps it. */
  let spare = null;
  /** What the thread was told last of whether tasks are ready. */
  let known = false;
  /** What sends tasks away that have not begun, and hears of those that begin; see portable.js. */
  let portables;
  /** Whether an object stands for a lock; see `poll`. */
  let isGuard = () => false;
  /** Whose processor time runs; see `Task.meter`. */
  let metered = 0;
  /** The fiber that `runFiber` has run last: it goes from one to the next itself where it can. */
  let ran = null;

  /**
   * How many tasks wait for their turn. The running one is not among them, though what it has queued for itself makes it ready: a task that is
   * alone is left alone.
   */
  const waiting = () => (now.current?.task.isReady ? turns.length - 1 : turns.length);

  function makeReady(task) {
    if (task.isReadyOrPaused) return;
    turns.add(task);
    flags[1] = waiting();
    // While tasks run, the thread looks at the queue only when they are through.
    if (turns.length === 1 && flags[RUNS] === 0 && !known) {
      known = true;
      natives.setReady(true);
    }
  }

  /** The running task was interrupted. */
  function makeReadyAgain(task, isComputing) {
    if (task.isReadyOrPaused) return;
    turns.addLast(task, isComputing);
    flags[1] = turns.length;
  }

  /** Has a task that is ready, or is now, have its turn soon. */
  function hasten(task) {
    if (task.isReady) turns.hasten(task);
    else makeReady(task);
  }

  /** A task that was to have its first turn begins elsewhere. */
  function dropReady(task) {
    if (!task.isReady) return;
    turns.drop(task);
    flags[1] = waiting();
  }

  /** The next task that may run; null where there is none. */
  function takeReady() {
    while (turns.length > 0) {
      const task = turns.take();
      flags[1] = turns.length;
      if (!task.isPaused) return task;
    }
    return null;
  }

  /** Adds a frame to those of the fiber that is being suspended. */
  function add(frame) {
    const fiber = now.current;
    if (fiber.top === null) fiber.top = frame;
    else {
      (now.tail === null ? fiber.top : now.tail)[3] = frame;
      now.tail = frame;
    }
    return SUSPENDED;
  }

  /**
   * A function has left its fast code: because what it called was suspended, or because it saw the flag. In the latter
   * case it may turn out that it is to go on; then its continuation does so at once.
   *
   * The decision is made here and not where the flag is seen, since a call in a loop, even one that is never made, costs
   * the loop up to half of its speed.
   */
  function save(value, ...frame) {
    if (flags[REASON] !== NOT || poll(value)) return add(frame);
    return resumeNested(frame, value, NEXT);
  }

  /** The same for an async function, whose frame is made as it is for an `await`. */
  function saveFrame(frame, value) {
    if (flags[REASON] !== NOT || poll(value)) return add(frame);
    return resumeNested(frame, value, NEXT);
  }

  /** Calls a continuation on top of others' frames, so that what blocks inside has to look at the stack. */
  function resumeNested(frame, value, mode) {
    flags[NESTED]++;
    try {
      return resume(frame, value, mode);
    } finally {
      flags[NESTED]--;
    }
  }

  /**
   * Whether the operation that asks was called by a continuation that the scheduler itself has called, so that nothing
   * native can stand between: that continuation has said so just before the call. Every operation that may block asks
   * first thing, whether it blocks or not.
   */
  function takeDirect() {
    const direct = flags[4] !== 0 && flags[NESTED] === 0;
    flags[4] = 0;
    return direct;
  }

  /** The same for a continuation, which is called by `save` or `runFiber`: they call it again. It now stands at `point`. */
  function saveAgain(frame, point, value) {
    frame[1] = point;
    if (flags[REASON] !== NOT || poll(value)) return add(frame);
    retried = value;
    flags[RETRIES] = 1;
    return RETRY;
  }

  /** Calls a continuation. The stack walk knows this function: who calls it must hand a suspension on. */
  function resume(frame, value, mode) {
    const result = call(frame[0], frame[2], frame, value, mode, frame[1]);
    return flags[RETRIES] !== 0 ? again(frame, result) : result;
  }

  /** The same for one that was called, and has returned this. */
  function again(frame, result) {
    while (flags[RETRIES] !== 0 && result === RETRY) {
      flags[RETRIES] = 0;
      result = call(frame[0], frame[2], frame, retried, NEXT, frame[1]);
    }
    return result;
  }

  function construct(frame, value, mode) {
    if (mode !== NEXT) raise(mode, value);
    return isObject(value) ? value : frame[2];
  }

  /**
   * The same as `save` for a function that may be called with `new`, which returns its object then where the function returns
   * none. Its `new.target` stands where the next frame will.
   */
  function saveConstruct(given, ...frame) {
    const target = frame[3];
    frame[3] = null;
    const value = saveFrame(frame, given);
    if (target === undefined) return value;
    if (value === SUSPENDED) return add([construct, 0, frame[2], null]);
    return isObject(value) ? value : frame[2];
  }

  /** What a resumed function gets from the call that suspended it. */
  function receive(mode, value) {
    if (mode !== NEXT) raise(mode, value);
    return value;
  }

  function raise(mode, value) {
    throw mode === KILL ? KILLED : value;
  }

  /** Sets the flag at which compiled code looks as the task that runs next wants it. */
  function arm(task) {
    if (task.storm) {
      flags[0] = STORM;
      flags[5] = 0;
    } else {
      flags[0] = 0;
      flags[5] = TAIL_CALLS;
    }
  }

  /** Whether calls in tail position have made the stack deep, where it is time to look. */
  function isDeep() {
    if (flags[5] >= 0) return false;
    flags[5] = TAIL_CALLS;
    return natives.stackDepth() > DEEP;
  }

  /**
   * Whether the running task is to be suspended here; it goes on with `value`. Not while it is being given a lock: killed then, it would hold one
   * that it knows nothing of, and that nobody can release.
   */
  function poll(value) {
    if (now.current === null || (isObject(value) && isGuard(value))) return false;
    if (now.current.task.storm || isDeep()) {
      if (!isDirect(natives, true)) return false;
      wasOver = false;
    } else {
      // Calls in tail position look here only when they have counted enough of themselves.
      if (flags[0] === 0) return false;
      flags[0] = 0;
      if (flags[WANTED] !== 0) {
        portables.give();
        // Nobody else wants the task to stop.
        if (flags[2] === 0) return false;
      }
      // Under a native frame preemption waits until the next time.
      if (waiting() === 0 && !natives.isWanted()) return false;
      if (!isDirect(natives, true)) return false;
      wasOver = true;
      flags[PREEMPTIONS]++;
    }
    flags[REASON] = PREEMPTED;
    flags[0] = 1;
    now.current.value = value;
    return true;
  }

  /** Frames were saved, and who was below went on as if nothing were: a mistake of ours, of which nobody else's task shall hear. */
  function dropSaved(task) {
    now.current.top = now.tail = null;
    flags[REASON] = NOT;
    arm(task);
  }

  /**
   * The task that runs next, where one has nothing left to do and all that would come between is known: the slice is not over, no
   * task computes, and the next one is to go on itself. Its turn has begun then. That is the way of tasks that wait for each other, whose
   * switches are most of what they cost.
   */
  function next(task) {
    if (!task.isThrough || flags[2] !== 0 || (flags[TURNS] & (IN_A_ROW - 1)) === 0) return null;
    const then = turns.peek();
    if (then === null || !then.isPlain) return null;
    // Mostly neither has anything rare, and so no meter.
    if (then.rare !== task.rare && then.meter !== metered) return null;
    turns.takePeeked();
    flags[1] = turns.length;
    flags[TURNS]++;
    runs[RUNNING] = then.id;
    then.active = null;
    return then;
  }

  /**
   * Runs a fiber until it has finished or is suspended; and then whatever is `next`.
   * @returns {number} why the last one, which is `ran`, was suspended
   */
  function runFiber(fiber) {
    const outer = now.current;
    const outerNested = flags[NESTED];
    flags[NESTED] = 0;
    if (outer !== null) fiber.under = outer;
    now.current = fiber;
    flags[REASON] = NOT;
    let { top, value } = fiber;
    let mode = fiber.begin();
    fiber.top = null;
    fiber.value = undefined;
    arm(fiber.task);
    let frame = null;
    for (;;) {
      try {
        if (fiber.isNew) {
          const fn = top;
          top = null;
          fiber.isNew = false;
          if (fiber.task.isPortable) portables.begins(fiber.task);
          if (mode === KILL) raise(KILL);
          value = fn();
        } else if (top !== null) {
          frame = top;
          top = frame[3];
          frame[3] = null;
          value = resume(frame, value, mode);
        } else if (mode !== NEXT) {
          // What blocked stood in tail position of the first function, of which nothing is left.
          raise(mode, value);
        }
        mode = NEXT;
      } catch (error) {
        // Those below are not where the kill has met the task.
        value = error;
        mode = THROW;
        if (top !== null && error !== KILLED) noteCallers(error, frame, top);
      }
      // Only an object is ever compared here: V8 is slow to compare values of which it knows nothing.
      if (flags[REASON] !== NOT && value === SUSPENDED && mode === NEXT) {
        if (fiber.top === null) fiber.top = top;
        else if (top !== null) (now.tail === null ? fiber.top : now.tail)[3] = top;
        if (now.tail !== null) now.tail = null;
        flags[0] = 0;
        if (flags[REASON] === PREEMPTED) break;
      } else {
        if (fiber.top !== null) {
          dropSaved(fiber.task);
          value = new RangeError('internal error of hertzscript: a call was suspended whose caller did not look');
          mode = THROW;
        }
        if (top !== null) continue;
        flags[REASON] = NOT;
        end(fiber, mode, value);
      }
      const then = outer === null ? next(fiber.task) : null;
      if (then === null) break;
      now.current = fiber = then;
      flags[REASON] = NOT;
      ({ top, value } = then);
      mode = then.begin();
      then.top = null;
      then.value = undefined;
      flags[0] = 0;
    }
    if (outer !== null) fiber.under = null;
    now.current = outer;
    flags[NESTED] = outerNested;
    ran = fiber;
    const why = flags[REASON];
    flags[REASON] = NOT;
    return why;
  }

  /** A fiber has finished. */
  function end(fiber, mode, value) {
    if (fiber.isOther) {
      forget(fiber);
      return;
    }
    // What follows from the end is the task's own: another one's jobs might be dropped with it.
    const { task } = fiber;
    task.leaveMain();
    if (task.isChild) returned(task, mode, value);
    else task.done(task, mode, value);
    flags[REASON] = NOT;
  }

  /**
   * Makes the calls that a task has queued, up to the next fiber.
   * @returns {number} why the last one was suspended
   */
  function runJobs(task) {
    const { jobs } = task;
    const outer = now.current;
    const outerNested = flags[NESTED];
    flags[NESTED] = 0;
    const fiber = spare ?? new Other(task);
    spare = null;
    fiber.task = task;
    if (outer !== null) fiber.under = outer;
    now.current = fiber;
    flags[REASON] = NOT;
    arm(task);
    let why = NOT;
    let left = IN_A_ROW;
    do {
      const { items, first } = jobs;
      let fn = items[first];
      if (fn === null) break;
      let a = items[first + 1];
      let b = items[first + 2];
      let c = items[first + 3];
      jobs.drop();
      if (fn === IN_CONTEXT) {
        fiber.context = a;
        fn = b;
        [a, b, c] = c;
      } else if (fiber.context !== undefined) fiber.context = undefined;
      try {
        const outcome = fn(a, b, c);
        if (flags[REASON] !== NOT && outcome === SUSPENDED) {
          now.tail = null;
          why = flags[REASON];
          break;
        }
      } catch {
        // Only jobs of promises whose class is the program's own throw; nobody could hear of it (HostReportErrors).
      }
      if (fiber.top !== null) dropSaved(task);
    } while (jobs.length > 0 && flags[2] === 0 && --left > 0);
    flags[0] = 0;
    flags[REASON] = NOT;
    now.current = outer;
    flags[NESTED] = outerNested;
    if (outer !== null) fiber.under = null;
    if (left === 0) now = slice.begin();
    if (why === NOT) {
      fiber.context = undefined;
      fiber.task = null;
      spare = fiber;
    } else {
      remember(fiber);
      if (why === PREEMPTED) task.goOnFirst(fiber);
    }
    return why;
  }

  /** Says how a task stands that is not running, where that has changed: it was preempted, or it is blocked. */
  function tell(task, isPreempted) {
    if (task.isPreempted === isPreempted) return;
    task.isPreempted = isPreempted;
    natives.setPreempted(task.id, isPreempted);
  }

  /** From now on the processor time is another task's. */
  function setMeter(task) {
    metered = task;
    natives.setMeter(task);
  }

  /** Runs a task until its fibers are done or blocked, or its slice is over. */
  function runTask(task) {
    runs[RUNNING] = task.id;
    flags[TURNS]++;
    if (task.meter !== metered) setMeter(task.meter);
    for (;;) {
      const fiber = task.active;
      let why;
      if (fiber !== null) {
        task.active = null;
        why = runFiber(fiber);
        task = ran.task;
        if (why === PREEMPTED) task.goOnFirst(ran);
        ran = null;
      } else {
        const { jobs } = task;
        if (jobs.length === 0) {
          const { due } = task;
          if (due !== undefined && due.length > 0) {
            due.shift()();
            continue;
          }
          tell(task, false);
          return;
        }
        if (jobs.items[jobs.first] === null) {
          task.active = jobs.items[jobs.first + 1];
          jobs.drop();
          continue;
        }
        why = runJobs(task);
      }
      if (why === PREEMPTED) {
        tell(task, true);
        makeReadyAgain(task, wasOver);
        return;
      }
      // Where nothing is left it is said to be blocked, above.
      if (flags[2] !== 0 && (task.active !== null || task.jobs.length > 0)) {
        makeReadyAgain(task, false);
        return;
      }
    }
  }

  /** V8 has terminated what ran: all native frames are gone. Returns the tasks that had any. */
  function recover() {
    const lost = [];
    let count = 0;
    for (let fiber = now.current; fiber !== null; fiber = fiber.under) lost[count++] = fiber.task;
    now.current = now.tail = null;
    flags[REASON] = NOT;
    flags[NESTED] = 0;
    flags[RUNS] = 0;
    runs[RUNNING] = 0;
    if (metered !== 0) setMeter(0);
    flags[0] = flags[2] = flags[4] = 0;
    // Those that were ready are still; the thread is told so anew.
    const more = turns.length > 0;
    natives.setReady(more);
    known = more;
    return lost;
  }

  /** Runs ready tasks until none is left or the slice is over. */
  function runReady() {
    flags[RUNS] = 1;
    now = slice.begin();
    renewBudget();
    flags[2] = 0;
    if (flags[WANTED] !== 0) portables.give();
    if (turns.hasComputing) turns.isOverdue = natives.now() - lastComputed >= settings.quantum;
    while (turns.length > 0) {
      // Mostly none computes: the call is not made then.
      const isComputing = turns.computing.length > 0 && turns.isForComputing;
      // New tasks, and what has woken up in between, go before those that compute.
      if (isComputing && !natives.beginTurn(turns.isOverdue)) break;
      const task = takeReady();
      if (task === null) break;
      runTask(task);
      if (isComputing) lastComputed = natives.now();
      if (flags[2] !== 0) break;
    }
    flags[2] = 0;
    flags[RUNS] = 0;
    // What begins next is not this task, of which the pool may still be about to say that its time is over.
    runs[RUNNING] = 0;
    turns.end();
    if (metered !== 0) setMeter(0);
    const more = turns.length > 0;
    if (more !== known) natives.setReady(more);
    known = more;
  }

  /** Takes note of an activity beside the task's function, so that it can be killed. */
  function remember(fiber) {
    const { task } = fiber;
    task.others ??= new Set();
    SetPrototypeAdd(task.others, fiber);
    fiber.isOther = true;
  }

  function forget(fiber) {
    if (fiber.task.others !== undefined) SetPrototypeDelete(fiber.task.others, fiber);
    fiber.isOther = false;
  }

  /** The task that jobs belong to while none runs: the one that was begun last. */
  let last = null;

  function begun(task) {
    last = task;
  }

  function currentTask() {
    return now.current === null ? last : now.current.task;
  }

  /** The context in which the running code runs. */
  const getContext = () => (now.current === null ? undefined : now.current.context);

  function setContext(context) {
    if (now.current !== null) now.current.context = context;
  }

  /** The running task; with its context, if it has one. Jobs of what this gives are that task's, and run in that context. */
  function currentOwner() {
    if (now.current === null) return last;
    return now.current.context === undefined ? now.current.task : new Owner(now.current.task, now.current.context);
  }

  /** Adds a job to the running task. */
  function enqueueJob(fn, a, b, c) {
    enqueue(currentOwner(), fn, a, b, c);
  }

  /** Adds a job to a task, or to the one of an owner. */
  function enqueue(owner, fn, a, b, c) {
    // A task is its own; `instanceof` would walk along its prototypes.
    const { task } = owner;
    if (task !== owner) {
      enqueue(task, IN_CONTEXT, owner.context, fn, [a, b, c]);
      return;
    }
    if (task.isDead) return;
    task.addJob(fn, a, b, c);
    makeReady(task);
  }

  /**
   * Adds what a timer does that is due. That goes behind all jobs, and behind those that come of them: as on the host, a callback of a timer
   * begins when the microtasks are done.
   */
  function enqueueDue(owner, fn, a, b, c) {
    const { task } = owner;
    if (task.isDead || (task.active === null && task.jobs.length === 0)) {
      enqueue(owner, fn, a, b, c);
      return;
    }
    task.due ??= new Queue();
    task.due.push(() => enqueue(owner, fn, a, b, c));
  }

  /** A task was started by a task, or has ended that was. */
  function countChild(hasEnded) {
    flags[hasEnded ? ENDED_CHILDREN : CHILDREN]++;
  }

  /** Begins a new task; `done` is called with (task, mode, value) when its function has finished. Of a child all have the same. */
  function launch(task, fn, done) {
    task.start(fn, done);
    task.context = getContext();
    makeReady(task);
  }

  /** What is called once the function of a task's task has returned. */
  let returned;

  /** Lets a blocked fiber go on. */
  function wake(fiber, value, mode) {
    fiber.goOnWith(value, mode);
    goOn(fiber);
  }

  /** The same of one that waits itself at a channel, and was given a value there. It can be taken back until the fiber goes on (`unread`). */
  function wakeGiven(fiber, value) {
    fiber.goOnGiven(value);
    goOn(fiber);
  }

  function goOn(fiber) {
    const { task } = fiber;
    task.goOn(fiber);
    makeReady(task);
  }

  /** Takes a blocked fiber out of where it waits, so that nobody wakes it. */
  function withdraw(fiber) {
    const { place } = fiber;
    if (place === undefined) return;
    fiber.place = undefined;
    place.withdraw(fiber);
  }

  /**
   * Blocks the running fiber until somebody wakes it.
   * @param {(fiber: Fiber) => {withdraw: (fiber: Fiber) => void}} register is given the fiber to wake; returns where it waits
   * @param {() => boolean} idle waits for what could wake somebody; false where nothing can
   * @param {boolean} direct what `takeDirect` has said
   */
  function block(register, idle, direct) {
    if (!direct && !isDirect(natives, false)) return blockUnder(register, idle);
    return waitAt(register(now.current));
  }

  /**
   * The same where the fiber itself waits at a channel, in one of the lists of its core. Most that block do so, and need no function
   * made for it.
   */
  function blockAt(list, core, kind, value, idle, direct) {
    if (!direct && !isDirect(natives, false)) return blockUnder(entering(list, core, kind, value), idle);
    list.enter(now.current, core, kind, value);
    return suspend();
  }

  const entering = (list, core, kind, value) => (fiber) => list.enter(fiber, core, kind, value);

  /** The running fiber is suspended, and waits at a place. */
  function waitAt(place) {
    now.current.place = place;
    return suspend();
  }

  function suspend() {
    flags[REASON] = BLOCKED;
    flags[0] = 1;
    return SUSPENDED;
  }

  /** Whether the running fiber can be blocked here; `direct` is what `takeDirect` has said. */
  const canBlock = (direct) => direct || isDirect(natives, false);

  /** The same where a native frame stands between: the rest of the realm runs on top of it until somebody wakes a stand-in. */
  function blockUnder(register, idle) {
    const fiber = now.current;
    const stand = new Other(fiber.task);
    const outcome = { __proto__: null, woken: false, value: undefined, mode: NEXT };
    stand.top = [standIn, 0, undefined, null, outcome];
    stand.trace = traceNative();
    stand.place = register(stand);
    remember(stand);
    const outer = flags[0];
    while (!outcome.woken) {
      const task = takeReady();
      if (task !== null) {
        runTask(task);
        continue;
      }
      runs[RUNNING] = 0;
      if (!idle()) {
        runs[RUNNING] = fiber.task.id;
        withdraw(stand);
        forget(stand);
        throw new RangeError('deadlock: this operation blocks under a native frame, and nothing else can run');
      }
    }
    now.current = fiber;
    flags[0] = outer;
    runs[RUNNING] = fiber.task.id;
    if (fiber.task.meter !== metered) setMeter(fiber.task.meter);
    if (outcome.mode !== NEXT) raise(outcome.mode, outcome.value);
    return outcome.value;
  }

  function standIn(frame, value, mode) {
    const outcome = frame[4];
    outcome.woken = true;
    outcome.value = value;
    outcome.mode = mode;
  }

  /** Marks operations that may block, so that continuations know them (src/compiler/coroutine/ir.rs). */
  function marks(...operations) {
    for (let i = 0; i < operations.length; i++) {
      defineProperty(operations[i], BLOCKS, { value: 1, writable: false, enumerable: false, configurable: false });
    }
  }

  return {
    marks,
    useChildren(given) {
      returned = given;
    },
    useGuards(given) {
      isGuard = given;
    },
    usePortables(given) {
      portables = given;
    },
    recover,
    NEXT,
    THROW,
    KILLED,
    flags,
    gate,
    budget,
    Task,
    begun,
    block,
    blockAt,
    canBlock,
    currentOwner,
    currentTask,
    dropReady,
    getContext,
    setContext,
    enqueue,
    enqueueDue,
    enqueueJob,
    hasten,
    makeReady,
    withdraw,
    countChild,
    launch,
    receive,
    runReady,
    save,
    add,
    resume,
    again,
    resumeNested,
    takeDirect,
    raise,
    SUSPENDED,
    saveAgain,
    saveConstruct,
    saveFrame,
    wake,
    wakeGiven,
    get current() {
      return now.current;
    },
  };
};
