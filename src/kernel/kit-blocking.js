'use strict';

// The part of the kit's platform that blocks; in coroutine form.

const { signalOf } = require('channels/signal');

/**
 * @param {object} platform what `kit-platform.js` has made
 * @param {{nextOf: Function, awaited: Function}} operations
 */
module.exports = function createKitBlocking(platform, { nextOf, awaited }) {
  platform.signalOf = (options, verb) => {
    signalOf(options, verb);
    return options?.signal;
  };
  platform.wait = (gate, signal, verb) => {
    platform.nameWait(gate, verb);
    return !nextOf(gate, signal === undefined ? undefined : { signal }).done;
  };
  platform.join = (task) => task.join();
  platform.receive = (channel) => nextOf(channel, undefined);
  platform.awaited = awaited;
  // The function of a scope runs in the task that has called it: what that waits for ends as everywhere, so neither a failure nor the signal
  // is heard of before, except where it waits for one of the scope's tasks.
  platform.within = (group, signal, call) => {
    if (signal === undefined) return awaited(call());
    const abort = () => group.fail(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return awaited(call());
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };
};
