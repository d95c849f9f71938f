'use strict';

const { Event } = require('event-target-shim');

/** An event that says more than its name. */
class CustomEvent extends Event {
  #detail;

  constructor(type, options) {
    super(type, options);
    this.#detail = options?.detail ?? null;
  }

  get detail() {
    return this.#detail;
  }

  get [Symbol.toStringTag]() {
    return 'CustomEvent';
  }
}

module.exports = { CustomEvent };
