'use strict';

// Places of the numbers that a realm shares with the thread's Rust side (`src/pool/clock.rs`) and with compiled code, which knows those
// up to 5 by their places.

/**
 * 0: not 0 when a task is to look; Rust's clock sets it when a slice is over and somebody waits.
 * 1: how many tasks wait for their turn, beside the one that runs; for the clock.
 * 2: the same as 0, for the scheduler itself: the thread has other work.
 * 4: not 0 while a continuation calls an operation that blocks; see `takeDirect` in scheduler.js.
 * 5: how many more entries of functions that make calls in tail position are let by before the stack is looked at.
 * 12, 13: the running task's id, as a double; for who asks how it stands.
 */
module.exports = {
  /** Tasks that could begin in another isolate, and those of them that have begun or left; see portable.js. */
  ALL: 3,
  GONE: 6,
  /** Not 0 where the clock was told of them. */
  OFFERED: 7,
  /** Turns that tasks were given, turns that were ended because others waited, tasks that tasks have started, and those of them that have
   * ended; since somebody has set them to 0. */
  TURNS: 8,
  PREEMPTIONS: 9,
  CHILDREN: 10,
  ENDED_CHILDREN: 11,
  /** How many of the tasks that could begin in another isolate the clock wants for those that have nothing to do. */
  WANTED: 14,
  /**
   * Tasks that tasks have started and that had to stay, by why, since somebody has set them to 0: the isolate is private; the function
   * shares what it captures, or nothing is known of it; it was to be sent, and captures an object or what cannot be copied; or deadlocks of
   * its program would not be noticed.
   */
  STAYS: { PRIVATE: 15, FUNCTION: 16, VALUES: 17, DEADLOCKS: 18 },
  /**
   * What the scheduler alone uses and looks at several times in each switch: V8 reads and writes a number here by one instruction, and a variable
   * of a function, of which it knows neither whether it has a value yet nor of which kind, by six.
   *
   * Why the running fiber was suspended, 0 if it was not; above 0 while a continuation runs that was not called by the scheduler; not 0 while a
   * continuation that has returned is to be called again; and not 0 while tasks run.
   */
  REASON: 19,
  NESTED: 20,
  RETRIES: 21,
  RUNS: 22,
  /** How many numbers there is room for: an even count, for doubles. */
  COUNT: 24,
};
