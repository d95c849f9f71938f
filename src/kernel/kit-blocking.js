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
  platform.wait = (_cell, gate, signal) => {
    const { done } = nextOf(gate, signal === undefined ? undefined : { signal });
    if (done) throw platform.poisoned();
  };
  platform.join = (task) => task.join();
  platform.receive = (channel) => nextOf(channel, undefined);
  platform.awaited = awaited;
};
