'use strict';

// How the host hears of results. A pool wakes its event loop, but to sleep and to be woken takes longer than most short tasks do. So while
// results are expected the loop looks by itself, in each of its turns; and where tasks follow each other one by one, at the end of the job
// that has started one, since a turn takes about as long as all of a short task.

const { setImmediate } = require('./event-loop.js');
const { forgetSites } = require('./stack.js');
const now = require('./now.js');

/** Milliseconds for which the event loop looks by itself after a task was started or has settled, before it goes to sleep. */
const POLL = 0.15;

/** Looks at the end of a job, at most. After some in vain there are half as many the next time. */
const LOOKS = 64;

/** Milliseconds for which jobs may follow each other so, without a turn of the event loop. */
const LONGEST_TURN = 0.5;

class Polling {
  #native;
  #inbox;
  #pending;
  #onStop;
  #turn = () => this.#look();
  #isOn = false;
  #until = 0;
  #looks = 0;
  /** When the event loop last came by, and whether it has not since the host did something. */
  #turned = 0;
  #isFirstTurn = false;

  /**
   * @param {object} native the NativePool
   * @param {import('./inbox.js').Inbox} inbox
   * @param {() => number} pending how many tasks have not settled
   * @param {() => void} onStop called when the loop no longer looks by itself
   */
  constructor(native, inbox, pending, onStop) {
    this.#native = native;
    this.#inbox = inbox;
    this.#pending = pending;
    this.#onStop = onStop;
  }

  /** Whether the event loop looks by itself. */
  get isOn() {
    return this.#isOn;
  }

  /** The host has done something after which there may be a result soon. */
  start() {
    this.#isFirstTurn = true;
    if (this.#isOn) return;
    this.#isOn = true;
    this.#turned = now();
    this.#native.setPolling(true);
    setImmediate(this.#turn);
  }

  /** One look, in each turn of the event loop; everything else in the loop gets its turn too. */
  #look() {
    const time = now();
    this.#turned = time;
    const isReady = this.#inbox.runIfReady();
    // It was there so soon that it may be there at once the next time.
    if (isReady && this.#isFirstTurn && this.#looks === 0) this.#looks = LOOKS / 2;
    if (isReady || this.#isFirstTurn) this.#until = time + POLL;
    this.#isFirstTurn = false;
    // After a result once more even if no task is left: who has waited for it may start the next.
    if (isReady || (this.#pending() > 0 && time < this.#until)) setImmediate(this.#turn);
    else this.#stop();
  }

  #stop() {
    this.#isOn = false;
    forgetSites();
    if (this.#native.setPolling(false)) this.#inbox.run();
    this.#onStop();
  }

  /** A job has ended that has started tasks: the result of one that is the only one may be there before the event loop comes by. */
  lookAtOnce() {
    if (this.#looks === 0 || this.#pending() !== 1 || now() - this.#turned > LONGEST_TURN) return;
    for (let look = 0; look < this.#looks; look++) {
      if (this.#inbox.runIfReady()) {
        this.#looks = LOOKS;
        return;
      }
    }
    this.#looks >>= 1;
  }
}

module.exports = { Polling };
