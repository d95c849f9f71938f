'use strict';

// Timers of channels that others may have: those of `after` and `ticker`, and what is closed when a context's deadline is over. The shared core
// knows of them once the channel is shared, and sees to them if the isolate ends before (`src/pool/late.rs`).

/** What becomes of the channel; `channelAlarm` in src/isolate/channels.rs has the same numbers. */
const ONCE = 0;
const EVERY = 1;
const CLOSE = 2;

/** How a channel is called that only this realm knows. */
const NONE = -1;

/** @param {object} natives */
function createAlarms(natives) {
  class Alarm {
    #number = NONE;
    #due;
    #period;
    #sound;

    /**
     * @param {object} core the channel's
     * @param {number} sound what becomes of it
     * @param {number} delay in how many milliseconds
     * @param {boolean} isShared whether the core knows the channel already
     */
    constructor(core, sound, delay, isShared) {
      this.#sound = sound;
      this.#period = delay;
      this.#due = natives.now() + delay;
      if (isShared) this.#tellCore(core.slot);
      else core.onShared = (slot) => this.#tellCore(slot);
    }

    #tellCore(slot) {
      if (this.#sound === NONE) return;
      const delay = this.#sound === EVERY ? this.#period : this.#due - natives.now();
      this.#number = natives.channelAlarm(slot, delay, this.#sound);
    }

    /** Whether the core knows of it. */
    get isShared() {
      return this.#number !== NONE;
    }

    /** Has a channel of the core's get the time; false where it is closed, or nobody has it. */
    tick(time) {
      const number = this.#number;
      if (this.#sound === ONCE) {
        this.#sound = NONE;
        this.#number = NONE;
      }
      return natives.channelTick(number, time);
    }

    /** The timer is no longer needed. */
    end() {
      this.#sound = NONE;
      if (this.isShared) natives.channelCalm(this.#number);
      this.#number = NONE;
    }
  }

  return Alarm;
}

module.exports = { CLOSE, EVERY, ONCE, createAlarms };
