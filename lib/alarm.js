'use strict';

// Milliseconds that users have asked for on the host. They are counted by the timers that are global when counting begins, so that a test
// that has replaced these has them pass together with its own.

const node = require('./event-loop.js');

/** The longest time that `setTimeout` knows, in milliseconds. */
const LONGEST = 2147483647;

/** Rings once, after any number of milliseconds. It keeps Node alive unless it is told not to. */
class Alarm {
  #timer;
  #clearTimeout;
  #keepsAlive;

  constructor(ms, ring, keepsAlive = true) {
    this.#keepsAlive = keepsAlive;
    this.#start(ms, ring);
  }

  #start(ms, ring) {
    const { setTimeout = node.setTimeout, clearTimeout = node.clearTimeout } = globalThis;
    this.#clearTimeout = clearTimeout;
    const rest = ms - LONGEST;
    const end = rest > 0 ? () => this.#start(rest, ring) : ring;
    this.#timer = setTimeout(end, Math.min(Math.max(ms, 1), LONGEST));
    if (!this.#keepsAlive) this.#timer.unref?.();
  }

  /** Says whether it keeps Node alive. Timers that are numbers, as browsers have them, know nothing of that. */
  keepAlive(keepsAlive) {
    this.#keepsAlive = keepsAlive;
    if (keepsAlive) this.#timer.ref?.();
    else this.#timer.unref?.();
  }

  clear() {
    const clearTimeout = this.#clearTimeout;
    clearTimeout(this.#timer);
  }
}

module.exports = { Alarm, LONGEST };
