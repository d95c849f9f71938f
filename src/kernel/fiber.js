'use strict';

// What the scheduler runs: fibers, and tasks.
//
// Since a million tasks are to fit in memory, a task is one object: it is the fiber of its own function, and it waits at channels itself. What
// is true or false of it is a bit of one number, and what few of them have lies in an object of its own (`Rare`). A task that waits takes
// 168 bytes so, and its frame about as many.

const { NEXT } = require('leaving');
const { IN_CONTEXT, Jobs } = require('queues');

/** The bits of `state`: how the fiber goes on (see leaving.js), and what it waits for at a channel (see channels/waiters.js). */
const MODE = 3;
const KIND = 3 << 2;
const KIND_AT = 2;
const OTHER = 1 << 4;
const UNREAD = 1 << 5;

/** What a fiber waits for itself at a channel, if it sends; see channels/waiters.js for the others. */
const SEND = 3;

// Of tasks
const STORM = 1 << 6;
const PAUSED = 1 << 7;
const KILLED = 1 << 8;
const DEAD = 1 << 9;
const READY = 1 << 10;
const PREEMPTED = 1 << 11;
const STARTED = 1 << 12;
const RETURNED = 1 << 13;
const PORTABLE = 1 << 14;
const CHILD = 1 << 15;
const ENDED = 1 << 16;
const ASKED = 1 << 17;
const OUTCOME = 3 << 18;
const OUTCOME_AT = 18;
const NEW = 1 << 20;
/** The bits above are a number. */
const PASSES_AT = 21;
const WITHOUT_PASSES = (1 << PASSES_AT) - 1;

/** What few fibers have, and few tasks. */
class Rare {
  constructor() {
    /** What an AsyncLocalStorage holds; see `lib/node/async_hooks.js`. */
    this.context = undefined;
    /** The fiber under whose native frames it runs. */
    this.under = null;
    /** V8's stack, where it blocks under native frames. */
    this.trace = undefined;
    /** Called with (task, mode, value) when the function of a task has returned. */
    this.done = undefined;
    /** The promise that the function has returned. */
    this.result = undefined;
    /** Suspended jobs, and who waits under native frames. */
    this.others = undefined;
    this.onDeath = undefined;
    /** What its timers have it do that are due, once there are no jobs: functions that add one each. */
    this.due = undefined;
    /** The number of the task that it stands for, which runs in another isolate; see portable.js. */
    this.remote = 0;
    /** The task of the host's whose processor time is limited and runs while this one does; 0 for none. */
    this.meter = 0;
    /** Getters of what a module exports. */
    this.exports = undefined;
    /** Locks that it holds; see kit-platform.js. */
    this.held = undefined;
    /** Why it is killed; and of one that has failed while nobody had asked for its result, what tells of that. See task-handle.js. */
    this.reason = undefined;
    this.failure = undefined;
  }
}

/** What those have that have nothing of that. It is never changed. */
const NOTHING = new Rare();

/** The jobs of tasks that have none yet. */
const NO_JOBS = new Jobs();

/** One activity of a task: its function, a promise's job, a timer's callback. */
class Fiber {
  constructor() {
    /** Its frames, the innermost first; of a task that has not begun the function that is to be called. */
    this.top = null;
    /** What it goes on with; while it waits to send something, that. */
    this.value = undefined;
    this.state = NEXT;
    /**
     * Where it waits, while it is blocked; then who waited for it at a channel, until it goes on with what it was given there. `true`
     * stands for the fiber itself: V8 need not write that down.
     */
    this.wait = undefined;
    /** The channel at which it waits itself, and who waits there before and after it; see channels/waiters.js. */
    this.core = undefined;
    this.previous = null;
    this.next = null;
    this.sequence = 0;
    this.rare = NOTHING;
  }

  /** How it goes on. */
  get mode() {
    return this.state & MODE;
  }

  set mode(mode) {
    this.state = (this.state & ~MODE) | mode;
  }

  /** It is to go on; see `mode`. */
  goOnWith(value, mode) {
    this.wait = undefined;
    this.value = value;
    this.state = (this.state & ~(MODE | UNREAD)) | mode;
  }

  /** The same of one that waits itself at a channel, and was given something there, which it has not seen yet. */
  goOnGiven(value) {
    this.value = value;
    this.state = (this.state & ~MODE) | UNREAD;
  }

  /** It waits itself at a channel: for something of this kind, with what it sends or takes steps with. */
  waitItself(kind, value) {
    this.value = value;
    this.wait = true;
    this.state = (this.state & ~(KIND | UNREAD)) | (kind << KIND_AT);
  }

  /** It goes on now: returns how. It sees what it was given. */
  begin() {
    const { state, wait } = this;
    if ((state & (MODE | UNREAD)) === NEXT) return NEXT;
    this.state = state & ~(MODE | UNREAD);
    if ((state & UNREAD) !== 0) {
      if (wait !== true) wait.value = undefined;
      this.wait = undefined;
    }
    return state & MODE;
  }

