'use strict';

// The options of operations on channels: `signal`, which ends a wait, and `transfer`, what is moved instead of being copied.

const { THROW } = require('leaving');
const { ArrayIsArray, TypeError } = require('primordials');

/** `options.transfer`, checked. */
function transferOf(options) {
  if (options === undefined) return undefined;
  const { transfer } = options;
  if (transfer !== undefined && !ArrayIsArray(transfer))
    throw new TypeError('send: transfer must be an array of ArrayBuffers');
  return transfer;
}

/** `options.signal`, checked; throws its reason if it is aborted already. */
function signalOf(options, verb) {
  if (options === undefined) return undefined;
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${verb}: the options must be an object such as {signal}`);
  const { signal } = options;
  if (signal === undefined) return undefined;
  if (typeof signal?.addEventListener !== 'function') throw new TypeError(`${verb}: signal must be an AbortSignal`);
  if (signal.aborted) throw signal.reason;
  return signal;
}

/** A wait that a signal ends. Its waiter may become another one, where a channel is promoted. */
class Abortion {
  constructor(wake, signal, waiter) {
    this.waiter = waiter;
    this.signal = signal;
    this.listener = () => {
      const { fiber } = this.waiter;
      // It may have been woken, or its end may be on its way.
      if (fiber.place !== this.waiter || !this.waiter.cancel()) return;
      wake(fiber, signal.reason, THROW);
    };
    signal.addEventListener('abort', this.listener, { once: true });
  }

  /** The wait is over. */
  end() {
    this.signal.removeEventListener('abort', this.listener);
  }
}

/** Has a signal end the wait of a waiter, which is returned. */
function watch(wake, signal, waiter) {
  if (signal !== undefined) waiter.abortion = new Abortion(wake, signal, waiter);
  return waiter;
}

module.exports = { signalOf, transferOf, watch };
