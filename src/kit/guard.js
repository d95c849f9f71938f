'use strict';

// What `lock` and `acquire` give: releasing it twice, or after somebody else did, does nothing, so `using` is always right.

module.exports = function createGuard(disposeKey) {
  class Guard {
    #cell;
    #token;

    constructor(cell, token) {
      this.#cell = cell;
      this.#token = token;
    }

    /** Whether an object is one. */
    static is(value) {
      return #token in value;
    }

    /** Gives back what was locked or acquired. */
    release() {
      const token = this.#token;
      this.#token = 0;
      if (token !== 0) this.#cell.giveBack(token);
    }

    /** Whether it stands for a lock of this object that was not released by it. */
    isOf(cell) {
      return this.#token !== 0 && this.#cell === cell;
    }

    /** Takes over what another guard stands for. */
    renew(other) {
      this.#token = other.#token;
      other.#token = 0;
    }

    [disposeKey]() {
      this.release();
    }
  }
  return Guard;
};