  /** Whether `top` is a function that is yet to be called. */
  get isNew() {
    return (this.state & NEW) !== 0;
  }

  set isNew(is) {
    this.put(NEW, is);
  }

  /** Whether it is one of the task's `others`. */
  get isOther() {
    return (this.state & OTHER) !== 0;
  }

  set isOther(is) {
    this.put(OTHER, is);
  }

  get place() {
    return (this.state & UNREAD) === 0 ? this.waiter() : undefined;
  }

  set place(place) {
    this.wait = place === this ? true : place;
    this.state &= ~UNREAD;
  }

  get unread() {
    return (this.state & UNREAD) === 0 ? undefined : this.waiter();
  }

  set unread(wait) {
    this.wait = wait === this ? true : wait;
    this.put(UNREAD, wait !== undefined);
  }

  /** Where it waits, or who has waited for it. */
  waiter() {
    return this.wait === true ? this : this.wait;
  }

  /** What it waits for itself at a channel. */
  get kind() {
    return (this.state & KIND) >> KIND_AT;
  }

  get context() {
    return this.rare.context;
  }

  set context(context) {
    if (this.rare.context !== context) this.own().context = context;
  }

  get under() {
    return this.rare.under;
  }

  set under(fiber) {
    if (this.rare.under !== fiber) this.own().under = fiber;
  }

  get trace() {
    return this.rare.trace;
  }

  set trace(trace) {
    this.own().trace = trace;
  }

  // As a waiter at a channel (see channels/waiters.js)

  /** Whether the fiber stands in the list itself. A constant of the class costs less than to ask which one it is. */
  get isItself() {
    return true;
  }

  /** Who waits. */
  get fiber() {
    return this;
  }

  /** What it waits for, in words. */
  get what() {
    return this.kind === SEND ? 'send' : (this.core.verb ?? 'recv');
  }

  /** Steps out of those who wait at the channel. */
  withdraw() {
    const { core } = this;
    (this.kind === SEND ? core.senders : core.receivers).remove(this);
  }

  put(bit, is) {
    if (is) this.state |= bit;
    else this.state &= ~bit;
  }

  own() {
    if (this.rare === NOTHING) this.rare = new Rare();
    return this.rare;
  }
}

/** An activity of a task beside its function. */
class Other extends Fiber {
  constructor(task) {
    super();
    this.task = task;
  }
}

class Task extends Fiber {
  /** @param {number} id what the host knows it by, or the task that began it */
  constructor(id, storm) {
    super();
    this.id = id;
    this.jobs = NO_JOBS;
    /** The fiber that runs before the jobs: one that was preempted, that has not begun, or that was woken before there were any. */
    this.active = null;
    /** Of a task that a task has started: who is to hear that it has settled, and then its value. See task-handle.js. */
    this.outcome = undefined;
    /** The tasks that it has started and that have not ended; see children.js. */
    this.children = undefined;
    /** The task that has started it, or has taken it over, and its place among the tasks of that one. */
    this.parent = undefined;
    this.index = 0;
    /** Its name in reports, and where it was spawned: see task-stack.js. The host knows both of its own tasks. */
    this.name = '';
    this.site = undefined;
    if (storm) this.state |= STORM;
  }

  /** Whose activity it is. */
  get task() {
    return this;
  }

  /** Adds a job: a call of `fn`, or a fiber that goes on, with `null` in the place of the function. */
  addJob(fn, a, b, c) {
    this.ownJobs().push(fn, a, b, c);
  }

  /** Lets a fiber go on, after what is to be done already. */
  goOn(fiber) {
    if (this.active === null && !this.hasJobs) this.active = fiber;
    else this.addJob(null, fiber, undefined, undefined);
  }

  /** Lets a fiber that was interrupted go on before all else. */
  goOnFirst(fiber) {
    const { active } = this;
    this.active = fiber;
    if (active === null) return;
    // One that was woken meanwhile.
    this.ownJobs().unshift(active);
  }

  get hasJobs() {
    return this.jobs !== NO_JOBS && this.jobs.length > 0;
  }

  ownJobs() {
    if (this.jobs === NO_JOBS) this.jobs = new Jobs();
    return this.jobs;
  }

  /**
   * Begins its life.
   * @param {Function} fn
   * @param {Function | undefined} done what is called once that has returned, if the task is nobody's child
   */
  start(fn, done) {
    this.top = fn;
    this.state |= STARTED | NEW;
    if (done !== undefined) this.own().done = done;
    this.active = this;
  }

  get storm() {
    return (this.state & STORM) !== 0;
  }

  /** The fiber of its function, until that has returned. */
  get main() {
    return (this.state & (STARTED | RETURNED)) === STARTED ? this : null;
  }

