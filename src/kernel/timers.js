'use strict';

// Timers of one realm: a binary heap ordered by (due time, order of creation), as HTML's timers and Node's are. The
// pool thread sleeps until the deadline that `schedule` reports and then calls `fireNext` once for each due timer, so
// that a microtask checkpoint, and other tasks' jobs, fit between two callbacks.
//
// Where callbacks are jobs that may be suspended, one that is due only becomes a job (`addJob`). Until that runs, and an interval until it
// is through, its timer is held: it stays in the heap, due never, so that it can be cleared, and so that no interval comes twice
// before its callback has returned (in Node, too, an interval begins anew after that).

const {
  apply,
  globalThis,
  Array,
  Map,
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
  Number,
  TypeError,
} = require('primordials');

/** Longest delay in milliseconds that a timer takes, as in browsers and Node; longer ones become 1 ms. */
const MAX_DELAY = 2147483647;

/** When a timer is due whose callback is a job already. */
const NEVER = 1 / 0;

module.exports = function createTimers(natives, settings, report) {
  const heap = new Array(0);
  const active = new Map();
  let size = 0;
  let sequence = 0;
  let lastId = 0;

  const before = (a, b) => a.due < b.due || (a.due === b.due && a.sequence < b.sequence);

  function place(index, timer) {
    heap[index] = timer;
    timer.index = index;
  }

  function siftUp(index, timer) {
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(timer, heap[parent])) break;
      place(index, heap[parent]);
      index = parent;
    }
    place(index, timer);
  }

  function siftDown(index, timer) {
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && before(heap[child + 1], heap[child])) child++;
      if (!before(heap[child], timer)) break;
      place(index, heap[child]);
      index = child;
    }
    place(index, timer);
  }

  function insert(timer, due) {
    timer.due = due;
    timer.sequence = sequence++;
    siftUp(size++, timer);
    if (heap[0] === timer) schedule();
  }

  function remove(timer) {
    const { index } = timer;
    if (index < 0) return;
    timer.index = -1;
    const last = heap[--size];
    heap[size] = undefined;
    if (last === timer) return;
    siftDown(index, last);
    if (last.index === index) siftUp(index, last);
  }

  /** Tells the pool thread when this realm wants to run next; -1 when it has no timer. */
  function schedule() {
    natives.setDeadline(settings.program, nextDue());
  }

  function add(callback, delay, args, repeat, task) {
    if (typeof callback !== 'function') {
      throw new TypeError('The first argument of a timer must be a function');
    }
    return create(callback, delay, args, repeat, task);
  }

  /**
   * A timer whose callback becomes a job when it is due.
   * @param {(timer: object) => void} enqueue makes the job, which asks `begin` first, calls `run`, and says `through` at last
   */
  function addJob(enqueue, run, delay, repeat, task) {
    const timer = create(enqueue, delay, undefined, repeat, task);
    timer.args = [timer];
    timer.isJob = true;
    timer.run = run;
    return timer;
  }

  /** The job of a timer begins. Returns false if the timer was cleared meanwhile. */
  function begin(timer) {
    if (timer.index < 0) return false;
    if (timer.repeat < 0) {
      remove(timer);
      MapPrototypeDelete(active, timer.id);
    }
    return true;
  }

  /** The job of a timer is through: an interval begins anew, unless it was cleared. */
  function through(timer) {
    if (timer.index < 0 || timer.repeat < 0) return;
    remove(timer);
    insert(timer, natives.now() + timer.repeat);
  }

  /** Has a timer wait anew, whether it has fired or not; not one that was cleared. */
  function restart(timer) {
    if (timer.isCleared) return;
    if (timer.index < 0) MapPrototypeSet(active, timer.id, timer);
    else remove(timer);
    insert(timer, natives.now() + timer.delay);
    schedule();
  }

  function create(callback, delay, args, repeat, task) {
    delay = Number(delay);
    if (!(delay >= 1 && delay <= MAX_DELAY)) delay = 1;
    const timer = {
      id: ++lastId,
      callback,
      args,
      task,
      due: 0,
      sequence: 0,
      index: -1,
      delay,
      repeat: repeat ? delay : -1,
      isCleared: false,
      isJob: false,
      /** The program's callback of a job. */
      run: undefined,
    };
    MapPrototypeSet(active, timer.id, timer);
    insert(timer, natives.now() + delay);
    return timer;
  }

  /** Clears a timer, which may have fired: it is not started again. */
  function clear(timer) {
    timer.isCleared = true;
    MapPrototypeDelete(active, timer.id);
    const wasFirst = heap[0] === timer;
    remove(timer);
    if (wasFirst) schedule();
  }

  /** Clears the timer with this number, unless it has ended. */
  function clearNumber(id) {
    const timer = MapPrototypeGet(active, id);
    if (timer !== undefined) clear(timer);
  }

  /** Drops the timers of a task. */
  function clearOf(task) {
    const list = [];
    for (let i = 0; i < size; i++) if (heap[i].task === task) list[list.length] = heap[i];
    for (let i = 0; i < list.length; i++) clear(list[i]);
  }

  /** Runs the first timer that is due. */
  function fireNext() {
    const timer = heap[0];
    if (timer === undefined || timer.due > natives.now()) {
      schedule();
      return;
    }
    remove(timer);
    if (timer.isJob) {
      insert(timer, NEVER);
    } else if (timer.repeat >= 0) {
      insert(timer, natives.now() + timer.repeat);
    } else {
      MapPrototypeDelete(active, timer.id);
    }
    schedule();
    try {
      apply(timer.callback, globalThis, timer.args);
    } catch (error) {
      report(timer.task, error);
    }
  }

  /** When the first timer is due, on the clock of `natives.now`; -1 where there is none. */
  function nextDue() {
    return size === 0 || heap[0].due === NEVER ? -1 : heap[0].due;
  }

  return { add, addJob, begin, through, clear, clearNumber, clearOf, fireNext, nextDue, restart };
};
