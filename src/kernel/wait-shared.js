'use strict';

// `Atomics.wait` blocks the task and not the isolate, so V8 is asked for `Atomics.waitAsync`, which tells when the wait is over, and the
// task is suspended until then. Under a native frame nothing can be suspended: there it is V8's own, and the isolate waits.

const { call, globalThis, PromisePrototypeThen } = require('primordials');

/**
 * @param {object} scheduler
 * @param {{waitAsync: Function}} asyncWaits
 * @returns {{wait: Function}}
 */
module.exports = function createWait(scheduler, { waitAsync }) {
  const { Atomics } = globalThis;
  const { notify, wait: waitNatively } = Atomics;
  const { NEXT } = scheduler;

  const methods = {
    wait(array, index, value, timeout) {
      const direct = scheduler.takeDirect();
      if (!scheduler.canBlock(direct)) return call(waitNatively, this, array, index, value, timeout);
      const answer = call(waitAsync, this, array, index, value, timeout);
      if (!answer.async) return answer.value;
      return scheduler.block(
        (fiber) => {
          let isWithdrawn = false;
          PromisePrototypeThen(answer.value, (how) => {
            if (!isWithdrawn) scheduler.wake(fiber, how, NEXT);
            // Somebody else who waits there is to be woken, as if this one had never come.
            else if (how === 'ok') call(notify, Atomics, array, index, 1);
          });
          return {
            what: () => 'Atomics.wait',
            withdraw() {
              isWithdrawn = true;
            },
          };
        },
        () => false,
        true,
      );
    },
  };
  scheduler.marks(methods.wait);
  return methods;
};