  /** Its function has returned, or will not go on here. */
  leaveMain() {
    this.state = (this.state & ~NEW) | RETURNED;
    this.top = null;
    this.core = undefined;
  }

  get isPaused() {
    return (this.state & PAUSED) !== 0;
  }

  set isPaused(is) {
    this.put(PAUSED, is);
  }

  /** Whether it is being killed. */
  get isKilled() {
    return (this.state & KILLED) !== 0;
  }

  set isKilled(is) {
    this.put(KILLED, is);
  }

  /** Whether it is over: then nothing of it runs any more. */
  get isDead() {
    return (this.state & DEAD) !== 0;
  }

  set isDead(is) {
    this.put(DEAD, is);
  }

  /** See turns.js. */
  get isReady() {
    return (this.state & READY) !== 0;
  }

  set isReady(is) {
    this.put(READY, is);
  }

  /** Whether it waits for a turn, or gets none. */
  get isReadyOrPaused() {
    return (this.state & (READY | PAUSED)) !== 0;
  }

  /** Whether nothing is left to do for it, and nobody is to hear of that. */
  get isThrough() {
    return this.active === null && !this.hasJobs && (this.state & PREEMPTED) === 0 && !this.hasDue;
  }

  /** Whether all that its turn begins with is that it goes on itself. */
  get isPlain() {
    return this.active === this && (this.state & (STORM | PAUSED)) === 0;
  }

  get passes() {
    return this.state >> PASSES_AT;
  }

  set passes(passes) {
    this.state = (this.state & WITHOUT_PASSES) | (passes << PASSES_AT);
  }

  /** What the host was told last of a task that has begun and not ended. */
  get isPreempted() {
    return (this.state & PREEMPTED) !== 0;
  }

  set isPreempted(is) {
    this.put(PREEMPTED, is);
  }

  /** Whether it could begin in another isolate; `value` is then what it takes to send it there. See portable.js. */
  get isPortable() {
    return (this.state & PORTABLE) !== 0;
  }

  set isPortable(is) {
    this.put(PORTABLE, is);
  }

  /** Whether a task has started it. */
  get isChild() {
    return (this.state & CHILD) !== 0;
  }

  set isChild(is) {
    this.put(CHILD, is);
  }

  /** Of a child: whether it has ended, though its value may not be known yet. */
  get hasEnded() {
    return (this.state & ENDED) !== 0;
  }

  set hasEnded(is) {
    this.put(ENDED, is);
  }

  /** Of a child: whether somebody has asked for its result. */
  get wasAsked() {
    return (this.state & ASKED) !== 0;
  }

  set wasAsked(is) {
    this.put(ASKED, is);
  }

  /** Of a child: how it has settled (see leaving.js); -1 while it has not. */
  get settledBy() {
    return ((this.state & OUTCOME) >> OUTCOME_AT) - 1;
  }

  set settledBy(mode) {
    this.state = (this.state & ~OUTCOME) | ((mode + 1) << OUTCOME_AT);
  }

  get done() {
    return this.rare.done;
  }

  get result() {
    return this.rare.result;
  }

  set result(result) {
    if (this.rare.result !== result) this.own().result = result;
  }

  get others() {
    return this.rare.others;
  }

  set others(others) {
    if (this.rare.others !== others) this.own().others = others;
  }

  get due() {
    return this.rare.due;
  }

  get hasDue() {
    if (this.rare === NOTHING) return false;
    const { due } = this.rare;
    return due !== undefined && due.length > 0;
  }

  set due(due) {
    if (this.rare.due !== due) this.own().due = due;
  }

  get onDeath() {
    return this.rare.onDeath;
  }

  set onDeath(action) {
    if (this.rare.onDeath !== action) this.own().onDeath = action;
  }

  get remote() {
    return this.rare.remote;
  }

  set remote(id) {
    this.own().remote = id;
  }

  get meter() {
    return this.rare.meter;
  }

  set meter(id) {
    if (this.rare.meter !== id) this.own().meter = id;
  }

  get exports() {
    return this.rare.exports;
  }

  set exports(exports) {
    this.own().exports = exports;
  }

  get held() {
    return this.rare.held;
  }

  set held(held) {
    if (this.rare.held !== held) this.own().held = held;
  }

  get reason() {
    return this.rare.reason;
  }

  set reason(reason) {
    if (this.rare.reason !== reason) this.own().reason = reason;
  }

  get failure() {
    return this.rare.failure;
  }

  set failure(failure) {
    if (this.rare.failure !== failure) this.own().failure = failure;
  }
}

/** A task, and the context in which something of it is to run. */
class Owner {
  constructor(task, context) {
    this.task = task;
    this.context = context;
  }
}

module.exports = { IN_CONTEXT, Other, Owner, SEND, Task };
